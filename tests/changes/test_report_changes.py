"""The script that a pull request runs, on a repository here; and the workflows that call it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import costmodel
from pull_request import fill, git, replaced

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".ci" / "report-changes"
WORKFLOWS = ROOT / ".github" / "workflows"
# The command itself, save that a build only writes down what is asked of it, and fails when told so.
STAND_IN = """
import os, sys
from pathlib import Path
from costmodel.cli import main
if sys.argv[1] == "build":
    Path("asked.txt").write_text(" ".join(sys.argv[2:]))
    print("built so far")
    sys.exit(int(os.environ.get("BUILD_ENDS_WITH", "0")))
main()
"""

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")


@pytest.fixture
def checkout(repository, tmp_path):
    """A clone of its own, with the pull request's head checked out."""
    git(tmp_path, "clone", "-q", str(repository.folder), "checkout")
    folder = tmp_path / "checkout"
    git(folder, "checkout", "-q", "after")
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    return folder


def run(checkout, *words, command=None, **surroundings):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("COSTMODEL_", "GITHUB_"))}
    used = {
        "COSTMODEL": command or f"{sys.executable} {checkout.parent / 'stand_in.py'}",
        "PYTHONPATH": str(Path(costmodel.__file__).parents[1]),
        **surroundings,
    }
    command = [str(SCRIPT), *map(str, words)]
    return subprocess.run(
        command, cwd=checkout, env=clean | used, capture_output=True, text=True, timeout=500, check=False
    )


@pytest.mark.slow
def test_it_checks_builds_what_changed_and_sums_up_though_something_fails(checkout):
    done = run(
        checkout,
        *("--draws", 64, "--jobs", 1, "before"),
        COSTMODEL_PARAMS=str(checkout / "params"),
        GITHUB_STEP_SUMMARY=str(checkout.parent / "step.md"),
    )
    assert done.returncode == 1, done.stderr
    reports = checkout / "reports"
    assert "params/wrong.yaml:4: finance.discont_rate" in (reports / "check.txt").read_text()
    asked = (checkout / "asked.txt").read_text().split()
    assert asked[:4] == ["--jobs", "1", "--output", "reports"]
    # Neither what is the same (nothing is, here) nor what is gone.
    assert asked[5:] == ["baseline", "cloud_cost_plus", "licence_closed", "location_verification", "mine", "wrong"]
    summary = (reports / "summary.md").read_text()
    assert "`finance.inflation`" in summary
    # No path of this machine.
    assert str(checkout) not in summary
    base = git(checkout, "rev-parse", "before")[:12]
    assert f"From `{base}` (git revision) to `params` (folder of parameter files)" in summary
    assert "The check of the parameter files failed" in summary
    assert "Building reports failed" not in summary
    assert (checkout.parent / "step.md").read_text() == summary
    assert set(json.loads((reports / "changes.json").read_text())["sets"]) >= {"baseline", "mine"}
    assert git(checkout, "status", "--porcelain", "--", "params") == ""


@pytest.mark.slow
def test_it_ends_well_where_all_is_well_and_builds_only_what_changed(checkout):
    git(checkout, "checkout", "-q", "-b", "mine", "before")
    replaced(checkout / "params" / "licence_closed.yaml", "p05: 0.08, p95: 0.55", "p05: 0.08, p95: 0.50")
    done = run(checkout, "--draws", 64, "before")
    assert done.returncode == 0, done.stderr
    assert (checkout / "asked.txt").read_text().split() == ["--output", "reports", "--", "licence_closed"]
    summary = (checkout / "reports" / "summary.md").read_text()
    assert "failed" not in summary
    done = run(checkout, "--draws", 64, "before", BUILD_ENDS_WITH="1")
    assert done.returncode == 1
    assert "Building reports failed" in (checkout / "reports" / "summary.md").read_text()


@pytest.mark.slow
def test_what_others_added_to_the_base_since_is_no_change(checkout):
    git(checkout, "checkout", "-q", "-b", "base", "before")
    replaced(checkout / "params" / "licence_closed.yaml", "p05: 0.08, p95: 0.55", "p05: 0.08, p95: 0.50")
    git(checkout, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-am", "since")
    git(checkout, "checkout", "-q", "--detach", "before")
    done = run(checkout, "--draws", 64, "base")
    assert done.returncode == 0, done.stderr
    assert "Nothing changed" in (checkout / "reports" / "summary.md").read_text()
    assert not (checkout / "asked.txt").exists()


@pytest.mark.slow
def test_a_bad_revision_ends_with_2_and_still_leaves_a_summary(checkout):
    done = run(checkout, "--draws", 64, "no-such-revision")
    assert done.returncode == 2
    assert "neither a folder" in done.stderr
    assert "Not known" in (checkout / "reports" / "summary.md").read_text()


@pytest.mark.parametrize("words", [(), ("a", "b", "c"), ("--draws",), ("--unknown", "a")])
def test_bad_usage_ends_with_2_and_tells_the_usage(checkout, words):
    done = run(checkout, *words)
    assert done.returncode == 2
    assert "report-changes [--reports FOLDER]" in done.stderr
    assert not (checkout / "reports").exists()


@pytest.mark.slow
def test_a_real_build_is_told_apart_by_its_inputs(tmp_path):
    """A report built here, then compared with the folder that it was built from: what it states is known."""
    fill(tmp_path / "params")
    (tmp_path / "params" / "mine.yaml").write_text("extends: baseline\ntitle: Mine\nrun: {draws: 256}\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "before")
    replaced(tmp_path / "params" / "mine.yaml", "draws: 256", "draws: 512")
    command = f"{sys.executable} -m costmodel"
    done = run(tmp_path, "--draws", 64, "HEAD", command=command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "reports" / "mine" / "index.html").is_file()
    inputs = json.loads((tmp_path / "reports" / "mine" / "inputs.json").read_text())["inputs"]
    assert inputs["run.draws"]["value"] == "512"
    assert str(tmp_path) not in json.dumps(inputs)
    words = [sys.executable, "-m", "costmodel", "diff", "reports", "params", "mine", "--format", "json"]
    found = subprocess.run(
        words,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(costmodel.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(found.stdout)["sets"]["mine"]["status"] == "unchanged"


# -- workflows -------------------------------------------------------------------------------------------------------


def workflow(name):
    return YAML(typ="safe").load((WORKFLOWS / name).read_text(encoding="utf-8"))


def steps(name):
    return [step for job in workflow(name)["jobs"].values() for step in job.get("steps", ())]


def test_the_workflow_calls_the_script_and_keeps_the_reports():
    called = [step for step in steps("reports.yml") if ".ci/report-changes" in step.get("run", "")]
    assert len(called) == 1
    (kept,) = [step for step in steps("reports.yml") if "upload-artifact" in step.get("uses", "")]
    assert kept["if"] == "always()"
    assert kept["with"]["path"] == "reports/"
    assert {"python", "params", "draws", "jobs"} <= set(workflow("reports.yml")["on"]["workflow_call"]["inputs"])
    assert workflow("pull-request.yml")["jobs"]["reports"]["uses"] == "./.github/workflows/reports.yml"


@pytest.mark.parametrize("name", ["reports.yml", "pull-request.yml"])
def test_workflows_have_few_rights_and_no_text_of_others_in_commands(name):
    found = workflow(name)
    assert found["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in found["on"]
    for step in steps(name):
        assert "${{" not in step.get("run", ""), step
        if "uses" in step:
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"]), step
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


def test_only_the_job_that_runs_nothing_of_the_pull_request_may_comment():
    jobs = workflow("pull-request.yml")["jobs"]
    assert {name for name, job in jobs.items() if "permissions" in job} == {"comment"}
    assert jobs["comment"]["permissions"] == {"pull-requests": "write"}
    assert not any("checkout" in step.get("uses", "") for step in jobs["comment"]["steps"])


def test_what_the_workflow_hands_to_the_script_the_script_knows():
    (step,) = [step for step in steps("reports.yml") if ".ci/report-changes" in step.get("run", "")]
    known = SCRIPT.read_text(encoding="utf-8")
    for option in re.findall(r"--[a-z]+", step["run"]):
        assert option in known
    assert set(re.findall(r"\$\{?([A-Z_]+)", step["run"])) - {"PWD", "TOOL"} <= set(step["env"])
