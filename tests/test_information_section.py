"""The section about what better knowledge would be worth, for decisions of every kind."""

import re
from functools import cache
from xml.etree import ElementTree as ET

import pytest

from costmodel import figures
from costmodel.drawing import Figure
from costmodel.parameters.load import load_mapping
from costmodel.record import results_json
from costmodel.sections import SECTIONS
from costmodel.study import study
from costmodel.tables import Html
from costmodel.words import worth

BUY = {
    "title": "Cloud <or> $gray$?",
    "assumption": "made & up",
    "options": {"gray": {"channel": "gray"}, "cloud": {"channel": "cloud"}, "drives": {"channel": "drives"}},
    "groups": {"money": ["finance"], "chips": ["chips"]},
}
DECISIONS = {
    "buy": BUY,
    "restrict": BUY | {
        "payoff": "premium", "goal": "maximize",
        "options": {
            "none": {}, "operator": {"channel": "operator"},
            "close": {"label": "Close <it>", "channel": "licensed", "set": {"channels.cloud.available": False}},
        },
    },
    "clear": BUY | {"options": {"gray": {"channel": "gray"}, "dear": {"channel": "gray", "cost": 1}}},
    "shut": BUY | {"options": {"gray": {"channel": "gray"}, "drives": {"channel": "drives"}}},
}  # fmt: skip


@cache
def run_of(draws):
    return study(load_mapping({"name": "x", "extends": "baseline", "decisions": DECISIONS}), draws=draws)


@pytest.fixture
def run(small_sets):
    return run_of(512)


@pytest.fixture
def section():
    return next(section for section in SECTIONS if section.id == "information")


def test_every_decision_with_a_choice_has_words_a_figure_and_tables(run, section):
    assert [found.decision.name for found in run.information] == ["buy", "restrict", "clear"]
    blocks = section(run)
    assert sum(isinstance(block, Figure) for block in blocks) == 3
    assert sum(isinstance(block, Html) and "<table" in block.source for block in blocks) == 6
    prose = " ".join(block.source for block in blocks if isinstance(block, Html) and block.source.startswith("<p"))
    buy, restrict, clear = run.information
    assert worth(buy.evpi.value, buy.unit) in prose
    assert f"the choice is {buy.label(buy.choice)}" in prose
    assert "cheapest channel that is left open" in prose
    assert "no knowledge would change it" in prose
    assert "points" in prose
    assert not re.search(r"\d\.\d{4}|None|True|\{|nan|\[|<class", prose)
    assert clear.evpi.value == 0.0
    assert restrict.unit == "1"
    assert restrict.evpi.value > 0


def test_text_of_a_set_is_escaped(run, section):
    for block in section(run):
        source = getattr(block, "source", getattr(block, "svg", ""))
        assert "<or>" not in source.replace(r"\<or\>", "")
        assert "<it>" not in source
        assert "made & up" not in source


@pytest.mark.slow
def test_figures_say_in_words_what_they_show(run):
    for found in run.information:
        figure = figures.information(found)
        root = ET.fromstring(figure.svg)
        texts = " ".join(item.text or "" for item in root.iter("{http://www.w3.org/2000/svg}text"))
        assert worth(found.evpi.value, found.unit) in figure.alt
        assert "Everything (EVPI)" in texts
        assert not re.search(r"\d\.\d{5}|\de[-+]?\d|\bnan\b", texts + figure.alt)
        assert figures.information(found).svg == figure.svg


@pytest.mark.slow
def test_results_hold_the_analysis(run):
    from costmodel.palette import channel_colors

    found = results_json(run, channel_colors(run.case))["analyses"]["value_of_information"]
    assert set(found["decisions"]) == {"buy", "restrict", "clear"}
    assert found["draws"] == 512


def test_too_few_draws_and_no_decision_show_nothing(small, small_sets, section):
    assert section(run_of(64)) == []
    assert section(study(small, draws=512)) == []
