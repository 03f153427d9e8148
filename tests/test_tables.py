"""Tables: every channel and parameter is there, numbers read well, hostile text stays text."""

import csv
import io
import re

import pytest
from bs4 import BeautifulSoup

from costmodel import load, tables, words
from costmodel.costs import WORKLOADS
from costmodel.parameters.sources import Source
from costmodel.printing import write_csv
from costmodel.rows import TABLES
from costmodel.study import study

HOSTILE = "<img src=x onerror=alert(1)>\"'&"


@pytest.fixture
def run(small):
    return study(small, draws=256)


@pytest.fixture
def known(monkeypatch):
    rows = [
        Source("X", f"Title {HOSTILE}", "Publisher", 'https://example.org/a?b=1&c="2', "2026-01", "A"),
        Source("Y", "Script", "Publisher", " javascript:alert(1)", "2026", "B"),
        Source("Z", "Plain", "Publisher", "http://example.org/z", "2026", "C"),
    ]
    found = {row.id: row for row in rows}
    monkeypatch.setattr("costmodel.parameters.sources.sources", lambda: found)
    return found


def soup(block):
    return BeautifulSoup(block.source, "html.parser")


@pytest.mark.parametrize("workload", WORKLOADS)
def test_the_cost_table_has_the_runs_numbers(run, workload):
    rows = soup(tables.costs(run, workload)).tbody.find_all("tr")
    assert len(rows) == len(run.case.channels)
    for channel, row in zip(run.ranked(workload), rows, strict=True):
        cells = [cell.get_text() for cell in row.find_all("td")]
        assert run.case.label(channel) in row.th.get_text()
        assert cells[0] == words.money(run.summaries[workload][channel]["p50"].value)
        assert cells[2] == words.money(float(run.central.workloads[workload].channels[channel].total))
        assert (cells[3] == "–") == (channel in run.apart)


def test_components_add_up_on_the_page_within_rounding(run):
    table = soup(tables.components(run, "mix"))
    rows = [[cell.get_text() for cell in row.find_all("td")] for row in table.tbody.find_all("tr")]

    def amount(text):
        return 0.0 if text in ("–", "< $0.01") else float(text.replace("−", "-").replace("$", "").replace(",", ""))

    for column in zip(*rows, strict=True):
        *parts, total = map(amount, column)
        assert sum(parts) == pytest.approx(total, abs=0.006 * len(parts))


def test_a_closed_channel_is_marked(small_sets):
    run = study(load("baseline", {"channels.counterfactual.available": False}), draws=64)
    assert "closed" in soup(tables.costs(run, "mix")).find(class_="closed").get_text()


def test_every_parameter_is_shown(run, known):
    page = soup(tables.parameters(run))
    text = page.get_text()
    for item in run.case:
        assert item.path in text if item.stated else item.path.split(".", 2)[-1] in text, item.path
    assert len(page.find_all("details")) == len(tables.inputs._blocks(run.case))
    assert not re.search(r"\d\.\d{6}", text), "raw floats"


def test_hostile_text_of_sets_and_sources_is_escaped(small_sets, known):
    note = {"value": 0.07, "source": ["X", "Y", HOSTILE], "note": HOSTILE, "assumption": HOSTILE}
    label = {"value": f"L{HOSTILE}", "assumption": "x"}
    case = load("baseline", {"finance.datacenter_life": note, "channels.counterfactual.label": label})
    run = study(case, draws=64)
    blocks = [tables.parameters(run), tables.source_list(run), tables.correlations(run), tables.costs(run, "mix")]
    for block in (*blocks, tables.components(run, "mix"), tables.wedges(run, "mix"), tables.exaflops(run, "training")):
        page = soup(block)
        assert page.find("img") is None
        assert "onerror" not in " ".join(str(tag.attrs) for tag in page.find_all(True) if "title" not in tag.attrs)
    assert HOSTILE in soup(tables.parameters(run)).get_text()


def test_only_web_addresses_are_linked(known):
    links = [
        BeautifulSoup(tables.source_link(name, known), "html.parser").find("a") for name in ("X", "Y", "Z", "absent")
    ]
    assert [link and link["href"] for link in links] == [
        'https://example.org/a?b=1&c="2',
        None,
        "http://example.org/z",
        None,
    ]
    assert "not in the list" in tables.source_link("absent", known)


def test_changes_show_before_after_and_why(small_sets, known):
    run = study(load("child"), draws=64)
    page = soup(tables.changes(run))
    rows = page.tbody.find_all("tr")
    assert len(rows) == len(run.changes) > 0
    for item, row in zip(run.changes, rows, strict=True):
        assert item.path in row.th.get_text()
        assert row.find_all("td")[2].get_text().strip() not in ("", "–")


@pytest.mark.slow
def test_identifiers_are_the_same_in_every_run_and_unique(run, known):
    def ids():
        blocks = [tables.parameters(run), tables.source_list(run)]
        blocks += [make(run, w) for make in (tables.costs, tables.components, tables.wedges) for w in WORKLOADS]
        return [tag["id"] for block in blocks for tag in soup(block).find_all(id=True)]

    assert ids() == ids()
    assert len(set(ids())) == len(ids())


@pytest.mark.slow
def test_csv_tables_hold_full_precision_and_no_formula(small_sets):
    label = {"value": "=HYPERLINK(1)", "assumption": "+1"}
    run = study(load("timeline", {"channels.counterfactual.label": label}), draws=64)
    for name, rows in TABLES.items():
        file = io.StringIO()
        write_csv(rows(run), file)
        found = list(csv.DictReader(io.StringIO(file.getvalue())))
        assert found, name
        for row in found:
            for cell in row.values():
                if cell[:1] in ("=", "+", "-", "@"):
                    float(cell)
    first = TABLES["costs"](run)[0]
    total = run.summaries[first["workload"]][first["channel"]]["p50"].value
    assert first["p50"] == total


def test_without_evidence_sources_are_named_by_id(run, monkeypatch, tmp_path):
    def missing():
        raise FileNotFoundError

    monkeypatch.setattr("costmodel.parameters.sources.sources", missing)
    assert "not in the list of sources" in soup(tables.source_list(run)).get_text()
