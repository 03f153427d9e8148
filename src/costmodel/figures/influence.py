"""Figures of what causes uncertainty. They draw numbers of a `Study` and compute none."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel import drawing
from costmodel.drawing import Figure
from costmodel.palette import LIGHT, channel_colors
from costmodel.words import WORKLOAD_WORDS, listed, parameter_label, percent, shown, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from costmodel.analysis.curves import Curve, HeatMap
    from costmodel.analysis.sobol import Index, Influence
    from costmodel.parameters import ParameterSet
    from costmodel.study import Study

_SHARES = {"first": ("#2f7fd0", "alone"), "total": ("#949ea4", "alone and together with others")}
_HALF = 0.3
# Words and lines on a coloured ground, which does not follow the page.
_ON_FILL, _UNDER = "#101418", "#ffffff"
# A region of a map smaller than this share of it has no room for its name.
_ROOM = 0.04
# Nearer to the side of a map than this, a name is written towards its middle.
_EDGE = 0.15


def label_and_owner(case: "ParameterSet", paths: Sequence[str]) -> tuple[str, str]:
    """Name of a group of parameters, and whose they are: their channel, or how many are drawn together."""
    names = [parameter_label(case, path).partition(" · ") for path in paths]
    if len(paths) == 1:
        return names[0][0], names[0][2]
    return listed(list(dict.fromkeys(name for name, _, _ in names))), f"{len(paths)} figures drawn together"


def influence(study: "Study", name: str, count: int = 10) -> Figure:
    """Shares of an outcome's variance that parameters cause: first-order and total Sobol' indices with intervals.

    Args:
        study: the run.
        name: outcome that varies, such as `cost.mix.domestic`.
        count: number of rows.
    """
    found = study.drivers.sensitivity(name)
    assert found is not None
    items = [item for item in found.influences if item.total.value > drawing.VISIBLE][:count]
    labels = [label_and_owner(study.case, item.paths) for item in items]
    with drawing.canvas(1.3 + 0.46 * len(items)) as figure:
        axes = figure.add_subplot()
        owners = {row: whose for row, (_, whose) in enumerate(labels) if whose}
        drawing.rows(axes, [label for label, _ in labels], owners, width=24)
        axes.grid(axis="x")
        for row, item in enumerate(items):
            _share(axes, row - _HALF / 2, item.first, "first")
            _share(axes, row + _HALF / 2, item.total, "total")
            drawing.value(axes, max(item.total.high, item.first.high), row, percent(item.total.value), closed=False)
        axes.axvline(0, color=LIGHT["soft"], lw=0.9)
        axes.margins(x=0.12)
        axes.set_xlim(left=min(0.0, *(item.first.low for item in items)) * 1.05)
        drawing.ticks(axes, percent, count=4)
        drawing.caption(
            axes, "Share of the variance of the cost", "Number: together with others", "Thin lines: 95 % intervals"
        )
        drawing.legend(figure, {f"Caused {text}": drawing.swatch(color) for color, text in _SHARES.values()})
        return drawing.finished(figure, _influence_alt(study, name, items))


def _share(axes: "Axes", height: float, index: "Index", kind: str) -> None:
    drawing.bar(axes, height, index.value, _HALF, facecolor=_SHARES[kind][0])
    axes.plot([index.low, index.high], [height, height], color=LIGHT["ink"], lw=1.1, solid_capstyle="butt")


def _influence_alt(study: "Study", name: str, items: Sequence["Influence"]) -> str:
    _, workload, channel = name.split(".")
    words = [
        f"{' – '.join(filter(None, label_and_owner(study.case, item.paths)))} "
        f"{percent(max(item.first.value, 0.0))} alone, {percent(item.total.value)} with others"
        for item in items[:5]
    ]
    what = f"the cost of {study.case.label(channel)} for {WORKLOAD_WORDS[workload]}"
    return f"Bars of the shares of the variance of {what} that single figures cause: {'; '.join(words)}."


def curves(study: "Study", workload: str, paths: Sequence[str]) -> Figure:
    """Premium of every open channel over each of some parameters, one panel for each parameter.

    Args:
        study: the run.
        workload: which workload.
        paths: uncertain parameters.
    """
    colors = channel_colors(study.case)
    found = {path: study.drivers.curves(workload, path) for path in paths}
    with drawing.canvas(2.0 * len(paths) + 0.25 * (len(study.simulation.rivals) + 1) // 2) as figure:
        panels = figure.subplots(len(paths), 1, sharey=True, squeeze=False)[:, 0]
        lines: dict[str, Any] = {}
        for axes, (path, by_channel) in zip(panels, found.items(), strict=True):
            for channel, curve in by_channel.items():
                (line,) = axes.plot(curve.inputs, curve.values, color=colors[channel], lw=1.8)
                lines[study.case.label(channel)] = line
            _panel(axes, study.case, path, by_channel)
        drawing.legend(figure, lines)
        return drawing.finished(figure, _curves_alt(study, workload, found))


def _panel(axes: "Axes", case: "ParameterSet", path: str, found: Mapping[str, "Curve"]) -> None:
    """Axes of one panel: the parameter's values below, the premium at the side, its median upright."""
    curve = next(iter(found.values()))
    axes.axvline(curve.central_input, color=LIGHT["soft"], lw=0.9, ls=(0, (4, 3)))
    axes.set_xlim(curve.inputs[0], curve.inputs[-1])
    axes.grid(axis="both")
    axes.spines[["top", "right"]].set_visible(False)
    _quantities(axes, case, path, axes.xaxis, count=4)
    _percents(axes)
    axes.set_ylabel("Premium")
    axes.set_xlabel(parameter_label(case, path), color=LIGHT["ink"])


def _quantities(axes: "Axes", case: "ParameterSet", path: str, axis: Any, count: int) -> None:
    """Few ticks with a parameter's values as people read them."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    item = case.parameters[path]
    axis.set_major_locator(MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: shown(item, float(value))))
    axes.tick_params(length=3, color=LIGHT["line"])


def _percents(axes: "Axes") -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value, signed=True)))


def _curves_alt(study: "Study", workload: str, found: Mapping[str, Mapping[str, "Curve"]]) -> str:
    words = []
    for path, by_channel in found.items():
        ends = [
            f"{study.case.label(channel)} {percent(curve.values[0], signed=True)} to "
            f"{percent(curve.values[-1], signed=True)}"
            for channel, curve in by_channel.items()
            if abs(curve.values[-1] - curve.values[0]) > drawing.VISIBLE
        ]
        words.append(f"over {parameter_label(study.case, path)}: {', '.join(ends) or 'none'}")
    what = f"Premium of the open channels that move, for {WORKLOAD_WORDS[workload]}, one figure at a time"
    return f"{what}: {'; '.join(words)}."


def heat_map(study: "Study", found: "HeatMap") -> Figure:
    """A premium over two parameters by colour, with borders where another channel becomes the cheapest.

    Args:
        study: the run.
        found: the map; its outcome is a premium.
    """
    from matplotlib.ticker import FuncFormatter

    labels = [parameter_label(study.case, path) for path in (found.first, found.second)]
    with drawing.canvas(4.3) as figure:
        axes = figure.add_subplot()
        fill = axes.contourf(found.first_inputs, found.second_inputs, found.values.T, levels=_levels(found))
        # Without it a line of the page shines through between two colours.
        fill.set_edgecolor("face")
        _borders(axes, study.case, found)
        _quantities(axes, study.case, found.first, axes.xaxis, count=4)
        _quantities(axes, study.case, found.second, axes.yaxis, count=5)
        axes.set_xlabel(labels[0], color=LIGHT["ink"])
        axes.set_ylabel("\n".join(wrapped(labels[1], 44)), color=LIGHT["ink"])
        axes.spines[:].set_visible(False)
        bar = figure.colorbar(fill, ax=axes, location="top", aspect=35, pad=0.02)
        bar.ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value, signed=True)))
        bar.outline.set_visible(False)
        bar.set_label(f"Premium of {_whose(study, found)}", color=LIGHT["ink"])
        return drawing.finished(figure, _map_alt(study, found, labels))


def _whose(study: "Study", found: "HeatMap") -> str:
    channel = found.outcome.channel
    return study.case.label(channel) if channel else "the cheapest channel"


def _levels(found: "HeatMap") -> Any:
    """Round borders between colours."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(8).tick_values(float(np.min(found.values)), float(np.max(found.values)))


def _borders(axes: "Axes", case: "ParameterSet", found: "HeatMap") -> None:
    """Lines between the regions in which one channel is the cheapest, and their names."""
    cheapest = found.cheapest.T
    for channel in [name for name in found.costs if np.any(cheapest == name)]:
        others = [cost for name, cost in found.costs.items() if name != channel]
        if others:
            ahead = found.costs[channel] - np.minimum.reduce(others)
            if np.any(ahead < 0) and np.any(ahead > 0):
                grid = found.first_inputs, found.second_inputs, ahead.T
                axes.contour(*grid, levels=[0.0], colors=[_UNDER], linewidths=2.6)
                axes.contour(*grid, levels=[0.0], colors=[_ON_FILL], linewidths=1.2)
        inside = np.argwhere(cheapest == channel)
        if len(inside) >= _ROOM * cheapest.size:
            row, column = inside[np.argmin(np.sum((inside - inside.mean(axis=0)) ** 2, axis=1))]
            _name_region(axes, found, (row, column), case.label(channel))


def _name_region(axes: "Axes", found: "HeatMap", place: tuple[int, int], label: str) -> None:
    """A channel's name within its region, kept within the map."""
    row, column = place
    across = column / (len(found.first_inputs) - 1)
    left, right = across < _EDGE, across > 1 - _EDGE
    # A region at the side may be narrower than its name, which then points to it.
    last = "← cheapest" if left else "cheapest →" if right else "cheapest"
    axes.text(
        found.first_inputs[column],
        found.second_inputs[row],
        "\n".join([*wrapped(label, 18), last]),
        ha="left" if left else "right" if right else "center",
        va="center",
        color=_ON_FILL,
        fontsize=8.5,
        bbox={"facecolor": _UNDER, "alpha": 0.8, "edgecolor": "none", "boxstyle": "round,pad=0.3"},
    )


def _map_alt(study: "Study", found: "HeatMap", labels: Sequence[str]) -> str:
    low, high = float(np.min(found.values)), float(np.max(found.values))
    names, counts = np.unique(found.cheapest, return_counts=True)
    shares = [
        f"{study.case.label(str(name))} is cheapest in {percent(count / found.cheapest.size)} of the map"
        for name, count in zip(names, counts, strict=True)
        if name
    ]
    span = f"from {percent(low, signed=True)} to {percent(high, signed=True)}"
    return (
        f"Map of the premium of {_whose(study, found)}, {span}, over {labels[0]} and {labels[1]}: {'; '.join(shares)}."
    )
