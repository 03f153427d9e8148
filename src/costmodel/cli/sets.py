"""Commands about parameter sets and reports."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from costmodel.cli.common import FAILED, CheckFormat, SetNames, app, print_json
from costmodel.limits import MAX_WORKERS


@app.command()
def check(
    sets: SetNames = None,
    strict: Annotated[bool, typer.Option(help="Also fail where a figure brings no source and no assumption.")] = False,
    form: Annotated[CheckFormat, typer.Option("--format", help="How problems are printed.")] = CheckFormat.text,
) -> None:
    """Validate parameter sets; list every problem as file:line: path: message."""
    from costmodel.checking import checked, report

    results = checked(sets or [])
    if form is CheckFormat.json:
        print_json(report(results))
    else:
        for result in results:
            for problem in result.problems:
                print(problem)
            for warning in result.warnings:
                print(warning if strict else f"{warning} (warning)")
        wrong = sum(len(result.problems) + strict * len(result.warnings) for result in results)
        print(f"{_count(len(results), 'set')} checked, {_count(wrong, 'problem')}", file=sys.stderr)
    if any(result.problems or (strict and result.warnings) for result in results):
        raise typer.Exit(FAILED)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


@app.command()
def build(
    sets: SetNames = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=MAX_WORKERS, help="Reports built at a time; by default one per core.")
    ] = None,
    output: Annotated[Path, typer.Option(help="Folder of the reports.", metavar="FOLDER")] = Path("reports"),
    force: Annotated[bool, typer.Option(help="Build also what has not changed.")] = False,
) -> None:
    """Build a report for each parameter set, and the index page."""
    from costmodel.reporting.console import run_build

    if not run_build(sets or [], output, jobs, force=force):
        raise typer.Exit(FAILED)


@app.command()
def schema(
    test: Annotated[bool, typer.Option("--check", help="Only say whether params/schema.json is up to date.")] = False,
    stdout: Annotated[bool, typer.Option("--print", help="Print the schema instead of writing it.")] = False,
) -> None:
    """Write params/schema.json, with which an editor completes and checks names."""
    from costmodel.locations import params_folder, shown
    from costmodel.parameters.describe import json_schema

    text = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    path = params_folder() / "schema.json"
    if stdout:
        print(text, end="")
    elif test and (not path.is_file() or path.read_text(encoding="utf-8") != text):
        print(f"{shown(path)} is out of date; run `costmodel schema`", file=sys.stderr)
        raise typer.Exit(FAILED)
    elif not test:
        path.write_text(text, encoding="utf-8")
        print(f"wrote {shown(path)}")


@app.command()
def lab(
    arguments: Annotated[list[str] | None, typer.Argument(help="Handed to jupyter lab, after --.")] = None,
) -> None:
    """Open JupyterLab on the notebooks."""
    import subprocess
    from importlib.util import find_spec

    from costmodel.locations import notebooks_folder

    if find_spec("jupyterlab") is None:
        print("JupyterLab is not installed here; `make lab` installs and opens it", file=sys.stderr)
        raise typer.Exit(FAILED)
    # No look at the network for news or updates that nobody asked for.
    quiet = "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"
    page = str(notebooks_folder() / "explore.ipynb")
    command = [sys.executable, "-m", "jupyterlab", quiet, page, *(arguments or [])]
    raise typer.Exit(subprocess.run(command, check=False).returncode)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the new set: letters, digits, _ and -.")],
    extends: Annotated[str, typer.Option(help="Set that it extends.", metavar="SET")] = "baseline",
) -> None:
    """Write a commented starting file for a parameter set."""
    from costmodel.locations import shown
    from costmodel.parameters.edit import new_set

    print(f"wrote {shown(new_set(name, extends))}")
