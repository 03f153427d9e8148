"""Sections of a report: `SECTIONS` is the table that the notebook walks. They lay out a `Study` and compute nothing."""

import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeAlias

import costmodel
from costmodel import figures, tables
from costmodel.drawing import Figure
from costmodel.glossary import TERMS
from costmodel.study import inputs_hash, revision
from costmodel.summary import sentences
from costmodel.tables import NO_MATH, Html
from costmodel.words import WORKLOAD_LABELS, html, markdown, percent

if TYPE_CHECKING:
    from costmodel.study import Study

_PACKAGES = ("numpy", "scipy", "pandas", "matplotlib", "seaborn", "pydantic", "papermill")


@dataclass(frozen=True)
class Markdown:
    """Markdown that Jupyter shows."""

    source: str

    def _repr_markdown_(self) -> str:
        return self.source


Block: TypeAlias = Markdown | Html | Figure


@dataclass(frozen=True)
class Section:
    """A row of `SECTIONS`.

    Attributes:
        id: name in code and tests.
        title: heading.
        blocks: what is shown, from a run.
        shown: whether a run has anything to show here.
    """

    id: str
    title: str
    blocks: Callable[["Study"], Iterable[Block]]
    shown: Callable[["Study"], bool] = lambda _: True

    def __call__(self, study: "Study") -> list[Block]:
        """The heading and the blocks; nothing where the run has nothing to show."""
        return [Markdown(f"## {self.title}"), *self.blocks(study)] if self.shown(study) else []


def text(*words: str) -> Html:
    """A paragraph of plain words; markup in them is escaped."""
    return Html(f'<p class="{NO_MATH}">{html(" ".join(words))}</p>')


def _heading(words: str) -> Markdown:
    return Markdown(f"### {markdown(words)}")


def title(study: "Study") -> list[Block]:
    """The report's title, what the set stands for, and what the numbers are."""
    case = study.case
    what = f"As of {case.as_of}. All costs are in US dollars of {case.base_year}."
    parts = [Markdown(f"# {markdown(case.title)}")]
    return [*parts, *([text(case.description)] if case.description else []), text(what)]


def _summary(study: "Study") -> Iterable[Block]:
    points = "".join(f"<li>{html(sentence)}</li>\n" for sentence in sentences(study))
    yield Html(f'<ul class="{NO_MATH}">\n{points}</ul>')


def _changes(study: "Study") -> Iterable[Block]:
    parent = study.parent
    assert parent is not None
    yield text(
        f"This set takes everything from “{parent.title}” ({parent.name}) except the rows below.",
        "Figures changed by other figures (money of another year, for instance) are listed too.",
    )
    yield tables.changes(study) if study.changes else text("It changes no value.")


def _cost(study: "Study") -> Iterable[Block]:
    yield text(
        "The effective cost is what an hour of useful work on one NVIDIA H100 costs through each channel: "
        "all that is paid,",
        "divided by the useful work that comes out.",
        "The range from 5 to 95 % holds nine draws in ten; each draw takes all uncertain parameters at random at once.",
        "Channels marked as closed are not open to the buyer in this set; they are costed as if they were.",
    )
    for workload, label in WORKLOAD_LABELS.items():
        yield _heading(label)
        yield tables.costs(study, workload)
        yield figures.intervals(study, workload)


def _components(study: "Study") -> Iterable[Block]:
    yield text(
        "Blue is hardware, red and orange what controls add, purple what it takes to get it working, green "
        "what it takes to run;",
        "grey is useful work lost because the chips are used less fully, or are up less often, than the reference.",
        "Parts left of zero lower the cost. All parameters stand at their central values here, so the totals "
        "differ a little from the medians above.",
    )
    for workload, label in WORKLOAD_LABELS.items():
        yield _heading(label)
        yield figures.components(study, workload)
        yield tables.components(study, workload)


def _cheapest(study: "Study") -> Iterable[Block]:
    yield text(
        "In how many of the draws each open channel costs least. A share near 100 % means that the ranking "
        "does not hang on what is uncertain;",
        "an even split means that it does.",
    )
    yield figures.probability(study)


def _premium(study: "Study") -> Iterable[Block]:
    yield text(
        "The premium is how far a channel's cost is above (or below) what the same buyer would pay without "
        "export controls,",
        "compared within the same draw, so that what both have in common cancels out.",
    )
    yield figures.premium(study, "mix")
    yield _heading("What controls cause, and what technology does")
    yield text(
        "The distance has two parts: what the controls cause directly (markup, fees, losses on the way, "
        "risk, compliance, loss of access),",
        "and what another chip or another form of supply does, which remains if these are set to nothing.",
        "A negative second part means that the channel's chip gives more useful work for its price than that "
        "of the reference case.",
    )
    yield figures.wedges(study, "mix")
    yield tables.wedges(study, "mix")


def headline_channels(study: "Study") -> list[str]:
    """Channels that the sensitivities look at: the cheapest, the first gray and the first domestic one."""
    roles = {study.case.text(f"channels.{c}.role"): c for c in reversed(study.case.channels)}
    wanted = (study.cheapest("mix"), roles.get("gray"), roles.get("domestic"))
    return list(dict.fromkeys(filter(None, wanted))) or list(study.apart[:1])


def _tornado(study: "Study") -> Iterable[Block]:
    yield text(
        "Each bar moves one parameter from its 5th to its 95th percentile while all others stay at their "
        "central values;",
        "the longest bars are the figures worth knowing better. The numbers beside the bars are the "
        "parameter's two values.",
        "Shown for the mix of training and inference.",
    )
    for channel in headline_channels(study):
        yield _heading(study.case.label(channel))
        yield figures.tornado(study, "mix", channel)


def _operations(study: "Study") -> Iterable[Block]:
    yield text(
        "The same cost for readers who think in training runs: US dollars for 10¹⁸ and for 10²⁴ operations "
        "(FLOP) that count towards training, at central values.",
    )
    yield tables.exaflops(study, "training")


def _parameters(study: "Study") -> Iterable[Block]:
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


def _sources(study: "Study") -> Iterable[Block]:
    yield text(
        "Everything that the parameters cite. Figures without a source are marked as assumptions in the "
        "tables above, with the reason."
    )
    yield tables.source_list(study)


def _made(study: "Study") -> Iterable[Block]:
    sim, (error, channel, workload) = study.simulation, study.largest_error
    yield text(
        f"{sim.draws:,} draws from scrambled Sobol’ points (random numbers that fill the range evenly), "
        "shared by all channels.",
        f"The largest standard error of a median that comes from drawing at random is {percent(error)} of it",
        f"({study.case.label(channel)}, {WORKLOAD_LABELS[workload].lower()}); this says nothing about how "
        "right the inputs are.",
    )
    code = os.environ.get("COSTMODEL_REVISION") or revision() or "unknown"
    built = os.environ.get("COSTMODEL_INPUTS_SHA256")
    rows = {
        "Parameter set": study.case.name + (f" (extends {study.case.extends})" if study.case.extends else ""),
        "costmodel": f"{costmodel.__version__}, revision {code}",
        "Draws and seed": f"{sim.draws:,} draws, seed {sim.seed}",
        "Hash of the parameters": inputs_hash(study.case),
        **({"Hash of all inputs and code": built} if built else {}),
        "Python": platform.python_version(),
        "Packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    }
    yield tables.facts("made", "", rows)
    # In a block of its own: it is all that differs between two runs of the same inputs.
    yield text(f"Run on {datetime.now(UTC):%Y-%m-%d at %H:%M} UTC.")


def _terms(_: "Study") -> Iterable[Block]:
    entries = "".join(f"<dt>{html(term)}</dt><dd>{html(words)}</dd>\n" for term, words in TERMS.items())
    yield Html(f'<dl class="{NO_MATH}">\n{entries}</dl>')


SECTIONS: tuple[Section, ...] = (
    Section("summary", "In short", _summary),
    Section("changes", "What this set changes", _changes, lambda study: study.parent is not None),
    Section("cost", "Effective cost by channel", _cost),
    Section("components", "What the cost consists of", _components),
    Section(
        "cheapest", "Which channel is cheapest, and how sure that is", _cheapest, lambda s: bool(s.simulation.rivals)
    ),
    Section("premium", "Premium over the cost without controls", _premium),
    Section("tornado", "What moves the cost most", _tornado, lambda study: bool(study.case.uncertain)),
    Section("operations", "Cost of training operations", _operations),
    Section("terms", "Terms, and what the model does not say", _terms),
    Section("parameters", "All parameters", _parameters),
    Section("sources", "Sources", _sources),
    Section("made", "How this report was made", _made),
)
