"""Tables of results. Nothing is computed here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from costmodel.channels import COMPONENTS
from costmodel.palette import component_colors, families
from costmodel.tables.markup import Html, Safe, channel_cell, details, dot, join, table
from costmodel.words import NBSP, UNIT_WORDS, WORKLOAD_LABELS, WORKLOAD_WORDS, interval, millions, money, percent

if TYPE_CHECKING:
    from costmodel.analysis.uncertainty import Estimate
    from costmodel.arrays import Array
    from costmodel.study import Study

_HALF_A_CENT = 0.005


def costs(study: "Study", workload: str) -> Html:
    """Effective cost of each channel with its interval, premium and probability of being cheapest."""
    header = (
        "Channel",
        "Median",
        f"5–95{NBSP}%",
        "At central values",
        "Premium",
        f"Premium, 5–95{NBSP}%",
        "Cheapest in",
    )
    rows = [_cost_row(study, workload, channel) for channel in study.ranked(workload)]
    title = f"Effective cost, {WORKLOAD_LABELS[workload].lower()}, {UNIT_WORDS}"
    return Html(table(f"costs-{workload}", title, header, rows, numbers=True))


def _cost_row(study: "Study", workload: str, channel: str) -> list[object]:
    found, above = study.summaries[workload][channel], study.premiums[workload][channel]
    chance = study.probabilities[workload].get(channel)
    return [
        channel_cell(study, channel),
        money(found["p50"].value),
        _range(found, signed=None),
        money(float(study.central.workloads[workload].channels[channel].total)),
        *(
            ("–", "–")
            if channel in study.apart
            else (percent(above["p50"].value, signed=True), _range(above, signed=True))
        ),
        percent(chance.value) if chance else "–",
    ]


def _range(found: Mapping[str, "Estimate"], *, signed: bool | None) -> str:
    """The 5–95 % range, of money or of a share with its sign."""
    ends = found["p05"].value, found["p95"].value
    if signed is None:
        return interval(*map(money, ends))
    return interval(*(percent(end, signed=signed) for end in ends))


def exaflops(study: "Study", workload: str) -> Html:
    """Cost of each channel per 10¹⁸ effective operations, at central values."""
    factor = study.exaflop(workload)
    costs = study.central.workloads[workload].channels
    amounts = {c: factor * float(costs[c].total) for c in study.ranked(workload)}
    rows = [[channel_cell(study, c), money(amount), millions(amount)] for c, amount in amounts.items()]
    title = f"Cost of effective operations in {WORKLOAD_WORDS[workload]}, US dollars, at central values"
    return Html(table(f"exaflop-{workload}", title, ("Channel", "per 10¹⁸ FLOP", "per 10²⁴ FLOP"), rows, numbers=True))


def components(study: "Study", workload: str) -> Html:
    """What each channel's cost consists of, at central values; one row for each component."""
    channels, colors = study.ranked(workload), component_colors()
    found = study.central.workloads[workload].channels
    used = [n for members in families().values() for n in members if any(found[c].components.get(n) for c in channels)]
    rows: list[list[object]] = [
        [join([dot(colors[name]), COMPONENTS[name]]), *(_amount(found[c].components.get(name)) for c in channels)]
        for name in used
    ]
    rows.append([Safe("<strong>Total</strong>"), *(money(float(found[c].total)) for c in channels)])
    header = ["Component", *(channel_cell(study, c) for c in channels)]
    title = f"Components, {WORKLOAD_LABELS[workload].lower()}, {UNIT_WORDS}, at central values"
    return Html(
        details(
            f"The same in numbers: {title[:1].lower()}{title[1:]}",
            table(f"components-{workload}", "", header, rows, numbers=True),
        )
    )


def _amount(part: "Array | None") -> str:
    """A part of the cost; a dash where the channel has none."""
    amount = 0.0 if part is None else float(part)
    if amount == 0:
        return "–"
    return money(amount) if abs(amount) >= _HALF_A_CENT else "< $0.01"


def wedges(study: "Study", workload: str) -> Html:
    """Distance of each channel to the counterfactual at central values, and its two parts."""
    found = study.central.workloads[workload].channels
    rows = [
        [
            channel_cell(study, c),
            _plus(float(found[c].control_wedge)),
            _plus(float(found[c].technology_wedge)),
            _plus(float(found[c].control_wedge) + float(found[c].technology_wedge)),
            percent(float(found[c].premium), signed=True),
        ]
        for c in study.ranked(workload)
        if c not in study.apart
    ]
    header = ("Channel", "Controls", "Other chip or supply", "Both", "In percent")
    what = f"Above (+) or below the cost without controls, {WORKLOAD_LABELS[workload].lower()}"
    title = f"{what}, {UNIT_WORDS}, at central values"
    return Html(table(f"wedges-{workload}", title, header, rows, numbers=True))


def _plus(value: float) -> str:
    return ("+" if value > 0 else "") + money(value)
