"""One report: run the notebook, check what it left, export it, move it into place. Runs in its own process."""

import contextlib
import json
import logging
import os
import re
import shutil
import tempfile
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from costmodel.reporting import folders, results
from costmodel.reporting.manifest import NOTEBOOK, PAGE, RESULTS, Job, SetResult, write_manifest
from costmodel.reporting.page import Link

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_BRIEF_LINES = 12
_ENGINE = "costmodel"


class CellError(Exception):
    """A notebook cell that did not end well.

    Attributes:
        cell: which one, in words.
        error: the end of its message.
    """

    def __init__(self, cell: str | None, error: str) -> None:
        super().__init__(error)
        self.cell, self.error = cell, error


def build_one(job: Job) -> SetResult:
    """Build one report; whatever goes wrong is told in the result and leaves the old report alone.

    Args:
        job: what to build.

    Returns:
        What became of it.
    """
    started, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.perf_counter()
    folder = folders.new_folder(job.target)
    kept = job.target.parent / folders.FAILED / f"{job.name}.ipynb"
    try:
        _execute(job, folder)
        _check(job, folder)
        _export(folder)
        write_manifest(job, folder, started, time.perf_counter() - clock)
        folders.replace(folder, job.target)
        kept.unlink(missing_ok=True)
        return SetResult(job.name, "built", time.perf_counter() - clock)
    except Exception as error:  # noqa: BLE001
        notebook = _keep(folder / NOTEBOOK, kept)
        cell, message = (error.cell, error.error) if isinstance(error, CellError) else (None, _last_lines(error))
        return SetResult(job.name, "failed", time.perf_counter() - clock, cell, message, notebook)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep(notebook: Path, kept: Path) -> Path | None:
    if not notebook.is_file():
        return None
    kept.parent.mkdir(exist_ok=True)
    return notebook.replace(kept)


def _last_lines(error: BaseException) -> str:
    lines = "".join(traceback.format_exception_only(error)).strip().splitlines()
    return "\n".join(lines[-_BRIEF_LINES:])


@contextlib.contextmanager
def _surroundings(job: Job, folder: Path) -> Iterator[Path]:
    """What the kernel sees of the world: where to write, one thread for linear algebra, nobody's IPython profile."""
    with tempfile.TemporaryDirectory(prefix="costmodel-") as scratch:
        single = dict.fromkeys(
            ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
        )
        wanted = {
            **single,
            "COSTMODEL_OUTPUT": str(folder.resolve()),
            "COSTMODEL_PARAMS": str(job.params),
            "COSTMODEL_INPUTS_SHA256": job.inputs_sha256,
            "COSTMODEL_REVISION": job.revision or "",
            "IPYTHONDIR": str(Path(scratch, "ipython")),
            "PYTHONHASHSEED": "0",
        }
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield Path(scratch)
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def _execute(job: Job, folder: Path) -> None:
    """Run the notebook by papermill; its paths are not kept, since they tell of this machine only."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from costmodel.reporting.engine import DeadCellError, register

    register(_ENGINE)
    # Its warnings (a parameter that it cannot find in the notebook) say less than the notebook's own check.
    logging.getLogger("papermill").setLevel(logging.ERROR)
    with _surroundings(job, folder) as scratch:
        try:
            papermill.execute_notebook(
                str(job.notebook).replace("{", "{{").replace("}", "}}"),
                str(folder / NOTEBOOK).replace("{", "{{").replace("}", "}}"),
                parameters=dict(job.parameters),
                engine_name=_ENGINE,
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                execution_timeout=job.timeout,
                scratch=str(scratch),
            )
        except PapermillExecutionError as error:
            lines = _ANSI.sub("", f"{error.ename}: {error.evalue}").strip().splitlines()
            raise CellError(in_words(job.notebook, error.source), "\n".join(lines[:_BRIEF_LINES])) from None
        except DeadCellError as error:
            raise CellError(in_words(job.notebook, error.source), _last_lines(error.cause)) from None
        finally:
            _hide_paths(folder / NOTEBOOK, job.parameters.get("extends"))


def in_words(notebook: Path, source: str) -> str:
    """A notebook cell as a reader finds it: its number in the template, and the first line that says something.

    Args:
        notebook: the template.
        source: the cell's code.

    Returns:
        Words for a message, such as: cell 3 (`validate(parameters)`).
    """
    cells = json.loads(notebook.read_text(encoding="utf-8")).get("cells", [])
    sources = ["".join(cell.get("source", "")) for cell in cells]
    number = f"cell {sources.index(source) + 1}" if source in sources else "the cell of injected parameters"
    lines = [line.strip() for line in source.splitlines()]
    telling = next((line for line in lines if line and not line.startswith(("#", "%"))), "empty")
    return f"{number} (`{telling[:80]}`)"


def _hide_paths(notebook: Path, extends: str | None) -> None:
    if not notebook.is_file():
        return
    text = notebook.read_text(encoding="utf-8")
    if extends and Path(extends).is_absolute():
        text = text.replace(extends, Path(extends).stem)
    document: dict[str, Any] = json.loads(text)
    noted = document.get("metadata", {}).get("papermill", {})
    noted.update({"input_path": "notebooks/report.ipynb", "output_path": NOTEBOOK})
    notebook.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _check(job: Job, folder: Path) -> None:
    """A notebook may end early without an error (papermill takes `sys.exit(0)` for success)."""
    if not (folder / RESULTS).is_file():
        raise CellError(None, f"the notebook ended without an error but wrote no {RESULTS}")
    try:
        document = results.parse(json.loads((folder / RESULTS).read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CellError(None, f"{RESULTS} is not whole: {_last_lines(error)}") from error
    if document.name != job.name:
        raise CellError(None, f"{RESULTS} is of the set `{document.name}`, not of `{job.name}`")


def _export(folder: Path) -> None:
    from costmodel.reporting.html import export

    beside = [Link(RESULTS, "Results (JSON)"), Link("draws.parquet", "Draws (Parquet)"), Link(NOTEBOOK, "Notebook")]
    tables = [Link(f"tables/{path.name}", f"{path.stem} (CSV)") for path in sorted((folder / "tables").glob("*.csv"))]
    links = [link for link in [*beside, *tables] if (folder / link.href).is_file()]
    page = export(folder / NOTEBOOK, links=links, home=Link("../index.html", "All parameter sets"))
    (folder / PAGE).write_text(page, encoding="utf-8")
