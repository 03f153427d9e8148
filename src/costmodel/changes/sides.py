"""What stands on one side of a comparison: the sets of a git revision, of a folder, or the reports of a folder."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from costmodel.changes import revisions
from costmodel.changes.inputs import inputs
from costmodel.changes.reports import read_reports
from costmodel.changes.revisions import GitError
from costmodel.changes.states import SetState
from costmodel.errors import ParameterError, Problem
from costmodel.locations import elsewhere, shown
from costmodel.parameters import load
from costmodel.parameters.sources import Source, known_sources
from costmodel.record import inputs_hash
from costmodel.reporting.manifest import sha256

REVISION, PARAMETERS, REPORTS = "revision", "parameters", "reports"
# Generated, and so no change of its own.
_GENERATED = "schema.json"


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes:
        word: as it was asked for.
        kind: `revision`, `parameters` or `reports`.
        sets: what it holds, by name.
        commit: full name of the commit; None where it is no revision.
        others: hash of each other file that sets rest on, by name in the folder, such as `evidence/sources.csv`.
        sources: sources that sets may cite, by id.
        names: names of all its sets, of those too that are not wanted.
    """

    word: str
    kind: str
    sets: Mapping[str, SetState]
    commit: str | None = None
    others: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    names: tuple[str, ...] = ()


@contextmanager
def side(word: str, name: str, only: Sequence[str] = ()) -> Iterator[Side]:
    """Find out what a word names, and read the sets there.

    A folder that holds sets or reports is one; anything else must be a revision of the repository here.

    Args:
        word: folder or git revision.
        name: what the word is called in messages: BASE or HEAD.
        only: names of the sets that are wanted; all by default.

    Raises:
        ParameterError: it is neither.
    """
    folder = Path(word)
    if is_reports(folder):
        found = {state.name: state for state in read_reports(folder)}
        wanted = {name: state for name, state in found.items() if not only or name in only}
        yield Side(word, REPORTS, wanted, names=tuple(found))
    elif is_parameters(folder):
        yield _parameters(word, folder, folder.resolve().parent, only)
    else:
        with TemporaryDirectory(prefix="costmodel-") as scratch:
            try:
                commit = revisions.commit(word)
                if commit is None:
                    raise _refused(word, folder, name)
                extracted = revisions.extract(commit, Path(scratch))
            except GitError as error:
                raise ParameterError([Problem("", f"`{word}`: {error}", name)]) from None
            if not is_parameters(extracted):
                message = f"revision {commit[:12]} has no parameter files in {revisions.parameters_path()}/"
                raise ParameterError([Problem("", message, name)])
            yield _parameters(word, extracted, Path(scratch), only, commit)


def _refused(word: str, folder: Path, name: str) -> ParameterError:
    if not folder.is_dir():
        return revisions.unknown(word, name)
    inside = [folder / each for each in ("params", "reports") if (folder / each).is_dir()]
    meant = f"; did you mean `{inside[0]}`?" if inside else ""
    message = f"the folder `{word}` holds neither parameter files (NAME.yaml) nor reports (NAME/results.json)"
    return ParameterError([Problem("", message + meant, name)])


def is_parameters(folder: Path) -> bool:
    """Whether a folder holds parameter files."""
    return folder.is_dir() and any(folder.glob("*.yaml"))


def is_reports(folder: Path) -> bool:
    """Whether a folder holds built reports, or what failed builds left."""
    return folder.is_dir() and any(True for pattern in ("*/results.json", ".failed/*") for _ in folder.glob(pattern))


def _parameters(word: str, folder: Path, root: Path, only: Sequence[str], commit: str | None = None) -> Side:
    """Sets of a folder: those that they extend, and the sources that they cite, are taken from there too."""
    with elsewhere(folder, root):
        files = sorted(folder.glob("*.yaml"))
        found = {path.stem: _state(path, folder) for path in files if not only or path.stem in only}
        cited = known_sources()
    others = {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != _GENERATED and not (path.parent == folder and path.suffix == ".yaml")
    }
    return Side(
        word,
        PARAMETERS if commit is None else REVISION,
        found,
        commit,
        others,
        cited,
        tuple(path.stem for path in files),
    )


def _state(path: Path, folder: Path) -> SetState:
    try:
        case = load(path)
    except ParameterError as error:
        return SetState(path.stem, path.stem, problems=error.problems)
    except OSError as error:
        return SetState(path.stem, path.stem, problems=(Problem("", f"cannot be read: {error.strerror}", shown(path)),))
    inside = [file.resolve() for file in case.files]
    names = tuple(file.name if file.parent == folder.resolve() else shown(file) for file in inside)
    return SetState(path.stem, case.title, inputs_sha256=inputs_hash(case), inputs=inputs(case), case=case, files=names)
