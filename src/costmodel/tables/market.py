"""Tables of the market. Nothing is computed here."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from costmodel.tables.markup import Html, channel_cell, details, table
from costmodel.words import (
    NBSP,
    UNIT_WORDS,
    WORKLOAD_LABELS,
    digits,
    interval,
    large,
    large_money,
    money,
    percent,
    quantity,
    scale_of,
)

if TYPE_CHECKING:
    from costmodel.analysis.market import MarketResult
    from costmodel.analysis.perspectives import Line
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
        _between(*amounts("quantity", "p05", "p95")),
        percent(share["p50"].value),
        _between(percent(share["p05"].value), percent(share["p95"].value)),
        money(found[f"unit_cost.{channel}"]["p50"].value),
        large(found[f"shadow_price.{channel}"]["p50"].value),
    ]


def _between(low: str, high: str) -> str:
    """A range; one number where both ends are the same."""
    return low if low == high else interval(low, high)


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


def perspectives_table(lines: Iterable["Line"], views: Mapping[str, str]) -> Html:
    """The same market as buyers, as someone who counts resources alone, and as the controlling government see it.

    Args:
        lines: figures, those of one view together.
        views: heading of each view by its name.
    """
    rows: list[list[object]] = []
    seen = ""
    for line in lines:
        view = "" if line.view == seen else views[line.view]
        seen = line.view
        rows.append([view, f"{line.label}, {_unit_words(line.unit)}", *_line_numbers(line), line.reading])
    header = ("Seen by", "What counts", "At central values", "Mean of draws", _RANGE, "How to read it")
    return Html(table("perspectives", "Central values, and means and 5–95 % ranges over all draws", header, rows))


def _line_numbers(line: "Line") -> list[str]:
    if line.central is None or line.statistics is None:
        return ["–"] * 3
    central, mean, low, high = (
        _amount(value, line.unit)
        for value in (line.central, *(line.statistics[p].value for p in ("mean", "p05", "p95")))
    )
    return [central, mean, interval(low, high)]


def _unit_words(unit: str) -> str:
    return {"USD/H100e-h": UNIT_WORDS, "USD/year": "US dollars a year", "1": "share", "H100e": "H100-equivalents"}.get(
        unit, unit
    )


def _amount(value: float, unit: str) -> str:
    if unit == "1":
        return percent(value)
    if unit == "USD/year":
        return large_money(value)
    if unit == "USD/H100e-h":
        return money(value)
    return large(value) if unit.startswith("H100e") else quantity(value, unit)


def apart(study: "Study", found: "MarketResult") -> Html:
    """Price, premium, denied share and use by channel, for training and inference.

    Args:
        study: the run.
        found: its market with both apart.
    """
    tasks = ("training", "inference")
    lines: tuple[tuple[str, str, Callable[[float], str]], ...] = (
        ("price", "Clearing price, $/H100e-h", money),
        ("premium", "Premium", lambda value: percent(value, signed=True)),
        ("compute_denied", "Denied, of what is wanted", percent),
    )
    rows: list[list[object]] = [
        [label, *(_middle_and_range(found.statistics[f"{name}.{task}"], text) for task in tasks)]
        for name, label, text in lines
    ]
    for channel in study.ranked("mix"):
        by_task = [found.statistics[f"quantity.{task}.{channel}"] for task in tasks]
        if any(each["p95"].value > 0 for each in by_task):
            rows.append([channel_cell(study, channel), *(_middle_and_range(each, large) for each in by_task)])
    title = "Medians and 5–95 % ranges; of channels the H100-equivalents in service"
    body = table("apart", title, ("", *(WORKLOAD_LABELS[task] for task in tasks)), rows, numbers=True)
    return Html(details("Both markets in numbers", body))


def _middle_and_range(found: Mapping[str, "Estimate"], text: Callable[[float], str]) -> str:
    low, middle, high = (text(found[p].value) for p in ("p05", "p50", "p95"))
    return middle if low == high else f"{middle} ({interval(low, high)})"
