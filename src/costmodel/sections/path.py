"""Section about the path through time: how long a control lasts. It lays out results and computes nothing."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from costmodel import figures, tables
from costmodel.analysis.controls import largest
from costmodel.outcome_words import (
    change,
    delay_words,
    domestic_words,
    half_life_words,
    month_of,
    path_value,
)
from costmodel.sections.blocks import Block, heading, text
from costmodel.words import interval, listed, money, percent

if TYPE_CHECKING:
    from costmodel.analysis.backtest import Series
    from costmodel.analysis.controls import Control
    from costmodel.analysis.path import PathResult
    from costmodel.study import Study

#: Events that are marked in charts: more would hide each other.
MARKED = 10
# Tables of parameters that say how a path goes on by itself.
_MECHANISMS = ("demand", "domestic", "enforcement", "adaptation", "entry", "stocks")
# A ratio of servers' prices that is this much above what was published is far too high.
_FAR = 0.5


def path(study: "Study") -> Iterable[Block]:
    """Fans, events, half-lives, delay, back-test."""
    found = study.path
    assert found is not None
    marked = largest(found.controls, MARKED)
    yield text(
        f"So far all was about the date at which the path begins, {month_of(found.dates[0])}. Here the same market is "
        "cleared quarter after quarter: events change what is allowed and what can be had, chips get cheaper, demand "
        "grows, domestic makers learn and grow, what is bought adds to what stands in service, and enforcement and "
        "evasion answer each other."
    )
    yield text(*_course(found), *_lasting(found, marked))
    yield tables.path_headline(found)
    yield figures.fans(found, marked)
    yield heading("Who supplies over time")
    yield figures.share_areas(found)
    if found.controls:
        yield heading("What each event does, and how long it lasts")
        yield from _events(found, marked)
    yield heading("How far it sets back, and when domestic supply is enough")
    yield text(
        delay_words({name: each.value for name, each in found.delay.items()}, found.dates[-1]),
        domestic_words(found.domestic_date.threshold, found.domestic_date.dates, found.domestic_date.never),
        "The delay counts compute added up, not chips, and says nothing of what it was used for.",
    )
    if found.backtest.series:
        yield heading("Held against published figures")
        yield from _backtest(found)
    yield text(*_scenarios(found))


def _course(found: "PathResult") -> Iterator[str]:
    """Where price and premium begin and end."""
    first, last = (month_of(date) for date in (found.dates[0], found.dates[-1]))
    begins, ends = (found.statistics["premium"][at] for at in (0, -1))
    price, denied = found.statistics["price"][-1], found.statistics["compute_denied"][-1]
    assert begins is not None
    assert ends is not None
    assert price is not None
    assert denied is not None
    low, high = (percent(ends[name].value, signed=True) for name in ("p05", "p95"))
    yield (
        f"The median premium goes from {percent(begins['p50'].value, signed=True)} in {first} to "
        f"{percent(ends['p50'].value, signed=True)} in {last} (5–95 % range: {interval(low, high)}). By then the "
        f"market clears at {money(price['p50'].value)} per H100-equivalent hour, and "
        f"{percent(max(denied['p50'].value, 0.0))} of the compute wanted is not in service, each in the median draw."
    )


def _lasting(found: "PathResult", marked: Sequence[int]) -> Iterator[str]:
    """The control that adds most to the premium, and how many last to the end."""
    raising = [found.controls[place] for place in marked if found.controls[place].raises]
    if not raising:
        yield "No event raises the premium."
        return
    most = max(raising, key=lambda each: each.mean_added["mean"].value)
    named = f"“{most.event.label}” ({month_of(most.event.date)})"
    yield f"Of all events that raise it, {named} adds most on average: {_added(most)}."
    lasting = [each for each in raising if each.half_life["p50"] is None]
    verb = "outlasts" if len(lasting) == 1 else "outlast"
    yield (
        f"Of the {len(raising)} raising events that are marked below, {len(lasting) or 'none'} {verb} the path in the "
        "median draw: half of the effect is not gone when it ends."
    )


def _added(each: "Control") -> str:
    added = change(each.premium_added["p50"].value, "1")
    lasts = half_life_words(each.half_life)
    how_long = f"it lasts {lasts}" if each.half_life["p50"] is None else f"half of that is gone after {lasts}"
    return f"{added} at its largest in the median draw, and {how_long}"


def _events(found: "PathResult", marked: Sequence[int]) -> Iterator[Block]:
    few = found.control_draws
    yield text(
        "What an event does is the premium with all events less the premium without it, in the same draw. Its "
        "half-life is the time from the event until half of the largest change is gone; where that has not happened "
        "when the path ends, the half-life is censored: it is longer than could be seen. A change of the premium below "
        f"one percentage point counts as no effect. Told from {few:,} draws. An event that opens a channel lowers the "
        "premium, and its half-life is that of the relief."
    )
    if marked:
        yield figures.half_lives(found, marked)
    yield tables.events(found, marked)


def _backtest(found: "PathResult") -> Iterator[Block]:
    yield text(
        "Nothing in the path is fitted to prices that were published. Where it is set by the same count that it is "
        "compared with, the note in the table says so, and the comparison is no test."
    )
    yield text(_series_words(found, max(found.backtest.series, key=lambda series: len(series.comparisons))))
    yield figures.backtest(found)
    yield tables.backtest(found)
    yield text(*_misses(found))


def _series_words(found: "PathResult", series: "Series") -> str:
    """How far the path is from the published figures of one result."""
    label, count = found.heading(series.outcome), len(series.comparisons)
    side = "above" if series.bias >= 0 else "below"
    rank = series.rank_correlation
    return (
        f"{label}: {count} figure{'' if count == 1 else 's'}, the path’s median on average "
        f"{percent(abs(series.bias))} {side}, {percent(series.inside)} in its range"
        + ("." if rank is None else f", rank correlation over time {rank:.2f}.".replace("-", "−"))
    )


def _misses(found: "PathResult") -> Iterator[str]:
    """What the model is known to miss, with this run's numbers where they show it."""
    yield (
        "What the path misses: it has one price of compute, at which everybody can buy through every channel, so that "
        "it cannot follow a gray market whose buyers have nowhere else to go, or one that few can use."
    )
    prices = [series for series in found.backtest.series if series.outcome.startswith("server_ratio.")]
    for series in prices:
        far = [
            f"“{each.observation.label}” ({path_value(series.outcome, each.model['p50'].value)} instead of "
            f"{path_value(series.outcome, each.observation.value)} times the street price)"
            for each in series.comparisons
            if each.error >= _FAR
        ]
        if far:
            yield f"Its median is half as much again as what was published, or more, for {listed(far)}."
        if series.rank_correlation is not None and series.rank_correlation <= 0:
            yield "Its ups and downs are not those of the published prices."
    if any(x.outcome.startswith("delivered.domestic") and x.bias <= -_FAR for x in found.backtest.series):
        yield (
            "Domestic chips that firms and state-funded halls were told to buy are not bought in the model, which "
            "knows costs alone; what domestic makers learn from that output is too little to that extent."
        )


def _scenarios(found: "PathResult") -> Iterator[str]:
    """Which mechanisms are scenarios, not estimates."""
    stated = [item.path for item in found.path.regimes[-1].case if item.role == "scenario" and item.stated]
    words = [each.replace(".", " ").replace("_", " ") for each in stated if each.split(".")[0] in _MECHANISMS]
    if words:
        yield f"Scenarios, not estimates, since nothing published says what they are: {listed(words)}."
    yield "A path is no forecast: it shows where what is stated leads, if nothing else happens."
