"""The market of a set cleared as one: identities over random values of all parameters, and figures worked by hand."""

from dataclasses import replace
from functools import cache
from math import exp, inf, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from costmodel import load
from costmodel.analysis.recording import recorded
from costmodel.costs import Evaluation
from costmodel.errors import ParameterError
from costmodel.market import GOVERNMENTS, closing, market, required
from costmodel.outcomes import names, outcome
from costmodel.sampling import Draws
from merit_order import demand_at, integral
from strategies import random_values, seeds

SETS = Path(__file__).parent.parent / "sets"
HOURS = 8766.0


@cache
def case(name="baseline"):
    return load(SETS / f"{name}.yaml")


def at(values=None):
    """The market of the small set at some values of its parameters."""
    return market(Evaluation(case(), case().central if values is None else values))


def changed(**values):
    """The market of the small set at its central values but for some, by path with `__` for a dot."""
    return at({**case().central, **{path.replace("__", "."): value for path, value in values.items()}})


def arrays(seed, count=12):
    """Random values as arrays: words are those of the first draw."""
    rows = [random_values(case(), seed + i) for i in range(count)]
    return {
        path: np.array([row[path] for row in rows]) if isinstance(value, float) else value
        for path, value in rows[0].items()
    }


def demand_of(found):
    """Terms of demand, as plain numbers."""
    return {name: float(value) for name, value in found.demand.items()}


# -- over random values ----------------------------------------------------------------------------------------------


@given(seed=seeds())
def test_no_rent_is_negative_and_shares_add_to_one(seed):
    found = at(arrays(seed))
    for channel in case().channels:
        assert np.all(found.rent(channel) >= 0)
        assert np.all(found.quasi_rent(channel) >= 0)
        assert np.all(found.quasi_rent(channel) <= found.rent(channel))
        assert np.all(found.shadow_price(channel) >= 0)
        assert np.all(found.quantity(channel) <= found.capacity(channel) * (1 + 1e-12))
    shares = sum(found.share(channel) for channel in case().channels)
    assert shares == pytest.approx(np.where(found.total > 0, 1.0, 0.0), abs=1e-12)


@given(seed=seeds())
def test_opening_a_channel_and_raising_a_capacity_never_raise_the_price(seed):
    values = random_values(case(), seed)
    before = at(values)
    for channel in case().channels:
        path = f"channels.{channel}.capacity"
        assert at(values | {path: 1.5 * values[path] + 10.0}).price <= before.price * (1 + 1e-12)
        opened = at(values | {f"channels.{channel}.available": True})
        assert opened.price <= before.price * (1 + 1e-12)
        assert closing(before, channel).price >= before.price * (1 - 1e-12)


@given(seed=seeds())
def test_the_loss_of_surplus_is_rents_extra_cost_and_denied_use(seed):
    found = at(random_values(case(), seed))
    annual = HOURS * found.found.values["reference.availability"]
    parts = found.rents + found.extra_cost + found.denied_use
    scale = abs(found.rents) + abs(found.extra_cost) + abs(found.denied_use) + 1e-9
    assert abs(parts - found.surplus_loss) <= 1e-12 * scale
    # What is not used any more: what it was worth above the price without controls, from demand itself.
    terms = demand_of(found)
    start, price, used = terms["counterfactual"], float(found.price), float(found.total)
    area = integral(lambda p: demand_at(p, **terms) - used, start, price)
    assert found.denied_use == pytest.approx(annual * area, rel=1e-4, abs=1e-6 * abs(found.spending) + 1e-6)
    if found.scarce or price >= start:
        assert found.denied_use >= -1e-9 * scale


@given(seed=seeds())
def test_buyers_pay_rents_governments_and_what_is_used_up(seed):
    found = at(arrays(seed))
    paid = sum(amount for amount, _ in found.receipts.values())
    assert found.rents + paid + found.resource_cost == pytest.approx(found.spending, rel=1e-9, abs=1e-6)
    assert found.average_cost * found.annual(found.total) == pytest.approx(found.supply_cost, rel=1e-9, abs=1e-6)
    assert sum(found.rent(channel) for channel in case().channels) == pytest.approx(found.rents, rel=1e-12)


@given(seed=seeds())
def test_scarce_where_less_is_offered_than_is_wanted_at_the_choke_price(seed):
    found = at(arrays(seed))
    short = found.total < found.wanted_at_price * (1 - 1e-9)
    assert np.array_equal(found.scarce == 1, short)
    assert np.all(
        found.price[found.scarce == 1] == np.broadcast_to(found.highest_price, short.shape)[found.scarce == 1]
    )
    wanted = np.where(found.scarce == 1, found.total, found.wanted_at_price)
    assert found.total == pytest.approx(wanted, rel=1e-9)


@given(seed=seeds())
def test_the_price_follows_costs_smoothly(seed):
    """Prices of chips and hire move all unit costs a little, and the clearing price by no more than most of them."""
    values = random_values(case(), seed)
    moved = values | {path: value * (1 + 1e-7) for path, value in values.items() if path.endswith("price")}
    moved["demand.choke_price"] = values["demand.choke_price"]
    before, after = at(values), at(moved)
    shifts = [
        np.abs(after.table[0] + after.table[2] - before.table[0] - before.table[2]),
        np.abs(after.table[0] - before.table[0]),
        [abs(after.highest_price - before.highest_price)],
    ]
    # Demand moves with the price without controls as well: as far as that does, in proportion.
    along = before.price * abs(after.counterfactual / before.counterfactual - 1)
    assert abs(after.price - before.price) <= 2 * (max(float(np.max(shift)) for shift in shifts) + along) + 1e-12


@given(seed=seeds())
def test_scalars_give_what_arrays_give(seed):
    values = arrays(seed, 4)
    found = at(values)
    for draw in range(4):
        one = at({path: value[draw] if isinstance(value, np.ndarray) else value for path, value in values.items()})
        for name in ("price", "total", "rents", "surplus_loss", "resource_cost", "scarce"):
            assert getattr(one, name) == pytest.approx(getattr(found, name)[draw], rel=1e-9, abs=1e-6), name


# -- draws -----------------------------------------------------------------------------------------------------------


def of_the_market(evaluation):
    wanted = [name for name in names(case()) if name.startswith("market.")]
    return [outcome(case(), name)(evaluation) for name in wanted]


def test_a_tape_gives_what_is_computed_directly_whatever_the_block():
    source = Draws(case(), 300, 3)
    drawn = {path: each[:300] for path, each in source.drawn(0).items()}
    fixed = {path: item.value for path, item in case().parameters.items()}
    direct = of_the_market(Evaluation.of(case(), fixed | drawn))
    tape = recorded(case(), of_the_market)
    whole = tape.play(drawn)
    assert len(whole) == len(direct) > 50
    for one, other in zip(whole, direct, strict=True):
        assert np.array_equal(one, other, equal_nan=True)
    for part in (slice(0, 64), slice(64, 65), slice(65, 300)):
        for one, other in zip(tape.play({path: each[part] for path, each in drawn.items()}), whole, strict=True):
            found = np.broadcast_to(other, 300)[part]
            assert np.array_equal(np.broadcast_to(one, found.shape), found, equal_nan=True)


# -- edges -----------------------------------------------------------------------------------------------------------


def supply(value):
    """All that is in service or can be, at a number."""
    return {
        path: value
        for path in case().parameters
        if path.endswith((".capacity", ".installed")) and "courier." not in path
    }


def test_everything_closed():
    found = at({**case().central, **supply(0.0)})
    assert found.price == found.highest_price
    assert (found.scarce, found.total, found.compute_denied, found.average_cost) == (1, 0, 1, 0)
    assert all(found.share(channel) == found.rent(channel) == 0 for channel in case().channels)
    assert found.denied_use == pytest.approx(found.surplus_loss)


def test_closing_leaves_what_is_in_service():
    found = at()
    for channel in case().channels:
        closed = closing(found, channel)
        held = [offer for offer in found.offers if offer.channel == channel and offer.sunk]
        assert [offer for offer in closed.offers if offer.channel == channel] == held
        shut = changed(**{f"channels__{channel}__available": False})
        assert shut.price == closed.price
    assert changed(channels__stock__available=False).price == found.price


def test_an_endless_offer_sets_the_price():
    found = changed(channels__cloud__capacity=inf)
    assert found.price == pytest.approx(found.unit_cost("cloud"), rel=1e-12)
    assert np.isfinite(found.quantity("cloud"))
    assert found.scarce == 0


def test_plenty_makes_the_premium_negative():
    found = changed(demand__quantity=10.0)
    assert found.premium < 0
    assert found.compute_denied < 0
    assert found.surplus_loss < 0
    assert found.rents >= 0


def test_a_budget_that_is_not_stated_denies_nothing_per_dollar():
    values = {path: value for path, value in case().central.items() if path != "enforcement.budget"}
    assert np.isnan(at(values).denied_per_budget)
    found = at()
    assert found.denied_per_budget == pytest.approx(float(found.wanted - found.total) / 200, rel=1e-12)


def test_a_set_without_demand_is_refused(small_sets):
    with pytest.raises(ParameterError, match=r"demand\.quantity"):
        required(load(small_sets / "hand.yaml"))


def test_a_capacity_without_its_markup_is_refused(small_sets):
    quiet = load(small_sets / "baseline.yaml")
    item = replace(quiet.parameters["channels.gray.supply_markup"], stated=False)
    found = market(Evaluation(replace(quiet, parameters={**quiet.parameters, item.path: item}), quiet.central))
    with pytest.raises(ParameterError, match=r"channels\.gray\.supply_markup"):
        _ = found.price


def test_what_costs_nothing_to_run_is_given_away():
    """Where units in service meet demand that no price moves, and standing still would save nothing."""
    free = {path: 0.0 for path in case().parameters if path.endswith((".electricity_price", "_rate"))}
    free |= {path: case().central[path] for path in free if path.startswith("finance.")}
    found = at({**case().central, **free, "demand.quantity": 1000.0, "demand.elasticity": 0.0})
    assert (found.price, found.premium, found.rents) == (0, -1, 0)
    assert found.surplus_loss == pytest.approx(-found.annual(1000.0 * found.counterfactual), rel=1e-12)
    assert found.denied_use == pytest.approx(0.0, abs=1e-6)


# -- by hand ---------------------------------------------------------------------------------------------------------
# The channel `delivered` of sets/hand.yaml, with 100 sent, a supply markup of 30 % and the rest as it stands there.

RHO, GAMMA = log(1.08), -log(1 - 0.25)
SUPPLY = {
    "channels.delivered.capacity": 100.0,
    "channels.delivered.supply_markup": 0.3,
    "channels.delivered.installed": 40.0,
    "channels.delivered.supply_slope": 0.5,
    "channels.delivered.available": True,
    "demand.quantity": 30.0,
    "demand.elasticity": 0.0,
    "demand.choke_price": 40.0,
}


def kappa(x, n, sigma):
    return x * (1 - sigma * exp(-x * n)) / (1 - exp(-x * n))


@pytest.fixture
def by_hand(small_sets):
    """The market of the set of the hand calculations, and H100e of one accelerator of the channel."""
    stated = load("hand", SUPPLY)
    training = 0.5e15 / 1.0e15 * 0.35 / 0.4
    inference = 100 * 2.0e12 / (100 * 2 * 3.0e12) * 0.25 / 0.3
    equivalence = 1 / (0.6 / training + 0.4 / inference)
    return market(Evaluation(stated, stated.central)), equivalence


def hand_outlays():
    """What it takes to bring one in: paid at origin with the supply markup, the buyer bearing every loss."""
    paid, freight, server = 10000 * 1.3, 300, 4000
    fee = paid * 0.2 / 0.8
    taxes = (paid + fee + freight + server) * (0.05 + 1.05 * 0.13 * 0.2)
    lost = 0.1 / 0.9 * (paid + freight + 2000)
    waiting = exp(GAMMA * 0.5) * (1 + 0.4 * (exp(log(1.11) * 0.5) - 1)) - 1
    network = 14000 * 0.1 / 0.9
    outlay = paid + freight + lost + waiting * (paid + fee + taxes + freight + lost) + fee + taxes + server + network
    return outlay, fee, taxes


#: Energy, the only cost of this channel that standing still saves, and the facility; USD per accelerator-year.
ENERGY = 0.4 * 1.6 * 0.75 * 1.3 * HOURS * 0.08
FACILITY = kappa(RHO, 15, 0) * 10000 * 0.4 * 1.6


def test_supply_cost_by_hand(by_hand):
    found, equivalence = by_hand
    outlay, _, _ = hand_outlays()
    risky = kappa(log(1.11) - log(1 - 0.02) + GAMMA, 5, 0.6)
    annual = risky * outlay + ENERGY + FACILITY
    assert found.new_offer("delivered").annual_cost == pytest.approx(annual, rel=1e-12)
    assert found.unit_cost("delivered") == pytest.approx(annual / (HOURS * 0.9 * equivalence), rel=1e-12)


def test_avoidable_cost_by_hand(by_hand):
    """No maintenance and no repairs in this channel: energy alone."""
    found, equivalence = by_hand
    (held,) = [offer for offer in found.offers if offer.sunk]
    assert held.annual_cost == pytest.approx(ENERGY, rel=1e-12)
    assert found.capacity("delivered") == pytest.approx((40 + 100 * 0.9) * equivalence * 0.9 / 0.95, rel=1e-12)


def test_transfers_by_hand(by_hand):
    """What the accelerators that come in pay in fees, taxes and penalties, as a yearly charge over their lives."""
    found, equivalence = by_hand
    _, fee, taxes = hand_outlays()
    number = (30 / (equivalence * 0.9 / 0.95)) - 40
    assert found.quantity("delivered") == pytest.approx(30.0, rel=1e-12)
    assert found.accelerators_used[1] == pytest.approx(number, rel=1e-12)
    charge = kappa(RHO + GAMMA, 5, 0.6) * number
    # The buyer bears 80 % of the fee; penalties are one for each that is lost.
    penalties = 0.1 / 0.9 * 2000
    assert found.receipts["exporting"][0] == pytest.approx(charge * (fee + penalties), rel=1e-9)
    assert found.received("exporting") == pytest.approx(charge * (fee / 0.8 + penalties), rel=1e-9)
    assert found.receipts["importing"] == pytest.approx((charge * taxes, charge * taxes), rel=1e-12)
    assert set(found.receipts) == set(GOVERNMENTS)


@given(seed=seeds())
def test_the_implied_markup_makes_the_channel_cost_what_the_market_pays(seed):
    values = random_values(case(), seed)
    found = at(values)
    for channel in case().channels:
        if case().text(f"channels.{channel}.kind") != "purchase":
            assert np.isnan(found.implied_markup(channel))
            continue
        implied = {f"channels.{channel}.price_markup": float(found.implied_markup(channel))}
        cost = Evaluation(case(), values | implied).cost("mix", channel)
        # Where the markup takes off nearly all of a cost, its last digits are missing.
        whole = Evaluation(case(), values).cost("mix", channel)
        assert cost == pytest.approx(found.price, rel=1e-9, abs=1e-12 * whole)
