"""Tables of the market. Nothing is computed here."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from costmodel.tables.markup import Html, channel_cell, details, table
from costmodel.words import NBSP, UNIT_WORDS, digits, interval, large, large_money, money, percent, quantity, scale_of

if TYPE_CHECKING:
    from costmodel.analysis.shapes import Perspective
    from costmodel.analysis.statistics import Estimate
    from costmodel.study import Study

_RANGE = f"5–95{NBSP}%"


def market(study: "Study") -> Html:
    """What each channel offers and supplies, and at what cost: medians and ranges over all draws."""
    found = study.market
    assert found is not None
    channels = [c for c in study.ranked("mix") if found.statistics[f"capacity.{c}"]["p95"].value > 0]
    channels.sort(key=lambda c: -found.statistics[f"quantity.{c}"]["p50"].value)
    factor, word = scale_of(max(found.statistics[f"capacity.{c}"]["p95"].value for c in channels) / 10)
    unit = f"{word} H100e".strip()
    header = (
        "Channel",
        f"On offer, {unit}",
        f"Used, {unit}",
        f"Used, {_RANGE}",
        "Share of what is used",
        f"Share, {_RANGE}",
        "Unit cost of its capacity, $/H100e-h",
        "Worth of one more accelerator, $ a year",
    )
    rows = [_channel_row(study, found.statistics, c, factor) for c in channels]
    title = (
        "Who supplies: medians over all draws, in H100-equivalents in service (H100e), those already there among them"
    )
    return Html(table("market", title, header, rows, numbers=True))


def _channel_row(
    study: "Study", found: Mapping[str, Mapping[str, "Estimate"]], channel: str, factor: float
) -> list[object]:
    def amounts(name: str, *statistics: str) -> list[str]:
        return [digits(found[f"{name}.{channel}"][each].value / factor) for each in statistics]

    share = found[f"share.{channel}"]
    return [
        channel_cell(study, channel),
        *amounts("capacity", "p50"),
        *amounts("quantity", "p50"),
        interval(*amounts("quantity", "p05", "p95")),
        percent(share["p50"].value),
        interval(percent(share["p05"].value), percent(share["p95"].value)),
        money(found[f"unit_cost.{channel}"]["p50"].value),
        large(found[f"shadow_price.{channel}"]["p50"].value),
    ]


#: Rows of the table of the market as a whole: name of the result, what it is, and how its numbers are written.
_WHOLE = (
    ("price", f"Clearing price, {UNIT_WORDS}", money),
    ("premium", "Premium over the cost without controls", lambda value: percent(value, signed=True)),
    ("compute_denied", "Denied, of the compute wanted without controls", percent),
    ("total", "Compute in service, H100-equivalents", large),
    ("average_cost", f"Average supply cost, {UNIT_WORDS}", money),
    ("spending", "Buyers’ spending a year", large_money),
    ("surplus_loss", "Buyers’ loss of surplus a year", large_money),
    ("rents", "of it rents of suppliers", large_money),
    ("extra_cost", "of it real extra cost", large_money),
    ("denied_use", "of it use that is given up", large_money),
)


def market_totals(study: "Study") -> Html:
    """The market as a whole: at central values, and its statistics over all draws."""
    found = study.market
    assert found is not None
    rows = []
    for name, label, text in _WHOLE:
        numbers = {key: text(item.value) for key, item in found.statistics[name].items()}
        central = text(float(getattr(found.central, name)))
        rows.append([label, central, numbers["mean"], numbers["p50"], interval(numbers["p05"], numbers["p95"])])
    header = ("", "At central values", "Mean of draws", "Median", _RANGE)
    body = table("market-totals", "", header, rows, numbers=True)
    return Html(details("The market as a whole in numbers", body))


def perspectives_table(rows: Iterable["Perspective"]) -> Html:
    """The same market as buyer, society and controlling government see it.

    Args:
        rows: one for each perspective.
    """
    cells = [
        [
            row.title,
            f"{row.quantity}, {_unit_words(row.unit)}",
            _amount(row.central, row.unit),
            _amount(row.mean, row.unit),
            interval(*(_amount(end, row.unit) for end in row.band)),
            row.reading,
        ]
        for row in rows
    ]
    header = ("Seen by", "What counts", "At central values", "Mean of draws", _RANGE, "How to read it")
    return Html(table("perspectives", "The same market from three sides", header, cells))


def _unit_words(unit: str) -> str:
    return {"USD/H100e-h": UNIT_WORDS, "USD/year": "US dollars a year", "1": "share"}.get(unit, unit)


def _amount(value: float, unit: str) -> str:
    if unit == "1":
        return percent(value)
    if unit == "USD/year":
        return large_money(value)
    if unit == "USD/H100e-h":
        return money(value)
    return large(value) if unit.startswith("H100e") else quantity(value, unit)
