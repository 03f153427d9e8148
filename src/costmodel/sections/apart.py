"""Section about training and inference cleared apart. It lays out results and computes nothing."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from costmodel import figures, tables
from costmodel.sections.blocks import Block, text
from costmodel.words import interval, listed, money, percent

if TYPE_CHECKING:
    from costmodel.analysis.market import MarketResult
    from costmodel.parameters import ParameterSet
    from costmodel.study import Study

_TASKS = ("training", "inference")
# Prices closer than this share of one another are about the same.
_CLOSE = 0.01
# A channel gives most of its compute to one task where it gives at least this share to it.
_MOST = 2 / 3
# Channels that supply less than this share of all compute are not named.
_SEEN = 0.01


def apart(study: "Study") -> Iterable[Block]:
    """Two prices side by side, and which chips go where."""
    assert study.market is not None
    found = study.market.separate
    yield text(
        "Chips differ in what they are good at: one that is rich in memory bandwidth but poor in arithmetic serves "
        "inference nearly as well as the best, and training much worse. Here training and inference have demands of "
        "their own, and each unit goes where it earns most. A control on arithmetic alone can then weigh more "
        "on training than on inference, which one market for the mix of both cannot show.",
    )
    yield text(*_prices(found), *_places(study.case, found))
    yield figures.two_prices(found)
    yield figures.allocation(study.case, found)
    yield tables.apart(study, found)


def _prices(found: "MarketResult") -> Iterator[str]:
    for task in _TASKS:
        price, above = found.statistics[f"price.{task}"], found.statistics[f"premium.{task}"]
        denied = found.statistics[f"compute_denied.{task}"]
        yield (
            f"{task.capitalize()} clears at {money(price['p50'].value)} per H100-equivalent hour in the median draw "
            f"(5–95 % range: {interval(money(price['p05'].value), money(price['p95'].value))}), "
            f"{percent(abs(above['p50'].value))} {'above' if above['p50'].value >= 0 else 'below'} what it would cost "
            f"without controls; {percent(max(denied['p50'].value, 0.0))} of what would be wanted then is denied."
        )
    premiums = {task: found.statistics[f"premium.{task}"]["p50"].value for task in _TASKS}
    more, less = sorted(premiums, key=lambda task: -premiums[task])
    if premiums[more] - premiums[less] < _CLOSE:
        yield "By their median premiums the controls weigh about equally on both."
    else:
        yield f"By their median premiums the controls weigh more on {more} than on {less}."


def _places(case: "ParameterSet", found: "MarketResult") -> Iterator[str]:
    """Which channels work mostly for one task."""
    used = {t: {c: found.statistics[f"quantity.{t}.{c}"]["mean"].value for c in case.channels} for t in _TASKS}
    total = sum(sum(by.values()) for by in used.values())
    for task in _TASKS:
        mostly = [
            case.label(c)
            for c in case.channels
            if (whole := sum(by[c] for by in used.values())) >= _SEEN * total
            and whole > 0
            and used[task][c] >= _MOST * whole
        ]
        if mostly:
            yield f"Mostly in {task}, two thirds of it or more: {listed(mostly)}."
