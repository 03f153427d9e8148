"""Section about where a channel is the cheapest. It lays out a `Study` and computes nothing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from costmodel import figures, tables
from costmodel.sections.blocks import Block, heading, text

if TYPE_CHECKING:
    from costmodel.study import Study


def discovery(study: "Study") -> Iterable[Block]:
    """Boxes of assumptions under which a channel is the cheapest."""
    draws = study.discoveries[0].sample.draws
    yield text(
        "Which assumptions make a channel the cheapest? A tree of at most three questions was grown on one half of the "
        f"first {draws:,} draws; each of its ends is a range of one to three parameters. The other half, which the "
        "tree has not seen, says what such a range is worth. Density: in what share of its draws it is so. Coverage: "
        "what share of all draws in which it is so lies in it. Mass: what share of all draws lies in it. Where both "
        "halves agree, the range is no accident of the draws.",
        "A range describes the draws, and so the assumptions behind them; it is no forecast. Parameters that it does "
        "not name stay as uncertain as they are. Shown for the mix of training and inference.",
    )
    for found in study.discoveries:
        yield heading(found.question)
        yield text(found.answer)
        if found.boxes:
            yield tables.boxes(found)
        if len(found.shown) > 1:
            yield figures.box(found)
