"""The report notebook: as strict as our command, from any folder, by plain papermill."""

import ast
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from costmodel import ParameterError, load
from costmodel.locations import notebooks_folder
from costmodel.report import NAMES, begin, save
from costmodel.reporting.planning import Settings
from costmodel.reporting.run import build
from costmodel.reporting.verification import Verified, compared
from costmodel.study import study

NOTEBOOK = notebooks_folder() / "report.ipynb"
REAL_PARAMS = NOTEBOOK.parents[1] / "params"


def test_cells_are_short_stripped_and_hold_exactly_the_keys_of_a_set_file():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    (tagged,) = (cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ()))
    names = [node.targets[0].id for node in ast.parse(tagged.source).body]
    assert tuple(names) == NAMES
    for cell in notebook.cells:
        assert len(cell.source.splitlines()) <= 10 or cell is tagged
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


# -- begin ----------------------------------------------------------------------------------------------------------


def stated(**given):
    return dict.fromkeys(NAMES) | {"extends": "baseline"} | given


def test_as_it_stands_it_is_the_baseline(small_sets):
    case = begin(stated())
    assert case.name == "baseline"
    assert case.central == load("baseline").central
    assert begin(stated(run={"draws": 64})).draws == 64


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"asumptions": {}}, "asumptions: unknown name; did you mean `assumptions`?"),
        ({"assumptions": {"finance": {"discount_rate": "lots"}}}, "finance.discount_rate: must be a number"),
        ({"assumptions": {"finance": {"discount_rates": 0.1}}}, "did you mean `discount_rate`?"),
        ({"assumptions": {"chips": {"ref": {"label": False}}}}, "must be text, not false (papermill reads YAML 1.1"),
        ({"assumptions": {"chips": {True: {"label": "x"}}}}, "assumptions.chips: has the name `True`"),
        ({"assumptions": 5}, "assumptions"),
        ({"extends": "basline"}, "did you mean `baseline`?"),
        ({"extends": 5}, "extends"),
        ({"run": 5}, "run"),
        ({"run": {"draws": "many"}}, "run.draws"),
        ({"run": {"drawz": 5}}, "drawz"),
        ({"name": "x", "as_of": 5}, "as_of"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(small_sets, given, message):
    with pytest.raises(ParameterError) as caught:
        begin(stated(**given))
    assert message in str(caught.value)
    assert caught.value._render_traceback_() == [f"ParameterError: {caught.value}"]


def test_values_that_yaml_1_1_reads_otherwise_are_understood(small_sets):
    given = {
        "name": "mine",
        "as_of": dt.date(2026, 6, 1),
        "run": {"draws": "1e2", "seed": "3"},
        "assumptions": {"finance": {"datacenter_life": "1.5e1", "price_index": {2023: 100, 2024: 104, 2026: 110}}},
    }
    case = begin(stated(**given))
    assert (case.as_of, case.draws, case.seed) == ("2026-06-01", 100, 3)
    assert case.central["finance.datacenter_life"] == 15.0


# -- save -----------------------------------------------------------------------------------------------------------


def test_nothing_is_written_unless_asked_for(small, tmp_path, monkeypatch):
    monkeypatch.delenv("COSTMODEL_OUTPUT", raising=False)
    monkeypatch.chdir(tmp_path)
    save(study(small, draws=16))
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_results_draws_and_tables_are_written(small, tmp_path, monkeypatch):
    import pandas as pd

    monkeypatch.setenv("COSTMODEL_OUTPUT", str(tmp_path / "out"))
    run = study(small, draws=64)
    save(run)
    results = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert results["set"] == "baseline"
    assert set(results["channels"]) == set(small.channels)
    draws = pd.read_parquet(tmp_path / "out" / "draws.parquet")
    assert len(draws) == 64
    assert {"counterfactual.mix", f"cost.training.{small.channels[0]}"} <= set(draws.columns)
    names = {path.stem for path in (tmp_path / "out" / "tables").iterdir()}
    assert names == {"costs", "components", "diversion", "market", "parameters", "premium"}
    before = (tmp_path / "out" / "results.json").read_bytes()
    save(study(small, draws=64))
    assert (tmp_path / "out" / "results.json").read_bytes() == before


def test_tables_of_the_market_are_not_written_where_there_is_none(small_sets, tmp_path):
    save(study(load("certain"), draws=16), tmp_path)
    assert not {"market.csv", "diversion.csv"} & {path.name for path in (tmp_path / "tables").iterdir()}


# -- papermill ------------------------------------------------------------------------------------------------------


def papermill(folder, *options, params=REAL_PARAMS, output=True):
    environment = os.environ | {"COSTMODEL_PARAMS": str(params)}
    if output:
        environment["COSTMODEL_OUTPUT"] = str(folder / "out")
    command = [sys.executable, "-m", "papermill", str(NOTEBOOK), "out.ipynb", "--no-progress-bar", *options]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def results(folder):
    return json.loads((folder / "out" / "results.json").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_a_set_file_and_the_baseline_as_it_stands_agree(tmp_path):
    runs = {}
    for name, options in {
        "file": ("-f", str(REAL_PARAMS / "baseline.yaml"), "-y", "run: {draws: 64}"),
        "as it stands": ("-y", "run: {draws: 64}"),
        "extending": ("-p", "name", "mine", "-p", "extends", "baseline", "-y", "run: {draws: 64}"),
    }.items():
        folder = tmp_path / name
        folder.mkdir()
        done = papermill(folder, *options)
        assert done.returncode == 0, done.stderr
        runs[name] = results(folder)
        assert (folder / "out" / "draws.parquet").is_file()
    assert runs["file"] == runs["as it stands"]
    assert runs["extending"]["simulation"] == runs["file"]["simulation"]
    assert runs["extending"]["set"] == "mine"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-p", "nonsense", "3"), "nonsense: unknown name"),
        (("-p", "_hidden", "3"), "_hidden: unknown name"),
        (("-p", "begin", "3"), "begin: unknown name"),
        (("-y", 'assumptions: {finance: {discount_rate: "lots"}}'), "finance.discount_rate: must be a number"),
    ],
)
def test_unusable_parameters_fail_the_run_briefly(tmp_path, options, message):
    done = papermill(tmp_path, *options)
    assert done.returncode != 0
    assert message in done.stderr
    assert "load_mapping" not in done.stderr, "a traceback"
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_whole_set_without_extends_stands_alone(tmp_path):
    sets = Path(__file__).parent / "sets"
    text = (sets / "hand.yaml").read_text(encoding="utf-8")
    whole = "\n".join(line for line in text.splitlines() if not line.startswith("extends:"))
    (tmp_path / "alone.yaml").write_text(whole, encoding="utf-8")
    done = papermill(tmp_path, "-f", "alone.yaml", "-y", "run: {draws: 16}")
    assert done.returncode == 0, done.stderr
    assert results(tmp_path)["extends"] is None
    assert set(results(tmp_path)["channels"]) == set(load(tmp_path / "alone.yaml").channels)


@pytest.mark.slow
def test_a_set_and_its_parent_may_both_lie_elsewhere(tmp_path):
    """`extends` names a set beside the file; the report says so by name, not by a path of this machine."""
    (tmp_path / "dear.yaml").write_text("extends: baseline\nassumptions: {finance: {discount_rate: 0.2}}\n")
    (tmp_path / "mine.yaml").write_text("extends: dear\nassumptions: {finance: {inflation: 0.01}}\n")
    summary = build([tmp_path / "mine.yaml"], tmp_path / "out", settings=Settings(draws=64))
    assert summary.ok, summary.failed
    results = json.loads((tmp_path / "out" / "mine" / "results.json").read_text(encoding="utf-8"))
    assert results["extends"] == "dear"
    for file in ("results.json", "report.ipynb", "index.html"):
        assert str(tmp_path) not in (tmp_path / "out" / "mine" / file).read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes_however_they_are_built(tmp_path):
    """One at a time or side by side; and all that is put out is what plain papermill's command puts out."""
    sets = ["baseline", "no_controls"]
    for jobs in (1, 2):
        summary = build(sets, tmp_path / str(jobs), jobs=jobs, settings=Settings(draws=64))
        assert summary.ok, summary.failed
    for name in sets:
        assert compared(tmp_path / "1" / name, tmp_path / "2" / name) == Verified(name, "identical")
    done = papermill(tmp_path, "-f", str(REAL_PARAMS / "baseline.yaml"), "-y", "run: {draws: 64, seed: 0}")
    assert done.returncode == 0, done.stderr
    ours = tmp_path / "1" / "baseline"
    assert (tmp_path / "out" / "results.json").read_bytes() == (ours / "results.json").read_bytes()
    assert (tmp_path / "out" / "draws.parquet").read_bytes() == (ours / "draws.parquet").read_bytes()
    assert put_out(tmp_path / "out.ipynb") == put_out(ours / "report.ipynb")


def put_out(notebook):
    """Everything that the cells have put out, but for what tells of the one run."""
    cells = nbformat.read(notebook, as_version=4).cells
    texts = [str(part) for cell in cells for part in cell.get("outputs", ())]
    return [text for text in texts if 'class="stamp' not in text and 'id="table-made"' not in text]
