"""Commands about the decisions of a set."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.cli.common import DrawsOption, Format, FormatOption, Overrides, SeedOption, SetName, app, loaded, show
from costmodel.errors import ParameterError, Problem

if TYPE_CHECKING:
    from costmodel.analysis.value_of_information import InformationValue


@app.command()
def voi(
    name: SetName,
    decision: Annotated[
        str | None, typer.Option(help="Name of a decision; by default each that leaves a choice.")
    ] = None,
    draws: DrawsOption = None,
    seed: SeedOption = None,
    changes: Overrides = None,
    form: FormatOption = Format.table,
) -> None:
    """What better knowledge would be worth to a decision: EVPI, and EVPPI of parameters and groups."""
    from costmodel.analysis.value_of_information import (
        decidable,
        decision_of,
        value_of_information,
        value_of_information_json,
    )

    given = {"run.draws": draws, "run.seed": seed}
    case = loaded(name, [*(changes or []), *(f"{path}={value}" for path, value in given.items() if value is not None)])
    chosen = decidable(case) if decision is None else (decision_of(case, decision),)
    if not chosen:
        raise ParameterError([Problem("decisions", "states no decision that leaves a choice in this set", case.name)])
    found = [value_of_information(case, item) for item in chosen]
    if form is Format.table:
        _print(found)
    else:
        show(
            form, lambda: value_of_information_json(case, found), lambda: [row for item in found for row in _rows(item)]
        )


def _rows(found: "InformationValue") -> list[dict[str, Any]]:
    """One row for everything, each group and each parameter, at full precision."""
    worths = [("everything", "", found.evpi)]
    worths += [("group", name, item) for name, item in found.together.items()]
    worths += [("parameter", path, item) for path, item in found.parameters.items()]
    return [
        {
            "set": found.case.name,
            "decision": found.decision.name,
            "known": kind,
            "name": name,
            "value": item.value,
            "error": item.error,
            "share_of_evpi": found.share(item),
            "unit": found.unit,
        }
        for kind, name, item in worths
    ]


def _print(found: "list[InformationValue]") -> None:
    from costmodel import printing

    for item in found:
        options = [
            {"option": found_name, "mean": mean, "best in": f"{chance:.0%}"}
            for found_name, mean, chance in ((item.label(o), item.mean(o), item.chance(o)) for o in item.options)
        ]
        goal = f"{item.decision.goal} {item.decision.payoff.replace('_', ' ')}, {item.decision.workload}, {item.unit}"
        printing.print_rows(
            options, f"{item.decision.title} ({goal}; without more knowledge: {item.label(item.choice)})"
        )
        shown = [row for row in _rows(item) if row["value"] > 0 or row["known"] != "parameter"]
        keep = ("known", "name", "value", "error")
        rows = [{key: row[key] for key in keep} | {"share of EVPI": _percent(row["share_of_evpi"])} for row in shown]
        left = len(item.parameters) - sum(row["known"] == "parameter" for row in shown)
        printing.print_rows(
            rows, f"Worth of knowing it first, {item.unit}; {left} parameters more: nothing beyond noise"
        )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
