"""Run the report's notebook by papermill, and keep of it what does not depend on when and where it ran."""

import json
import logging
import os
import re
import traceback
from pathlib import Path
from typing import Any

from costmodel.reporting.engine import CellListener, DeadCellError, register
from costmodel.reporting.kernels import NAME, ForkProvisioner
from costmodel.reporting.manifest import NOTEBOOK, Job
from costmodel.reporting.processes import ENVIRONMENT
from costmodel.translator import register as write_data_alone

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LINE = re.compile(r"Cell In\[\d+\], line (\d+)")
_BRIEF_LINES = 12
_ENGINE = "costmodel"
# What papermill notes of the clock.
_TIMES = ("start_time", "end_time", "duration")


class CellError(Exception):
    """A notebook cell that did not end well.

    Attributes:
        cell: which one, and in which line, in words.
        error: the end of its message.
    """

    def __init__(self, cell: str | None, error: str) -> None:
        super().__init__(error)
        self.cell, self.error = cell, error


def last_lines(error: BaseException) -> str:
    """The end of an error's message, as much as fits a summary.

    Args:
        error: what was raised.
    """
    lines = "".join(traceback.format_exception_only(error)).strip().splitlines()
    return "\n".join(lines[-_BRIEF_LINES:])


def execute(job: Job, folder: Path, scratch: Path, on_cell: CellListener | None = None) -> None:
    """Run the notebook; what it leaves stands in the folder, also when a cell fails.

    Args:
        job: what to build.
        folder: where to.
        scratch: an empty folder for what the kernel needs.
        on_cell: told of each cell that begins.

    Raises:
        CellError: a cell failed, or the kernel died in it, or it took too long.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    register(_ENGINE)
    # papermill finds it by its entry point too, where the package is installed.
    write_data_alone()
    # Its warnings (a parameter that it cannot find in the notebook) say less than the notebook's own check.
    logging.getLogger("papermill").setLevel(logging.ERROR)
    # nbclient's view of a dying kernel is told in the summary, in fewer words.
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    os.environ.update(_environment(job, folder, scratch))
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
            on_cell=on_cell,
        )
    except PapermillExecutionError as error:
        lines = _ANSI.sub("", f"{error.ename}: {error.evalue}").strip().splitlines()
        where = in_words(job.notebook, error.source, _line(error.traceback))
        raise CellError(where, "\n".join(lines[:_BRIEF_LINES])) from None
    except DeadCellError as error:
        raise CellError(in_words(job.notebook, error.source), last_lines(error.cause)) from None
    finally:
        _settle(folder / NOTEBOOK, job.parameters.get("extends"))


def _environment(job: Job, folder: Path, scratch: Path) -> dict[str, str]:
    """What the kernel is told: where to write, and nobody's IPython profile."""
    named = {"JUPYTER_DEFAULT_PROVISIONER_NAME": NAME} if ForkProvisioner.spare else {}
    return {
        **ENVIRONMENT,
        **named,
        "COSTMODEL_OUTPUT": str(folder.resolve()),
        "COSTMODEL_PARAMS": str(job.params),
        "COSTMODEL_INPUTS_SHA256": job.inputs_sha256,
        "COSTMODEL_REVISION": job.revision or "",
        "IPYTHONDIR": str(scratch / "ipython"),
    }


def _line(frames: list[str]) -> int | None:
    """The line of the cell in which an error began."""
    found = _LINE.search(_ANSI.sub("", "\n".join(frames)))
    return int(found.group(1)) if found else None


def in_words(notebook: Path, source: str, line: int | None = None) -> str:
    """A notebook cell as a reader finds it: its number in the template, the line, and what stands there.

    Args:
        notebook: the template.
        source: the cell's code.
        line: number of the line that failed; None where that is not known.

    Returns:
        Words for a message, such as: cell 3, line 4 (`case = begin(globals())`).
    """
    cells = json.loads(notebook.read_text(encoding="utf-8")).get("cells", [])
    sources = ["".join(cell.get("source", "")) for cell in cells]
    number = f"cell {sources.index(source) + 1}" if source in sources else "the cell of injected parameters"
    lines = [text.strip() for text in source.splitlines()]
    if line is not None and line <= len(lines):
        return f"{number}, line {line} (`{lines[line - 1][:80]}`)"
    telling = next((text for text in lines if text and not text.startswith(("#", "%"))), "empty")
    return f"{number} (`{telling[:80]}`)"


def _settle(notebook: Path, extends: str | None) -> None:
    """Take out of a notebook what tells of this machine and of chance; times stay in one place, its `papermill` block.

    Args:
        notebook: the executed notebook.
        extends: the parent as papermill was told it, perhaps a path.
    """
    if not notebook.is_file():
        return
    text = notebook.read_text(encoding="utf-8")
    if extends and Path(extends).is_absolute():
        text = text.replace(extends, Path(extends).stem)
    document: dict[str, Any] = json.loads(text)
    noted = document.get("metadata", {}).get("papermill", {})
    noted.update({"input_path": "notebooks/report.ipynb", "output_path": NOTEBOOK})
    noted["cells"] = [_untimed(number, cell) for number, cell in enumerate(document["cells"], start=1)]
    notebook.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _untimed(number: int, cell: dict[str, Any]) -> dict[str, Any]:
    """Take its times out of a cell, and give it an id that is no chance.

    Returns:
        The times.
    """
    metadata = cell.setdefault("metadata", {})
    if "injected-parameters" in metadata.get("tags", ()):
        cell["id"] = "injected-parameters"
    noted = metadata.get("papermill", {})
    metadata.pop("execution", None)
    return {"cell": number, **{name: noted.pop(name, None) for name in _TIMES}}
