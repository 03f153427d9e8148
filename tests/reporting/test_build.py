"""Building reports with a made-up notebook: what is skipped, what fails, and that nothing is damaged."""

import json
from pathlib import Path
from typing import Any

import pytest

from costmodel.reporting import build
from costmodel.reporting.console import run_build
from costmodel.reporting.folders import locked
from costmodel.reporting.run import Event

pytestmark = pytest.mark.slow


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def statuses(summary: Any) -> dict[str, str]:
    return {result.name: result.status for result in summary.results}


def test_a_report_is_whole(workshop: Any) -> None:
    summary = build(["baseline"], workshop.output, jobs=1)
    assert summary.ok, summary
    folder = workshop.output / "baseline"
    wanted = {"index.html", "manifest.json", "report.ipynb", "results.json", "tables/costs.csv"}
    assert set(files(folder)) == wanted
    page = (folder / "index.html").read_text()
    assert "Title of baseline" in page
    assert 'alt="A dot"' in page
    assert "../index.html" in page
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["set"] == "baseline"
    assert (manifest["seed"], manifest["draws"]) == (0, 64)
    assert set(manifest["files"]) == wanted - {"manifest.json"}
    assert {"params/baseline.yaml", "notebooks/report.ipynb", "costmodel/reporting/run.py"} <= set(manifest["inputs"])
    assert "papermill" in manifest["versions"]
    # Nothing in the notebook or the manifest tells where on the machine it was made.
    metadata = json.loads((folder / "report.ipynb").read_text())["metadata"]["papermill"]
    assert (metadata["input_path"], metadata["output_path"]) == ("notebooks/report.ipynb", "report.ipynb")
    assert str(workshop.output) not in (folder / "manifest.json").read_text() + json.dumps(metadata) + page
    assert [path.name for path in workshop.output.iterdir() if path.name.endswith((".new", ".previous"))] == []


def test_failing_sets_stop_no_other_and_harm_no_old_report(workshop: Any) -> None:
    workshop.add("bad")
    workshop.add("good")
    assert build(None, workshop.output, jobs=2).ok
    before = files(workshop.output / "bad")
    for name, what in (("bad", "raise"), ("good", "warn"), ("leaves", "leave"), ("dies", "die")):
        workshop.add(name, what)
    summary = build(None, workshop.output, jobs=2)
    assert statuses(summary) == {
        "baseline": "current",
        "bad": "failed",
        "dies": "failed",
        "good": "built",
        "leaves": "failed",
    }
    failed = {result.name: result for result in summary.failed}
    assert failed["bad"].cell == "cell 2 (`import os, sys`)"
    assert failed["bad"].error == "ValueError: the first line\nthe last line"
    assert failed["bad"].notebook == workshop.output / ".failed" / "bad.ipynb"
    assert failed["bad"].notebook.is_file()
    assert "wrote no results.json" in failed["leaves"].error
    assert failed["dies"].cell == "cell 2 (`import os, sys`)"
    assert "DeadKernelError" in failed["dies"].error
    assert files(workshop.output / "bad") == before
    assert not (workshop.output / "leaves").exists()
    index = (workshop.output / "index.html").read_text()
    assert "Not built this time" in index
    assert "earlier build" in index
    assert "/secret/path" not in (workshop.output / "good" / "index.html").read_text()


def test_a_cell_that_hangs_is_stopped(workshop: Any) -> None:
    workshop.add("hangs", "hang")
    summary = build(["hangs"], workshop.output, timeout=2)
    (result,) = summary.failed
    assert result.cell == "cell 2 (`import os, sys`)"
    assert "Timeout" in result.error


def test_only_what_changed_is_built_again(workshop: Any) -> None:
    workshop.add("other")
    build(None, workshop.output)
    assert statuses(build(None, workshop.output)) == {"baseline": "current", "other": "current"}
    workshop.add("other", "warn")
    assert statuses(build(None, workshop.output)) == {"baseline": "current", "other": "built"}
    assert statuses(build(["other"], workshop.output, draws=32)) == {"other": "built"}
    assert json.loads((workshop.output / "other" / "results.json").read_text())["draws"] == 32
    (workshop.output / "baseline" / "index.html").write_text("changed by hand")
    assert statuses(build(["baseline"], workshop.output)) == {"baseline": "built"}
    assert statuses(build(["baseline"], workshop.output, force=True)) == {"baseline": "built"}


def test_events_tell_what_happens(workshop: Any) -> None:
    events: list[Event] = []
    build(["baseline", "nowhere"], workshop.output, on_event=events.append)
    assert [(event.kind, event.name, event.done) for event in events] == [
        ("planned", "", 0), ("finished", "nowhere", 1), ("started", "baseline", 1), ("finished", "baseline", 2),
        ("indexed", "", 2),
    ]  # fmt: skip
    assert {event.total for event in events} == {2}
    assert events[1].result is not None
    assert "no parameter set `nowhere`" in str(events[1].result.error)


def test_a_set_of_another_name_than_its_file(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    wrong = SimpleNamespace(name="wrong", files=(), parent=None, draws=1, seed=0)
    monkeypatch.setattr("costmodel.reporting.plan.load", lambda file: wrong)
    summary = build(["baseline"], workshop.output)
    assert "must be `baseline`" in str(summary.failed[0].error)


def test_two_sets_of_one_name(workshop: Any, tmp_path: Path) -> None:
    twin = tmp_path / "baseline.yaml"
    twin.write_text("name: baseline\n")
    with pytest.raises(ValueError, match="two sets are called `baseline`"):
        build(["baseline", twin], workshop.output)
    assert statuses(build(["baseline", "baseline"], workshop.output)) == {"baseline": "built"}


def test_the_terminal_says_what_failed_and_why(workshop: Any, capsys: pytest.CaptureFixture[str]) -> None:
    workshop.add("bad", "raise")
    assert not run_build([], workshop.output, 2)
    said = capsys.readouterr().err
    assert "built  baseline" in said
    assert "failed  bad  in cell 2 (`import os, sys`)" in said
    assert "the last line" in said
    assert "1 built, 1 failed" in said
    with locked(workshop.output):
        assert not run_build([], workshop.output)
    assert "another build" in capsys.readouterr().err
