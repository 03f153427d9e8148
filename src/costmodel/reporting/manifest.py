"""What a report was made from and what became of it: the records that processes exchange and folders keep."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any, Literal

from costmodel import __version__

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
        inputs: sha256 of every input, by its name.
        inputs_sha256: one hash of all inputs, versions and options.
        revision: revision of the checkout, or None.
        timeout: seconds that one cell may take.
    """

    name: str
    parameters: Mapping[str, Any]
    params: Path
    notebook: Path
    target: Path
    inputs: Mapping[str, str]
    inputs_sha256: str
    revision: str | None
    timeout: float


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
    """

    results: tuple[SetResult, ...]
    output: Path
    seconds: float = 0.0

    def having(self, status: str) -> list[SetResult]:
        """The results with a status."""
        return [result for result in self.results if result.status == status]

    @property
    def failed(self) -> list[SetResult]:
        """The sets that failed."""
        return self.having("failed")

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failed

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


def is_current(job: Job) -> bool:
    """Whether a report was built from exactly these inputs and all its files are still as they were written.

    Args:
        job: the report.

    Returns:
        True if building it again would change nothing.
    """
    try:
        manifest = json.loads((job.target / MANIFEST).read_text(encoding="utf-8"))
        if manifest["inputs_sha256"] != job.inputs_sha256:
            return False
        return all(sha256(job.target / name) == stored["sha256"] for name, stored in manifest["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def write_manifest(job: Job, folder: Path, started: str, seconds: float) -> None:
    """Write down what a report was made from, and what it consists of.

    Args:
        job: the report.
        folder: folder with its finished files.
        started: when it was started, ISO 8601.
        seconds: time taken.
    """
    made = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    files = {name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for name, path in _outputs(folder)}
    manifest = {
        "set": job.name,
        "started": started,
        "seconds": round(seconds, 3),
        "seed": made.get("seed"),
        "draws": made.get("draws"),
        "revision": job.revision,
        "versions": versions(),
        "inputs_sha256": job.inputs_sha256,
        "inputs": dict(sorted(job.inputs.items())),
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _outputs(folder: Path) -> Iterable[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST:
            yield path.relative_to(folder).as_posix(), path
