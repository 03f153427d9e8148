"""Figures of what a market yields: shares, gains and losses, diversion. They draw its results and compute none."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from costmodel import drawing
from costmodel.analysis.market import undiverted
from costmodel.drawing import Figure
from costmodel.market import GOVERNMENTS
from costmodel.palette import LIGHT, channel_colors
from costmodel.words import interval, large_money, percent, scale_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from costmodel.analysis.market import MarketResult
    from costmodel.analysis.statistics import Estimate

# Parts of the buyers' loss, and what governments get: colours that no channel has.
_LOSS = {
    "surplus_loss": ("Buyers’ loss of surplus", LIGHT["soft"]),
    "rents": ("Paid as rents to suppliers", "#5b8f3a"),
    "extra_cost": ("Real extra cost", "#a0522d"),
    "denied_use": ("Use that is given up", "#8f6fb3"),
}
_GOVERNMENT = "#7d8792"
# Channels that hardly ever supply anything get no bar.
_SEEN = 0.01
# A part of a bar narrower than this share of it has no room for its number.
_LABELLED = 0.1


class _Band(NamedTuple):
    """A number and the 5th and 95th percentile around it."""

    value: float
    low: float
    high: float


def _band(found: Mapping[str, "Estimate"], middle: str) -> _Band:
    return _Band(*(found[name].value for name in (middle, "p05", "p95")))


def _bar(axes: "Axes", row: float, band: _Band, text: str, **look: Any) -> None:
    """A bar with its band as a thin line and its number at the right of both."""
    drawing.bar(axes, row, band.value, **{"edgecolor": LIGHT["paper"], "linewidth": 0.6, **look})
    axes.plot([band.low, band.high], [row, row], color=LIGHT["ink"], lw=1.2, solid_capstyle="butt")
    drawing.value(axes, max(band.value, band.high, 0.0), row, text, closed=False)


# -- shares ---------------------------------------------------------------------------------------------------------


def supplied(found: "MarketResult") -> list[str]:
    """Channels that supply more than next to nothing in some draws, the largest share first."""
    shares = {c: found.statistics[f"share.{c}"] for c in found.case.channels}
    seen = [c for c, share in shares.items() if share["p95"].value >= _SEEN]
    return sorted(seen, key=lambda c: -shares[c]["p50"].value)


def shares(found: "MarketResult") -> Figure:
    """Share of each channel in the compute in service, and what is denied of the compute wanted.

    Args:
        found: the market of a set.
    """
    case, colors, channels = found.case, channel_colors(found.case), supplied(found)
    bands = {c: _band(found.statistics[f"share.{c}"], "p50") for c in channels}
    denied, words = _band(found.statistics["compute_denied"], "p50"), []
    with drawing.canvas(1.1 + drawing.ROW * (len(channels) + 1)) as figure:
        axes = figure.add_subplot()
        notes = {len(channels): "of what is wanted"}
        drawing.rows(axes, [*map(case.label, channels), "Denied"], notes, width=18)
        axes.grid(axis="x")
        for row, (channel, band) in enumerate(bands.items()):
            _bar(axes, row, band, percent(band.value), facecolor=colors[channel])
            words.append(f"{case.label(channel)} {_range(band)}")
        _bar(axes, len(channels), denied, percent(denied.value), **drawing.DENIED)
        axes.axhline(len(channels) - 0.5, color=LIGHT["soft"], lw=0.8, ls=(0, (1, 2)))
        axes.axvline(0, color=LIGHT["soft"], lw=0.9)
        axes.set_xlim(left=min(0.0, denied.low))
        axes.margins(x=0.12)
        drawing.ticks(axes, percent)
        drawing.caption(
            axes,
            "Channels: share of the compute in service",
            "Denied: share of the compute wanted without controls",
            "Bar and number: median · thin line: 5–95 % of draws",
        )
        alt = f"Share of each channel in the compute in service, median and 5–95 % range: {'; '.join(words)}"
        return drawing.finished(figure, f"{alt}. Denied of what is wanted without controls: {_range(denied)}.")


def _range(band: _Band) -> str:
    return f"{percent(band.value)} ({interval(percent(band.low), percent(band.high))})"


# -- gains and losses -----------------------------------------------------------------------------------------------


def losses(found: "MarketResult") -> Figure:
    """What buyers lose against a market without controls, and the three parts that make it up.

    Args:
        found: the market of a set.
    """
    bands = {name: _band(found.statistics[name], "mean") for name in _LOSS}
    scale, word = scale_of(max(abs(number) for band in bands.values() for number in band))
    with drawing.canvas(1.2 + drawing.ROW * len(bands)) as figure:
        axes = figure.add_subplot()
        drawing.rows(axes, [label for label, _ in _LOSS.values()], width=20)
        axes.grid(axis="x")
        for row, (name, band) in enumerate(bands.items()):
            _bar(axes, row, _scaled(band, scale), large_money(band.value), facecolor=_LOSS[name][1])
        _amounts(axes, word)
        words = [f"{_LOSS[name][0]} {_money_range(band)}" for name, band in bands.items()]
        return drawing.finished(
            figure, f"Buyers’ loss a year and its parts, mean and 5–95 % range: {'; '.join(words)}."
        )


def _scaled(band: _Band, scale: float) -> _Band:
    return _Band(*(number / scale for number in band))


def _amounts(axes: "Axes", word: str) -> None:
    """The axis of amounts a year."""
    axes.axvline(0, color=LIGHT["soft"], lw=0.9)
    axes.margins(x=0.2)
    drawing.ticks(axes, lambda value: f"{value:,g}".replace("-", "−"), count=4)
    drawing.caption(
        axes,
        f"{word.capitalize()} US dollars a year".lstrip(),
        "Bar and number: mean of all draws; these add up",
        "Thin line: 5–95 % of draws",
    )


def _money_range(band: _Band) -> str:
    return f"{large_money(band.value)} ({interval(large_money(band.low), large_money(band.high))})"


def gains(found: "MarketResult") -> Figure:
    """Rents of each channel, those of units in service apart, and what governments receive.

    Args:
        found: the market of a set.
    """
    case, colors, channels = found.case, channel_colors(found.case), supplied(found)
    rents = {c: _band(found.statistics[f"rent.{c}"], "mean") for c in channels}
    channels = sorted(channels, key=lambda c: -rents[c].value)
    received = {label: _band(found.statistics[f"receipts_{g}"], "mean") for g, label in GOVERNMENTS.items()}
    scale, word = scale_of(max(number for band in [*rents.values(), *received.values()] for number in band))
    with drawing.canvas(1.45 + drawing.ROW * (len(channels) + len(received))) as figure:
        axes = figure.add_subplot()
        notes = dict.fromkeys(range(len(channels), len(channels) + len(received)), "receives")
        drawing.rows(axes, [*map(case.label, channels), *received], notes, width=20)
        axes.grid(axis="x")
        for row, channel in enumerate(channels):
            sunk = found.statistics[f"quasi_rent.{channel}"]["mean"].value / scale
            _bar(
                axes, row, _scaled(rents[channel], scale), large_money(rents[channel].value), facecolor=colors[channel]
            )
            drawing.bar(axes, row, sunk, facecolor=colors[channel], linewidth=0.6, **drawing.IN_SERVICE)
        for row, band in enumerate(received.values(), len(channels)):
            _bar(axes, row, _scaled(band, scale), large_money(band.value), facecolor=_GOVERNMENT)
        _amounts(axes, word)
        drawing.legend(figure, _looks())
        words = [f"{case.label(c)} {_money_range(rents[c])}" for c in channels]
        words += [f"{label} receives {_money_range(band)}" for label, band in received.items()]
        return drawing.finished(figure, f"Rents by channel a year, mean and 5–95 % range: {'; '.join(words)}.")


def _looks() -> dict[str, Any]:
    color = LIGHT["soft"]
    sunk = drawing.swatch(color, **drawing.IN_SERVICE)
    return {"Quasi-rent of units in service": sunk, "Scarcity rent of further units": drawing.swatch(color)}


# -- diversion ------------------------------------------------------------------------------------------------------


def diversion(found: "MarketResult") -> Figure:
    """Where the compute of each channel goes when it is closed: what other channels take over, and what is denied.

    Args:
        found: the market of a set; closing some channel takes compute.
    """
    case, colors, ratios = found.case, channel_colors(found.case), found.diversion
    takers = [c for c in case.channels if any(by.get(c, 0.0) > drawing.VISIBLE for by in ratios.values())]
    words = []
    with drawing.canvas(1.1 + drawing.ROW * len(ratios) + 0.21 * ((len(takers) + 2) // 2)) as figure:
        axes = figure.add_subplot()
        drawing.rows(axes, [case.label(c) for c in ratios], width=18)
        for row, by in enumerate(ratios.values()):
            parts = [(by.get(c, 0.0), {"facecolor": colors[c], "edgecolor": LIGHT["paper"]}) for c in takers]
            _stack(axes, row, [*parts, (undiverted(by), drawing.DENIED)])
        axes.set_xlim(0, 1)
        drawing.ticks(axes, percent)
        drawing.caption(axes, "Share of the compute that closing the channel takes", "Means over all draws")
        marks = {case.label(c): drawing.swatch(colors[c]) for c in takers}
        drawing.legend(figure, {**marks, "Denied": drawing.swatch("", **drawing.DENIED)})
        for channel, by in ratios.items():
            to = [f"{case.label(c)} {percent(by[c])}" for c in takers if by.get(c, 0.0) > drawing.VISIBLE]
            words.append(f"{case.label(channel)}: {', '.join([*to, f'denied {percent(undiverted(by))}'])}")
        return drawing.finished(figure, f"Where compute goes when a channel is closed. {'; '.join(words)}.")


def _stack(axes: "Axes", row: int, parts: Sequence[tuple[float, Mapping[str, Any]]]) -> None:
    left = 0.0
    for share, look in parts:
        drawing.bar(axes, row, share, left=left, **{"linewidth": 0.8, **look})
        if share >= _LABELLED:
            axes.text(
                left + share / 2, row, percent(share), ha="center", va="center", **drawing.text_on(look["facecolor"])
            )
        left += share
