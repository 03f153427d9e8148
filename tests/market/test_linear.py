"""Without slopes and elasticity the market is a linear programme: it must clear as HiGHS solves it.

What is not served costs the choke price, so that the programme has a solution whatever is on offer.
"""

from functools import cache

import numpy as np
import pytest
from scipy.optimize import linprog

from costmodel.market import clearing

OFFERS = 6
#: Draws of each sort: a few on every run, many on full ones.
COUNTS = [40, pytest.param(300, marks=pytest.mark.slow)]
#: Steps of demand small enough to stay within whole capacities, and exact in binary.
STEP = 0.25


def whole_numbers(random, each):
    """Costs and capacities in whole numbers: ties, offers at the choke price, capacities of 0, demand at a corner."""
    return {
        "costs": random.integers(1, 6, (OFFERS, each)).astype(float),
        "capacities": random.integers(0, 5, (OFFERS, each)).astype(float),
        "quantity": random.integers(1, 16, each).astype(float),
        "highest_price": random.integers(2, 8, each).astype(float),
    }


def real_numbers(random, each):
    """Nothing ties; a third of the capacities is 0, and some demand is beyond all supply."""
    capacities = random.lognormal(0.0, 1.0, (OFFERS, each)) * (random.random((OFFERS, each)) > 1 / 3)
    return {
        "costs": random.lognormal(0.0, 0.5, (OFFERS, each)),
        "capacities": capacities,
        "quantity": random.uniform(0.05, 1.2, each) * capacities.sum(axis=0) + 0.1,
        "highest_price": random.uniform(1.0, 6.0, each),
    }


def solved(case, draw, more=0.0):
    """One draw by HiGHS: the last variable is what is not served."""
    capacities = case["capacities"][:, draw]
    return linprog(
        [*case["costs"][:, draw], case["highest_price"][draw]],
        A_eq=np.ones((1, OFFERS + 1)),
        b_eq=[case["quantity"][draw] + more],
        bounds=[*((0.0, most) for most in capacities), (0.0, None)],
        method="highs",
    )


BOTH = pytest.mark.parametrize("make", [whole_numbers, real_numbers])
pytestmark = pytest.mark.parametrize("count", COUNTS)


@cache
def cleared(make, count):
    """Draws, their market cleared all at once, and HiGHS's solution of each."""
    case = make(np.random.default_rng(1), count)
    offers = np.stack([case["costs"], case["capacities"], np.zeros((OFFERS, count))])
    demand = {"quantity": case["quantity"], "elasticity": 0.0, "counterfactual": 1.0}
    price = clearing.clearing_price(offers=offers, **demand, highest_price=case["highest_price"])
    used = clearing.quantities(offers=offers, price=price, wanted=case["quantity"])
    return case, offers, price, used, [solved(case, draw) for draw in range(count)]


@BOTH
def test_objective_is_that_of_the_programme(make, count):
    case, offers, _, used, found = cleared(make, count)
    unserved = case["quantity"] - used.sum(axis=0)
    objective = (offers[0] * used).sum(axis=0) + case["highest_price"] * unserved
    assert objective == pytest.approx([each.fun for each in found], rel=1e-9)


@BOTH
def test_scarce_draws_are_those_in_which_something_is_not_served(make, count):
    """But for offers at just the choke price, between which and doing without the programme is indifferent."""
    case, offers, price, _, found = cleared(make, count)
    highest = case["highest_price"]
    scarce = clearing.is_scarce(offers=offers, price=price, wanted=case["quantity"], highest_price=highest)
    short = np.array([each.x[-1] > 1e-9 for each in found])
    apart = ((offers[0] == highest) & (offers[1] > 0)).any(axis=0)
    assert 0.1 < scarce.mean() < 0.9
    assert np.array_equal(scarce[~apart].astype(bool), short[~apart])
    assert np.all(price[scarce == 1] == highest[scarce == 1])


@BOTH
def test_allocation_is_that_of_the_programme_up_to_ties(make, count):
    case, offers, _, used, found = cleared(make, count)
    for draw, each in enumerate(found):
        costs, capacities, _ = offers[:, :, draw]
        for cost in set(costs) - {case["highest_price"][draw]}:
            tied = costs == cost
            assert used[tied, draw].sum() == pytest.approx(each.x[:-1][tied].sum(), abs=1e-8)
            # Among those at the same cost, all are used to the same degree.
            offered = tied & (capacities > 0)
            shares = used[offered, draw] / capacities[offered]
            assert shares == pytest.approx(np.full(len(shares), shares[0]) if len(shares) else [])


def test_price_is_the_dual_value_of_demand(count):
    """Where nothing ties, there is one."""
    *_, price, _, found = cleared(real_numbers, count)
    assert price == pytest.approx([each.eqlin.marginals[0] for each in found], rel=1e-12)


def test_price_is_the_lower_end_of_the_interval_of_dual_values(count):
    """At a corner, one unit less saves the cost of the last one used, and one more costs that of the next."""
    case, _, price, _, found = cleared(whole_numbers, count)
    corners = 0
    for draw, each in enumerate(found):
        low = (each.fun - solved(case, draw, -STEP).fun) / STEP
        high = (solved(case, draw, STEP).fun - each.fun) / STEP
        corners += high > low + 1e-9
        assert price[draw] == pytest.approx(low, rel=1e-9)
        assert price[draw] <= high + 1e-9
    assert corners > count / 20


def test_worth_of_capacity_is_the_dual_value_of_its_bound(count):
    *_, offers, price, _, found = cleared(real_numbers, count)
    worth = clearing.worth_of_capacity(offers=offers, price=price)
    theirs = -np.array([each.upper.marginals[:-1] for each in found]).T
    # Without capacity both bounds are 0, and HiGHS may charge either.
    there = offers[1] > 0
    assert worth[there] == pytest.approx(theirs[there], abs=1e-9)
    assert 0.2 < (worth[there] > 0).mean() < 0.95


@BOTH
def test_rents_are_worth_of_capacity_times_capacity(make, count):
    """What the dual programme says: all capacities at their worth, with demand at its price, make the objective."""
    case, offers, price, used, found = cleared(make, count)
    worth = (clearing.worth_of_capacity(offers=offers, price=price) * offers[1]).sum(axis=0)
    rents = clearing.rents(offers=offers, quantities=used, price=price).sum(axis=0)
    assert rents == pytest.approx(worth, abs=1e-9)
    assert price * case["quantity"] - worth == pytest.approx([each.fun for each in found], rel=1e-9)
