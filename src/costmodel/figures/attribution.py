"""Figure of why one set costs more than another. It draws numbers and computes none."""

from typing import TYPE_CHECKING

from costmodel import drawing
from costmodel.drawing import Figure
from costmodel.outcome_words import change, level, outcome_label, unit_words
from costmodel.palette import LIGHT, channel_colors

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from costmodel.analysis.attribution import Attribution, Contribution

# Bars at most; the smaller groups share one.
_BARS = 10
_NEUTRAL = "#7d8792"
# Room for numbers to the right of the bars, as a share of the bars' width.
_ROOM = 0.4
_CAPTION = (
    "Bars: mean contribution of what differs",
    "To the right: raises B over A",
    "Thin lines: 5th to 95th percentile",
    "Diamonds: means of A and of B",
)


def attribution(found: "Attribution") -> Figure:
    """From the mean of A to that of B, one bar for each group of parameters, with whiskers over the draws.

    Args:
        found: the difference of one outcome.
    """
    bars = found.shown(_BARS)
    unit = found.outcome.unit
    with drawing.canvas(1.5 + drawing.ROW * (len(bars) + 2)) as figure:
        axes = figure.add_subplot()
        labels = [f"A: {found.before.title}", *(item.part.label for item in bars), f"B: {found.after.title}"]
        drawing.rows(axes, labels, width=24)
        axes.grid(axis="x")
        both = {**channel_colors(found.before), **channel_colors(found.after)}
        colors = {f"channels.{channel}": color for channel, color in both.items()}
        steps = found.steps(bars)
        for row, (item, start) in enumerate(zip(bars, steps, strict=False), 1):
            _bar(axes, row, item, start, colors.get(item.part.name, _NEUTRAL))
            axes.plot([start, start], [row - 1, row], color=LIGHT["soft"], lw=0.8, zorder=1)
            end = start + item.mean.value
            right = max(start, end, start + item.band["p95"])
            drawing.value(axes, right, row, change(item.mean.value, unit), closed=False)
        axes.plot([steps[-1]] * 2, [len(bars), len(bars) + 1], color=LIGHT["soft"], lw=0.8, zorder=1)
        for row, end in ((0, found.a["mean"]), (len(bars) + 1, found.b["mean"])):
            axes.plot([end], [row], "D", color=LIGHT["ink"], markersize=6)
            drawing.value(axes, end, row, level(end, unit), closed=False)
        # Bars touch the edge otherwise; numbers stand to the right.
        axes.use_sticky_edges = False
        low, high = axes.get_xlim()
        axes.set_xlim(low, high + _ROOM * (high - low))
        drawing.ticks(axes, lambda x: drawing.dollars(x) if unit.startswith("USD") else level(x, unit), count=4)
        drawing.caption(axes, unit_words(unit), *_CAPTION)
        return drawing.finished(figure, _alt(found, bars))


def _bar(axes: "Axes", row: int, item: "Contribution", start: float, color: str) -> None:
    drawing.bar(axes, row, item.mean.value, drawing.BAR - 0.1, left=start, facecolor=color)
    ends = [start + item.band["p05"], start + item.band["p95"]]
    axes.plot(ends, [row, row], color=LIGHT["ink"], lw=1.0)


def _alt(found: "Attribution", bars: "tuple[Contribution, ...]") -> str:
    unit = found.outcome.unit
    words = "; ".join(f"{item.part.label} {change(item.mean.value, unit)}" for item in bars)
    ends = f"from {level(found.a['mean'], unit)} in “{found.before.title}” to {level(found.b['mean'], unit)}"
    return f"{outcome_label(found.after, found.outcome)}, {ends} in “{found.after.title}”: {words or 'no change'}."
