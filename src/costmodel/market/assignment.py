"""Two kinds of work served by one stock of chips: each unit goes where it earns most, all draws at once.

A table of offers has shape (5, offers, …): cost of the first unit (USD per accelerator-hour), capacity (accelerators),
by how much the cost rises along the capacity, and the H100e in service of training and of inference that one
accelerator is. An assignment has shape (2, 1 + offers, …): for training and for inference the price, USD/H100e-h, and
the accelerators of each offer that it uses.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from costmodel.arrays import Array
from costmodel.formulas.market import demanded
from costmodel.market.clearing import Table, aligned, clearing_price, parts, quantities, rents, taken

# Halvings of the range in which the price of training is looked for: what is left of it is 1e-13.
_HALVINGS = 44
# An offer without end is one of so many times all that is wanted.
_ENDLESS = 1e9


class _Split(NamedTuple):
    """What happens at a price of training.

    Attributes:
        excess: supply of training less demand, H100e.
        training: accelerators that training would pay for and inference leaves.
        inference: accelerators that inference uses.
        price: of inference, USD/H100e-h.
    """

    excess: Array
    training: Table
    inference: Table
    price: Array


def joint_table(**terms: Array) -> Table:
    """A table of offers.

    Args:
        terms: all costs, then all capacities, all slopes (rise as a share of the cost), all yields in training, and all
            yields in inference.
    """
    columns = np.broadcast_arrays(*(np.asarray(term, dtype=float) for term in terms.values()))
    table: Table = np.stack(columns).reshape(5, -1, *columns[0].shape)
    table[2] *= np.abs(table[0])
    return table


def assigned(*, offers: Table, **demand: Array) -> Table:
    """Clearing prices of training and of inference, and what each of them uses.

    At a price of training, its value is what an accelerator forgoes in inference: inference is cleared with offers at
    the higher of this and their cost, and leaves the rest to training. The excess of training rises with its price,
    which is found by halving; where it jumps, since an offer changes sides as a whole, what is used lies between
    the two sides of the jump, in such a proportion that training clears.

    Args:
        offers: table of offers, shape (5, offers, …).
        demand: `quantity`, `elasticity`, `counterfactual` and `highest_price` of both: `training_quantity` and so on.

    Returns:
        An assignment, shape (2, 1 + offers, …).

    References:
        Comparative advantage: Dornbusch, Fischer & Samuelson (1977), American Economic Review 67(5).

    Examples:
        >>> offers = joint_table(a=1.0, b=1.0, n=10.0, m=10.0, s=0.0, t=0.0, at=2.0, bt=1.0, ai=1.0, bi=4.0)
        >>> wanted = {"quantity": 10.0, "elasticity": 0.0, "counterfactual": 1.0, "highest_price": 5.0}
        >>> both = {f"{task}_{name}": x for task in ("training", "inference") for name, x in wanted.items()}
        >>> assigned(offers=offers, **both)[:, 1:].round(6).tolist()
        [[5.0, 0.0], [0.0, 2.5]]
    """
    training = {name.removeprefix("training_"): x for name, x in demand.items() if name.startswith("training_")}
    inference = {name.removeprefix("inference_"): x for name, x in demand.items() if name.startswith("inference_")}
    offers = aligned(offers=offers, **demand)
    offers, yields = offers[:3], offers[3:]
    most = sum(terms["quantity"] / yields[row].min(axis=0) for row, terms in enumerate((training, inference)))
    offers = np.stack([offers[0], np.minimum(offers[1], _ENDLESS * most), offers[2]])
    shape = offers.shape[2:]
    low, high = np.zeros(shape), np.broadcast_to(np.asarray(training["highest_price"], dtype=float), shape)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        enough = _split(offers, yields, middle, training, inference).excess >= 0.0
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    below, above = (_split(offers, yields, price, training, inference) for price in (low, high))
    gap = above.excess - below.excess
    weight = np.divide(-below.excess, gap, out=np.ones(shape), where=(above.excess > 0.0) & (gap > 0.0))
    used = [(1.0 - weight) * a + weight * b for a, b in zip(below[1:3], above[1:3], strict=True)]
    return np.stack([np.stack([price, *row]) for price, row in zip((high, above.price), used, strict=True)])


def _split(
    offers: Table, yields: Table, price: Array, training: Mapping[str, Array], inference: Mapping[str, Array]
) -> _Split:
    costs, capacities, rises = offers
    worth = price * yields[0]
    share = taken(offers=offers, price=worth)
    cheap, dear = parts(share, capacities), parts(1.0 - share, capacities)
    table = np.stack(
        [
            np.concatenate([worth / yields[1], (costs + rises * share) / yields[1]]),
            np.concatenate([cheap * yields[1], dear * yields[1]]),
            np.concatenate([np.zeros_like(rises), rises * (1.0 - share) / yields[1]]),
        ]
    )
    found = clearing_price(offers=table, **inference)
    terms = {name: inference[name] for name in ("quantity", "elasticity", "counterfactual")}
    used = quantities(offers=table, price=found, wanted=demanded(price=found, **terms))
    first, rest = used[: len(costs)] / yields[1], used[len(costs) :] / yields[1]
    left = cheap - first
    terms = {name: training[name] for name in ("quantity", "elasticity", "counterfactual")}
    with np.errstate(divide="ignore"):
        excess = (left * yields[0]).sum(axis=0) - demanded(price=price, **terms)
    return _Split(excess, left, first + rest, found)


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
