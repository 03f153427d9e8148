"""Two workloads cleared apart: against HiGHS, against plain loops, and what must hold whatever the numbers are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.market import clearing
from costmodel.market.assignment import cleared
from merit_order import SEEDS, demand_at, programme_apart, random_demand, random_table, supply_at


def random_market(random, offers, draws, *, linear=False, round_numbers=False):
    """Offers by the accelerator, what one is on each workload, and both demands."""
    table = random_table(random, offers, draws, slopes=not linear, round_numbers=round_numbers)
    units = random.uniform(0.2, 2.5, (2, offers, draws))
    if round_numbers:
        units = np.ceil(units * 2) / 2
    kinds = {"elastic": not linear, "round_numbers": round_numbers}
    demand = clearing.demand_of(**{
        f"{name}_{use}": value
        for name, pair in zip(
            ("quantity", "elasticity", "counterfactual", "highest_price"),
            zip(*(random_demand(random, draws, **kinds).values() for _ in range(2)), strict=True),
            strict=True,
        )
        for use, value in enumerate(pair)
    })  # fmt: skip
    return table, units, demand


def split(found):
    """Prices, and accelerators by workload and offer."""
    return found[:, 0], found[:, 1:]


def unmet(units, demand, prices, used):
    """What is wanted at the prices and not served."""
    want = [clearing.wanted(demand=demand[:, w : w + 1], price=prices[w]) for w in (0, 1)]
    return np.stack(want) - (units * used).sum(axis=1)


# -- against a linear programme --------------------------------------------------------------------------------------


def check_linear(seed, draws, *, round_numbers):
    random = np.random.default_rng(seed)
    offers, units, demand = random_market(random, 6, draws, linear=True, round_numbers=round_numbers)
    offers[1, 0, :: max(draws // 5, 1)] = np.inf
    prices, used = split(cleared(offers=offers, units=units, demand=demand))
    missing = unmet(units, demand, prices, used)
    assert np.all(used >= 0)
    assert np.all(used.sum(axis=0) <= offers[1] * (1 + 1e-12))
    assert np.all(missing >= -1e-9)
    seen = {"short": 0, "shared": 0, "compared": 0}
    for draw in range(draws):
        costs, numbers, _ = offers[:, :, draw]
        quantity, choke = demand[0, :, draw], demand[3, :, draw]
        each = units[:, :, draw]
        best = programme_apart(costs, numbers, each, quantity, choke)
        spent = (costs * used[:, :, draw]).sum() + choke @ missing[:, draw]
        assert spent == pytest.approx(best.fun, rel=1e-9)
        # Prices are among the dual's where demand and accelerators valued by them come to the same objective.
        margins = np.maximum((prices[:, draw, None] * each).max(axis=0) - costs, 0.0)
        worth = margins > 1e-12
        assert prices[:, draw] @ quantity - margins[worth] @ numbers[worth] == pytest.approx(best.fun, rel=1e-8)
        for w in (0, 1):
            step = 1e-4 * quantity[w] * np.eye(2)[w]
            less, more = (programme_apart(costs, numbers, each, quantity + s, choke).fun for s in (-step, step))
            lowest, highest = (best.fun - less) / step[w], (more - best.fun) / step[w]
            assert lowest - 1e-6 <= prices[w, draw] <= highest + 1e-6
            if highest - lowest < 1e-6:
                seen["compared"] += 1
                assert best.eqlin.marginals[w] == pytest.approx(prices[w, draw], rel=1e-7)
        seen["short"] += np.any(missing[:, draw] > 1e-9)
        seen["shared"] += np.any(np.all(used[:, :, draw] > 1e-9, axis=0))
    return seen


@pytest.mark.parametrize("round_numbers", [False, True])
def test_equals_a_linear_programme(round_numbers):
    check_linear(1, 40, round_numbers=round_numbers)


@pytest.mark.slow
@pytest.mark.parametrize("round_numbers", [False, True])
def test_equals_linear_programmes_in_many_draws(round_numbers):
    seen = check_linear(2, 600, round_numbers=round_numbers)
    assert min(seen.values()) > 100, seen


# -- against plain loops ---------------------------------------------------------------------------------------------


def surplus(rows, units, demand, prices):
    """What buyers and sellers have above cost at two prices: the least of it is where the market clears."""
    found = 0.0
    for quantity, elasticity, counterfactual, choke, price in zip(*demand, prices, strict=True):
        # Below the highest price; what is wanted at more than that is the same for all prices, and left out.
        steps = np.linspace(price, choke, 400)
        widths = np.diff(steps)
        middles = (steps[1:] + steps[:-1]) / 2
        found += sum(
            w * demand_at(m, quantity, elasticity, counterfactual) for w, m in zip(widths, middles, strict=True)
        )
    for (cost, number, rise), *each in zip(rows, *units, strict=True):
        above = max(p * u for p, u in zip(prices, each, strict=True)) - cost
        used = (min(above / rise, 1.0) if rise > 0 else 1.0) if above > 0 else 0.0
        found += number * (above * used - rise * used**2 / 2)
    return found


@pytest.mark.slow
@given(seed=SEEDS)
def test_no_other_prices_leave_less_surplus(seed):
    """The dual of the market, which is convex: its least is looked for on a grid, finer and finer."""
    random = np.random.default_rng(seed)
    offers, units, demand = random_market(random, 3, 2)
    prices, _ = split(cleared(offers=offers, units=units, demand=demand))
    for draw in range(2):
        rows, each, terms = offers[:, :, draw].T.tolist(), units[:, :, draw].tolist(), demand[:, :, draw].tolist()
        own = surplus(rows, each, terms, prices[:, draw])
        for factor in (0.5, 0.9, 0.99, 0.999, 1.001, 1.01, 1.1, 2.0):
            for other in (0.5, 0.99, 1.0, 1.01, 2.0):
                for tried in ((factor, other), (other, factor)):
                    elsewhere = np.minimum(prices[:, draw] * tried, demand[3, :, draw])
                    assert surplus(rows, each, terms, elsewhere) >= own * (1 - 1e-6) - 1e-6


def balanced(rows, units, demand):
    """Both prices by halving within halving."""

    def supply(workload, prices):
        """What earns more on a workload than on the other, and what earns the same on both, in its units."""
        sure = same = 0.0
        for row, *each in zip(rows, *units, strict=True):
            own, other = prices[workload] * each[workload], prices[1 - workload] * each[1 - workload]
            part = each[workload] * supply_at([row], own)
            if abs(own - other) <= 1e-9 * own:
                same += part
            elif own > other:
                sure += part
        return sure, same

    def want(workload, price):
        return demand_at(price, *(term[workload] for term in demand[:3]))

    def inference(training):
        low, high = 0.0, demand[3][1]
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if sum(supply(1, (training, middle))) >= want(1, middle) else (middle, high)
        return high

    low, high = 0.0, demand[3][0]
    for _ in range(60):
        middle = (low + high) / 2
        prices = (middle, inference(middle))
        (sure, same), (others, shared) = supply(0, prices), supply(1, prices)
        # Inference takes what it needs of what earns the same, and leaves the rest.
        left = 1 - min(max(want(1, prices[1]) - others, 0.0) / shared, 1.0) if shared else 0.0
        low, high = (low, middle) if sure + left * same >= want(0, middle) else (middle, high)
    return high, inference(high)


@pytest.mark.slow
@given(seed=SEEDS)
def test_prices_equal_those_of_halving_within_halving(seed):
    """On convex ground: all offers rise, and demand falls, so that there is one pair of prices."""
    random = np.random.default_rng(seed)
    offers, units, demand = random_market(random, 3, 2)
    offers[2] += 0.5
    prices, _ = split(cleared(offers=offers, units=units, demand=demand))
    for draw in range(2):
        rows = [tuple(row) for row in offers[:, :, draw].T.tolist()]
        found = balanced(rows, units[:, :, draw].tolist(), demand[:, :, draw].tolist())
        assert prices[:, draw] == pytest.approx(found, rel=1e-5)


# -- whatever the numbers --------------------------------------------------------------------------------------------


@given(seed=SEEDS, round_numbers=st.booleans())
def test_a_cleared_market_is_in_order(seed, round_numbers):
    """Each unit where it earns most, none that earns less than it costs, demand met unless at the highest price."""
    random = np.random.default_rng(seed)
    offers, units, demand = random_market(random, 5, 300, round_numbers=round_numbers)
    prices, used = split(cleared(offers=offers, units=units, demand=demand))
    costs, numbers, rises = offers
    whole = used.sum(axis=0)
    assert np.all(used >= 0)
    assert np.all(whole <= numbers * (1 + 1e-12))
    assert np.all((prices >= 0) & (prices <= demand[3]))
    earned = prices[:, None] * units
    assert np.all((used <= 1e-9 * (1 + numbers)) | (earned >= earned.max(axis=0) * (1 - 1e-9)))
    share = np.divide(whole, numbers, out=np.zeros_like(whole), where=numbers > 0)
    marginal = costs + rises * share
    assert np.all((whole == 0) | (marginal <= earned.max(axis=0) * (1 + 1e-9)))
    assert np.all((share > 1 - 1e-9) | (numbers == 0) | (marginal >= earned.max(axis=0) * (1 - 1e-9)))
    missing = unmet(units, demand, prices, used)
    scale = demand[0].max(axis=0) + (units * used).sum(axis=(0, 1))
    assert np.all(missing >= -1e-9 * scale)
    assert np.all((missing <= 1e-9 * scale) | (prices == demand[3]))


@given(seed=SEEDS)
def test_more_supply_never_raises_either_price(seed):
    random = np.random.default_rng(seed)
    offers, units, demand = random_market(random, 4, 200)
    before, _ = split(cleared(offers=offers, units=units, demand=demand))
    more = offers.copy()
    more[1] *= random.choice([1.0, 1.0, 2.0, 5.0], offers[1].shape)
    after, _ = split(cleared(offers=more, units=units, demand=demand))
    assert np.all(after <= before * (1 + 1e-9))
    wants = demand.copy()
    wants[0, 0] *= 1.3
    dearer, _ = split(cleared(offers=offers, units=units, demand=wants))
    assert np.all(dearer >= before * (1 - 1e-9))


@given(seed=SEEDS)
def test_chips_that_differ_in_size_alone_make_one_market(seed):
    random = np.random.default_rng(seed)
    offers, units, demand = random_market(random, 5, 100)
    units[1] = 1.25 * units[0]
    demand[1:, 1] = demand[1:, 0]
    demand[2:, 1] /= 1.25
    prices, used = split(cleared(offers=offers, units=units, demand=demand))
    pooled = np.stack([offers[0] / units[0], offers[1] * units[0], offers[2] / units[0]])
    terms = {"elasticity": demand[1, 0], "counterfactual": demand[2, 0], "highest_price": demand[3, 0]}
    price = clearing.clearing_price(offers=pooled, quantity=demand[0, 0] + demand[0, 1] / 1.25, **terms)
    assert prices[0] == pytest.approx(price, rel=1e-9)
    assert prices[1] == pytest.approx(price / 1.25, rel=1e-9)
    want = clearing.wanted(demand=demand[:, :1], price=price) * (1 + demand[0, 1] / 1.25 / demand[0, 0])
    whole = clearing.quantities(offers=pooled, price=price, wanted=want)
    assert used.sum(axis=0) * units[0] == pytest.approx(whole, rel=1e-6, abs=1e-6)


@given(seed=SEEDS)
def test_scale_does_not_matter(seed):
    random = np.random.default_rng(seed)
    offers, units, demand = random_market(random, 4, 100)
    prices, used = split(cleared(offers=offers, units=units, demand=demand))
    money, number, compute = 64.0, 0.25, 8.0
    larger = offers * np.array([money, number, money])[:, None, None]
    terms = demand * np.array([number * compute, 1.0, money / compute, money / compute])[:, None, None]
    found, quantities = split(cleared(offers=larger, units=units * compute, demand=terms))
    assert found == pytest.approx(prices * money / compute, rel=1e-12)
    assert quantities == pytest.approx(used * number, rel=1e-6, abs=1e-6)


@pytest.mark.slow
@given(seed=SEEDS)
def test_the_same_bits_alone_and_together(seed):
    random = np.random.default_rng(seed)
    offers, units, demand = random_market(random, 12, 120)
    whole = cleared(offers=offers, units=units, demand=demand)
    for part in (slice(0, 1), slice(17, 90), slice(90, None)):
        found = cleared(offers=offers[..., part], units=units[..., part], demand=demand[..., part])
        assert np.array_equal(found, whole[..., part])
    for draw in (0, 50):
        one = cleared(offers=offers[..., draw], units=units[..., draw], demand=demand[..., draw])
        assert one == pytest.approx(whole[..., draw], rel=1e-9, abs=1e-9)


# -- edges -----------------------------------------------------------------------------------------------------------


def one(costs, numbers, units, quantities=(50.0, 50.0), chokes=(9.0, 9.0)):
    """A market of steps and fixed demands."""
    offers = np.array([costs, numbers, np.zeros(len(costs))], dtype=float)
    demand = clearing.demand_of(q=quantities[0], r=quantities[1], e=0.0, f=0.0, c=1.0, d=1.0, h=chokes[0], i=chokes[1])
    return cleared(offers=offers, units=np.array(units, dtype=float), demand=demand).tolist()


def test_what_infers_well_and_trains_badly_infers_first():
    """Both cost about the same; inference takes the second alone while that is enough, and then some of the first."""

    def check(costs, numbers, expected):
        found = one(costs, numbers, [[1.0, 0.2], [1.0, 1.0]])
        assert np.array(found) == pytest.approx(np.array(expected), rel=1e-12, abs=1e-12)

    check([2.0, 1.9], [100.0, 60.0], [[2.0, 50.0, 0.0], [1.9, 0.0, 50.0]])
    check([2.0, 1.9], [100.0, 30.0], [[2.0, 50.0, 0.0], [2.0, 20.0, 30.0]])
    # Training outbids inference for what is left of the first, and takes of the second too once that is worth it.
    check([2.0, 1.9], [40.0, 30.0], [[9.0, 40.0, 0.0], [9.0, 0.0, 30.0]])
    check([2.0, 1.0], [40.0, 75.0], [[9.0, 40.0, 25.0], [1.8, 0.0, 50.0]])


@pytest.mark.parametrize(
    ("costs", "numbers", "units", "found"),
    [
        pytest.param([1.0], [0.0], [[1.0], [1.0]], [[9.0, 0.0], [9.0, 0.0]], id="nothing on offer"),
        pytest.param([1.0], [np.inf], [[2.0], [1.0]], [[0.5, 25.0], [1.0, 50.0]], id="an offer without end"),
        pytest.param([1.0], [200.0], [[1.0], [1.0]], [[1.0, 50.0], [1.0, 50.0]], id="one offer"),
        pytest.param([1.0], [60.0], [[1.0], [0.5]], [[4.5, 50.0], [9.0, 10.0]], id="one that does not suffice"),
        pytest.param([9.0], [60.0], [[0.5], [0.5]], [[9.0, 0.0], [9.0, 0.0]], id="too dear for both"),
        pytest.param([9.0], [60.0], [[2.0], [0.5]], [[4.5, 25.0], [9.0, 0.0]], id="too dear for one"),
    ],
)
def test_edges(costs, numbers, units, found):
    assert one(costs, numbers, units) == found
