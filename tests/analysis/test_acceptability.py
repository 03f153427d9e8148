"""Probability of being cheapest as a curve: adds up, agrees with single runs and with a closed form; the frontier."""

import json

import numpy as np
import pytest

from costmodel import ParameterError, load, simulate
from costmodel.analysis.acceptability import acceptability, acceptability_json, telling
from costmodel.analysis.sample import sample
from costmodel.analysis.uncertainty import probability_cheapest

RENT = "channels.near.rental_price"


@pytest.fixture
def ties(small_sets):
    return load("ties", {"channels.bought.available": False})


@pytest.mark.slow
@pytest.mark.parametrize("workload", ["mix", "training", "inference"])
def test_probabilities_add_up_to_1_at_every_value(small, workload):
    found = acceptability(sample(small, 128), "channels.gray.price_markup", workload, points=7)
    assert np.sum(list(found.probability.values()), axis=0) == pytest.approx(np.ones(7))
    assert len(found.values) == 7
    assert set(found.probability) == {c for c in small.channels if c not in ("counterfactual", "drives")}


@pytest.mark.parametrize(
    "path", ["channels.gray.price_markup", "finance.discount_rate", "channels.cloud.compliance_cost"]
)
@pytest.mark.slow
def test_at_a_value_it_is_what_a_run_with_that_value_gives(small_sets, path):
    """The same draws: `simulate` with the parameter set to the value."""
    case = load("baseline")
    found = acceptability(sample(case, 64), path, points=3)
    value = float(found.values[1])
    given = {"value": value, "basis": "nominal"} if path == "finance.discount_rate" else value
    run = simulate(load("baseline", {path: given}), draws=64)
    for channel, chance in probability_cheapest(run, "mix").items():
        assert found.probability[channel][1] == pytest.approx(chance.value)
        assert found.errors[channel][1] == pytest.approx(chance.error)
        assert found.expected[channel][1] == pytest.approx(np.mean(run.totals["mix"][channel]))


def test_a_known_case(ties):
    """Near's cost is R·1.1/0.8 and Far's is uniform: the curve is a straight line between known ends."""
    found = acceptability(sample(ties, 4096), RENT, between=(1.5, 3), points=31)
    # R·1.1/0.8 < R'·1.2/0.9 with R' uniform on 2 to 3.
    exact = np.clip(3 - found.values * 1.1 / 0.8 * 0.9 / 1.2, 0, 1)
    assert found.probability["near"] == pytest.approx(exact, abs=2e-3)
    (switch,) = found.switches
    # Expected costs are equal where R·1.1/0.8 is 2.5·1.2/0.9.
    assert switch.value == pytest.approx(2.5 * 1.2 / 0.9 * 0.8 / 1.1, rel=1e-3)
    assert (switch.before, switch.after) == ("near", "far")


def test_the_frontier_has_the_lowest_expected_cost(small):
    found = acceptability(sample(small, 128), "channels.cloud.rental_price", points=9)
    lowest = np.min(list(found.expected.values()), axis=0)
    assert [found.expected[c][at] for at, c in enumerate(found.frontier)] == lowest.tolist()
    assert [found.probability[c][at] for at, c in enumerate(found.frontier)] == found.frontier_probability.tolist()
    pairs = [pair for pair in zip(found.frontier[:-1], found.frontier[1:], strict=True) if pair[0] != pair[1]]
    assert [(switch.before, switch.after) for switch in found.switches] == pairs
    draws = sample(small, 128)
    for switch in found.switches:
        run = draws.evaluation.changed({found.path: switch.value})
        before, after = (np.mean(run.cost("mix", c)) for c in (switch.before, switch.after))
        assert before == pytest.approx(after, rel=1e-9)


def test_channels_that_tie_share(small_sets):
    open_twins = {
        f"channels.{c}.available": c in ("twin", "other_twin") for c in ("bought", "near", "far", "twin", "other_twin")
    }
    found = acceptability(sample(load("ties", open_twins), 32), "finance.price_decline", points=3)
    assert {share for curve in found.probability.values() for share in curve} == {0.5}
    assert found.switches == ()


def test_error_bands_shrink_with_draws_and_are_none_for_too_few(ties):
    few, many = (acceptability(sample(ties, n), RENT, between=(2, 3), points=5) for n in (128, 8192))
    assert np.mean(many.errors["near"]) < np.mean(few.errors["near"]) / 4
    assert acceptability(sample(ties, 16), RENT, points=2).errors is None


def test_one_point_and_a_set_without_uncertainty(small_sets):
    case = load("hand")
    found = acceptability(sample(case, 4), "channels.market.rental_price", between=(2, 2))
    assert found.values.tolist() == [2.0]
    assert max(float(share[0]) for share in found.probability.values()) == 1.0


def test_the_parameters_that_move_the_ranking_most(ties):
    draws = sample(ties, 256)
    paths = ["chips.ref.price", RENT, "channels.far.rental_price"]
    assert telling(draws, paths) == [RENT, "channels.far.rental_price"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("channels.near.rental_prise",), "did you mean `channels.near.rental_price`"),
        ((RENT, "mxi"), "did you mean `mix`"),
        ((RENT, "mix", 0), "must be from 1 to 1,001, not 0"),
        ((RENT, "mix", 5, (-1, 2)), "out of bounds: must be 0 ≤ x"),
    ],
)
def test_what_cannot_be_is_refused(ties, words, says):
    with pytest.raises(ParameterError, match=says):
        acceptability(sample(ties, 16), *words)


def test_with_all_channels_closed_none_is_the_cheapest(small_sets):
    with pytest.raises(ParameterError, match="none is open"):
        acceptability(sample(load("certain"), 16), "finance.price_decline")


def test_json_is_plain(ties):
    found = acceptability_json(acceptability(sample(ties, 64), RENT, points=4))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert len(found["frontier"]) == len(found["values"]) == len(found["frontier_probability"]) == 4
