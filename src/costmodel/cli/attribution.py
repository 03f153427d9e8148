"""The command about why two sets differ."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.cli.common import Format, FormatOption, Overrides, SeedOption, app, loaded, scaled, show
from costmodel.limits import MAX_DRAWS

if TYPE_CHECKING:
    from costmodel.analysis.attribution import Attribution

# Of a total only these are shown.
_NUMBERS = ("mean", "error", "p05", "p95", "sampling_error")


@app.command()
def attribute(
    before: Annotated[str, typer.Argument(metavar="A", help="Path of a parameter set, or its name in params/.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The set that is compared with A.")],
    what: Annotated[
        str,
        typer.Option(
            "--outcome", metavar="NAME", help="Any outcome that both sets have; a channel alone is its cost on the mix."
        ),
    ] = "lowest.mix",
    within: Annotated[
        str | None,
        typer.Option(metavar="GROUP", help="Divide this group's contribution among its parameters too."),
    ] = None,
    draws: Annotated[int, typer.Option(min=1, max=MAX_DRAWS, help="Number of draws, the same of both sets.")] = 4096,
    seed: SeedOption = None,
    changes: Overrides = None,
    form: FormatOption = Format.table,
) -> None:
    """Why does B cost more than A? The difference divided among groups of parameters; --set changes both sets."""
    from costmodel.analysis.attribution import attribute as attributed
    from costmodel.analysis.attribution import attribution_json

    first, second = loaded(before, changes), loaded(after, changes)
    result = attributed(first, second, what, within=within, draws=draws, seed=seed)
    found = attribution_json(result)
    if form is Format.table:
        _print(result, found)
    else:
        show(form, lambda: found, lambda: _rows(found))


def _rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each group, each parameter of a divided group, both sets and their difference."""
    same = {name: found[name] for name in ("from", "to", "outcome", "unit")}
    parts = [("group", item["group"], item) for item in found["groups"]]
    parts += [("parameter", item["parameter"], item) for item in (found["within"] or {}).get("parameters", [])]
    parts += [("total", name, found[name]) for name in ("a", "b", "difference")]
    words = ("mean", "error", "p05", "p50", "p95", "sampling_error")
    return [
        same
        | {"kind": kind, "name": name}
        | {word: item.get(word) for word in words}
        | {"parameters": " ".join(item.get("parameters", []))}
        for kind, name, item in parts
    ]


def _print(result: "Attribution", found: dict[str, Any]) -> None:
    from costmodel import printing
    from costmodel.analysis.attribution import SIGN

    names = f"A = {found['from']}, B = {found['to']}"
    if not found["groups"]:
        print(f"{names}: they do not differ in any parameter, so there is nothing to attribute.")
        return
    factor, unit = scaled(found["unit"])
    ends = " in A, ".join(f"{found[side]['mean'] / factor:,.4g}" for side in ("a", "b"))
    title = f"Why {found['outcome']} differs, {unit} (mean {ends} in B); {names}"
    printing.print_rows(_table(found["groups"], found["difference"], "group", "B less A", factor), title)
    if found["within"]:
        of = found["within"]["group"]
        whole = next(item for item in found["groups"] if item["group"] == of)
        printing.print_rows(_table(found["within"]["parameters"], whole, "parameter", of, factor), f"Within {of}")
    print(f"Sign: {SIGN}. Bands hold nine draws in ten (5th to 95th percentile); ± is the Monte Carlo standard error.")
    how = "all coalitions of the groups" if result.method == "exact" else f"{result.count} random orders of the groups"
    print(f"{found['draws']:,} paired draws, seed {found['seed']}; averaged over {how}.")


def _table(
    items: list[dict[str, Any]], total: dict[str, Any], kind: str, name: str, factor: float
) -> list[dict[str, Any]]:
    """Rows by size, the total last; numbers are divided by a factor."""
    ordered = sorted(items, key=lambda item: -abs(item["mean"]))
    sampled = any(item["sampling_error"] is not None for item in items)
    return [
        {
            kind: item.get(kind, name),
            "mean": f"{item['mean'] / factor:+,.4f} {_error(item['error'], factor)}".rstrip(),
            **({"from sampled orders": _error(item.get("sampling_error"), factor)} if sampled else {}),
            "5 % – 95 %": f"{_signed(item['p05'] / factor)} – {_signed(item['p95'] / factor)}",
            "parameters that differ": len(item["parameters"]) if "parameters" in item else "",
        }
        for item in [*ordered, {key: total.get(key) for key in _NUMBERS}]
    ]


def _signed(value: float) -> str:
    """A number with its sign, which nothing does not have."""
    return f"{round(value, 3):+,.3f}" if round(value, 3) else "0.000"


def _error(value: float | None, factor: float) -> str:
    return "" if value is None else f"± {value / factor:,.4f}"
