"""Parameter files of a git revision, taken without touching the working tree or the index."""

import os
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path, PurePosixPath

from costmodel.errors import ParameterError, Problem, nearest
from costmodel.locations import params_folder

#: Where the package's own files are in its repository.
PACKAGE = "src/costmodel"
_PARAMS = "params"
_PATIENCE = 120.0


class GitError(Exception):
    """What git said when it would not."""


def _git(*words: str) -> bytes:
    """What git prints, asked in the working folder; nothing is written, not even what it knows of files' dates."""
    quiet = os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(["git", *words], capture_output=True, check=False, timeout=_PATIENCE, env=quiet)  # noqa: S603, S607
    except FileNotFoundError:
        raise GitError("git is not installed here") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git gave no answer within {_PATIENCE:.0f} s") from None
    if done.returncode:
        raise GitError((done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"])[0])
    return done.stdout


def _line(*words: str) -> str:
    return _git(*words).decode(errors="replace").strip()


def commit(word: str) -> str | None:
    """The full name of the commit that a word names; None where it names none.

    Raises:
        GitError: no git here, or no repository.
    """
    _line("rev-parse", "--show-toplevel")
    try:
        return _line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{word}^{{commit}}")
    except GitError:
        return None


def unknown(word: str, name: str) -> ParameterError:
    """What is wrong with a word that is neither a folder of sets or reports nor a revision, and what would be right."""
    what = f"`{word}` is neither a folder of parameter files, nor one of reports, nor a revision"
    try:
        _line("rev-parse", "--show-toplevel")
        known = _line("for-each-ref", "--format=%(refname:short)").splitlines()
        short = _line("rev-parse", "--is-shallow-repository") == "true"
    except GitError as error:
        return ParameterError([Problem("", f"{what} ({error})", name)])
    hint = "; the history here is cut short: `git fetch --unshallow` brings the rest" if short else ""
    return ParameterError([Problem("", f"{what} of this repository; {nearest(word, ['HEAD', *known])}{hint}", name)])


def parameters_path() -> PurePosixPath:
    """Where the folder of parameter files is in the repository that holds the working folder."""
    top = Path(_line("rev-parse", "--show-toplevel")).resolve()
    try:
        return PurePosixPath(params_folder().resolve().relative_to(top).as_posix())
    except (FileNotFoundError, ValueError):
        return PurePosixPath(_PARAMS)


def extract(revision: str, into: Path) -> Path:
    """Write the parameter files of a revision into a folder.

    Args:
        revision: full name of a commit.
        into: an empty folder.

    Returns:
        The folder of the files, below `into` where it is in the repository.

    Raises:
        GitError: the revision has no such folder.
    """
    path = parameters_path()
    try:
        packed = _git("archive", "--format=tar", f"{revision}:{path}")
    except GitError:
        raise GitError(f"revision {revision[:12]} has no folder `{path}` of parameter files") from None
    folder = into / path
    folder.mkdir(parents=True)
    try:
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise GitError(f"the files of revision {revision[:12]} cannot be written out: {error}") from None
    return folder


def changed_code(before: str, after: str) -> tuple[str, ...]:
    """Files of the package that differ between two revisions."""
    try:
        found = _git(
            "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", before, after, "--", f":(top){PACKAGE}"
        )
    except GitError:
        return ()
    return tuple(name for name in found.decode(errors="replace").split("\0") if name)
