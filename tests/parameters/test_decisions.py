"""Decisions in parameter sets: what a set inherits, replaces and removes, and what an option may change."""

import pytest

from costmodel import load
from costmodel.errors import ParameterError
from costmodel.parameters.load import load_mapping
from costmodel.parameters.sources import unknown_sources, unsourced

BUY = {
    "title": "What to buy?",
    "assumption": "made up",
    "options": {"gray": {"channel": "gray"}, "cloud": {"channel": "cloud", "cost": 0.25}},
}


@pytest.fixture
def write(tmp_path, small_sets):
    def written(text, name="x"):
        path = tmp_path / f"{name}.yaml"
        path.write_text(text)
        return path

    return written


PARENT = """extends: baseline
decisions:
  buy:
    title: What to buy?
    assumption: made up
    groups: {money: [finance, chips.ref.price]}
    options:
      gray: {channel: gray}
      cloud: {channel: cloud, cost: 0.25, assumption: moving}
      surge: {set: {channels.gray.price_markup: {dist: uniform, min: 1, max: 2}}}
"""


def test_a_decision_as_stated(write):
    found = load(write(PARENT)).decisions["buy"]
    assert (found.name, found.title, found.assumption) == ("buy", "What to buy?", "made up")
    assert (found.workload, found.payoff, found.goal) == ("mix", "effective_cost", "minimize")
    assert found.groups == {"money": ("finance", "chips.ref.price")}
    gray, cloud, surge = found.options
    assert (gray.name, gray.channel, gray.cost, gray.changes) == ("gray", "gray", 0.0, {})
    assert (cloud.cost, cloud.assumption) == (0.25, "moving")
    assert surge.channel is None
    assert surge.changes["channels.gray.price_markup"].value == 1.5
    assert (found.file is not None, found.line) == (True, 3)


@pytest.mark.parametrize(
    ("own", "options"),
    [
        ("{}", ["gray", "cloud", "surge"]),
        ("{buy: {options: {surge: null}}}", ["gray", "cloud"]),
        ("{buy: {options: {more: {channel: operator}}}}", ["gray", "cloud", "surge", "more"]),
        ("{buy: null}", None),
        ("null", None),
    ],
)
def test_a_child_inherits_replaces_and_removes(write, own, options):
    write(PARENT, "parent")
    found = load(write(f"extends: parent\ndecisions: {own}\n", "child")).decisions
    assert ([option.name for option in found["buy"].options] if found else None) == options


def test_what_a_set_inherits_and_cannot_have_is_left_out_without_a_word(write):
    write(PARENT, "parent")
    text = "extends: parent\nassumptions:\n  assumption: x\n  channels: {cloud: null, gray: {price_markup: 0.5}}\n"
    assert [option.name for option in load(write(text, "child")).decisions["buy"].options] == ["gray"]


def test_a_run_may_make_an_options_parameter_certain(write):
    found = load(write(PARENT), {"channels.gray.price_markup": 0.4}).decisions["buy"]
    assert [option.name for option in found.options] == ["gray", "cloud"]


def test_units_and_paths_are_read_as_anywhere(small_sets):
    changed = {
        "assumptions.chips.other.price": "20 kUSD",
        "finance.discount_rate": {"value": "9 %", "basis": "nominal"},
    }
    options = BUY["options"] | {"dear": {"set": changed}}
    found = load_mapping({"name": "x", "extends": "baseline", "decisions": {"buy": BUY | {"options": options}}})
    changes = found.decisions["buy"].options[2].changes
    assert {path: item.value for path, item in changes.items()} == {
        "chips.other.price": 20000.0,
        "finance.discount_rate": 0.09,
    }


def test_decisions_are_part_of_the_hash(small_sets):
    from costmodel.record import inputs_hash

    top = {"name": "x", "extends": "baseline"}
    cases = [
        load_mapping(top),
        load_mapping(top | {"decisions": {"buy": BUY}}),
        load_mapping(top | {"decisions": {"buy": BUY | {"goal": "maximize"}}}),
    ]
    assert len({inputs_hash(case) for case in cases}) == 3
    again = load_mapping(top | {"decisions": {"buy": BUY}})
    assert inputs_hash(again) == inputs_hash(cases[1])


def test_strict_checking_asks_where_a_decision_comes_from(write):
    plain = PARENT.replace("    assumption: made up\n", "")
    assert [problem.path for problem in unsourced(load(write(plain)))] == ["decisions.buy"]
    assert not list(unsourced(load(write(PARENT))))


def test_sources_of_decisions_are_looked_up():
    options = {
        "gray": {"channel": "gray_market", "source": "GM053"},
        "dear": {"channel": "direct", "source": ["GM-053"]},
    }
    case = load_mapping({"name": "x", "extends": "baseline", "decisions": {"sell": BUY | {"options": options}}})
    assert [(p.path, p.message[:14]) for p in unknown_sources(case)] == [("decisions.sell", "cites `GM-053`")]


def test_all_that_is_wrong_is_told_at_once(small_sets):
    options = {"a": {"channel": "grey"}, "b": {"set": {"finance.inflation": "x", "nothing": 1}}}
    with pytest.raises(ParameterError) as caught:
        load_mapping({"name": "x", "extends": "baseline", "decisions": {"buy": BUY | {"options": options}}})
    assert [problem.path.removeprefix("decisions.buy.options.") for problem in caught.value.problems] == [
        "a.channel",
        "b.set.finance.inflation",
        "b.set.nothing",
    ]
