"""The index: what it lists, what it leaves out, and that nobody's text becomes HTML."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from costmodel.reporting.index import write_index
from costmodel.reporting.manifest import SetResult, Summary
from costmodel.reporting.results import read, read_all


def index_of(output: Path, summary: Summary | None = None) -> BeautifulSoup:
    return BeautifulSoup(write_index(output, summary).read_text(encoding="utf-8"), "html.parser")


def test_baseline_comes_first_then_by_date(tmp_path: Path, made_up: SimpleNamespace) -> None:
    for name, date in (("b", "2025-01"), ("a", "2025-06"), ("baseline", "2026-06")):
        made_up.write(tmp_path, made_up.results(name, as_of=date))
    assert [results.name for results in read_all(tmp_path)] == ["baseline", "b", "a"]
    page = index_of(tmp_path)
    assert [link["href"] for link in page.select("table")[0].select("tbody th a")] == [
        "baseline/index.html", "b/index.html", "a/index.html"
    ]  # fmt: skip


def test_every_workload_has_its_table_and_the_counterfactual_no_channel_column(
    tmp_path: Path, made_up: SimpleNamespace
) -> None:
    made_up.write(tmp_path, made_up.results("baseline"))
    page = index_of(tmp_path)
    assert len(page.select(".switch input[type=radio]")) == len(page.select(".switch table")) == 3
    heads = [head.get_text(strip=True) for head in page.table.select("thead th")]
    assert heads[1:] == [
        "Without controls", "Cheapest open channel", "Premium",
        "Licensed purchase", "Gray-market servers", "Domestic chips",
    ]  # fmt: skip
    assert page.table.select_one("td.lead").get_text().startswith("Licensed purchase")
    assert [cell.get_text() for cell in page.table.select("tbody tr:first-child td.num")][2] == "$2.00$1.40–3.00"


def test_closed_channels_are_marked_and_never_the_cheapest(tmp_path: Path, made_up: SimpleNamespace) -> None:
    made_up.write(tmp_path, made_up.results("baseline", closed=("direct",)))
    row = index_of(tmp_path).table.select_one("tbody tr")
    assert "Gray-market servers" in row.select_one("td.lead").get_text()
    assert [cell.get_text() for cell in row.select("s")] == ["$2.00"]
    assert row.select_one(".closed").get_text() == "closed"


def test_a_set_with_every_channel_closed(tmp_path: Path, made_up: SimpleNamespace) -> None:
    made_up.write(tmp_path, made_up.results("baseline", closed=("direct", "gray_market", "domestic")))
    assert "none is open" in index_of(tmp_path).table.get_text()


def test_sets_with_different_channels(tmp_path: Path, made_up: SimpleNamespace) -> None:
    other = made_up.results("other")
    for found in [other["channels"], *(w["channels"] for w in other["simulation"]["workloads"].values())]:
        found["courier"] = found.pop("domestic")
    made_up.write(tmp_path, made_up.results("baseline"))
    made_up.write(tmp_path, other)
    last = [[cell.get_text() for cell in row.select("td")[-2:]] for row in index_of(tmp_path).table.select("tbody tr")]
    assert (last[0][1], last[1][0]) == ("–", "–")


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["", "{", "[]", '{"set": "half"}', "null"])
def test_half_written_results_are_left_out(tmp_path: Path, made_up: SimpleNamespace, broken: str) -> None:
    made_up.write(tmp_path, made_up.results("baseline"))
    half = made_up.write(tmp_path, made_up.results("half"))
    (half / "results.json").write_text(broken)
    assert read(half / "results.json") is None
    page = index_of(tmp_path)
    assert not [link for link in page.find_all("a") if link["href"].startswith("half/")]


def test_results_without_a_page_of_another_set_or_of_no_number_are_left_out(
    tmp_path: Path, made_up: SimpleNamespace
) -> None:
    made_up.write(tmp_path, made_up.results("whole"))
    (made_up.write(tmp_path, made_up.results("pageless")) / "index.html").unlink()
    made_up.write(tmp_path, made_up.results("copied")).rename(tmp_path / "copy")
    endless = made_up.results("endless")
    endless["simulation"]["workloads"]["mix"]["counterfactual"]["p95"] = float("inf")
    made_up.write(tmp_path, endless)
    made_up.write(tmp_path, made_up.results(".hidden.new"))
    assert [results.name for results in read_all(tmp_path)] == ["whole"]


def test_only_files_that_exist_are_linked(tmp_path: Path, made_up: SimpleNamespace) -> None:
    folder = made_up.write(tmp_path, made_up.results("baseline"))
    (folder / "draws.parquet").write_bytes(b"")
    links = {link["href"] for link in index_of(tmp_path).find_all("a")}
    assert links == {"baseline/index.html", "baseline/results.json", "baseline/draws.parquet"}
    assert all((tmp_path / link).is_file() for link in links)


@pytest.mark.slow
def test_texts_of_sets_are_escaped(tmp_path: Path, made_up: SimpleNamespace) -> None:
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)> $x$'
    document = made_up.results("baseline", title=hostile, description=hostile, as_of=hostile)
    document["channels"]["direct"] |= {"label": hostile, "color": "red;background:url(https://evil.example)"}
    made_up.write(tmp_path, document)
    failed = SetResult(hostile, "failed", 1.0, hostile, hostile)
    page = index_of(tmp_path, Summary((failed,), tmp_path))
    assert not page.find_all("script")
    assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in page.find_all("img"))
    assert "evil.example" not in str(page)
    assert page.select_one(".cards h3").get_text() == hostile


def test_failed_sets_are_named_and_their_old_reports_marked(tmp_path: Path, made_up: SimpleNamespace) -> None:
    made_up.write(tmp_path, made_up.results("baseline"))
    made_up.write(tmp_path, made_up.results("old"))
    failed = [
        SetResult("old", "failed", 1.0, "cell 3 (`f()`)", "ValueError: why"),
        SetResult("gone", "failed", error="no"),
    ]
    page = index_of(tmp_path, Summary((SetResult("baseline", "built"), *failed), tmp_path))
    said = page.select_one(".failed").get_text()
    assert all(words in said for words in ("old", "cell 3", "ValueError: why", "gone"))
    marked = [row.a["href"] for row in page.table.select("tbody tr") if "earlier build" in row.get_text()]
    assert marked == ["old/index.html"]
    assert not index_of(tmp_path).select(".failed")


def test_figures_have_texts_and_follow_light_and_dark(tmp_path: Path, made_up: SimpleNamespace) -> None:
    import base64

    made_up.write(tmp_path, made_up.results("baseline", closed=("direct",)))
    pictures = index_of(tmp_path).find_all("img")
    assert len(pictures) == 2
    assert "Gray-market servers, $3.00 ($2.10–4.50)" in pictures[0]["alt"]
    for picture in pictures:
        svg = base64.b64decode(picture["src"].partition(",")[2]).decode()
        assert "prefers-color-scheme:dark" in svg


def test_an_empty_folder_gives_a_page(tmp_path: Path) -> None:
    page = index_of(tmp_path)
    assert "There is no report yet" in page.get_text()
    assert page.head.find(True)["http-equiv"] == "Content-Security-Policy"


def test_results_keep_their_order_and_numbers(tmp_path: Path, made_up: SimpleNamespace) -> None:
    folder = made_up.write(tmp_path, made_up.results("baseline"))
    found = read(folder / "results.json")
    assert found is not None
    document = json.loads((folder / "results.json").read_text())
    assert [channel.name for channel in found.workloads["mix"].channels] == list(document["channels"])
    assert (
        found.workloads["mix"].counterfactual.p95 == document["simulation"]["workloads"]["mix"]["counterfactual"]["p95"]
    )


def test_markets_are_listed_where_there_are_any(tmp_path: Path, made_up: SimpleNamespace) -> None:
    made_up.write(tmp_path, made_up.results("baseline"))
    assert index_of(tmp_path).find(id="markets") is None
    found = {"price": 3.0, "premium": 1.5, "compute_denied": 0.5}
    draws = {name: {"p05": value / 2, "p50": value, "p95": 2 * value} for name, value in found.items()}
    made_up.write(tmp_path, made_up.results("other", analyses={"market": {"draws": draws}}))
    made_up.write(tmp_path, made_up.results("third", analyses={"market": None}))
    table = index_of(tmp_path).find(id="markets").find_next("table")
    cells = {row.a["href"]: [cell.get_text() for cell in row.find_all("td")] for row in table.tbody.find_all("tr")}
    assert cells["baseline/index.html"] == cells["third/index.html"] == ["–"] * 3
    assert [cell.replace("\u00a0", " ") for cell in cells["other/index.html"]] == [
        "$3.00$1.50–6.00", "+150 %+75 to +300 %", "50 %25–100 %"
    ]  # fmt: skip


def test_paths_are_listed_where_there_are_any(tmp_path: Path, made_up: SimpleNamespace) -> None:
    made_up.write(tmp_path, made_up.results("baseline"))
    assert index_of(tmp_path).find(id="paths") is None
    premium = {"p05": [0.0, 0.1], "p50": [0.1, 0.5], "p95": [0.2, 2.0]}
    path = {
        "dates": ["2026-01-01", "2030-10-01"],
        "paths": {"premium": premium},
        "delay_months": {"p05": 6.0, "p50": 12.0, "p95": 30.0},
    }
    made_up.write(tmp_path, made_up.results("led", analyses={"path": path}))
    made_up.write(tmp_path, made_up.results("other", analyses={"path": None}))
    (row,) = index_of(tmp_path).find(id="paths").find_next("table").tbody.find_all("tr")
    assert row.a["href"] == "led/index.html"
    assert [cell.get_text().replace("\u00a0", " ") for cell in row.find_all("td")] == [
        "2030-10", "+50 %+10 to +200 %", "12 months6–30 months"
    ]  # fmt: skip
