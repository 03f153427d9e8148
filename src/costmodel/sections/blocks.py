"""What sections are made of."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from costmodel.drawing import Figure
from costmodel.tables import NO_MATH, STAMP, Html
from costmodel.words import html, markdown

if TYPE_CHECKING:
    from costmodel.study import Study


@dataclass(frozen=True)
class Markdown:
    """Markdown that Jupyter shows."""

    source: str

    def _repr_markdown_(self) -> str:
        return self.source


Block: TypeAlias = Markdown | Html | Figure


@dataclass(frozen=True)
class Section:
    """A row of `SECTIONS`.

    Attributes:
        id: name in code and tests.
        title: heading.
        blocks: what is shown, from a run.
        shown: whether a run has anything to show here.
    """

    id: str
    title: str
    blocks: Callable[["Study"], Iterable[Block]]
    shown: Callable[["Study"], bool] = lambda _: True

    def __call__(self, study: "Study") -> list[Block]:
        """The heading and the blocks; nothing where the run has nothing to show."""
        return [Markdown(f"## {self.title}"), *self.blocks(study)] if self.shown(study) else []


def text(*words: str) -> Html:
    """A paragraph of plain words; markup in them is escaped."""
    return Html(f'<p class="{NO_MATH}">{html(" ".join(words))}</p>')


def stamp(*words: str) -> Html:
    """A paragraph about this run alone: all that may differ between two runs of the same inputs."""
    return Html(f'<p class="{STAMP} {NO_MATH}">{html(" ".join(words))}</p>')


def heading(words: str) -> Markdown:
    """A heading within a section."""
    return Markdown(f"### {markdown(words)}")
