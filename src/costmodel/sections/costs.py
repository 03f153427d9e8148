"""Sections about costs. They lay out a `Study` and compute nothing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from costmodel import figures, tables
from costmodel.sections.blocks import Block, Markdown, heading, text
from costmodel.summary import sentences
from costmodel.tables import NO_MATH, Html
from costmodel.words import WORKLOAD_LABELS, html, markdown

if TYPE_CHECKING:
    from costmodel.study import Study


def title(study: "Study") -> list[Block]:
    """The report's title, what the set stands for, and what the numbers are."""
    case = study.case
    what = f"As of {case.as_of}. All costs are in US dollars of {case.base_year}."
    parts = [Markdown(f"# {markdown(case.title)}")]
    return [*parts, *([text(case.description)] if case.description else []), text(what)]


def summary(study: "Study") -> Iterable[Block]:
    """What the run found, in words."""
    points = "".join(f"<li>{html(sentence)}</li>\n" for sentence in sentences(study))
    yield Html(f'<ul class="{NO_MATH}">\n{points}</ul>')


def changes(study: "Study") -> Iterable[Block]:
    """What the set changes against the one that it extends."""
    parent = study.parent
    assert parent is not None
    yield text(
        f"This set takes everything from “{parent.title}” ({parent.name}) except the rows below.",
        "Figures changed by other figures (money of another year, for instance) are listed too.",
    )
    yield tables.changes(study) if study.changes else text("It changes no value.")


def cost(study: "Study") -> Iterable[Block]:
    """Effective cost of each channel, by workload."""
    yield text(
        "The effective cost is what an hour of useful work on one NVIDIA H100 costs through each channel: "
        "all that is paid,",
        "divided by the useful work that comes out.",
        "The range from 5 to 95 % holds nine draws in ten; each draw takes all uncertain parameters at random at once.",
        "Channels marked as closed are not open to the buyer in this set; they are costed as if they were.",
    )
    for workload, label in WORKLOAD_LABELS.items():
        yield heading(label)
        yield tables.costs(study, workload)
        yield figures.intervals(study, workload)


def components(study: "Study") -> Iterable[Block]:
    """What the cost consists of, by workload."""
    yield text(
        "Blue is hardware, red and orange what controls add, purple what it takes to get it working, green "
        "what it takes to run;",
        "grey is useful work lost because the chips are used less fully, or are up less often, than the reference.",
        "Parts left of zero lower the cost. All parameters stand at their central values here, so the totals "
        "differ a little from the medians above.",
    )
    for workload, label in WORKLOAD_LABELS.items():
        yield heading(label)
        yield figures.components(study, workload)
        yield tables.components(study, workload)


def cheapest(study: "Study") -> Iterable[Block]:
    """How sure the ranking is."""
    yield text(
        "In how many of the draws each open channel costs least. A share near 100 % means that the ranking "
        "does not hang on what is uncertain;",
        "an even split means that it does.",
    )
    yield figures.probability(study)


def premium(study: "Study") -> Iterable[Block]:
    """Premium over the cost without controls, and its parts."""
    yield text(
        "The premium is how far a channel's cost is above (or below) what the same buyer would pay without "
        "export controls,",
        "compared within the same draw, so that what both have in common cancels out.",
    )
    yield figures.premium(study, "mix")
    yield heading("What controls cause, and what technology does")
    yield text(
        "The distance has two parts: what the controls cause directly (markup, fees, losses on the way, "
        "risk, compliance, loss of access),",
        "and what another chip or another form of supply does, which remains if these are set to nothing.",
        "A negative second part means that the channel's chip gives more useful work for its price than that "
        "of the reference case.",
    )
    yield figures.wedges(study, "mix")
    yield tables.wedges(study, "mix")


def operations(study: "Study") -> Iterable[Block]:
    """The cost of training operations."""
    yield text(
        "The same cost for readers who think in training runs: US dollars for 10¹⁸ and for 10²⁴ operations "
        "(FLOP) that count towards training, at central values.",
    )
    yield tables.exaflops(study, "training")
