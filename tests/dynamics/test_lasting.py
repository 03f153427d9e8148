"""What an event does and for how long: half-lives, delays and dates beside brute force, and two separate sets."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.analysis.controls import LEAST, half_life
from costmodel.analysis.path import path_result
from costmodel.analysis.quarters import shares_by, when
from costmodel.dynamics.cumulative import accumulated
from paths import ALL, Along, small_path

changes_of_premium = st.lists(st.floats(-2, 2), min_size=1, max_size=12)


def plain_half_life(change, quarters):
    peak = max(change)
    if peak < LEAST:
        return quarters + 1
    begin = change.index(peak)
    return next((t for t in range(begin, len(change)) if change[t] <= peak / 2), quarters)


@given(change=changes_of_premium)
def test_half_life(change):
    found = half_life(np.array(change)[:, None], 40)
    assert found.tolist() == [plain_half_life(change, 40)]


@given(change=changes_of_premium, factor=st.sampled_from([0.25, 2.0, 8.0]))
def test_half_life_does_not_depend_on_size(change, factor):
    """Where there is an effect at either size."""
    if min(max(change), max(change) * factor) >= LEAST:
        one, other = (half_life(np.array(change)[:, None] * size, 40) for size in (1.0, factor))
        assert one.tolist() == other.tolist()


@given(counts=st.lists(st.integers(0, 5), min_size=1, max_size=10), later=st.integers(0, 5))
def test_when(counts, later):
    total = sum(counts) + later
    sample = sorted([at for at, count in enumerate(counts) for _ in range(count)] + [math.inf] * later)
    for name, share in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95)):
        expected = None
        if total and sample[math.ceil(share * total - 1e-9) - 1] < math.inf:
            expected = sample[math.ceil(share * total - 1e-9) - 1]
        assert when(np.array(counts), total)[name] == expected
    assert sum(shares_by(np.array(counts))) == pytest.approx(1.0 if sum(counts) else 0.0)


@given(
    wanted=st.lists(st.floats(0.5, 20), min_size=2, max_size=8),
    kept=st.lists(st.floats(0, 1.2), min_size=8, max_size=8),
)
def test_delay(wanted, kept):
    """Time since when as much would have been in service, found on a fine grid."""
    used = [amount * share for amount, share in zip(wanted, kept, strict=False)]

    def steps(row):
        ends = [*row[1:], row[-1]]
        return [(np.array([a]), np.array([b])) for a, b in zip(row, ends, strict=True)]

    found = accumulated(steps(used), steps(wanted), 0.25)
    fine = np.linspace(0, len(wanted) - 1, 4001)
    rate = np.interp(fine, range(len(wanted)), wanted)
    due = np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2)]) * 0.25 * (fine[1] - fine[0])
    for date, had in enumerate(found["used_cumulative"][:, 0]):
        place = date * 4000 // (len(wanted) - 1)
        past = np.interp(had, due, fine)
        expected = max((fine[place] - past) * 3, 0.0)
        assert found["delay"][date, 0] == pytest.approx(expected, abs=0.02)
        assert found["denied_cumulative"][date, 0] == found["wanted_cumulative"][date, 0] - had


# -- what an event does ------------------------------------------------------------------------------------------------

LAW = {"channels.licensed.capacity": {"dist": "lognormal", "p05": 500, "p95": 4000}}
#: Restates what is so already: nothing happens, and the step before ends at that date as at any event.
NOTHING = {"channels.stock_book.book_value": 11000}
EVENTS = (
    ("2026-05", {"channels.gray.interdiction_probability": 0.6, "channels.gray.capacity": 3000}),
    ("2026-11", {"channels.cloud.available": False}),
    ("2027-04", LAW),
)


def along(*events, draws=16):
    return Along(small_path(*events, changes=ALL), draws)


def instead(left_out, *others):
    """The events with one left out, and others instead."""
    return [*(event for at, event in enumerate(EVENTS) if at != left_out), *others]


@pytest.mark.slow
@pytest.mark.parametrize("left_out", range(3))
def test_without_an_event_is_the_set_that_does_not_state_it(left_out):
    """To the last bit where something else is stated at its date, and else but for what a step is off by."""
    whole, date = along(*EVENTS), EVENTS[left_out][0]
    with_all, each = whole.path.premiums(whole.drawn, slice(0, whole.draws))
    since = whole.path.regimes[left_out + 1].first - whole.path.quarters[0]
    assert np.array_equal(with_all, whole["premium"])
    assert np.array_equal(each[left_out], along(*instead(left_out, (date, NOTHING)))["premium"][since:])
    assert each[left_out] == pytest.approx(along(*instead(left_out))["premium"][since:], rel=0.02, abs=0.02)
    assert not np.array_equal(each[left_out], with_all[since:])


@pytest.mark.slow
def test_controls_are_the_statistics_of_those_two_paths():
    draws = 64
    result = path_result(small_path(*EVENTS, changes=ALL), draws, names=["premium"])
    whole = along(*EVENTS, draws=draws)
    assert [control.event.label for control in result.controls] == ["Event 0", "Event 1", "Event 2"]
    for at, control in enumerate(result.controls):
        without = along(*instead(at, (EVENTS[at][0], NOTHING)), draws=draws)
        since = whole.path.regimes[at + 1].first - whole.path.quarters[0]
        change = (whole["premium"] - without["premium"])[since:]
        sign = 1 if change.max(axis=0).mean() >= -change.min(axis=0).mean() else -1
        assert control.raises is (sign == 1)
        assert sign * control.premium_added["mean"].value == pytest.approx(
            (sign * change).max(axis=0).mean(), rel=1e-12
        )
        assert control.mean_added["mean"].value == pytest.approx(change.mean(), rel=1e-12)
        lasts = np.array([plain_half_life((sign * column).tolist(), 8) for column in change.T])
        assert control.no_effect == pytest.approx((lasts == 9).mean())
        effect = np.sort(lasts[lasts <= 8])
        assert control.censored == pytest.approx((effect == 8).mean())
        middle = effect[math.ceil(0.5 * len(effect)) - 1]
        assert control.half_life["p50"] == (None if middle == 8 else 3.0 * middle)


def test_an_event_that_changes_nothing_has_no_effect():
    (control,) = path_result(small_path(("2026-08", {"channels.gray.capacity": 10000})), 32, names=["premium"]).controls
    assert (control.no_effect, control.censored) == (1.0, 0.0)
    assert control.half_life == {"p05": None, "p50": None, "p95": None}
    assert control.mean_added["mean"].value == 0


def test_relief_lowers_the_premium():
    (control,) = path_result(
        small_path(("2026-08", {"channels.licensed.capacity": 90000})), 32, names=["premium"]
    ).controls
    assert not control.raises
    assert control.premium_added["mean"].value < 0
    assert control.censored == 1.0, "nothing moves after it"


@pytest.mark.slow
def test_domestic_date():
    """When what domestic makers offer at the threshold is first at least what is wanted at it."""
    growing = {"channels.home_made.capacity_growth": 3.0}
    case = small_path(changes=growing, end="2029-12", extra=small_extra(600))
    result, along = path_result(case, 64, names=["premium"]), Along(case, 64)
    enough = along["domestic_alone"] >= 1
    firsts = np.sort(np.where(enough.any(axis=0), enough.argmax(axis=0), len(enough)))
    for name, share in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95)):
        place = firsts[math.ceil(share * 64) - 1]
        assert result.domestic_date.dates[name] == (result.dates[place] if place < len(enough) else None)
    assert result.domestic_date.never == pytest.approx((~enough.any(axis=0)).mean())
    assert result.domestic_date.threshold == 0.5


def small_extra(price):
    """Domestic chips at a price."""
    from paths import DOMESTIC

    return {**DOMESTIC, "chips": {"own": {**DOMESTIC["chips"]["own"], "price": price}}}
