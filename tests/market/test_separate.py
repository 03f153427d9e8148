"""The market of a set with training and inference cleared apart: identities over random values of all parameters."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from costmodel import load
from costmodel.analysis.market import market_result
from costmodel.analysis.recording import recorded
from costmodel.costs import TASKS, Evaluation
from costmodel.errors import ParameterError
from costmodel.market import PooledMarket, SeparateMarket, closing, market
from costmodel.outcomes import names, outcome
from costmodel.sampling import Draws
from merit_order import demand_at, integral
from strategies import random_values, seeds

SETS = Path(__file__).parent.parent / "sets"


@cache
def case(name="baseline"):
    return load(SETS / f"{name}.yaml")


def at(values=None):
    """The market of the small set at some values of its parameters."""
    return SeparateMarket(Evaluation(case(), case().central if values is None else values))


def arrays(seed, count=12):
    """Random values as arrays: words are those of the first draw."""
    rows = [random_values(case(), seed + i) for i in range(count)]
    return {
        path: np.array([row[path] for row in rows]) if isinstance(value, float) else value
        for path, value in rows[0].items()
    }


# -- over random values ----------------------------------------------------------------------------------------------


@given(seed=seeds())
def test_workloads_and_channels_add_up(seed):
    found = at(arrays(seed))
    assert sum(found.task_quantity(task) for task in TASKS) == pytest.approx(found.total, rel=1e-9, abs=1e-6)
    shares = sum(found.share(channel) for channel in case().channels)
    assert shares == pytest.approx(np.where(found.total > 0, 1.0, 0.0), abs=1e-9)
    assert np.all(found.rent_by_offer >= 0)
    for channel in case().channels:
        parts = sum(found.task_quantity(task, channel) for task in TASKS)
        assert parts == pytest.approx(found.quantity(channel), rel=1e-9, abs=1e-6)
        assert np.all(found.quantity(channel) <= found.capacity(channel) * (1 + 1e-9) + 1e-6)
        assert np.all(found.rent(channel) >= 0)
        assert np.all(found.shadow_price(channel) >= 0)


@given(seed=seeds())
def test_surplus_and_spending_add_up(seed):
    found = at(arrays(seed))
    parts = found.rents + found.extra_cost + found.denied_use
    scale = np.abs(found.rents) + np.abs(found.extra_cost) + np.abs(found.denied_use) + 1e-9
    assert np.all(np.abs(parts - found.surplus_loss) <= 1e-12 * scale)
    assert found.rents + found.transfers + found.resource_cost == pytest.approx(found.spending, rel=1e-9, abs=1e-6)


@given(seed=seeds())
def test_denied_use_is_the_area_under_both_demands(seed):
    found = at(random_values(case(), seed))
    area = 0.0
    for task in TASKS:
        terms = {name: float(found.demand(task)[name]) for name in ("quantity", "elasticity", "counterfactual")}
        used, price = float(found.task_quantity(task)), float(found.task_price(task))
        value = integral(lambda p, t=terms, q=used: demand_at(p, **t) - q, terms["counterfactual"], price)
        area += value
    annual = found.annual(1.0)
    assert found.denied_use == pytest.approx(annual * area, rel=1e-4, abs=1e-6 * abs(found.spending) + 1e-6)


@given(seed=seeds())
def test_accelerators_are_used_once(seed):
    found = at(arrays(seed))
    assert np.all(found.accelerators_used <= found.table[1] * (1 + 1e-5))
    for task in TASKS:
        terms, price, used = found.demand(task), found.task_price(task), found.task_quantity(task)
        wanted_there = demand_at(price, *(terms[name] for name in ("quantity", "elasticity", "counterfactual")))
        short = used < wanted_there * (1 - 1e-5)
        # Of a workload that hardly anything is wanted of, the last digits are lost beside the other.
        assert np.all((found.task_scarce(task) == 1) >= short)
        assert np.all(np.broadcast_to(price == terms["highest_price"], short.shape)[short])
        assert np.all(used <= wanted_there * (1 + 1e-5))
    assert np.array_equal(found.scarce == 1, sum(found.task_scarce(task) for task in TASKS) > 0)


@pytest.mark.slow
@given(seed=seeds())
def test_opening_a_channel_and_raising_a_capacity_raise_neither_price(seed):
    values = random_values(case(), seed)
    before = at(values)
    for channel in case().channels:
        path = f"channels.{channel}.capacity"
        after = [
            at(values | {path: 1.5 * values[path] + 10.0}),
            at(values | {f"channels.{channel}.available": True}),
        ]
        for workload in TASKS:
            price = before.task_price(workload)
            assert all(each.task_price(workload) <= price * (1 + 1e-9) for each in after)
            assert closing(before, channel).task_price(workload) >= price * (1 - 1e-9)


@given(seed=seeds())
def test_the_implied_markup_makes_the_channel_cost_what_its_better_use_pays(seed):
    values = random_values(case(), seed)
    found = at(values)
    for channel in ("licensed", "gray"):
        implied = {f"channels.{channel}.price_markup": float(found.implied_markup(channel))}
        changed = Evaluation(case(), values | implied)
        margins = [float(found.task_price(w) - changed.cost(w, channel)) for w in TASKS]
        whole = max(Evaluation(case(), values).cost(w, channel) for w in TASKS)
        assert max(margins) == pytest.approx(0.0, abs=1e-8 * whole)


@given(seed=seeds())
def test_a_chip_that_is_all_there_is_makes_one_market(seed):
    """Where each does both as well as any other, against each other, and all want alike, the mix is cleared."""
    values = arrays(seed)
    for path in values:
        if path.startswith("channels.") and ".utilization." in path:
            values[path] = 0.5
        if path.endswith((".chip",)) and path.startswith("channels."):
            values[path] = "ref"
    found = Evaluation(case(), values)
    apart, pooled = SeparateMarket(found), PooledMarket(found)
    for task in TASKS:
        assert apart.task_premium(task) == pytest.approx(pooled.premium, rel=1e-6, abs=1e-6)
    # The mix is made up in fixed parts, so that no more or less of either is used.
    enough = pooled.scarce == 0  # what is scarce in both may go to either
    assert apart.compute_denied[enough] == pytest.approx(pooled.compute_denied[enough], rel=1e-6, abs=1e-6)
    assert apart.rents == pytest.approx(pooled.rents, rel=1e-6, abs=1.0)


# -- demand of its own -----------------------------------------------------------------------------------------------


def test_what_a_workload_does_not_state_follows_from_the_mix():
    found = at()
    share, whole = case().central["workloads.training.share"], case().central["demand.quantity"]
    assert found.demand("training")["quantity"] == share * whole
    assert found.demand("inference")["quantity"] == pytest.approx((1 - share) * whole, rel=1e-12)
    own = {"demand.inference.quantity": 5000.0, "demand.inference.elasticity": 0.7, "demand.training.choke_price": 9.0}
    other = at({**case().central, **own})
    assert other.demand("inference")["quantity"] == 5000.0
    assert other.demand("training")["quantity"] == found.demand("training")["quantity"]
    assert other.demand("inference")["elasticity"] == 0.7
    assert other.demand("training")["elasticity"] == case().central["demand.elasticity"]
    assert other.demand("training")["highest_price"] == 9.0 * other.demand("training")["counterfactual"]
    assert other.wanted == pytest.approx(5000.0 + share * whole)


@pytest.mark.slow
def test_the_word_of_the_set_decides(small_sets):
    stated = load("baseline", {"demand.workloads": "separate"})
    found = market(Evaluation(stated, stated.central))
    assert isinstance(found, SeparateMarket)
    assert found.price == at().price
    pooled = market(Evaluation(case(), case().central))
    assert isinstance(pooled, PooledMarket)
    result = market_result(stated, 64)
    assert result.statistics["premium"]["mean"].value != market_result(case(), 64).statistics["premium"]["mean"].value
    assert set(result.diversion) <= set(case().channels)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_workload_that_nobody_wants_costs_what_its_first_unit_takes(share):
    found, near = (at({**case().central, "workloads.training.share": each}) for each in (share, abs(share - 1e-4)))
    for workload in TASKS:
        assert found.task_price(workload) == pytest.approx(near.task_price(workload), rel=1e-2)
    whole = case().central["demand.quantity"]
    idle = min(TASKS, key=found.task_quantity)
    assert found.task_quantity(idle) < 1e-6 * whole
    other = max(TASKS, key=found.task_quantity)
    assert found.task_denied(other) == pytest.approx(near.task_denied(other), abs=1e-2)
    assert found.surplus_loss == pytest.approx(near.surplus_loss, rel=1e-2)


# -- draws -----------------------------------------------------------------------------------------------------------


def wanted(evaluation):
    own = [name for name in names(case()) if name.startswith("separate.")]
    found = SeparateMarket(evaluation)
    whole = [found.price, found.premium, found.surplus_loss, found.resource_cost, found.shadow_price("gray")]
    return [outcome(case(), name)(evaluation) for name in own] + whole + [found.implied_markup("licensed")]


def test_a_tape_gives_what_is_computed_directly_whatever_the_block():
    source = Draws(case(), 300, 3)
    drawn = {path: each[:300] for path, each in source.drawn(0).items()}
    fixed = {path: item.value for path, item in case().parameters.items()}
    direct = wanted(Evaluation.of(case(), fixed | drawn))
    tape = recorded(case(), wanted)
    whole = tape.play(drawn)
    assert len(whole) == len(direct) > 20
    for one, other in zip(whole, direct, strict=True):
        assert np.array_equal(one, other)
    for part in (slice(0, 64), slice(64, 65), slice(65, 300)):
        for one, other in zip(tape.play({path: each[part] for path, each in drawn.items()}), whole, strict=True):
            assert np.array_equal(one, other[part])
    row = at({path: each[7] for path, each in drawn.items()} | {p: v for p, v in fixed.items() if p not in drawn})
    assert np.isfinite(row.price)


def test_values_that_only_one_table_depends_on_are_spread():
    """Draws of a number of accelerators, or of demand, alone."""
    for path in ("channels.stock.capacity", "demand.quantity", "channels.licensed.supply_slope"):
        base = case().central[path]
        found = at({**case().central, path: np.array([base, 2 * base])})
        for place, factor in enumerate((1, 2)):
            alone = at({**case().central, path: factor * base})
            assert np.broadcast_to(found.rents, 2)[place] == pytest.approx(alone.rents, rel=1e-12)
            assert np.broadcast_to(found.price, 2)[place] == pytest.approx(alone.price, rel=1e-12)


def test_statistics_by_workload(small):
    result = market_result(small, 128).separate
    found = result.statistics
    for task in TASKS:
        told = ("price", "premium", "compute_denied", "scarce", "total")
        assert {*(f"{name}.{task}" for name in told), f"quantity.{task}.gray"} <= set(found)
        assert found[f"price.{task}"]["p05"].value <= found[f"price.{task}"]["p95"].value
    assert result.value("price.training") == float(at().task_price("training"))


def test_a_set_without_demand_is_refused(small_sets):
    quiet = load(small_sets / "hand.yaml")
    with pytest.raises(ParameterError, match=r"demand\.quantity"):
        market_result(quiet)
    assert not [name for name in names(quiet) if name.startswith("separate.")]


def test_nothing_on_offer():
    closed = {
        path: 0.0 for path in case().parameters if path.endswith((".capacity", ".installed")) and "courier." not in path
    }
    found = at({**case().central, **closed})
    assert (found.scarce, found.total, found.compute_denied, found.rents) == (1, 0, 1, 0)
    for task in TASKS:
        assert (found.task_price(task), found.task_scarce(task)) == (found.demand(task)["highest_price"], 1)
