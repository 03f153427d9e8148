"""Charts of the index page: the cheapest channel of every set, and the cost of every channel in every set."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from costmodel import drawing
from costmodel.drawing import Figure
from costmodel.palette import LIGHT
from costmodel.reporting.results import ChannelResult, Results
from costmodel.words import money, wrapped

# Characters in a line of a set's title.
_TITLE = 30
# Above this ratio of the dearest to the cheapest a common linear axis hides the cheap ones.
_LOGARITHMIC = 12
_INCHES_PER_COLUMN = 0.82


def cheapest(sets: Sequence[Results], alt: str, workload: str = "mix") -> Figure:
    """Cost of the cheapest open channel in every set, with its interval, beside the counterfactual.

    Args:
        sets: results in the order to be shown.
        alt: alternative text.
        workload: which workload.

    Returns:
        The figure.
    """
    with drawing.canvas(0.9 + drawing.ROW * len(sets), 8.6) as figure:
        axes = figure.add_subplot()
        drawing.rows(axes, [results.title for results in sets], width=_TITLE)
        axes.grid(axis="x")
        for row, results in enumerate(sets):
            found = results.workloads[workload]
            axes.plot(found.counterfactual.p50, row, "D", ms=5, mfc=LIGHT["paper"], mec=LIGHT["soft"], mew=1.2)
            if found.cheapest is not None:
                _interval(axes, row, found.cheapest)
        _scale(axes, sets, workload)
        drawing.caption(axes, f"{sets[0].unit}. Dot: median · line: 5–95 % of draws · ◇ without controls")
        return drawing.finished(figure, alt)


def _interval(axes: Axes, row: int, channel: ChannelResult) -> None:
    cost = channel.cost
    axes.plot([cost.p05, cost.p95], [row, row], color=channel.color, lw=3, alpha=0.55, solid_capstyle="round")
    axes.plot(cost.p50, row, "o", ms=8, color=channel.color)
    place: Any = {"xytext": (7, 0), "textcoords": "offset points", "va": "center"}
    axes.annotate(channel.label, (cost.p95, row), fontsize=9, color=LIGHT["ink"], **place)


def _scale(axes: Axes, sets: Sequence[Results], workload: str) -> None:
    """From zero where one scale serves all sets; logarithmic where a dear set would flatten the others."""
    found = [results.workloads[workload] for results in sets]
    values = [item.counterfactual.p50 for item in found]
    values += [value for item in found if item.cheapest for value in (item.cheapest.cost.p05, item.cheapest.cost.p95)]
    # Room on the right for the name of the channel.
    if min(values) > 0 and max(values) / min(values) > _LOGARITHMIC:
        axes.set_xscale("log")
        axes.set_xlim(min(values) * 0.85, max(values) * 3)
    else:
        axes.set_xlim(min(0.0, *values), max(values) * 1.35)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")


def heat_map(sets: Sequence[Results], columns: Sequence[ChannelResult], alt: str, workload: str = "mix") -> Figure:
    """Median cost by set and channel; closed channels are struck out.

    Args:
        sets: results in the order to be shown.
        columns: one channel result for each column, for its name and label.
        alt: alternative text.
        workload: which workload.

    Returns:
        The figure.
    """
    import seaborn as sns  # here, since it is slow to load

    by_set = [{channel.name: channel for channel in results.workloads[workload].channels} for results in sets]
    cells = [[found.get(column.name) for column in columns] for found in by_set]
    costs = np.array([[_positive(cell.cost.p50) if cell else np.nan for cell in row] for row in cells])
    closed = np.array([[cell is not None and not cell.available for cell in row] for row in cells])
    words = np.array([[_amount(cost) for cost in row] for row in costs])
    least = np.nanmin(costs, initial=np.inf)
    least = least if np.isfinite(least) else 1.0
    most = np.nanmax(costs, initial=1.01 * least)
    with drawing.canvas(0.9 + drawing.ROW * len(sets), 2.7 + _INCHES_PER_COLUMN * len(columns)) as figure:
        axes = figure.add_subplot()
        sns.heatmap(
            np.nan_to_num(costs, nan=least),
            mask=closed | np.isnan(costs),
            annot=words,
            fmt="",
            annot_kws={"fontsize": 9},
            cmap="YlGnBu",
            vmin=least,
            vmax=most,
            norm=LogNorm(least, most),
            cbar=False,
            linewidths=3,
            linecolor=LIGHT["paper"],
            ax=axes,
        )
        drawing.rows(axes, [results.title for results in sets], width=_TITLE, first=0.5)
        labels = ["\n".join(wrapped(column.label, 12)) for column in columns]
        axes.set_xticks(np.arange(len(columns)) + 0.5, labels, fontsize=8.5, linespacing=1.1, rotation=0)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.set(xlabel="", ylabel="")
        for row, column in np.argwhere(closed):
            _struck_out(axes, column + 0.5, row + 0.5, words[row, column])
        return drawing.finished(figure, alt)


def _positive(cost: float) -> float:
    """A cost that a logarithmic scale can show."""
    return cost if cost > 0 else np.nan


def _amount(value: float) -> str:
    return "" if np.isnan(value) else money(value).replace("$", "")


def _struck_out(axes: Axes, column: float, row: float, text: str) -> None:
    """The cost that a closed channel would have."""
    axes.text(column, row, text, color=LIGHT["soft"], fontsize=8.5, style="italic", ha="center", va="center")
    axes.plot([column - 0.3, column + 0.3], [row + 0.02, row + 0.02], color=LIGHT["soft"], lw=1.0)
