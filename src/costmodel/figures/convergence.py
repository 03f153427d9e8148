"""Figure of how exact estimates are. It draws numbers of a `Convergence` and computes none."""

from typing import TYPE_CHECKING

from costmodel import drawing
from costmodel.drawing import Figure
from costmodel.palette import LIGHT
from costmodel.sampling import METHODS
from costmodel.words import UNIT_WORDS, digits, money

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from costmodel.analysis.convergence import Convergence, Curve

_KINDS = {"sobol": ("#2f7fd0", "Sobol’ draws (used here)"), "random": ("#dd5a22", "Pseudo-random draws")}
_SHOWN = {"mean": "Mean", "p50": "Median"}


def convergence(found: "Convergence") -> Figure:
    """Standard error of the mean and the median against the number of draws, both kinds, and the real deviations.

    Args:
        found: estimates against the number of draws.
    """
    from matplotlib.lines import Line2D

    with drawing.canvas(5.6) as figure:
        panels = figure.subplots(len(_SHOWN), sharex=True, sharey=True)
        for axes, (statistic, title) in zip(panels, _SHOWN.items(), strict=True):
            for method in METHODS:
                _draw(axes, found.curve(statistic, method), _KINDS[method][0])
            axes.set_title(title, loc="left", fontsize=9.5, color=LIGHT["ink"])
            _scales(axes, [point.draws for point in found.curve(statistic, "sobol").points])
        drawing.caption(panels[-1], "Number of draws", f"Upwards: error, {UNIT_WORDS}")
        marks = {words: Line2D([], [], color=color) for color, words in _KINDS.values()}
        marks["Standard error"] = Line2D([], [], color=LIGHT["soft"])
        marks["Deviation from the reference"] = Line2D([], [], color=LIGHT["soft"], lw=0, marker="o", markersize=4)
        drawing.legend(figure, marks)
        return drawing.finished(figure, _alt(found))


def _draw(axes: "Axes", curve: "Curve", color: str) -> None:
    errors = [(point.draws, point.error) for point in curve.points if point.error]
    axes.plot(*zip(*errors, strict=True) if errors else ([], []), color=color, lw=1.6)
    real = [(point.draws, point.deviation) for point in curve.points if point.deviation > 0]
    axes.plot(*zip(*real, strict=True) if real else ([], []), "o", color=color, ms=4, mew=0)


def _scales(axes: "Axes", counts: list[int]) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y")
    axes.xaxis.set_major_locator(FixedLocator(counts[::2]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_major_locator(LogLocator(numticks=5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"${digits(value, 1)}"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())


def _alt(found: "Convergence") -> str:
    first, last = found.curves[0].points[0].draws, found.draws
    parts = []
    for statistic, title in _SHOWN.items():
        for method, (_, words) in _KINDS.items():
            ends = found.curve(statistic, method).points
            errors = [f"${digits(end.error, 2)}" for end in (ends[0], ends[-1]) if end.error]
            parts.append(f"{title.lower()}, {words}: {' to '.join(errors) or 'no error known'}")
    about = f"{money(found.reference['p50'])} (median)"
    return f"Standard errors of a cost of {about} from {first:,} to {last:,} draws: {'; '.join(parts)}."
