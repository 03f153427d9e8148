"""`costmodel diff` on the command line: formats, exit codes, files; folders of reports."""

import csv
import io
import json
import shutil
from contextlib import chdir

import pytest

from costmodel import load
from costmodel.changes.document import changes_json
from costmodel.changes.inputs import inputs_json
from costmodel.record import inputs_hash
from pull_request import FEW, compare, git, replaced

QUICK = ("--draws", FEW.draws, "--no-paths")


@pytest.fixture
def run(command_line, repository, monkeypatch):
    monkeypatch.chdir(repository.folder)
    return lambda *words: command_line("diff", *words)


@pytest.mark.slow
def test_json_is_what_the_analysis_gives_and_a_failing_set_ends_with_1(run, repository):
    code, out, err = run("before", "after", "licence_closed", "wrong", *QUICK, "--format", "json")
    assert code == 1
    assert "wrong fails: params/wrong.yaml:4" in err
    document = json.loads(out)
    assert set(document["sets"]) == {"licence_closed", "wrong"}
    assert document["sets"]["licence_closed"]["results"]["draws"] == {"before": FEW.draws, "after": FEW.draws}
    assert document["base"]["commit"] == git(repository.folder, "rev-parse", "before").strip()


@pytest.mark.slow
def test_a_set_that_failed_before_and_works_now_is_no_failure(run, repository, tmp_path):
    shutil.copytree(repository.params, tmp_path / "params")
    replaced(tmp_path / "params" / "wrong.yaml", "discont_rate: 0.1", "discount_rate: 0.1")
    code, out, _ = run("after", tmp_path / "params", "wrong", *QUICK, "--format", "json")
    found = json.loads(out)["sets"]["wrong"]
    assert (code, found["status"], set(found["problems"])) == (0, "mended", {"base"})
    assert found["results"]["market"]["price"]["after"]["p50"] > 0


def test_csv_and_table(run):
    code, out, _ = run("before", "after", "cloud_cost_plus", *QUICK, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert {row["set"] for row in rows} == {"cloud_cost_plus"}
    assert float(next(row["change"] for row in rows if row["result"] == "market.price"))
    code, out, _ = run("before", "after", "cloud_cost_plus", *QUICK)
    assert code == 0
    assert "Licensed H200 → Cloud in third country" in out
    assert "Closed now: Licensed H200." in out


def test_output_goes_to_a_file(run, tmp_path):
    code, out, _ = run("before", "before", "baseline", "--format", "markdown", "--output", tmp_path / "summary.md")
    assert (code, out) == (0, "")
    assert "Nothing changed" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    code, _, err = run("before", "before", "baseline", "--output", tmp_path / "none" / "summary.md")
    assert code == 2
    assert "cannot be written" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nothing-of-that-name", "after"), "BASE: `nothing-of-that-name` is neither a folder"),
        (("before", "aftr"), "did you mean `after`?"),
        (("before", "after", "basline"), "did you mean `baseline`?"),
    ],
)
def test_bad_input_is_a_message_and_2(run, words, told):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err


def test_without_a_repository_folders_do(command_line, repository, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    params = repository.params
    assert command_line("diff", params, params, "baseline")[0] == 0
    code, _, err = command_line("diff", "HEAD", params)
    assert code == 2
    assert "not a git repository" in err


# -- folders of reports ----------------------------------------------------------------------------------------------


def report(folder, case, *, inputs=True):
    """What a build leaves of a set, as far as it is read here."""
    from costmodel.analysis.uncertainty import simulate
    from costmodel.documents import simulation_json

    sim = simulate(case, FEW.draws, FEW.seed)
    channels = {
        name: {"label": case.label(name), "role": case.text(f"channels.{name}.role"), "color": "#123456"}
        for name in case.channels
    }
    document = {
        "set": case.name,
        "title": case.title,
        "unit": "USD/H100e-h",
        "draws": sim.draws,
        "seed": sim.seed,
        "channels": channels,
        "simulation": {"workloads": simulation_json(sim)["workloads"]},
        "made": {"parameters_sha256": inputs_hash(case)},
    }
    (folder / case.name).mkdir(parents=True)
    (folder / case.name / "results.json").write_text(json.dumps(document), encoding="utf-8")
    if inputs:
        (folder / case.name / "inputs.json").write_text(json.dumps(inputs_json(case)), encoding="utf-8")


@pytest.fixture(scope="module")
def cases(repository):
    with chdir(repository.folder):
        after = load("licence_closed")
        return load("licence_closed", {"finance.inflation": 0.025}), after


def test_reports_tell_parameters_and_moves_without_pairing(cases, tmp_path, repository):
    for side, case in zip(("one", "other"), cases, strict=True):
        report(tmp_path / side, case)
    (item,) = compare(repository.folder, tmp_path / "one", tmp_path / "other").sets
    (change,) = [each for each in item.changes if each.path == "finance.inflation"]
    assert (change.before.value, change.after.value) == (0.025, 0.03)
    move = item.moves["cost.mix.domestic"]
    assert move.paired is None
    assert move.change == move.after.p50 - move.before.p50 != 0
    assert "not paired" in item.remark


def test_a_report_beside_a_folder_of_parameters(cases, tmp_path, repository):
    report(tmp_path / "reports", cases[1])
    found = compare(repository.folder, tmp_path / "reports", repository.params, ["licence_closed"])
    assert [item.status for item in found.sets] == ["unchanged"]


def test_a_report_without_inputs_says_what_is_not_known(cases, tmp_path, command_line, monkeypatch, repository):
    monkeypatch.chdir(repository.folder)
    for side, case in zip(("one", "other"), cases, strict=True):
        report(tmp_path / side, case, inputs=False)
    code, out, _ = command_line("diff", tmp_path / "one", tmp_path / "other", "--format", "markdown")
    assert code == 0
    assert "Which parameters changed is not known of 1 set" in out
    (item,) = compare(repository.folder, tmp_path / "one", tmp_path / "other").sets
    assert item.changes is None
    assert changes_json(compare(repository.folder, tmp_path / "one", tmp_path / "other"))["changes"] == []


def test_failed_builds_and_broken_reports_fail(cases, tmp_path, repository, command_line, monkeypatch):
    monkeypatch.chdir(repository.folder)
    for side in ("one", "other"):
        report(tmp_path / side, cases[1])
    (tmp_path / "other" / "licence_closed" / "results.json").write_text("{")
    (tmp_path / "other" / ".failed").mkdir()
    error = {"output_type": "error", "ename": "ParameterError", "evalue": "`x` | is wrong", "traceback": []}
    notebook = {"cells": [{"cell_type": "code", "outputs": [error]}]}
    (tmp_path / "other" / ".failed" / "mine.ipynb").write_text(json.dumps(notebook))
    code, out, err = command_line("diff", tmp_path / "one", tmp_path / "other", "--format", "json")
    assert code == 1
    document = json.loads(out)
    assert set(document["failed"]) == {"licence_closed", "mine"}
    (problem,) = document["sets"]["mine"]["problems"]["head"]
    assert problem["message"] == "its build failed: ParameterError: `x` | is wrong"
    assert problem["file"] == "other/.failed/mine.ipynb"
    assert "Traceback" not in err
