"""Figures of what moves a result, and of how sure it is. They draw numbers of a `Study` and compute none."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from costmodel import drawing
from costmodel.drawing import Figure
from costmodel.palette import LIGHT
from costmodel.words import UNIT_WORDS, WORKLOAD_WORDS, money, parameter_label, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from costmodel.analysis.sensitivity import Bar
    from costmodel.parameters import Parameter
    from costmodel.study import Study


def tornado(study: "Study", workload: str, channel: str, count: int = 12) -> Figure:
    """Cost of a channel with one parameter at a time at its 5th and its 95th percentile, the widest first.

    Args:
        study: the run.
        workload: which workload.
        channel: which channel.
        count: number of bars.
    """
    bars = [bar for bar in study.tornado(workload, channel) if bar.swing > drawing.VISIBLE * abs(bar.central)][:count]
    with drawing.canvas(1.2 + 0.44 * max(len(bars), 1)) as figure:
        axes = figure.add_subplot()
        names = [parameter_label(study.case, bar.path).partition(" · ") for bar in bars]
        owners = {row: whose for row, (_, _, whose) in enumerate(names) if whose}
        drawing.rows(axes, [name for name, _, _ in names], owners, width=24)
        axes.grid(axis="x")
        for row, bar in enumerate(bars):
            _swing(axes, row, bar, study.case.parameters[bar.path])
        if bars:
            axes.axvline(bars[0].central, color=LIGHT["soft"], lw=0.9)
        axes.margins(x=0.4)
        drawing.ticks(axes, drawing.dollars, count=4)
        drawing.caption(
            axes, UNIT_WORDS, "Numbers: the parameter's low and high value", "Upright line: all at central values"
        )
        drawing.legend(figure, {text: drawing.swatch(color) for color, text in _ENDS.values()})
        return drawing.finished(figure, _tornado_alt(study, workload, channel, bars))


_ENDS = {"low": ("#2f7fd0", "Parameter at 5th percentile"), "high": ("#dd5a22", "at 95th percentile")}


def _swing(axes: "Axes", row: int, bar: "Bar", item: "Parameter") -> None:
    ends = [("low", bar.low, shown(item, bar.low_input)), ("high", bar.high, shown(item, bar.high_input))]
    for name, outcome, _ in ends:
        drawing.bar(axes, row, outcome - bar.central, drawing.BAR - 0.1, left=bar.central, facecolor=_ENDS[name][0])
    left, right = sorted(ends, key=lambda end: end[1])
    for (_, outcome, text), side in ((left, "right"), (right, "left")):
        axes.annotate(
            text,
            (outcome, row),
            (-5 if side == "right" else 5, 0),
            textcoords="offset points",
            ha=side,
            va="center",
            color=LIGHT["soft"],
            fontsize=8.5,
        )


def _tornado_alt(study: "Study", workload: str, channel: str, bars: Sequence["Bar"]) -> str:
    words = [f"{parameter_label(study.case, bar.path)} {money(bar.low)} to {money(bar.high)}" for bar in bars[:5]]
    what = f"the cost of {study.case.label(channel)} for {WORKLOAD_WORDS[workload]}"
    return f"What moves {what} most, one parameter at a time: {'; '.join(words) or 'nothing, all are certain'}."
