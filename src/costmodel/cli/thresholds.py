"""Commands about how a ranking of channels hangs on one parameter."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.cli.common import DrawsOption, Format, FormatOption, Overrides, SeedOption, SetName, app, loaded, show

if TYPE_CHECKING:
    from costmodel.analysis.sample import Sample

ParameterOption = Annotated[str, typer.Option(help="The parameter that moves.", metavar="PATH")]
WorkloadOption = Annotated[str, typer.Option(help="training, inference or mix.", metavar="WORKLOAD")]
RangeOption = Annotated[
    tuple[str, str] | None,
    typer.Option(
        "--range",
        metavar="LOW HIGH",
        help="Ends between which it moves, in its unit or with one of their own; by default its bounds or far "
        "beyond its likely values.",
    ),
]


def _sampled(name: str, changes: list[str] | None, draws: int | None, seed: int | None) -> "Sample":
    from costmodel.analysis.sample import sample

    given = {"run.draws": draws, "run.seed": seed}
    return sample(loaded(name, [*(changes or []), *(f"{path}={x}" for path, x in given.items() if x is not None)]))


@app.command()
def breakeven(
    name: SetName,
    *,
    parameter: ParameterOption,
    between: Annotated[tuple[str, str], typer.Option(help="Names of two channels.", metavar="CHANNEL CHANNEL")],
    workload: WorkloadOption = "mix",
    ends: RangeOption = None,
    draws: DrawsOption = None,
    seed: SeedOption = None,
    changes: Overrides = None,
    form: FormatOption = Format.table,
) -> None:
    """The value of a parameter at which two channels cost the same, in every draw."""
    from costmodel.analysis import breakeven as analysis

    found = analysis.breakeven(_sampled(name, changes, draws, seed), parameter, *between, workload, ends)
    plain = analysis.breakeven_json(found)
    if form is Format.table:
        print(plain["sentence"])
    show(form, lambda: plain, lambda: _breakeven_rows(plain))


def _breakeven_rows(plain: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each number of a break-even."""
    first, second = plain["between"]
    shares = {
        "share of draws with a threshold": plain["share"],
        f"share with {first} cheaper throughout": plain["none_in_range"][first],
        f"share with {second} cheaper throughout": plain["none_in_range"][second],
        "share with equal costs throughout": plain["equal_throughout"],
        "share with several thresholds": plain["several"],
        "share the other way round": plain["other_way"],
    }
    bare: dict[str, Any] = {"error": None}
    rows = [
        *({"item": item, "unit": "1"} | value for item, value in shares.items()),
        *({"item": f"threshold {p}", "unit": plain["unit"]} | value for p, value in plain["threshold"].items()),
        *(
            {"item": f"threshold {p} of all draws", "unit": plain["unit"], "value": value["value"]}
            | bare
            | {"note": f"{value['beyond']} the range" if value["beyond"] else ""}
            for p, value in plain["threshold_of_all"].items()
        ),
        *({"item": item, "unit": plain["unit"], "value": plain["range"][at]} | bare for at, item in _ENDS),
        {"item": "central value", "unit": plain["unit"], "value": plain["central"]} | bare,
    ]
    return [{name: row.get(name, "") for name in ("item", "value", "error", "unit", "note")} for row in rows]


_ENDS = ((0, "low end of the range"), (1, "high end of the range"))


@app.command()
def acceptability(
    name: SetName,
    *,
    parameter: ParameterOption,
    workload: WorkloadOption = "mix",
    points: Annotated[int | None, typer.Option(help="Number of values.")] = None,
    ends: RangeOption = None,
    draws: DrawsOption = None,
    seed: SeedOption = None,
    changes: Overrides = None,
    form: FormatOption = Format.table,
) -> None:
    """Probability of each open channel of being the cheapest, for values of one parameter."""
    from costmodel.analysis import acceptability as analysis

    count = analysis.POINTS if points is None else points
    found = analysis.acceptability(_sampled(name, changes, draws, seed), parameter, workload, count, ends)
    if form is Format.table:
        for switch in found.switches:
            print(f"lowest expected cost: {switch.before} up to {switch.value:.4g}, {switch.after} beyond")
    show(form, lambda: analysis.acceptability_json(found), lambda: _curve_rows(analysis.acceptability_json(found)))


def _curve_rows(plain: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each value."""
    return [
        {
            f"{plain['parameter']} ({plain['unit']})": value,
            **{channel: by["probability_cheapest"][at] for channel, by in plain["channels"].items()},
            "frontier": plain["frontier"][at],
            "its error": _at(plain["channels"][plain["frontier"][at]]["probability_cheapest_error"], at),
            "its expected cost": plain["channels"][plain["frontier"][at]]["expected_cost"][at],
        }
        for at, value in enumerate(plain["values"])
    ]


def _at(values: list[float] | None, at: int) -> float | None:
    return values[at] if values else None
