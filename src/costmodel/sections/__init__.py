"""Sections of a report: `SECTIONS` is the table that the notebook walks. They lay out a `Study` and compute nothing."""

from typing import TYPE_CHECKING

from costmodel.sections import (
    apart,
    attribution,
    convergence,
    costs,
    discovery,
    influence,
    information,
    market,
    origins,
    path,
    policy,
    sensitivity,
    thresholds,
)
from costmodel.sections.blocks import Block, Markdown, Section
from costmodel.sections.costs import title
from costmodel.sections.sensitivity import headline_channels

if TYPE_CHECKING:
    from costmodel.study import Study

__all__ = ["SECTIONS", "Block", "Markdown", "Section", "headline_channels", "title"]


def _has_market(study: "Study") -> bool:
    return study.market is not None


SECTIONS: tuple[Section, ...] = (
    Section("summary", "In short", costs.summary),
    Section("changes", "What this set changes", costs.changes, lambda study: study.parent is not None),
    Section(
        "attribution",
        "Why it differs from the set that it extends",
        attribution.attribution,
        lambda study: bool(study.attributions or study.unattributed),
    ),
    Section("cost", "Effective cost by channel", costs.cost),
    Section("components", "What the cost consists of", costs.components),
    Section(
        "cheapest",
        "Which channel is cheapest, and how sure that is",
        costs.cheapest,
        lambda s: bool(s.simulation.rivals),
    ),
    Section("premium", "Premium over the cost without controls", costs.premium),
    Section("market", "The market: who supplies, at what price", market.supply, _has_market),
    Section("gains", "Who gains and who loses", market.gains, _has_market),
    Section(
        "diversion",
        "Where a closed channel’s compute goes",
        market.diversion,
        lambda study: study.market is not None and bool(study.market.diversion),
    ),
    Section("path", "How long does it last", path.path, lambda study: study.path is not None),
    Section("levers", "What policy can move", policy.levers, lambda study: bool(study.frontiers)),
    Section("apart", "Training and inference apart", apart.apart, _has_market),
    Section("tornado", "What moves the cost most", sensitivity.tornado, lambda study: bool(study.case.uncertain)),
    Section(
        "influence",
        "How much of the uncertainty each figure causes",
        influence.influence,
        lambda study: bool(influence.shown(study)),
    ),
    Section(
        "breakeven",
        "At what value two channels cost the same",
        thresholds.breakeven,
        lambda study: bool(study.case.uncertain) and len(study.simulation.rivals) > 1,
    ),
    Section(
        "acceptability",
        "How the cheapest channel depends on one parameter",
        thresholds.acceptability,
        lambda study: len(study.simulation.rivals) > 1 and bool(study.acceptabilities),
    ),
    Section(
        "discovery",
        "When is a channel the cheapest?",
        discovery.discovery,
        lambda study: bool(study.discoveries and study.case.uncertain),
    ),
    Section("information", "What better knowledge would be worth", information.worth, lambda s: bool(s.information)),
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
