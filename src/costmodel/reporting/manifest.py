"""What a report was made from and what became of it: the records that processes exchange and folders keep."""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any, Literal

from costmodel import __version__
from costmodel.disk import write_whole

MANIFEST, RESULTS, PAGE, NOTEBOOK = "manifest.json", "results.json", "index.html", "report.ipynb"

# Packages whose version can change a number, a figure or a page.
_PACKAGES = """great_tables ipykernel ipython jinja2 jupyter_client latex2mathml matplotlib mistune nbclient nbconvert
nbformat numpy pandas papermill pint pyarrow pydantic ruamel.yaml SALib scipy seaborn"""


@dataclass(frozen=True)
class Job:
    """One report to build; plain data, sent to a worker process.

    Attributes:
        name: name of the set.
        parameters: the set file's top-level keys, as papermill parameters.
        params: folder in which the notebook finds the sets that this one extends.
        notebook: the template.
        target: folder of the finished report.
        contents: hashes of what the set states and cites, by name; see `reporting.content`.
        files: sha256 of the parameter and evidence files, by name.
        code: sha256 of the package's files and of the notebook, by name.
        inputs_sha256: one hash of contents, code, versions and options.
        revision: revision of the checkout, or None.
        timeout: seconds that one cell may take.
        memory: bytes that its kernel may take; None for no limit.
        fork: whether its kernel may be a fork of a process in which everything is imported.
        draws_asked: number of draws asked for instead of the set's own; None for that.
    """

    name: str
    parameters: Mapping[str, Any]
    params: Path
    notebook: Path
    target: Path
    contents: Mapping[str, str]
    files: Mapping[str, str]
    code: Mapping[str, str]
    inputs_sha256: str
    revision: str | None
    timeout: float
    memory: int | None
    fork: bool
    draws_asked: int | None


@dataclass(frozen=True)
class SetResult:
    """What became of one set.

    Attributes:
        name: name of the set.
        status: `built`, `current` (nothing had changed) or `failed`.
        seconds: time taken.
        cell: the notebook cell that failed, in words; None if no cell did.
        error: the end of the error message; None if nothing failed.
        notebook: the executed notebook of a failed run, for a closer look.
    """

    name: str
    status: Literal["built", "current", "failed"]
    seconds: float = 0.0
    cell: str | None = None
    error: str | None = None
    notebook: Path | None = None


@dataclass(frozen=True)
class Summary:
    """What became of a build.

    Attributes:
        results: one for each set, in the order asked for.
        output: folder of the reports.
        seconds: time taken by all.
        wanted: number of sets asked for.
        interrupted: whether Ctrl-C ended it before all were reached.
    """

    results: tuple[SetResult, ...]
    output: Path
    seconds: float = 0.0
    wanted: int = 0
    interrupted: bool = False

    def having(self, status: str) -> list[SetResult]:
        """The results with a status."""
        return [result for result in self.results if result.status == status]

    @property
    def failed(self) -> list[SetResult]:
        """The sets that failed."""
        return self.having("failed")

    @property
    def ok(self) -> bool:
        """Whether nothing failed, and nothing is missing."""
        return not self.failed and not self.interrupted

    @property
    def index(self) -> Path:
        """The page that lists all reports."""
        return self.output / PAGE


def sha256(path: Path) -> str:
    """Hash of a file's content.

    Args:
        path: the file.

    Returns:
        Hexadecimal digits.
    """
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def versions() -> dict[str, str]:
    """Versions of Python, of costmodel, and of the packages that can change a report.

    Returns:
        Version by name; packages that are not installed are left out.
    """
    found = {"python": python_version(), "costmodel": __version__}
    for package in _PACKAGES.split():
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


class Manifest:
    """What a report was made from, as its folder says."""

    def __init__(self, folder: Path, document: Mapping[str, Any]) -> None:
        """Take what matters for a plan.

        Args:
            folder: the report.
            document: its parsed `manifest.json`.

        Raises:
            KeyError, TypeError, AttributeError: it is not whole.
        """
        inputs = document["inputs"]
        self._folder, self._document = folder, document
        self.contents: dict[str, str] = dict(inputs["contents"])
        self.files_read: dict[str, str] = dict(inputs["files"])
        self.code: dict[str, str] = dict(inputs["code"])
        self.draws_asked: int | None = inputs["draws"]
        self.versions: dict[str, str] = dict(document["versions"])
        self.outputs: dict[str, dict[str, Any]] = dict(document["files"])

    @classmethod
    def read(cls, folder: Path) -> "Manifest | None":
        """The manifest of a report; None where there is none, or it is not whole.

        Args:
            folder: the report.
        """
        try:
            return cls(folder, json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def changed_files(self) -> list[str]:
        """Files of the report that are missing, or are not as they were written."""
        written = (self._folder / MANIFEST).stat().st_mtime_ns
        return [name for name, stored in self.outputs.items() if self._changed(name, stored, written)]

    def _changed(self, name: str, stored: Mapping[str, Any], written: int) -> bool:
        try:
            state = (self._folder / name).stat()
            if state.st_size != stored["bytes"]:
                return True
            # The manifest is written last: what was saved before it need not be read again.
            return state.st_mtime_ns > written and sha256(self._folder / name) != stored["sha256"]
        except (OSError, KeyError, TypeError):
            return True

    def restate(self, files: Mapping[str, str]) -> None:
        """Take over hashes of parameter files that state the same as before; where it cannot be written, nothing.

        Args:
            files: sha256 by name.
        """
        document = {**self._document, "inputs": {**self._document["inputs"], "files": dict(files)}}
        with contextlib.suppress(OSError):
            _write(document, self._folder)


def write_manifest(job: Job, folder: Path, started: str, seconds: float) -> None:
    """Write down what a report was made from, and what it consists of.

    Args:
        job: the report.
        folder: folder with its finished files.
        started: when it was started, ISO 8601.
        seconds: time taken.
    """
    made = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    manifest = {
        "set": job.name,
        "started": started,
        "seconds": round(seconds, 3),
        "seed": made.get("seed"),
        "draws": made.get("draws"),
        "revision": job.revision,
        "versions": versions(),
        "inputs_sha256": job.inputs_sha256,
        "inputs": {
            "draws": job.draws_asked,
            "files": dict(sorted(job.files.items())),
            "contents": dict(job.contents),
            "code": dict(sorted(job.code.items())),
        },
        "files": {name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for name, path in outputs(folder)},
    }
    _write(manifest, folder)


def _write(document: Mapping[str, Any], folder: Path) -> None:
    write_whole(folder / MANIFEST, (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())


def outputs(folder: Path) -> Iterable[tuple[str, Path]]:
    """Files of a report, by name; all but the manifest.

    Args:
        folder: the report.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST and not path.name.startswith("."):
            yield path.relative_to(folder).as_posix(), path
