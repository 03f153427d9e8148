"""Tables of the path through time. Nothing is computed here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from costmodel.outcome_words import (
    BEYOND,
    change,
    half_life_range,
    half_life_words,
    month_of,
    months,
    path_value,
)
from costmodel.parameters.sources import known_sources
from costmodel.parameters.timeline import first_day
from costmodel.tables.inputs import source_link
from costmodel.tables.markup import Html, details, join, table
from costmodel.words import NBSP, UNIT_WORDS, interval, percent

if TYPE_CHECKING:
    from costmodel.analysis.backtest import Comparison, Series
    from costmodel.analysis.controls import Control
    from costmodel.analysis.path import PathResult
    from costmodel.parameters.model import Event, Observation

_RANGE = f"5–95{NBSP}%"


def events(found: "PathResult", places: Sequence[int]) -> Html:
    """The events that move the premium most; all of them, folded.

    Args:
        found: the path.
        places: places of the events that are marked in charts.
    """
    header = (
        "Event",
        "Premium added, median",
        f"Premium added, {_RANGE}",
        "Half-life, median",
        f"Half-life, {_RANGE}",
        "Not half gone by the end",
        "No effect",
        "Source",
    )
    title = (
        "Premium added: its change at the largest, in percentage points. Half-life: over draws with an effect. Last "
        "two columns: shares of the draws with an effect, and of all draws"
    )
    rows = [_event_row(place, each) for place, each in enumerate(found.controls)]
    # Sources stand in the whole table alone, which has room for them.
    marked = table("events-marked", title, header[:-1], [rows[place][:-1] for place in places], numbers=True)
    everything = table("events", title, header, rows)
    return Html(join([marked, details(f"All {len(rows)} events", everything)]))


def _event_row(place: int, each: "Control") -> list[object]:
    added, lasts = each.premium_added, each.half_life
    low, middle, high = (change(added[name].value, "1") for name in ("p05", "p50", "p95"))
    effect = each.no_effect < 1.0
    return [
        f"{place + 1}. {each.event.label} ({month_of(each.event.date)})",
        middle,
        interval(low, high),
        half_life_words(lasts, range_too=False) if effect else "–",
        half_life_range(lasts) if effect else "–",
        percent(each.censored) if effect else "–",
        percent(each.no_effect),
        _from_where(each.event),
    ]


def _from_where(item: "Event | Observation") -> object:
    """Sources of what a set states, and the reason where there is one."""
    known = known_sources()
    links = [source_link(name, known) for name in item.source]
    reason = [f"assumption: {item.assumption}"] if item.assumption else []
    return join([*links, *reason], "; ")


def backtest(found: "PathResult") -> Html:
    """Every published figure beside the path; errors by result."""
    header = (
        "Published figure",
        "Time",
        "Published",
        "Published range",
        "Path, median",
        f"Path, {_RANGE}",
        "Path’s error",
        "In the path’s range",
        "Source",
    )
    blocks: list[object] = [_errors(found)]
    for series in found.backtest.series:
        rows = [_figure_row(series, each) for each in series.comparisons]
        blocks.append(
            table(f"backtest-{series.outcome.replace('.', '-')}", found.heading(series.outcome), header, rows)
        )
    return Html(join([blocks[0], details("Each published figure", *map(str, blocks[1:]))]))


def _errors(found: "PathResult") -> object:
    header = ("Result", "Published figures", "Mean of errors", "Mean size of errors", "In the path’s range")
    rows = [
        [
            found.heading(series.outcome),
            str(len(series.comparisons)),
            percent(series.bias, signed=True),
            percent(series.mean_error),
            percent(series.inside),
        ]
        for series in found.backtest.series
    ]
    title = f"Error: the path’s median over the published value, less 1. Range: {_RANGE} of draws"
    return table("backtest-errors", title, header, rows, numbers=True)


def _figure_row(series: "Series", each: "Comparison") -> list[object]:
    item, name = each.observation, series.outcome
    ends = [end for end in (item.low, item.high) if end is not None]
    low, middle, high = (path_value(name, each.model[p].value) for p in ("p05", "p50", "p95"))
    first, last = (month_of(first_day(quarter)) for quarter in (item.first, item.last))
    note = f" ({item.note})" if item.note else ""
    return [
        f"{item.label}{note}",
        first if first == last else f"{first} to {last}",
        path_value(name, item.value),
        interval(*(path_value(name, end) for end in ends)) if len(ends) == 2 else "–",
        middle,
        interval(low, high),
        percent(each.error, signed=True),
        "yes" if each.inside else "no",
        _from_where(item),
    ]


def path_headline(found: "PathResult") -> Html:
    """Price, premium and what is denied at the beginning and at the end; the delay and the domestic date."""
    header = ("", f"At the beginning, {month_of(found.dates[0])}", f"At the end, {month_of(found.dates[-1])}")
    labels = {
        "price": f"Clearing price, {UNIT_WORDS}",
        "premium": "Premium over the cost without controls",
        "compute_denied": "Denied, of the compute wanted",
    }
    rows: list[list[object]] = [
        [label, *(found.shown(name, at) for at in (0, len(found.dates) - 1))] for name, label in labels.items()
    ]
    low, middle, high = (months(found.delay[name].value) for name in ("p05", "p50", "p95"))
    rows.append(["Delay of the compute in service, added up", "–", f"{middle} ({interval(low, high)})"])
    alone = found.domestic_date
    dates = [alone.dates[name] for name in ("p05", "p50", "p95")]
    early, half, late = (BEYOND if date is None else month_of(date) for date in dates)
    range_too = "" if early == late else f" ({early} to {late})"
    words = f"Domestic supply alone holds the premium at or under {percent(alone.threshold)} from"
    rows.append([words, "–", f"{half}{range_too}"])
    rows.append(["Draws in which it does not by the end", "–", percent(alone.never)])
    return Html(table("path", "Medians and 5–95 % ranges", header, rows, numbers=True))
