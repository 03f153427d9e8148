"""Build again whenever something is saved, while somebody edits."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from costmodel.locations import notebooks_folder, params_folder

_PACKAGE = Path(__file__).resolve().parents[1]
_SUFFIXES = frozenset({".yaml", ".yml", ".csv", ".ipynb", ".py", ".j2", ".css"})
# Milliseconds: editors save in several steps; and the longest wait without a word.
_SETTLE, _PAUSE = 300, 500


def saved() -> Iterator[None]:
    """Yields once, and after each saving of a parameter, evidence or notebook file, until Ctrl-C.

    Nothing that is saved meanwhile is missed: it is told of at the next step. Where the package's own code is saved,
    the command starts anew: processes that have imported the old code are of no use any more.
    """
    import watchfiles

    def matters(_: watchfiles.Change, path: str) -> bool:
        return Path(path).suffix in _SUFFIXES and ".ipynb_checkpoints" not in Path(path).parts

    first, folders = True, {params_folder(), notebooks_folder(), _PACKAGE}
    for changes in watchfiles.watch(
        *folders,
        watch_filter=matters,
        debounce=_SETTLE,
        rust_timeout=_PAUSE,
        yield_on_timeout=True,
        raise_interrupt=False,
    ):
        if any(Path(path).is_relative_to(_PACKAGE) and Path(path).suffix == ".py" for _, path in changes):
            os.execv(sys.executable, [sys.executable, "-m", "costmodel", *sys.argv[1:]])  # noqa: S606
        if changes or first:
            first = False
            yield
