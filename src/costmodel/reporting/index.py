"""The page that lists all reports side by side."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from costmodel.disk import write_whole
from costmodel.drawing import Figure
from costmodel.outcome_words import month_of, months
from costmodel.reporting import charts
from costmodel.reporting.fingerprint import MARK
from costmodel.reporting.manifest import NOTEBOOK, PAGE, RESULTS, Summary
from costmodel.reporting.page import Link, environment
from costmodel.reporting.results import WORKLOADS, ChannelResult, Interval, Results, read_all
from costmodel.words import humanised, interval, money, percent

_FILES = (
    Link(PAGE, "Report"),
    Link(NOTEBOOK, "Notebook"),
    Link(RESULTS, "Results (JSON)"),
    Link("draws.parquet", "Draws (Parquet)"),
)


def _cost(found: Interval) -> dict[str, str]:
    return {"median": money(found.p50), "range": interval(money(found.p05), money(found.p95))}


def _premium(found: Interval) -> dict[str, str]:
    low, middle, high = (percent(value, signed=True) for value in (found.p05, found.p50, found.p95))
    return {"median": middle, "range": interval(low, high)}


def _denied(found: Interval) -> dict[str, str]:
    low, middle, high = (percent(value) for value in (found.p05, found.p50, found.p95))
    return {"median": middle, "range": interval(low, high)}


def _cleared(results: Results) -> dict[str, Any]:
    """A row of the table of markets; without cells where the set has none."""
    found = results.market
    cells = [_cost(found.price), _premium(found.premium), _denied(found.denied)] if found else []
    return {"results": results, "cells": cells}


def _delay(found: Interval) -> dict[str, str]:
    low, middle, high = (months(value) for value in (found.p05, found.p50, found.p95))
    return {"median": middle, "range": interval(low, high)}


def _led(results: Results) -> dict[str, Any]:
    """A row of the table of paths."""
    found = results.path
    assert found is not None
    return {"results": results, "end": month_of(found.date), "cells": [_premium(found.premium), _delay(found.delay)]}


def _likely(channel: ChannelResult) -> str | None:
    share = channel.probability_cheapest
    return None if share is None else percent(share)


def columns(sets: Sequence[Results]) -> list[ChannelResult]:
    """The channels of all sets that are compared, each once, in the order in which they first appear.

    Args:
        sets: results, the baseline first.

    Returns:
        One channel result for each, for its name, label and colour.
    """
    found: dict[str, list[ChannelResult]] = {}
    for results in sets:
        for channel in results.workloads["mix"].channels:
            if channel.role != "counterfactual":
                found.setdefault(channel.name, []).append(channel)
    return [_column(members) for members in found.values()]


def _column(members: Sequence[ChannelResult]) -> ChannelResult:
    """The first of a channel's results, under a name that is true of all: labels often name the chip of one set."""
    labels = {channel.label for channel in members}
    return members[0] if len(labels) == 1 else replace(members[0], label=humanised(members[0].name))


def _row(results: Results, workload: str, compared: Sequence[ChannelResult]) -> dict[str, Any]:
    found = results.workloads[workload]
    by_name = {channel.name: channel for channel in found.channels}
    cheapest = found.cheapest
    cells = [by_name.get(column.name) for column in compared]
    return {
        "results": results,
        "counterfactual": _cost(found.counterfactual),
        "cheapest": cheapest,
        "premium": cheapest and _premium(cheapest.premium),
        "likely": cheapest and _likely(cheapest),
        "cells": [cell and {"open": cell.available, **_cost(cell.cost)} for cell in cells],
    }


def _picture(figure: Figure) -> dict[str, str]:
    encoded = base64.b64encode(figure.svg.encode()).decode("ascii")
    return {"source": f"data:image/svg+xml;base64,{encoded}", "alt": figure.alt}


def _in_words(sets: Sequence[Results]) -> str:
    """The first chart for those who cannot see it: everything that it shows."""
    parts = []
    for results in sets:
        cheapest = results.workloads["mix"].cheapest
        if cheapest:
            cost = _cost(cheapest.cost)
            parts.append(f"{results.title}: {cheapest.label}, {cost['median']} ({cost['range']})")
        else:
            parts.append(f"{results.title}: no channel is open")
    return f"Cost of the cheapest open channel in {sets[0].unit}, median and 5 to 95 % range. " + "; ".join(parts) + "."


def _charts(sets: Sequence[Results], compared: Sequence[ChannelResult]) -> list[dict[str, str]]:
    if not sets or not compared:
        return []
    in_table = "Median cost by parameter set and channel: the numbers of the table above, as a heat map."
    return [
        {
            "title": "The cheapest open channel",
            **_picture(charts.cheapest(sets, _in_words(sets))),
            "caption": "Mix of training and inference. Colours are those of the channels in the reports.",
        },
        {
            "title": "Every channel",
            **_picture(charts.heat_map(sets, compared, in_table)),
            "caption": f"Median cost, {sets[0].unit}, mix of training and inference; darker is dearer. "
            "Struck out: closed in that set. Empty: the set has no such channel.",
        },
    ]


def render(output: Path, sets: Sequence[Results], summary: Summary | None, made: str, made_from: str = "") -> str:
    """The index page.

    Args:
        output: folder of reports; only files that are in it are linked.
        sets: what to list.
        summary: what became of this build, or None.
        made: when, in words.
        made_from: hash of what the page is made from.

    Returns:
        The HTML document.
    """
    compared = columns(sets)
    tables = [
        {"key": key, "label": label, "rows": [_row(results, key, compared) for results in sets]}
        for key, label in WORKLOADS.items()
    ]
    files = {
        results.name: [
            Link(f"{results.name}/{link.href}", link.text)
            for link in _FILES
            if (output / results.name / link.href).is_file()
        ]
        for results in sets
    }
    return (
        environment()
        .get_template("index.html.j2")
        .render(
            title="What AI compute costs under export controls",
            unit=sets[0].unit if sets else "USD/H100e-h",
            sets=sets,
            columns=compared,
            tables=tables,
            markets=[_cleared(results) for results in sets] if any(results.market for results in sets) else [],
            paths=[_led(results) for results in sets if results.path],
            charts=_charts(sets, compared),
            files=files,
            failed=summary.failed if summary else [],
            stale={result.name for result in summary.failed} if summary else set(),
            made=made,
            mark=MARK.format(made_from),
        )
    )


def write_index(output: Path, summary: Summary | None = None, made_from: str = "") -> Path:
    """Write `index.html` over all whole reports of a folder.

    Args:
        output: folder of reports.
        summary: what became of the build, so that the page can name the sets that failed; None if there was none.
        made_from: hash of what the page is made from, see `reporting.fingerprint`.

    Returns:
        The page.

    Raises:
        OSError: it cannot be written; the one that was there stays.
    """
    page = output / PAGE
    made = datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0")
    write_whole(page, render(output, read_all(output), summary, made, made_from).encode())
    return page
