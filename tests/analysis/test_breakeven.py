"""Break-even: closed forms, exactness, draws without a threshold, and what is said of them."""

import json

import numpy as np
import pytest

from costmodel import ParameterError, evaluate, load
from costmodel.analysis.breakeven import breakeven, breakeven_json, breakevens, influential
from costmodel.analysis.ranges import grid, span
from costmodel.analysis.roots import nearest
from costmodel.analysis.sample import sample
from costmodel.analysis.thresholds import named, sentence
from costmodel.costs import rivals
from costmodel.words import percent

NEAR, FAR = "channels.near", "channels.far"


@pytest.fixture
def ties(small_sets):
    return load("ties")


@pytest.fixture
def draws(ties):
    return sample(ties, 512)


def price(draws, channel):
    return np.asarray(draws.evaluation.values[f"channels.{channel}.rental_price"])


def test_markup_of_hired_chips_has_its_closed_form_in_every_draw(draws):
    """R·(1+m)/A of the one equals that of the other."""
    found = breakeven(draws, f"{NEAR}.price_markup", "near", "far", between=(-0.9, 9))
    exact = price(draws, "far") * 1.2 / 0.9 * 0.8 / price(draws, "near") - 1
    assert found.found.all()
    assert found.thresholds == pytest.approx(exact, abs=1e-12)
    assert (found.direction, found.share.value) == (1, 1.0)
    assert found.percentiles["p50"].value == pytest.approx(np.median(exact))
    assert 0 < found.percentiles["p50"].error < 0.1


def test_an_availability_that_would_be_above_1_is_none_in_range(draws):
    """A = R(1+m)·A'/(R'(1+m')): where that exceeds 1, the other channel is cheaper throughout."""
    found = breakeven(draws, f"{NEAR}.availability", "near", "far")
    exact = price(draws, "near") * 1.1 * 0.9 / (price(draws, "far") * 1.2)
    inside = exact <= 1
    assert 0.1 < inside.mean() < 0.94
    assert (found.found == inside).all()
    assert found.thresholds[inside] == pytest.approx(exact[inside], rel=1e-12)
    assert (found.direction, found.throughout(1).value, found.throughout(-1).value) == (-1, 1 - inside.mean(), 0.0)
    # Counted with them, the threshold's upper percentiles lie beyond the high end.
    assert found.of_all["p95"] == np.inf
    assert found.of_all["p05"] == pytest.approx(np.quantile(exact, 0.05, method="inverted_cdf"))


def test_swapping_the_channels_changes_signs_alone(draws):
    one = breakeven(draws, f"{NEAR}.availability", "near", "far")
    other = breakeven(draws, f"{NEAR}.availability", "far", "near")
    assert np.array_equal(one.thresholds, other.thresholds, equal_nan=True)
    assert (one.directions == -other.directions).all()
    assert (one.sides == -other.sides).all()
    assert one.of_all == other.of_all
    assert sentence(one) == sentence(other)


def test_a_markup_on_a_purchase_is_linear(ties, draws):
    """The cost of a purchase is a + b·m, with a and b from two runs of the model."""
    found = breakeven(draws, "channels.bought.price_markup", "bought", "far", between=(-0.9, 50))
    base = dict(draws.evaluation.values)
    costs = [evaluate(ties, base | {found.path: m}).workloads["mix"].channels for m in (0.0, 1.0)]
    start, slope = costs[0]["bought"].total, costs[1]["bought"].total - costs[0]["bought"].total
    assert found.thresholds == pytest.approx((costs[0]["far"].total - start) / slope, rel=1e-9)


@pytest.mark.parametrize(
    ("path", "first", "second", "workload"),
    [
        ("finance.discount_rate", "gray", "cloud", "mix"),
        ("finance.price_decline", "gray", "cloud", "training"),
        ("workloads.training.share", "gray", "stock", "mix"),
        ("chips.ref.price", "gray", "operator", "inference"),
        ("channels.gray.loss_hazard", "gray", "licensed", "mix"),
        ("channels.cloud.disruption_hazard", "counterfactual", "cloud", "mix"),
    ],
)
def test_put_back_into_the_model_the_value_makes_both_cost_the_same(small, path, first, second, workload):
    draws = sample(small, 256)
    found = breakeven(draws, path, first, second, workload)
    assert found.found.any()
    central = small.central[path]
    run = draws.evaluation.changed({path: np.where(found.found, found.thresholds, central)})
    costs = evaluate(small, run.values).workloads[workload].channels
    gap = np.abs(costs[first].total / costs[second].total - 1)
    assert np.broadcast_to(gap, 256)[found.found].max() < 1e-9


def test_without_uncertainty_there_is_one_threshold(small_sets):
    case = load("hand")
    draws = sample(case, 32)
    found = breakeven(draws, "channels.market.rental_price", "market", "delivered", "training")
    assert np.ptp(found.thresholds) == 0
    assert found.percentiles["p05"].value == found.percentiles["p95"].value
    run = draws.evaluation.changed({found.path: float(found.thresholds[0])})
    assert run.cost("training", "market") == pytest.approx(run.cost("training", "delivered"), rel=1e-9)


def test_a_parameter_that_moves_neither_is_an_answer(draws):
    found = breakeven(draws, "channels.bought.price_markup", "near", "far")
    assert not found.moves
    assert found.share.value == 0
    assert found.throughout(-1).value + found.throughout(1).value == 1
    assert (found.of_all, found.percentiles) == ({}, {})
    assert "does not move the difference" in sentence(found)


def test_channels_that_cost_the_same_throughout(draws):
    found = breakeven(draws, "finance.discount_rate", "twin", "other_twin")
    assert (found.share.value, found.throughout(0).value) == (0.0, 1.0)
    assert "neither in 100" in sentence(found)


def test_a_range_of_a_single_point(draws):
    """A threshold only where the costs are equal at that point."""
    path = "channels.other_twin.rental_price"
    equal = breakeven(draws, path, "twin", "other_twin", between=(2.4, 2.4))
    assert (equal.thresholds == 2.4).all()
    above = breakeven(draws, path, "twin", "other_twin", between=(2.5, 2.5))
    assert above.throughout(-1).value == 1
    # The same threshold as an end of a range.
    assert (breakeven(draws, path, "twin", "other_twin", between=(2.4, 3)).thresholds == 2.4).all()


def test_of_several_crossings_the_one_nearest_the_central_value_is_taken():
    values = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    signs = np.array([[1, 1, -1, 0], [-1, 0, -1, 0], [-1, -1, -1, 0], [1, 1, 0, 0], [1, 1, 0, 0]], dtype=float)
    brackets, direction, crossings = nearest(signs, values, 2.4)
    assert crossings.tolist() == [2, 2, 1, 0]
    assert brackets[:, :3].T.tolist() == [[2, 3], [2, 3], [3, 3]]
    assert direction[:3].tolist() == [1, 1, 1]
    assert nearest(signs, values, 0.9)[0][:, :2].T.tolist() == [[0, 1], [1, 1]]


def test_a_nominal_rate_is_found_as_the_set_states_it(small):
    draws = sample(small, 64)
    found = breakeven(draws, "finance.discount_rate", "gray", "cloud")
    run = draws.evaluation.changed({found.path: np.where(found.found, found.thresholds, 0.1)})
    inflation = draws.evaluation.values["finance.inflation"]
    real = (1 + np.where(found.found, found.thresholds, 0.1)) / (1 + inflation) - 1
    assert run.values[found.path] == pytest.approx(real)


def test_more_draws_start_with_the_same_thresholds(ties):
    few, many = (
        breakeven(sample(ties, n), f"{NEAR}.price_markup", "near", "far", between=(-0.9, 9)) for n in (64, 256)
    )
    assert (many.thresholds[:64] == few.thresholds).all()


def test_default_ranges(small, ties):
    assert span(small, "channels.gray.interdiction_probability") == (0.0, pytest.approx(0.999))
    low, high = span(small, "chips.ref.price")
    law = small.parameters["chips.ref.price"].distribution
    assert (low, high) == (0.0, float(law.ppf(0.99)) * 4)
    low, high = span(small, "finance.economic_life")
    assert high == float(small.parameters["finance.economic_life"].distribution.ppf(0.99)) * 4
    law = small.parameters["channels.gray.price_markup"].distribution
    middle, low, high = (float(law.ppf(u)) for u in (0.5, 0.01, 0.99))
    ends = middle - 2 * (middle - low), middle + 2 * (high - middle)
    assert span(small, "channels.gray.price_markup") == pytest.approx(ends)
    assert span(small, "channels.gray.penalty") == (0.0, 20000.0)
    assert span(small, "channels.cloud.compliance_cost")[0] == 0.0
    assert span(ties, f"{NEAR}.compliance_cost") == (0.0, 1.0)
    # No longer than units already in service live.
    assert span(small, "finance.economic_life")[0] > 2.5
    assert span(small, "channels.stock.age")[1] < 4
    points = grid(small, "channels.gray.interdiction_probability")
    assert (np.diff(points) > 0).all()
    assert (points[0], points[-1]) == (0.0, pytest.approx(0.999))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("channels.near.rental_prise", "near", "far"), "did you mean `channels.near.rental_price`?"),
        (("channels.near.role", "near", "far"), "only numbers can be moved"),
        (("channels.near.available", "near", "far"), "only numbers can be moved"),
        ((f"{NEAR}.rental_price", "neer", "far"), "did you mean `near`?"),
        ((f"{NEAR}.rental_price", "near", "near"), "cannot be compared with itself"),
        ((f"{NEAR}.rental_price", "near", "far", "trainin"), "did you mean `training`?"),
        ((f"{NEAR}.availability", "near", "far", "mix", (0.5, 1.5)), "out of bounds: must be 0 < x ≤ 1"),
        ((f"{NEAR}.availability", "near", "far", "mix", (0.9, "50 %")), "is no range: the low end first"),
        ((f"{NEAR}.rental_price", "near", "far", "mix", (1, "2 kg")), "cannot be converted"),
        ((f"{NEAR}.migration_cost", "near", "far"), "state its range: --range LOW HIGH"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_be_right(draws, words, says):
    with pytest.raises(ParameterError, match=says.replace("?", r"\?").replace("(", r"\(")):
        breakeven(draws, *words)


def test_figures_that_convert_others_and_lives_already_over_are_refused(small):
    draws = sample(small, 16)
    with pytest.raises(ParameterError, match="converts other figures once"):
        breakeven(draws, "finance.exchange_rates.CNY", "gray", "cloud")
    with pytest.raises(ParameterError, match="leaves nothing of the economic life"):
        breakeven(draws, "finance.economic_life", "stock", "cloud", between=(1, 5))


def test_the_table_of_all_pairs_agrees_with_single_break_evens(small):
    """Those of a report are within a thousandth of the range where percentiles are told."""
    draws = sample(small, 128)
    found = breakevens(draws, paths=influential(small, rivals(small), count=3))
    assert found
    assert [item.plausible for item in found] == sorted((item.plausible for item in found), reverse=True)
    assert len({(item.path, item.first, item.second) for item in found}) == len(found)
    for item in found[::4]:
        exact = breakeven(draws, item.path, item.first, item.second)
        assert (item.found == exact.found).all()
        assert item.share.value >= 0.05
        for p in (0.05, 0.5, 0.95):
            assert item.quantile(p) == pytest.approx(exact.quantile(p), abs=2e-3 * (item.high - item.low))


def test_the_most_influential_parameters_move_some_channel_against_another(small, ties):
    assert influential(ties, ("near", "far"), count=3) == [f"{NEAR}.rental_price", f"{FAR}.rental_price"]
    found = influential(small, rivals(small), count=4)
    assert len(found) == 4
    # What all costs have in common moves none of them against another.
    assert influential(small, ("gray", "gray")) == []


def test_sets_with_nothing_to_compare(small_sets):
    assert breakevens(sample(load("certain"), 16)) == []


def test_the_sentence_has_the_numbers(draws, ties):
    found = breakeven(draws, f"{NEAR}.availability", "near", "far")
    words = sentence(found)
    # Near is the cheaper one in most draws: Far is said to become it.
    assert np.mean(price(draws, "near") * 1.1 / 0.8 < price(draws, "far") * 1.2 / 0.9) > 0.5
    assert words.startswith("Far would cost less than Near once availability of Near falls below 7")
    assert f"; now {percent(0.8)}; at any value in {percent(found.throughout(1).value)} of draws)." in words
    assert named(ties, "channels.near.utilization.training") == "utilisation in training of Near"


def test_json_is_plain_and_says_all(draws):
    found = breakeven_json(breakeven(draws, f"{NEAR}.availability", "near", "far"))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["cheaper_above"] == "near"
    assert found["threshold_of_all"]["p95"] == {"value": None, "beyond": "above"}
    shares = [found["share"], *found["none_in_range"].values(), found["equal_throughout"]]
    assert sum(share["value"] for share in shares) == pytest.approx(1)
