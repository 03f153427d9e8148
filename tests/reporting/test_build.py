"""Building reports with a made-up notebook: what is skipped, what fails, and that nothing is damaged."""

import json
from pathlib import Path
from typing import Any

import pytest

from costmodel.reporting import build
from costmodel.reporting.folders import locked
from costmodel.reporting.manifest import Manifest
from costmodel.reporting.planning import Settings
from costmodel.reporting.run import Event, plan

pytestmark = pytest.mark.slow


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def statuses(summary: Any) -> dict[str, str]:
    return {result.name: result.status for result in summary.results}


def reasons(workshop: Any, **options: Any) -> dict[str, tuple[str, ...]]:
    return {item.name: item.reasons for item in plan(None, workshop.output, **options) if item.status != "current"}


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
    assert {"notebooks/report.ipynb", "costmodel/reporting/run.py"} <= set(manifest["inputs"]["code"])
    assert set(manifest["inputs"]["files"]) == {"params/baseline.yaml"}
    assert "parameters.finance.discount_rate" in manifest["inputs"]["contents"]
    assert "papermill" in manifest["versions"]
    # Nothing in the notebook or the manifest tells where on the machine it was made.
    metadata = json.loads((folder / "report.ipynb").read_text())["metadata"]["papermill"]
    assert (metadata["input_path"], metadata["output_path"]) == ("notebooks/report.ipynb", "report.ipynb")
    assert str(workshop.output) not in (folder / "manifest.json").read_text() + json.dumps(metadata) + page
    assert sorted(path.name for path in workshop.output.iterdir()) == [".lock", "baseline", "index.html"]


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
    assert failed["bad"].cell == 'cell 2, line 4 (`raise ValueError("the first line\\nthe last line")`)'
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


def test_only_what_changed_is_built_again(workshop: Any) -> None:
    workshop.add("other")
    build(None, workshop.output)
    index = (workshop.output / "index.html").stat().st_mtime_ns
    assert statuses(build(None, workshop.output)) == {"baseline": "current", "other": "current"}
    assert (workshop.output / "index.html").stat().st_mtime_ns == index, "with nothing new it is left alone"
    workshop.add("other", "warn")
    assert reasons(workshop) == {"other": ("changed: title, text, lists and run, as stated",)}
    assert statuses(build(None, workshop.output)) == {"baseline": "current", "other": "built"}
    fewer = Settings(draws=32)
    assert statuses(build(["other"], workshop.output, settings=fewer)) == {"other": "built"}
    assert json.loads((workshop.output / "other" / "results.json").read_text())["draws"] == 32
    (workshop.output / "baseline" / "index.html").write_text("changed by hand")
    assert reasons(workshop)["baseline"] == ("its own files were changed or are missing: index.html",)
    assert statuses(build(["baseline"], workshop.output)) == {"baseline": "built"}
    assert statuses(build(["baseline"], workshop.output, force=True)) == {"baseline": "built"}


def test_what_is_stale_follows_from_content_not_from_files(workshop: Any) -> None:
    workshop.add("other")
    assert reasons(workshop) == {"baseline": ("not built yet",), "other": ("not built yet",)}
    build(None, workshop.output)
    file = workshop.params / "other.yaml"
    file.write_text("# said otherwise\n\n" + file.read_text(), encoding="utf-8")
    assert reasons(workshop) == {}
    # A build notes that, so that the next one need not read the set again.
    before = Manifest.read(workshop.output / "other")
    assert statuses(build(None, workshop.output)) == {"baseline": "current", "other": "current"}
    after = Manifest.read(workshop.output / "other")
    assert before is not None
    assert after is not None
    assert before.files_read != after.files_read
    assert (before.contents, after.changed_files()) == (after.contents, [])
    # A parameter that the other set inherits: both are stale, and why is said by its path.
    stated = (workshop.params / "baseline.yaml").read_text()
    (workshop.params / "baseline.yaml").write_text(stated.replace('"availability": 0.95', '"availability": 0.96', 1))
    why = reasons(workshop)
    assert why["baseline"] == ("changed: parameters.reference.availability, as stated",)
    assert why["other"] == ("changed: parameters.reference.availability, set extended: baseline",)
    (workshop.params / "baseline.yaml").write_text(stated)
    assert reasons(workshop) == {}
    notebook = json.loads(workshop.notebook.read_text())
    notebook["metadata"]["more"] = True
    workshop.notebook.write_text(json.dumps(notebook))
    assert set(reasons(workshop).values()) == {("code: notebooks/report.ipynb",)}
    assert set(reasons(workshop, settings=Settings(draws=5)).values()) == {
        ("code: notebooks/report.ipynb", "another number of draws is asked for")
    }


def test_only_the_evidence_that_a_set_cites_makes_it_stale(workshop: Any) -> None:
    sources = workshop.params / "evidence" / "sources.csv"
    sources.parent.mkdir()
    row = "{id},A title,A publisher,https://example.org,2026,{grade}\n"
    head = "id,title,publisher,url,date,grade\n"
    sources.write_text(head + row.format(id="X1", grade="A") + row.format(id="X2", grade="A"))
    changed = {"finance": {"datacenter_life": {"value": 17, "source": ["X1"]}}}
    workshop.add("citing", assumptions=changed)
    build(None, workshop.output)
    sources.write_text(head + row.format(id="X1", grade="A") + row.format(id="X2", grade="B"))
    assert reasons(workshop) == {}
    sources.write_text(head + row.format(id="X1", grade="C") + row.format(id="X2", grade="B"))
    assert reasons(workshop) == {"citing": ("changed: sources.X1",)}


def test_nothing_is_run_where_nothing_changed(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    build(["baseline"], workshop.output)
    for name in ("costmodel.reporting.pool.run", "costmodel.reporting.index.write_index", "costmodel.parameters.load"):
        monkeypatch.setattr(name, lambda *_: pytest.fail("was called"))
    assert statuses(build(["baseline"], workshop.output)) == {"baseline": "current"}


def test_events_tell_what_happens(workshop: Any) -> None:
    events: list[Event] = []
    build(["baseline", "nowhere"], workshop.output, on_event=events.append)
    assert [(event.kind, event.name, event.done, event.cell) for event in events] == [
        ("planned", "", 0, None), ("finished", "nowhere", 1, None), ("started", "baseline", 1, None),
        *[("cell", "baseline", 1, (number, 5)) for number in range(1, 6)],
        ("finished", "baseline", 2, None), ("indexed", "", 2, None),
    ]  # fmt: skip
    assert {event.total for event in events} == {2}
    assert events[1].result is not None
    assert "no parameter set `nowhere`" in str(events[1].result.error)


def test_a_set_of_another_name_than_its_file(workshop: Any) -> None:
    workshop.add("right").rename(workshop.params / "wrong.yaml")
    summary = build(["wrong"], workshop.output)
    assert "must be `wrong`" in str(summary.failed[0].error)


def test_two_sets_of_one_name(workshop: Any, tmp_path: Path) -> None:
    twin = tmp_path / "baseline.yaml"
    twin.write_text("name: baseline\n")
    with pytest.raises(ValueError, match="two sets are called `baseline`"):
        build(["baseline", twin], workshop.output)
    assert statuses(build(["baseline", "baseline"], workshop.output)) == {"baseline": "built"}


def test_the_terminal_says_what_failed_and_why(workshop: Any, command_line: Any) -> None:
    workshop.add("bad", "raise")
    code, out, said = command_line("build", "--output", workshop.output, "--jobs", 2)
    assert (code, out) == (1, "")
    assert "built  baseline" in said
    assert "failed  bad  in cell 2, line 4 (`raise ValueError(" in said
    assert "the last line" in said
    assert "1 built, 1 failed" in said
    with locked(workshop.output):
        code, _, said = command_line("build", "--output", workshop.output)
        assert code == 1
        assert "another build" in said


def test_the_command_says_what_it_would_do(workshop: Any, command_line: Any) -> None:
    workshop.add("other")
    code, out, said = command_line("build", "--output", workshop.output, "--dry-run")
    assert (code, out) == (0, "")
    assert "stale  baseline  not built yet" in said
    assert not workshop.output.exists()
    code, out, _ = command_line("build", "--output", workshop.output, "--only", "o*", "--format", "json")
    assert code == 0
    assert {name: found["status"] for name, found in json.loads(out)["sets"].items()} == {"other": "built"}
    code, out, _ = command_line("build", "--output", workshop.output, "--dry-run", "--format", "json")
    assert json.loads(out)["sets"] == {
        "baseline": {"status": "stale", "reasons": ["not built yet"]}, "other": {"status": "current", "reasons": []}
    }  # fmt: skip
    (workshop.params / "other.yaml").write_text("extends: nowhere\n")
    code, _, said = command_line("build", "--output", workshop.output, "--dry-run")
    assert code == 1
    assert "not valid  other" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "there is no parameter set `nowhere`; did you mean"),
        (["--only", "x*"], "no set has a name like x*"),
        (["--timeout", "0"], "--timeout"),
        (["--jobs", "0"], "--jobs"),
    ],
)
def test_what_cannot_be_meant_is_refused(workshop: Any, command_line: Any, words: list[str], message: str) -> None:
    workshop.add("somewhere")
    code, out, said = command_line("build", "--output", workshop.output, *words)
    assert (code, out) == (2, "")
    assert message in said
    assert not workshop.output.exists()
