"""Commands about the costs of a set."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from costmodel.cli.common import (
    FAILED,
    DrawsOption,
    Format,
    FormatOption,
    Method,
    MethodOption,
    Overrides,
    SeedOption,
    SetName,
    WorkersOption,
    app,
    keep,
    loaded,
    share,
    show,
)
from costmodel.errors import ParameterError, Problem


@app.command()
def params(name: SetName, changes: Overrides = None, form: FormatOption = Format.table) -> None:
    """Every resolved parameter of a set, with unit, distribution and sources."""
    from costmodel import printing
    from costmodel.documents import parameters_json

    case = loaded(name, changes)
    show(form, lambda: parameters_json(case), lambda: printing.parameter_rows(case))


@app.command()
def costs(name: SetName, changes: Overrides = None, form: FormatOption = Format.table) -> None:
    """Cost of every channel at central values, by component."""
    from costmodel import printing
    from costmodel.costs import evaluate
    from costmodel.documents import costs_json

    case = loaded(name, changes)
    result = evaluate(case)
    if form is Format.table:
        printing.print_costs(case, result)
    else:
        show(form, lambda: costs_json(case, result), lambda: printing.cost_rows(case, result))


@app.command()
def simulate(
    name: SetName,
    draws: DrawsOption = None,
    seed: SeedOption = None,
    changes: Overrides = None,
    form: FormatOption = Format.table,
    precision: Annotated[
        str | None,
        typer.Option(help="Draw until no cost's Monte Carlo error is larger than this share of it.", metavar="SHARE"),
    ] = None,
    method: MethodOption = Method.sobol,
    workers: WorkersOption = 1,
    output: Annotated[
        Path | None, typer.Option(help="Keep the draws in FILE.parquet or FILE.csv.", metavar="FILE")
    ] = None,
) -> None:
    """Cost of every channel in all draws: mean, percentiles, premium, probability of being cheapest."""
    from costmodel import printing
    from costmodel.analysis.precision import largest_error, precise
    from costmodel.analysis.uncertainty import Results, Simulation
    from costmodel.analysis.uncertainty import simulate as sampled
    from costmodel.documents import simulation_json

    given = {"run.draws": draws, "run.seed": seed}
    case = loaded(name, [*(changes or []), *(f"{path}={value}" for path, value in given.items() if value is not None)])
    if output is not None and output.suffix not in (".parquet", ".csv"):
        raise ParameterError([Problem("", f"`{output}` must end in .parquet or .csv", "--output")])
    wanted = None if precision is None else share(precision, "--precision")
    if wanted is None:
        # What is not asked for is not kept.
        result: Results = sampled(case, keep=output is not None, method=method, workers=workers)
    else:
        if draws is not None:
            raise ParameterError([Problem("", "finds the number of draws itself; leave out --draws", "--precision")])
        result = precise(case, wanted, method=method, workers=workers)
    if output is not None:
        kept = result if isinstance(result, Simulation) else sampled(case, result.draws, method=method, workers=workers)
        keep(lambda: printing.keep_draws(kept, output), output)
    if form is Format.table:
        printing.print_simulation(result)
    else:
        show(form, lambda: simulation_json(result), lambda: printing.simulation_rows(result))
    if wanted is not None and largest_error(result)[0] > wanted:
        print(f"not reached after {result.draws:,} draws: {largest_error(result)[0]:.2%}", file=sys.stderr)
        raise typer.Exit(FAILED)
