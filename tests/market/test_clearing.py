"""The merit order cleared: against HiGHS, against plain loops, and what must hold whatever the numbers are."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.formulas.market import demanded, surplus_loss
from costmodel.market import clearing
from merit_order import SEEDS, demand_at, halved, integral, one_draw, programme, random_demand, random_table


def cleared(offers, demand):
    """Price, and what is used of each offer."""
    price = clearing.clearing_price(offers=offers, **demand)
    return price, clearing.quantities(offers=offers, price=price, wanted=wanted(demand, price))


def wanted(demand, price):
    return demanded(price=price, **{name: value for name, value in demand.items() if name != "highest_price"})


def table(costs, capacities, slopes=None):
    """Offers of one draw."""
    rises = np.zeros(len(costs)) if slopes is None else slopes
    return np.array([costs, capacities, rises], dtype=float)


# -- against a linear programme --------------------------------------------------------------------------------------


def check_linear(seed, draws, *, round_numbers):
    random = np.random.default_rng(seed)
    offers = random_table(random, 6, draws, slopes=False, round_numbers=round_numbers)
    offers[1, 0, :: max(draws // 5, 1)] = inf
    demand = random_demand(random, draws, elastic=False, round_numbers=round_numbers)
    price, used = cleared(offers, demand)
    worth = clearing.worth_of_capacity(offers=offers, price=price)
    unmet = demand["quantity"] - used.sum(axis=0)
    assert np.all(used >= 0)
    assert np.all(used <= offers[1])
    assert np.all(unmet >= -1e-9)
    seen = {"scarce": 0, "tied": 0, "compared": 0}
    for draw in range(draws):
        costs, capacities, _ = offers[:, :, draw]
        quantity, choke = demand["quantity"][draw], demand["highest_price"][draw]
        best = programme(costs, capacities, quantity, choke)
        assert costs @ used[:, draw] + choke * unmet[draw] == pytest.approx(best.fun, rel=1e-9)
        # A price is one of the dual's, where demand and capacities valued by it come to the same objective.
        margins = np.maximum(price[draw] - costs, 0.0)
        held = margins > 0
        assert price[draw] * quantity - margins[held] @ capacities[held] == pytest.approx(best.fun, rel=1e-9)
        # The lowest of them: what a little less demand would save.
        little = 1e-4 * quantity
        less = programme(costs, capacities, quantity - little, choke)
        more = programme(costs, capacities, quantity + little, choke)
        lowest, highest = (best.fun - less.fun) / little, (more.fun - best.fun) / little
        assert lowest - 1e-6 <= price[draw] <= highest + 1e-6
        assert price[draw] == pytest.approx(lowest, abs=1e-6)
        if highest - lowest < 1e-6 and np.all(np.abs(costs - price[draw])[capacities == 0] > 1e-9):
            seen["compared"] += 1
            assert best.eqlin.marginals[0] == pytest.approx(price[draw], rel=1e-9)
            assert worth[capacities > 0, draw] == pytest.approx(-best.upper.marginals[:-1][capacities > 0], abs=1e-9)
        at_price = np.abs(costs - price[draw]) < 1e-12
        assert used[~at_price, draw] == pytest.approx(best.x[:-1][~at_price], abs=1e-7)
        seen["scarce"] += unmet[draw] > 1e-9
        seen["tied"] += np.sum(at_price & (capacities > 0)) > 1
    return seen


@pytest.mark.parametrize("round_numbers", [False, True])
def test_equals_a_linear_programme(round_numbers):
    check_linear(1, 60, round_numbers=round_numbers)


@pytest.mark.slow
@pytest.mark.parametrize("round_numbers", [False, True])
def test_equals_linear_programmes_in_many_draws(round_numbers):
    seen = check_linear(2, 600, round_numbers=round_numbers)
    assert seen["scarce"] > 50
    assert seen["compared"] > 300
    assert not round_numbers or seen["tied"] > 100


# -- against plain loops ---------------------------------------------------------------------------------------------


@given(seed=SEEDS, round_numbers=st.booleans())
def test_equals_halving(seed, round_numbers):
    random = np.random.default_rng(seed)
    offers = random_table(random, 4, 25, round_numbers=round_numbers)
    demand = random_demand(random, 25, round_numbers=round_numbers)
    price, used = cleared(offers, demand)
    earned = clearing.rents(offers=offers, quantities=used, price=price)
    for draw in range(25):
        rows = [tuple(row) for row in offers[:, :, draw].T.tolist()]
        by_halving, parts = halved(rows, **one_draw(demand, draw))
        assert price[draw] == pytest.approx(by_halving, rel=1e-9)
        # Along an offer that hardly rises, a digit of the price is many of the quantity.
        assert used[:, draw] == pytest.approx(parts, rel=1e-5, abs=1e-5)
        for (cost, capacity, rise), quantity, rent in zip(rows, used[:, draw], earned[:, draw], strict=True):
            margins = [
                by_halving - cost - rise * quantity * (part + 0.5) / 100 / (capacity or 1) for part in range(100)
            ]
            assert rent == pytest.approx(quantity * sum(margins) / 100, rel=1e-5, abs=1e-5)


# -- whatever the numbers --------------------------------------------------------------------------------------------


def some(seed, draws=200, **kinds):
    random = np.random.default_rng(seed)
    return random, random_table(random, 5, draws, **kinds), random_demand(random, draws, **kinds_of_demand(kinds))


def kinds_of_demand(kinds):
    return {name: value for name, value in kinds.items() if name == "round_numbers"}


@given(seed=SEEDS, round_numbers=st.booleans())
def test_a_cleared_market_is_in_order(seed, round_numbers):
    """Nothing negative, nothing beyond capacity, supply meets demand unless scarce, nothing dearer is used."""
    _, offers, demand = some(seed, round_numbers=round_numbers)
    price, used = cleared(offers, demand)
    most, want = demand["highest_price"], wanted(demand, price)
    costs, capacities, rises = offers
    assert np.all((price >= 0) & (price <= most))
    assert np.all((used >= 0) & (used <= capacities * (1 + 1e-12)))
    assert np.all(clearing.rents(offers=offers, quantities=used, price=price) >= 0)
    assert np.all(clearing.worth_of_capacity(offers=offers, price=price) >= 0)
    share = np.divide(used, capacities, out=np.zeros_like(used), where=capacities > 0)
    assert np.all((used == 0) | (costs + rises * share <= price * (1 + 1e-9)))
    scarce = clearing.is_scarce(offers=offers, price=price, wanted=want, highest_price=most)
    offered = clearing.supplied(offers=offers, price=price)
    assert np.array_equal(scarce == 1, (price == most) & (offered < want))
    assert used.sum(axis=0) == pytest.approx(np.where(scarce == 1, offered, want), rel=1e-9)


@given(seed=SEEDS)
def test_more_supply_never_raises_the_price(seed):
    random, offers, demand = some(seed)
    price, _ = cleared(offers, demand)
    more = offers.copy()
    more[1] *= random.choice([1.0, 1.5, 4.0], offers[1].shape)
    assert np.all(cleared(more, demand)[0] <= price * (1 + 1e-12))
    another = np.concatenate([offers, random_table(random, 1, price.size)], axis=1)
    assert np.all(cleared(another, demand)[0] <= price * (1 + 1e-12))


@given(seed=SEEDS, size=st.sampled_from([1e-9, 1e-6, 1e-3]))
def test_the_price_moves_no_more_than_costs_do(seed, size):
    random, offers, demand = some(seed)
    price, _ = cleared(offers, demand)
    other = offers.copy()
    other[0] += random.uniform(-size, size, offers[0].shape)
    choke = demand["highest_price"] + random.uniform(-size, size, price.size)
    assert np.all(np.abs(cleared(other, demand | {"highest_price": choke})[0] - price) <= size * (1 + 1e-6))


@given(seed=SEEDS, part=st.sampled_from([1e-9, 1e-6, 1e-3]))
def test_the_price_leaps_only_where_a_step_is_crossed(seed, part):
    """Between the prices before and after a small rise in demand lies no supply beyond that rise."""
    _, offers, demand = some(seed)
    before, _ = cleared(offers, demand)
    after, _ = cleared(offers, demand | {"quantity": demand["quantity"] * (1 + part)})
    assert np.all(after >= before * (1 - 1e-12))
    between = clearing.supplied(offers=offers, price=after, strictly=True) - clearing.supplied(
        offers=offers, price=before
    )
    assert np.all(between <= part * wanted(demand, before) * (1 + 1e-6) + 1e-9)


@given(seed=SEEDS)
def test_scale_of_money_and_of_compute_do_not_matter(seed):
    _, offers, demand = some(seed)
    price, used = cleared(offers, demand)
    money, compute = 128.0, 0.25
    scaled = offers * np.array([money, compute, money])[:, None, None]
    other = {"quantity": compute, "counterfactual": money, "highest_price": money}
    found, quantities = cleared(scaled, demand | {name: demand[name] * by for name, by in other.items()})
    assert found == pytest.approx(money * price, rel=1e-12)
    assert quantities == pytest.approx(compute * used, rel=1e-6, abs=1e-6)


@given(seed=SEEDS)
def test_the_same_bits_alone_and_together(seed):
    random = np.random.default_rng(seed)
    offers, demand = random_table(random, 20, 200), random_demand(random, 200)
    price, used = cleared(offers, demand)
    for part in (slice(0, 1), slice(17, 90), slice(90, None)):
        found, quantities = cleared(offers[:, :, part], {name: value[part] for name, value in demand.items()})
        assert np.array_equal(found, price[part])
        assert np.array_equal(quantities, used[:, part])


@given(seed=SEEDS)
def test_scalars_give_what_arrays_give(seed):
    _, offers, demand = some(seed, 5)
    price, used = cleared(offers, demand)
    for draw in range(5):
        found, quantities = cleared(offers[:, :, draw], one_draw(demand, draw))
        assert np.shape(found) == ()
        assert found == pytest.approx(price[draw], rel=1e-13)
        assert quantities == pytest.approx(used[:, draw], rel=1e-9, abs=1e-9)


@given(seed=SEEDS)
def test_the_loss_of_surplus_is_the_area_beside_demand(seed):
    demand = random_demand(np.random.default_rng(seed), 5)
    for draw in range(5):
        terms = one_draw(demand, draw)
        price = terms.pop("highest_price")
        area = integral(lambda p, terms=terms: demand_at(p, **terms), terms["counterfactual"], price)
        assert surplus_loss(price=price, **terms) == pytest.approx(area, rel=1e-5, abs=1e-12)


# -- edges -----------------------------------------------------------------------------------------------------------

DEMAND = {"quantity": 100.0, "elasticity": 0.0, "counterfactual": 1.0, "highest_price": 5.0}


@pytest.mark.parametrize(
    ("offers", "changes", "price", "used", "scarce"),
    [
        pytest.param(table([1.0], [0.0]), {}, 5.0, [0.0], 1, id="nothing on offer"),
        pytest.param(table([1.0], [inf]), {}, 1.0, [100.0], 0, id="an offer without end"),
        pytest.param(table([1.0, 1.0], [inf, 40.0]), {}, 1.0, [100.0, 0.0], 0, id="one without end beside one"),
        pytest.param(table([1.0, 1.0], [inf, inf]), {}, 1.0, [50.0, 50.0], 0, id="two without end"),
        pytest.param(table([1.0, 2.0], [30.0, 40.0]), {}, 5.0, [30.0, 40.0], 1, id="demand beyond all supply"),
        pytest.param(table([1.0, 2.0], [60.0, 60.0]), {}, 2.0, [60.0, 40.0], 0, id="inelastic"),
        pytest.param(table([2.0], [200.0]), {"elasticity": 1.0}, 2.0, [50.0], 0, id="elasticity 1"),
        pytest.param(table([0.5], [200.0]), {"elasticity": 1.0}, 0.5, [200.0], 0, id="a negative premium"),
        pytest.param(table([0.25], [200.0]), {"elasticity": 1.0}, 0.5, [200.0], 0, id="all used below the choke"),
        pytest.param(table([1.0, 5.0], [60.0, 60.0]), {}, 5.0, [60.0, 40.0], 0, id="an offer at the choke price"),
        pytest.param(table([1.0, 5.0], [60.0, 10.0]), {}, 5.0, [60.0, 10.0], 1, id="scarce with one there"),
        pytest.param(table([1.0, 5.1], [60.0, 60.0]), {}, 5.0, [60.0, 0.0], 1, id="an offer above the choke price"),
        pytest.param(table([1.0], [100.0]), {}, 1.0, [100.0], 0, id="just enough"),
        pytest.param(table([1.0], [200.0], [2.0]), {}, 2.0, [100.0], 0, id="half-way up a slope"),
        pytest.param(table([1.0], [200.0], [1e12]), {}, 5.0, [8e-10], 1, id="hardly more than one unit"),
        pytest.param(table([1.0], [200.0], [1e-12]), {}, 1.0 + 5e-13, [100.0], 0, id="as good as a step"),
    ],
)
def test_edges(offers, changes, price, used, scarce):
    demand = DEMAND | changes
    found, quantities = cleared(offers, demand)
    assert found == pytest.approx(price, rel=1e-12)
    assert quantities == pytest.approx(used, rel=1e-3)
    found_scarce = clearing.is_scarce(
        offers=offers, price=found, wanted=wanted(demand, found), highest_price=demand["highest_price"]
    )
    assert found_scarce == scarce


def test_a_table_is_laid_out_by_rows_and_draws():
    found = clearing.table_of(a=1.0, b=np.array([2.0, 3.0]), k=5.0, n=inf, s=0.5, t=0.25)
    assert found.tolist() == [[[1.0, 1.0], [2.0, 3.0]], [[5.0, 5.0], [inf, inf]], [[0.5, 0.5], [0.0, 0.0]]]
