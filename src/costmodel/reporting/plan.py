"""What is to be built: the inputs of each report and their hashes."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costmodel.errors import ParameterError, Problem
from costmodel.locations import evidence_folder, notebooks_folder, params_folder
from costmodel.parameters import load
from costmodel.parameters.documents import read
from costmodel.parameters.schema import SetFile
from costmodel.record import revision
from costmodel.reporting.manifest import Job, sha256, versions

_IGNORED = {"__pycache__", ".ipynb_checkpoints"}


@dataclass(frozen=True)
class Surroundings:
    """What all reports of a build share.

    Attributes:
        inputs: sha256 by name of evidence, notebook, and the package's code and templates.
        versions: versions of Python and packages.
        revision: revision of the checkout, or None.
    """

    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    revision: str | None


def _tree(folder: Path, prefix: str) -> dict[str, Path]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    named = {path.relative_to(folder): path for path in files}
    return {
        f"{prefix}/{relative.as_posix()}": path
        for relative, path in named.items()
        if not _IGNORED & set(relative.parts) and path.suffix != ".pyc"
    }


def surroundings() -> Surroundings:
    """What every report depends on, as it is now.

    Returns:
        The hashes, versions and revision.
    """
    package = Path(__file__).resolve().parents[1]
    files = _tree(package, "costmodel") | {"notebooks/report.ipynb": notebooks_folder() / "report.ipynb"}
    if evidence_folder().is_dir():
        files |= _tree(evidence_folder(), "params/evidence")
    return Surroundings({name: sha256(path) for name, path in files.items()}, versions(), revision())


def stated(file: Path) -> dict[str, Any]:
    """The top-level keys of a set file as plain values, read by costmodel's own YAML 1.2 reader.

    Args:
        file: a valid set file.

    Returns:
        Values by name, fit to be papermill parameters.
    """
    document = read(file, str(file)).plain()
    # papermill writes names into code as they stand: only the known ones may pass, whatever else was checked.
    return {name: document[name] for name in SetFile.model_fields if name in document}


def prepare(file: Path, output: Path, common: Surroundings, *, draws: int | None, timeout: float) -> Job:
    """The job that builds the report of one set.

    Args:
        file: the set file.
        output: folder of reports.
        common: what all reports share.
        draws: number of draws instead of the set's own; None keeps that.
        timeout: seconds that one cell may take.

    Returns:
        The job.

    Raises:
        ParameterError: the set is not valid; lists every problem with file and line.
    """
    case = load(file)
    if case.name != file.stem:
        raise ParameterError([Problem("name", f"must be `{file.stem}`, as the file is called", str(file))])
    # Named in full, since a notebook has no file name to fall back to.
    parameters = {**stated(file), "name": case.name, "run": {"draws": draws or case.draws, "seed": case.seed}}
    if case.parent is not None:
        parameters["extends"] = _parent(case.parent, _params(file))
    inputs = {**common.inputs, **{f"params/{path.name}": sha256(path) for path in case.files}}
    everything = {"inputs": inputs, "versions": dict(common.versions), "draws": draws}
    digest = hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()
    return Job(
        name=case.name,
        parameters=parameters,
        params=_params(file),
        notebook=notebooks_folder() / "report.ipynb",
        target=output / case.name,
        inputs=inputs,
        inputs_sha256=digest,
        revision=common.revision,
        timeout=timeout,
    )


def _params(file: Path) -> Path:
    """The folder where the notebook, which knows no file, looks for what the set extends."""
    own = file.resolve().parent
    return own if (own / "baseline.yaml").is_file() else params_folder().resolve()


def _parent(parent: Path, params: Path) -> str:
    """How the notebook finds a parent: by name where it looks for names, else by path."""
    named = params / f"{parent.stem}.yaml"
    return parent.stem if named.is_file() and named.samefile(parent) else str(parent.resolve())


def default_jobs() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
