"""Charts of the explorer: a change beside the unchanged set, and one-way curves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from costmodel import drawing
from costmodel.drawing import Figure
from costmodel.palette import LIGHT
from costmodel.words import UNIT_WORDS, money, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH = 6.6
# Above this ratio of the dearest to the cheapest a common linear axis hides the cheap ones.
_LOGARITHMIC = 15
# Distance of the two marks of a row from its middle, in rows.
_APART = 0.17
_PREMIUM = "#2f6fb7"
#: Changes smaller than this share are shown as none.
VISIBLE = 1e-3


@dataclass(frozen=True)
class AxisWords:
    """What a horizontal axis measures.

    Attributes:
        title: the parameter in words.
        text: writes one of its values.
        central: its central value, which is marked.
    """

    title: str
    text: Callable[[float], str]
    central: float


def comparison(frame: pd.DataFrame, colors: Mapping[str, str], name: str) -> Figure:
    """Median and 5–95 % range of each channel's cost, before (faded) and after a change.

    Args:
        frame: see `comparison.compared`, one row of the chart for each of its rows.
        colors: colour of each channel.
        name: name of the unchanged set.
    """
    with drawing.canvas(1.15 + 0.46 * len(frame), _WIDTH) as figure:
        # Fixed margins, since to measure all texts takes half the time of a redraw.
        figure.set_layout_engine("none")
        height = figure.get_figheight()
        axes = figure.add_axes((0.235, 0.82 / height, 0.57, 1 - 0.9 / height))
        closed = {row: "closed" for row, item in enumerate(frame["open_after"]) if not item}
        drawing.rows(axes, list(frame["label"]), closed, width=20)
        axes.grid(axis="x")
        for row, (channel, item) in enumerate(frame.iterrows()):
            _pair(axes, row, item, colors.get(str(channel), LIGHT["soft"]))
        _scale(axes, [x for column in ("p05", "p95") for x in _both(frame, column)])
        drawing.ticks(axes, drawing.dollars)
        drawing.caption(axes, UNIT_WORDS, "Dot: median · line: 5–95 % of draws", f"Faded, above: {name} as it stands")
        return drawing.finished(figure, _alt(frame, name))


def _both(frame: pd.DataFrame, column: str) -> list[float]:
    return [*frame[f"{column}_before"].dropna(), *frame[f"{column}_after"].dropna()]


def moved(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of channels whose cost, premium or availability a change has moved."""
    cost = frame["cost_change"].abs().fillna(1.0) >= VISIBLE
    premium = (frame["premium_after"] - frame["premium_before"]).abs().fillna(0.0) >= VISIBLE
    return frame[cost | premium | (frame["open_before"].ne(frame["open_after"]))]


def _pair(axes: "Axes", row: int, item: Any, color: str) -> None:
    change = abs(item["cost_change"]) >= VISIBLE or item["cost_change"] != item["cost_change"]
    spread = any(abs(item[f"{p}_after"] - item[f"{p}_before"]) >= VISIBLE * item["cost_before"] for p in ("p05", "p95"))
    shown = change or spread
    if shown and item["cost_before"] == item["cost_before"]:
        _mark(axes, row - _APART, (item["p05_before"], item["cost_before"], item["p95_before"]), color, 0.35)
    if item["cost_after"] != item["cost_after"]:
        return
    closed = not item["open_after"]
    after = (item["p05_after"], item["cost_after"], item["p95_after"])
    _mark(axes, row + _APART * shown, after, color, 0.55 if closed else 1.0)
    words = money(item["cost_after"])
    if change:
        words += (
            f"  ({percent(item['cost_change'], signed=True)})"
            if item["cost_change"] == item["cost_change"]
            else "  (new)"
        )
    axes.annotate(
        words,
        (1, row),
        (8, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        color=LIGHT["soft" if closed else "ink"],
        weight="bold" if change else "normal",
    )


def _mark(axes: "Axes", y: float, ends: tuple[float, float, float], color: str, alpha: float) -> None:
    low, middle, high = ends
    axes.plot([low, high], [y, y], color=color, lw=4, alpha=alpha, solid_capstyle="round")
    axes.plot(middle, y, "o", ms=7, mfc=color, mec=LIGHT["paper"], mew=1.2, alpha=1.0 if alpha == 1.0 else alpha + 0.2)


def _scale(axes: "Axes", ends: list[float]) -> None:
    low, high = min(ends), max(ends)
    if low > 0 and high / low > _LOGARITHMIC:
        from matplotlib.ticker import LogLocator

        axes.set_xscale("log")
        axes.set_xlim(0.85 * low, 1.15 * high)
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high / low < 300 else (1.0,)))
    else:
        axes.set_xlim(min(0.0, 1.05 * low), 1.04 * high)


def _alt(frame: pd.DataFrame, name: str) -> str:
    words = [
        f"{item['label']} {money(item['cost_before'])} to {money(item['cost_after'])}"
        for _, item in moved(frame).iterrows()
    ]
    rest = [f"{item['label']} {money(item['cost_after'])}" for _, item in frame.drop(moved(frame).index).iterrows()]
    what = f"moved: {'; '.join(words) or 'nothing'}"
    return f"Cost by channel, changed set beside {name}. {what}. Not moved: {'; '.join(rest) or 'nothing'}."


def over_time(before: pd.DataFrame, after: pd.DataFrame, name: str) -> Figure:
    """Median and 5–95 % range of the premium in every quarter, before (faded) and after a change.

    Args:
        before: one row for each quarter, by its first day: p05, p50 and p95, shares; of the unchanged set.
        after: the same of the changed set.
        name: name of the unchanged set.
    """
    from matplotlib.ticker import MaxNLocator

    with drawing.canvas(3.1, _WIDTH) as figure:
        # Fixed margins, since to measure all texts takes half the time of a redraw.
        figure.set_layout_engine("none")
        axes = figure.add_axes((0.12, 0.27, 0.86, 0.7))
        axes.grid(visible=True)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        for frame, color, alpha in ((before, LIGHT["soft"], 0.6), (after, _PREMIUM, 1.0)):
            at = [int(date[:4]) + (int(date[5:7]) - 1) / 12 for date in frame.index]
            axes.fill_between(at, frame["p05"], frame["p95"], color=color, alpha=0.2 * alpha, lw=0)
            axes.plot(at, frame["p50"], color=color, lw=2, alpha=alpha)
            axes.set_xlim(at[0], at[-1])
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
        axes.yaxis.set_major_formatter(lambda value, _: percent(value, signed=True))
        lines = ("Premium over the cost without controls", "Line: median · band: 5–95 % of draws")
        drawing.caption(axes, *lines, f"Grey: {name} as it stands")
        return drawing.finished(figure, _over_time_alt(before, after, name))


def _over_time_alt(before: pd.DataFrame, after: pd.DataFrame, name: str) -> str:
    words = [
        f"{date[:7]}: {percent(before['p50'][date], signed=True)} to {percent(after['p50'][date], signed=True)}"
        for date in (after.index[0], after.index[len(after) // 2], after.index[-1])
        if date in before.index
    ]
    return f"Median premium over time, {name} as it stands and changed. {'; '.join(words)}."


def curve(frame: pd.DataFrame, labels: Mapping[str, str], colors: Mapping[str, str], axis: AxisWords) -> Figure:
    """Cost of each channel over one parameter.

    Args:
        frame: see `comparison.one_way`.
        labels: name of each channel.
        colors: colour of each channel.
        axis: what the horizontal axis measures.
    """
    import numpy as np

    with drawing.canvas(3.9, _WIDTH) as figure:
        axes = figure.add_subplot()
        axes.grid(visible=True)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, pad=7)
        inputs = frame.index.to_numpy()
        for channel, costs in frame.items():
            flat = np.ptp(costs.to_numpy()) <= VISIBLE * abs(costs.iloc[0])
            style = {"lw": 1.1, "ls": (0, (4, 3)), "alpha": 0.7} if flat else {"lw": 2.2}
            axes.plot(inputs, costs, color=colors[str(channel)], label=labels[str(channel)], **style)
        axes.axvline(axis.central, color=LIGHT["soft"], lw=1.0, ls=(0, (2, 2)))
        axes.set_ylim(bottom=min(0.0, float(frame.min().min())))
        drawing.ticks(axes, axis.text)
        axes.yaxis.set_major_formatter(lambda value, _: drawing.dollars(value))
        axes.set_xlabel(axis.title)
        axes.set_title(UNIT_WORDS, loc="left", fontsize=9, color=LIGHT["soft"])
        marks = dict(zip(axes.get_legend_handles_labels()[1], axes.get_legend_handles_labels()[0], strict=True))
        drawing.legend(figure, marks, columns=3)
        return drawing.finished(figure, _curve_alt(frame, labels, axis))


def _curve_alt(frame: pd.DataFrame, labels: Mapping[str, str], axis: AxisWords) -> str:
    low, high = frame.index[0], frame.index[-1]
    words = [f"{labels[str(c)]} {money(costs.iloc[0])} to {money(costs.iloc[-1])}" for c, costs in frame.items()]
    return f"Cost by channel while {axis.title} goes from {axis.text(low)} to {axis.text(high)}: {'; '.join(words)}."
