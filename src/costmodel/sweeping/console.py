"""A sweep in the terminal: what it will take, and how far it is."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from costmodel.sweeping.run import Prospect, Swept


class Bar:
    """Says on the error stream what a sweep is going to take, and shows a bar where there is a terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
        quiet = not self._console.is_terminal
        self._progress = Progress(*columns, console=self._console, transient=True, disable=quiet)
        self._task = self._progress.add_task("blocks", total=None)
        self._told = False

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def __call__(self, found: Swept) -> None:
        if not self._told:
            self._console.print(Text(said(found.prospect)), soft_wrap=True)
            self._told = True
        speed = f"blocks, {found.cells / found.seconds:,.0f} cells/s" if found.seconds and found.cells else "blocks"
        total = len(found.prospect.missing)
        self._progress.update(self._task, total=total, completed=found.computed, description=speed)


def said(prospect: Prospect) -> str:
    """What a sweep is going to take, in a line."""
    data = prospect.dataset
    done = data.count() - len(prospect.missing)
    line = f"{data.planned.cells:,} cells in {data.count():,} blocks"
    if done:
        line += f", {done:,} of which are done"
    if prospect.seconds is not None and prospect.bytes is not None:
        line += f"; about {_time(prospect.seconds)} of one core and {prospect.bytes / 1e6:,.1f} MB"
    return f"{line}: {data.folder}"


def _time(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds < 3600 else f"{seconds / 3600:,.1f} h"
