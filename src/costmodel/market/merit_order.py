"""The merit order of a cleared market as a curve: offers from the cheapest on, and what is wanted at each price."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costmodel.formulas.market import demanded
from costmodel.market.pooled import PooledMarket

# Parts of an offer below this share of it are rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Step:
    """A part of an offer along the merit order: what is used of it, or what is not.

    Attributes:
        channel: whose offer it is.
        sunk: whether its units are in service already.
        used: whether the market uses it.
        width: H100e in service; may be infinite where it is not used.
        low: marginal cost of its first unit, USD/H100e-h.
        high: of its last.
    """

    channel: str
    sunk: bool
    used: bool
    width: float
    low: float
    high: float


def merit_order(found: PooledMarket) -> tuple[Step, ...]:
    """Offers at central values: first what is used, then what is not, each from the cheapest on.

    Where unit costs rise along an offer, the part of it below the clearing price is used and the rest is not, so that
    all that is used ends where demand meets the price.

    Args:
        found: the market at central values, not at draws.

    Examples:
        >>> from costmodel import load
        >>> from costmodel.costs import Evaluation
        >>> case = load("baseline")
        >>> market = PooledMarket(Evaluation(case, case.central))
        >>> steps = merit_order(market)
        >>> bool(abs(sum(step.width for step in steps if step.used) / market.total - 1.0) < 1e-9)
        True
    """
    columns = zip(found.offers, *np.asarray(found.table), np.asarray(found.used), strict=True)
    steps = []
    for offer, cost, capacity, rise, used in columns:
        turn = float(cost + (rise * used / capacity if capacity > 0 else 0.0))
        parts = (True, float(used), float(cost), turn), (False, float(capacity - used), turn, float(cost + rise))
        least = _ROUNDING * float(capacity) if np.isfinite(capacity) else 0.0
        steps += [Step(offer.channel, offer.sunk, *part) for part in parts if part[1] > least]
    return tuple(sorted(steps, key=lambda step: (not step.used, step.low)))


def marginal(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """Channels that would supply more at a slightly higher price: those of whose offer a part is used.

    Args:
        steps: the merit order.

    Returns:
        Their names; none where each offer is used as a whole or not at all.
    """
    unused = {(step.channel, step.sunk) for step in steps if not step.used}
    return tuple(step.channel for step in steps if step.used and (step.channel, step.sunk) in unused)


def demand_curve(
    found: PooledMarket, lowest_price: float, points: int = 200
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What is wanted at each price up to the highest that anybody pays, at central values.

    Args:
        found: the market at central values.
        lowest_price: where the curve begins, USD/H100e-h.
        points: how many.

    Returns:
        Quantities in H100e in service and prices in USD/H100e-h.
    """
    prices = np.geomspace(lowest_price, float(found.highest_price), points)
    return np.asarray(demanded(price=prices, **found.demand)), prices
