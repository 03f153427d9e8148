"""The command line: one thin command per verb."""

import sys
from collections.abc import Iterable
from typing import Annotated, NoReturn

import typer

from costmodel import __version__
from costmodel.cli import (
    attribution,
    build,
    decisions,
    diff,
    exploration,
    market,
    path,
    results,
    sensitivity,
    sets,
    sweep,
    thresholds,
)
from costmodel.cli.common import BAD_INPUT, DONE, app
from costmodel.errors import ParameterError, Problem, visible

__all__ = [
    "app",
    "attribution",
    "build",
    "decisions",
    "diff",
    "exploration",
    "main",
    "market",
    "path",
    "results",
    "sensitivity",
    "sets",
    "sweep",
    "thresholds",
]


def main() -> NoReturn:
    """Run the command line; bad input is a message and exit code 2, never a traceback."""
    try:
        app()
    except ParameterError as error:
        _complain(error.problems)
        sys.exit(BAD_INPUT)
    except FileNotFoundError as error:
        print(visible(str(error.args[-1] if len(error.args) == 1 else error)), file=sys.stderr)
        sys.exit(BAD_INPUT)
    except BrokenPipeError:
        # The reader went away (`| head`); there is nobody left to tell.
        sys.stderr.close()
        sys.exit(DONE)
    sys.exit(DONE)


def _complain(problems: Iterable[Problem]) -> None:
    for problem in problems:
        print(problem, file=sys.stderr)


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
