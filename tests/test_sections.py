"""Sections: each shows something for each set, in words that a reader understands, with the run's numbers."""

import re
from functools import cache

import pytest

from costmodel import load
from costmodel.costs import WORKLOADS
from costmodel.drawing import Figure
from costmodel.glossary import TERMS
from costmodel.sections import SECTIONS, Markdown, headline_channels, title
from costmodel.study import study
from costmodel.summary import sentences
from costmodel.tables import Html
from costmodel.words import money, percent


@pytest.fixture
def run(small):
    return study(small, draws=256)


def everything_closed():
    case = load("baseline")
    return load("baseline", {f"channels.{c}.available": False for c in case.channels if c != "counterfactual"})


SETS = {
    "small": lambda: load("baseline"),
    "certain": lambda: load("certain"),
    "child": lambda: load("child"),
    "timeline": lambda: load("timeline"),
    "all closed": everything_closed,
}


@cache
def run_of(name):
    return study(SETS[name](), draws=64)


@pytest.mark.parametrize(
    "name",
    [
        "small",
        "certain",
        pytest.param("child", marks=pytest.mark.slow),
        pytest.param("timeline", marks=pytest.mark.slow),
        pytest.param("all closed", marks=pytest.mark.slow),
    ],
)
@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)
def test_every_section_shows_something_for_every_kind_of_set(small_sets, name, section):
    run = run_of(name)
    blocks = section(run)
    assert all(isinstance(block, Markdown | Html | Figure) for block in blocks)
    assert_no_raw_floats_and_no_python(blocks)
    assert_dollars_are_not_taken_for_formulas(blocks)
    if section.shown(run):
        assert blocks[0] == Markdown(f"## {section.title}")
        assert len(blocks) > 1
    else:
        assert blocks == []


def test_ids_and_titles_are_unique():
    assert len({section.id for section in SECTIONS}) == len({section.title for section in SECTIONS}) == len(SECTIONS)


def assert_no_raw_floats_and_no_python(blocks):
    for block in blocks:
        if isinstance(block, Html) and block.source.startswith("<p"):
            assert not re.search(r"\d\.\d{4}|None|True|\{|\bnan\b|\[|<class", block.source), block.source


def assert_dollars_are_not_taken_for_formulas(blocks):
    for block in blocks:
        if isinstance(block, Markdown):
            assert "$" not in block.source.replace(r"\$", "")
        elif isinstance(block, Html) and "$" in block.source:
            assert "mathjax_ignore" in block.source


def test_the_headline_holds_the_runs_numbers(run):
    text = " ".join(sentences(run))
    best = run.cheapest("mix")
    assert run.case.label(best) in text
    assert money(run.summaries["mix"][best]["p50"].value) in text
    assert money(run.counterfactuals["mix"]["p50"].value) in text
    assert percent(run.probabilities["mix"][best].value) in text
    for workload in WORKLOADS:
        assert money(run.summaries[workload][run.cheapest(workload)]["p50"].value) in text


def test_with_all_channels_closed_nothing_is_called_the_cheapest(small_sets):
    run = study(everything_closed(), draws=64)
    text = " ".join(sentences(run))
    assert "none can be called the cheapest" in text
    assert "Closed in this set" in text
    assert "cheapest open channel in" not in text
    assert headline_channels(run)


@pytest.mark.slow
def test_a_sellers_margin_below_zero_is_flagged(small_sets):
    case = load("baseline")
    delivered = [c for c in case.channels if case.text(f"channels.{c}.markup_basis") == "delivered"]
    assert delivered
    path = f"channels.{delivered[0]}.price_markup"
    low = " ".join(sentences(study(load("baseline", {path: -0.3}), draws=64)))
    high = " ".join(sentences(study(load("baseline", {path: 5.0}), draws=64)))
    assert "does not cover what it takes" in low
    assert "does not cover" not in high


def test_a_channel_below_the_counterfactual_is_called_cheaper(small_sets):
    best = study(load("baseline"), draws=64).cheapest("mix")
    kind = load("baseline").text(f"channels.{best}.kind")
    path = {"rental": "rental_price", "inventory": "market_value", "purchase": "price_markup"}[kind]
    cheap = {"rental_price": 0.01, "market_value": 1, "price_markup": -0.99}[path]
    run = study(load("baseline", {f"channels.{best}.{path}": cheap}), draws=64)
    if run.premiums["mix"][best]["p50"].value < 0:
        assert "below the cost without controls" in " ".join(sentences(run))


def test_hostile_titles_stay_text(small_sets):
    from costmodel.parameters.load import load_mapping

    hostile = "# <script>alert(1)</script> [x](javascript:y) *b* $x$\n## z"
    top = {"name": "hostile", "title": hostile, "description": hostile, "extends": "baseline"}
    heading, description, *_ = title(study(load_mapping(top), draws=16))
    assert "\n" not in heading.source
    assert r"\<script\>" in heading.source
    assert r"\[x\]\(javascript\:y\)" in heading.source
    assert "<script" not in description.source


def test_terms_explain_what_reports_must_say():
    text = " ".join([*TERMS, *TERMS.values()])
    for needed in ("not the median of the results", "today", "does not say", "H100"):
        assert needed in text


def test_how_it_was_made_says_seed_draws_error_and_hash(run, monkeypatch):
    monkeypatch.setenv("COSTMODEL_REVISION", "abc123")
    section = next(section for section in SECTIONS if section.id == "made")
    *rest, when = (block.source for block in section(run))
    text = " ".join(rest)
    for needed in ("256 draws", "seed 0", "standard error", "numpy"):
        assert needed in text
    assert re.search(r"[0-9a-f]{64}", text)
    # All that may differ between two runs of the same inputs stands in the last block alone.
    assert 'class="stamp ' in when
    for needed in ("UTC", "abc123"):
        assert needed in when
        assert needed not in text
