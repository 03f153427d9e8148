"""The section on why a set differs from the one that it extends, its figure and tables, and notebooks/compare.ipynb."""

import ast
import inspect
import re
from functools import cache
from itertools import combinations
from xml.etree import ElementTree as ET

import nbformat
import pytest

from costmodel import ParameterError, figures, load, tables
from costmodel.analysis.attribution import attribute
from costmodel.drawing import Figure
from costmodel.explore import Comparison
from costmodel.locations import notebooks_folder
from costmodel.outcome_words import change, level
from costmodel.palette import channel_colors
from costmodel.parameters.load import load_mapping
from costmodel.record import results_json
from costmodel.sections import SECTIONS
from costmodel.study import study
from costmodel.tables import Html

NOTEBOOK = notebooks_folder() / "compare.ipynb"
HARD = "A <b> & $x$ *set*"
RAW = re.compile(r"\d\.\d{6}|\de[-+]?\d|\bnan\b|None|True|<class")


@cache
def run_of(**assumptions):
    channels = {"stock_book": {"available": False}, "gray": {"label": HARD, "price_markup": 0.1, "penalty": 0}}
    given = {"assumption": "made up", "channels": channels, "finance": {"discount_rate": 0.12}}
    return study(load_mapping({"name": "x", "title": HARD, "extends": "baseline", "assumptions": given}), draws=128)


@pytest.fixture
def run(small_sets):
    return run_of()


@pytest.fixture
def section():
    return next(section for section in SECTIONS if section.id == "attribution")


def texts(figure):
    return [item.text or "" for item in ET.fromstring(figure.svg).iter("{http://www.w3.org/2000/svg}text")]


def test_the_section_says_what_differs_and_by_how_much(run, section):
    blocks = section(run)
    assert [found.outcome.name for found in run.attributions] == ["lowest.mix", "market.price"]
    assert sum(isinstance(block, Figure) for block in blocks) == 2
    assert sum(isinstance(block, Html) and "<table" in block.source for block in blocks) == 2
    prose = " ".join(block.source for block in blocks if isinstance(block, Html))
    assert "Positive: raises B over A" in prose
    for found in run.attributions:
        assert level(found.b["mean"], found.outcome.unit) in prose
        for item in (*found.groups, found.whole):
            assert change(item.mean.value, found.outcome.unit) in prose
    assert not RAW.search(re.sub(r"<[^>]*>", " ", prose))
    assert "<b>" not in prose


def test_a_set_that_extends_none_or_changes_nothing_shows_nothing(small, small_sets, section):
    alone = study(small, draws=64)
    assert section(alone) == []
    assert alone.attributions == ()
    same = study(load_mapping({"name": "same", "extends": "baseline"}), draws=64)
    assert section(same) == []


@pytest.mark.slow
def test_sets_that_cannot_be_mixed_are_no_reason_to_fail(small_sets, section):
    other = study(load_mapping({"name": "other", "extends": "baseline", "base_year": 2024}), draws=64)
    blocks = section(other)
    assert "cannot be divided: baseline counts in US dollars of 2026" in blocks[-1].source
    assert results_json(other, channel_colors(other.case))["analyses"]["attribution"] == {}


@pytest.mark.slow
def test_results_hold_the_analysis(run, small):
    found = results_json(run, channel_colors(run.case))["analyses"]["attribution"]
    assert list(found) == ["lowest.mix", "market.price"]
    assert {item["group"] for item in found["lowest.mix"]["groups"]} == {
        "finance",
        "channels.stock_book",
        "channels.gray",
    }
    alone = study(small, draws=64)
    assert results_json(alone, channel_colors(small))["analyses"]["attribution"] is None


@pytest.mark.slow
def test_the_waterfall_goes_from_a_to_b(run):
    found = run.attributions[0]
    figure = figures.attribution(found)
    shown = found.shown(10)
    assert found.steps(shown)[-1] == pytest.approx(found.b["mean"], rel=1e-12)
    words = " ".join(texts(figure))
    for item in shown:
        assert change(item.mean.value, found.outcome.unit) in words
    assert "raises B over A" in words
    assert "US dollars per H100-equivalent hour" in words
    assert channel_colors(run.case)["gray"] in figure.svg
    assert not RAW.search(words + figure.alt)
    assert figures.attribution(found).svg == figure.svg


def test_no_two_texts_of_the_waterfall_overlap(run, monkeypatch):
    boxes = []

    def measured(canvas, alt):
        canvas.draw_without_rendering()
        (axes,) = canvas.axes
        low, high = axes.get_xlim()
        ticks = [tick for tick in axes.get_xticklabels() if low <= tick.get_position()[0] <= high]
        shown = [text for text in (*axes.texts, *ticks) if text.get_text().strip()]
        boxes.extend(text.get_window_extent() for text in shown)
        width = canvas.bbox.width
        outside = [text.get_text() for text, box in zip(shown, boxes, strict=True) if box.x0 < 0 or box.x1 > width]
        assert not outside
        return Figure("<svg/>", alt)

    monkeypatch.setattr("costmodel.drawing.finished", measured)
    figures.attribution(run.attributions[0])
    assert len(boxes) > 10
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


@pytest.mark.slow
def test_small_groups_share_a_bar(small_sets):
    found = attribute(load("baseline"), run_of().case, draws=64)
    few = found.shown(2)
    assert [item.part.name for item in few][1] == "others"
    assert sum(item.draws for item in few) == pytest.approx(found.difference, abs=1e-12)
    assert len(found.shown(3)) == 3


def test_units_other_than_dollars_are_written_in_words(run):
    found = attribute(run.parent, run.case, "lowest_premium.mix", draws=64)
    source = tables.attribution(found).source
    assert "points" in source
    assert "percent" in source


# -- the notebook --


def test_the_notebook_is_clean():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    (tagged,) = (cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ()))
    given = [node.targets[0].id for node in ast.parse(tagged.source).body]
    assert given == list(inspect.signature(Comparison).parameters)
    for cell in notebook.cells:
        assert len(cell.source.splitlines()) <= 10
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.slow
def test_the_notebook_runs_from_top_to_bottom():
    from nbclient import NotebookClient

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert all(output.output_type != "error" and output.get("name") != "stderr" for output in outputs)
    assert sum("image/svg+xml" in output.get("data", {}) for output in outputs) == 1
    assert sum("<table" in output.get("data", {}).get("text/html", "") for output in outputs) == 3


def test_both_sets_side_by_side(small_sets):
    found = Comparison("baseline", "child", draws=64)
    assert level(found.attribution.a["mean"], "USD/H100e-h") in found.summary().source
    assert found.headlines().source.count("<tr>") > len(found.before.channels)
    assert "finance" in found.differences().source
    group = found.attribution.groups[0].part.name
    assert found.attribution.groups[0].part.label in found.within(group).source


def test_a_set_that_is_not_there_is_a_message_without_traceback(small_sets):
    with pytest.raises((ParameterError, FileNotFoundError), match="did you mean `baseline`") as caught:
        Comparison("basline", "child")
    if isinstance(caught.value, ParameterError):
        assert caught.value._render_traceback_() == [f"ParameterError: {caught.value}"]
