"""Figures of a report. They draw numbers of a `Study` and compute none."""

from costmodel.drawing import VISIBLE, Figure
from costmodel.figures.acceptability import acceptability
from costmodel.figures.apart import allocation, two_prices
from costmodel.figures.attribution import attribution
from costmodel.figures.convergence import convergence
from costmodel.figures.costs import components, intervals, premium, probability, wedges
from costmodel.figures.discovery import box
from costmodel.figures.frontier import frontiers
from costmodel.figures.influence import curves, heat_map, influence, label_and_owner
from costmodel.figures.information import information
from costmodel.figures.market import diversion, gains, losses, shares
from costmodel.figures.path import backtest, fans, half_lives, share_areas
from costmodel.figures.sensitivity import tornado
from costmodel.figures.supply_curve import supply_curve
from costmodel.palette import channel_colors

__all__ = [
    "VISIBLE",
    "Figure",
    "acceptability",
    "allocation",
    "attribution",
    "backtest",
    "box",
    "channel_colors",
    "components",
    "convergence",
    "curves",
    "diversion",
    "fans",
    "frontiers",
    "gains",
    "half_lives",
    "heat_map",
    "influence",
    "information",
    "intervals",
    "label_and_owner",
    "losses",
    "premium",
    "probability",
    "share_areas",
    "shares",
    "supply_curve",
    "tornado",
    "two_prices",
    "wedges",
]
