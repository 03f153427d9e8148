"""What is to be built and why: what each report would be made from, against what it was made from."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from costmodel.errors import ParameterError, Problem
from costmodel.locations import evidence_folder, notebooks_folder, params_folder, set_file, set_names, shown
from costmodel.reporting.manifest import Job, Manifest, sha256, versions

if TYPE_CHECKING:
    from costmodel.parameters import ParameterSet
    from costmodel.reporting.content import Contents

_IGNORED = {"__pycache__", ".ipynb_checkpoints"}
_NOTEBOOK = "notebooks/report.ipynb"
# Names in a reason, before the others are only counted.
_NAMED = 3


@dataclass(frozen=True)
class Settings:
    """How reports are run; all that is not an input of a set.

    Attributes:
        draws: number of draws instead of each set's own; None keeps that.
        timeout: seconds that one notebook cell may take.
        memory: bytes that a kernel may take; None for the machine's memory over the number of jobs.
        fork: whether kernels may be forks of a process in which everything is imported.
    """

    draws: int | None = None
    timeout: float = 900.0
    memory: int | None = None
    fork: bool = True


@dataclass(frozen=True)
class Planned:
    """What is to become of one set.

    Attributes:
        name: name of the set.
        status: `current`, `stale` (to be built) or `invalid`.
        reasons: why, in words.
        job: how to build it, where it is stale.
    """

    name: str
    status: Literal["current", "stale", "invalid"]
    reasons: tuple[str, ...] = ()
    job: Job | None = None


class Planner:
    """Finds out what is stale. Files that are as they were need no reading beyond their hash."""

    def __init__(self, output: Path, settings: Settings, *, holds: bool = False) -> None:
        """Look at what all reports share.

        Args:
            output: folder of reports.
            settings: how they are run.
            holds: whether this process holds the folder, and so may write into it.
        """
        self._output, self._settings, self._holds = output, settings, holds
        package = Path(__file__).resolve().parents[1]
        files = _tree(package, "costmodel") | {_NOTEBOOK: notebooks_folder() / "report.ipynb"}
        #: sha256 of the package's code and templates, and of the notebook, by name.
        self.code = {name: sha256(path) for name, path in files.items()}
        #: Versions of Python and packages.
        self.versions = versions()

    @cached_property
    def _contents(self) -> "Contents":
        from costmodel.reporting.content import Contents

        return Contents()

    @cached_property
    def _revision(self) -> str | None:
        from costmodel.record import revision

        return revision()

    def of(self, name: str, item: str | Path, *, force: bool = False) -> Planned:
        """What is to become of a set.

        Args:
            name: its name.
            item: its name or file.
            force: build it also where nothing has changed.
        """
        before = Manifest.read(self._output / name)
        try:
            file = set_file(item)
            if file is None:
                raise FileNotFoundError(f"there is no parameter set `{item}`; known: {', '.join(set_names())}")
            if before and not force and self._untouched(before, file):
                return Planned(name, "current")
            job = self._job(file)
        except (ParameterError, OSError) as error:
            return Planned(name, "invalid", tuple(str(error).splitlines()))
        if force:
            return Planned(name, "stale", ("asked for",), job)
        reasons = self._reasons(before, job)
        if reasons or before is None:
            return Planned(name, "stale", reasons or ("not built yet",), job)
        # The files say the same in other words. The manifest takes over their hashes, so that this is known at once.
        if self._holds:
            before.restate(job.files)
        return Planned(name, "current")

    def _untouched(self, before: Manifest, file: Path) -> bool:
        """Whether every file that the report was made from, and of it, is byte for byte as it was."""
        shared = self.code, self.versions, self._settings.draws
        if (before.code, before.versions, before.draws_asked) != shared or before.changed_files():
            return False
        try:
            return all(sha256(_input(name, file)) == stored for name, stored in before.files_read.items())
        except OSError:
            return False

    def _reasons(self, before: Manifest | None, job: Job) -> tuple[str, ...]:
        """In words, what differs from what the report was made from."""
        if before is None:
            return ()
        draws = [] if before.draws_asked == self._settings.draws else ["another number of draws is asked for"]
        return (
            *_named("changed", before.contents, job.contents),
            *_named("code", before.code, self.code),
            *_named("versions", before.versions, self.versions),
            *draws,
            *_listed("its own files were changed or are missing", before.changed_files()),
        )

    def _job(self, file: Path) -> Job:
        """The job that builds the report of a set.

        Raises:
            ParameterError: the set is not valid; lists every problem with file and line.
        """
        case = self._contents.case(file)
        if case.name != file.stem:
            raise ParameterError([Problem("name", f"must be `{file.stem}`, as the file is called", str(file))])
        own, draws = stated(file), self._settings.draws
        contents = self._contents.of(case, own)
        # Named in full, since a notebook has no file name to fall back to.
        parameters = {**own, "name": case.name, "run": {"draws": draws or case.draws, "seed": case.seed}}
        if case.parent is not None:
            parameters["extends"] = _parent(case.parent, _params(file))
        everything = {"contents": contents, "code": self.code, "versions": self.versions, "draws": draws}
        return Job(
            name=case.name,
            parameters=parameters,
            params=_params(file),
            notebook=notebooks_folder() / "report.ipynb",
            target=self._output / case.name,
            contents=contents,
            files=_files_read(case, file),
            code=self.code,
            inputs_sha256=hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest(),
            revision=self._revision,
            timeout=self._settings.timeout,
            memory=self._settings.memory,
            fork=self._settings.fork,
            draws_asked=draws,
        )


def distinct(sets: Iterable[str | Path]) -> dict[str, str | Path]:
    """The sets by name; a set that is named twice is built once.

    Args:
        sets: names or files of sets.

    Raises:
        ValueError: two different sets have the same name.
    """
    found: dict[str, str | Path] = {}
    # Some file systems take names that differ only in capitals for one.
    folded: dict[str, str | Path] = {}
    for item in sets:
        path = Path(item)
        name = path.stem if path.suffix in {".yaml", ".yml"} else str(item)
        first = folded.setdefault(name.casefold(), item)
        if first != item and set_file(first) != set_file(item):
            raise ValueError(f"two sets are called `{name}`: {first} and {item}; build them into different folders")
        found.setdefault(name, item)
    return found


def stated(file: Path) -> dict[str, Any]:
    """The top-level keys of a set file as plain values, read by costmodel's own YAML 1.2 reader.

    Args:
        file: a valid set file.

    Returns:
        Values by name, fit to be papermill parameters.
    """
    from costmodel.parameters.documents import read
    from costmodel.parameters.schema import SetFile

    # Under the name by which `load` reads it, so that it is parsed once.
    document = read(file, shown(file)).plain()
    # papermill writes names into code as they stand: only the known ones may pass, whatever else was checked.
    return {name: document[name] for name in SetFile.model_fields if name in document}


def _tree(folder: Path, prefix: str) -> dict[str, Path]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    named = {path.relative_to(folder): path for path in files}
    return {
        f"{prefix}/{relative.as_posix()}": path
        for relative, path in named.items()
        if not _IGNORED & set(relative.parts) and path.suffix != ".pyc"
    }


def _files_read(case: "ParameterSet", file: Path) -> dict[str, str]:
    """sha256 of the files that a set was read from, by a name under which `_input` finds them."""
    own = file.resolve().parent
    found = {}
    for path in case.files:
        inside = path.resolve().parent in (own, params_folder().resolve())
        found[f"params/{path.name}" if inside else str(path.resolve())] = sha256(path)
    sources = evidence_folder() / "sources.csv"
    return {**found, **({"params/evidence/sources.csv": sha256(sources)} if sources.is_file() else {})}


def _input(name: str, file: Path) -> Path:
    """The file of an input of a set: beside the set's own file, or in `params/`."""
    below = Path(name).relative_to("params") if name.startswith("params/") else Path(name)
    beside = file.resolve().parent / below
    return beside if beside.is_file() else params_folder() / below


def _named(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Names whose hash or version differs."""
    return _listed(what, [name for name in {**after, **before} if before.get(name) != after.get(name)])


def _listed(what: str, names: list[str]) -> list[str]:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return [f"{what}: {', '.join(names[:_NAMED])}{more}"] if names else []


def _params(file: Path) -> Path:
    """The folder where the notebook, which knows no file, looks for what the set extends."""
    own = file.resolve().parent
    return own if (own / "baseline.yaml").is_file() else params_folder().resolve()


def _parent(parent: Path, params: Path) -> str:
    """How the notebook finds a parent: by name where it looks for names, else by path."""
    named = params / f"{parent.stem}.yaml"
    return parent.stem if named.is_file() and named.samefile(parent) else str(parent.resolve())
