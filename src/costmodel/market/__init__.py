"""The market: who supplies, at what price, what is denied, and who gains (docs/methods.md).

`market(evaluation)` clears it at the values of an evaluation: scalars or draws.
"""

from dataclasses import replace

from costmodel.costs import Evaluation
from costmodel.errors import ParameterError, Problem
from costmodel.market.pooled import PooledMarket
from costmodel.market.results import GOVERNMENTS, Market
from costmodel.market.separate import SeparateMarket
from costmodel.parameters.model import ParameterSet

__all__ = ["GOVERNMENTS", "Market", "PooledMarket", "SeparateMarket", "closing", "has_market", "market", "required"]

#: How the workloads may be cleared, by the word in `demand.workloads`.
CLEARINGS: dict[str, type[Market]] = {"pooled": PooledMarket, "separate": SeparateMarket}


def has_market(case: ParameterSet) -> bool:
    """Whether a set says what is wanted, so that there is a market to clear."""
    return "demand.quantity" in case.parameters


def required(case: ParameterSet) -> ParameterSet:
    """The same set, refused where there is no market to clear.

    Raises:
        ParameterError: the set states no demand.
    """
    if not has_market(case):
        message = "is not stated, so that there is no market to clear (compute in service wanted, in `H100e`)"
        raise ParameterError([Problem("demand.quantity", message, case.name)])
    return case


def market(found: Evaluation, *, closed: str | None = None) -> Market:
    """The market at the values of an evaluation.

    Args:
        found: costs of a set at some values of its parameters, scalars or draws.
        closed: a channel whose capacity is withdrawn.

    Raises:
        ParameterError: the set states no demand, or not all that its supply needs.

    Examples:
        >>> from costmodel import load
        >>> case = load("baseline")
        >>> found = market(Evaluation(case, case.central))
        >>> bool(found.price > 0), bool(found.price <= found.highest_price)
        (True, True)
    """
    required(found.case)
    return CLEARINGS[found.values["demand.workloads"]](found, closed)


def closing(found: Market, channel: str) -> Market:
    """The same market with a channel's capacity withdrawn; what is in service stays."""
    return replace(found, closed=channel)
