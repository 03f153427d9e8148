"""What commands share: the application, options, and how results are printed."""

import json
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.errors import ParameterError, Problem
from costmodel.limits import MAX_WORKERS

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


class Method(StrEnum):
    """How points are drawn."""

    sobol = "sobol"
    random = "random"


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


MethodOption = Annotated[Method, typer.Option(help="Evenly spread points, or pseudo-random ones.")]
WorkersOption = Annotated[
    int, typer.Option(min=1, max=MAX_WORKERS, help="Threads; the numbers are the same for any number of them.")
]


def share(text: str, option: str) -> float:
    """A share above 0 from the command line: `0.5%` or `0.005`."""
    try:
        value = float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 < value < 1:
        raise ParameterError([Problem("", f"`{text}` must be a share above 0, such as 0.5% or 0.005", option)])
    return value


def overrides(changes: list[str] | None) -> dict[str, Any]:
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


def loaded(name: str, changes: list[str] | None) -> "ParameterSet":
    """The set of that name, with the changes of the command line."""
    from costmodel.parameters import load

    return load(name, overrides(changes))


def drawn(name: str, changes: list[str] | None, draws: int | None, seed: int | None) -> "ParameterSet":
    """The set of that name, with the changes of the command line, draws and seed among them."""
    given = {"run.draws": draws, "run.seed": seed}
    return loaded(name, [*(changes or []), *(f"{path}={value}" for path, value in given.items() if value is not None)])


def print_json(value: Any) -> None:
    """One document at full precision."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def scaled(unit: str) -> tuple[float, str]:
    """Factor and name of the unit in which tables show amounts of a unit."""
    known = {"USD/year": (1e9, "bn USD/year"), "H100e": (1e3, "thousand H100e"), "1": (0.01, "%")}
    return known.get(unit, (1.0, unit))


def keep(write: Callable[[], None], output: Path) -> None:
    """Write a file that the user named.

    Raises:
        ParameterError: it cannot be written.
    """
    try:
        write()
    except OSError as error:
        raise ParameterError([Problem("", f"cannot be written: {error.strerror}", str(output))]) from None


def show(form: Format, as_json: Callable[[], Any], rows: Callable[[], list[dict[str, Any]]]) -> None:
    """Results in the form asked for."""
    from costmodel import printing

    if form is Format.json:
        print_json(as_json())
    elif form is Format.csv:
        printing.write_csv(rows(), sys.stdout)
    else:
        printing.print_rows(rows())
