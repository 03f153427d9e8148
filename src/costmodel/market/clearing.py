"""Clearing a market whose supply is a merit order: price, quantities and rents, all draws at once.

A table of offers has shape (3, offers, …): unit cost of the first unit (USD/H100e-h), capacity (H100e in service), and
by how much the unit cost rises along the capacity (USD/H100e-h; 0 is a step). What follows are the draws.
"""

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from costmodel.arrays import Array
from costmodel.formulas.market import demanded

Table = NDArray[np.float64]

# Newton's method from the left of the root of a rising concave function: it never oversteps, and doubles its digits.
_MOST_STEPS = 100
# In place of 0 where something is divided by it: far below any price and any elasticity.
_TINY = 1e-200
# Share of a price that its rounding, and that of the steps that led to it, may have cost it.
_ROUNDING = 8 * np.finfo(float).eps


def table_of(**terms: Array) -> Table:
    """A table of offers.

    Args:
        terms: all unit costs, then all capacities, then all slopes (rise as a share of the unit cost).

    Examples:
        >>> table_of(a_cost=1.0, b_cost=2.0, a_capacity=5.0, b_capacity=6.0, a_slope=0.0, b_slope=0.5)[2].tolist()
        [0.0, 1.0]
    """
    return with_rises(layered(3, terms))


def numbered(columns: Mapping[str, Sequence[Array]]) -> dict[str, Array]:
    """Columns of offers as the named terms of a table.

    Examples:
        >>> numbered({"cost": [1.0, 2.0], "slope": [0.0, 0.5]})
        {'cost_0': 1.0, 'cost_1': 2.0, 'slope_0': 0.0, 'slope_1': 0.5}
    """
    return {f"{name}_{row}": value for name, column in columns.items() for row, value in enumerate(column)}


def layered(layers: int, terms: Mapping[str, Array]) -> Table:
    """Values as a table of shape (layers, rows, …): all rows of the first layer, then all of the second, and so on."""
    columns = np.broadcast_arrays(*(np.asarray(term, dtype=float) for term in terms.values()))
    table: Table = np.stack(columns).reshape(layers, -1, *columns[0].shape)
    return table


def with_rises(table: Table) -> Table:
    """A table whose third layer has slopes, with how much the unit cost rises in their place; the same array."""
    costs, capacities, slopes = table[:3]
    # An offer without end never gets dearer, however steep: its first part already is more than anybody wants.
    rises = np.where(np.isinf(capacities), 0.0, slopes * np.abs(costs))
    # A rise that is lost in rounding is none.
    table[2] = np.where(rises > _ROUNDING * np.abs(costs), rises, 0.0)
    return table


def aligned(*, offers: Table, **others: Array) -> Table:
    """The same table with as many draws as other values have."""
    return spread(offers, np.broadcast_shapes(offers.shape[2:], *map(np.shape, others.values())))


def spread(table: Table, shape: tuple[int, ...]) -> Table:
    """The same table with so many draws."""
    if shape == table.shape[2:]:
        return table
    columns = table.reshape(*table.shape, *(1,) * (len(shape) + 2 - table.ndim))
    return np.broadcast_to(columns, (*table.shape[:2], *shape))


class Supply:
    """Offers with what every look at them needs, so that a search among prices works it out once."""

    def __init__(self, offers: Table) -> None:
        """Look at which offers rise.

        Args:
            offers: table of offers.
        """
        self.costs, self.capacities, rises = offers
        #: Rows of the offers that rise in some draw, and so have an end of their own.
        self.sloped: NDArray[np.intp] = np.flatnonzero(np.any(rises.reshape(len(rises), -1) > 0.0, axis=1))
        self._rises = rises[self.sloped]
        self._rising = self._rises > 0.0
        #: Marginal cost at the end of each of them, USD/H100e-h.
        self.ends: Table = self.costs[self.sloped] + self._rises
        self._endless = bool(np.isinf(self.capacities).any())

    def taken(self, price: Array, *, strictly: bool = False) -> Table:
        """Share of each offer whose marginal cost is at most a price, or below it.

        Args:
            price: USD/H100e-h.
            strictly: whether a step at just this price is left out.
        """
        above = price - self.costs
        share: Table = np.asarray(above > 0.0 if strictly else above >= 0.0).astype(float)
        if self.sloped.size:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                part = np.where(self._rising, above[self.sloped] / self._rises, share[self.sloped])
            # All of a slope is taken at its end as `lowest_price` marks it: the quotient may fall short by rounding.
            end = self._rising & (price >= self.ends)
            share[self.sloped] = np.where(end, 1.0, np.minimum(np.maximum(part, 0.0), 1.0))
        return share

    def parts(self, share: Table) -> Table:
        """Shares of capacities, of which some may be infinite."""
        with np.errstate(invalid="ignore"):
            found: Table = share * self.capacities
        return np.where(share > 0.0, found, 0.0) if self._endless else found

    def offered(self, price: Array, *, strictly: bool = False) -> Array:
        """Compute on offer at a price, H100e: with everything at just this price, or without."""
        return summed(self.parts(self.taken(price, strictly=strictly)))


def supplied(*, offers: Table, price: Array) -> Array:
    """Compute on offer at a price, with everything at just this price, H100e.

    Args:
        offers: table of offers.
        price: USD/H100e-h.
    """
    return Supply(offers).offered(price)


def summed(table: Table) -> Array:
    """Sum of rows, one after another: the same digits however many draws there are."""
    found: Array = reduce(np.add, table)
    return found


def demand_of(**terms: Array) -> Table:
    """A table of demand, of one or several uses that are added up: shape (4, uses, …).

    Args:
        terms: all quantities D₀ wanted at the cost without controls (H100e in service), then all elasticities η, then
            all costs without controls π₀, then all highest prices π_max (USD/H100e-h).
    """
    return layered(4, terms)


def wanted(*, demand: Table, price: Array) -> Array:
    """Demand at a price, H100e in service; above the highest price of a use as much as there.

    Args:
        demand: table of demand.
        price: USD/H100e-h.
    """
    return summed(_by_use(demand, price))


def _by_use(demand: Table, price: Array) -> Table:
    quantity, elasticity, counterfactual, most = demand
    capped = np.minimum(price, most)
    found: Table = demanded(price=capped, quantity=quantity, elasticity=elasticity, counterfactual=counterfactual)  # type: ignore[assignment]
    return found


def clearing_price(
    *, offers: Table, quantity: Array, elasticity: Array, counterfactual: Array, highest_price: Array
) -> Array:
    """The lowest price at which supply can meet demand, or the highest that anybody pays.

    Args:
        offers: table of offers.
        quantity: D₀, H100e in service wanted at the cost without controls.
        elasticity: η.
        counterfactual: π₀, USD/H100e-h.
        highest_price: π_max, USD/H100e-h.

    Returns:
        USD/H100e-h.

    Examples:
        >>> offers = table_of(a=1.0, b=2.0, n=60.0, m=60.0, s=0.0, t=0.0)
        >>> demand = {"quantity": 100.0, "elasticity": 0.0, "counterfactual": 1.0, "highest_price": 5.0}
        >>> float(clearing_price(offers=offers, **demand))
        2.0
    """
    demand = demand_of(a=quantity, b=elasticity, c=counterfactual, d=highest_price)
    shape = np.broadcast_shapes(offers.shape[2:], demand.shape[2:])
    return lowest_price(offers=spread(offers, shape), demand=spread(demand, shape))


def lowest_price(*, offers: Table, demand: Table) -> Array:
    """The lowest price at which supply can meet demand, or the highest that anybody pays.

    The price is looked for among the marginal costs at which offers begin and end, by halving, and between two of them,
    where supply is a straight line, level or rising, by Newton's method.

    Args:
        offers: table of offers.
        demand: table of demand, with as many draws; beyond the highest price of a use it is no less, so that of
            several uses each needs an offer of as much at that price.

    Returns:
        USD/H100e-h.
    """
    shape, supply = offers.shape[2:], Supply(offers)
    most = demand[3].max(axis=0)
    marks = np.minimum(np.concatenate([supply.costs, supply.ends, demand[3]]), most)
    marks.sort(axis=0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        first = np.zeros(shape, dtype=np.int64)
        last = np.full(shape, len(marks) - 1)
        for _ in range((len(marks) - 1).bit_length()):
            middle = (first + last) // 2
            price = row_of(marks, middle)
            enough = supply.offered(price) >= wanted(demand=demand, price=price)
            last = np.where(enough, middle, last)
            first = np.where(enough, first, np.minimum(middle + 1, last))
        upper, lower = row_of(marks, last), row_of(marks, np.maximum(last - 1, 0))
        return _between(supply, lower, upper, demand)


def row_of(table: Table, row: NDArray[np.int64]) -> Table:
    """In each draw, the row of a table that is asked for there."""
    found: Table = np.take_along_axis(table, row[None], axis=0)[0]
    return found


def _between(supply: Supply, lower: Table, upper: Table, demand: Table) -> Array:
    """Where demand crosses supply between two marks, which rises in a straight line or is flat; else the upper mark."""
    least, most = supply.offered(lower), supply.offered(upper, strictly=True)
    within = np.logical_and(lower < upper, most >= wanted(demand=demand, price=upper))
    if not np.any(within):
        return upper
    gradient = np.where(within, (most - least) / np.where(within, upper - lower, 1.0), 0.0)
    # At a price of nothing elastic demand is without end, so that the search begins above it.
    elastic = (demand[1] > 0.0).any(axis=0)
    start = np.where(elastic, np.clip(_selling(most, demand), np.maximum(lower, _TINY), upper), lower)
    price = np.where(within, start, upper)
    moving = within
    for _ in range(_MOST_STEPS):
        uses = _by_use(demand, price)
        excess = least + gradient * (price - lower) - summed(uses)
        falling = summed(np.where((price < demand[3]) & (demand[1] > 0.0), demand[1] * uses / price, 0.0))
        better = np.minimum(price - excess / (gradient + falling), upper)
        # A draw that has arrived stays, so that its digits do not depend on which others are computed with it.
        moving = np.logical_and(moving, better > price)
        if not np.any(moving):
            break
        price = np.where(moving, better, price)
    return price


def _selling(supply: Array, demand: Table) -> Array:
    """Price at which one of the uses takes up a supply; no price that clears the market with no more is below it."""
    quantity, elasticity, counterfactual, _ = demand
    rise = np.power(quantity / supply, 1.0 / np.maximum(elasticity, _TINY))
    found: Array = (np.where(np.isnan(rise), 0.0, rise) * counterfactual).max(axis=0)
    return found


def quantities(*, offers: Table, price: Array, wanted: Array) -> Table:
    """What is used of each offer, H100e in service; offers at just the clearing price in proportion to capacity.

    Args:
        offers: table of offers.
        price: clearing price, USD/H100e-h.
        wanted: demand at that price, H100e in service.

    Examples:
        >>> offers = table_of(a=1.0, b=2.0, c=2.0, k=60.0, l=30.0, m=10.0, s=0.0, t=0.0, u=0.0)
        >>> quantities(offers=offers, price=2.0, wanted=80.0).tolist()
        [60.0, 15.0, 5.0]
    """
    capacities, supply = offers[1], Supply(offers)
    below = supply.taken(price, strictly=True)
    used = supply.parts(below)
    at_price = np.where((offers[0] == price) & (below == 0.0) & (offers[2] == 0.0), capacities, 0.0)
    endless = np.isinf(at_price)
    weights = np.where(endless.any(axis=0), endless.astype(float), at_price)
    together, missing = summed(weights), np.maximum(wanted - summed(used), 0.0)
    rationed = np.minimum(missing, summed(at_price))
    used += weights * np.divide(rationed, together, out=np.zeros_like(together), where=together > 0.0)
    return _made_up(offers, used, price, wanted) if offers[2].any() else used


def _made_up(offers: Table, used: Table, price: Array, wanted: Array) -> Table:
    """What is used, with what a slope that is nearly a step loses or gains since prices are rounded."""
    costs, capacities, rises = offers
    partly = (rises > 0.0) & (price >= costs) & (price <= costs + rises)
    by_price = np.divide(capacities, rises, out=np.zeros_like(used), where=partly)
    together = summed(by_price)
    # Where more is missing than rounding explains, it is not on offer.
    most = _ROUNDING * np.abs(price) * together
    missing = wanted - summed(used)
    change = np.where(np.abs(missing) <= most, missing, 0.0)
    parts = by_price * np.divide(change, together, out=np.zeros_like(together), where=together > 0.0)
    found: Table = np.clip(used + parts, 0.0, capacities)
    return found


def is_scarce(*, offers: Table, price: Array, wanted: Array, highest_price: Array) -> Array:
    """1 where the price stands at the highest that anybody pays and less is on offer than is wanted there; else 0."""
    short = supplied(offers=offers, price=price) < wanted
    found: Array = np.asarray((price >= highest_price) & short).astype(float)
    return found


def rents(*, offers: Table, quantities: Table, price: Array) -> Table:
    """Rent of what is used of each offer, ∫(π* − marginal cost)dq: H100e·USD/H100e-h.

    Args:
        offers: table of offers.
        quantities: what is used of each, H100e in service.
        price: clearing price, USD/H100e-h.
    """
    costs, capacities, rises = offers
    share = np.divide(quantities, capacities, out=np.zeros_like(quantities), where=capacities > 0.0)
    found: Table = np.maximum(quantities * (price - costs - rises * share / 2.0), 0.0)
    return found


def worth_of_capacity(*, offers: Table, price: Array) -> Table:
    """Rent that one more H100e of each offer's capacity would earn: its shadow price, USD/H100e-h.

    Args:
        offers: table of offers.
        price: clearing price, USD/H100e-h.

    References:
        By the envelope theorem; in a linear programme, the dual value of the capacity constraint.

    Examples:
        >>> worth_of_capacity(offers=table_of(a=1.0, b=4.0, n=5.0, m=5.0, s=0.0, t=0.0), price=3.0).tolist()
        [2.0, 0.0]
    """
    costs, _, rises = offers
    share = Supply(offers).taken(price, strictly=True)
    found: Table = share * np.maximum(price - costs - rises * share / 2.0, 0.0)
    return found


def each_divided(*, table: Table, **by: Array) -> Table:
    """Each row of a table divided by a value of its own."""
    found: Table = np.stack([row / value for row, value in zip(table, by.values(), strict=True)])
    return found
