"""Section about what policy can move. It lays out results and computes nothing."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from costmodel import figures, tables
from costmodel.sections.blocks import Block, text
from costmodel.words import lever_label, lever_unit, lever_value, listed, percent, worth

if TYPE_CHECKING:
    from costmodel.analysis.frontier import Frontier
    from costmodel.parameters import ParameterSet
    from costmodel.study import Study

# A share of the compute wanted smaller than this is not moved.
_ABOUT = 0.005
# An elasticity smaller than this is none worth naming.
_WEAK = 0.005


def levers(study: "Study") -> Iterable[Block]:
    """Premium and compute denied along the range of each lever, and which lever moves them most."""
    found, case = sorted(study.frontiers, key=lambda each: -_moved(each)), study.case
    yield text(
        "Some figures of the set are set by governments, or can be moved by them. Each is moved over the range that "
        "the set states for it, to the same value in all draws, while all else stays as it is in a draw: what happens "
        "to the clearing price and to the compute denied? The ranges are assumptions about what policy might do, not "
        "forecasts.",
    )
    yield text(*_widest(case, found), *_nearest(case, found), *_strongest(case, found))
    yield figures.frontiers(case, found)
    yield text(
        "How far a lever can be moved matters as much as how strongly it works. Therefore three measures: the whole "
        "range, a tenth of it about where the lever stands, and the elasticity, by how many percent the price rises "
        "over the cost without controls where the lever rises by one percent of itself.",
    )
    yield tables.levers(case, found)


def _moved(found: "Frontier") -> float:
    """How far a tenth of the range moves the share of compute denied; all of it where there is no tenth."""
    return abs((found.near or found.swing)["compute_denied"]["mean"].value)


def _swing(found: "Frontier") -> float:
    return abs(found.swing["compute_denied"]["mean"].value)


def _name(case: "ParameterSet", found: "Frontier") -> str:
    return f"“{lever_label(case, found.lever)}”"


def _widest(case: "ParameterSet", found: Sequence["Frontier"]) -> Iterator[str]:
    """Which lever moves most over the whole of its range."""
    first = max(found, key=_swing)
    if _swing(first) < _ABOUT:
        yield "No lever moves the share of the compute denied by as much as half a percentage point."
        return
    low, high = (lever_value(case, first.lever, first.values[at]) for at in (0, -1))
    high = f"{high} {lever_unit(case, first.lever)}".rstrip()
    denied, above = ([first.curves[name][at]["p50"].value for at in (0, -1)] for name in ("compute_denied", "premium"))
    yield (
        f"Over its whole range {_name(case, first)} moves most: from {low} to {high} the median share denied goes from "
        f"{percent(denied[0])} to {percent(denied[1])} and the median premium from {percent(above[0], signed=True)} to "
        f"{percent(above[1], signed=True)}."
    )
    idle = [_name(case, each) for each in found if _swing(each) < _ABOUT]
    if idle:
        yield f"By less than half a percentage point on average: {listed(idle)}."


def _nearest(case: "ParameterSet", found: Sequence["Frontier"]) -> Iterator[str]:
    """Which moves most for a small step."""
    first = found[0]
    if first.near is not None and _moved(first) > 0:
        step = worth(_moved(first), "1")
        yield (
            f"For a step of a tenth of its range about where it stands, it is {_name(case, first)}: {step} of the "
            "compute wanted, on average over all draws."
        )


def _strongest(case: "ParameterSet", found: Sequence["Frontier"]) -> Iterator[str]:
    """Which the price answers to most, relative change by relative change."""
    known = {each.lever.name: each.elasticity["mean"].value for each in found if each.elasticity is not None}
    first = max(
        (each for each in found if each.lever.name in known), key=lambda e: abs(known[e.lever.name]), default=None
    )
    if first is not None and abs(known[first.lever.name]) >= _WEAK:
        change = known[first.lever.name]
        yield (
            f"For a relative change the price answers most to {_name(case, first)}: one that is 10 % higher makes it "
            f"about {percent(abs(change) / 10)} {'higher' if change > 0 else 'lower'}."
        )
