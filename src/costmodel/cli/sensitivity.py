"""Commands about what moves an outcome."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.cli.common import Format, FormatOption, Overrides, SeedOption, SetName, app, loaded, show
from costmodel.limits import MAX_POINTS

if TYPE_CHECKING:
    from costmodel.analysis.curves import HeatMap
    from costmodel.outcomes import Outcome
    from costmodel.parameters import ParameterSet

_MOST_DRAWS = 2**18
# Total indices below this are not worth a line on the terminal; JSON and CSV have all.
_SHOWN = 0.0005

OutcomeOption = Annotated[
    str,
    typer.Option(
        "--outcome",
        metavar="NAME",
        help="What is looked at: cost.WORKLOAD.CHANNEL, premium.WORKLOAD.CHANNEL, counterfactual.WORKLOAD, "
        "lowest.WORKLOAD or lowest_premium.WORKLOAD; a channel alone is its cost on the mix; market.price and other "
        "results of the market (docs/outcomes.md).",
    ),
]
PointsOption = Annotated[int, typer.Option(min=2, max=MAX_POINTS, help="Values along each parameter.")]


def _asked(name: str, changes: list[str] | None, what: str) -> "tuple[ParameterSet, Outcome]":
    """The set, and the outcome of that name."""
    from costmodel.outcomes import outcome

    case = loaded(name, changes)
    return case, outcome(case, what)


@app.command()
def sensitivity(
    name: SetName,
    what: OutcomeOption,
    base: Annotated[
        int, typer.Option(min=32, max=_MOST_DRAWS, help="Draws of each of two samples; best a power of 2.")
    ] = 8192,
    seed: SeedOption = None,
    refuse: Annotated[
        bool, typer.Option("--refuse-correlated", help="Fail where parameters are correlated instead of grouping them.")
    ] = False,
    changes: Overrides = None,
    form: FormatOption = Format.table,
) -> None:
    """How much of an outcome's uncertainty each parameter causes: Sobol' indices with 95 % intervals."""
    from costmodel.analysis.global_sensitivity import global_sensitivity, pair, sensitivity_json

    own = [] if seed is None else [f"run.seed={seed}"]
    case, outcome = _asked(name, [*(changes or []), *own], what)
    found = sensitivity_json(case, global_sensitivity(pair(case, base), outcome, refuse=refuse))
    if form is Format.table:
        _print_indices(found)
    else:
        show(form, lambda: found, lambda: _index_rows(found))


def _print_indices(found: dict[str, Any]) -> None:
    """Indices of all groups that can be seen to move the outcome, and why some share one."""
    from costmodel import printing

    moving = [item for item in found["groups"] if item["total"]["value"] >= _SHOWN]
    rows = [
        {
            "parameter": "\n".join(item["parameters"]),
            "S1": _with_interval(item["first_order"]),
            "ST": _with_interval(item["total"]),
            "S1, binned": "\n".join(_binned(found, path) for path in item["parameters"]),
            "rank correlation": "\n".join(_ranked(found, path) for path in item["parameters"]),
        }
        for item in moving
    ]
    title = f"{found['outcome']} of {found['set']}: what causes its variance"
    printing.print_rows(rows, f"{title} (95 % intervals; 2 × {found['base']:,} draws, seed {found['seed']})")
    print(f"Mean {found['mean']:.4g}, standard deviation {found['sd']:.4g} {found['unit']}.")
    print(f"Not caused by any line alone: {found['not_alone']:.1%} of the variance.")
    print(f"All others, {len(found['groups']) - len(moving)} parameters or groups: ST below {_SHOWN} each.")
    reasons = {item["reason"] for item in moving if item["reason"]}
    if reasons:
        print(f"Lines with several parameters: {reasons.pop()}.")


def _with_interval(index: dict[str, float]) -> str:
    return f"{index['value']:.3f} ({index['low']:.3f} – {index['high']:.3f})"


def _binned(found: dict[str, Any], path: str) -> str:
    return f"{found['parameters'][path]['first_order_binned']['value']:.3f}"


def _ranked(found: dict[str, Any], path: str) -> str:
    return f"{found['parameters'][path]['rank_correlation']['value']:+.3f}"


def _index_rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each parameter; those of a group repeat the group's indices."""
    return [
        {
            "set": found["set"],
            "outcome": found["outcome"],
            "parameter": path,
            "group": " ".join(item["parameters"]),
            **{
                f"{kind}{'' if key == 'value' else f'_{key}'}": value
                for kind, index in (*(_indices(item)), *found["parameters"][path].items())
                for key, value in index.items()
            },
        }
        for item in found["groups"]
        for path in item["parameters"]
    ]


def _indices(item: dict[str, Any]) -> list[tuple[str, dict[str, float]]]:
    return [(kind, item[kind]) for kind in ("first_order", "total")]


@app.command()
def tornado(
    name: SetName,
    what: OutcomeOption,
    parameter: Annotated[
        str | None, typer.Option(metavar="PATH", help="The curve over this parameter instead of all bars.")
    ] = None,
    points: PointsOption = 11,
    changes: Overrides = None,
    form: FormatOption = Format.table,
) -> None:
    """An outcome at the 5th and 95th percentile of each parameter, the rest at medians; or its curve over one."""
    from costmodel.analysis import curves
    from costmodel.analysis import sensitivity as bars

    case, outcome = _asked(name, changes, what)
    if parameter is None:
        found = bars.tornado_json(case, outcome, bars.tornado(case, outcome))
        same = {"set": case.name, "outcome": outcome.name}
        units = {"unit": outcome.unit}
        show(form, lambda: found, lambda: [same | bar | units for bar in found["bars"]])
    else:
        curve = curves.one_way_json(case, curves.one_way(case, outcome, parameter, points))
        pairs = zip(curve["inputs"], curve["values"], strict=True)
        show(form, lambda: curve, lambda: [{parameter: x, outcome.name: y} for x, y in pairs])


@app.command()
def heatmap(
    name: SetName,
    what: OutcomeOption,
    parameters: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="PATH PATH", help="The two parameters; by default those with the widest bars."),
    ] = None,
    points: PointsOption = 7,
    changes: Overrides = None,
    form: FormatOption = Format.table,
) -> None:
    """An outcome over two parameters with the rest at medians, and which channel is cheapest."""
    from costmodel import printing
    from costmodel.analysis.curves import heat_map, heat_map_json
    from costmodel.analysis.sensitivity import tornado as all_bars
    from costmodel.errors import ParameterError, Problem

    case, outcome = _asked(name, changes, what)
    if parameters is None:
        widest = [bar.path for bar in all_bars(case, outcome)[:2]]
        if len(widest) < 2:
            raise ParameterError([Problem("", "a heat map needs two uncertain parameters", "--parameters")])
        parameters = widest[0], widest[1]
    found = heat_map(case, outcome, *parameters, points)
    if form is Format.table:
        title = f"{outcome.name} of {case.name}, {outcome.unit}, and the cheapest channel"
        printing.print_rows(_grid(found), f"{title}; down: {found.first}, across: {found.second}")
    else:
        show(form, lambda: heat_map_json(case, found), lambda: _cells(found))


def _grid(found: "HeatMap") -> list[dict[str, Any]]:
    """One row for each value of the first parameter, one column for each of the second."""
    return [
        {
            " ": f"{x:.4g}",
            **{
                f"{y:.4g}": f"{found.values[i, j]:.3f} {found.cheapest[i, j]}"
                for j, y in enumerate(found.second_inputs)
            },
        }
        for i, x in enumerate(found.first_inputs)
    ]


def _cells(found: "HeatMap") -> list[dict[str, Any]]:
    """One row for each cell."""
    return [
        {
            found.first: float(x),
            found.second: float(y),
            found.outcome.name: float(found.values[i, j]),
            "cheapest": str(found.cheapest[i, j]),
        }
        for i, x in enumerate(found.first_inputs)
        for j, y in enumerate(found.second_inputs)
    ]
