"""Folders that one process at a time writes into, and files that are there whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: there, two processes in one folder are not kept apart.
    fcntl = None  # type: ignore[assignment]


class BusyError(RuntimeError):
    """Another process is writing into the same folder."""


@contextlib.contextmanager
def locked(folder: Path, what: str) -> Iterator[None]:
    """Hold a folder; the lock ends with the process, however that ends.

    Args:
        folder: made if it does not exist.
        what: what else may be writing there, for the message, such as `build`.

    Raises:
        BusyError: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / ".lock"
    # A link of that name, perhaps a stranger's, would be written through.
    if lock.is_symlink():
        lock.unlink()
    with lock.open("a") as handle:
        if fcntl is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                message = f"another {what} is writing into {folder}; wait for it, or name another folder"
                raise BusyError(message) from error
        yield


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all; the one that was there stays till then.

    Args:
        path: the file.
        content: all of it.

    Raises:
        OSError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)  # a link of that name would be written through
    try:
        temporary.write_bytes(content)
        synced(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    synced(path.parent)


def synced(path: Path) -> None:
    """Wait until a file's content, or a folder's names, are on the disk.

    Args:
        path: the file or folder.
    """
    # Windows opens no folders.
    if path.is_file() or os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
