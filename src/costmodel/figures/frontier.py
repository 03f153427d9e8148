"""Figure of what policy levers move. It draws numbers of an analysis and computes none."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from costmodel import drawing
from costmodel.drawing import Figure
from costmodel.palette import LIGHT
from costmodel.words import lever_title, lever_value, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from costmodel.analysis.frontier import Frontier
    from costmodel.parameters import ParameterSet

# What is shown of each lever: result, words, and colour.
_PANELS = {"premium": ("Premium", "#2f6fb7"), "compute_denied": ("Denied", "#a0522d")}
_TALL = 1.45
# Where a premium is above this somewhere, doublings of the price are drawn equally high.
_HIGH = 1.0
_DOUBLINGS = tuple(2.0**power - 1.0 for power in range(-3, 11))


def frontiers(case: "ParameterSet", found: Sequence["Frontier"]) -> Figure:
    """Premium and compute denied along the range of each lever, one row of panels for each.

    Args:
        case: parameter set.
        found: the levers, in the order to be shown.
    """
    with drawing.canvas(0.75 + _TALL * len(found)) as figure:
        grid = figure.add_gridspec(len(found) + 1, len(_PANELS), height_ratios=[1] * len(found) + [0.01])
        first: dict[str, Axes] = {}
        for row, lever in enumerate(found):
            for column, (name, (words, color)) in enumerate(_PANELS.items()):
                axes = figure.add_subplot(grid[row, column], sharey=first.get(name))
                first.setdefault(name, axes)
                _curve(axes, lever, name, color)
                _across(axes, case, lever)
                axes.set_ylabel(words)
                if not column:
                    axes.set_title(lever_title(case, lever.lever), loc="left", fontsize=9.5)
        logarithmic = _upright(first, found)
        foot = figure.add_subplot(grid[-1, :])
        foot.axis("off")
        drawing.caption(
            foot,
            f"Left: premium over the cost without controls{', logarithmic' if logarithmic else ''}",
            "Right: compute denied, share of what is wanted without controls",
            "Line: median · band: 5–95 % of draws · dotted: where the lever stands",
        )
        return drawing.finished(figure, _alt(case, found))


def _curve(axes: "Axes", lever: "Frontier", name: str, color: str) -> None:
    by = {p: [point[p].value for point in lever.curves[name]] for p in ("p05", "p50", "p95")}
    axes.fill_between(lever.values, by["p05"], by["p95"], color=color, alpha=0.2, lw=0)
    axes.plot(lever.values, by["p50"], color=color, lw=2)
    for value in set(lever.current.values()):
        if lever.values[0] <= value <= lever.values[-1]:
            axes.axvline(value, color=LIGHT["ink"], lw=1.2, ls=(0, (1, 2)))


def _across(axes: "Axes", case: "ParameterSet", lever: "Frontier") -> None:
    axes.set_xlim(lever.values[0], lever.values[-1])
    axes.grid(axis="both")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=0)
    drawing.ticks(axes, lambda value: lever_value(case, lever.lever, value), count=3)


def _upright(first: dict[str, "Axes"], found: Sequence["Frontier"]) -> bool:
    """The vertical axes of all rows; whether that of the premium is logarithmic in the price."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

    logarithmic = max(point["p95"].value for lever in found for point in lever.curves["premium"]) > _HIGH
    if logarithmic:
        first["premium"].set_yscale("function", functions=(np.log1p, np.expm1))
    for name, axes in first.items():
        fixed = logarithmic and name == "premium"
        axes.yaxis.set_major_locator(FixedLocator(_DOUBLINGS) if fixed else MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _, s=name == "premium": percent(value, signed=s)))
    return logarithmic


def _alt(case: "ParameterSet", found: Sequence["Frontier"]) -> str:
    words = []
    for lever in found:
        ends = " to ".join(lever_value(case, lever.lever, lever.values[at]) for at in (0, -1))
        moves = [
            f"{name.lower()} {' to '.join(percent(lever.curves[key][at]['p50'].value) for at in (0, -1))}"
            for key, (name, _) in _PANELS.items()
        ]
        words.append(f"{lever_title(case, lever.lever)} from {ends}: {', '.join(moves)}")
    return f"What each lever of policy moves along its range, medians: {'; '.join(words)}."
