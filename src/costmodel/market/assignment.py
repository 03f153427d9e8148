"""Clearing two workloads that share one stock of accelerators, each unit where it earns most; all draws at once.

Offers are in a table as `clearing` takes them, by the accelerator: annual cost by the hour, how many, and how the cost
rises. In each draw they are put in order by what they are good for, from those that train best against how they infer.
Then the first so many train and the rest infer, or one of them does both: the number is found by halving, since with
more of them in training its price falls and that of inference rises. Where one offer does both, its two uses pay it
the same; that fixes the ratio of the two prices, and at that ratio all is one market.

References:
    Comparative advantage: Ricardo (1817); Dornbusch, Fischer and Samuelson (1977), American Economic Review 67(5).
    Assignment markets: Shapley and Shubik (1971), International Journal of Game Theory 1(1).
"""

import numpy as np
from numpy.typing import NDArray

from costmodel.arrays import Array
from costmodel.market.clearing import (
    Table,
    demand_of,
    layered,
    lowest_price,
    quantities,
    rents,
    row_of,
    spread,
    summed,
    wanted,
    with_rises,
)

Places = NDArray[np.int64]

# Costs that differ by no more than this share are the same, but for the way in which they were computed.
_SAME = 1e-12


def joint_table(**terms: Array) -> Table:
    """Offers by the accelerator, and what one is in service, in one table of shape (5, offers, …).

    Args:
        terms: all costs, then all capacities, all slopes (rise as a share of the cost), all yields in training, and all
            yields in inference. A cost is in USD by the hour in which the reference chip is up, a yield in H100e.
    """
    return with_rises(layered(5, terms))


def assigned(*, offers: Table, **demand: Array) -> Table:
    """Clearing prices of training and of inference, and what each of them uses: `cleared` from terms by name.

    Args:
        offers: a table of `joint_table`.
        demand: `quantity`, `elasticity`, `counterfactual` and `highest_price` of both: `training_quantity` and so on.

    Returns:
        An assignment, as `cleared` gives it.
    """
    names = ("quantity", "elasticity", "counterfactual", "highest_price")
    terms = {f"{task}_{name}": demand[f"{task}_{name}"] for name in names for task in ("training", "inference")}
    return cleared(offers=offers[:3], units=offers[3:], demand=demand_of(**terms))


def cleared(*, offers: Table, units: Table, demand: Table) -> Table:
    """Both prices, and the accelerators that each workload uses.

    Args:
        offers: table of offers by the accelerator, (3, offers, …): cost of the first one by the hour in which the
            reference chip is up (USD), number, rise of the cost along them (USD).
        units: what an accelerator of each offer is in service, on training and on inference: H100e, (2, offers, …).
        demand: table of demand (4, 2, …), for training and for inference.

    Returns:
        Shape (2, 1 + offers, …): for training and for inference the price in USD/H100e-h, then how many accelerators
        of each offer do it.

    Examples:
        Two kinds of accelerator, ten of each: the second infers as well as the first, and hardly trains.

        >>> from costmodel.market.clearing import demand_of, table_of
        >>> offers = table_of(a=2.0, b=1.0, m=10.0, n=10.0, s=0.0, t=0.0)
        >>> units = np.array([[1.0, 0.1], [1.0, 1.0]])
        >>> demand = demand_of(q=8.0, r=8.0, e=0.0, f=0.0, c=1.0, d=1.0, h=9.0, i=9.0)
        >>> cleared(offers=offers, units=units, demand=demand).tolist()
        [[2.0, 8.0, 0.0], [1.0, 0.0, 8.0]]
    """
    shape = np.broadcast_shapes(*(table.shape[2:] for table in (offers, units, demand)))
    stock = _Stock(*(spread(table, shape) for table in (offers, units, demand)))
    count = stock.cut()
    prices = stock.prices(count)
    # Would the last offer that trains rather infer at these prices, it does both.
    last = np.maximum(count - 1, 0)
    trains, infers = stock.ordered(0, last), stock.ordered(1, last)
    both = np.logical_and(count > 0, prices[1] * infers > prices[0] * trains)
    apart = stock.used_apart(count, prices)
    if not np.any(both):
        return np.concatenate([prices[:, None], apart], axis=1)
    shared, used = stock.together(last, infers, trains)
    found: Table = np.concatenate([np.where(both, shared, prices)[:, None], np.where(both, used, apart)], axis=1)
    return found


class _Stock:
    """Offers, what they are good for, and what is wanted, with as many draws."""

    def __init__(self, offers: Table, units: Table, demand: Table) -> None:
        """Put offers in order."""
        self.offers, self.units, self.demand = offers, units, demand
        order = np.argsort(-(units[0] / units[1]), axis=0, kind="stable")
        self._units = np.take_along_axis(units, order[None], axis=1)
        #: Place of each offer in that order.
        self.places: Places = np.argsort(order, axis=0, kind="stable")

    def ordered(self, workload: int, place: Places) -> Table:
        """What an accelerator of the offer at a place in the order is on a workload, H100e."""
        return row_of(self._units[workload], place)

    def table(self, units: Table, taking_part: NDArray[np.bool_]) -> Table:
        """Offers by the H100e: those that take part."""
        costs, numbers, rises = self.offers
        return np.stack([costs / units, np.where(taking_part, numbers, 0.0) * units, rises / units])

    def prices(self, count: Places) -> Table:
        """Prices where so many offers train and the rest infer."""
        return np.stack([self._price(0, self.places < count), self._price(1, self.places >= count)])

    def _price(self, workload: int, taking_part: NDArray[np.bool_]) -> Array:
        offers = self.table(self.units[workload], taking_part)
        return lowest_price(offers=offers, demand=_only(self.demand, workload))

    def cut(self) -> Places:
        """The least number of offers in training at which no further one would rather train."""
        number = len(self.places)
        first, last = np.zeros(self.places.shape[1:], dtype=np.int64), np.full(self.places.shape[1:], number)
        for _ in range(number.bit_length()):
            middle = (first + last) // 2
            training, inference = self.prices(middle)
            following = np.minimum(middle, number - 1)
            more = training * self.ordered(0, following) > inference * self.ordered(1, following)
            last = np.where(more, last, middle)
            first = np.where(more, np.minimum(middle + 1, last), first)
        return last

    def used_apart(self, count: Places, prices: Table) -> Table:
        """Accelerators in use, (2, offers, …), where so many offers train and the rest infer."""
        found = []
        for workload, taking_part in enumerate((self.places < count, self.places >= count)):
            units, demand = self.units[workload], _only(self.demand, workload)
            want = wanted(demand=demand, price=prices[workload])
            used = quantities(offers=self.table(units, taking_part), price=prices[workload], wanted=want)
            found.append(used / units)
        return np.stack(found)

    def together(self, place: Places, infers: Table, trains: Table) -> tuple[Table, Table]:
        """Prices and accelerators in use where the offer at a place does both, those before train, the rest infer.

        All is in units of training: what infers counts by what the offer in both could train instead.
        """
        rate = trains / infers
        sides = (self.places < place, self.places > place)
        value = np.where(sides[1], self.units[1] * rate, self.units[0])
        every = self.table(value, np.ones_like(sides[0]))
        demand = np.stack([self.demand[:, 0], self.demand[:, 1] * _converted(rate)], axis=1)
        price = lowest_price(offers=np.concatenate([every, _unmet(demand)], axis=1), demand=demand)
        every = _within_reach(every, sides, price, demand)
        used = quantities(offers=every, price=price, wanted=wanted(demand=demand, price=price))
        whole = summed(np.where(self.places == place, used, 0.0))
        lacking = [
            np.maximum(wanted(demand=_only(demand, w), price=price) - summed(np.where(side, used, 0.0)), 0.0)
            for w, side in enumerate(sides)
        ]
        # Compared as they were found: the highest price may lose its last digit on the way from one unit to the other.
        highest = price >= demand[3]
        parts = _shared_out(whole, lacking, highest)
        split = [
            np.where(side, used, np.where(self.places == place, part, 0.0)) / value
            for side, part in zip(sides, parts, strict=True)
        ]
        return np.where(highest, self.demand[3], np.stack([price, price * rate])), np.stack(split)


def _shared_out(whole: Array, lacking: list[Array], short: NDArray[np.bool_]) -> list[Array]:
    """Parts of what is used of the offer in both: each workload takes what it lacks.

    Where one goes short, it takes what the other leaves; where both do, each in proportion to what it lacks.
    """
    together = lacking[0] + lacking[1]
    found: list[Array] = []
    for own, other, goes_short in zip(lacking, reversed(lacking), short, strict=True):
        left = np.where(goes_short, whole - np.minimum(other, whole), np.minimum(own, whole))
        part = np.divide(whole * own, together, out=np.zeros_like(left), where=together > 0.0)
        found.append(np.where(short.all(axis=0), part, left))
    return found


def _only(demand: Table, workload: int) -> Table:
    """Demand for one of the workloads."""
    return demand[:, workload : workload + 1]


def _within_reach(
    offers: Table, sides: tuple[NDArray[np.bool_], NDArray[np.bool_]], price: Array, demand: Table
) -> Table:
    """The same offers, of which those that cost just the price offer no more than their own workload takes."""
    costs, numbers, rises = offers
    at_price = (np.abs(costs - price) <= _SAME * price) & (rises == 0.0)
    costs = np.where(at_price, price, costs)
    for workload, side in enumerate(sides):
        own = np.stack([costs, np.where(side, numbers, 0.0), rises])
        taken = quantities(offers=own, price=price, wanted=wanted(demand=_only(demand, workload), price=price))
        numbers = np.where(at_price & side, taken, numbers)
    return np.stack([costs, numbers, rises])


def _converted(rate: Table) -> Table:
    """Factors of the terms of demand from a unit of inference to one of training."""
    return np.stack([rate, np.ones_like(rate), 1.0 / rate, 1.0 / rate])


def _unmet(demand: Table) -> Table:
    """An offer for each use, at its highest price, of all that it wants there: to go without."""
    quantity = np.concatenate([np.asarray(wanted(demand=_only(demand, w), price=np.inf))[None] for w in (0, 1)])
    return np.stack([demand[3], quantity, np.zeros_like(quantity)])


def task_used(*, offers: Table, assignment: Table, task: int) -> Table:
    """What training (0) or inference (1) uses of each offer, H100e in service, shape (offers, …)."""
    found: Table = assignment[task, 1:] * offers[3 + task]
    return found


def task_price(*, assignment: Table, task: int) -> Array:
    """Clearing price of training (0) or inference (1), USD/H100e-h."""
    found: Array = assignment[task, 0]
    return found


def accelerators(*, assignment: Table) -> Table:
    """Accelerators of each offer that are used for either, shape (offers, …)."""
    found: Table = assignment[0, 1:] + assignment[1, 1:]
    return found


def rents_of_both(*, offers: Table, assignment: Table) -> Table:
    """Revenue of each offer from both kinds of work less its marginal cost, USD per hour, shape (offers, …)."""
    used = accelerators(assignment=assignment)
    revenue = sum(task_used(offers=offers, assignment=assignment, task=task) * assignment[task, 0] for task in (0, 1))
    # What is used earns on average this much per accelerator; at that price all of it is worth its cost.
    mean = np.divide(revenue, used, out=np.zeros_like(used), where=used > 0.0)
    return rents(offers=offers[:3], quantities=used, price=mean)
