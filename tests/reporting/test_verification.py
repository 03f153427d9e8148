"""A report is made a second time and compared."""

import json
from pathlib import Path
from typing import Any

import pytest

from costmodel.reporting import build
from costmodel.reporting.planning import Settings
from costmodel.reporting.verification import Verified, compared, verify
from costmodel.sections.blocks import stamp


def report(folder: Path, *, run: str = "", **files: str) -> Path:
    """A folder with a page and a notebook, run at some time."""
    folder.mkdir(parents=True)
    stamped = stamp(f"Run on {run}").source
    (folder / "index.html").write_text(f"<p>The same.</p>{stamped}<p>Too.</p>")
    notebook = {"cells": [{"outputs": ["The same.", stamped]}], "metadata": {"papermill": {"start_time": run}}}
    (folder / "report.ipynb").write_text(json.dumps(notebook))
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content)
    return folder


def test_all_but_the_stamped_block_is_compared(tmp_path: Path) -> None:
    one = report(tmp_path / "one" / "x", run="Monday", costs="1")
    assert compared(one, report(tmp_path / "two" / "x", run="Tuesday", costs="1")) == Verified("x", "identical")
    other = report(tmp_path / "three" / "x", run="Tuesday", costs="2", more="")
    (other / "index.html").write_text((other / "index.html").read_text().replace("Too", "Two"))
    found = compared(one, other)
    assert (found.status, found.reasons) == ("differs", ("costs.csv", "index.html", "more.csv"))
    assert compared(other, one).reasons == found.reasons


@pytest.mark.slow
def test_what_differs_is_named(workshop: Any, command_line: Any) -> None:
    workshop.add("chance", "changing")
    workshop.add("few")
    workshop.cells("import uuid\nif description == 'changing':\n    print(uuid.uuid4())")
    build(["baseline", "chance"], workshop.output)
    build(["few"], workshop.output, settings=Settings(draws=8))
    (workshop.output / "notes").mkdir()
    before = {path: path.read_bytes() for path in workshop.output.rglob("*") if path.is_file()}
    assert verify(workshop.output) == [
        Verified("baseline", "identical"),
        Verified("chance", "differs", ("index.html", "report.ipynb")),
        Verified("few", "identical"),
    ]
    assert {path: path.read_bytes() for path in workshop.output.rglob("*") if path.is_file()} == before
    (workshop.output / "baseline" / "results.json").write_text("{}")
    workshop.add("chance", "other")
    workshop.add("few", nonsense=1)
    code, out, _ = command_line("verify", workshop.output, "--format", "json")
    assert code == 1
    found = json.loads(out)["sets"]
    assert {name: one["status"] for name, one in found.items()} == {
        "baseline": "stale",
        "chance": "stale",
        "few": "failed",
    }
    assert found["baseline"]["reasons"] == ["its own files were changed or are missing: results.json"]
    assert "few.yaml" in found["few"]["reasons"][0]


def test_where_there_is_nothing_to_verify(tmp_path: Path, command_line: Any) -> None:
    code, out, said = command_line("verify", tmp_path)
    assert (code, out, said) == (2, "", f"there is no report in {tmp_path}\n")
