"""The market of a set: identities at random values of all parameters, draws as they come, and edges."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from scipy.integrate import quad

from costmodel import ParameterError, load
from costmodel.analysis.recording import recorded
from costmodel.costs import Evaluation
from costmodel.market import closing, market
from costmodel.outcomes import names, outcome
from costmodel.sampling import Draws
from strategies import random_draws, seeds

SETS = Path(__file__).parents[1] / "sets"
DRAWS, HOURS = 8, 8766.0


@cache
def case():
    return load(SETS / "baseline.yaml")


def of(values):
    return market(Evaluation(case(), values))


def central(**changes):
    """The market at central values but for some, by path with two underscores for a dot."""
    return of({**case().central, **{path.replace("__", "."): value for path, value in changes.items()}})


def each(function):
    """Results of all channels, stacked."""
    return np.stack([np.broadcast_to(function(channel), (DRAWS,)) for channel in case().channels])


@cache
def market_outcomes():
    return [outcome(case(), name) for name in names(case()) if name.startswith("market.")]


# -- identities --------------------------------------------------------------------------------------------------------


@given(seed=seeds())
def test_rents_are_never_negative(seed):
    found = of(random_draws(case(), seed, DRAWS)[1])
    assert np.all(each(found.rent) >= 0)
    assert np.all(each(found.quasi_rent) >= 0)
    assert np.all(each(found.quasi_rent) <= each(found.rent))
    assert np.all(each(found.shadow_price) >= 0)
    assert each(found.rent).sum(axis=0) == pytest.approx(found.rents, rel=1e-12)


@given(seed=seeds())
def test_shares_add_up_to_1_where_anything_is_used(seed):
    found = of(random_draws(case(), seed, DRAWS)[1])
    assert each(found.share).sum(axis=0) == pytest.approx((found.total > 0).astype(float), rel=1e-12)
    assert np.all(each(found.quantity) <= each(found.capacity) * (1 + 1e-9))


@given(seed=seeds())
def test_loss_of_surplus_is_rents_extra_cost_and_denied_use(seed):
    """With the surplus of denied use by quadrature: between the price without controls and the clearing price."""
    rows, values = random_draws(case(), seed, DRAWS)
    found = of(values)
    pi0, price, total = found.counterfactual, found.price, found.total
    parts = found.rents + found.extra_cost + found.denied_use
    scale = np.abs(found.rents) + np.abs(found.extra_cost) + np.abs(found.denied_use)
    assert np.all(np.abs(parts - found.surplus_loss) <= 1e-12 * scale)
    for draw, row in enumerate(rows):
        d0, eta = row["demand.quantity"], row["demand.elasticity"]
        if eta == 0.0:
            area = (d0 - total[draw]) * (price[draw] - pi0[draw])
        else:
            # Over the logarithm of the price, in which demand is smooth.
            area, _ = quad(
                lambda z, d=draw, d0=d0, eta=eta: (d0 * np.exp(-eta * z) - total[d]) * pi0[d] * np.exp(z),
                0.0,
                np.log(price[draw] / pi0[draw]),
                epsabs=0.0,
                epsrel=1e-10,
            )
        year = HOURS * row["reference.availability"]
        assert found.denied_use[draw] == pytest.approx(area * year, rel=1e-8, abs=1e-9 * float(scale[draw]))


@given(seed=seeds())
def test_spending_is_rents_transfers_and_resource_cost(seed):
    rows, values = random_draws(case(), seed, DRAWS)
    found = of(values)
    paid = sum(np.asarray(paid) for paid, _ in found.receipts.values())
    year = np.array([HOURS * row["reference.availability"] for row in rows])
    assert found.spending == pytest.approx(found.price * found.total * year, rel=1e-12)
    parts = found.rents + paid + found.resource_cost
    assert np.all(np.abs(parts - found.spending) <= 1e-12 * (found.rents + paid + np.abs(found.resource_cost)))
    assert np.all(paid >= 0)


@given(seed=seeds())
def test_scarce_is_the_choke_price_with_something_missing(seed):
    rows, values = random_draws(case(), seed, DRAWS)
    found = of(values)
    for draw, row in enumerate(rows):
        highest = row["demand.choke_price"] * found.counterfactual[draw]
        wanted = row["demand.quantity"] * (found.price[draw] / found.counterfactual[draw]) ** -row["demand.elasticity"]
        assert found.price[draw] <= highest * (1 + 1e-15)
        missing = found.total[draw] < wanted * (1 - 1e-9)
        assert bool(found.scarce[draw]) == missing
        assert not missing or found.price[draw] == pytest.approx(highest, rel=1e-15)


@given(seed=seeds())
def test_closing_a_channel_never_lowers_the_price(seed):
    """It takes the channel's capacity and no more: an inventory, and what is installed, stay."""
    found = of(random_draws(case(), seed, DRAWS)[1])
    for channel in case().channels:
        without = closing(found, channel)
        assert np.all(without.price >= found.price * (1 - 1e-12))
        assert np.all(without.quantity(channel) <= found.quantity(channel) * (1 + 1e-9))
        if case().text(f"channels.{channel}.kind") == "inventory":
            assert np.array_equal(without.price, found.price)


@given(seed=seeds())
def test_price_at_the_implied_markup(seed):
    """A channel whose price had that markup would cost just the clearing price."""
    _, values = random_draws(case(), seed, DRAWS)
    found = of(values)
    for channel in case().channels:
        markup = found.implied_markup(channel)
        if case().text(f"channels.{channel}.kind") != "purchase":
            assert np.isnan(markup)
            continue
        observed = Evaluation(case(), values | {f"channels.{channel}.price_markup": markup})
        cost = observed.cost("mix", channel)
        assert np.all(np.abs(cost - found.price) <= 1e-9 * (found.price + found.unit_cost(channel)))


def test_stock_that_costs_nothing_to_run_and_inelastic_demand():
    """A price of 0: buyers gain all that they would have paid."""
    found = central(sites__home__electricity_price=0.0, demand__elasticity=0.0, demand__quantity=1000.0)
    assert (float(found.price), float(found.premium), float(found.rents)) == (0.0, -1.0, 0.0)
    year = HOURS * case().central["reference.availability"]
    assert float(found.surplus_loss) == pytest.approx(-1000.0 * float(found.counterfactual) * year, rel=1e-12)
    assert float(found.denied_use) == pytest.approx(0.0, abs=1e-3)


# -- draws -------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(seed=seeds())
def test_arrays_give_the_numbers_of_scalars(seed):
    rows, values = random_draws(case(), seed, 2)
    rows = [row | {"enforcement.budget": 1e6} for row in rows]
    together = Evaluation(case(), values | {"enforcement.budget": 1e6})
    mine = {item: np.broadcast_to(item(together), 2) for item in market_outcomes()}
    alone = Evaluation(case(), rows[1])
    scale = float(abs(market(alone).spending) + abs(market(alone).surplus_loss))
    for item, columns in mine.items():
        small = 1e-12 * {"USD/year": scale, "H100e": rows[1]["demand.quantity"]}.get(item.unit, 1.0)
        assert columns[1] == pytest.approx(float(item(alone)), rel=1e-9, abs=small, nan_ok=True), item.name


def test_draws_through_a_tape_are_those_computed_directly():
    """And the same bits for any size of a block."""
    wanted, small = market_outcomes(), case()
    drawn = Draws(small, 300, 0).drawn(0)
    tape = recorded(small, lambda found: [item(found) for item in wanted])
    played = tape.play(drawn)
    fixed = {path: item.value for path, item in small.parameters.items()}
    direct = Evaluation.of(small, fixed | dict(drawn))
    parts = [tape.play({path: x[start : start + 37] for path, x in drawn.items()}) for start in range(0, 300, 37)]
    for place, item in enumerate(wanted):
        mine = np.broadcast_to(played[place], 300)
        assert np.array_equal(mine, np.broadcast_to(item(direct), 300), equal_nan=True), item.name
        pieces = [np.broadcast_to(part[place], min(37, 300 - 37 * n)) for n, part in enumerate(parts)]
        assert np.array_equal(mine, np.concatenate(pieces), equal_nan=True), item.name


# -- edges -------------------------------------------------------------------------------------------------------------


def test_all_channels_closed_and_nothing_held():
    nothing = {f"channels.{c}.{word}": 0.0 for c in case().channels for word in ("capacity", "installed")}
    found = of({**case().central, **{path: x for path, x in nothing.items() if path in case().central}})
    assert float(found.price) == pytest.approx(4.0 * float(found.counterfactual), rel=1e-15)
    assert (float(found.total), float(found.compute_denied), float(found.scarce)) == (0.0, 1.0, 1.0)
    assert (float(found.rents), float(found.average_cost), float(found.spending)) == (0.0, 0.0, 0.0)
    assert float(found.denied_use) == float(found.surplus_loss) > 0
    assert all(float(found.share(channel)) == 0.0 for channel in case().channels)


def test_closed_channels_leave_what_is_in_service():
    closed = {f"channels__{c}__available": False for c in case().channels}
    found = central(**closed)
    assert float(found.quantity("licensed")) > 0
    assert float(found.quantity("cloud")) == 0.0
    assert found.rent("licensed") == found.quasi_rent("licensed")


def test_demand_beyond_all_supply():
    found = central(demand__quantity=1e7)
    assert float(found.scarce) == 1.0
    assert float(found.total) == pytest.approx(sum(float(found.capacity(c)) for c in case().channels), rel=1e-12)
    assert float(found.premium) == pytest.approx(3.0, rel=1e-14)


def test_small_demand_has_a_negative_premium():
    found = central(demand__quantity=10_000.0)
    assert float(found.premium) < 0
    assert float(found.compute_denied) <= 0
    assert float(found.surplus_loss) < 0
    assert float(found.extra_cost) < 0


@pytest.mark.parametrize("elasticity", [0.0, 1.0])
def test_elasticities_at_which_powers_change_their_form(elasticity):
    """Everything is close to its values at an elasticity next to it."""
    found, near = (central(demand__elasticity=x) for x in (elasticity, elasticity + 1e-8))
    for name in ("price", "total", "surplus_loss", "rents", "denied_use"):
        assert float(getattr(near, name)) == pytest.approx(float(getattr(found, name)), rel=1e-6), name


def test_choke_price_at_the_price_without_controls():
    found = central(demand__choke_price=1.0)
    assert float(found.price) <= float(found.counterfactual)
    assert float(found.surplus_loss) <= 0


def test_set_without_demand_has_no_market():
    with pytest.raises(ParameterError, match="no market to clear"):
        market(Evaluation(load(SETS / "hand.yaml"), load(SETS / "hand.yaml").central))
