"""What the sets with a timeline must satisfy: dated events, and published figures that are a test (issue 5)."""

import re
from datetime import date

import numpy as np
import pytest

from costmodel.dynamics.path import Path
from costmodel.locations import set_names
from costmodel.parameters.timeline import quarter
from real import case

NAMES = [name for name in set_names() if case(name).timeline]
#: Sets for what may come.
FUTURES = {"status_quo", "tightening", "relaxation", "domestic_push"}
#: What supply and demand rest on; ends of paths, and beginnings.
SUPPLY = re.compile(r"\.(capacity|installed|supply_markup|supply_slope)$|^(demand|entry|adaptation)\.")
#: Results of the path that are prices.
PRICES = re.compile(r"^(server_ratio|implied_markup)\.")
#: Days between an event and the rule that it cites.
NEAR = 100


def quoted(items):
    """Sources of the parameters among some that supply and demand rest on."""
    return {name for item in items if item and SUPPLY.search(item.path) for name in item.leaf.source}


def supply_sources(name):
    found = case(name)
    return quoted([*found, *(item for event in found.timeline.events for item in event.changes.values())])


def test_there_is_a_history_and_what_may_come():
    assert set(NAMES) >= {"history", *FUTURES}
    assert case("history").timeline.first == quarter("2022-07")
    ends = {case(name).timeline.last for name in FUTURES}
    assert ends == {quarter("2032-12")}


@pytest.mark.parametrize("name", NAMES)
def test_events_lie_on_the_path_and_change_something(name):
    path = case(name).timeline
    for event in path.events:
        assert path.first < event.quarter <= path.last, event.label
        assert event.changes, event.label
    labels = [event.label for event in path.events]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", sorted(FUTURES))
def test_what_may_come_begins_where_the_history_ends(name):
    known = {event.label for event in case("history").timeline.events}
    mine = [event for event in case(name).timeline.events if event.label not in known]
    assert mine
    assert all(event.date >= "2027" for event in mine)
    assert all("scenario" in event.assumption for event in mine)


def test_an_event_that_cites_a_rule_is_dated_near_it():
    for event in case("history").timeline.events:
        rules = [date(*map(int, name.split("_")[1:4])) for name in event.source if name.startswith("PT_")]
        if rules:
            stated = date(*map(int, (event.date + "-01").split("-")[:3]))
            assert min(abs((rule - stated).days) for rule in rules) <= NEAR, event.label


def test_no_gray_price_that_is_a_test_sets_supply_or_demand():
    prices = {name for item in case("history").observations if PRICES.match(item.outcome) for name in item.source}
    assert len(prices) > 10
    # What servers cost in the United States may stand on both sides.
    assert prices & supply_sources("history") <= {"GM045", "GM053"}


def test_a_volume_that_sets_supply_says_so():
    used = supply_sources("history")
    volumes = [item for item in case("history").observations if not PRICES.match(item.outcome)]
    resting = [item for item in volumes if set(item.source) & used]
    assert resting
    for item in resting:
        assert re.search("sets|rests? on|same count|takes it into account", item.note), item.label


@pytest.mark.parametrize("name", NAMES)
def test_figures_lie_on_the_path_and_are_of_its_channels(name):
    found = case(name)
    for item in found.observations:
        assert found.timeline.first <= item.first <= item.last <= found.timeline.last, item.label
        assert item.outcome.split(".")[-1] in found.channels, item.label
        assert item.note, item.label


def test_published_markups_of_all_years_are_there():
    dated = {item.first // 4 for item in case("history").observations if PRICES.match(item.outcome)}
    assert dated == {2023, 2024, 2025, 2026}


def test_draws_of_each_year_follow_that_year_s_law():
    path = Path(case("history"), 256, 0)
    block = path.block(0)
    for begins in ("2022-07", "2023-01", "2024-01", "2025-01", "2026-01"):
        now = path.in_force(quarter(begins)).case
        law = now.parameters["demand.quantity"].distribution
        drawn = block.drawn(now)["demand.quantity"]
        assert np.percentile(drawn, [5, 95]) == pytest.approx([law.ppf(0.05), law.ppf(0.95)], rel=0.1), begins
