"""The command that sweeps."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.cli.common import FAILED, Format, FormatOption, app, show

if TYPE_CHECKING:
    from costmodel.sweeping.run import Prospect, Swept


@app.command()
def sweep(
    grid: Annotated[Path, typer.Argument(metavar="GRID", help="File with sets, parameters and outcomes.")],
    output: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder of the dataset; by default sweeps/GRID.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes on this machine.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="dask scheduler whose workers compute: tcp://host:8786.")
    ] = None,
    block: Annotated[
        int | None, typer.Option(min=1, help="Cells of a block at most; by default as many as take two seconds.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Start anew, whatever sweep is in the folder.")] = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only say what it would take.")] = False,
    form: FormatOption = Format.table,
) -> None:
    """Many cells over any parameters and sets, to a dataset of Parquet files; run again, it goes on where it was."""
    from costmodel.disk import BusyError
    from costmodel.errors import ParameterError, Problem
    from costmodel.sweeping.console import Bar
    from costmodel.sweeping.executors import SweepError, Where
    from costmodel.sweeping.grid import read_grid
    from costmodel.sweeping.run import sweep as run

    if scheduler is not None and workers > 1:
        message = "a scheduler has workers of its own; leave out --workers"
        raise ParameterError([Problem("", message, "--scheduler")])
    read = read_grid(grid)
    folder = output or Path("sweeps") / read.name
    try:
        with Bar() as bar:
            found = run(read, folder, Where(workers, scheduler), block=block, force=force, dry=dry, listener=bar)
    except (BusyError, SweepError, OSError) as error:
        print(f"{error}\nWhat is done is kept in {folder}; the same command goes on.", file=sys.stderr)
        raise typer.Exit(FAILED) from None
    _tell(found, form, dry=dry)


def _tell(found: "Swept", form: Format, *, dry: bool) -> None:
    """The result, or what it would take, or how to go on."""
    from costmodel.sweeping.summary import markdown, range_rows, summarized

    if dry:
        prospect = prospect_json(found.prospect)
        show(form, lambda: prospect, lambda: [prospect | {"sets": " ".join(prospect["sets"])}])
        return
    data = found.prospect.dataset
    if not found.complete:
        left = len(found.prospect.missing) - found.computed
        print(f"stopped; {left:,} of {data.count():,} blocks are left, and the same command goes on", file=sys.stderr)
        raise typer.Exit(FAILED)
    outcomes = summarized(data)
    data.keep_summary(markdown(data, outcomes))
    if form is Format.table:
        _print(outcomes)
        print(f"{data.planned.cells:,} cells in {data.folder}", file=sys.stderr)
    else:
        show(form, lambda: swept_json(found) | {"outcomes": outcomes}, lambda: range_rows(outcomes))


def _print(outcomes: dict[str, Any]) -> None:
    from costmodel import printing
    from costmodel.sweeping.summary import effect_rows, range_rows

    # Probabilities are many; the summary beside the cells has them all.
    outcomes = {name: item for name, item in outcomes.items() if not name.startswith("cheapest.")} or outcomes
    printing.print_rows(range_rows(outcomes), "Where the median is least and greatest")
    printing.print_rows(effect_rows(outcomes), "Mean of the median by parameter")


def prospect_json(prospect: "Prospect") -> dict[str, Any]:
    """What a sweep would take, with the keys of `costmodel sweep --dry-run --format json`."""
    data = prospect.dataset
    return {
        "folder": str(data.folder),
        "sets": [each.name for each in data.planned.work.sets],
        "cells": data.planned.cells,
        "blocks": data.count(),
        "missing_blocks": len(prospect.missing),
        "bytes": prospect.bytes,
        "core_seconds": prospect.seconds,
    }


def swept_json(found: "Swept") -> dict[str, Any]:
    """What a sweep was, with the keys of `costmodel sweep --format json`."""
    data = found.prospect.dataset
    return {
        "folder": str(data.folder),
        "sets": [each.name for each in data.planned.work.sets],
        "cells": data.planned.cells,
        "blocks": data.count(),
        "computed_blocks": found.computed,
        "bytes": data.bytes(),
        "seconds": found.seconds,
        "task_seconds": found.task_seconds,
        "workers": len(found.workers),
    }
