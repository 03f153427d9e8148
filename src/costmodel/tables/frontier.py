"""Table of what policy levers move. Nothing is computed here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from costmodel.tables.markup import Html, table
from costmodel.words import digits, interval, lever_title, lever_value, listed, percent, worth

if TYPE_CHECKING:
    from costmodel.analysis.frontier import Frontier
    from costmodel.parameters import ParameterSet


def levers(case: "ParameterSet", found: Sequence["Frontier"]) -> Html:
    """Where each lever stands, its range, and what it moves over all of it, over a tenth of it, and relatively.

    Args:
        case: parameter set.
        found: the levers, in the order to be shown.
    """
    header = (
        "Lever",
        "Stands at",
        "Range",
        "Premium, low → high end",
        "Denied, low → high end",
        "Denied, a tenth of the range",
        "Elasticity of the price",
    )
    title = (
        "Levers, the one that moves the denied compute most over a tenth of its range first; at the ends medians, else "
        "means over draws"
    )
    return Html(table("levers", title, header, [_row(case, each) for each in found], numbers=True))


def _row(case: "ParameterSet", found: "Frontier") -> list[object]:
    return [
        lever_title(case, found.lever),
        listed(list(dict.fromkeys(lever_value(case, found.lever, value) for value in found.current.values()))),
        interval(*(lever_value(case, found.lever, found.values[at]) for at in (0, -1))),
        _ends(found, "premium", signed=True),
        _ends(found, "compute_denied", signed=False),
        "–" if found.near is None else _points(found.near["compute_denied"]["mean"].value),
        "–" if found.elasticity is None else digits(found.elasticity["mean"].value, 2),
    ]


def _ends(found: "Frontier", name: str, *, signed: bool) -> str:
    return " → ".join(percent(found.curves[name][at]["p50"].value, signed=signed) for at in (0, -1))


def _points(change: float) -> str:
    return ("+" if change > 0 else "") + worth(change, "1")
