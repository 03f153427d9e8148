"""One report: run the notebook, check what it left, export it, move it into place. Runs in its own process."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from costmodel.reporting import folders, results
from costmodel.reporting.kernels import ForkProvisioner, Spare
from costmodel.reporting.manifest import NOTEBOOK, PAGE, RESULTS, Job, SetResult, write_manifest
from costmodel.reporting.notebook import CellError, execute, last_lines
from costmodel.reporting.page import Link
from costmodel.reporting.processes import can_fork, die_with_parent

#: Told of what happens: number of the cell that begins, and how many there are.
Tell = Callable[[int, int], None]


def serve(job: Job, scratch: Path, pipe: Connection, environment: Mapping[str, str], folder: Path) -> None:
    """Build a report in this process, which does nothing else, and say through the pipe how it goes.

    Args:
        job: what to build.
        scratch: an empty folder.
        pipe: takes pairs of a cell's number and their count, and at last the `SetResult`.
        environment: environment of the build.
        folder: working directory of the build.
    """
    die_with_parent()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    # Ctrl-C goes to all processes of a terminal; the build decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if job.fork and can_fork():
        # Now, while there is one thread.
        ForkProvisioner.spare = Spare(job.memory)
    pipe.send(build_one(job, scratch, lambda cell, count: pipe.send((cell, count))))


def build_one(job: Job, scratch: Path, tell: Tell | None = None) -> SetResult:
    """Build one report; whatever goes wrong is told in the result and leaves the old report alone.

    Args:
        job: what to build.
        scratch: an empty folder.
        tell: told of each cell that begins.

    Returns:
        What became of it.
    """
    started, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.perf_counter()
    folder, kept = folders.place_of_new(job.target), job.target.parent / folders.FAILED / f"{job.name}.ipynb"
    try:
        folders.new_folder(job.target)
        execute(job, folder, scratch, tell)
        _check(job, folder)
        _export(folder)
        write_manifest(job, folder, started, time.perf_counter() - clock)
        folders.replace(folder, job.target)
        kept.unlink(missing_ok=True)
        return SetResult(job.name, "built", time.perf_counter() - clock)
    except Exception as error:  # noqa: BLE001
        notebook = _keep(folder / NOTEBOOK, kept)
        cell, message = (error.cell, error.error) if isinstance(error, CellError) else (None, last_lines(error))
        return SetResult(job.name, "failed", time.perf_counter() - clock, cell, message, notebook)
    finally:
        folders.remove(folder)


def _keep(notebook: Path, kept: Path) -> Path | None:
    """The notebook of a failed run, moved to where the user finds it; None where there is none, or no place for it."""
    with contextlib.suppress(OSError):
        if notebook.is_file():
            if kept.parent.is_symlink():
                kept.parent.unlink()
            kept.parent.mkdir(exist_ok=True)
            return notebook.replace(kept)
    return None


def _check(job: Job, folder: Path) -> None:
    """A notebook may end early without an error (papermill takes `sys.exit(0)` for success)."""
    if not (folder / RESULTS).is_file():
        raise CellError(None, f"the notebook ended without an error but wrote no {RESULTS}")
    try:
        document = results.parse(json.loads((folder / RESULTS).read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CellError(None, f"{RESULTS} is not whole: {last_lines(error)}") from error
    if document.name != job.name:
        raise CellError(None, f"{RESULTS} is of the set `{document.name}`, not of `{job.name}`")


def _export(folder: Path) -> None:
    from costmodel.reporting.html import export

    beside = [
        Link(RESULTS, "Results (JSON)"),
        Link("inputs.json", "Inputs (JSON)"),
        Link("draws.parquet", "Draws (Parquet)"),
        Link(NOTEBOOK, "Notebook"),
    ]
    tables = [Link(f"tables/{path.name}", f"{path.stem} (CSV)") for path in sorted((folder / "tables").glob("*.csv"))]
    links = [link for link in [*beside, *tables] if (folder / link.href).is_file()]
    page = export(folder / NOTEBOOK, links=links, home=Link("../index.html", "All parameter sets"))
    (folder / PAGE).write_text(page, encoding="utf-8")
