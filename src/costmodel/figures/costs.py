"""Figures of a report. They draw numbers of a `Study` and compute none."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from costmodel import drawing
from costmodel.channels import COMPONENTS
from costmodel.drawing import Figure
from costmodel.palette import LIGHT, channel_colors, component_colors, families
from costmodel.words import (
    UNIT_WORDS,
    WORKLOAD_LABELS,
    WORKLOAD_WORDS,
    money,
    percent,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from costmodel.analysis.uncertainty import Estimate
    from costmodel.study import Study

# Above this ratio of the dearest to the cheapest a common linear axis hides the cheap ones.
_LOGARITHMIC = 15
_FADED: dict[str, Any] = {"alpha": 0.45, "hatch": "////"}
# Draws behind a density: enough for its shape, and quick. The first of many are a sample like any other.
_CLOUD = 4096
_BANDS = "Dot: median · thick: middle half · thin: 5–95 % of draws"


def _start(axes: "Axes", study: "Study", channels: Sequence[str]) -> None:
    """Rows with the channels' names, a vertical grid, no box."""
    drawing.rows(axes, [study.case.label(channel) for channel in channels])
    axes.grid(axis="x")


# -- what the cost consists of --------------------------------------------------------------------------------------


def components(study: "Study", workload: str) -> Figure:
    """Stacked bars of the components of each channel's cost, at central values.

    Args:
        study: the run.
        workload: which workload.
    """
    channels, colors = study.ranked(workload), component_colors()
    costs = study.central.workloads[workload].channels
    stacks = {c: {name: float(part) for name, part in costs[c].components.items()} for c in channels}
    seen = _seen(stacks)
    height = 1.0 + drawing.ROW * len(channels) + 0.21 * (len(seen) + 1) // 2
    with drawing.canvas(height) as figure:
        axes = figure.add_subplot()
        _start(axes, study, channels)
        for row, channel in enumerate(channels):
            _stack(axes, row, stacks[channel], closed=channel in study.closed)
            total = float(costs[channel].total)
            axes.plot([total, total], [row - 0.4, row + 0.4], color=LIGHT["ink"], lw=2, solid_capstyle="butt")
            right = max(total, sum(part for part in stacks[channel].values() if part > 0))
            drawing.value(axes, right, row, money(total), closed=channel in study.closed)
        axes.axvline(0, color=LIGHT["soft"], lw=0.9)
        drawing.ticks(axes, drawing.dollars)
        drawing.caption(
            axes, UNIT_WORDS, "Upright line and number: total of all parts", "All parameters at their central values"
        )
        drawing.legend(figure, {COMPONENTS[name]: drawing.swatch(colors[name]) for name in seen})
        return drawing.finished(figure, _components_alt(study, workload, channels))


def _seen(stacks: dict[str, dict[str, float]]) -> list[str]:
    """Components that can be seen in some bar, by family."""
    widest = max(sum(abs(part) for part in stack.values()) for stack in stacks.values())
    seen = {name for stack in stacks.values() for name, part in stack.items() if abs(part) > drawing.VISIBLE * widest}
    return [name for members in families().values() for name in members if name in seen]


def _stack(axes: "Axes", row: int, stack: dict[str, float], *, closed: bool) -> None:
    """Positive parts to the right of zero, negative ones to the left."""
    ends = {True: 0.0, False: 0.0}
    colors = component_colors()
    for name in (name for members in families().values() for name in members if stack.get(name)):
        part = stack[name]
        left = ends[part > 0]
        style = _FADED if closed else {}
        drawing.bar(
            axes, row, part, left=left, facecolor=colors[name], edgecolor=LIGHT["paper"], linewidth=0.6, **style
        )
        ends[part > 0] = left + part


def _components_alt(study: "Study", workload: str, channels: Sequence[str]) -> str:
    costs = study.central.workloads[workload].channels
    largest = {c: max(costs[c].components, key=lambda name: abs(float(costs[c].components[name]))) for c in channels}
    words = [
        f"{_named(study, c)} {money(float(costs[c].total))}, most of it {COMPONENTS[largest[c]].lower()}"
        for c in channels
    ]
    return f"Stacked bars of what the cost of {WORKLOAD_WORDS[workload]} consists of, by channel: {'; '.join(words)}."


def _named(study: "Study", channel: str) -> str:
    return study.case.label(channel) + (" (closed)" if channel in study.closed else "")


# -- intervals ------------------------------------------------------------------------------------------------------


def intervals(study: "Study", workload: str) -> Figure:
    """Median, middle half and 5–95 % range of each channel's cost, with the counterfactual as a reference line.

    Args:
        study: the run.
        workload: which workload.
    """
    channels = study.ranked(workload)
    found = study.summaries[workload]
    reference = study.counterfactuals[workload]["p50"].value
    with drawing.canvas(0.95 + drawing.ROW * len(channels)) as figure:
        axes = figure.add_subplot()
        _clouds(axes, study, workload, channels)
        _start(axes, study, channels)
        axes.axvline(reference, color=LIGHT["soft"], lw=1.2, ls=(0, (4, 3)))
        _bands(axes, study, channels, found, money)
        _scale(axes, [found[c][p].value for c in channels for p in ("p05", "p95")])
        drawing.ticks(axes, drawing.dollars)
        unit = UNIT_WORDS if axes.get_xscale() == "linear" else f"{UNIT_WORDS}, logarithmic"
        drawing.caption(axes, unit, _BANDS, "Dashed line: median without controls")
        words = [f"{_named(study, c)} {_range_words(found[c], money)}" for c in channels]
        alt = f"Cost of {WORKLOAD_WORDS[workload]} by channel, median and 5–95 % range: {'; '.join(words)}."
        return drawing.finished(figure, alt)


def premium(study: "Study", workload: str) -> Figure:
    """Median, middle half and 5–95 % range of each channel's premium over the counterfactual.

    Args:
        study: the run.
        workload: which workload.
    """
    channels = [c for c in study.ranked(workload) if c not in study.apart] or study.ranked(workload)
    found = study.premiums[workload]

    def text(value: float) -> str:
        return percent(value, signed=True)

    with drawing.canvas(0.95 + drawing.ROW * len(channels)) as figure:
        axes = figure.add_subplot()
        _start(axes, study, channels)
        axes.axvline(0, color=LIGHT["soft"], lw=1.2, ls=(0, (4, 3)))
        _bands(axes, study, channels, found, text)
        drawing.ticks(axes, text)
        drawing.caption(axes, "Premium over the cost without controls, same draw", _BANDS)
        words = [f"{_named(study, c)} {_range_words(found[c], text)}" for c in channels]
        alt = f"Premium over the cost without controls for {WORKLOAD_WORDS[workload]}: {'; '.join(words)}."
        return drawing.finished(figure, alt)


def _range_words(found: dict[str, "Estimate"], text: Callable[[float], str]) -> str:
    return f"{text(found['p50'].value)} ({text(found['p05'].value)} to {text(found['p95'].value)})"


def _bands(
    axes: "Axes",
    study: "Study",
    channels: Sequence[str],
    found: dict[str, dict[str, "Estimate"]],
    text: Callable[[float], str],
) -> None:
    colors = channel_colors(study.case)
    for row, channel in enumerate(channels):
        p = {name: found[channel][name].value for name in ("p05", "p25", "p50", "p75", "p95")}
        color, closed = colors[channel], channel in study.closed
        alpha = 0.45 if closed else 1.0
        axes.plot([p["p05"], p["p95"]], [row, row], color=color, lw=2.2, alpha=alpha, solid_capstyle="round")
        axes.plot([p["p25"], p["p75"]], [row, row], color=color, lw=8, alpha=alpha, solid_capstyle="butt")
        face = LIGHT["paper"]
        axes.plot(p["p50"], row, "o", ms=6.5, mfc=face, mec=color if closed else LIGHT["ink"], mew=1.6, alpha=1.0)
        drawing.value(axes, p["p95"], row, text(p["p50"]), closed=closed)


def _clouds(axes: "Axes", study: "Study", workload: str, channels: Sequence[str]) -> None:
    """The density of the draws of each channel, faintly behind its band."""
    colors = channel_colors(study.case)
    draws = [study.simulation.totals[workload][c][:_CLOUD] for c in channels]
    look: dict[str, Any] = {"orientation": "horizontal", "widths": 0.86, "points": 100, "showextrema": False}
    clouds: dict[str, Any] = axes.violinplot(draws, range(len(channels)), **look)
    for body, channel in zip(clouds["bodies"], channels, strict=True):
        body.set(facecolor=colors[channel], edgecolor="none", alpha=0.28)


def _scale(axes: "Axes", ends: Sequence[float]) -> None:
    """From zero, or logarithmic where that would hide the cheap channels."""
    low, high = min(ends), max(ends)
    if low > 0 and high / low > _LOGARITHMIC:
        from matplotlib.ticker import LogLocator

        axes.set_xscale("log")
        axes.set_xlim(0.7 * low, 1.2 * high)
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high / low < 300 else (1.0,)))
    else:
        axes.set_xlim(min(0.0, 1.05 * low), 1.02 * high)


# -- which is cheapest ----------------------------------------------------------------------------------------------


def probability(study: "Study") -> Figure:
    """Share of draws in which each open channel is the cheapest, one bar for each workload.

    Args:
        study: the run.
    """
    workloads = list(study.probabilities)
    colors = channel_colors(study.case)
    rivals = [c for c in study.ranked(workloads[-1]) if c in study.simulation.rivals]
    words = []
    with drawing.canvas(0.85 + 0.5 * len(workloads) + 0.21 * ((len(rivals) + 1) // 2)) as figure:
        axes = figure.add_subplot()
        drawing.rows(axes, [WORKLOAD_LABELS[workload] for workload in workloads])
        for row, workload in enumerate(workloads):
            found = {channel: study.probabilities[workload][channel].value for channel in rivals}
            _shares(axes, row, found, colors)
            likely = [f"{study.case.label(c)} {percent(share)}" for c, share in found.items() if share >= 0.01]
            words.append(f"{WORKLOAD_LABELS[workload].lower()}: {', '.join(likely)}")
        axes.set_xlim(0, 1)
        drawing.ticks(axes, percent)
        drawing.caption(axes, "Share of draws in which the channel is the cheapest")
        seen = [c for c in rivals if any(by[c].value > drawing.VISIBLE for by in study.probabilities.values())]
        drawing.legend(figure, {study.case.label(c): drawing.swatch(colors[c]) for c in seen})
        alt = f"Probability of being the cheapest open channel, by workload. {'; '.join(words)}."
        return drawing.finished(figure, alt)


def _shares(axes: "Axes", row: int, found: dict[str, float], colors: dict[str, str]) -> None:
    left = 0.0
    for channel, share in found.items():
        drawing.bar(axes, row, share, left=left, facecolor=colors[channel], edgecolor=LIGHT["paper"], linewidth=0.8)
        if share >= 0.09:
            axes.text(
                left + share / 2, row, percent(share), ha="center", va="center", color=drawing.on(colors[channel])
            )
        left += share


# -- what controls cost ---------------------------------------------------------------------------------------------


def wedges(study: "Study", workload: str) -> Figure:
    """Distance of each channel to the counterfactual, split into what controls cause and what technology does.

    Args:
        study: the run.
        workload: which workload.
    """
    channels = [c for c in study.ranked(workload) if c not in study.apart] or study.ranked(workload)
    costs = study.central.workloads[workload].channels
    colors = {"control": component_colors()["markup"], "technology": component_colors()["chip"]}
    names = {"control": "Controls", "technology": "Other chip or form of supply"}
    words = []
    with drawing.canvas(1.15 + drawing.ROW * len(channels)) as figure:
        axes = figure.add_subplot()
        _start(axes, study, channels)
        for row, channel in enumerate(channels):
            found = {
                "control": float(costs[channel].control_wedge),
                "technology": float(costs[channel].technology_wedge),
            }
            _split(axes, row, found, colors, closed=channel in study.closed)
            total = sum(found.values())
            axes.plot([total, total], [row - 0.4, row + 0.4], color=LIGHT["ink"], lw=2, solid_capstyle="butt")
            drawing.value(axes, max(total, *found.values(), 0.0), row, _signed(total), closed=channel in study.closed)
            parts = f"controls {_signed(found['control'])}, chip and form of supply {_signed(found['technology'])}"
            words.append(f"{_named(study, channel)} {_signed(total)}: {parts}")
        axes.axvline(0, color=LIGHT["soft"], lw=0.9)
        drawing.ticks(axes, drawing.dollars)
        drawing.caption(
            axes,
            f"{UNIT_WORDS}, above (+) or below",
            "Upright line and number: both together",
            "All parameters at their central values",
        )
        names = {
            "Controls": drawing.swatch(colors["control"]),
            "Other chip or form of supply": drawing.swatch(colors["technology"]),
        }
        drawing.legend(figure, names)
        alt = f"Distance to the cost without controls for {WORKLOAD_WORDS[workload]}, split in two: {'; '.join(words)}."
        return drawing.finished(figure, alt)


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + money(value)


def _split(axes: "Axes", row: int, found: dict[str, float], colors: dict[str, str], *, closed: bool) -> None:
    ends = {True: 0.0, False: 0.0}
    for name, part in found.items():
        style = _FADED if closed else {}
        left = ends[part > 0]
        drawing.bar(
            axes, row, part, left=left, facecolor=colors[name], edgecolor=LIGHT["paper"], linewidth=0.6, **style
        )
        ends[part > 0] = left + part
