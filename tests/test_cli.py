"""The command line: exit codes, messages, and the documented keys of its JSON."""

import csv
import io
import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from costmodel.costs import WORKLOADS
from costmodel.locations import params_folder


@pytest.fixture
def run(command_line):
    """The command line."""
    return command_line


@pytest.fixture
def own_params(tmp_path, monkeypatch):
    """A copy of params/ that a test may change."""
    folder = tmp_path / "params"
    shutil.copytree(params_folder(), folder)
    monkeypatch.setenv("COSTMODEL_PARAMS", str(folder))
    return folder


@pytest.mark.slow
def test_costs_json_has_the_documented_keys(run):
    code, out, _ = run("costs", "baseline", "--format", "json")
    found = json.loads(out)
    assert code == 0
    assert (found["set"], found["unit"]) == ("baseline", "USD/H100e-h")
    assert list(found["workloads"]) == list(WORKLOADS)
    for workload in found["workloads"].values():
        for item in workload["channels"].values():
            assert set(item) == {"available", "components", "total", "premium", "control_wedge", "technology_wedge"}
            assert math.isclose(sum(item["components"].values()), item["total"], rel_tol=1e-12)
            assert math.isclose(item["premium"], item["total"] / workload["counterfactual"] - 1, abs_tol=1e-12)
            wedges = item["control_wedge"] + item["technology_wedge"]
            assert math.isclose(wedges, item["total"] - workload["counterfactual"], abs_tol=1e-12)


def test_params_json_names_every_resolved_leaf(run):
    code, out, _ = run("params", "baseline", "--format", "json")
    found = json.loads(out)
    leaves = found["parameters"]
    assert code == 0
    assert found["set"] == "baseline"
    assert leaves["channels.gray_market.markup_basis"]["value"] == "delivered"
    assert leaves["channels.gray_market.available"]["value"] is True
    chip = leaves["reference.chip"]["value"]
    units = {"bf16_flops": "FLOP/s", "memory_bandwidth": "byte/s", "power": "kW"}
    assert {name: leaves[f"chips.{chip}.{name}"]["unit"] for name in units} == units
    uncertain = [leaf for leaf in leaves.values() if leaf["distribution"]]
    assert uncertain
    assert all(leaf["distribution"]["p05"] <= leaf["value"] <= leaf["distribution"]["p95"] for leaf in uncertain)


def test_simulate_json_has_the_documented_keys(run):
    code, out, err = run("simulate", "baseline", "--draws", 256, "--seed", 0, "--format", "json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["draws"], found["seed"]) == (256, 0)
    statistics = {"mean", "sd", "p05", "p25", "p50", "p75", "p95", "standard_error", "standard_errors"}
    for workload in found["workloads"].values():
        assert set(workload["counterfactual"]) == statistics
        chances = [item["probability_cheapest"] for item in workload["channels"].values()]
        assert math.isclose(sum(chance for chance in chances if chance is not None), 1.0)
        for item in workload["channels"].values():
            assert statistics | {"available", "premium", "probability_cheapest"} <= set(item)
            assert item["p05"] <= item["p25"] <= item["p50"] <= item["p75"] <= item["p95"]
            assert item["standard_error"] == item["standard_errors"]["mean"] >= 0


@pytest.mark.slow
def test_voi_json_has_the_documented_keys(run):
    code, out, err = run("voi", "baseline", "--draws", 512, "--seed", 1, "--format", "json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["set"], found["draws"], found["seed"]) == ("baseline", 512, 1)
    assert list(found["decisions"]) == ["buy", "restrict"]
    for item in found["decisions"].values():
        assert item["choice"] in item["options"]
        for worth in (*item["parameters"].values(), *item["groups"].values()):
            assert 0 <= worth["evppi"] <= item["evpi"] + 1e-12
            assert math.isclose(worth["share_of_evpi"], worth["evppi"] / item["evpi"])


@pytest.mark.slow
def test_voi_rows_and_table_hold_the_same(run):
    words = ("voi", "baseline", "--decision", "restrict", "--draws", 512)
    item = json.loads(run(*words, "--format", "json")[1])["decisions"]["restrict"]
    rows = list(csv.DictReader(io.StringIO(run(*words, "--format", "csv")[1])))
    assert {row["name"]: float(row["value"]) for row in rows if row["known"] == "parameter"} == {
        path: worth["evppi"] for path, worth in item["parameters"].items()
    }
    assert [float(row["value"]) for row in rows if row["known"] == "everything"] == [item["evpi"]]
    code, out, _ = run(*words)
    assert code == 0
    assert f"{item['evpi']:.4g}" in out
    assert item["options"][item["choice"]]["label"] in out


def test_same_seed_same_numbers_and_another_seed_others(run):
    words = ("simulate", "baseline", "--draws", 256, "--format", "json")
    first, again, other = (run(*words, "--seed", seed)[1] for seed in (0, 0, 1))
    assert first == again != other


def test_override_changes_the_result(run):
    _, plain, _ = run("costs", "baseline", "--format", "json")
    _, changed, _ = run("costs", "baseline", "--set", "finance.discount_rate=30 %", "--format", "json")
    before, after = (json.loads(text)["workloads"]["mix"]["counterfactual"] for text in (plain, changed))
    assert after > before


def test_csv_holds_the_same_numbers_as_json(run):
    _, as_json, _ = run("costs", "baseline", "--format", "json")
    _, as_csv, _ = run("costs", "baseline", "--format", "csv")
    totals = {
        (row["workload"], row["channel"]): float(row["value"])
        for row in csv.DictReader(io.StringIO(as_csv))
        if row["item"] == "total"
    }
    workloads = json.loads(as_json)["workloads"]
    assert totals == {(w, c): item["total"] for w, by in workloads.items() for c, item in by["channels"].items()}


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_simulate_keeps_the_draws(run, tmp_path, ending):
    path = tmp_path / f"draws.{ending}"
    code, out, _ = run("simulate", "baseline", "--draws", 64, "--format", "json", "--output", path)
    table = pd.read_parquet(path) if ending == "parquet" else pd.read_csv(path)
    assert code == 0
    assert len(table) == 64
    mean = json.loads(out)["workloads"]["mix"]["channels"]["domestic"]["mean"]
    assert math.isclose(table["cost.mix.domestic"].mean(), mean, rel_tol=1e-9)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["costs", "basline"], "no parameter set `basline` in params/; did you mean `baseline`?"),
        (["costs", "nowhere/x.yaml"], "no file `nowhere/x.yaml`"),
        (["costs", "baseline", "--set", "finance.discount_rate"], "must be PATH=VALUE"),
        (["costs", "baseline", "--set", "finance.discont_rate=1"], "did you mean `discount_rate`?"),
        (["costs", "baseline", "--set", "finance.discount_rate=lots"], "must be a number"),
        (["costs", "baseline", "--set", "finance.economic_life=3 kg"], "cannot be converted to `year`"),
        (["costs", "baseline", "--set", "channels.direct.chip=h1000"], "no chip `h1000`"),
        (["simulate", "baseline", "--draws", "0"], "run.draws"),
        (["simulate", "baseline", "--seed", "-1"], "run.seed"),
        (["simulate", "baseline", "--output", "draws.xlsx"], "must end in .parquet or .csv"),
        (["simulate", "baseline", "--draws", "16", "--output", "no/such/folder/draws.csv"], "cannot be written"),
        (["costs", "baseline", "--format", "yaml"], "yaml"),
        (["voi", "baseline", "--decision", "by"], "--decision: no decision `by`; did you mean `buy`?"),
        (["voi", "baseline", "--draws", "64"], "run.draws: must be at least 256 to value information, not 64"),
        (["voi", "baseline", "--set", "channels.direct.price_markup=x"], "must be a number"),
        (["check", "basline"], "did you mean `baseline`?"),
        (["new", "../../x"], "x"),
        (["new", "mine", "--extends", "basline"], "did you mean `baseline`?"),
    ],
)
def test_bad_usage_is_a_message_and_exit_code_2(run, own_params, words, says):
    code, out, err = run(*words)
    assert code == 2
    assert out == ""
    assert says in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_check_lists_every_problem_with_file_and_line(run, own_params):
    (own_params / "bad.yaml").write_text(
        "extends: baseline\nassumptions:\n  finance:\n    discont_rate: 1\n    inflation: lots\n", encoding="utf-8"
    )
    code, out, _ = run("check")
    assert code == 1
    lines = [line for line in out.splitlines() if "bad.yaml" in line]
    assert [line.split(":", 1)[1].split(": ")[:2] for line in lines] == [
        ["4", "finance.discont_rate"],
        ["5", "finance.inflation"],
    ]


@pytest.mark.slow
def test_three_lines_are_a_complete_set(run, own_params):
    (own_params / "mine.yaml").write_text(
        "extends: baseline\nassumptions:\n  finance: {discount_rate: 0.2}\n", encoding="utf-8"
    )
    assert run("check", "mine")[0] == 0
    code, out, _ = run("costs", "mine", "--format", "json")
    assert code == 0
    assert json.loads(out)["set"] == "mine"
    code, out, _ = run("check", "mine", "--strict")
    assert code == 1
    assert "mine.yaml:3: finance.discount_rate: brings neither a `source` nor an `assumption`" in out


@pytest.mark.slow
def test_all_sets_pass_the_strict_check(run):
    code, out, err = run("check", "--strict")
    assert (code, out) == (0, "")
    assert "0 problems" in err


def test_schema_is_up_to_date(run):
    assert run("schema", "--check")[0] == 0


@pytest.mark.slow
def test_new_writes_a_set_that_passes(run, own_params):
    assert run("new", "mine")[0] == 0
    assert run("check", "mine", "--strict")[0] == 0
    assert run("new", "mine")[0] == 2


@pytest.mark.parametrize(
    "command", ["check", "params", "costs", "simulate", "discover", "convergence", "build", "schema", "lab", "new"]
)
def test_every_command_explains_itself(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert command in out


@pytest.mark.slow
def test_runs_as_a_module_and_survives_a_reader_that_goes_away(tmp_path):
    shown = subprocess.run(
        f"{sys.executable} -m costmodel params baseline --format csv | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert shown.stdout.startswith("parameter,")
    assert "Traceback" not in shown.stderr


def test_import_is_light():
    """Importing the package loads neither numpy nor pandas nor a plotting library."""
    heavy = "numpy pandas scipy matplotlib pydantic pint papermill"
    code = f"import sys, costmodel; print([name for name in '{heavy}'.split() if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_works_from_any_folder(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Path.cwd() == tmp_path
    assert run("costs", "baseline", "--format", "json")[0] == 0


def test_a_counterfactual_that_costs_nothing_is_refused(run):
    code, out, err = run("costs", "baseline", "--set", "finance.price_decline=-0.9")
    assert (code, out) == (2, "")
    assert "reference.counterfactual: costs nothing or less than nothing on training" in err
