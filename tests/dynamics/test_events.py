"""What happens when: order, values that are stated anew and go on from there, channels that come and go."""

import numpy as np
import pytest

from costmodel import ParameterError, load
from costmodel.parameters.timeline import first_day, quarter
from paths import DOMESTIC, SETS, Along, small_path

CAPACITY = "channels.gray.capacity"
NEW = DOMESTIC["channels"]["home_made"] | {"role": "gray", "supply_markup": 0.1, "installed": 0, "capacity": 5000}


def along(*events, **keys):
    return Along(small_path(*events, **keys))


def capacities(found, channel="gray"):
    return found[f"capacity.{channel}"][:, 0].tolist()


@pytest.mark.parametrize(("month", "place"), [("01", 0), ("03-31", 0), ("04", 1), ("06-30", 1), ("07-01", 2)])
def test_an_event_takes_effect_from_the_start_of_its_quarter(month, place):
    found = capacities(along((f"2026-{month}", {CAPACITY: 5})))
    assert found == [10000.0] * place + [5.0] * (8 - place)


def test_events_come_in_the_order_of_their_dates():
    first, second = ("2026-05", {CAPACITY: 1}), ("2026-11", {CAPACITY: 2})
    assert capacities(along(second, first)) == [10000] + [1] * 2 + [2] * 5


def test_the_later_of_a_quarter_has_the_last_word():
    first, second = ("2026-04", {CAPACITY: 1, "channels.licensed.capacity": 7}), ("2026-06", {CAPACITY: 2})
    found = along(second, first)
    assert capacities(found) == [10000] + [2] * 7
    assert capacities(found, "licensed") == [30000] + [7] * 7
    # On one day they stand as they are listed.
    assert capacities(along(("2026-04", {CAPACITY: 2}), ("2026-04", {CAPACITY: 1})))[1:] == [1] * 7


def test_what_happened_before_the_beginning_is_in_force_at_it():
    assert capacities(along(("2025-03", {CAPACITY: 3}), ("2025-09", {CAPACITY: 4}))) == [4] * 8
    found = along(("2025-03", {"channels.gray.installed": 3}), changes={"stocks.turnover": 1})
    assert np.all(found["installed.gray"][0] == 3)


def test_what_happens_after_the_end_does_not():
    still, found = along(), along(("2028-01", {CAPACITY: 3}))
    assert np.array_equal(found["price"], still["price"])
    assert found.path.measured == ()


def test_a_set_s_own_events_come_after_those_that_it_inherits(tmp_path):
    (tmp_path / "first.yaml").write_text(
        f"extends: {SETS / 'baseline.yaml'}\n"
        'assumptions: {assumption: made up}\ntimeline: {start: "2026-01", end: "2026-12", events: [\n'
        '  {date: "2026-04", label: A, assumption: made up, set: {channels.gray.capacity: 1}},\n'
        '  {date: "2026-08", label: B, assumption: made up, set: {channels.gray.capacity: 2}}]}\n'
    )
    case = small_path(("2026-04", {CAPACITY: 3}), extends=str(tmp_path / "first.yaml"), end="2026-12", extra={})
    assert [event.label for event in case.timeline.events] == ["A", "Event 0", "B"]
    assert capacities(Along(case)) == [10000, 3, 2, 2]


# -- stated anew -------------------------------------------------------------------------------------------------------


def test_what_is_wrong_with_an_event_is_told_by_its_place_in_its_own_file(tmp_path):
    file = tmp_path / "later.yaml"
    wrong = '{date: "2027-01", label: Next, assumption: a, set: {channels.direct.capacity: -1}}'
    file.write_text(f"extends: history\nname: later\ntimeline:\n  events:\n    - {wrong}\n", encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        load(file)
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == ("timeline.events.0.set", 5)
    assert problem.message.startswith("channels.direct.capacity: -1 is out of bounds")


def test_growth_goes_on_from_what_is_stated():
    growing = {"channels.gray.capacity_growth": 0.44}
    found = along(("2026-07", {CAPACITY: 5000}), changes=growing)
    expected = [10000 * 1.2**0, 10000 * 1.2**0.5, *(5000 * 1.2 ** (place / 2) for place in range(6))]
    assert capacities(found) == pytest.approx(expected, rel=1e-12)


def test_a_price_falls_on_from_where_an_event_sets_it():
    changes = {"chips.ref.tracks_frontier": True}
    found = along(("2026-07", {"chips.ref.price": 50000}), changes=changes)
    fall = 1 - found.stated()["finance.price_decline"]
    for place, price in ((2, 50000), (4, 50000 * fall**0.5)):
        cost = found.static(place, chips__ref__price=price).counterfactual
        assert found["counterfactual"][place] == pytest.approx(cost, rel=1e-12)


def test_a_price_may_begin_and_cease_to_fall():
    word = "chips.ref.tracks_frontier"
    found = along(("2026-07", {word: True}), ("2027-01", {word: False}))
    price = found["counterfactual"]
    assert np.all(np.diff(price, axis=0)[[2, 3]] < 0)
    for places in ((0, 1, 2), (4, 5, 6, 7)):
        assert all(np.array_equal(price[place], price[places[0]]) for place in places)


def test_interdiction_goes_on_from_what_is_stated():
    changes = {"enforcement.response": 2, "adaptation.rate": 1}
    found = along(("2026-10", {"channels.gray.interdiction_probability": 0.05}), changes=changes)
    caught = found["interdiction.gray"]
    assert caught[3] == pytest.approx(np.full(found.draws, 0.05), rel=1e-12)
    assert np.all(caught[4] != 0.05)
    adaptation = found.states("adaptation gray")
    assert np.all(np.diff(adaptation, axis=0) > 0), "how far evasion has adapted does not begin anew"


def test_demand_is_anchored_where_it_is_stated():
    """At the cost without controls of that quarter, not of the beginning."""
    changes = {"chips.ref.tracks_frontier": True, "demand.growth": 0.2}
    found = along(("2026-10", {"demand.quantity": 200000}), changes=changes)
    assert np.all(found["wanted"][3] == 200000)
    cost = found["counterfactual"]
    expected = 200000 * 1.2**0.5 * (cost[5] / cost[3]) ** -0.3
    assert found["wanted"][5] == pytest.approx(expected, rel=1e-12)
    # An event that changes something else leaves it where it is.
    other = along(("2026-10", {"demand.elasticity": 0.3}), changes=changes)
    assert other["wanted"][3] == pytest.approx(80000 * 1.2**0.75 * (cost[3] / cost[0]) ** -0.3, rel=1e-12)


def test_what_is_installed_goes_on_from_what_is_stated():
    found = along(("2026-10", {"channels.gray.installed": 500}), changes={"stocks.turnover": 1})
    assert np.all(found["installed.gray"][3] == 500)
    assert np.all(found["installed.gray"][4] != 500)


def test_what_happens_does_not_bear_on_the_step_before():
    """States as an event finds them are those that there would be without it, whatever it changes."""
    changes = {"entry.rate": 1, "enforcement.response": 2, "stocks.turnover": 1}
    still = along(changes=changes)
    found = along(("2026-10", {"channels.licensed.capacity": 0, "demand.elasticity": 0.5}), changes=changes)
    for key in ("factor channels.gray.capacity", "installed gray", "effort gray", "adaptation gray"):
        assert np.array_equal(found.states(key)[:4], still.states(key)[:4]), key
    for name in ("used_cumulative", "wanted_cumulative"):
        assert np.array_equal(found[name][:4], still[name][:4])
    for name in ("interdiction.gray", "installed.gray", "used_cumulative"):
        assert np.any(found[name][5] != still[name][5]), name


# -- channels that come and go -----------------------------------------------------------------------------------------


def test_an_event_may_add_a_channel():
    found = along(("2026-07", {"channels.new": NEW}), ("2027-01", {"channels.new.capacity": 800}))
    names = {name for name, _ in found.path.columns}
    assert {"share.new", "installed.new", "interdiction.new"} <= names
    assert ("share.new", found.path.quarters[1]) not in found
    assert np.isnan(found["capacity.new"][1]).all()
    assert found["capacity.new"][2:, 0].tolist() == [5000] * 2 + [800] * 4


def test_an_event_may_remove_a_channel():
    found = along(("2026-07", {"channels.gray": None}))
    assert ("share.gray", found.path.quarters[1]) in found
    assert ("share.gray", found.path.quarters[2]) not in found
    names = dict.fromkeys(name for name, _ in found.path.columns if name.startswith("share."))
    shares = sum(np.nan_to_num(found[name]) for name in names)
    assert shares == pytest.approx(np.ones(shares.shape), rel=1e-12)


def test_null_takes_a_value_back_to_its_neutral_one():
    found = along(("2026-07", {CAPACITY: None}))
    assert capacities(found) == [10000] * 2 + [0] * 6


def test_a_law_may_be_stated_by_an_event():
    law = {"dist": "lognormal", "p05": 5000, "p95": 20000}
    found = Along(small_path(("2026-07", {CAPACITY: law})), draws=512)
    drawn = found["capacity.gray"]
    assert np.all(drawn[:2] == 10000)
    assert np.percentile(drawn[2], [5, 95]) == pytest.approx([5000, 20000], rel=0.05)
    assert np.all(drawn[2:] == drawn[2])
    # The same draws as if it were stated from the beginning, and the same probability under another law.
    assert np.array_equal(Along(small_path(changes={CAPACITY: law}), draws=512)["capacity.gray"][0], drawn[2])
    more = {"dist": "lognormal", "p05": 50000, "p95": 200000}
    twice = Along(small_path(("2026-07", {CAPACITY: law}), ("2027-01", {CAPACITY: more})), draws=512)["capacity.gray"]
    assert np.array_equal(twice[2], drawn[2])
    assert twice[4] == pytest.approx(10 * twice[2], rel=1e-9)


@pytest.mark.slow
def test_what_a_left_out_event_would_have_added_lapses():
    adds, moves = ("2026-07", {"channels.new": NEW}), ("2027-01", {"channels.new.capacity": 800, CAPACITY: 200})
    whole = along(adds, moves)
    _, without = whole.path.premiums(whole.drawn, slice(0, whole.draws))
    expected = along(("2027-01", {CAPACITY: 200}))
    assert np.array_equal(without[0], expected["premium"][2:])
    # So does a chip that a later event names.
    chip = {"channels.licensed.chip": "fast"}
    fast = {"chips.fast": {"bf16_flops": 2e15, "memory_bandwidth": 5e12, "power": 1, "price": 30000}}
    whole = along(("2026-07", fast), ("2027-01", chip))
    _, without = whole.path.premiums(whole.drawn, slice(0, whole.draws))
    assert np.array_equal(without[0], along()["premium"][2:])


# -- dates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [1999, 2022, 2032])
@pytest.mark.parametrize("month", range(1, 13))
def test_quarters(year, month):
    found = quarter(f"{year}-{month:02}-28")
    first = (month - 1) // 3 * 3 + 1
    assert first_day(found) == f"{year}-{first:02}-01"
    assert quarter(first_day(found)) == found
    assert quarter(f"{year + 1}-{month:02}") == found + 4


def test_there_is_no_path_without_a_timeline_or_a_demand(small):
    from costmodel.analysis.path import path_result

    with pytest.raises(ParameterError, match="timeline: is not stated"):
        path_result(small)
    nothing = small_path(changes={"demand.quantity": None, "demand.choke_price": None})
    with pytest.raises(ParameterError, match=r"demand\.quantity: is not stated"):
        path_result(nothing)
    with pytest.raises(ParameterError, match="nothing called `premum` to follow; did you mean `premium`"):
        path_result(small_path(), names=["premum"])
