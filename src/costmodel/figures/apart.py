"""Figures of a market whose workloads are cleared apart. They draw its results and compute none."""

from typing import TYPE_CHECKING, Any

from costmodel import drawing
from costmodel.drawing import Figure
from costmodel.palette import LIGHT, channel_colors
from costmodel.words import UNIT_WORDS, WORKLOAD_LABELS, interval, large, money, percent, scale_of

if TYPE_CHECKING:
    from costmodel.analysis.market import MarketResult
    from costmodel.parameters import ParameterSet

_TASKS = ("training", "inference")
_COLORS = {"training": "#2f6fb7", "inference": "#a0522d"}


def two_prices(found: "MarketResult") -> Figure:
    """Clearing prices of training and of inference, median and 5–95 % range, each with its premium.

    Args:
        found: the market with both apart.
    """
    words = []
    with drawing.canvas(0.95 + drawing.ROW * len(_TASKS)) as figure:
        axes = figure.add_subplot()
        drawing.rows(axes, [WORKLOAD_LABELS[task] for task in _TASKS])
        axes.grid(axis="x")
        for row, task in enumerate(_TASKS):
            price, above = found.statistics[f"price.{task}"], found.statistics[f"premium.{task}"]["p50"].value
            low, middle, high = (price[p].value for p in ("p05", "p50", "p95"))
            axes.plot([low, high], [row, row], color=_COLORS[task], lw=3, solid_capstyle="round")
            axes.plot(middle, row, "o", ms=6.5, mfc=LIGHT["paper"], mec=LIGHT["ink"], mew=1.6)
            drawing.value(axes, high, row, f"{money(middle)} · {percent(above, signed=True)}", closed=False)
            words.append(f"{task} {money(middle)} ({interval(money(low), money(high))})")
        axes.set_xlim(left=0.0)
        axes.margins(x=0.1)
        drawing.ticks(axes, drawing.dollars)
        drawing.caption(
            axes, UNIT_WORDS, "Dot: median · line: 5–95 % of draws", "Number: median price · median premium"
        )
        return drawing.finished(figure, f"Clearing price, median and 5–95 % range: {'; '.join(words)}.")


def allocation(case: "ParameterSet", found: "MarketResult") -> Figure:
    """Compute in service that each channel gives to training and to inference.

    Args:
        case: parameter set.
        found: the market with both apart.
    """
    colors = channel_colors(case)
    used = {task: {c: found.statistics[f"quantity.{task}.{c}"]["mean"].value for c in case.channels} for task in _TASKS}
    largest = max(sum(by.values()) for by in used.values()) or 1.0
    scale, word = scale_of(largest)
    seen = [c for c in case.channels if any(by[c] > drawing.VISIBLE * largest for by in used.values())]
    with drawing.canvas(0.95 + 0.5 * len(_TASKS) + 0.21 * ((len(seen) + 1) // 2)) as figure:
        axes = figure.add_subplot()
        drawing.rows(axes, [WORKLOAD_LABELS[task] for task in _TASKS])
        axes.grid(axis="x")
        for row, by in enumerate(used.values()):
            left = 0.0
            for channel in seen:
                width = by[channel] / scale
                look: dict[str, Any] = {"facecolor": colors[channel], "edgecolor": LIGHT["paper"], "linewidth": 0.8}
                drawing.bar(axes, row, width, left=left, **look)
                left += width
        drawing.ticks(axes, lambda value: f"{value:,g}")
        unit = f"H100-equivalents in service{', ' + word if word else ''}"
        drawing.caption(axes, unit, "Means over all draws")
        drawing.legend(figure, {case.label(c): drawing.swatch(colors[c]) for c in seen})
        words = [f"{t}: {', '.join(f'{case.label(c)} {large(used[t][c])}' for c in seen)}" for t in _TASKS]
        return drawing.finished(
            figure, f"Compute in service by task and channel, means over draws. {'; '.join(words)}."
        )
