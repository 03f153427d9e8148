"""Figures of a report. They draw numbers of a `Study` and compute none."""

from costmodel.drawing import Figure
from costmodel.figures.convergence import convergence
from costmodel.figures.costs import components, intervals, premium, probability, wedges
from costmodel.figures.discovery import box
from costmodel.figures.sensitivity import tornado
from costmodel.palette import channel_colors

__all__ = [
    "Figure",
    "box",
    "channel_colors",
    "components",
    "convergence",
    "intervals",
    "premium",
    "probability",
    "tornado",
    "wedges",
]
