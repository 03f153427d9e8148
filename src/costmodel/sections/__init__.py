"""Sections of a report: `SECTIONS` is the table that the notebook walks. They lay out a `Study` and compute nothing."""

from costmodel.sections import convergence, costs, discovery, origins, sensitivity
from costmodel.sections.blocks import Block, Markdown, Section
from costmodel.sections.costs import title
from costmodel.sections.sensitivity import headline_channels

__all__ = ["SECTIONS", "Block", "Markdown", "Section", "headline_channels", "title"]

SECTIONS: tuple[Section, ...] = (
    Section("summary", "In short", costs.summary),
    Section("changes", "What this set changes", costs.changes, lambda study: study.parent is not None),
    Section("cost", "Effective cost by channel", costs.cost),
    Section("components", "What the cost consists of", costs.components),
    Section(
        "cheapest",
        "Which channel is cheapest, and how sure that is",
        costs.cheapest,
        lambda s: bool(s.simulation.rivals),
    ),
    Section("premium", "Premium over the cost without controls", costs.premium),
    Section("tornado", "What moves the cost most", sensitivity.tornado, lambda study: bool(study.case.uncertain)),
    Section(
        "discovery",
        "When is a channel the cheapest?",
        discovery.discovery,
        lambda study: bool(study.discoveries and study.case.uncertain),
    ),
    Section("operations", "Cost of training operations", costs.operations),
    Section(
        "convergence",
        "How exact the numbers are",
        convergence.convergence,
        lambda study: bool(study.case.uncertain),
    ),
    Section("terms", "Terms, and what the model does not say", origins.terms),
    Section("parameters", "All parameters", origins.parameters),
    Section("sources", "Sources", origins.sources),
    Section("made", "How this report was made", origins.made),
)
