"""Each mechanism alone, on the small set: what it does, and that it does nothing else."""

import numpy as np
import pytest

from paths import ALL, EVENTS, Along, all_at_once, small_path

NO_DELIVERIES = {f"channels.{c}.capacity": 0 for c in ("licensed", "gray", "home_made")}


def along(*events, **changes):
    return Along(small_path(*events, changes={path.replace("__", "."): value for path, value in changes.items()}))


def near(found, expected, rel=1e-12):
    assert found == pytest.approx(np.broadcast_to(expected, found.shape), rel=rel)


def only(found, still, *moving):
    """Nothing but what a mechanism is about has moved, among what the mechanisms move themselves."""
    for name, _ in found.path.columns:
        if name.split(".")[0] in ("capacity", "interdiction", "installed", "counterfactual") and name not in moving:
            assert np.array_equal(found[name], still[name]), name


@pytest.fixture(scope="module")
def still():
    """The path in which nothing moves."""
    return along()


# -- prices and demand -------------------------------------------------------------------------------------------------


def test_frontier_prices_fall_at_the_trend_and_demand_stays_the_same_curve(still):
    found = along(chips__ref__tracks_frontier=True)
    stated = found.stated()
    for place in (1, 7):
        price = stated["chips.ref.price"] * (1 - stated["finance.price_decline"]) ** (place / 4)
        cost = found.static(chips__ref__price=price).counterfactual
        anchor, eta = found["counterfactual"][0], stated["demand.elasticity"]
        expected = found.static(
            chips__ref__price=price,
            demand__quantity=stated["demand.quantity"] * (cost / anchor) ** -eta,
            demand__choke_price=stated["demand.choke_price"] * anchor / cost,
        )
        near(found["counterfactual"][place], cost)
        near(found["price"][place], expected.price)
        near(found["wanted"][place], expected.wanted)
        near(found["compute_denied"][place], expected.compute_denied, rel=1e-9)
    only(found, still, "counterfactual")


def test_a_price_that_does_not_track_stays():
    found = along(chips__other__tracks_frontier=True)
    assert np.array_equal(found["counterfactual"], np.broadcast_to(found["counterfactual"][0], found["price"].shape))
    assert not np.array_equal(found["price"][0], found["price"][4])


def test_demand_grows(still):
    found = along(demand__growth=0.4)
    near(found["wanted"], 80000 * 1.4**found.years)
    near(found["price"][4], found.static(demand__quantity=80000 * 1.4).price)
    only(found, still)


# -- domestic ----------------------------------------------------------------------------------------------------------


def test_learning_follows_output(still):
    found = along(domestic__learning_rate=0.25, domestic__cumulative_output=5000)
    output, factor = found.states("output"), found.states("factor chips.own.price")
    near(factor, (output / 5000) ** np.log2(0.75), rel=1e-10)
    assert np.all(output[-1] > output[0])
    # Output adds up what comes into use, at the mean of both ends of each step.
    made = found["delivered.home_made"]
    near(np.diff(output, axis=0), (made[1:] + made[:-1]) / 8, rel=1e-9)
    only(found, still)


def test_performance_grows(still):
    found = along(domestic__performance_growth=0.3)
    chip = {"chips__own__bf16_flops": 4e14 * 1.3, "chips__own__memory_bandwidth": 1.6e12 * 1.3}
    near(found["price"][4], found.static(4, **chip).price)
    near(found["quantity.home_made"][4], found.static(4, **chip).quantity("home_made"))
    only(found, still)


def test_domestic_capacity_grows_faster_at_a_premium(still):
    plain = along(domestic__capacity_growth=0.2)
    near(plain["capacity.home_made"], plain["capacity.home_made"][0] * 1.2**plain.years)
    only(plain, still, "capacity.home_made")
    induced = along(domestic__capacity_growth=0.2, domestic__induced_growth=0.5)
    assert np.all(
        (induced["capacity.home_made"][1:] > plain["capacity.home_made"][1:]) == (induced["premium"][:-1] > 0)
    )
    # The step goes at the mean of the premium at both of its ends.
    premium = (induced["premium"][1:] + induced["premium"][:-1]) / 2
    growth = 0.2 * (1 + 0.5 * np.maximum(premium, 0))
    factors = induced.states("factor channels.home_made.capacity")
    near(factors[1:] / factors[:-1], (1 + growth) ** 0.25)
    only(induced, still, "capacity.home_made")


def test_domestic_growth_has_bounds(still):
    bounded = along(domestic__capacity_growth=0.2, domestic__induced_growth=9, domestic__max_growth=0.2)
    assert np.array_equal(bounded["capacity.home_made"], along(domestic__capacity_growth=0.2)["capacity.home_made"])
    limited = along(domestic__capacity_growth=0.8, domestic__capacity_limit=20000)
    capacity, start = limited["capacity.home_made"], limited["capacity.home_made"][0]
    near(capacity, np.maximum(start, np.minimum(start * 1.8**limited.years, 20000)))
    assert np.any(start < 20000)
    # What stands above the limit stays there, and still shrinks by itself.
    above = along(domestic__capacity_limit=1000, channels__home_made__capacity_growth=-0.5)
    near(above["capacity.home_made"], above["capacity.home_made"][0] * 0.5**above.years)


@pytest.mark.parametrize("channel", ["licensed", "gray", "home_made", "cloud"])
def test_a_capacity_grows_by_itself(still, channel):
    found = along(**{f"channels.{channel}.capacity_growth": 0.5})
    near(found[f"capacity.{channel}"], still[f"capacity.{channel}"] * 1.5**found.years)
    only(found, still, f"capacity.{channel}")


# -- enforcement, evasion, entry ---------------------------------------------------------------------------------------


def test_enforcement_responds_to_what_gets_through(still):
    share = still["share.gray"]
    assert np.all(share > 0.02)
    found = along(enforcement__response=3, enforcement__ceiling=0.8)
    caught = found["interdiction.gray"]
    assert np.all(np.diff(caught, axis=0) > 0)
    assert np.all(caught < 0.8)
    effort = found.states("effort gray")
    middle = (found["share.gray"][1:] + found["share.gray"][:-1]) / 2
    near(np.diff(effort, axis=0), 3 * middle / 4, rel=1e-9)
    near(effort[0], -np.log(1 - caught[0] / 0.8), rel=1e-9)
    only(found, still, "interdiction.gray")
    # Below the tolerance it relaxes, and ends at nothing.
    relaxed = along(enforcement__response=3, enforcement__tolerance=0.9)["interdiction.gray"]
    assert np.all(np.diff(relaxed, axis=0) <= 0)
    assert np.all(relaxed[-1] < 1e-15)


def test_at_the_tolerance_nothing_moves(still):
    found = along(enforcement__response=0, enforcement__tolerance=0.5, adaptation__rate=0, adaptation__decay=0.5)
    assert np.array_equal(found["interdiction.gray"], still["interdiction.gray"])


def test_evasion_adapts(still):
    found = along(adaptation__rate=5)
    caught, adaptation = found["interdiction.gray"], found.states("adaptation gray")
    assert np.all(np.diff(caught, axis=0) < 0)
    near(np.diff(adaptation, axis=0), 5 * (caught[1:] + caught[:-1]) / 8, rel=1e-9)
    only(found, still, "interdiction.gray")


def test_adaptation_is_lost(still):
    found = along(adaptation__initial=2, adaptation__decay=0.5, enforcement__ceiling=0.9)
    stated = found.stated()["channels.gray.interdiction_probability"]
    effort = -np.log(1 - stated / 0.9) * 3
    near(found["interdiction.gray"], 0.9 * (1 - np.exp(-effort / (1 + 2 * 0.5**found.years))), rel=1e-9)
    only(found, still, "interdiction.gray")


def test_entry_follows_rents(still):
    found = along(entry__rate=0.6)
    grown = found["capacity.gray"][1:] / found["capacity.gray"][:-1]
    assert np.all(grown >= 1)
    assert np.any(grown > 1)
    only(found, still, "capacity.gray", "capacity.drives")
    # Nothing is sold through a closed channel, so that nothing enters.
    assert np.array_equal(found["capacity.drives"], still["capacity.drives"])


def test_exit_follows_losses(still):
    found = along(entry__exit=0.5)
    caught = found["interdiction.gray"]
    near(found["capacity.gray"], found["capacity.gray"][0] * (1 - 0.5 * caught) ** found.years)
    only(found, still, "capacity.gray")


# -- stocks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turnover", [1, 0.5])
def test_without_deliveries_a_stock_wears_out(still, turnover):
    found = along(**NO_DELIVERIES, stocks__turnover=turnover)
    life = found.stated()["finance.economic_life"]
    for channel, stock, lost in (("gray", 15000, 0.03), ("home_made", 6000, 0.01), ("licensed", 20000, 0.01)):
        wear = -np.log(1 - lost) + 1 / life
        near(found[f"installed.{channel}"], stock * np.exp(-turnover * wear * found.years))
    wear = -np.log(1 - 0.02) + 1 / life
    near(found["capacity.stock"], 9000 * np.exp(-turnover * wear * found.years))


def test_deliveries_are_installed():
    found = along(stocks__turnover=1)
    arrived = found["delivered.gray"]
    assert np.any(arrived > 0)
    wear = -np.log(1 - 0.03) + 1 / found.stated()["finance.economic_life"]
    stock = found.states("installed gray")
    rate = (arrived[1:] + arrived[:-1]) / 2
    kept = np.exp(-wear / 4)
    # Deliveries in the mean of both ends, worn since they came.
    near(stock[1:], stock[:-1] * kept + rate * (1 - kept) / wear * units(found, "gray"), rel=1e-9)
    assert np.array_equal(found["installed.gray"][0], np.full(found.draws, 15000.0))


def units(found, channel):
    """H100e that an accelerator of a channel is by its chip."""
    return found.static().found.equivalences(channel)["mix"]


def test_what_is_installed_stays_as_much_compute_when_the_chip_is_replaced():
    found = along(("2026-10", {"channels.licensed.chip": "ref"}), **NO_DELIVERIES, stocks__turnover=1)
    before, after = (found.static(place).found.equivalences("licensed")["mix"] for place in (2, 3))
    wear = -np.log(1 - 0.01) + 1 / found.stated()["finance.economic_life"]
    assert np.all(np.abs(before / after - 1) > 0.05)
    near(found["installed.licensed"][3], 20000 * np.exp(-0.75 * wear) * before / after)
    # Not where the event states how many there are, of the new chip.
    stated = {"channels.licensed.chip": "ref", "channels.licensed.installed": 7000}
    anew = along(("2026-10", stated), **NO_DELIVERIES, stocks__turnover=1)
    near(anew["installed.licensed"][3], 7000.0)


def test_what_is_installed_stays_as_much_compute_when_the_chip_gets_better():
    found = along(**NO_DELIVERIES, stocks__turnover=1, domestic__performance_growth=0.5)
    wear = -np.log(1 - 0.01) + 1 / found.stated()["finance.economic_life"]
    near(found["installed.home_made"], 6000 * np.exp(-wear * found.years) / 1.5**found.years, rel=1e-9)


# -- all ---------------------------------------------------------------------------------------------------------------

#: Values at which a mechanism is neutral, which switch off what stands beside them.
NEUTRAL = {
    "domestic.cumulative_output": 30000,
    "domestic.max_growth": 0.21,
    "domestic.capacity_limit": 16000,
    "enforcement.ceiling": 0.6,
}


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(path for path in ALL if not path.endswith("available")))
def test_every_parameter_of_time_matters(path):
    """Each of them changes some result of a path on which all mechanisms work."""
    whole = Along(all_at_once())
    other = False if path.endswith("tracks_frontier") else NEUTRAL.get(path, ALL[path] / 2)
    moved = Along(small_path(*EVENTS, changes=ALL | {path: other}))
    names = {name for name, _ in whole.path.columns}
    assert any(not np.array_equal(whole[name], moved[name], equal_nan=True) for name in names)


def test_every_parameter_of_time_is_tried():
    """What the static market does not read, and no cost does."""
    still, case = along(), all_at_once()
    of_time = {
        item.path
        for item in case
        if item.path.split(".")[0] in ("adaptation", "domestic", "entry", "stocks")
        or item.path.rsplit(".", 1)[1] in ("tracks_frontier", "growth", "ceiling", "response", "tolerance")
    }
    assert of_time - {"chips.own.tracks_frontier"} == {
        path for path in ALL if not path.endswith(("available", "cloud.capacity_growth"))
    }
    assert still.path.regimes[0].case.parameters["channels.cloud.capacity_growth"].value == 0
