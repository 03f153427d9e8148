"""Figures of a report. They draw numbers of a `Study` and compute none."""

from costmodel.drawing import VISIBLE, Figure
from costmodel.figures.acceptability import acceptability
from costmodel.figures.attribution import attribution
from costmodel.figures.convergence import convergence
from costmodel.figures.costs import components, intervals, premium, probability, wedges
from costmodel.figures.discovery import box
from costmodel.figures.influence import curves, heat_map, influence, label_and_owner
from costmodel.figures.information import information
from costmodel.figures.sensitivity import tornado
from costmodel.palette import channel_colors

__all__ = [
    "VISIBLE",
    "Figure",
    "acceptability",
    "attribution",
    "box",
    "channel_colors",
    "components",
    "convergence",
    "curves",
    "heat_map",
    "influence",
    "information",
    "intervals",
    "label_and_owner",
    "premium",
    "probability",
    "tornado",
    "wedges",
]
