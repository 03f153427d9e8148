"""Figure of supply and demand. It draws a cleared market and computes nothing."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from costmodel import drawing
from costmodel.drawing import Figure
from costmodel.market.merit_order import demand_curve, merit_order
from costmodel.palette import LIGHT, channel_colors
from costmodel.words import UNIT_WORDS, interval, large, money, percent, scale_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from costmodel.market import PooledMarket
    from costmodel.market.merit_order import Step
    from costmodel.parameters import ParameterSet

Band = tuple[float, float]

# Room beyond what is wanted, and above the choke price.
_ROOM = 1.06
# Where the choke price is further above the clearing price than this, the curve leaves the picture on top.
_TALL = 5.0
# A part of the strip below the curve narrower than this has no room for its words.
_WORDS = 0.13
_UNUSED = 0.35
_DASHED, _DOTTED = (0, (4, 3)), (0, (1, 1.5))


def supply_curve(case: "ParameterSet", found: "PooledMarket", band: Band) -> Figure:
    """The merit order as bars, demand, the clearing price, the cost without controls, and what is not served.

    Args:
        case: parameter set.
        found: its market at central values.
        band: 5th and 95th percentile of the clearing price over all draws, USD/H100e-h.
    """
    steps, wanted = merit_order(found), float(found.wanted)
    price, reference, choke = (float(x) for x in (found.price, found.counterfactual, found.highest_price))
    right = _ROOM * max(wanted, float(found.total))
    top = _top(steps, (price, reference), choke, band)
    scale, word = scale_of(right)
    seen = _seen(case, steps, right)
    with drawing.canvas(4.3 + 0.21 * ((len(seen) + 6) // 2)) as figure:
        axes, strip = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [1, 0.075]})
        axes.set(xlim=(0, right / scale), ylim=(0, top))
        _band(axes, band)
        _bars(axes, case, steps, scale)
        lines = _lines(axes, found, (price, reference), scale)
        _axes(axes, (price, reference), top)
        _served(strip, float(found.total) / scale, wanted / scale)
        drawing.ticks(strip, lambda value: f"{value:g}")
        drawing.caption(
            strip,
            f"H100-equivalents in service{', ' + word if word else ''}",
            f"Strip: what is wanted without controls, {percent(max(float(found.compute_denied), 0.0))} of it denied",
            "Grey band: clearing price, 5–95 % of draws · all else at central values",
        )
        drawing.legend(figure, {**seen, **lines})
        return drawing.finished(figure, _alt(case, found, steps, band))


def _top(steps: Sequence["Step"], prices: tuple[float, float], choke: float, band: Band) -> float:
    """Height of the picture: up to the choke price, unless that is far above all else."""
    if choke <= _TALL * prices[0]:
        return _ROOM * choke
    return min(_ROOM * choke, 1.2 * max(band[1], 2 * max(prices), *(step.high for step in steps if step.used)))


def _seen(case: "ParameterSet", steps: Sequence["Step"], right: float) -> dict[str, Any]:
    """Entries of the legend: channels whose bars can be seen, and what the two looks of a bar mean."""
    colors = channel_colors(case)
    names = dict.fromkeys(s.channel for s, left in _placed(steps) if left < right and s.width > 0.003 * right)
    marks = {case.label(name): drawing.swatch(colors[name]) for name in names}
    if any(step.sunk for step in steps):
        marks["Hatched: in service already"] = drawing.swatch(LIGHT["soft"], **drawing.IN_SERVICE)
    if any(not step.used for step in steps):
        marks["Pale: on offer, not used"] = drawing.swatch(LIGHT["soft"], alpha=_UNUSED)
    return marks


def _placed(steps: Sequence["Step"]) -> list[tuple["Step", float]]:
    """Each part of an offer with the place where it begins."""
    found, left = [], 0.0
    for step in steps:
        found.append((step, left))
        left += step.width
    return found


def _bars(axes: "Axes", case: "ParameterSet", steps: Sequence["Step"], scale: float) -> None:
    colors, end = channel_colors(case), axes.get_xlim()[1]
    for step, left in _placed(steps):
        if left / scale >= end:
            continue
        # Beyond the picture's side there is nothing to see, however far a bar reaches.
        share = min(1.0, (end - left / scale) / (step.width / scale))
        ends = [left / scale, left / scale + min(step.width / scale, end - left / scale)]
        tops = [step.low, step.low + share * (step.high - step.low)]
        look: dict[str, Any] = {"facecolor": colors[step.channel], "edgecolor": LIGHT["paper"], "linewidth": 0.4}
        look |= drawing.IN_SERVICE if step.sunk else {}
        axes.fill_between(ends, 0, tops, **look, alpha=1 if step.used else _UNUSED)


def _band(axes: "Axes", band: Band) -> None:
    axes.axhspan(*band, color=LIGHT["soft"], alpha=0.13, lw=0, zorder=0.5)


def _lines(axes: "Axes", found: "PooledMarket", prices: tuple[float, float], scale: float) -> Mapping[str, Any]:
    """Demand, the clearing price and the cost without controls; what they are called."""
    price, reference = prices
    wide, high = axes.get_xlim()[1], axes.get_ylim()[1]
    quantities, at = demand_curve(found, min(price, reference) / 3)
    (demand,) = axes.plot(quantities / scale, at, color=LIGHT["ink"], lw=1.8)
    if at[-1] < high:
        axes.plot([0, quantities[-1] / scale], [at[-1], at[-1]], color=LIGHT["ink"], lw=1.8)
    cleared = axes.axhline(price, color=LIGHT["ink"], lw=1.1)
    without = axes.axhline(reference, color=LIGHT["ink"], lw=1.1, ls=_DASHED)
    total, wanted = float(found.total) / scale, float(found.wanted) / scale
    axes.plot([total, total], [0, price], color=LIGHT["ink"], lw=1, ls=_DOTTED)
    axes.plot([wanted, wanted], [0, reference], color=LIGHT["ink"], lw=1, ls=_DOTTED)
    axes.plot(min(total, wide), price, "o", ms=6, mfc=LIGHT["paper"], mec=LIGHT["ink"], mew=1.6, clip_on=False)
    choke = f"up to the choke price {money(float(found.highest_price))}"
    return {f"Demand, {choke}": demand, "Clearing price": cleared, "Cost without controls": without}


def _axes(axes: "Axes", prices: tuple[float, float], top: float) -> None:
    """The vertical axis, and the two prices at its right, apart where they are close."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.tick_params(axis="y", length=0)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: drawing.dollars(value)))
    axes.set_ylabel(UNIT_WORDS)
    price, reference = prices
    gap = 0.055 * top
    lift = max(0.0, gap - abs(price - reference)) / 2
    up = 1 if price >= reference else -1
    places = {money(price): price + up * lift, money(reference): reference - up * lift}
    for value, place in places.items():
        axes.annotate(
            value,
            (1, place if len(places) > 1 else price),
            (4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            annotation_clip=False,
        )


def _served(strip: "Axes", total: float, wanted: float) -> None:
    """Below the curve: what is served of what is wanted, and what is not."""
    strip.spines[:].set_visible(False)
    strip.set(yticks=[], ylim=(0, 1))
    strip.tick_params(length=0)
    served: dict[str, Any] = {"facecolor": LIGHT["soft"], "edgecolor": LIGHT["soft"], "linewidth": 0.8}
    for left, right, words, look in (
        (0.0, min(total, wanted), "served", served),
        (total, wanted, "denied", drawing.DENIED),
    ):
        if right <= left:
            continue
        drawing.bar(strip, 0.5, right - left, 0.9, left=left, **look)
        if (right - left) / strip.get_xlim()[1] > _WORDS:
            ink = drawing.text_on(look["facecolor"])
            strip.text((left + right) / 2, 0.48, words, ha="center", va="center", fontsize=8.5, **ink)


def _alt(case: "ParameterSet", found: "PooledMarket", steps: Sequence["Step"], band: Band) -> str:
    order = [
        f"{case.label(step.channel)}{' in service' if step.sunk else ''} {large(step.width)} "
        f"from {money(step.low)}{'' if step.used else ', not used'}"
        for step in steps
    ]
    return (
        f"Supply curve at central values, from the cheapest offer on, H100-equivalents and {UNIT_WORDS}: "
        f"{'; '.join(order) or 'nothing is on offer'}. It meets demand at {money(float(found.price))} "
        f"(5–95 % of draws: {interval(*map(money, band))}); the cost without controls is "
        f"{money(float(found.counterfactual))}, and {percent(float(found.compute_denied))} of the "
        f"{large(float(found.wanted))} wanted at that cost is denied."
    )
