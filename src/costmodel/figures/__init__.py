"""Figures of a report. They draw numbers of a `Study` and compute none."""

from costmodel.drawing import VISIBLE, Figure
from costmodel.figures.acceptability import acceptability
from costmodel.figures.costs import components, intervals, premium, probability, wedges
from costmodel.figures.influence import curves, group_label, heat_map, influence
from costmodel.figures.information import information
from costmodel.figures.sensitivity import tornado
from costmodel.palette import channel_colors

__all__ = [
    "VISIBLE",
    "Figure",
    "acceptability",
    "channel_colors",
    "components",
    "curves",
    "group_label",
    "heat_map",
    "influence",
    "information",
    "intervals",
    "premium",
    "probability",
    "tornado",
    "wedges",
]
