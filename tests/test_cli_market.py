"""`costmodel market` and `costmodel frontier`: documented keys, rows, tables, and messages."""

import csv
import io
import json

import pytest

from costmodel import load
from costmodel.analysis.market import market_result
from costmodel.analysis.named import outcome_statistics
from costmodel.record import ANALYSES
from costmodel.study import study
from costmodel.words import NBSP


@pytest.fixture
def run(command_line, small_sets):
    """The command line, on the small sets."""
    return command_line


MARKET = ("market", "baseline", "--draws", 256)
FRONTIER = ("frontier", "baseline", "--draws", 128, "--points", 3)
WHOLE = (
    *("price", "counterfactual", "premium", "compute_denied", "denied_quantity", "total", "average_cost", "scarce"),
    *("surplus_loss", "rents", "extra_cost", "denied_use", "spending", "supply_cost", "transfers", "resource_cost"),
    *("receipts_exporting", "receipts_importing", "denied_per_budget"),
)
CHANNEL = (
    *("unit_cost", "capacity", "quantity", "share", "rent", "quasi_rent", "implied_markup", "shadow_price"),
)  # fmt: skip
STATISTICS = {"mean", "sd", "p05", "p25", "p50", "p75", "p95", "standard_error", "standard_errors"}


def as_json(run, *words):
    code, out, err = run(*words, "--format", "json")
    assert (code, err) == (0, "")
    return json.loads(out)


def as_rows(run, *words):
    code, out, err = run(*words, "--format", "csv")
    assert (code, err) == (0, "")
    return list(csv.DictReader(io.StringIO(out)))


def test_market_json_has_the_documented_keys(run, small):
    found = as_json(run, *MARKET)
    assert set(found) == {
        *("set", "unit", "units", "number_of_draws", "seed", "central", "draws", "diversion", "perspectives", "apart"),
    }
    head = {"set": "baseline", "unit": "USD/H100e-h", "number_of_draws": 256, "seed": 0}
    assert {name: found[name] for name in head} == head
    assert set(found["units"]) == {*WHOLE, *CHANNEL}
    for part in (found["central"], found["draws"]):
        assert set(part) == {*WHOLE, "channels"}
        assert list(part["channels"]) == list(small.channels)
        assert all(set(channel) == set(CHANNEL) for channel in part["channels"].values())
    assert set(found["apart"]) == {"training", "inference"}
    for task in found["apart"].values():
        assert task["number_of_draws"] == 256
        for part in (task["central"], task["draws"]):
            assert set(part) == {"price", "premium", "compute_denied", "scarce", "total", "channels"}
            assert set(part["channels"]["gray"]) == {"quantity"}
        used = [channel["quantity"] for channel in task["central"]["channels"].values()]
        assert sum(used) == pytest.approx(task["central"]["total"])


def test_market_json_has_numbers_and_a_central_yes_or_no(run, small):
    found = as_json(run, *MARKET)
    assert isinstance(found["central"]["scarce"], bool)
    for name in WHOLE:
        assert isinstance(found["central"][name], bool if name == "scarce" else float)
        assert set(found["draws"][name]) == STATISTICS
        assert isinstance(found["draws"][name]["mean"], float)
    for channel, item in found["central"]["channels"].items():
        bought = small.text(f"channels.{channel}.kind") == "purchase"
        assert isinstance(item["implied_markup"], float) == bought
        assert (found["draws"]["channels"][channel]["implied_markup"] is not None) == bought
    for closed, ratios in found["diversion"].items():
        assert closed not in ratios
        assert 0 <= sum(ratios.values()) <= 1 + 1e-9


@pytest.mark.slow
def test_market_json_is_the_library_s_result_at_full_precision(run, small):
    found, library = as_json(run, *MARKET), market_result(small, 256)
    assert found["central"]["price"] == float(library.central.price)
    assert found["central"]["channels"]["gray"]["rent"] == float(library.central.rent("gray"))
    statistics = outcome_statistics(small, ["market.share.gray", "market.scarce"], 256)
    share = statistics["market.share.gray"]
    assert found["draws"]["channels"]["gray"]["share"]["p95"] == share["p95"].value
    assert found["draws"]["channels"]["gray"]["share"]["standard_errors"]["p95"] == share["p95"].error
    assert found["draws"]["scarce"]["mean"] == statistics["market.scarce"]["mean"].value
    assert found["diversion"] == library.diversion
    again = as_json(run, *MARKET, "--workers", 2)
    assert again == found


def test_perspectives_repeat_the_results_that_they_are_made_of(run):
    found = as_json(run, *MARKET)
    assert set(found["perspectives"]) == {"buyers", "resources", "controlling_government"}
    for view in found["perspectives"].values():
        assert set(view) == {"label", "lines"}
        for name, line in view["lines"].items():
            assert set(line) == {"label", "unit", "reading", "central", "draws"}
            assert (line["central"], line["draws"]) == (found["central"][name], found["draws"][name])
            assert line["unit"] == found["units"][name]


@pytest.mark.slow
def test_without_a_budget_denied_per_budget_is_null(run):
    found = as_json(run, *MARKET, "--set", "enforcement.budget=0")
    line = found["perspectives"]["controlling_government"]["lines"]["denied_per_budget"]
    assert found["central"]["denied_per_budget"] is found["draws"]["denied_per_budget"] is None
    assert line["central"] is line["draws"] is None
    assert "enforcement.budget" in line["reading"]
    code, out, _ = run(*MARKET, "--set", "enforcement.budget=0")
    assert code == 0
    assert "Not known" in out


@pytest.mark.slow
def test_market_rows_and_table_hold_the_same(run):
    found, rows = as_json(run, *MARKET), as_rows(run, *MARKET)
    by_name = {(row["channel"], row["item"]): row for row in rows}
    assert float(by_name["", "price"]["p95"]) == found["draws"]["price"]["p95"]
    assert float(by_name["gray", "quantity"]["central"]) == found["central"]["channels"]["gray"]["quantity"]
    assert ("stock", "implied_markup") not in by_name
    closed, ratios = next(iter(found["diversion"].items()))
    taken, ratio = next(iter(ratios.items()))
    assert float(by_name[closed, f"diversion_to_{taken}"]["mean"]) == ratio
    assert {row["unit"] for row in rows} == {"USD/H100e-h", "1", "H100e", "USD/year"}
    code, out, _ = run(*MARKET)
    assert code == 0
    assert f"Clearing price: ${found['central']['price']:.2f} per H100e-h" in out
    for words in ("Premium: ", "Denied: ", "choke price", "Gray", "Drives (closed)", "Resource cost", "implied markup"):
        assert words in out
    assert "Counterfactual" not in out


@pytest.mark.slow
def test_set_changes_the_market(run):
    dear = as_json(run, *MARKET, "--set", "channels.gray.available=false", "--set", "demand.quantity=120000")
    assert dear["central"]["price"] > as_json(run, *MARKET)["central"]["price"]


def test_frontier_json_has_the_documented_keys(run):
    found = as_json(run, *FRONTIER)
    assert set(found) == {"set", "units", "draws", "seed", "levers", "ranking"}
    assert list(found["levers"]) == ["interdiction", "licences"]
    assert set(found["ranking"]) == {"premium", "compute_denied"}
    told = {"mean", "p05", "p50", "p95", "standard_error"}
    for item in found["levers"].values():
        assert set(item) == {
            *("label", "paths", "unit", "range", "current", "values", "price", "premium", "compute_denied", "present"),
            *("moves", "elasticity", "denied_points", "reason", "swing", "swing_near"),
        }
        assert set(item["elasticity"]) == set(item["denied_points"]) == set(item["price"]) == told
        assert len(item["values"]) == len(item["price"]["p95"]) == 3
    licences = found["levers"]["licences"]
    assert (licences["unit"], licences["range"]) == ("accelerator", [0, 60000])
    assert licences["current"] == {"channels.licensed.capacity": 30000}
    assert licences["premium"]["mean"][1] == licences["present"]["premium"]["mean"]
    assert licences["denied_points"]["mean"] < 0 < found["levers"]["interdiction"]["denied_points"]["mean"]


def test_a_lever_takes_another_range_with_units_and_any_parameter(run):
    words = (
        "--lever",
        "interdiction=5 %:0.1",
        "--lever",
        "channels.cloud.capacity",
        "--lever",
        "channels.gray.available",
    )
    found = as_json(run, *FRONTIER, *words)["levers"]
    assert found["interdiction"]["values"] == pytest.approx([0.05, 0.075, 0.1])
    assert found["channels.cloud.capacity"]["range"] == [0, 48000]
    assert found["channels.gray.available"]["values"] == [False, True]


@pytest.mark.slow
def test_frontier_rows_and_table_hold_the_same(run):
    found, rows = as_json(run, *FRONTIER), as_rows(run, *FRONTIER)
    item = found["levers"]["licences"]
    points = [row for row in rows if (row["lever"], row["item"], row["outcome"]) == ("licences", "point", "premium")]
    assert [float(row["value"]) for row in points] == item["values"]
    assert [float(row["p95"]) for row in points] == item["premium"]["p95"]
    (elasticity,) = (row for row in rows if (row["lever"], row["item"]) == ("licences", "elasticity"))
    assert float(elasticity["mean"]) == item["elasticity"]["mean"]
    code, out, _ = run(*FRONTIER)
    assert code == 0
    assert out.index("Capacity · Licensed") < out.index("Interdiction")
    assert "paired draws" in out
    _, one, _ = run(*FRONTIER, "--lever", "licences", "--lever", "channels.drives.capacity")
    assert "30,000 accelerators (now)" in one.replace(NBSP, " ")
    assert "moves nothing" in one


def test_frontier_takes_few_draws_unless_told(run):
    words = ("frontier", "baseline", "--lever", "licences", "--points", 2)
    assert as_json(run, *words)["draws"] == 2048
    assert as_json(run, *words, "--draws", 64, "--seed", 3)["seed"] == 3


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("market", "ties"), "demand.quantity: is not stated, so that there is no market to clear"),
        (("frontier", "ties"), "demand.quantity: is not stated"),
        (("market", "basline"), "did you mean `baseline`?"),
        ((*MARKET, "--draws", "0"), "run.draws"),
        ((*MARKET, "--seed", "-1"), "run.seed"),
        ((*MARKET, "--workers", "0"), "--workers"),
        ((*MARKET, "--set", "demand.elasticiy=1"), "did you mean `elasticity`?"),
        ((*FRONTIER, "--lever", "licenses"), "--lever: no lever or parameter `licenses`; did you mean `licences`?"),
        ((*FRONTIER, "--lever", "licences=1"), "must be LOW:HIGH"),
        ((*FRONTIER, "--lever", "channels.gray.chip"), "only numbers can be moved"),
        ((*FRONTIER, "--points", "1"), "--points"),
    ],
)
def test_bad_usage_is_a_message_and_exit_code_2(run, words, says):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert says in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err


def test_a_set_without_levers_says_what_to_name(run, small_sets, tmp_path):
    text = (small_sets / "baseline.yaml").read_text(encoding="utf-8")
    start, end = text.index("levers:"), text.index("correlations:")
    path = tmp_path / "none.yaml"
    path.write_text(text[:start].replace("name: baseline", "name: none") + text[end:], encoding="utf-8")
    code, out, err = run("frontier", path)
    assert (code, out) == (2, "")
    assert "--lever PATH=LOW:HIGH" in err


@pytest.mark.parametrize("command", ["market", "frontier"])
def test_every_command_explains_itself(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "--draws" in out


@pytest.mark.slow
def test_a_study_has_both_and_a_set_without_demand_has_neither(run, small, small_sets):
    with_demand, without = study(small, draws=64), study(load(small_sets / "ties.yaml"), draws=64)
    assert ANALYSES["market"](with_demand) == as_json(run, "market", "baseline", "--draws", 64)
    assert ANALYSES["frontier"](with_demand) == as_json(run, "frontier", "baseline", "--draws", 64)
    assert ANALYSES["market"](without) is ANALYSES["frontier"](without) is None
    assert (without.market, without.frontiers) == (None, ())
