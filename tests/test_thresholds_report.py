"""Break-evens and acceptability in reports: sentences, table, figure, and what `results.json` holds."""

import json
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from bs4 import BeautifulSoup

from costmodel import figures, load, palette, tables
from costmodel.analysis.acceptability import acceptability
from costmodel.analysis.sample import sample
from costmodel.analysis.thresholds import sentence
from costmodel.drawing import Figure
from costmodel.record import ANALYSES, results_json
from costmodel.sections import SECTIONS
from costmodel.study import study

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def run(small_sets):
    return study(load("ties"), draws=128)


def section(name, run):
    return next(section for section in SECTIONS if section.id == name)(run)


def shown(figure):
    return " ".join(item.text or "" for item in ET.fromstring(figure.svg).iter(f"{SVG}text"))


def test_sentences_are_few_and_the_whole_table_is_folded(run):
    blocks = section("breakeven", run)
    points = BeautifulSoup("".join(block.source for block in blocks), "html.parser").find_all("li")
    assert 1 <= len(points) <= 6
    assert points[0].get_text() == sentence(run.breakevens[0])
    folded = BeautifulSoup(tables.breakevens(run).source, "html.parser").find("details")
    assert not folded.has_attr("open")
    assert sum(len(table.tbody.find_all("tr")) for table in folded.find_all("table")) == len(run.breakevens)
    assert not re.search(r"\d\.\d{5}|nan", folded.get_text())


def test_the_table_says_who_is_cheaper_on_which_side(run):
    """Bought chips are the cheaper ones below a markup, hired ones above it."""
    pair = next(i for i in run.breakevens if i.path.endswith("bought.price_markup") and i.second == "far")
    assert (pair.cheaper_below, pair.cheaper_above) == ("bought", "far")


def test_the_figure_has_the_frontier_units_and_colours(run):
    hired = sample(load("ties", {"channels.bought.available": False}), 128)
    found = acceptability(hired, "channels.near.rental_price", points=9, between=(1.5, 3))
    assert found.switches
    figure = figures.acceptability(found, "rental price of Near")
    words = shown(figure)
    for needed in (
        "Probability of being cheapest",
        "Rental price of Near",
        "lowest expected cost",
        "/hour",
        "standard errors",
    ):
        assert needed in words
    assert not re.search(r"\d\.\d{5}|nan", words + figure.alt)
    colors = palette.channel_colors(run.case)
    assert all(colors[c] in figure.svg for c in found.probability if found.probability[c].max() > 0.02)
    assert "Lowest expected cost: Near, then" in figure.alt


def test_a_figure_of_too_few_draws_has_no_bands(small_sets):
    found = acceptability(sample(load("ties"), 8), "chips.ref.price", points=3, between=(1000, 90000))
    assert found.errors is None
    assert "Near" in shown(figures.acceptability(found, "price of Ref"))


def test_the_section_of_curves_shows_a_figure_for_each(run):
    blocks = section("acceptability", run)
    assert sum(isinstance(block, Figure) for block in blocks) == len(run.acceptabilities) == 2
    assert any("owest expected cost" in getattr(block, "source", "") for block in blocks)


def test_results_hold_the_analyses(run):
    found = results_json(run, palette.channel_colors(run.case))["analyses"]
    assert {"breakeven", "acceptability"} <= set(found) == set(ANALYSES)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for row in found["breakeven"]:
        share = row["share"] + sum(row["none_in_range"].values())
        assert share == pytest.approx(1)
        assert row["threshold"]["p05"] <= row["threshold"]["p50"] <= row["threshold"]["p95"]
    for curve in found["acceptability"]:
        shares = [channel["probability_cheapest"] for channel in curve["channels"].values()]
        assert np.sum(shares, axis=0) == pytest.approx(np.ones(len(curve["values"])))


def test_the_first_draws_are_those_of_the_run(run):
    for channel in run.case.channels:
        cost = run.sample.evaluation.cost("mix", channel)
        assert np.broadcast_to(cost, 128) == pytest.approx(run.simulation.totals["mix"][channel])


@pytest.mark.slow
def test_hostile_labels_stay_text(small_sets):
    label = "<script>$x$</script>"
    run = study(load("ties", {"channels.near.label": {"value": label, "assumption": "hostile"}}), draws=32)
    for block in (*section("breakeven", run), *section("acceptability", run)):
        assert not re.search(r"(?<!\\)<script", getattr(block, "source", "") + getattr(block, "svg", ""))
