"""What tables are made of: HTML in which all text of parameter sets and sources is escaped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costmodel.palette import channel_colors
from costmodel.words import html

if TYPE_CHECKING:
    from costmodel.study import Study

# Notebooks' MathJax must not take amounts of dollars for formulas.
NO_MATH = "tex2jax_ignore mathjax_ignore"
#: Class of what tells of one run alone, and may differ between two runs of the same inputs.
STAMP = "stamp"
_NUMBER = ' class="num" style="text-align:right;white-space:nowrap"'
_HEAD = ' class="num" style="text-align:right;white-space:normal"'
_DOT = "display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.45em"


class Safe(str):
    """HTML made here; any other text is escaped when it goes into a table."""

    __slots__ = ()


@dataclass(frozen=True, repr=False)
class Html:
    """HTML that Jupyter shows as it is."""

    source: str

    def __repr__(self) -> str:
        return "HTML"

    def _repr_html_(self) -> str:
        return self.source


def cell(content: object) -> str:
    """Content of a cell; text is escaped, `Safe` is not."""
    return content if isinstance(content, Safe) else html(content)


def join(parts: Iterable[object], between: str = "") -> Safe:
    """Parts one after the other; text is escaped, `Safe` is not."""
    return Safe(between.join(cell(part) for part in parts))


def table(
    name: str, title: str, header: Sequence[object], rows: Iterable[Sequence[object]], *, numbers: bool = False
) -> Safe:
    """A table with a caption; the first cell of each row is its heading.

    Args:
        name: identifier in the page, the same in every run.
        title: caption.
        header: heading of each column.
        rows: cells of each row; text is escaped, `Safe` is not.
        numbers: whether all columns but the first hold numbers: to the right, on one line.
    """
    mark = _NUMBER if numbers else ""
    head = "".join(
        f'<th scope="col"{_HEAD if numbers and at else ""}>{cell(words)}</th>' for at, words in enumerate(header)
    )
    lines = []
    for first, *rest in rows:
        cells = "".join(f"<td{mark}>{cell(words)}</td>" for words in rest)
        lines.append(f'<tr><th scope="row">{cell(first)}</th>{cells}</tr>\n')
    body = "".join(lines)
    caption = f"<caption>{cell(title)}</caption>" if title else ""
    return Safe(
        f'<table id="table-{html(name)}" class="{NO_MATH}">{caption}\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody></table>"
    )


def details(summary: object, *contents: str, opened: bool = False) -> Safe:
    """Content that the reader unfolds."""
    state = " open" if opened else ""
    return Safe(f'<details{state} class="{NO_MATH}"><summary>{cell(summary)}</summary>\n{"".join(contents)}</details>')


def dot(color: str) -> Safe:
    """A spot of colour before a name."""
    return Safe(f'<span class="swatch" style="background:{color};{_DOT}"></span>')


def channel_cell(study: "Study", channel: str) -> Safe:
    """A channel's name with its colour, and a mark where it is closed."""
    mark = Safe(' <span class="closed">closed</span>') if channel in study.closed else ""
    return join([dot(channel_colors(study.case)[channel]), study.case.label(channel), mark])
