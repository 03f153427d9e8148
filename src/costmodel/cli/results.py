"""Commands about the costs of a set."""

from pathlib import Path
from typing import Annotated

import typer

from costmodel.cli.common import (
    DrawsOption,
    Format,
    FormatOption,
    Overrides,
    SeedOption,
    SetName,
    app,
    keep,
    loaded,
    show,
)
from costmodel.errors import ParameterError, Problem


@app.command()
def params(name: SetName, changes: Overrides = None, form: FormatOption = Format.table) -> None:
    """Every resolved parameter of a set, with unit, distribution and sources."""
    from costmodel import printing
    from costmodel.study import parameters_json

    case = loaded(name, changes)
    show(form, lambda: parameters_json(case), lambda: printing.parameter_rows(case))


@app.command()
def costs(name: SetName, changes: Overrides = None, form: FormatOption = Format.table) -> None:
    """Cost of every channel at central values, by component."""
    from costmodel import printing
    from costmodel.costs import evaluate
    from costmodel.study import costs_json

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
    output: Annotated[
        Path | None, typer.Option(help="Keep the draws in FILE.parquet or FILE.csv.", metavar="FILE")
    ] = None,
) -> None:
    """Cost of every channel in all draws: mean, percentiles, premium, probability of being cheapest."""
    from costmodel import printing
    from costmodel.study import simulation_json, study

    given = {"run.draws": draws, "run.seed": seed}
    case = loaded(name, [*(changes or []), *(f"{path}={value}" for path, value in given.items() if value is not None)])
    if output is not None and output.suffix not in (".parquet", ".csv"):
        raise ParameterError([Problem("", f"`{output}` must end in .parquet or .csv", "--output")])
    result = study(case)
    if output is not None:
        keep(lambda: printing.keep_draws(result.simulation, output), output)
    if form is Format.table:
        printing.print_simulation(result)
    else:
        show(form, lambda: simulation_json(result), lambda: printing.simulation_rows(result))
