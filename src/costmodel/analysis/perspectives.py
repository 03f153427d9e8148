"""The same market as different parties see it: who pays, what is used up, and what the controls achieve."""

from collections.abc import Mapping
from dataclasses import dataclass

from costmodel.analysis.market import MarketResult
from costmodel.analysis.statistics import Estimate
from costmodel.costs import UNIT

#: Whose view it is, by name, with the heading in tables and charts.
VIEWS = {
    "buyers": "Buyers",
    "resources": "Resources used up",
    "controlling_government": "Government that controls exports",
}
_NO_BUDGET = "Not known: the set states no `enforcement.budget` above 0"


@dataclass(frozen=True)
class Line:
    """One figure of one view.

    Attributes:
        view: one of `VIEWS`.
        name: name of the outcome of the market, without `market.`.
        label: what it is.
        unit: unit of its values.
        reading: how to read it, in one line.
        central: at central values; None where it cannot be told.
        statistics: over all draws; None where it cannot be told.
    """

    view: str
    name: str
    label: str
    unit: str
    reading: str
    central: float | None
    statistics: Mapping[str, Estimate] | None


# View, outcome, label, unit and reading of each line, in order. Spending less the first two lines of `resources` is
# the third.
_LINES: tuple[tuple[str, str, str, str, str], ...] = (
    ("buyers", "price", "Price", UNIT, "What buyers pay for one unit of compute"),
    ("buyers", "spending", "Spending", "USD/year", "What buyers pay in a year for all compute in service"),
    (
        "buyers",
        "surplus_loss",
        "Loss of surplus",
        "USD/year",
        "What the controls cost buyers: dearer compute, and uses that are given up",
    ),
    ("resources", "rents", "Rents", "USD/year", "The part of spending above suppliers' marginal costs: a transfer"),
    (
        "resources",
        "transfers",
        "Fees, taxes and penalties",
        "USD/year",
        "The part of spending that passes to governments: a transfer",
    ),
    (
        "resources",
        "resource_cost",
        "Resource cost",
        "USD/year",
        "Spending without rents, fees, taxes and penalties: what bringing in and running the units takes",
    ),
    (
        "controlling_government",
        "compute_denied",
        "Compute denied",
        "1",
        "Share of the compute wanted without controls that is not in service",
    ),
    (
        "controlling_government",
        "denied_quantity",
        "Quantity denied",
        "H100e",
        "The same in H100 equivalents",
    ),
    (
        "controlling_government",
        "denied_per_budget",
        "Denied per million USD of budget",
        "H100e",
        "An average over all that is spent on enforcement, not what one more dollar would deny",
    ),
    (
        "controlling_government",
        "receipts_exporting",
        "Receipts",
        "USD/year",
        "Fees, taxes and penalties that the exporting government receives",
    ),
)


def perspectives(result: MarketResult) -> tuple[Line, ...]:
    """The market as buyers, as a planner who counts resources alone, and as the controlling government see it.

    Spending less rents less fees, taxes and penalties is the resource cost, at central values and in every draw.

    Args:
        result: the market of a set.

    Examples:
        >>> from costmodel import load
        >>> from costmodel.analysis.market import market_result
        >>> found = {line.name: line.central for line in perspectives(market_result(load("baseline"), draws=64))}
        >>> rest = found["spending"] - found["rents"] - found["transfers"]
        >>> bool(abs(rest / found["resource_cost"] - 1) < 1e-9)
        True
    """
    return tuple(_line(result, *row) for row in _LINES)


def _line(result: MarketResult, view: str, name: str, label: str, unit: str, reading: str) -> Line:
    statistics = result.statistics.get(name)
    if statistics is None:
        return Line(view, name, label, unit, _NO_BUDGET, None, None)
    return Line(view, name, label, unit, reading, result.value(name), statistics)
