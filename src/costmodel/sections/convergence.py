"""Section about how exact the numbers are. It lays out a `Study` and computes nothing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from costmodel import figures, tables
from costmodel.sections.blocks import Block, text
from costmodel.words import digits

if TYPE_CHECKING:
    from costmodel.study import Study


def convergence(study: "Study") -> Iterable[Block]:
    """Monte Carlo errors against the number of draws."""
    found = study.convergence
    channel = study.case.label(found.outcome.channel or "")
    yield text(
        "All numbers of this report are estimates from draws; other draws would give slightly others. How much others "
        "is the Monte Carlo (standard) error: about two thirds of estimates lie within one error of what infinitely "
        "many draws would give, and nearly all within two or three. It says nothing of whether the assumptions are "
        "right.",
        "The draws are 16 independent Sobol’ sequences, which fill the space of assumptions evenly; their disagreement "
        "is the error. Independent pseudo-random draws would have to be four times as many to halve it.",
        f"Shown for the cost of {channel} on the mix of training and inference, with up to {found.draws:,} draws. "
        "Dots: how far each estimate is from one with as many Sobol’ draws of another seed; they scatter about "
        "the lines if the errors are honest.",
        _rates(study),
    )
    yield tables.convergence(found)
    yield figures.convergence(found)


def _rates(study: "Study") -> str:
    """How fast the errors fell, where that can be told."""
    found = study.convergence
    rates = [found.curve(name, method).rate for name in ("mean", "p50") for method in ("sobol", "random")]
    if None in rates:
        return ""
    mean, plain_mean, median, plain_median = (digits(rate or 0.0, 2) for rate in rates)
    return (
        f"With N draws the error of the mean fell as N to the power {mean} (pseudo-random: {plain_mean}), that of the "
        f"median as N to the power {median} (pseudo-random: {plain_median}); the theory of independent draws says −0.5."
    )
