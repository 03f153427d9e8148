"""Commands that look into the draws of a set."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from costmodel.cli.common import (
    DrawsOption,
    Format,
    FormatOption,
    Overrides,
    SeedOption,
    SetName,
    app,
    drawn,
    show,
)

Workload = Annotated[str, typer.Option(metavar="W", help="training, inference or mix.")]


@app.command()
def discover(
    name: SetName,
    channel: Annotated[
        str | None, typer.Option(metavar="C", help="An open channel; by default the first gray one.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(metavar="C", help="The one channel to compare it with, instead of all.")
    ] = None,
    workload: Workload = "mix",
    draws: DrawsOption = None,
    seed: SeedOption = None,
    changes: Overrides = None,
    form: FormatOption = Format.table,
) -> None:
    """Under which assumptions is a channel the cheapest? Ranges of up to three parameters, in words."""
    from costmodel.analysis.discovery import discover, discovery_json
    from costmodel.analysis.sample import sample

    found = discover(sample(drawn(name, changes, draws, seed)), channel, workload, against=against)
    if form is Format.table:
        print(found.answer)
    data = discovery_json(found)
    if form is not Format.table or found.boxes:
        show(form, lambda: data, lambda: [_row(box, data, wide=form is Format.csv) for box in data["boxes"]])


@app.command()
def convergence(
    name: SetName,
    wanted: Annotated[
        str | None, typer.Option("--outcome", metavar="O", help="Such as cost.mix.domestic; default: the cheapest's.")
    ] = None,
    draws: DrawsOption = None,
    seed: SeedOption = None,
    changes: Overrides = None,
    form: FormatOption = Format.table,
) -> None:
    """How exact estimates are: values and Monte Carlo errors against the number of draws, Sobol' and pseudo-random."""
    from costmodel.analysis.convergence import convergence, convergence_json, default_outcome
    from costmodel.outcomes import outcome

    case = drawn(name, changes, draws, seed)
    data = convergence_json(convergence(case, outcome(case, wanted or default_outcome(case))))
    show(form, lambda: data, lambda: list(_points(data)))


def _points(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for statistic, found in data["statistics"].items():
        for method in ("sobol", "random"):
            for point in found[method]["points"]:
                named = {"outcome": data["outcome"], "statistic": statistic, "method": method}
                yield {**named, **point, "unit": found["unit"]}


def _row(box: dict[str, Any], data: dict[str, Any], *, wide: bool) -> dict[str, Any]:
    worth = {name: box["unseen"][name] for name in ("density", "coverage", "mass")}
    seen = {f"{name}_seen": box["seen"][name] for name in ("density", "coverage", "mass")}
    named = {name: data[name] for name in ("set", "workload", "channel", "against", "share")}
    return {**named, "rule": box["rule"], **worth, **seen} if wide else {"rule": box["rule"], **worth}
