"""Markets at random, and two other ways to clear them: a linear programme, and plain loops with halving."""

from math import inf

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linprog

#: Hypothesis draws a seed, numpy the market: it shrinks less well and says all there is to say.
SEEDS = st.integers(0, 2**32 - 1)


def random_table(random, offers, draws, *, slopes=True, round_numbers=False):
    """Offers in random draws, (3, offers, draws): some of nothing; in round numbers there are ties."""
    shape = (offers, draws)
    costs, capacities = random.uniform(0.2, 9.0, shape), random.uniform(0.0, 50.0, shape)
    if round_numbers:
        costs, capacities = np.ceil(costs), np.ceil(capacities / 10.0) * 10.0
    capacities[random.random(shape) < 0.15] = 0.0
    rises = np.where(random.random(shape) < 0.7, random.uniform(0.0, 6.0, shape), 0.0) if slopes else np.zeros(shape)
    return np.stack([costs, capacities, rises])


def random_demand(random, draws, *, elastic=True, round_numbers=False):
    """Demand in random draws by the names that `clearing` takes; scarcity and plenty among them."""
    quantity = random.uniform(1.0, 250.0, draws)
    if round_numbers:
        quantity = np.ceil(quantity / 10.0) * 10.0
    counterfactual = random.uniform(0.5, 3.0, draws)
    elasticity = np.where(random.random(draws) < 0.8, random.uniform(0.0, 3.0, draws), 1.0) if elastic else 0.0
    choke = counterfactual * random.uniform(1.0, 6.0, draws)
    choke = np.ceil(choke) if round_numbers else choke
    terms = {"quantity": quantity, "elasticity": np.broadcast_to(elasticity, draws).copy()}
    return terms | {"counterfactual": counterfactual, "highest_price": choke}


def one_draw(demand, draw):
    """Demand in one of the draws, as floats."""
    return {name: float(value[draw]) for name, value in demand.items()}


# -- linear programmes -----------------------------------------------------------------------------------------------


def programme(costs, capacities, quantity, choke):
    """The least that it takes to meet a fixed demand, where what is not met is paid for at the choke price.

    Returns:
        HiGHS's result: x is what is used of each offer and what is not met; eqlin.marginals is the price.
    """
    bounds = [(0.0, each if each < inf else None) for each in (*capacities, inf)]
    found = linprog([*costs, choke], A_eq=np.ones((1, len(costs) + 1)), b_eq=[quantity], bounds=bounds, method="highs")
    assert found.status == 0
    return found


def programme_apart(annual, accelerators, units, quantities, chokes):
    """The same for two workloads that share accelerators.

    Args:
        annual: cost of each offer's accelerators.
        accelerators: how many of each.
        units: what one is on each workload, (2, offers).
        quantities: what is wanted of each workload.
        chokes: price of what is not met, of each.

    Returns:
        HiGHS's result: x are accelerators of each offer on the first workload, then on the second, then what is not
        met of each; eqlin.marginals are the prices, ineqlin.marginals minus the worth of one more accelerator.
    """
    offers = len(annual)
    meets = np.zeros((2, 2 * offers + 2))
    meets[0, :offers], meets[1, offers:-2] = units
    meets[0, -2] = meets[1, -1] = 1.0
    holds = np.hstack([np.eye(offers), np.eye(offers), np.zeros((offers, 2))])
    limited = np.isfinite(accelerators)
    found = linprog(
        [*annual, *annual, *chokes], A_ub=holds[limited], b_ub=accelerators[limited], A_eq=meets, b_eq=quantities,
        method="highs",
    )  # fmt: skip
    assert found.status == 0
    return found


# -- plain loops -----------------------------------------------------------------------------------------------------


def supply_at(offers, price, *, with_ties=True):
    """Supply of [(cost, capacity, rise)] at a price, by plain arithmetic."""
    whole = 0.0
    for cost, capacity, rise in offers:
        if rise > 0:
            whole += capacity * min(max((price - cost) / rise, 0.0), 1.0)
        elif cost < price or (with_ties and cost == price):
            whole += capacity
    return whole


def demand_at(price, quantity, elasticity, counterfactual):
    """Demand at a price."""
    return quantity * (price / counterfactual) ** -elasticity


def halved(offers, quantity, elasticity, counterfactual, highest_price):
    """The lowest price at which supply meets demand, by halving, and how much of each offer is used."""
    low, high = 0.0, highest_price
    for _ in range(200):
        middle = (low + high) / 2
        enough = supply_at(offers, middle) >= demand_at(middle, quantity, elasticity, counterfactual)
        low, high = (low, middle) if enough else (middle, high)
    # Halving ends a hair beside a step: what costs as much as the price, to some digits, stands at the margin.
    margin = [abs(cost - high) < 1e-9 and rise == 0 for cost, _, rise in offers]
    sure = [(0.0 if at else supply_at([offer], high)) for offer, at in zip(offers, margin, strict=True)]
    missing = max(demand_at(high, quantity, elasticity, counterfactual) - sum(sure), 0.0)
    waiting = sum(offer[1] for offer, at in zip(offers, margin, strict=True) if at)
    part = min(missing / waiting, 1.0) if waiting else 0.0
    return high, [part * offer[1] if at else used for offer, at, used in zip(offers, margin, sure, strict=True)]


def integral(function, low, high, parts=4000):
    """Area under a function by the midpoints of many parts."""
    width = (high - low) / parts
    return width * sum(function(low + (part + 0.5) * width) for part in range(parts))
