"""Folders of reports: replaced whole or not at all, and written by one build at a time."""

import ctypes
import os
import shutil
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from costmodel import disk

NEW, PREVIOUS, FAILED = ".new", ".previous", ".failed"
# renameat2(2): paths as from the working directory, and let them change places.
_HERE, _EXCHANGE = -100, 2

#: Another build is writing into the same folder.
BuildBusyError = disk.BusyError


def locked(output: Path) -> AbstractContextManager[None]:
    """Hold the output folder for one build; see `disk.locked`."""
    return disk.locked(output, "build")


def remove(path: Path) -> None:
    """Remove a folder with all that is in it, a file, or a link but not what it leads to; nothing is no error.

    Args:
        path: what to remove.
    """
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path, ignore_errors=True)


def reports(output: Path, file: str) -> list[Path]:
    """That file of every report of a folder that has it, by name; what is unfinished, or failed, is no report.

    Args:
        output: folder of reports.
        file: name of a file that a report has.
    """
    return [path for path in sorted(output.glob(f"*/{file}")) if not path.parent.name.startswith(".")]


def place_of_new(target: Path) -> Path:
    """Where a folder is filled before it is moved: beside the target, on the same file system.

    Args:
        target: where the folder shall be in the end.
    """
    return target.with_name(f".{target.name}{NEW}")


def new_folder(target: Path) -> Path:
    """An empty folder beside the target, to be filled and then moved.

    Args:
        target: where the folder shall be in the end.

    Returns:
        The new folder.

    Raises:
        OSError: it cannot be made.
    """
    folder = place_of_new(target)
    remove(folder)
    folder.mkdir(parents=True)
    return folder


def replace(new: Path, target: Path) -> None:
    """Move a finished folder into place.

    On Linux old and new change places in one step, so that there is no moment without a report. Elsewhere the old one
    stands under another name for the moment between two steps; `recover` puts it back if the process ends there.

    Args:
        new: the finished folder, beside the target.
        target: its place; may exist.

    Raises:
        OSError: the folder could not be moved; the old one is in place.
    """
    _write_through(new)
    # A link changes places, or is put aside, like a folder; what it leads to is nobody's report.
    there = target.exists() or target.is_symlink()
    previous = target.with_name(f".{target.name}{PREVIOUS}")
    remove(previous)
    if there and _exchanged(new, target):
        remove(new)
        return
    if there:
        target.rename(previous)
    try:
        new.rename(target)
    except BaseException:
        if (previous.exists() or previous.is_symlink()) and not target.exists():
            previous.rename(target)
        raise
    remove(previous)


def _write_through(folder: Path) -> None:
    """See that all is on the disk before it is moved: after a loss of power, a report is the old or the new."""
    for path in (*folder.rglob("*"), folder):
        disk.synced(path)


def _exchanged(one: Path, other: Path) -> bool:
    """Let two paths change places in one step; False where the system or the file system cannot."""
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    # C libraries of before 2018 lack it.
    if not hasattr(library, "renameat2"):
        return False
    return bool(library.renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


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
    for pattern in (f".*{NEW}", ".*.tmp"):
        for new in output.glob(pattern):
            remove(new)
