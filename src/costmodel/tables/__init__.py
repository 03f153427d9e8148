"""Tables of a report as HTML. All text of parameter sets and sources is escaped; nothing is computed here."""

from costmodel.tables.attribution import attribution, members
from costmodel.tables.breakeven import breakevens
from costmodel.tables.convergence import STATISTIC_WORDS, convergence
from costmodel.tables.discovery import boxes
from costmodel.tables.frontier import levers
from costmodel.tables.information import information, options
from costmodel.tables.inputs import (
    changes,
    correlations,
    differences,
    facts,
    parameters,
    source_link,
    source_list,
)
from costmodel.tables.market import apart, market, market_totals, perspectives_table
from costmodel.tables.markup import NO_MATH, STAMP, Html, Safe, channel_cell, details, table
from costmodel.tables.path import backtest, events, path_headline
from costmodel.tables.results import components, costs, exaflops, wedges

__all__ = [
    "NO_MATH",
    "STAMP",
    "STATISTIC_WORDS",
    "Html",
    "Safe",
    "apart",
    "attribution",
    "backtest",
    "boxes",
    "breakevens",
    "changes",
    "channel_cell",
    "components",
    "convergence",
    "correlations",
    "costs",
    "details",
    "differences",
    "events",
    "exaflops",
    "facts",
    "information",
    "levers",
    "market",
    "market_totals",
    "members",
    "options",
    "parameters",
    "path_headline",
    "perspectives_table",
    "source_link",
    "source_list",
    "table",
    "wedges",
]
