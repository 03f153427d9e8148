"""Levers of policy: curves, elasticities and swings, held against closed forms and against sets loaded one by one."""

import json
import math

import numpy as np
import pytest

from costmodel import load
from costmodel.analysis.frontier import (
    FOLLOWED,
    RANKED,
    current,
    frontier_json,
    frontiers,
    named,
    ranking,
)
from costmodel.analysis.named import outcome_draws, outcome_statistics
from costmodel.analysis.sample import sample
from costmodel.errors import ParameterError
from costmodel.parameters.model import Lever
from costmodel.words import lever_label

DRAWS = 256
NAMES = [f"market.{name}" for name in FOLLOWED]
TOLD = ("mean", "p05", "p50", "p95")

# One endless flat offer is the dearest that is used, in every draw, and all of its cost is rent by the hour.
MARGINAL_CLOUD = {
    "channels.cloud.capacity": 1e7,
    "channels.cloud.supply_slope": 0,
    "channels.cloud.data_volume": 0,
    "channels.cloud.migration_cost": 0,
    "channels.cloud.rental_price": 2.2,
    "demand.quantity": 500000,
}
# More is wanted than there is, whatever it costs.
SCARCE = {"demand.quantity": 1e6, "demand.elasticity": 0, "demand.choke_price": 100}


@pytest.fixture
def set_of(small_sets):
    """The small set with some values changed."""
    return lambda changes=None: load(small_sets / "baseline.yaml", changes or {})


def along(case, *asked, points=3, draws=DRAWS):
    return frontiers(sample(case, draws), [named(case, text) for text in asked], points)


@pytest.mark.parametrize(
    ("path", "elasticity"),
    [("channels.cloud.rental_price", 1.0), ("channels.cloud.availability", -1.0)],
)
def test_the_price_moves_as_the_cost_of_the_one_offer_that_sets_it(set_of, path, elasticity):
    # Availability cannot rise by a twentieth, so that its elasticity is told from one side.
    (found,) = along(set_of(MARGINAL_CLOUD), path)
    for statistic in TOLD:
        assert found.elasticity[statistic].value == pytest.approx(elasticity, rel=1e-9)
    assert found.reason is None


def test_compute_denied_falls_by_what_a_tenth_more_capacity_brings(set_of):
    case = set_of(SCARCE)
    (found,) = along(case, "channels.licensed.capacity")
    held = load(case.files[0], {**SCARCE, "channels.licensed.installed": 0})
    brought = outcome_draws(held, ["market.capacity.licensed"], DRAWS)["market.capacity.licensed"].mean()
    assert found.denied["mean"].value == pytest.approx(-0.1 * brought / 1e6, rel=1e-9)
    assert found.elasticity["mean"].value == pytest.approx(0.0, abs=1e-12)


def test_the_window_of_a_tenth_counts_a_tenth_of_the_range(set_of):
    case = set_of(SCARCE)
    for text in ("channels.licensed.capacity=0:60000", "channels.licensed.capacity=30000:90000"):
        (found,) = along(case, text)
        for statistic in ("mean", "p05", "p95"):
            whole, near = (item["compute_denied"][statistic].value for item in (found.swing, found.near))
            assert near == pytest.approx(whole / 10, rel=1e-9)


@pytest.mark.parametrize("value", [0, 1])
def test_ends_equal_the_set_loaded_with_the_value(set_of, value):
    case = set_of()
    lever = named(case, "interdiction")
    end = (lever.low, lever.high)[value]
    (found,) = along(case, "interdiction")
    alone = outcome_statistics(set_of(dict.fromkeys(lever.paths, end)), NAMES, DRAWS)
    for name in FOLLOWED:
        point = found.curves[name][-value]
        for statistic in TOLD:
            assert point[statistic].value == alone[f"market.{name}"][statistic].value
        assert point["mean"].error == alone[f"market.{name}"]["mean"].error


def test_a_lever_moves_all_its_parameters_together_and_each_from_where_it_stands(set_of):
    case = set_of({"channels.licensed.capacity": 10000, "channels.gray.capacity": 40000})
    lever = Lever("both", None, ("channels.licensed.capacity", "channels.gray.capacity"), 0.0, 50000.0)
    found = frontiers(sample(case, DRAWS), [lever], 2)[0]
    assert found.current == {"channels.licensed.capacity": 10000, "channels.gray.capacity": 40000}
    top = outcome_draws(set_of(dict.fromkeys(lever.paths, 50000)), NAMES, DRAWS)
    bottom = outcome_draws(set_of(dict.fromkeys(lever.paths, 0)), NAMES, DRAWS)
    low, high = (
        outcome_draws(set_of({path: side * now for path, now in found.current.items()}), NAMES, DRAWS)
        for side in (0.95, 1.05)
    )
    swing = top["market.premium"] - bottom["market.premium"]
    assert found.swing["premium"]["p95"].value == pytest.approx(np.quantile(swing, 0.95), rel=1e-12)
    rise = np.log(high["market.price"] / low["market.price"]) / math.log(1.05 / 0.95)
    assert found.elasticity["mean"].value == pytest.approx(rise.mean(), rel=1e-9)
    as_it_is = outcome_draws(case, NAMES, DRAWS)["market.price"]
    assert found.present["price"]["mean"].value == pytest.approx(as_it_is.mean(), rel=1e-12)


def test_the_window_is_moved_inside_the_range_where_the_lever_stands_at_its_edge(set_of):
    case = set_of({"channels.gray.interdiction_probability": 0})
    (found,) = along(case, "interdiction")
    ends = [
        outcome_draws(set_of({"channels.gray.interdiction_probability": x}), NAMES, DRAWS)["market.compute_denied"]
        for x in (0, 0.04)
    ]
    assert found.near["compute_denied"]["mean"].value == pytest.approx((ends[1] - ends[0]).mean(), abs=1e-12)


def test_what_stands_at_zero_has_no_elasticity_and_says_why(set_of):
    (found,) = along(set_of({"channels.gray.interdiction_probability": 0}), "interdiction")
    assert (found.elasticity, found.denied) == (None, None)
    assert "stands at 0" in found.reason
    assert found.near is not None


def test_a_channel_is_compared_open_and_closed(set_of):
    case = set_of()
    (found,) = along(case, "channels.gray.available")
    assert (found.switch, found.values, found.near, found.elasticity) == (True, (0.0, 1.0), None, None)
    assert "open or closed" in found.reason
    closed = outcome_statistics(set_of({"channels.gray.available": False}), NAMES, DRAWS)
    as_it_is = outcome_statistics(case, NAMES, DRAWS)
    for name in FOLLOWED:
        assert found.curves[name][0]["mean"].value == closed[f"market.{name}"]["mean"].value
        assert found.curves[name][1] == found.present[name] == as_it_is[f"market.{name}"]
    told = frontier_json([found])["levers"]["channels.gray.available"]
    assert (told["values"], told["current"]) == ([False, True], {"channels.gray.available": True})
    assert (told["range"], told["unit"], told["swing_near"]) == (None, None, None)


def test_a_lever_of_a_closed_channel_moves_nothing(set_of):
    (found,) = along(set_of(), "channels.drives.capacity")
    assert not found.moves
    assert found.elasticity["mean"].value == found.swing["premium"]["mean"].value == 0.0
    (other,) = along(set_of(), "interdiction")
    assert other.moves


def test_levers_are_ranked_by_what_a_tenth_of_their_range_moves(set_of):
    found = along(set_of(), "interdiction", "channels.gray.available", "licences")
    moved = {
        one.lever.name: {outcome: abs(one.near[outcome]["mean"].value) for outcome in RANKED} for one in found[::2]
    }
    for outcome in RANKED:
        assert moved["licences"][outcome] > moved["interdiction"][outcome]
        assert ranking(found, outcome) == ["licences", "interdiction"]


def test_a_lever_is_named_once(set_of):
    with pytest.raises(ParameterError, match="`licences` is named twice"):
        along(set_of(), "licences", "licences=0:1000")


def test_all_levers_of_the_set_unless_some_are_named(set_of):
    case = set_of()
    found = frontiers(sample(case, 64), points=2)
    assert [one.lever.name for one in found] == list(case.levers) == ["interdiction", "licences"]
    assert [one.label for one in found] == ["Interdiction", "Capacity · Licensed"]
    assert lever_label(case, Lever("cloud_access", None, ("a", "b"), 0, 1)) == "Cloud access"


def test_a_parameter_is_moved_as_far_as_it_may_be(set_of):
    case = set_of()
    assert (named(case, "channels.gray.supply_slope").low, named(case, "finance.discount_rate=4 %:0.1").high) == (
        0,
        0.1,
    )
    assert named(case, "assumptions.demand.quantity=1000:2000").paths == ("demand.quantity",)
    assert named(case, "licences=0:1000").paths == ("channels.licensed.capacity",)


def test_a_nominal_rate_is_moved_as_the_set_states_it(set_of):
    case = set_of()
    (found,) = along(case, "finance.discount_rate=4 %:10 %", points=2)
    assert current(case, found.lever) == {"finance.discount_rate": case.parameters["finance.discount_rate"].value}
    at = set_of({"finance.discount_rate": {"value": 0.1, "basis": "nominal"}})
    alone = outcome_statistics(at, NAMES, DRAWS)["market.price"]["p50"].value
    assert found.curves["price"][-1]["p50"].value == pytest.approx(alone, rel=1e-12)


def test_plain_data_is_finite_and_complete(set_of):
    case = set_of()
    found = frontier_json(along(case, "interdiction", "licences", points=4))
    json.dumps(found, allow_nan=False)
    assert (found["set"], found["draws"], found["seed"], found["units"]) == ("baseline", DRAWS, 0, FOLLOWED)
    assert set(found["ranking"]) == set(RANKED)
    for item in found["levers"].values():
        for name in FOLLOWED:
            assert set(item[name]) == {*TOLD, "standard_error"}
            assert all(len(column) == 4 for column in item[name].values())
            assert set(item["present"][name]) == set(item["swing"][name]) == {*TOLD, "standard_error"}


def test_too_few_draws_have_no_errors(set_of):
    found = frontier_json(along(set_of(), "licences", draws=8))["levers"]["licences"]
    assert found["elasticity"]["standard_error"] is None
    assert found["price"]["standard_error"] == [None] * 3


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("interdicton", "--lever: no lever or parameter `interdicton`; did you mean `interdiction`?"),
        ("channels.gray.capacit", "did you mean `channels.gray.capacity`?"),
        ("channels.gray.kind", "is not a number"),
        ("channels.gray.available=0:1", "is open or closed and has no range"),
        ("licences=5", "`5` must be LOW:HIGH"),
        ("licences=5:1", "the low end first"),
        ("licences=5:5", "the low end first"),
        ("licences=lots:more", "--lever: channels.licensed.capacity: must be a number"),
        ("interdiction=0:1", "out of bounds"),
        ("finance.exchange_rates.CNY", "change it by --set"),
        ("channels.counterfactual.capacity", "--lever PATH=LOW:HIGH"),
    ],
)
def test_what_cannot_be_a_lever_is_refused(set_of, asked, says):
    with pytest.raises(ParameterError) as error:
        named(set_of(), asked)
    assert says in str(error.value)


def test_a_set_without_demand_is_refused(small_sets):
    with pytest.raises(ParameterError, match=r"demand\.quantity"):
        frontiers(sample(load(small_sets / "ties.yaml"), 64), [])


def test_ends_that_do_not_fit_the_set_are_refused(set_of):
    case = set_of({"channels.licensed.export_fee_pass_through": 1})
    with pytest.raises(ParameterError, match="export_fee"):
        along(case, "channels.licensed.export_fee=0:1")


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_price_out_of_all_scale_is_a_message(set_of):
    case = set_of({**SCARCE, "demand.choke_price": 1e200})
    with pytest.raises(ParameterError, match="infinite or no number"):
        along(case, "licences")
