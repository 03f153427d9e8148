"""Clearing with slopes and elastic demand: against a solution by bisection, and properties of any market."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.formulas.market import demanded
from costmodel.market import clearing
from strategies import seeds

OFFERS, DRAWS = 5, 24


def tables(seed, *, elastic=False):
    """Random offers and demand: steps and slopes, ties, capacities of 0 and without end, demand of every elasticity."""
    random = np.random.default_rng(seed)

    def some(choices, size):
        return np.choose(random.integers(len(choices), size=size), [np.broadcast_to(x, size) for x in choices])

    size = (OFFERS, DRAWS)
    costs = some([random.integers(1, 5, size), random.uniform(0.2, 6.0, size)], size)
    capacities = some([0.0, random.integers(0, 9, size), random.uniform(0.0, 20.0, size)], size)
    capacities = np.where(random.random(size) < 0.03, inf, capacities)
    slopes = some([0.0, 0.0, random.uniform(0.0, 2.0, size), 1.0, 1e-9, 1e3], size)
    # Whole tables of steps take a way of their own.
    slopes *= random.random() < 0.8
    terms = dict(enumerate([*costs, *capacities, *slopes]))
    elasticities = (
        [0.0, 0.0, 1.0, random.uniform(0.0, 3.0, DRAWS)] if not elastic else [random.uniform(0.1, 3.0, DRAWS)]
    )
    demand = {
        "quantity": some([random.integers(1, 30, DRAWS), random.uniform(0.1, 60.0, DRAWS)], DRAWS).astype(float),
        "elasticity": random.uniform(0.1, 3.0, DRAWS) if elastic else some(elasticities, DRAWS),
        "counterfactual": random.uniform(0.5, 3.0, DRAWS),
    }
    highest = demand["counterfactual"] * some([1.0, 2.0, random.uniform(1.0, 8.0, DRAWS)], DRAWS)
    return clearing.table_of(**{f"x{key}": value for key, value in terms.items()}), demand, highest


def price_of(offers, demand, highest):
    return clearing.clearing_price(offers=offers, **demand, highest_price=highest)


def used_of(offers, demand, price):
    return clearing.quantities(offers=offers, price=price, wanted=demanded(price=price, **demand))


def one(offers, demand, draw):
    """A draw as plain numbers."""
    return offers[:, :, draw].T.tolist(), {name: float(value[draw]) for name, value in demand.items()}


def on_offer(offers, price):
    """Most that is supplied at a price, unit by unit up to it."""
    found = 0.0
    for cost, capacity, rise in offers:
        if price >= cost and capacity > 0:
            found += capacity if price >= cost + rise else capacity * (price - cost) / rise
    return found


def by_bisection(offers, demand, highest):
    """The lowest price at which supply can meet demand."""

    def enough(price):
        wanted = demand["quantity"] * (price / demand["counterfactual"]) ** -demand["elasticity"]
        return on_offer(offers, price) >= wanted

    if not enough(highest):
        return highest
    low, high = 1e-9, highest
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


# -- against a solution by bisection -----------------------------------------------------------------------------------


@given(seed=seeds())
def test_price_is_that_of_bisection(seed):
    offers, demand, highest = tables(seed)
    price = price_of(offers, demand, highest)
    for draw in range(DRAWS):
        assert price[draw] == pytest.approx(by_bisection(*one(offers, demand, draw), highest[draw]), rel=1e-10)


def test_price_where_demand_crosses_a_flat_part_of_supply():
    """Nothing is on offer between 1 and 4: the price rises until no more is wanted than is offered."""
    offers = clearing.table_of(a=1.0, b=4.0, n=50.0, m=50.0, s=0.0, t=0.0)
    demand = {"quantity": np.array([40.0, 100.0, 150.0, 220.0]), "elasticity": 1.0, "counterfactual": 1.0}
    price = price_of(offers, demand, 9.0)
    assert price == pytest.approx([1.0, 2.0, 3.0, 4.0], rel=1e-15)
    used = used_of(clearing.aligned(offers=offers, **demand), demand, price)
    assert used == pytest.approx(np.array([[40.0, 50.0, 50.0, 50.0], [0.0, 0.0, 0.0, 5.0]]), rel=1e-14)


def test_price_on_a_slope():
    """60 units from 1 to 3 and, from 2 on, 40 more at 2: by hand."""
    offers = clearing.table_of(a=1.0, b=2.0, n=60.0, m=40.0, s=2.0, t=0.0)
    inelastic = {"elasticity": 0.0, "counterfactual": 1.0}
    quantity = np.array([15.0, 30.0, 50.0, 70.0, 85.0, 100.0])
    price = price_of(offers, {"quantity": quantity, **inelastic}, 9.0)
    assert price == pytest.approx([1.5, 2.0, 2.0, 2.0, 2.5, 3.0], rel=1e-14)
    used = clearing.quantities(offers=clearing.aligned(offers=offers, q=quantity), price=price, wanted=quantity)
    assert used == pytest.approx(np.array([[15.0, 30, 30, 30, 45, 60], [0.0, 0, 20, 40, 40, 40]]), rel=1e-13)
    # The triangle between the price and the marginal cost.
    rents = clearing.rents(offers=clearing.aligned(offers=offers, q=quantity), quantities=used, price=price)
    assert rents[0] == pytest.approx([15 * 0.25, *[30 * 0.5] * 3, 45 * 0.75, 60 * 1.0], rel=1e-13)
    assert rents[1] == pytest.approx([0.0, 0.0, 0.0, 0.0, 20.0, 40.0], abs=1e-12)


# -- properties --------------------------------------------------------------------------------------------------------


@given(seed=seeds())
def test_what_is_used_is_what_is_wanted_or_all_there_is(seed):
    offers, demand, highest = tables(seed)
    price = price_of(offers, demand, highest)
    wanted, used = demanded(price=price, **demand), used_of(offers, demand, price)
    assert np.all(used >= 0)
    assert np.all(used <= offers[1] * (1 + 1e-12))
    assert np.all(used[offers[0] > price] == 0)
    # Next to a step a slope's supply moves with the last digit of the price.
    most = np.array([on_offer(one(offers, demand, draw)[0], price[draw] * (1 + 1e-14)) for draw in range(DRAWS)])
    assert used.sum(axis=0) == pytest.approx(np.minimum(wanted, most), rel=1e-9)
    scarce = clearing.is_scarce(offers=offers, price=price, wanted=wanted, highest_price=highest)
    assert np.array_equal(scarce == 1, (price == highest) & (most < wanted))
    assert np.all((scarce == 1) | (np.abs(used.sum(axis=0) - wanted) <= 1e-9 * wanted))


@given(seed=seeds())
def test_rents_are_what_is_paid_less_marginal_cost(seed):
    offers, demand, highest = tables(seed)
    price = price_of(offers, demand, highest)
    used = used_of(offers, demand, price)
    rents = clearing.rents(offers=offers, quantities=used, price=price)
    assert np.all(rents >= 0)
    # Offer by offer, by the midpoint rule, which is exact on a straight line.
    for (cost, capacity, rise), q, rent, p in zip(
        offers.reshape(3, -1).T, used.ravel(), rents.ravel(), np.tile(price, OFFERS), strict=True
    ):
        middles = (np.arange(50) + 0.5) / 50 * q
        margin = p - cost - (rise * middles / capacity if capacity > 0 else 0.0)
        assert rent == pytest.approx(margin.sum() * q / 50, rel=1e-9, abs=1e-9 * p * (q + 1))


@given(seed=seeds(), row=st.integers(0, OFFERS - 1), more=st.floats(0.01, 50.0))
def test_more_capacity_never_raises_the_price(seed, row, more):
    """Of an offer with some already, or of one that was closed; along a slope the first units must not get dearer."""
    offers, demand, highest = tables(seed)
    before = price_of(offers, demand, highest)
    larger = offers.copy()
    larger[1, row] += more
    after = price_of(larger, demand, highest)
    assert np.all(after <= before * (1 + 1e-12))
    closed = offers.copy()
    closed[1, row] = 0.0
    assert np.all(price_of(closed, demand, highest) >= before * (1 - 1e-12))


@given(seed=seeds(), by=st.floats(-1e-7, 1e-7))
def test_price_is_continuous_where_demand_is_elastic(seed, by):
    """A change of all terms by 10⁻⁷ moves demand by no more than some 10⁻⁶, and the price by no more than that by η."""
    offers, demand, highest = tables(seed, elastic=True)
    random = np.random.default_rng(seed)

    def moved(values):
        return values * (1 + by * random.uniform(-1, 1, np.shape(values)))

    before = price_of(offers, demand, highest)
    after = price_of(moved(offers), {name: moved(value) for name, value in demand.items()}, moved(highest))
    allowed = 1e-6 * (1 + 1 / demand["elasticity"])
    assert np.all(np.abs(np.log(after / before)) <= allowed)


@given(seed=seeds(), pieces=st.sampled_from([1, 3, 7]))
def test_draws_do_not_depend_on_those_beside_them(seed, pieces):
    """Whatever the size of a block, and alone, the bits are the same."""
    offers, demand, highest = tables(seed)
    price = price_of(offers, demand, highest)
    used = used_of(offers, demand, price)
    for start in range(0, DRAWS, pieces):
        part = slice(start, start + pieces)
        few = {name: value[part] for name, value in demand.items()}
        assert np.array_equal(price_of(offers[..., part], few, highest[part]), price[part])
        assert np.array_equal(used_of(offers[..., part], few, price[part]), used[:, part])


@given(seed=seeds())
def test_numbers_give_what_arrays_give(seed):
    offers, demand, highest = tables(seed)
    price = price_of(offers, demand, highest)
    for draw in range(DRAWS):
        alone = {name: float(value[draw]) for name, value in demand.items()}
        assert float(price_of(offers[:, :, draw], alone, float(highest[draw]))) == price[draw]


@given(seed=seeds())
def test_order_of_offers_does_not_matter(seed):
    offers, demand, highest = tables(seed)
    order = np.random.default_rng(seed).permutation(OFFERS)
    price = price_of(offers, demand, highest)
    assert price_of(offers[:, order], demand, highest) == pytest.approx(price, rel=1e-12)
    assert used_of(offers[:, order], demand, price) == pytest.approx(used_of(offers, demand, price)[order], rel=1e-9)


@given(seed=seeds())
def test_worth_of_capacity_is_what_one_more_unit_earns(seed):
    """By a difference of rents at the same price, as for a seller too small to move it."""
    offers, demand, highest = tables(seed)
    price = price_of(offers, demand, highest)
    worth = clearing.worth_of_capacity(offers=offers, price=price)
    assert np.all(worth >= 0)
    for (cost, capacity, rise), found, p in zip(
        offers.reshape(3, -1).T, worth.ravel(), np.tile(price, OFFERS), strict=True
    ):
        if 0 < capacity < inf:
            earned = [unit_rent(cost, rise, n, p) for n in (capacity, 2 * capacity)]
            assert found == pytest.approx((earned[1] - earned[0]) / capacity, abs=1e-9 * p)


def unit_rent(cost, rise, capacity, price):
    """Rent of an offer of which all is used that costs less than the price."""
    if price <= cost:
        return 0.0
    q = capacity if price >= cost + rise else capacity * (price - cost) / rise
    return q * (price - cost) - rise * q * q / capacity / 2


# -- edges -------------------------------------------------------------------------------------------------------------

DEMAND = {"quantity": 10.0, "elasticity": 0.0, "counterfactual": 1.0}


@pytest.mark.parametrize("elasticity", [0.0, 1.0, 2.5])
def test_nothing_on_offer(elasticity):
    offers = clearing.table_of(a=1.0, n=0.0, s=0.0)
    demand = DEMAND | {"elasticity": elasticity}
    price = price_of(offers, demand, 4.0)
    assert float(price) == 4.0
    wanted = demanded(price=price, **demand)
    assert used_of(offers, demand, price).tolist() == [0.0]
    assert float(clearing.is_scarce(offers=offers, price=price, wanted=wanted, highest_price=4.0)) == 1.0


@pytest.mark.parametrize("slope", [0.0, 0.5])
@pytest.mark.parametrize("elasticity", [0.0, 1.0])
def test_capacity_without_end(slope, elasticity):
    """Its first part is all that anybody wants: the price is what it costs, and nobody dearer sells."""
    offers = clearing.table_of(a=1.0, b=2.0, c=3.0, n=4.0, m=inf, k=9.0, s=0.0, t=slope, u=0.0)
    demand = DEMAND | {"elasticity": elasticity}
    price = price_of(offers, demand, 4.0)
    assert float(price) == 2.0
    used = used_of(offers, demand, price)
    assert used.tolist() == pytest.approx([4.0, 10.0 * 2.0**-elasticity - 4.0, 0.0])
    assert clearing.rents(offers=offers, quantities=used, price=price).tolist() == [4.0, 0.0, 0.0]


def test_capacities_without_end_at_the_same_cost_share_alike():
    offers = clearing.table_of(a=2.0, b=2.0, c=2.0, n=inf, m=inf, k=9.0, s=0.0, t=0.0, u=0.0)
    assert used_of(offers, DEMAND, 2.0).tolist() == [5.0, 5.0, 0.0]


def test_demand_beyond_all_supply():
    offers = clearing.table_of(a=1.0, b=2.0, n=3.0, m=4.0, s=0.0, t=0.5)
    price = price_of(offers, DEMAND, 4.0)
    assert float(price) == 4.0
    assert used_of(offers, DEMAND, price).tolist() == [3.0, 4.0]


def test_offer_at_just_the_choke_price():
    """It is used as far as there is demand; only where that is not enough, something is scarce."""
    for capacity, used, scarce in ((8.0, 7.0, 0.0), (7.0, 7.0, 0.0), (5.0, 5.0, 1.0)):
        offers = clearing.table_of(a=1.0, b=4.0, n=3.0, m=capacity, s=0.0, t=0.0)
        price = price_of(offers, DEMAND, 4.0)
        assert float(price) == 4.0
        assert used_of(offers, DEMAND, price).tolist() == [3.0, used]
        assert float(clearing.is_scarce(offers=offers, price=price, wanted=10.0, highest_price=4.0)) == scarce


def test_offers_dearer_than_the_choke_price_are_not_used():
    offers = clearing.table_of(a=1.0, b=4.1, n=3.0, m=50.0, s=0.0, t=0.3)
    price = price_of(offers, DEMAND, 4.0)
    assert float(price) == 4.0
    assert used_of(offers, DEMAND, price).tolist() == [3.0, 0.0]
    # Of a slope that crosses it, the part below is.
    offers = clearing.table_of(a=1.0, b=3.0, n=3.0, m=12.0, s=0.0, t=1.0)
    assert used_of(offers, DEMAND, price_of(offers, DEMAND, 4.0)) == pytest.approx([3.0, 4.0])


@pytest.mark.parametrize("slope", [1e-17, 1e-16, 3e-16, 1e-14, 1e-10, 1e-6])
def test_a_slope_next_to_none_is_a_step(slope):
    """Quantities, prices and rents are those of a step, whatever a floating-point number can still tell apart."""
    for quantity, expected in ((2.0, 1.1), (10.0, 1.1), (11.0, 2.0), (15.0, 2.0), (40.0, 4.0)):
        found = []
        for each in (0.0, slope):
            offers = clearing.table_of(a=1.1, b=2.0, n=10.0, m=12.0, s=each, t=0.0)
            demand = DEMAND | {"quantity": quantity}
            price = price_of(offers, demand, 4.0)
            assert float(price) == pytest.approx(expected, rel=2 * slope + 1e-15)
            found.append(used_of(offers, demand, price))
        assert found[1] == pytest.approx(found[0], rel=1e-9), (quantity, slope)


@pytest.mark.parametrize("slope", [1e3, 1e9, 1e15])
def test_a_steep_slope_offers_next_to_nothing(slope):
    offers = clearing.table_of(a=1.0, b=2.0, n=10.0, m=50.0, s=slope, t=0.0)
    price = price_of(offers, DEMAND, 4.0)
    assert float(price) == 2.0
    assert used_of(offers, DEMAND, price) == pytest.approx([10.0 / slope, 10.0 - 10.0 / slope], rel=1e-12)


def test_corner_at_the_end_of_a_slope():
    """Demand for just all of a slope is met at its end, not at the next offer's cost, however its end is rounded."""
    costs = np.random.default_rng(0).uniform(0.5, 1.5, 500)
    slopes = np.random.default_rng(1).uniform(0.0, 1.0, 500)
    offers = clearing.table_of(a=costs, b=8.0, n=10.0, m=10.0, s=slopes, t=0.0)
    assert price_of(offers, DEMAND, 9.0) == pytest.approx(costs * (1 + slopes), rel=1e-12)


@pytest.mark.parametrize("quantity", [1.0, 7.0, 10.0])
def test_one_offer_alone(quantity):
    offers = clearing.table_of(a=2.0, n=10.0, s=0.5)
    assert float(price_of(offers, DEMAND | {"quantity": quantity}, 4.0)) == pytest.approx(2.0 + quantity / 10.0)


@pytest.mark.parametrize("elasticity", [1e-9, 0.5, 1.0, 4.0, 20.0])
def test_small_demand_sells_below_the_price_without_controls(elasticity):
    """A large stock at nearly no cost sells at what buyers pay for the last of it: a negative premium."""
    offers = clearing.table_of(a=1e-9, b=3.0, n=40.0, m=10.0, s=0.0, t=0.0)
    demand = DEMAND | {"elasticity": elasticity}
    expected = max(1e-9, 4.0 ** (-1.0 / elasticity))
    assert float(price_of(offers, demand, 4.0)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("elasticity", [0.3, 1.0, 4.0, 20.0])
def test_units_in_service_that_cost_nothing_to_run(elasticity):
    """Demand at a price of 0 is without end; the price is what buyers pay for the last unit."""
    offers = clearing.table_of(a=0.0, b=3.0, n=40.0, m=10.0, s=0.0, t=0.0)
    price = price_of(offers, DEMAND | {"elasticity": elasticity}, 4.0)
    assert float(price) == pytest.approx(4.0 ** (-1.0 / elasticity), rel=1e-12)


def test_costs_below_zero():
    """A channel that pays its users is taken first; inelastic demand that it covers makes the price what it takes."""
    offers = clearing.table_of(a=-2.0, b=1.0, n=10.0, m=10.0, s=1.0, t=0.0)
    quantity = np.array([5.0, 7.5, 15.0])
    price = price_of(offers, DEMAND | {"quantity": quantity}, 4.0)
    assert price == pytest.approx([-1.0, -0.5, 1.0])
