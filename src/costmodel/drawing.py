"""How every figure is made: one style, text that stays text, ink that follows the reader's light or dark."""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from costmodel.palette import DARK, LIGHT, luminance
from costmodel.words import money, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from matplotlib.font_manager import FontProperties

#: Inches: narrow, so that text is still readable where the page is as narrow as a phone.
WIDTH = 5.2
_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", "Helvetica Neue", sans-serif'
_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.color": LIGHT["ink"],
    "axes.labelcolor": LIGHT["soft"],
    "axes.labelsize": 9,
    "axes.edgecolor": LIGHT["line"],
    "axes.facecolor": "none",
    "axes.axisbelow": True,
    "xtick.color": LIGHT["soft"],
    "xtick.labelsize": 9,
    "ytick.color": LIGHT["ink"],
    "grid.color": LIGHT["line"],
    "grid.linewidth": 0.7,
    "hatch.linewidth": 1.1,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "svg.fonttype": "none",
    # Text of a set is text: a dollar sign begins no formula.
    "text.parse_math": False,
    # Ids in the file come from this and not from chance: the same results give the same figure, byte by byte.
    "svg.hashsalt": "costmodel",
}
#: Height of a row of a chart with horizontal bars, in inches.
ROW = 0.42
#: Height of a bar in its row.
BAR = 0.62
#: Parts of a chart below this share of it are too thin to see; they get no entry in the legend.
VISIBLE = 0.004
#: Look of units that are in service already, and of what is denied; the latter without a fill, since that of a hatched
#: area does not turn with the page.
IN_SERVICE: dict[str, Any] = {"hatch": "////", "edgecolor": LIGHT["paper"]}
DENIED: dict[str, Any] = {"facecolor": "none", "edgecolor": LIGHT["soft"], "hatch": "....", "linewidth": 0.8}
#: What is said of a closed channel.
CLOSED = "closed"


@dataclass(frozen=True, repr=False)
class Figure:
    """A drawing that Jupyter shows as SVG.

    Attributes:
        svg: the drawing.
        alt: what it shows, in words, for readers who do not see it.
    """

    svg: str
    alt: str

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        """The drawing and its alternative text, as Jupyter asks for them."""
        return {"image/svg+xml": self.svg}, {"image/svg+xml": {"alt": self.alt}}


@contextmanager
def canvas(height: float, width: float = WIDTH) -> Iterator["Canvas"]:
    """An empty drawing in the style of all figures; pyplot and its global state are not used.

    Args:
        height: inches.
        width: inches.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        # Points, which is what SVG counts in.
        yield Canvas(figsize=(width, height), layout="constrained", dpi=72, facecolor="none")


def finished(figure: "Canvas", alt: str) -> Figure:
    """A drawing as SVG whose ink turns light where the page is dark.

    Args:
        figure: drawn with the colours of `LIGHT` as ink; must be called within `canvas`.
        alt: alternative text.
    """
    svg = _drawn(figure)
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    # matplotlib measures with the font that it has; readers see the one of their system, which is narrower.
    svg = svg.replace("'DejaVu Sans'", escape(_FONT))
    opening, _, rest = svg.partition(">")
    return Figure(f"{opening}><title>{escape(alt)}</title><style>{_dark_rules()}</style>{rest}", alt)


def _drawn(figure: "Canvas") -> str:
    """A drawing laid out and drawn once, where `savefig` draws everything beforehand to lay it out."""
    from matplotlib.backends.backend_svg import RendererSVG

    buffer = io.StringIO()
    metadata = {"Date": None, "Creator": None, "Type": None, "Format": None}
    renderer = RendererSVG(*figure.bbox.size, buffer, metadata=metadata)  # type: ignore[no-untyped-call]
    # The layout measures with what draws.
    figure.canvas.get_renderer = lambda: renderer  # type: ignore[attr-defined]
    renderer.get_text_width_height_descent = _measured  # type: ignore[method-assign]
    figure.draw(renderer)
    renderer.finalize()  # type: ignore[no-untyped-call]
    return buffer.getvalue()


@lru_cache(maxsize=4096)
def _measured(text: str, properties: "FontProperties", mathematics: bool) -> tuple[float, float, float]:  # noqa: FBT001
    """Width, height and descent of a text in points: many figures have the same names and numbers."""
    from matplotlib.textpath import text_to_path

    found: tuple[float, float, float] = text_to_path.get_text_width_height_descent(text, properties, mathematics)
    return found


def _dark_rules() -> str:
    """Rules that replace each ink by its dark counterpart; without them (a printer, an editor) light ink stands."""
    rules = [
        f'[style*="{use}: {LIGHT[name]}"]{{{use}:{DARK[name]}!important}}'
        for name in LIGHT
        for use in ("fill", "stroke")
    ]
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


def rows(
    axes: "Axes", labels: Sequence[str], notes: Mapping[int, str] | None = None, width: int = 16, first: float = 0.0
) -> None:
    """A row for each label, the first on top; each line is a text of its own, so that any font keeps it in place.

    Args:
        axes: where.
        labels: one for each row.
        notes: words below the label of some rows, such as `closed`.
        width: characters in a line.
        first: height of the first row on the axis; the others follow at 1, 2, … below it.
    """
    axes.set_ylim(first + (len(labels) or 1) - 0.5, first - 0.5)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    for row, label in enumerate(labels):
        lines = [(line, LIGHT["ink"], "normal") for line in _at_most(wrapped(label, width), 2)]
        if notes and row in notes:
            lines.append((notes[row], LIGHT["soft"], "italic"))
        for index, (line, color, style) in enumerate(lines):
            axes.annotate(
                line,
                (0, first + row),
                (-6, (len(lines) - 1) * 5.5 - index * 11),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                ha="right",
                va="center",
                color=color,
                style=style,
            )


def _at_most(lines: list[str], count: int) -> list[str]:
    return lines if len(lines) <= count else [*lines[: count - 1], lines[count - 1][:-1].rstrip() + "…"]


def caption(axes: "Axes", *lines: str) -> None:
    """What the horizontal axis measures, and what the marks mean, one text for each line."""
    axes.set_xlabel(" ")
    for index, line in enumerate(lines):
        axes.annotate(
            line,
            (0, 0),
            (0, -22 - 13 * index),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="left",
            va="top",
            color=LIGHT["ink" if index == 0 else "soft"],
            fontsize=9,
        )


def legend(figure: "Canvas", marks: Mapping[str, Any], columns: int = 2) -> None:
    """A legend below the drawing."""
    if marks:
        figure.legend(
            list(marks.values()),
            list(marks),
            loc="outside lower left",
            ncols=columns,
            handlelength=1.1,
            handleheight=0.9,
            columnspacing=1.2,
        )


def ticks(axes: "Axes", text: Callable[[float], str], count: int = 5) -> None:
    """Few round ticks on the horizontal axis, with their numbers as people read them."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

    if axes.get_xscale() == "linear":
        axes.xaxis.set_major_locator(MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]))
    else:
        axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))


def dollars(amount: float) -> str:
    """An amount on an axis, without cents where there are none."""
    return money(amount).removesuffix(".00")


def value(axes: "Axes", x: float, row: float, text: str, *, closed: bool) -> None:
    """A number to the right of a mark; one of a closed channel says so."""
    axes.annotate(
        f"{text} · {CLOSED}" if closed else text,
        (x, row),
        (6, 0),
        textcoords="offset points",
        va="center",
        color=LIGHT["soft" if closed else "ink"],
        annotation_clip=False,
    )


def bar(axes: "Axes", row: float, width: float, height: float = BAR, *, left: float = 0.0, **look: Any) -> None:
    """A part of a horizontal bar: what `barh` draws of one number, in a fraction of the time.

    Args:
        axes: where.
        row: height of its middle on the axis.
        width: how far it reaches from `left`; below 0 to the other side.
        height: how high it is.
        left: where it begins.
        **look: how it looks.
    """
    from matplotlib.patches import Rectangle

    bottom = row - height / 2
    part = Rectangle((left, bottom), width, height, **look)
    # Where bars begin, the axis has no margin.
    part.sticky_edges.x.append(left)
    axes.add_artist(part)
    axes.update_datalim([(left, bottom), (left + width, bottom + height)])
    axes.autoscale(None)  # type: ignore[arg-type]


def swatch(color: str, **look: Any) -> Any:
    """A patch for a legend; further words say how it is edged or hatched."""
    from matplotlib.patches import Patch

    return Patch(**{"facecolor": color, "edgecolor": "none", **look})


def on(color: str) -> str:
    """Colour of text on a fill; fixed, since the fill does not follow the page either."""
    return "#ffffff" if luminance(color) < 0.24 else "#101418"


def text_on(color: str) -> dict[str, Any]:
    """How text looks on a fill: on the page's own colours it turns with them, and hatching does not cross it."""
    if color == "none":
        return {"color": LIGHT["ink"], "bbox": {"facecolor": LIGHT["paper"], "edgecolor": "none", "pad": 1.5}}
    return {"color": LIGHT["paper"] if color == LIGHT["soft"] else on(color)}
