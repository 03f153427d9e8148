"""Table of how exact estimates are. Nothing is computed here."""

from typing import TYPE_CHECKING

from costmodel.analysis.convergence import CHEAPEST
from costmodel.tables.markup import Html, table
from costmodel.words import NBSP, digits, money, percent

if TYPE_CHECKING:
    from costmodel.analysis.convergence import Convergence

STATISTIC_WORDS = {
    "p50": "Median",
    "mean": "Mean",
    "p05": f"5th{NBSP}percentile",
    "p95": f"95th{NBSP}percentile",
    CHEAPEST: "Probability of being the cheapest",
}


def convergence(found: "Convergence") -> Html:
    """Each statistic from the most draws, its error with both kinds, and how many pseudo-random draws it would take."""
    rows = []
    for name, words in STATISTIC_WORDS.items():
        if name in found.reference:
            best, plain = (found.curve(name, method).points[-1] for method in ("sobol", "random"))
            equivalent = found.equivalent(name)
            rows.append(
                [
                    words,
                    percent(best.value) if name == CHEAPEST else money(best.value),
                    error(name, best.error),
                    error(name, plain.error),
                    f"about{NBSP}{float(f'{equivalent:.1g}'):,.0f}" if equivalent else "–",
                ]
            )
    header = ("", "Estimate", "Standard error", "with pseudo-random draws", "Pseudo-random draws as exact")
    title = f"Cost of {found.case.label(found.outcome.channel or '')}, {found.draws:,} draws, US dollars or percent"
    return Html(table("convergence", title, header, rows, numbers=True))


def error(name: str, value: float | None) -> str:
    """A standard error: of a probability in points of percent, else in dollars with as many digits as it takes."""
    if value is None:
        return "–"
    return f"{digits(100 * value, 2)}{NBSP}points" if name == CHEAPEST else f"${digits(value, 2)}"
