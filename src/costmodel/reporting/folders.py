"""Folders of reports: replaced whole or not at all, and written by one build at a time."""

import shutil
from contextlib import AbstractContextManager
from pathlib import Path

from costmodel import locks

NEW, PREVIOUS, FAILED = ".new", ".previous", ".failed"


#: Another build is writing into the same folder.
BuildBusyError = locks.BusyError


def locked(output: Path) -> AbstractContextManager[None]:
    """Hold the output folder for one build; see `locks.locked`."""
    return locks.locked(output, "build")


def new_folder(target: Path) -> Path:
    """An empty folder beside the target, on the same file system, to be filled and then moved.

    Args:
        target: where the folder shall be in the end.

    Returns:
        The new folder.
    """
    folder = target.with_name(f".{target.name}{NEW}")
    shutil.rmtree(folder, ignore_errors=True)
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
    shutil.rmtree(previous, ignore_errors=True)
    if target.exists():
        target.rename(previous)
    try:
        new.rename(target)
    except OSError:
        if previous.exists():
            previous.rename(target)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def recover(output: Path) -> None:
    """Undo what a build that was killed left behind: put old folders back, remove unfinished ones.

    Args:
        output: folder of reports, held by this process.
    """
    for previous in output.glob(f".*{PREVIOUS}"):
        target = output / previous.name.removeprefix(".").removesuffix(PREVIOUS)
        if target.exists():
            shutil.rmtree(previous, ignore_errors=True)
        else:
            previous.rename(target)
    for new in output.glob(f".*{NEW}"):
        shutil.rmtree(new, ignore_errors=True)
