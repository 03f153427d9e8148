"""Commands that build reports."""

import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costmodel.cli.common import FAILED, CheckFormat, SetNames, app, print_json
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.limits import MAX_DRAWS, MAX_WORKERS
from costmodel.locations import set_file, set_names

if TYPE_CHECKING:
    from costmodel.reporting.manifest import Summary
    from costmodel.reporting.planning import Settings

Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="PATTERN", help="Only sets of such names, as h20*; may be repeated."),
]
Output = Annotated[Path, typer.Option(help="Folder of the reports.", metavar="FOLDER")]
Jobs = Annotated[
    int | None, typer.Option(min=1, max=MAX_WORKERS, help="Reports built at a time; by default one per core.")
]
Timeout = Annotated[float, typer.Option(min=1, metavar="SECONDS", help="Time that one notebook cell may take.")]
Memory = Annotated[
    float | None,
    typer.Option(
        min=0.25, metavar="GB", help="Memory that one report may take; by default the machine's over the jobs."
    ),
]
Plain = Annotated[bool, typer.Option("--plain-kernels", help="Start every kernel afresh, as papermill does.")]
Form = Annotated[CheckFormat, typer.Option("--format", help="How the result is printed.")]


@app.command()
def build(
    sets: SetNames = None,
    only: Only = None,
    jobs: Jobs = None,
    output: Output = Path("reports"),
    draws: Annotated[
        int | None, typer.Option(min=1, max=MAX_DRAWS, help="Draws of every set, instead of its own.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Build also what has not changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be built, and why.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and build whenever a file is saved.")] = False,
    timeout: Timeout = 900.0,
    memory: Memory = None,
    plain: Plain = False,
    form: Form = CheckFormat.text,
) -> None:
    """Build the reports of parameter sets that have changed, and the index page."""
    from costmodel.reporting.planning import Settings

    bytes_each = None if memory is None else int(memory * 1e9)
    settings = Settings(draws, timeout, bytes_each, fork=not plain)
    command = _Build(sets or [], only or [], output, jobs, settings, as_json=form is CheckFormat.json)
    if dry_run:
        fine = command.plan(force=force)
    elif watch:
        fine = command.watch(force=force)
    else:
        summary = command.run(force=force)
        fine = summary is not None and summary.ok
    if not fine:
        raise typer.Exit(FAILED)


@app.command()
def verify(
    reports: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Folder of the reports.")] = Path("reports"),
    only: Only = None,
    jobs: Jobs = None,
    timeout: Timeout = 900.0,
    plain: Plain = False,
    form: Form = CheckFormat.text,
) -> None:
    """Build reports again into a scratch folder, and say whether every number, table and figure is the same."""
    from costmodel.reporting.console import Terminal
    from costmodel.reporting.planning import Settings
    from costmodel.reporting.verification import reported, verify

    names = _like(reported(reports), only or [])
    terminal = Terminal()
    with terminal as told:
        found = verify(reports, names, jobs=jobs, settings=Settings(None, timeout, fork=not plain), on_event=told)
    if form is CheckFormat.json:
        print_json({"sets": {one.name: {"status": one.status, "reasons": list(one.reasons)} for one in found}})
    else:
        terminal.each(found)
    if any(one.status != "identical" for one in found):
        raise typer.Exit(FAILED)


def _like(names: list[str], patterns: list[str]) -> list[str]:
    """Of some sets those whose name fits a pattern; all where there is none."""
    found = [name for name in names if any(fnmatchcase(Path(name).stem, pattern) for pattern in patterns or "*")]
    if patterns and not found:
        raise ParameterError([Problem("", f"no set has a name like {' or '.join(patterns)}", "--only")])
    return found


@dataclass(frozen=True)
class _Build:
    """What the command line asks for."""

    sets: list[str]
    only: list[str]
    output: Path
    jobs: int | None
    settings: "Settings"
    as_json: bool

    def chosen(self) -> list[str]:
        """The sets that are named, or all; of these, those that a pattern names."""
        known = set_names()
        for name in self.sets:
            if set_file(name) is None:
                raise ParameterError(
                    [Problem("", f"there is no parameter set `{name}`; {nearest(name, known)}", "SET")]
                )
        return _like(self.sets or known, self.only)

    def plan(self, *, force: bool) -> bool:
        """Say what would be built; whether all sets are valid."""
        from costmodel.reporting.console import Terminal, plan_json
        from costmodel.reporting.run import plan

        found = list(plan(self.chosen(), self.output, force=force, settings=self.settings))
        if self.as_json:
            print_json(plan_json(found))
        else:
            Terminal().each(found)
        return all(item.status != "invalid" for item in found)

    def run(self, *, force: bool = False) -> "Summary | None":
        """Build; what became of it, or None where it could not begin."""
        from costmodel.reporting.console import Terminal, summary_json
        from costmodel.reporting.folders import BuildBusyError
        from costmodel.reporting.run import build as built

        chosen, terminal = self.chosen(), Terminal()
        try:
            with terminal as told:
                summary = built(chosen, self.output, jobs=self.jobs, force=force, settings=self.settings, on_event=told)
        except ValueError as error:
            raise ParameterError([Problem("", str(error), "SET")]) from None
        except BuildBusyError as error:
            terminal.wrong(str(error))
            return None
        except OSError as error:
            reason = error.strerror or str(error)
            terminal.wrong(f"{self.output}: cannot be written: {reason}; what was built before is as it was")
            return None
        terminal.conclude(summary)
        if self.as_json:
            print_json(summary_json(summary))
        return summary

    def watch(self, *, force: bool) -> bool:
        """Build, and again after each saving, until Ctrl-C; whether that was between two builds."""
        from costmodel.reporting.watch import saved

        for _ in saved():
            try:
                summary = self.run(force=force)
                if summary is not None and summary.interrupted:
                    return False
                force = False
            except ParameterError as error:
                # A set that was renamed or is half written: the next saving may mend it.
                print(error, file=sys.stderr)
            print("waiting for a file to be saved; Ctrl-C ends", file=sys.stderr)
        return True
