"""Figures of where a channel is the cheapest. They draw draws of a discovery and compute none."""

from typing import TYPE_CHECKING

import numpy as np

from costmodel import drawing
from costmodel.drawing import Figure
from costmodel.palette import LIGHT, channel_colors
from costmodel.words import parameter_phrase, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

    from costmodel.analysis.discovery import Box, Discovery
    from costmodel.parameters import Parameter

#: Draws shown as dots: more would only make the file larger.
DOTS = 700
#: Share of the dots beyond each end of an axis: a long tail would press all others together.
_CUT = 0.005


def box(found: "Discovery") -> Figure:
    """Draws over the two parameters that tell most, those in which the channel is the cheapest in its colour.

    Args:
        found: a discovery with at least one box and two parameters to show.
    """
    case, (across, up) = found.sample.case, found.shown
    color, wanted = channel_colors(case)[found.channel], found.of_interest[:DOTS]
    yes, no = found.is_so, "it is not"
    with drawing.canvas(4.1) as figure:
        axes = figure.add_subplot()
        x, y = found.values(across)[:DOTS], found.values(up)[:DOTS]
        axes.scatter(x[~wanted], y[~wanted], s=7, color=LIGHT["soft"], alpha=0.4, linewidths=0, label=no)
        axes.scatter(x[wanted], y[wanted], s=13, color=color, linewidths=0, label=yes)
        axes.set_xlim(*np.quantile(x, (_CUT, 1 - _CUT)))
        axes.set_ylim(*np.quantile(y, (_CUT, 1 - _CUT)))
        _outline(axes, found.boxes[0], (across, up))
        axes.spines[["top", "right"]].set_visible(False)
        _ticks(axes.xaxis, case.parameters[across])
        _ticks(axes.yaxis, case.parameters[up])
        names = [parameter_phrase(case, path) for path in (across, up)]
        drawing.caption(axes, f"Across: {names[0]}", f"Upwards: {names[1]}", "Frame: the first row of the table")
        drawing.legend(figure, {yes: drawing.swatch(color), no: drawing.swatch(LIGHT["soft"])}, columns=1)
        return drawing.finished(figure, f"Draws by {names[0]} and {names[1]}. {found.answer}")


def _outline(axes: "Axes", best: "Box", paths: tuple[str, str]) -> None:
    """The box as a frame; one that does not end at a side ends at the edge of the drawing."""
    from matplotlib.patches import Rectangle

    bounds = {bound.path: bound for bound in best.bounds}
    ends = []
    for path, (least, most) in zip(paths, (axes.get_xlim(), axes.get_ylim()), strict=True):
        bound = bounds.get(path)
        low = least if bound is None or bound.low is None else max(bound.low, least)
        high = most if bound is None or bound.high is None else min(bound.high, most)
        ends.append((low, high))
    (left, right), (bottom, top) = ends
    frame = Rectangle((left, bottom), right - left, top - bottom, fill=False, ec=LIGHT["ink"], lw=1.4, clip_on=False)
    axes.add_patch(frame)


def _ticks(axis: "Axis", item: "Parameter") -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: shown(item, value)))
