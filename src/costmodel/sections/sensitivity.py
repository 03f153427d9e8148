"""Sections about what moves a cost. They lay out a `Study` and compute nothing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from costmodel import figures
from costmodel.sections.blocks import Block, heading, text

if TYPE_CHECKING:
    from costmodel.study import Study


def headline_channels(study: "Study") -> list[str]:
    """Channels that the sensitivities look at: the cheapest, the first gray and the first domestic one."""
    return list(study.headline)


def tornado(study: "Study") -> Iterable[Block]:
    """What moves the cost most, one parameter at a time."""
    yield text(
        "Each bar moves one parameter from its 5th to its 95th percentile while all others stay at their "
        "central values;",
        "the longest bars are the figures worth knowing better. The numbers beside the bars are the "
        "parameter's two values.",
        "Shown for the mix of training and inference.",
    )
    for channel in headline_channels(study):
        yield heading(study.case.label(channel))
        yield figures.tornado(study, "mix", channel)
