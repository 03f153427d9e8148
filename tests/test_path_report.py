"""The path in reports and in the explorer: drawn, tabled and said with the run's numbers; none without a timeline."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup

from costmodel import figures, load, rows, tables
from costmodel.analysis.controls import Control, largest
from costmodel.analysis.path import CONTROL_DRAWS, DRAWS
from costmodel.analysis.statistics import Estimate
from costmodel.drawing import Figure
from costmodel.explore import Explorer
from costmodel.figures.path import gray, path_colors, years
from costmodel.outcome_words import BEYOND, change, half_life_words, months, path_value
from costmodel.palette import channel_colors
from costmodel.record import ANALYSES
from costmodel.sections import SECTIONS
from costmodel.study import study
from costmodel.tables import Html
from costmodel.words import NBSP, money
from costmodel.words import percent as in_percent

pytestmark = pytest.mark.slow

SVG = "{http://www.w3.org/2000/svg}"
RAW = re.compile(r"\d\.\d{5}|\bnan\b|None|\de[-+]?\d")
SECTION = next(each for each in SECTIONS if each.id == "path")


@pytest.fixture(scope="module")
def run():
    """One run for all tests: nothing here changes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COSTMODEL_PARAMS", str(Path(__file__).parent / "sets"))
        found = study(load("timeline"), draws=64)
        assert found.path is not None
        assert found.path.statistics
        assert found.path.controls
        yield found


@pytest.fixture(scope="module")
def blocks(run):
    return SECTION(run)


def words(found):
    text = " ".join(BeautifulSoup(b.source, "html.parser").get_text(" ") for b in found if isinstance(b, Html))
    return text.replace(NBSP, " ")


def percent(value, **how):
    return in_percent(value, **how).replace(NBSP, " ")


def shown(figure):
    return " ".join(item.text or "" for item in ET.fromstring(figure.svg).iter(f"{SVG}text")).replace(NBSP, " ")


def control(mean, **other):
    """A made-up event that moves the premium by so much."""
    same = {name: Estimate(mean, None) for name in ("mean", "p05", "p50", "p95")}
    event = SimpleNamespace(date="2026-07", label="Event", quarter=0, source=(), assumption=None)
    lasts = dict.fromkeys(("p05", "p50", "p95"), 3.0)
    return replace(Control(event, mean > 0, same, same, lasts, 0.0, 0.0), **other)


# -- which events are marked ------------------------------------------------------------------------------------------


def test_the_events_that_move_most_are_marked_in_order_of_time():
    found = [control(0.1), control(-0.5), control(0.01), control(0.3), control(0.9, no_effect=1.0)]
    assert largest(found, 3) == [0, 1, 3]
    assert largest(found, 10) == [0, 1, 2, 3]


def test_a_study_takes_few_draws_for_its_path(run):
    assert (run.path.draws, run.path.control_draws) == (64, 64)
    many = replace(run, simulation=SimpleNamespace(draws=10 * DRAWS, seed=3))
    assert (many.path.draws, many.path.control_draws, many.path.seed) == (DRAWS, CONTROL_DRAWS, 3)


# -- figures ----------------------------------------------------------------------------------------------------------


def test_figures_say_their_unit_their_band_and_nothing_raw(blocks):
    found = [block for block in blocks if isinstance(block, Figure)]
    assert len(found) == 4
    for figure in found:
        assert not RAW.search(shown(figure) + figure.alt)
        assert "5–95 %" in shown(figure) or "Means over all draws" in shown(figure)
    assert "US dollars per H100-equivalent hour" in shown(found[0])
    assert "Months" in shown(found[2])


def test_the_fans_mark_events_by_number_and_say_where_they_end(run):
    figure = figures.fans(run.path, [0, 2])
    texts = [item.text for item in ET.fromstring(figure.svg).iter(f"{SVG}text")]
    assert "1" in texts
    assert "3" in texts
    assert "Server price over street price, Gray" in shown(figure)
    last = run.path.statistics["premium"][-1]
    assert in_percent(last["p50"].value, signed=True) in figure.alt


def test_events_of_one_quarter_share_a_mark(run):
    same = replace(run.path.events[1], date="2026-09")
    moved = SimpleNamespace(
        **{name: getattr(run.path, name) for name in ("case", "cases", "dates", "statistics", "band", "label", "path")},
        events=(run.path.events[0], replace(same, quarter=run.path.events[0].quarter), run.path.events[2]),
    )
    texts = [item.text for item in ET.fromstring(figures.fans(moved, [0, 1]).svg).iter(f"{SVG}text")]
    assert "1, 2" in texts


def test_stacked_shares_have_the_colours_of_channels_and_those_that_come_later(run):
    figure = figures.share_areas(run.path)
    colors = path_colors(run.path)
    assert set(channel_colors(run.case).items()) <= set(colors.items())
    for channel in ("gray", "domestic", "leased"):
        assert run.path.label(channel) in shown(figure)
        assert colors[channel] in figure.svg
    assert "leased" not in run.case.channels
    last = run.path.statistics["share.leased"][-1]["mean"].value
    assert f"Leased racks 0 % in 2026-01, {percent(last)} in 2028-10" in figure.alt.replace(NBSP, " ")


def test_half_lives_beyond_the_end_have_an_arrow_and_say_so(run):
    lasting = {"p05": 3.0, "p50": None, "p95": None}
    gone = {"p05": 3.0, "p50": 6.0, "p95": 9.0}
    both = [replace(run.path.controls[0], half_life=each) for each in (lasting, gone)]
    told = SimpleNamespace(controls=both, path=run.path.path)
    figure = figures.half_lives(told, [0, 1])
    assert BEYOND in shown(figure)
    assert "6 months" in shown(figure)
    only = figures.half_lives(SimpleNamespace(controls=both[1:], path=run.path.path), [0])
    assert BEYOND not in shown(only)
    # An arrow's head more, a dot less.
    assert figure.svg.count("<use") > only.svg.count("<use")


def test_the_backtest_draws_every_published_figure(run):
    figure = figures.backtest(run.path)
    for series in run.path.backtest.series:
        for each in series.comparisons:
            assert f"{each.observation.label} {path_value(series.outcome, each.observation.value)}" in figure.alt
    assert "Published, with its range" in shown(figure)


def test_dates_are_years_and_the_gray_channel_is_found(run):
    assert years(run.path.dates)[:3] == [2026.0, 2026.25, 2026.5]
    assert gray(run.path) == "gray"


# -- tables -----------------------------------------------------------------------------------------------------------


def test_all_events_are_in_the_folded_table_with_their_sources(run):
    page = BeautifulSoup(tables.events(run.path, [0]).source, "html.parser")
    assert len(page.find(id="table-events-marked").tbody.find_all("tr")) == 1
    whole = page.details.find(id="table-events").tbody.find_all("tr")
    assert len(whole) == len(run.path.events) == 3
    for row, each in zip(whole, run.path.controls, strict=True):
        cells = [cell.get_text() for cell in row.find_all(["th", "td"])]
        assert each.event.label in cells[0]
        assert cells[1] == change(each.premium_added["p50"].value, "1")
        assert cells[3] == half_life_words(each.half_life, range_too=False)
    assert "made up for tests" in whole[0].get_text()
    assert "X" in whole[1].get_text()


def test_an_event_without_effect_has_no_half_life(run):
    nothing = SimpleNamespace(controls=(control(0.0, no_effect=1.0),))
    row = BeautifulSoup(tables.events(nothing, [0]).source, "html.parser").tbody.tr
    assert [cell.get_text() for cell in row.find_all("td")][2:5] == ["–"] * 3


def test_the_backtest_table_holds_the_runs_errors(run):
    text = words([tables.backtest(run.path)])
    for series in run.path.backtest.series:
        assert percent(series.bias, signed=True) in text
        for each in series.comparisons:
            assert each.observation.label in text
            assert percent(each.error, signed=True) in text
    assert "one count" in text
    assert not RAW.search(text)


def test_csv_rows_agree_with_the_run(run):
    found = {(row["name"], row["date"]): row for row in rows.path(run)}
    assert found["premium", "2028-10-01"]["p50"] == run.path.band("premium")[-1]
    assert ("share.leased", "2026-01-01") not in found
    assert [row["half_life_months_p50"] for row in rows.controls(run)] == [
        each.half_life["p50"] for each in run.path.controls
    ]
    compared = {row["outcome"]: row for row in rows.backtest(run)}
    assert compared["delivered.gray"]["published_value"] == 9000
    assert compared["delivered.gray"]["unit"] == "accelerator"
    assert {"path", "controls", "backtest"} <= set(rows.TABLES)


# -- section ----------------------------------------------------------------------------------------------------------


def test_the_section_says_the_runs_numbers(run, blocks):
    text, path = words(blocks), run.path
    most = max(path.controls, key=lambda each: each.mean_added["mean"].value)
    first, last = path.statistics["premium"][0], path.statistics["premium"][-1]
    for needed in (
        percent(first["p50"].value, signed=True),
        percent(last["p50"].value, signed=True),
        money(path.statistics["price"][-1]["p50"].value),
        months(path.delay["p50"].value).replace(NBSP, " "),
        f"“{most.event.label}” ({most.event.date[:7]}) adds most on average",
        "Domestic supply alone holds the premium at or under 50 %",
        "one price of compute",
        "Scenarios, not estimates",
        "adaptation decay",
        "no forecast",
        "censored",
    ):
        assert needed in text
    assert not RAW.search(text)


def test_the_section_owns_up_to_prices_that_are_far_too_high(run, blocks):
    series = next(each for each in run.path.backtest.series if each.outcome == "server_ratio.gray")
    (worst,) = series.comparisons
    assert worst.error >= 0.5
    said = f"{path_value('server_ratio.gray', worst.model['p50'].value)} instead of 1.2 times the street price"
    assert said in words(blocks)


def test_without_a_timeline_there_is_no_path_to_show(small):
    found = study(small, draws=16)
    assert found.path is None
    assert SECTION(found) == []
    assert rows.path(found) == rows.controls(found) == rows.backtest(found) == []
    assert ANALYSES["path"](found) is None


def test_results_hold_the_path(run):
    found = ANALYSES["path"](run)
    assert found["paths"]["premium"]["p50"] == run.path.band("premium")
    assert len(found["controls"]) == 3


def test_the_sources_of_events_are_cited(run):
    cell = BeautifulSoup(tables.source_list(run).source, "html.parser").find("th", string="X")
    assert cell is not None


# -- explorer ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def explorer(small_sets):
    return Explorer("timeline", draws=32)


def test_the_explorer_has_the_premium_over_time_once_it_is_unfolded(explorer):
    panel = explorer.panel
    chart = panel._path_chart
    assert panel._over_time.layout.display is None
    assert chart.value == ""
    panel._over_time.selected_index = 0
    before = chart.value
    assert "<svg" in before
    explorer.set("demand.quantity", 90000)
    assert "<svg" in chart.value
    assert chart.value != before
    panel._over_time.selected_index = None
    assert chart.value == ""


def test_the_unchanged_set_is_gone_along_only_once(explorer, monkeypatch):
    from costmodel.explore import comparison

    asked, real = [], comparison.premium_path
    monkeypatch.setattr(comparison, "premium_path", lambda case, *more: asked.append(case) or real(case, *more))
    explorer.path_figure()
    assert asked == [explorer.base]
    explorer.set("demand.quantity", 90000)
    figure = explorer.path_figure()
    assert asked == [explorer.base, explorer.case]
    explorer.path_figure()
    assert len(asked) == 2
    path = real(explorer.case, 32, explorer.base.seed)
    assert in_percent(path["p50"].iloc[-1], signed=True) in figure.alt


def test_a_set_without_a_timeline_has_no_chart_over_time(small_sets):
    explorer = Explorer("baseline", draws=16)
    assert not explorer.has_path
    assert explorer.panel._over_time.layout.display == "none"
    with pytest.raises(ValueError, match="no path through time"):
        explorer.path_figure()
