"""Sections about what a report was made from."""

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import costmodel
from costmodel import tables
from costmodel.glossary import TERMS
from costmodel.record import PACKAGES, inputs_hash, revision
from costmodel.sections.blocks import Block, stamp, text
from costmodel.tables import NO_MATH, Html
from costmodel.words import STATISTIC_WORDS, WORKLOAD_LABELS, html, percent

if TYPE_CHECKING:
    from costmodel.study import Study


def parameters(study: "Study") -> Iterable[Block]:
    """All parameters."""
    count = sum(item.stated for item in study.case)
    yield text(
        f"All {count} parameters that this set or one that it extends states, {len(study.case.uncertain)} of "
        "them uncertain.",
        "The value is the middle one (the median) where a parameter is uncertain; nine in ten draws lie "
        "within the range below it.",
    )
    yield tables.parameters(study)
    if study.case.correlations:
        yield tables.correlations(study)


def sources(study: "Study") -> Iterable[Block]:
    """What the parameters cite."""
    yield text(
        "Everything that the parameters cite. Figures without a source are marked as assumptions in the "
        "tables above, with the reason."
    )
    yield tables.source_list(study)


def made(study: "Study") -> Iterable[Block]:
    """How the report was made."""
    sim, (error, statistic, channel, workload) = study.simulation, study.largest_error
    yield text(
        f"{sim.draws:,} draws from scrambled Sobol’ points (random numbers that fill the range evenly), "
        "shared by all channels.",
        "The largest standard error that comes from drawing at random, among the means and percentiles of all costs, "
        f"is {percent(error)} of the number (the {STATISTIC_WORDS[statistic]} of {study.case.label(channel)}, "
        f"{WORKLOAD_LABELS[workload].lower()}); this says nothing about how right the inputs are.",
    )
    code = os.environ.get("COSTMODEL_REVISION") or revision() or "unknown"
    built = os.environ.get("COSTMODEL_INPUTS_SHA256")
    rows = {
        "Parameter set": study.case.name + (f" (extends {study.case.extends})" if study.case.extends else ""),
        "costmodel": costmodel.__version__,
        "Draws and seed": f"{sim.draws:,} draws, seed {sim.seed}",
        "Hash of the parameters": inputs_hash(study.case),
        **({"Hash of all inputs and code": built} if built else {}),
        "Python": platform.python_version(),
        "Packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    }
    yield tables.facts("made", "", rows)
    yield stamp(f"Run on {datetime.now(UTC):%Y-%m-%d at %H:%M} UTC, from revision {code} of costmodel.")


def terms(_: "Study") -> Iterable[Block]:
    """Terms, and what the model does not say."""
    entries = "".join(f"<dt>{html(term)}</dt><dd>{html(words)}</dd>\n" for term, words in TERMS.items())
    yield Html(f'<dl class="{NO_MATH}">\n{entries}</dl>')
