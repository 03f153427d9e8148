"""The command about the path through time: how price, premium and supply move, and how long controls last."""

from collections.abc import Iterator, Sequence
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
    show,
)

if TYPE_CHECKING:
    from costmodel.analysis.backtest import Comparison, Series
    from costmodel.analysis.controls import Control
    from costmodel.analysis.path import PathResult

_WHOLE = ("price", "premium", "compute_denied")
# A channel whose median share never gets this high has no column.
_SEEN = 0.05
_FIRST_QUARTER = "-01-01"

OutcomesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--outcome",
        metavar="NAME",
        help="What is told, such as share.domestic; may be repeated. Default: all there is.",
    ),
]


@app.command()
def path(
    name: SetName,
    draws: DrawsOption = None,
    seed: SeedOption = None,
    outcomes: OutcomesOption = None,
    workers: WorkersOption = 1,
    controls: Annotated[bool, typer.Option(help="Tell what each event does, and how long that lasts.")] = True,
    changes: Overrides = None,
    form: FormatOption = Format.table,
) -> None:
    """How price, premium and supply move through time, how long controls last, and how that fits published figures."""
    from costmodel.analysis.path import path_json, path_result
    from costmodel.printing import path_rows

    found = path_result(drawn(name, changes, draws, seed), draws, seed, names=outcomes or None, workers=workers)
    if form is Format.table:
        _print_path(found, outcomes or _told(found), controls=controls, asked=bool(outcomes))
    else:
        show(form, lambda: path_json(found, controls=controls), lambda: path_rows(found))


def _told(found: "PathResult") -> list[str]:
    """Price, premium, what is denied, and the shares of channels that have more than little at some time."""
    shares = [f"share.{channel}" for channel in found.cases]
    return [*_WHOLE, *(name for name in shares if any((x or 0.0) >= _SEEN for x in found.band(name)))]


def _print_path(found: "PathResult", names: Sequence[str], *, controls: bool, asked: bool) -> None:
    from costmodel import printing
    from costmodel.costs import UNIT

    print(found.case.title)
    when = "At the beginning of each year, and at the end"
    banded = [name for name in names if asked or name in _WHOLE]
    printing.print_rows(list(_years(found, banded)), f"{when}: median (5 % – 95 %), prices in {UNIT}")
    if rest := [name for name in names if name not in banded]:
        printing.print_rows(list(_shares(found, rest)), f"{when}: shares of the compute in service, medians")
    if controls and found.controls:
        rows = [_control(place, each) for place, each in enumerate(found.controls, 1)]
        draws = found.control_draws
        printing.print_rows(
            rows, f"What each event does to the premium, and how long half of that lasts ({draws:,} draws)"
        )
        print(
            "Half-life: months from the event's quarter until half of the largest change is gone, over draws with an "
            "effect; “beyond the end” where it is not gone by the end of the path (censored)."
        )
    rows = [_figure(found, series, each) for series in found.backtest.series for each in series.comparisons]
    if rows:
        printing.print_rows(rows, "Published figures beside the path (nothing is fitted to them)")
    for line in _headings(found):
        print(line)
    print(f"{found.draws:,} draws, seed {found.seed}; bands are from the 5th to the 95th percentile.")


def _places(found: "PathResult") -> Iterator[int]:
    """The first quarter of each year, and of the path, and its last."""
    last = len(found.dates) - 1
    yield from (at for at, date in enumerate(found.dates) if date.endswith(_FIRST_QUARTER) or at in (0, last))


def _shares(found: "PathResult", names: Sequence[str]) -> Iterator[dict[str, str]]:
    from costmodel.words import percent

    for place in _places(found):
        told = {found.label(name.partition(".")[2]): found.band(name)[place] for name in names}
        shown = {label: "–" if share is None else percent(share) for label, share in told.items()}
        yield {"quarter from": found.dates[place][:7], **shown}


def _years(found: "PathResult", names: Sequence[str]) -> Iterator[dict[str, str]]:
    for place in _places(found):
        row = {"quarter from": found.dates[place][:7]}
        for name in names:
            row[found.heading(name)] = found.shown(name, place)
        yield row


def _control(number: int, each: "Control") -> dict[str, Any]:
    from costmodel.outcome_words import change, half_life_words
    from costmodel.words import interval, percent

    low, middle, high = (change(each.premium_added[name].value, "1") for name in ("p05", "p50", "p95"))
    return {
        "no.": str(number),
        "date": each.event.date,
        "event": each.event.label,
        "premium added": f"{middle} ({interval(low, high)})",
        "half-life": half_life_words(each.half_life),
        "censored": percent(each.censored),
        "no effect": percent(each.no_effect),
    }


def _figure(found: "PathResult", series: "Series", each: "Comparison") -> dict[str, str]:
    from costmodel.outcome_words import path_value
    from costmodel.parameters.timeline import first_day
    from costmodel.words import interval, percent

    item = each.observation
    low, middle, high = (path_value(series.outcome, each.model[name].value) for name in ("p05", "p50", "p95"))
    return {
        "quarter from": first_day(item.first)[:7],
        "result": found.heading(series.outcome),
        "figure": item.label,
        "published": path_value(series.outcome, item.value),
        "path": f"{middle} ({interval(low, high)})",
        "error": percent(each.error, signed=True),
        "in the band": "yes" if each.inside else "no",
    }


def _headings(found: "PathResult") -> Iterator[str]:
    """The back-test's errors, the delay and the domestic date in words."""
    from costmodel.outcome_words import delay_words, domestic_words
    from costmodel.words import digits, percent

    for series in found.backtest.series:
        rank = series.rank_correlation
        yield (
            f"{found.heading(series.outcome)}: bias "
            f"{percent(series.bias, signed=True)}, mean error {percent(series.mean_error)}, "
            f"{percent(series.inside)} in the band" + ("" if rank is None else f", rank correlation {digits(rank, 2)}")
        )
    yield delay_words({name: each.value for name, each in found.delay.items()}, found.dates[-1])
    yield domestic_words(found.domestic_date.threshold, found.domestic_date.dates, found.domestic_date.never)
