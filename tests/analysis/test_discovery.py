"""Scenario discovery: a known box is found again, on draws not seen too, and where there is none that is said."""

import json
import re

import numpy as np
import pytest

from costmodel import ParameterError, figures, load
from costmodel.analysis.discovery import (
    ALWAYS,
    DEPTH,
    FOUND,
    NEVER,
    NO_PATTERN,
    TOO_FEW,
    boxes_of,
    default_channel,
    discover,
    discovery_json,
)
from costmodel.analysis.sample import sample
from costmodel.sections import SECTIONS
from costmodel.study import study
from costmodel.words import parameter_phrase, percent

DRAWS = 8000
SEEN = np.arange(DRAWS) % 2 == 0


@pytest.fixture
def points():
    columns = np.random.default_rng(1).random((5, DRAWS))
    return dict(zip("abcde", columns, strict=True))


def test_a_known_box_is_found_again(points):
    truth = (points["b"] < 0.35) & (points["d"] > 0.6)
    verdict, boxes, weights = boxes_of(points, truth, SEEN)
    assert verdict == FOUND
    bounds = {bound.path: (bound.low_probability, bound.high_probability) for bound in boxes[0].bounds}
    assert bounds.keys() == {"b", "d"}
    assert bounds["b"] == (0.0, pytest.approx(0.35, abs=0.005))
    assert bounds["d"] == (pytest.approx(0.6, abs=0.005), 1.0)
    assert min(weights["b"], weights["d"]) > 0.2
    # Nothing but the box matters here, so draws that the tree has not seen say the same as those that it has.
    assert boxes[0].unseen.density > 0.97
    assert boxes[0].unseen.coverage > 0.97
    assert boxes[0].unseen.mass == pytest.approx(0.35 * 0.4, abs=0.02)


def test_two_bounds_on_one_parameter_are_one_range(points):
    inside = np.abs(points["c"] - 0.5) < 0.1
    _, boxes, _ = boxes_of(points, inside, SEEN)
    (bound,) = boxes[0].bounds
    assert (bound.low_probability, bound.high_probability) == (
        pytest.approx(0.4, abs=0.01),
        pytest.approx(0.6, abs=0.01),
    )


def test_shares_of_draws_not_seen_are_near_those_seen(points):
    noisy = np.random.default_rng(2).random(DRAWS) < np.where(points["a"] < 0.3, 0.7, 0.1)
    verdict, boxes, _ = boxes_of(points, noisy, SEEN)
    assert verdict == FOUND
    for share in ("density", "coverage", "mass"):
        assert getattr(boxes[0].unseen, share) == pytest.approx(getattr(boxes[0].seen, share), abs=0.05)
    assert boxes[0].unseen.density == pytest.approx(0.7, abs=0.05)


def test_chance_alone_makes_no_box(points):
    chance = np.random.default_rng(3).random(DRAWS) < 0.4
    assert boxes_of(points, chance, SEEN)[:2] == (NO_PATTERN, ())


def test_never_always_and_too_few(points):
    none = np.zeros(DRAWS, dtype=bool)
    few = none.copy()
    few[:60] = True
    assert [boxes_of(points, x, SEEN)[0] for x in (none, ~none, few, ~few)] == [NEVER, ALWAYS, TOO_FEW, TOO_FEW]


@pytest.mark.parametrize(
    ("price", "verdict", "says"), [("1e6 USD/hour", NEVER, "Never: in none"), (0.001, ALWAYS, "Always: in each")]
)
def test_a_channel_that_never_or_always_is_the_cheapest(small_sets, price, verdict, says):
    case = load("baseline", {"channels.cloud.rental_price": price})
    found = discover(sample(case, 256), "cloud")
    assert (found.verdict, found.boxes) == (verdict, ())
    assert found.answer.startswith(says)


def test_thresholds_are_in_the_parameters_units(small):
    found = discover(sample(small, 4096), "gray", against="cloud")
    assert found.verdict == FOUND
    for box in found.boxes:
        assert 1 <= len(box.bounds) <= DEPTH
        for bound in box.bounds:
            law = small.parameters[bound.path].distribution
            for end, probability in ((bound.low, bound.low_probability), (bound.high, bound.high_probability)):
                assert (end is None) == (probability in (0, 1))
                assert end is None or end == float(law.ppf(probability))
    # What the box says of the draws' values is what it says of their probabilities.
    best, values = found.boxes[0], {path: found.values(path) for path in small.uncertain}
    inside = np.all(
        [
            (values[b.path] > (-np.inf if b.low is None else b.low))
            & (values[b.path] <= (np.inf if b.high is None else b.high))
            for b in best.bounds
        ],
        axis=0,
    )
    other = inside[1::2]
    assert best.unseen.mass == pytest.approx(other.mean(), abs=1e-3)
    assert best.unseen.density == pytest.approx(found.of_interest[1::2][other].mean(), abs=1e-2)


def test_the_same_sample_gives_the_same(small):
    first, again = (discovery_json(discover(sample(small, 1024), "gray", against="cloud")) for _ in range(2))
    assert first == again
    assert json.loads(json.dumps(first, allow_nan=False)) == first


def test_the_first_gray_channel_is_asked_of(small):
    assert default_channel(small) == "gray"
    closed = load(small.files[-1], {f"channels.{c}.available": False for c in small.channels})
    assert default_channel(closed) is None
    with pytest.raises(ParameterError, match="all channels are closed"):
        discover(sample(closed, 16))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"channel": "grey"}, "--channel: no channel `grey`; did you mean `gray`?"),
        ({"channel": "drives"}, "--channel: `drives` is closed"),
        ({"channel": "gray", "against": "gray"}, "--against: `gray` cannot be compared with itself"),
        ({"against": "counterfactual"}, "--against: `counterfactual` is closed or the counterfactual"),
        ({"workload": "mixed"}, "--workload: no workload `mixed`"),
    ],
)
def test_what_cannot_be_asked_is_said(small, words, says):
    with pytest.raises(ParameterError) as refused:
        discover(sample(small, 16), **words)
    assert says in str(refused.value)


@pytest.mark.slow
def test_the_report_shows_boxes_in_words(small_sets):
    run = study(load("baseline", {"channels.stock_book.available": False}), 2048)
    section = next(section for section in SECTIONS if section.id == "discovery")
    blocks = section(run)
    text = " ".join(getattr(block, "source", "") for block in blocks)
    (found,) = [item for item in run.discoveries if item.channel == "gray"]
    assert found.verdict == FOUND
    for bound in found.boxes[0].bounds:
        assert parameter_phrase(run.case, bound.path)[1:] in text
    assert percent(found.boxes[0].unseen.density) in text
    drawn = figures.box(found)
    assert drawn.svg in [getattr(block, "svg", None) for block in blocks]
    assert not re.search(r"\d\.\d{5}|nan", drawn.alt)
