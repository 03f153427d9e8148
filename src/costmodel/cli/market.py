"""Commands about the market: who supplies, at what price, what is denied, and what policy can move."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.cli.common import (
    DrawsOption,
    Format,
    FormatOption,
    Overrides,
    SeedOption,
    SetName,
    WorkersOption,
    app,
    drawn,
    scaled,
    show,
)
from costmodel.limits import MAX_POINTS

if TYPE_CHECKING:
    from costmodel.analysis.frontier import Frontier, Statistics
    from costmodel.analysis.market import MarketResult

# What is told of each result in rows.
_STATISTICS = ("mean", "standard_error", "p05", "p50", "p95")
_BAND = "5 % – 95 %"
_THOUSAND, _BILLION = 1e3, 1e9
# A smaller part of a closed channel's compute is not worth naming.
_SEEN = 0.005

LeverOption = Annotated[
    list[str] | None,
    typer.Option(
        "--lever",
        metavar="NAME[=LOW:HIGH]",
        help="A lever of the set or a parameter's path, and another range if wanted; may be repeated. Default: all "
        "levers of the set.",
    ),
]


@app.command()
def market(
    name: SetName,
    draws: DrawsOption = None,
    seed: SeedOption = None,
    workers: WorkersOption = 1,
    changes: Overrides = None,
    form: FormatOption = Format.table,
) -> None:
    """Who supplies, at what price, what is denied, and who gains: the market at central values and in all draws."""
    from costmodel.analysis.market import market_result
    from costmodel.documents import market_json

    result = market_result(drawn(name, changes, draws, seed), workers=workers)
    found = market_json(result)
    if form is Format.table:
        _print_market(result, found)
    else:
        show(form, lambda: found, lambda: list(_market_rows(found)))


def _market_rows(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One row for each result, of the whole market and of each channel, and for each diversion ratio."""
    units = found["units"]
    parts = [("", found["central"], found["draws"])]
    parts += [(c, found["central"]["channels"][c], found["draws"]["channels"][c]) for c in found["central"]["channels"]]
    for channel, central, told in parts:
        same = {"set": found["set"], "channel": channel}
        for item, unit in units.items():
            if told.get(item) is not None:
                numbers = {name: told[item][name] for name in _STATISTICS}
                yield {**same, "item": item, "unit": unit, "central": float(central[item]), **numbers}
    for closed, ratios in found["diversion"].items():
        for channel, ratio in ratios.items():
            none = dict.fromkeys(_STATISTICS)
            named = {"set": found["set"], "channel": closed, "item": f"diversion_to_{channel}", "unit": "1"}
            yield {**named, "central": None, **none, "mean": ratio}


def _print_market(result: "MarketResult", found: dict[str, Any]) -> None:
    from costmodel import printing
    from costmodel.words import percent

    for line in _headings(result, found):
        print(line)
    units = "capacity and use in thousand H100e, unit cost in USD/H100e-h, rents in bn USD a year"
    rows = [_channel_row(result, found, channel) for channel in _shown_channels(result, found)]
    printing.print_rows(rows, f"By channel, at central values: {units}, shadow price in USD a year and accelerator")
    views = [
        {"view": "" if place else view["label"], **_view_row(line)}
        for view in found["perspectives"].values()
        for place, line in enumerate(view["lines"].values())
    ]
    printing.print_rows(views, "As different parties see it")
    for closed, ratios in found["diversion"].items():
        taken = {c: ratio for c, ratio in sorted(ratios.items(), key=lambda pair: -pair[1]) if ratio >= _SEEN}
        parts = [f"{percent(ratio)} to {result.case.label(c)}" for c, ratio in taken.items()]
        parts.append(f"{percent(1 - sum(ratios.values()))} denied")
        print(f"{result.case.label(closed)} closed, of what it then lacks: {', '.join(parts)}.")
    print(f"{found['number_of_draws']:,} draws, seed {found['seed']}; bands are from the 5th to the 95th percentile.")


def _headings(result: "MarketResult", found: dict[str, Any]) -> Iterator[str]:
    """The price and what is denied in words."""
    from costmodel.words import digits, interval, money, percent

    central, told = found["central"], found["draws"]

    def band(item: str, shown: Any) -> str:
        return interval(shown(told[item]["p05"]), shown(told[item]["p95"]))

    yield result.case.title
    price = f"{money(central['price'])} per H100e-h at central values, {band('price', money)} in nine draws of ten"
    yield f"Clearing price: {price}; {money(central['counterfactual'])} without controls"
    premium = percent(central["premium"], signed=True)
    yield f"Premium: {premium} ({band('premium', lambda x: percent(x, signed=True))})"
    wanted = central["total"] + central["denied_quantity"]
    denied = f"{percent(central['compute_denied'])} ({band('compute_denied', percent)})"
    yield f"Denied: {denied} of the {wanted / _THOUSAND:,.0f} thousand H100e wanted without controls"
    parts = ", ".join(
        f"{label} {digits(central[item] / _BILLION)}"
        for item, label in (("rents", "rents"), ("extra_cost", "real extra cost"), ("denied_use", "denied use"))
    )
    yield f"Buyers' loss of surplus, bn USD a year: {digits(central['surplus_loss'] / _BILLION)} ({parts})"
    yield f"Probability that the price stands at the choke price: {percent(told['scarce']['mean'])}"
    for task, each in found["apart"].items():
        price, premium = (each["central"][item] for item in ("price", "premium"))
        ends = interval(*(money(each["draws"]["price"][p]) for p in ("p05", "p95")))
        yield f"Cleared apart, {task}: {money(price)} per H100e-h ({ends}), premium {percent(premium, signed=True)}"


def _shown_channels(result: "MarketResult", found: dict[str, Any]) -> list[str]:
    """All channels, save a counterfactual that cannot supply anything."""
    apart = result.case.central["reference.counterfactual"]
    assert isinstance(apart, tuple)
    told = found["draws"]["channels"]
    return [c for c in result.case.channels if c not in apart or told[c]["capacity"]["p95"] > 0]


def _channel_row(result: "MarketResult", found: dict[str, Any], channel: str) -> dict[str, str]:
    from costmodel.words import digits, percent

    item, told = found["central"]["channels"][channel], found["draws"]["channels"][channel]
    closed = not result.case.central[f"channels.{channel}.available"]
    markup = item["implied_markup"]
    return {
        "channel": result.case.label(channel) + (" (closed)" if closed else ""),
        "capacity": f"{item['capacity'] / _THOUSAND:,.0f}",
        "used": f"{item['quantity'] / _THOUSAND:,.0f}",
        f"used, {_BAND}": _thousands(told["quantity"]["p05"], told["quantity"]["p95"]),
        "share": percent(item["share"]),
        "unit cost": f"{item['unit_cost']:.2f}",
        "rent": f"{item['rent'] / _BILLION:.2f}",
        "quasi-rent": f"{item['quasi_rent'] / _BILLION:.2f}",
        "implied markup": "–" if markup is None else percent(markup, signed=True),
        "shadow price": digits(item["shadow_price"]),
    }


def _thousands(low: float, high: float) -> str:
    return f"{low / _THOUSAND:,.0f} – {high / _THOUSAND:,.0f}"


def _view_row(line: dict[str, Any]) -> dict[str, str]:
    """A line of a perspective: billions of USD a year, thousands of H100e, percent."""
    factor, unit = scaled(line["unit"])

    def shown(value: float) -> str:
        from costmodel.words import digits

        return digits(value / factor)

    told = line["draws"]
    return {
        "": line["label"],
        "central": "–" if told is None else shown(line["central"]),
        "mean": "–" if told is None else shown(told["mean"]),
        _BAND: "–" if told is None else f"{shown(told['p05'])} – {shown(told['p95'])}",
        "unit": unit,
        "how to read it": line["reading"],
    }


@app.command()
def frontier(
    name: SetName,
    levers: LeverOption = None,
    points: Annotated[int | None, typer.Option(min=2, max=MAX_POINTS, help="Values along each range.")] = None,
    draws: DrawsOption = None,
    seed: SeedOption = None,
    changes: Overrides = None,
    form: FormatOption = Format.table,
) -> None:
    """What policy can move: price, premium and compute denied along each lever, and which moves them most."""
    from costmodel.analysis.frontier import DRAWS, POINTS, frontier_json, frontiers, named
    from costmodel.analysis.sample import sample
    from costmodel.errors import ParameterError, Problem
    from costmodel.market import required

    case = required(drawn(name, changes, draws, seed))
    asked = [named(case, text) for text in levers] if levers else list(case.levers.values())
    if not asked:
        raise ParameterError([Problem("levers", "the set states none; name a parameter: --lever PATH=LOW:HIGH", name)])
    found = frontiers(sample(case, draws or DRAWS), asked, points or POINTS)
    plain = frontier_json(found)
    if form is Format.table:
        _print_frontiers(found, plain, curves=bool(levers))
    else:
        show(form, lambda: plain, lambda: list(_frontier_rows(plain)))


def _frontier_rows(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One row for each outcome at each value of each lever, and for each of its effects."""
    units = found["units"]
    for lever, item in found["levers"].items():
        same = {"set": found["set"], "lever": lever, "lever_unit": item["unit"]}
        for outcome, unit in units.items():
            for place, value in enumerate(item["values"]):
                told = {name: item[outcome][name][place] for name in _STATISTICS}
                yield {**same, "item": "point", "value": value, "outcome": outcome, "unit": unit, **told}
            for effect in ("present", "swing", "swing_near"):
                if item[effect] is not None:
                    told = {name: item[effect][outcome][name] for name in _STATISTICS}
                    yield {**same, "item": effect, "value": None, "outcome": outcome, "unit": unit, **told}
        for effect, outcome, unit in (
            ("elasticity", "premium", "1"),
            ("denied_points", "compute_denied", "percentage points"),
        ):
            if item[effect] is not None:
                told = {name: item[effect][name] for name in _STATISTICS}
                yield {**same, "item": effect, "value": None, "outcome": outcome, "unit": unit, **told}


def _print_frontiers(found: "Sequence[Frontier]", plain: dict[str, Any], *, curves: bool) -> None:
    from costmodel import printing

    ranked = plain["ranking"]["premium"]
    by_name = {one.lever.name: one for one in found}
    order = [by_name[name] for name in [*ranked, *(name for name in by_name if name not in ranked)]]
    rows = [_lever_row(one, plain["levers"][one.lever.name]) for one in order]
    printing.print_rows(rows, f"{found[0].case.title}: what each lever moves, the most for the least change first")
    print(
        "Elasticity: change of the price over that without controls, in percent, for a rise of the lever by 1 %. "
        "Premium and compute denied: change in percentage points for a rise of the lever by a tenth of itself, by a "
        "tenth of its range about where it stands, and over its whole range. Mean ± Monte Carlo standard error."
    )
    for one in found:
        if not one.moves:
            print(f"{one.label} moves nothing: the price and compute denied do not depend on it in any draw.")
        elif one.reason:
            print(f"{one.label}: no elasticity, since it {one.reason}.")
    if curves:
        for one in found:
            _print_curve(one)
    print(f"{plain['draws']:,} paired draws, seed {plain['seed']}; bands are from the 5th to the 95th percentile.")


def _lever_row(one: "Frontier", item: dict[str, Any]) -> dict[str, str]:
    from costmodel.words import interval

    near, whole = item["swing_near"] or {}, item["swing"]
    ends = "closed – open" if one.switch else interval(_value(one, one.lever.low), _value(one, one.lever.high))
    return {
        "lever": one.label,
        "stands at": _present(one),
        "range": ends,
        "elasticity": _with_error(item["elasticity"]),
        "denied, +10 %": _with_error(item["denied_points"]),
        "premium, a tenth": _with_error(near.get("premium"), 100.0),
        "denied, a tenth": _with_error(near.get("compute_denied"), 100.0),
        "premium, whole range": _with_error(whole["premium"], 100.0),
        _BAND: f"{_signed(100 * whole['premium']['p05'])} – {_signed(100 * whole['premium']['p95'])}",
        "denied, whole range": _with_error(whole["compute_denied"], 100.0),
    }


def _with_error(found: dict[str, float] | None, factor: float = 1.0) -> str:
    """A mean with its sign and its Monte Carlo error, where there is one."""
    from costmodel.words import digits

    if found is None:
        return "–"
    error = found["standard_error"]
    return _signed(factor * found["mean"]) + (f" ± {digits(factor * error, 1)}" if error else "")


def _signed(value: float) -> str:
    from costmodel.words import digits

    return f"{'+' if value > 0 else ''}{digits(value)}"


def _value(one: "Frontier", value: float) -> str:
    """A value of a lever as people read it."""
    from costmodel.words import shown

    return ("open" if value else "closed") if one.switch else shown(one.case.parameters[one.lever.paths[0]], value)


def _present(one: "Frontier") -> str:
    """Where a lever stands; from the lowest to the highest where its parameters differ."""
    from costmodel.words import interval

    low, high = (_value(one, end(one.current.values())) for end in (min, max))
    return low if low == high else interval(low, high)


def _print_curve(one: "Frontier") -> None:
    """Median and band at each value of a lever, and where it stands."""
    from costmodel import printing

    low, high = (end(one.current.values()) for end in (min, max))
    points = [
        (
            f"{_value(one, x)}{' (now)' if x == low == high else ''}",
            {name: told[place] for name, told in one.curves.items()},
        )
        for place, x in enumerate(one.values)
    ]
    if low != high or low not in one.values:
        points.insert(sum(x < low for x in one.values), (f"{_present(one)} (now)", dict(one.present)))
    rows = [{"value": text, **_point(told)} for text, told in points]
    printing.print_rows(rows, f"Along {one.label}: median and band; price in USD/H100e-h")


def _point(told: "Mapping[str, Statistics]") -> dict[str, str]:
    """Median and band of what is followed."""
    from costmodel.words import money, percent

    shown: dict[str, Callable[[float], str]] = {
        "price": money,
        "premium": lambda x: percent(x, signed=True),
        "compute_denied": percent,
    }
    row: dict[str, str] = {}
    for name, text in shown.items():
        middle, low, high = (text(told[name][statistic].value) for statistic in ("p50", "p05", "p95"))
        row |= {name.replace("_", " "): middle, f"{name.replace('_', ' ')}, {_BAND}": f"{low} – {high}"}
    return row
