"""The section about what causes uncertainty: figures, words, and sets in which little or nothing is uncertain."""

import json
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from costmodel import figures, load
from costmodel.drawing import Figure
from costmodel.palette import channel_colors
from costmodel.record import results_json
from costmodel.sections import SECTIONS
from costmodel.study import study
from costmodel.tables import Html
from costmodel.words import percent

SVG = "{http://www.w3.org/2000/svg}"
SECTION = next(section for section in SECTIONS if section.id == "influence")


@pytest.fixture
def run(small):
    return study(small, draws=256)


def texts(figure):
    return " ".join(item.text or "" for item in ET.fromstring(figure.svg).iter(f"{SVG}text"))


def drawn(run):
    premium = f"premium.mix.{run.cheapest('mix')}"
    yield figures.influence(run, "cost.mix.gray")
    yield figures.curves(run, "mix", run.drivers.largest(premium, 3))
    yield figures.heat_map(run, run.drivers.heat_map(premium))


@pytest.mark.slow
def test_figures_are_whole_described_and_legible(run):
    for figure in drawn(run):
        assert ET.fromstring(figure.svg).find(f"{SVG}title").text == figure.alt
        assert not re.search(r"\bnan\b|\d\.\d{5}|\de[-+]?\d", texts(figure) + figure.alt)
        assert len(figure.svg) < 100_000
    again = study(run.case, draws=256)
    assert [figure.svg for figure in drawn(run)] == [figure.svg for figure in drawn(again)]


def test_bars_show_the_indices_and_say_what_they_are(run):
    figure = figures.influence(run, "cost.mix.gray")
    first = run.drivers.sensitivity("cost.mix.gray").influences[0]
    assert percent(first.total.value) in texts(figure)
    assert percent(first.first.value) in figure.alt
    for words in ("95 % intervals", "Share of the variance of the cost", "alone and together with others"):
        assert words in texts(figure)


def test_curves_name_every_open_channel_in_its_colour(run):
    figure = figures.curves(run, "mix", run.case.uncertain[:2])
    for channel in run.simulation.rivals:
        assert run.case.label(channel) in texts(figure)
        assert channel_colors(run.case)[channel] in figure.svg
    assert "Premium" in texts(figure)


def test_the_largest_of_a_group_is_the_one_that_tells_most(run):
    name = "cost.mix.gray"
    found = run.drivers.sensitivity(name)
    for path, item in zip(run.drivers.largest(name, 5), found.influences, strict=False):
        assert path in item.paths
        assert found.first_order[path].value == max(found.first_order[p].value for p in item.paths)


def test_regions_of_the_map_carry_the_names_of_the_cheapest(small_sets):
    """Where two channels are each the cheapest in a large part, both are named."""
    case = load("baseline")
    run = study(case, draws=64)
    found = run.drivers.heat_map(f"premium.mix.{run.cheapest('mix')}")
    names, counts = np.unique(found.cheapest, return_counts=True)
    shown = texts(figures.heat_map(run, found))
    for name, count in zip(names, counts, strict=True):
        if count > 0.05 * found.cheapest.size:
            assert all(word in shown for word in case.label(name).split())


@pytest.mark.slow
def test_the_section_says_why_some_share_a_bar_and_from_how_many_draws(run):
    blocks = SECTION(run)
    words = " ".join(block.source for block in blocks if isinstance(block, Html))
    assert "two samples of 256 draws" in words
    assert "drawn together" in words
    assert sum(isinstance(block, Figure) for block in blocks) >= 3


@pytest.mark.slow
def test_results_hold_the_indices_of_the_headline_channels(run):
    found = json.loads(json.dumps(results_json(run, channel_colors(run.case)), allow_nan=False))
    indices = found["analyses"]["sensitivity"]
    assert set(indices) == {f"cost.mix.{channel}" for channel in run.headline}
    assert all(0 < item["groups"][0]["total"]["value"] < 2 for item in indices.values())
    # What hardly matters would be most of the file.
    for item in indices.values():
        assert all(group["total"]["value"] >= 0.001 for group in item["groups"])
        assert set(item["parameters"]) == {path for group in item["groups"] for path in group["parameters"]}


def test_nothing_uncertain_and_little_uncertain(small_sets):
    certain = study(load("certain"), draws=16)
    assert SECTION(certain) == []
    assert set(results_json(certain, channel_colors(certain.case))["analyses"]["sensitivity"].values()) == {None}
    small = load("baseline")
    others = {path: small.parameters[path].value for path in small.uncertain if path != "finance.discount_rate"}
    run = study(load("baseline", others), draws=64)
    assert run.case.uncertain == ("finance.discount_rate",)
    assert run.drivers.heat_map(f"premium.mix.{run.cheapest('mix')}") is None
    assert any(isinstance(block, Figure) for block in SECTION(run))
