"""The generated page of what the sets with a timeline give: paths by year, what each event does, and the back-test."""

from collections.abc import Callable

from costmodel import load
from costmodel.analysis.backtest import Comparison
from costmodel.analysis.controls import Control
from costmodel.analysis.path import PathResult, path_result
from costmodel.locations import set_names

DRAWS = 512
_HEAD = (
    "Generated from the sets as they are: the path of the methods page, {draws:,} draws of each set's own seed. Medians of all draws with the 5th to "
    "95th percentile in brackets, except where another statistic is named. What the numbers rest on, and where the model misses and why, is on the page "
    "[the path's data](path-data.md)."
)
_YEARLY = {"premium": "premium", "compute_denied": "denied", "share.domestic": "domestic share"}
_HISTORY = "history"


def path_page(table: Callable[[list[str], list[list[str]]], str]) -> str:
    """Paths of all sets with a timeline, what each event does, and the back-test of the history.

    Args:
        table: makes a Markdown table of a header and rows.
    """
    cases = [case for case in map(load, set_names()) if case.timeline]
    found = {case.name: path_result(case, DRAWS) for case in cases}
    history = found[_HISTORY]
    ahead = {name: result for name, result in found.items() if name != _HISTORY}
    parts = ["# What the path gives", _HEAD.format(draws=DRAWS), "## By year", "In the first quarter of each year."]
    for name, words in _YEARLY.items():
        parts += [f"{words.capitalize()}, medians:", table(*_by_year(ahead, name))]
    parts += [
        "## In the end",
        "Delay is the time since when as much compute would have been in service without controls, at the end of the path.",
        table(
            ["set", "delay, months", "domestic supply alone holds the premium at the threshold"],
            list(map(_end, ahead.values())),
        ),
        "## What each event did",
        "The history's path against the same path without the event, in the same draws. The change is the largest, in the premium's own unit (1 is "
        "the cost without controls). Half-life is counted from the event; *censored* is the share of the draws with an effect in which half of the change "
        "is still there at the end of 2026.",
        table(
            ["date", "event", "change of premium", "half-life, months", "censored", "no effect"],
            list(map(_control, history.controls)),
        ),
        "## Published figures",
        "Nothing is fitted to them. Errors are of the model's median, as shares of the published value.",
        table(
            ["result", "figures", "mean error", "mean size of error", "in the 90 % band", "rank correlation"],
            [
                [
                    f"`{series.outcome}`",
                    str(len(series.comparisons)),
                    f"{series.bias:+.0%}",
                    f"{series.mean_error:.0%}",
                    f"{series.inside:.0%}",
                    "–" if series.rank_correlation is None else f"{series.rank_correlation:+.2f}",
                ]
                for series in history.backtest.series
            ],
        ),
        table(
            ["from", "until", "figure", "published", "here"],
            [_figure(each) for series in history.backtest.series for each in series.comparisons],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _by_year(found: dict[str, PathResult], name: str) -> tuple[list[str], list[list[str]]]:
    first = next(iter(found.values()))
    years = [(place, date) for place, date in enumerate(first.dates) if date.endswith("-01-01")]
    body = [[set_name, *(_share(result.band(name)[place]) for place, _ in years)] for set_name, result in found.items()]
    return ["set", *(date[:4] for _, date in years)], body


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _end(found: PathResult) -> list[str]:
    delay, date = found.delay, found.domestic_date
    never = f"never in {date.never:.0%} of draws"
    median = date.dates["p50"]
    when = f"{median[:7]} at the median, {never}" if median else never
    return [
        found.case.name,
        f"{delay['p50'].value:.0f} ({delay['p05'].value:.0f} to {delay['p95'].value:.0f})",
        f"{date.threshold:.0%}: {when}",
    ]


def _control(found: Control) -> list[str]:
    added, half = found.premium_added, found.half_life
    months = [half[name] for name in ("p50", "p05", "p95")]
    told = ["beyond the end" if month is None else f"{month:.0f}" for month in months]
    some = found.no_effect < 1
    return [
        found.event.date,
        found.event.label,
        f"{_change(added['p50'].value)} ({_change(added['p05'].value)} to {_change(added['p95'].value)})",
        f"{told[0]} ({told[1]} to {told[2]})" if some else "–",
        f"{found.censored:.0%}" if some else "–",
        f"{found.no_effect:.0%}",
    ]


def _change(value: float) -> str:
    told = f"{value:+.2f}"
    return "0.00" if float(told) == 0 else told


def _figure(found: Comparison) -> list[str]:
    item, model = found.observation, found.model
    published = _amount(item.value)
    if item.low is not None and item.high is not None:
        published += f" ({_amount(item.low)} to {_amount(item.high)})"
    band = f"{_amount(model['p50'].value)} ({_amount(model['p05'].value)} to {_amount(model['p95'].value)})"
    return [_quarter(item.first), _quarter(item.last), item.label, published, band]


def _quarter(quarters: int) -> str:
    return f"{quarters // 4} Q{quarters % 4 + 1}"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
