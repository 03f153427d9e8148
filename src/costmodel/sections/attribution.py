"""Section about why a set differs from the one that it extends. It lays out a `Study` and computes nothing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from costmodel import figures, tables
from costmodel.outcome_words import change, level, outcome_label
from costmodel.sections.blocks import Block, heading, text

if TYPE_CHECKING:
    from costmodel.analysis.attribution import Attribution
    from costmodel.study import Study


def attribution(study: "Study") -> Iterable[Block]:
    """The difference to the set extended, divided among groups of parameters."""
    parent = study.parent
    assert parent is not None
    if study.unattributed:
        yield text(f"The difference to “{parent.title}” cannot be divided: {study.unattributed}.")
        return
    yield text(
        f"A is “{parent.title}” ({parent.name}), B is this set. What differs moves from its values in A to those in B,",
        "one group of parameters after the other: finance, chips, sites, and each channel by itself. What a group",
        "contributes depends on which have moved before it, so it is averaged over all orders (the Shapley value).",
        "The contributions add up to the whole difference, in every draw.",
        "Positive: raises B over A. Negative: lowers it.",
        "Groups that are not listed do not differ; one that contributes nothing differs in what does not matter here.",
    )
    for found in study.attributions:
        yield heading(outcome_label(study.case, found.outcome))
        yield text(_inshort(found))
        yield figures.attribution(found)
        yield tables.attribution(found)


def _inshort(found: "Attribution") -> str:
    """Both means, and what counts most."""
    unit, most = found.outcome.unit, found.shown(len(found.groups))[0]
    ends = f"The mean is {level(found.a['mean'], unit)} in A and {level(found.b['mean'], unit)} in B"
    largest = f"the largest contribution is that of {most.part.label}: {change(most.mean.value, unit)} on average"
    return f"{ends}; {largest}, from {found.draws:,} draws, of which each of A is paired with one of B."
