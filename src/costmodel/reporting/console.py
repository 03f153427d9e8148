"""A build in the terminal: a progress bar, one line for each set, and what failed."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from costmodel.errors import visible
from costmodel.locations import shown
from costmodel.reporting.manifest import SetResult, Summary
from costmodel.reporting.planning import Planned
from costmodel.reporting.run import Event, Listener

if TYPE_CHECKING:
    from costmodel.reporting.verification import Verified

#: How each status is said, and shown.
_WORDS = {
    "built": ("built", "green"),
    "current": ("up to date", "dim"),
    "failed": ("failed", "bold red"),
    "stale": ("stale", "yellow"),
    "invalid": ("not valid", "bold red"),
    "identical": ("identical", "green"),
    "differs": ("differs", "bold red"),
}
_INDENT = " " * 12


class Terminal:
    """Where a build says what happens: the error stream, so that standard output is free for results."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._running: dict[str, str] = {}

    def __enter__(self) -> Listener:
        """Show a bar; where there is no terminal (CI) there are lines alone."""
        columns = (SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(
            *columns,
            TextColumn("{task.description}", markup=False),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._progress.start()
        return self.on_event

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()
        self._progress, self._task, self._running = None, None, {}

    def on_event(self, event: Event) -> None:
        """Show an event."""
        assert self._progress is not None
        if event.kind == "planned":
            self._task = self._progress.add_task("", total=event.total)
        elif event.kind == "started":
            self._running[event.name] = visible(event.name)
        elif event.kind == "cell" and event.cell is not None:
            self._running[event.name] = f"{visible(event.name)} (cell {event.cell[0]} of {event.cell[1]})"
        elif event.kind == "finished" and event.result is not None:
            self._running.pop(event.name, None)
            self.result(event.result)
        if self._task is not None:
            self._progress.update(self._task, completed=event.done, description=", ".join(self._running.values()))

    def result(self, result: SetResult) -> None:
        """One line for a set; more where it failed."""
        line = self._line(result.status, result.name)
        if result.status == "built":
            line.append(f"  {result.seconds:.1f} s", style="dim")
        if result.cell:
            line.append(f"  in {visible(result.cell)}")
        self._print(line)
        for part in (result.error or "").splitlines():
            self._print(Text(f"{_INDENT}{visible(part)}"))
        if result.notebook is not None:
            self._print(Text(f"{_INDENT}the notebook, as far as it ran: {shown(result.notebook)}", "dim"))

    def each(self, items: Sequence["Planned | Verified"]) -> None:
        """One line for each set, with why; further reasons below it."""
        for item in items:
            first, *others = item.reasons or ("",)
            self._print(self._line(item.status, item.name).append(f"  {visible(first)}"))
            for reason in others:
                self._print(Text(f"{_INDENT}{visible(reason)}"))
        self.say(_counts(item.status for item in items) or "no sets")

    def conclude(self, summary: Summary) -> None:
        """What became of the build."""
        counts = _counts(result.status for result in summary.results)
        self.say(f"{counts or 'nothing to build'} in {summary.seconds:.1f} s: {shown(summary.index)}")
        if summary.interrupted:
            missing = summary.wanted - len(summary.results)
            self.wrong(
                f"interrupted: {missing} of {summary.wanted} sets not reached; the same command goes on with them"
            )

    def say(self, text: str) -> None:
        """A line."""
        self._print(Text(text))

    def wrong(self, text: str) -> None:
        """A line about what went wrong."""
        self._print(Text(text, "bold red"))

    def _line(self, status: str, name: str) -> Text:
        # Names and messages are a user's text: as `Text`, so that square brackets in them are no markup, and with what
        # would be hidden, or move the cursor, shown.
        words, style = _WORDS[status]
        return Text.assemble((f"{words:>10}", style), f"  {visible(name)}")

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


def _counts(statuses: Iterable[str]) -> str:
    found = list(statuses)
    return ", ".join(f"{found.count(status)} {words}" for status, (words, _) in _WORDS.items() if status in found)


def summary_json(summary: Summary) -> dict[str, Any]:
    """What became of a build, for programs.

    Args:
        summary: the build.
    """
    return {
        "output": str(summary.output),
        "seconds": summary.seconds,
        "interrupted": summary.interrupted,
        "sets": {
            one.name: {
                "status": one.status,
                "seconds": one.seconds,
                "cell": one.cell,
                "error": one.error,
                "notebook": None if one.notebook is None else str(one.notebook),
            }
            for one in summary.results
        },
    }


def plan_json(items: Iterable[Planned]) -> dict[str, Any]:
    """What a build would do, for programs.

    Args:
        items: one for each set.
    """
    return {"sets": {item.name: {"status": item.status, "reasons": list(item.reasons)} for item in items}}
