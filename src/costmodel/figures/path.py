"""Figures of the path through time: fans, shares, half-lives, the back-test. They draw its results and compute none."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel import drawing
from costmodel.drawing import Figure
from costmodel.outcome_words import half_life_words, month_of, path_label, path_value
from costmodel.palette import LIGHT, channel_colors
from costmodel.parameters.timeline import first_day
from costmodel.words import UNIT_WORDS, interval, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from costmodel.analysis.backtest import Comparison, Series
    from costmodel.analysis.controls import Control
    from costmodel.analysis.path import PathResult

# Results of the whole market that are drawn, with their words and colours.
_WHOLE = {
    "price": ("Clearing price", "#5b8f3a"),
    "premium": ("Premium", "#2f6fb7"),
    "compute_denied": ("Denied", "#a0522d"),
}
_RAISES, _LOWERS = "#a0522d", "#2f6fb7"
_PANEL = 1.3
# Height of a row with a label of two lines and a date, in inches.
_ROW = 0.54
# Where a premium is above this somewhere, doublings of the price are drawn equally high.
_HIGH = 1.0
_DOUBLINGS = tuple(2.0**power - 1.0 for power in range(-3, 11))
# Numbers of events take lines of their own where one line, which holds so many characters, has no room.
_LINES, _CHARACTERS = 4, 46
# Channels whose mean share never gets this high share one colour.
_SEEN = 0.01
_MONTHS, _QUARTERS = 3, 4
# Ratios of the largest to the smallest number between which an axis of published figures is logarithmic: nearer ones
# need none, and farther ones are of bands that go next to nothing.
_WIDE, _TOO_WIDE = 8.0, 100.0


def years(dates: Sequence[str]) -> list[float]:
    """Dates as years on an axis.

    Examples:
        >>> years(["2026-01-01", "2026-07-01"])
        [2026.0, 2026.5]
    """
    return [int(date[:4]) + (int(date[5:7]) - 1) / 12 for date in dates]


def path_colors(found: "PathResult") -> dict[str, str]:
    """Colour of each channel that there is at some time."""
    return channel_colors(found.case, *(regime.case for regime in found.path.regimes))


def gray(found: "PathResult") -> str | None:
    """The first gray channel that has a price of its servers; None where there is none."""
    roles = {c: case.text(f"channels.{c}.role") for c, case in found.cases.items()}
    return next((c for c, role in roles.items() if role == "gray" and f"server_ratio.{c}" in found.statistics), None)


# -- fans -----------------------------------------------------------------------------------------------------------


def fans(found: "PathResult", places: Sequence[int]) -> Figure:
    """Price, premium, what is denied and the price of gray servers over time, with events by their numbers.

    Args:
        found: the path.
        places: places of the events to be marked; they are numbered from 1 in order of time.
    """
    channel, colors = gray(found), path_colors(found)
    panels = dict(_WHOLE)
    if channel is not None:
        words = f"Server price over street price, {found.label(channel)}"
        panels[f"server_ratio.{channel}"] = (words, colors[channel])
    with drawing.canvas(1.35 + _PANEL * len(panels)) as figure:
        grid = figure.add_gridspec(len(panels), 1)
        above: Axes | None = None
        for row, (name, (words, color)) in enumerate(panels.items()):
            axes = figure.add_subplot(grid[row, 0], sharex=above)
            _fan(axes, found, name, color)
            logarithmic = _upright(axes, found, name)
            axes.set_title(f"{words}{', logarithmic' if logarithmic else ''}", loc="left", fontsize=9.5)
            axes.title.set_position((0, 1.0))
            _marks(axes, found, places, numbered=above is None)
            axes.tick_params(labelbottom=row == len(panels) - 1)
            above = above or axes
        assert above is not None
        _across(above, found)
        drawing.caption(
            axes,
            "Line: median · band: 5–95 % of draws",
            "Dotted: events, by their numbers in the table",
            f"Price: {UNIT_WORDS}",
            "Denied: share of the compute wanted without controls",
        )
        return drawing.finished(figure, _fans_alt(found, panels))


def _fan(axes: "Axes", found: "PathResult", name: str, color: str) -> None:
    low, middle, high = (_numbers(found, name, each) for each in ("p05", "p50", "p95"))
    at = years(found.dates)
    axes.fill_between(at, low, high, color=color, alpha=0.22, lw=0)
    axes.plot(at, middle, color=color, lw=2)
    axes.grid(axis="both")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=0)


def _numbers(found: "PathResult", name: str, statistic: str) -> list[float]:
    return [np.nan if value is None else value for value in found.band(name, statistic)]


def _upright(axes: "Axes", found: "PathResult", name: str) -> bool:
    """The vertical axis; whether it is logarithmic in the price."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

    logarithmic = name == "premium" and np.nanmax(_numbers(found, name, "p95")) > _HIGH
    if logarithmic:
        axes.set_yscale("function", functions=(np.log1p, np.expm1))
    axes.yaxis.set_major_locator(FixedLocator(_DOUBLINGS) if logarithmic else MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(name, value)))
    return bool(logarithmic)


def _tick(name: str, value: float) -> str:
    if name == "price":
        return drawing.dollars(value)
    return percent(value, signed=True) if name == "premium" else path_value(name, value)


def _across(axes: "Axes", found: "PathResult") -> None:
    """Whole years along the horizontal axis."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    at = years(found.dates)
    axes.set_xlim(at[0], at[-1])
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))


def _marks(axes: "Axes", found: "PathResult", places: Sequence[int], *, numbered: bool) -> None:
    """A dotted line for each event, with its number above; numbers near each other on lines of their own."""
    by_quarter: dict[int, list[int]] = {}
    for place in places:
        quarter = found.path.timeline.begins(found.events[place])
        by_quarter.setdefault(quarter, []).append(place + 1)
    ends = [-np.inf] * _LINES
    first, *_, last = years(found.dates)
    character = (last - first) / _CHARACTERS
    for quarter, numbers in by_quarter.items():
        (at,) = years([first_day(quarter)])
        axes.axvline(at, color=LIGHT["soft"], lw=0.9, ls=(0, (1, 2)))
        if not numbered:
            continue
        text = ", ".join(map(str, numbers))
        half = character * (len(text) + 1) / 2
        line = next((each for each in range(_LINES) if at - half >= ends[each]), _LINES - 1)
        ends[line] = at + half
        axes.annotate(
            text,
            (at, 1),
            (0, 17 + 10 * line),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=LIGHT["soft"],
            fontsize=8,
        )


def _fans_alt(found: "PathResult", panels: dict[str, tuple[str, str]]) -> str:
    return f"Over time, median and 5–95 % range: {'; '.join(_course(found, name, panels[name][0]) for name in panels)}."


def _course(found: "PathResult", name: str, words: str) -> str:
    """What a result is at the beginning, in the middle and at the end, where there is such a thing."""
    there = [(date, told) for date, told in zip(found.dates, found.statistics[name], strict=True) if told is not None]
    parts = []
    for at in sorted({0, len(there) // 2, len(there) - 1}):
        date, told = there[at]
        low, middle, high = (_tick(name, told[each].value) for each in ("p05", "p50", "p95"))
        parts.append(f"{middle} ({interval(low, high)}) in {month_of(date)}")
    return f"{words} {', '.join(parts)}"


# -- shares ---------------------------------------------------------------------------------------------------------


def share_areas(found: "PathResult") -> Figure:
    """Each channel's mean share of the compute in service, stacked, over time.

    Args:
        found: the path.
    """
    means = {c: np.nan_to_num(_numbers(found, f"share.{c}", "mean")) for c in found.cases}
    seen = [c for c in means if means[c].max() >= _SEEN]
    others = sum((means[c] for c in means if c not in seen), np.zeros(len(found.dates)))
    colors, at = path_colors(found), years(found.dates)
    areas = {found.label(c): (means[c], colors[c]) for c in seen}
    if others.max() > drawing.VISIBLE:
        areas["Others"] = (others, LIGHT["line"])
    with drawing.canvas(3.1 + 0.19 * ((len(areas) + 1) // 2)) as figure:
        axes = figure.add_subplot()
        axes.stackplot(
            at,
            [amounts for amounts, _ in areas.values()],
            colors=[color for _, color in areas.values()],
            edgecolor=LIGHT["paper"],
            linewidth=0.5,
        )
        axes.set_ylim(0, 1)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        axes.yaxis.set_major_formatter(lambda value, _: percent(value))
        _across(axes, found)
        drawing.caption(axes, "Share of the compute in service", "Means over all draws, which add up")
        drawing.legend(figure, {label: drawing.swatch(color) for label, (_, color) in areas.items()})
        words = [
            f"{label} {percent(amounts[0])} in {month_of(found.dates[0])}, "
            f"{percent(amounts[-1])} in {month_of(found.dates[-1])}"
            for label, (amounts, _) in areas.items()
        ]
        return drawing.finished(figure, f"Mean share of each channel in the compute in service: {'; '.join(words)}.")


# -- half-lives -----------------------------------------------------------------------------------------------------


def half_lives(found: "PathResult", places: Sequence[int]) -> Figure:
    """How long half of what each event does to the premium lasts; an arrow where it outlasts the path.

    Args:
        found: the path.
        places: places of the events to be shown.
    """
    events = [(place, found.controls[place]) for place in places]
    with drawing.canvas(1.4 + _ROW * len(events)) as figure:
        axes = figure.add_subplot()
        notes = {row: month_of(each.event.date) for row, (_, each) in enumerate(events)}
        drawing.rows(axes, [f"{place + 1}. {each.event.label}" for place, each in events], notes, width=24)
        axes.grid(axis="x")
        for row, (_, each) in enumerate(events):
            _lasts(axes, row, each, _left(found, each))
        axes.set_xlim(0, 1.02 * max(_left(found, each) for _, each in events))
        drawing.ticks(axes, lambda value: f"{value:,.0f}", count=6)
        drawing.caption(
            axes,
            "Months until half of the largest effect is gone",
            "Dot: median · line: 5–95 % of draws with an effect",
            "Arrow: not gone when the path ends",
        )
        looks = {"Raises the premium": drawing.swatch(_RAISES), "Lowers it": drawing.swatch(_LOWERS)}
        drawing.legend(figure, looks)
        words = [f"{place + 1}, {each.event.label}: {half_life_words(each.half_life)}" for place, each in events]
        return drawing.finished(figure, f"Half-lives of events, median and 5–95 % range: {'; '.join(words)}.")


def _left(found: "PathResult", each: "Control") -> int:
    """Months from an event's quarter to the path's last."""
    return _MONTHS * (found.path.timeline.last - found.path.timeline.begins(each.event))


def _lasts(axes: "Axes", row: int, each: "Control", left: int) -> None:
    """The band, the dot and the words of one event; what outlasts the path goes to its end and has an arrow there."""
    color = _RAISES if each.raises else _LOWERS
    low, middle, high = (each.half_life[name] for name in ("p05", "p50", "p95"))
    start, end = (left if x is None else x for x in (low, high))
    axes.plot([start, end], [row, row], color=color, lw=3.2, alpha=0.5, solid_capstyle="butt")
    if high is None:
        axes.plot(end, row, ">", ms=7, color=color, mew=0, clip_on=False)
    if middle is not None:
        axes.plot(middle, row, "o", ms=7, color=color, mec=LIGHT["paper"], mew=1.0, clip_on=False)
    axes.annotate(
        half_life_words(each.half_life, range_too=False),
        (1, row),
        (8, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        color=LIGHT["ink"],
    )


# -- back-test ------------------------------------------------------------------------------------------------------


def backtest(found: "PathResult") -> Figure:
    """Published figures with their ranges on the path's band, the result with the most of them first and largest.

    Args:
        found: the path of a set with published figures.
    """
    series = sorted(found.backtest.series, key=lambda each: -len(each.comparisons))
    small = series[1:]
    count = (len(small) + 1) // 2
    with drawing.canvas(3.0 + 1.65 * count) as figure:
        grid = figure.add_gridspec(count + 1, 2, height_ratios=[1.6, *[1.0] * count])
        axes = figure.add_subplot(grid[0, :])
        _held_against(axes, found, series[0], ticks=6)
        for at, each in enumerate(small):
            _held_against(figure.add_subplot(grid[1 + at // 2, at % 2]), found, each, ticks=3)
        drawing.legend(figure, _looks(), columns=2)
        return drawing.finished(figure, _backtest_alt(found, series))


def _looks() -> dict[str, Any]:
    from matplotlib.lines import Line2D

    return {
        "Path: median": Line2D([], [], color=LIGHT["soft"], lw=2),
        "Path: 5–95 % of draws": drawing.swatch(LIGHT["soft"], alpha=0.22),
        "Published, with its range": Line2D([], [], color=LIGHT["ink"], lw=1.2, marker="o", ms=5),
    }


def _held_against(axes: "Axes", found: "PathResult", series: "Series", ticks: int) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    name, channel = series.outcome, series.outcome.partition(".")[2]
    _fan(axes, found, name, path_colors(found)[channel] if channel else _WHOLE.get(name, ("", LIGHT["soft"]))[1])
    for each in series.comparisons:
        _published(axes, each)
    last = max(each.observation.last for each in series.comparisons)
    first = min(each.observation.first for each in series.comparisons)
    start, end = years([first_day(first - _QUARTERS), first_day(last + _QUARTERS)])
    at = years(found.dates)
    axes.set_xlim(max(start, at[0]), min(end, at[-1]))
    numbers = [n for x, n in _in_sight(axes, found, name)] + [
        n for each in series.comparisons for n in (each.observation.low, each.observation.high) if n
    ]
    if min(numbers) > 0 and _WIDE < max(numbers) / min(numbers) < _TOO_WIDE:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=6))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.set_ylim(min(0.0, *numbers), 1.06 * max(numbers))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: path_value(name, value)))
    axes.xaxis.set_major_locator(MaxNLocator(ticks, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    axes.set_title(_heading(found, name), loc="left", fontsize=9 if ticks < 6 else 9.5)


def _heading(found: "PathResult", name: str) -> str:
    channel = name.partition(".")[2]
    return "\n".join(filter(None, (path_label(name), channel and found.label(channel))))


def _in_sight(axes: "Axes", found: "PathResult", name: str) -> list[tuple[float, float]]:
    """Ends of the band at the dates that are shown."""
    low, high = axes.get_xlim()
    both = (_numbers(found, name, each) for each in ("p05", "p95"))
    at = years(found.dates)
    return [(x, n) for side in both for x, n in zip(at, side, strict=True) if low <= x <= high and np.isfinite(n)]


def _published(axes: "Axes", each: "Comparison") -> None:
    """A dot at a published value, with its range upwards and the time that it is for across."""
    item = each.observation
    first, last = years([first_day(item.first), first_day(item.last)])
    at = (first + last) / 2
    look: dict[str, Any] = {"color": LIGHT["ink"], "lw": 1.2, "solid_capstyle": "butt"}
    axes.plot([first, last], [item.value, item.value], **look)
    low, high = (item.value if end is None else end for end in (item.low, item.high))
    axes.plot([at, at], [low, high], **look)
    axes.plot(at, item.value, "o", ms=5, color=LIGHT["ink"], mec=LIGHT["paper"], mew=0.8)


def _backtest_alt(found: "PathResult", series: Sequence["Series"]) -> str:
    parts = []
    for one in series:
        figures = [
            f"{each.observation.label} {path_value(one.outcome, each.observation.value)}, path "
            f"{path_value(one.outcome, each.model['p50'].value)}"
            for each in one.comparisons
        ]
        parts.append(f"{_heading(found, one.outcome).replace(chr(10), ', ')}: {'; '.join(figures)}")
    return f"Published figures beside the median of the path. {'. '.join(parts)}."
