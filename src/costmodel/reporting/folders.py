"""Folders of reports: replaced whole or not at all, and written by one build at a time."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: builds there are not kept apart.
    fcntl = None  # type: ignore[assignment]

NEW, PREVIOUS, FAILED = ".new", ".previous", ".failed"


class BuildBusyError(RuntimeError):
    """Another build is writing into the same folder."""


@contextlib.contextmanager
def locked(output: Path) -> Iterator[None]:
    """Hold the output folder for one build; the lock ends with the process, however that ends.

    Args:
        output: folder of reports; made if it does not exist.

    Raises:
        BuildBusyError: another build holds it.
    """
    output.mkdir(parents=True, exist_ok=True)
    lock = output / ".lock"
    if lock.is_symlink():
        lock.unlink()
    with lock.open("a") as handle:
        if fcntl is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                message = f"another build is writing into {output}; wait for it, or name another folder"
                raise BuildBusyError(message) from error
        yield


def remove(path: Path) -> None:
    """Remove a folder with all that is in it, a file, or a link but not what it leads to; nothing is no error.

    Args:
        path: what to remove.
    """
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path, ignore_errors=True)


def new_folder(target: Path) -> Path:
    """An empty folder beside the target, on the same file system, to be filled and then moved.

    Args:
        target: where the folder shall be in the end.

    Returns:
        The new folder.
    """
    folder = target.with_name(f".{target.name}{NEW}")
    remove(folder)
    folder.mkdir(parents=True)
    return folder


def replace(new: Path, target: Path) -> None:
    """Move a finished folder into place; the old one is kept until the new one stands.

    Args:
        new: the finished folder, beside the target.
        target: its place; may exist.

    Raises:
        OSError: the folder could not be moved; the old one is back in place.
    """
    previous = target.with_name(f".{target.name}{PREVIOUS}")
    remove(previous)
    # A link is put aside like a folder; what it leads to is nobody's report.
    if target.exists() or target.is_symlink():
        target.rename(previous)
    try:
        new.rename(target)
    except OSError:
        if previous.exists() or previous.is_symlink():
            previous.rename(target)
        raise
    remove(previous)


def recover(output: Path) -> None:
    """Undo what a build that was killed left behind: put old folders back, remove unfinished ones.

    Args:
        output: folder of reports, held by this process.
    """
    for previous in output.glob(f".*{PREVIOUS}"):
        target = output / previous.name.removeprefix(".").removesuffix(PREVIOUS)
        if target.exists():
            remove(previous)
        else:
            previous.rename(target)
    for new in output.glob(f".*{NEW}"):
        remove(new)
