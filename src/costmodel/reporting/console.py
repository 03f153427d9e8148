"""A build in the terminal: a progress bar, one line for each set, and what failed."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from costmodel.locations import shown
from costmodel.reporting.folders import BuildBusyError
from costmodel.reporting.manifest import SetResult, Summary
from costmodel.reporting.run import Event, build

_STYLES = {"built": "green", "current": "dim", "failed": "bold red"}
_WORDS = {"built": "built", "current": "up to date", "failed": "failed"}


class _Bar:
    """Turns events into lines and a bar; where there is no terminal (CI) into lines alone."""

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console, self._progress = console, progress
        self._task: TaskID | None = None
        self._running: list[str] = []

    def __call__(self, event: Event) -> None:
        if event.kind == "planned":
            self._task = self._progress.add_task("", total=event.total)
        elif event.kind == "started":
            self._running.append(event.name)
        elif event.kind == "finished" and event.result is not None:
            if event.name in self._running:
                self._running.remove(event.name)
            _say(self._console, event.result)
        if self._task is not None:
            self._progress.update(self._task, completed=event.done, description=", ".join(self._running))


def _say(console: Console, result: SetResult) -> None:
    # Names and messages are a user's text: as `Text`, so that square brackets in them are no markup.
    line = Text.assemble((f"{_WORDS[result.status]:>10}", _STYLES[result.status]), f"  {result.name}")
    if result.status == "built":
        line.append(f"  {result.seconds:.1f} s", style="dim")
    if result.cell:
        line.append(f"  in {result.cell}")
    console.print(line, soft_wrap=True)
    for part in (result.error or "").splitlines():
        console.print(Text(f"            {part}"), soft_wrap=True)
    if result.notebook is not None:
        console.print(
            Text(f"            the notebook, as far as it ran: {shown(result.notebook)}", "dim"), soft_wrap=True
        )


def _conclude(console: Console, summary: Summary) -> None:
    counts = [f"{len(summary.having(status))} {words}" for status, words in _WORDS.items() if summary.having(status)]
    console.print(Text(f"{', '.join(counts) or 'nothing to build'} in {summary.seconds:.1f} s: {shown(summary.index)}"))


def run_build(
    sets: Sequence[str | Path],
    output: Path,
    jobs: int | None = None,
    *,
    force: bool = False,
    draws: int | None = None,
) -> bool:
    """Build reports, and say on the error stream what happens.

    Args:
        sets: names or files of parameter sets; none means all.
        output: folder of reports.
        jobs: reports to build at the same time; None takes the number of cores.
        force: build also what is up to date.
        draws: number of draws instead of each set's own.

    Returns:
        Whether all went well.
    """
    console = Console(stderr=True, highlight=False)
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    try:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            on_event = _Bar(console, progress)
            summary = build(sets or None, output, jobs=jobs, force=force, draws=draws, on_event=on_event)
    except (BuildBusyError, ValueError, OSError) as error:
        console.print(Text(str(error), "bold red"), soft_wrap=True)
        return False
    _conclude(console, summary)
    return summary.ok
