"""The command line: one thin command per verb."""

import json
import sys
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from costmodel import __version__
from costmodel.errors import ParameterError, Problem

if TYPE_CHECKING:
    from costmodel.parameters import ParameterSet

DONE, FAILED, BAD_INPUT = 0, 1, 2

app = typer.Typer(
    name="costmodel",
    help="What one unit of useful AI compute costs, through each channel, under export controls.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(StrEnum):
    """How results are printed."""

    table = "table"
    json = "json"
    csv = "csv"


class CheckFormat(StrEnum):
    """How problems are printed."""

    text = "text"
    json = "json"


SetName = Annotated[str, typer.Argument(metavar="SET", help="Path of a parameter set, or its name in params/.")]
SetNames = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SET]…", help="Paths or names of parameter sets; all of params/ if left out."),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a parameter for this run; may be repeated."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How results are printed.")]
DrawsOption = Annotated[int | None, typer.Option(help="Number of draws, instead of the set's own.")]
SeedOption = Annotated[int | None, typer.Option(help="Seed, instead of the set's own; 0 is a seed like any other.")]


def main() -> NoReturn:
    """Run the command line; bad input is a message and exit code 2, never a traceback."""
    try:
        app()
    except ParameterError as error:
        _complain(error.problems)
        sys.exit(BAD_INPUT)
    except FileNotFoundError as error:
        print(error.args[-1] if len(error.args) == 1 else error, file=sys.stderr)
        sys.exit(BAD_INPUT)
    except BrokenPipeError:
        # The reader went away (`| head`); there is nobody left to tell.
        sys.stderr.close()
        sys.exit(DONE)
    sys.exit(DONE)


def _complain(problems: Iterable[Problem]) -> None:
    for problem in problems:
        print(problem, file=sys.stderr)


def _overrides(changes: list[str] | None) -> dict[str, Any]:
    """`PATH=VALUE` texts as a mapping."""
    found: dict[str, Any] = {}
    for change in changes or []:
        path, equals, value = change.partition("=")
        if not equals or not path.strip():
            raise ParameterError(
                [Problem("", f"`{change}` must be PATH=VALUE, as in finance.discount_rate=0.08", "--set")]
            )
        found[path.strip()] = value.strip()
    return found


def _load(name: str, changes: list[str] | None) -> "ParameterSet":
    from costmodel.parameters import load

    return load(name, _overrides(changes))


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def _version(wanted: bool) -> None:
    if wanted:
        print(f"costmodel {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """What one unit of useful AI compute costs, through each channel, under export controls."""


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
        _print_json(report(results))
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
def params(name: SetName, changes: Overrides = None, form: FormatOption = Format.table) -> None:
    """Every resolved parameter of a set, with unit, distribution and sources."""
    from costmodel import printing
    from costmodel.study import parameters_json

    case = _load(name, changes)
    _show(form, lambda: parameters_json(case), lambda: printing.parameter_rows(case))


@app.command()
def costs(name: SetName, changes: Overrides = None, form: FormatOption = Format.table) -> None:
    """Cost of every channel at central values, by component."""
    from costmodel import printing
    from costmodel.costs import evaluate
    from costmodel.study import costs_json

    case = _load(name, changes)
    result = evaluate(case)
    if form is Format.table:
        printing.print_costs(case, result)
    else:
        _show(form, lambda: costs_json(case, result), lambda: printing.cost_rows(case, result))


@app.command()
def simulate(
    name: SetName,
    draws: DrawsOption = None,
    seed: SeedOption = None,
    changes: Overrides = None,
    form: FormatOption = Format.table,
    output: Annotated[
        Path | None, typer.Option(help="Keep the draws in FILE.parquet or FILE.csv.", metavar="FILE")
    ] = None,
) -> None:
    """Cost of every channel in all draws: mean, percentiles, premium, probability of being cheapest."""
    from costmodel import printing
    from costmodel.study import simulation_json, study

    given = {"run.draws": draws, "run.seed": seed}
    case = _load(name, [*(changes or []), *(f"{path}={value}" for path, value in given.items() if value is not None)])
    if output is not None and output.suffix not in (".parquet", ".csv"):
        raise ParameterError([Problem("", f"`{output}` must end in .parquet or .csv", "--output")])
    result = study(case)
    if output is not None:
        _keep(lambda: printing.keep_draws(result.simulation, output), output)
    if form is Format.table:
        printing.print_simulation(result)
    else:
        _show(form, lambda: simulation_json(result), lambda: printing.simulation_rows(result))


def _keep(write: Callable[[], None], output: Path) -> None:
    try:
        write()
    except OSError as error:
        raise ParameterError([Problem("", f"cannot be written: {error.strerror}", str(output))]) from None


def _show(form: Format, as_json: Callable[[], Any], rows: Callable[[], list[dict[str, Any]]]) -> None:
    from costmodel import printing

    if form is Format.json:
        _print_json(as_json())
    elif form is Format.csv:
        printing.write_csv(rows(), sys.stdout)
    else:
        printing.print_rows(rows())


@app.command()
def build(
    sets: SetNames = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Reports built at a time; by default one per core.")] = None,
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
