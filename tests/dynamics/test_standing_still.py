"""With nothing that moves by itself the path is the static market of the set in force at each date, to the last bit."""

import numpy as np
import pytest

from costmodel.analysis.recording import recorded
from costmodel.costs import Evaluation
from costmodel.dynamics.outcomes import followed
from costmodel.market import market
from paths import Along, small_path

EVENTS = (
    ("2026-05", {"channels.gray.capacity": {"dist": "lognormal", "p05": 8000, "p95": 20000}}),
    ("2026-08", {"channels.drives.available": True, "channels.licensed.interdiction_probability": 0.1}),
    ("2027-01", {"channels.cloud": None, "channels.licensed.chip": "ref", "demand.quantity": 120000}),
    ("2027-05", {"demand.elasticity": 0.6, "channels.gray.installed": 9000}),
)
APART = {"demand.workloads": "separate", "demand.training.quantity": 40000, "demand.inference.quantity": 30000}


@pytest.mark.slow
@pytest.mark.parametrize("apart", [False, True], ids=["pooled", "separate"])
def test_each_date_is_the_static_market(apart):
    """Of the values as stated: through an evaluation, and as the static market's own draws are played."""
    along = Along(small_path(*EVENTS, changes=APART if apart else None))
    for place, quarter in enumerate(along.path.quarters):
        case = along.path.in_force(quarter).case
        told = followed(case, along.path.timeline.threshold)
        cleared = market(Evaluation(case, along.stated(place)))
        tape = recorded(case, lambda found, told=told: [function(market(found)) for function in told.values()])
        played = dict(zip(told, tape.play(along.drawn.drawn(case)), strict=True))
        for name, function in told.items():
            expected = np.broadcast_to(function(cleared), along.draws)
            assert np.array_equal(along[name][place], expected, equal_nan=True), (name, place)
            assert np.array_equal(along[name][place], np.broadcast_to(played[name], along.draws), equal_nan=True)


def test_sets_between_events_are_those_a_file_would_state():
    """The set in force after some events is the one that states their values from the beginning."""
    along = Along(small_path(*EVENTS))
    stated = {}
    for at, (_, values) in enumerate(EVENTS[:2]):
        stated |= values
        other = Along(small_path(changes=stated))
        place = along.path.regimes[at + 1].first - along.path.quarters[0]
        for name in ("price", "compute_denied", "share.gray", "share.drives"):
            assert np.array_equal(along[name][place], other[name][0]), name


def test_sums_are_those_of_what_does_not_move():
    along = Along(small_path())
    used, wanted = along["used"][0], along["wanted"][0]
    assert along["used_cumulative"] == pytest.approx(used * along.years, rel=1e-12)
    assert along["denied_cumulative"] == pytest.approx((wanted - used) * along.years, rel=1e-9, abs=1e-6)
    expected = 12 * along.years * np.maximum(1 - used / wanted, 0)
    assert along["delay"] == pytest.approx(expected, rel=1e-9, abs=1e-9)
