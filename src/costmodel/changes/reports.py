"""Reading a folder of built reports: results, what they were made from, and what failed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costmodel.changes.figures import reported
from costmodel.changes.inputs import Input, read_inputs
from costmodel.changes.states import SetState
from costmodel.errors import Problem
from costmodel.reporting import results
from costmodel.reporting.folders import FAILED, reports
from costmodel.reporting.manifest import NOTEBOOK, RESULTS

#: File beside a report that tells what it was made from.
INPUTS = "inputs.json"


def read_reports(folder: Path) -> list[SetState]:
    """All reports of a folder, and the sets whose last build failed.

    Args:
        folder: folder of reports.
    """
    failed = {path.stem: path for path in sorted((folder / FAILED).glob(f"*{Path(NOTEBOOK).suffix}"))}
    whole = {path.parent.name: _report(path, folder) for path in reports(folder, RESULTS)}
    names = sorted({*whole, *failed})
    return [_failed(name, failed[name], folder) if name in failed else whole[name] for name in names]


def _shown(path: Path, folder: Path) -> str:
    return f"{folder.resolve().name}/{path.relative_to(folder).as_posix()}"


def _report(path: Path, folder: Path) -> SetState:
    name = path.parent.name
    found = results.read(path)
    if found is None or found.name != name:
        problem = Problem("", "is no whole report of this set: build it again", _shown(path, folder))
        return SetState(name, name, (problem,))
    return SetState(
        name,
        found.title,
        inputs_sha256=found.made.get("parameters_sha256"),
        inputs=_inputs(path.with_name(INPUTS)),
        reported=reported(found),
    )


def _inputs(path: Path) -> dict[str, Input] | None:
    """What a report says of its inputs; None where it does not, as those built by older versions."""
    try:
        return read_inputs(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _failed(name: str, notebook: Path, folder: Path) -> SetState:
    return SetState(name, name, (Problem("", f"its build failed: {_error(notebook)}", _shown(notebook, folder)),))


def _error(notebook: Path) -> str:
    """The error that a notebook ended with."""
    try:
        cells: list[Mapping[str, Any]] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        errors = [o for cell in cells for o in cell.get("outputs", ()) if o.get("output_type") == "error"]
        return f"{errors[-1]['ename']}: {errors[-1]['evalue']}" if errors else "the notebook, as far as it ran, is kept"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "the notebook that is kept of it cannot be read"
