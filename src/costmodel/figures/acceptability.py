"""Figures of how the cheapest channel hangs on one parameter. They draw numbers of an analysis and compute none."""

from typing import TYPE_CHECKING

from costmodel import drawing
from costmodel.drawing import Figure
from costmodel.palette import LIGHT, channel_colors
from costmodel.words import percent, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from costmodel.analysis.acceptability import Acceptability

# Standard errors on each side of a curve in its band.
_BAND = 2.0
# Channels that are hardly ever cheapest get no curve.
_SEEN = 0.01
# Positive ranges whose ends are further apart than this ratio are drawn logarithmically.
_WIDE = 10.0


def acceptability(found: "Acceptability", name: str) -> Figure:
    """Probability of each channel of being the cheapest over a parameter, the frontier marked.

    Args:
        found: the curves.
        name: the parameter in words.
    """
    case, colors = found.case, channel_colors(found.case)
    item = case.parameters[found.path]
    seen = [c for c, share in found.probability.items() if share.max() >= _SEEN]
    with drawing.canvas(3.7 + 0.21 * ((len(seen) + 1) // 2)) as figure:
        axes = figure.add_subplot()
        if found.values[0] > 0 and found.values[-1] / found.values[0] > _WIDE:
            axes.set_xscale("log")
        _frontier(axes, found)
        for channel in seen:
            share, color = found.probability[channel], colors[channel]
            axes.plot(found.values, share, color=color, lw=1.8, zorder=3)
            if found.errors:
                spread = _BAND * found.errors[channel]
                axes.fill_between(found.values, share - spread, share + spread, color=color, alpha=0.25, lw=0)
        _marks(axes, found, float(item.value))  # type: ignore[arg-type]
        axes.set_ylim(0, 1)
        axes.margins(x=0)
        drawing.ticks(axes, lambda value: shown(item, value, 2))
        drawing.caption(
            axes,
            name[:1].upper() + name[1:],
            "Broad grey: the channel with the lowest expected cost",
            "Dashed: where that switches · dotted: central value",
            "Bands: two standard errors on each side",
        )
        drawing.legend(figure, {case.label(c): drawing.swatch(colors[c]) for c in seen})
        return drawing.finished(figure, _alt(found, name, seen))


def _frontier(axes: "Axes", found: "Acceptability") -> None:
    """The curve of the channel with the lowest expected cost, broad; it jumps where the frontier switches."""
    probability = found.frontier_probability
    start = 0
    for at in range(1, len(found.frontier) + 1):
        if at == len(found.frontier) or found.frontier[at] != found.frontier[start]:
            part = slice(start, at)
            axes.plot(
                found.values[part], probability[part], color=LIGHT["soft"], lw=8, alpha=0.25, solid_capstyle="round"
            )
            start = at


def _marks(axes: "Axes", found: "Acceptability", central: float) -> None:
    from matplotlib.ticker import FuncFormatter

    for switch in found.switches:
        axes.axvline(switch.value, color=LIGHT["ink"], lw=1, ls=(0, (4, 3)), zorder=2)
    if found.values[0] <= central <= found.values[-1]:
        axes.axvline(central, color=LIGHT["soft"], lw=1.2, ls=(0, (1, 2)), zorder=2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y")
    axes.set_ylabel("Probability of being cheapest")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share)))


def _alt(found: "Acceptability", name: str, seen: list[str]) -> str:
    item, case = found.case.parameters[found.path], found.case
    ends = (0, len(found.values) - 1)
    parts = [
        f"at {shown(item, float(found.values[at]), 2)}: "
        + ", ".join(f"{case.label(c)} {percent(float(found.probability[c][at]))}" for c in seen)
        for at in ends
    ]
    turns = [f"{case.label(s.after)} from {shown(item, s.value, 2)}" for s in found.switches]
    frontier = ", then ".join([case.label(found.frontier[0]), *turns])
    what = f"Probability of being the cheapest open channel against {name}: {'; '.join(parts)}"
    return f"{what}. Lowest expected cost: {frontier}."
