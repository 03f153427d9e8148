"""Sections about where the ranking turns. They lay out a `Study` and compute nothing."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from costmodel import figures, tables
from costmodel.analysis.thresholds import named, rounded, sentence
from costmodel.sections.blocks import Block, heading, text
from costmodel.tables import NO_MATH, Html
from costmodel.words import html, percent

if TYPE_CHECKING:
    from costmodel.analysis.acceptability import Acceptability
    from costmodel.analysis.breakeven import BreakEven
    from costmodel.study import Study

# Sentences shown, and at most so many of them about one pair of channels or one parameter.
_SENTENCES, _ALIKE = 6, 2


def breakeven(study: "Study") -> Iterable[Block]:
    """Values of the most influential parameters at which two channels cost the same."""
    yield text(
        "At which value of one parameter do two channels cost the same, if all else stays as it is in a draw?",
        f"Answered for every two open channels and the {len(study.influential)} parameters that move one channel's "
        f"cost most against another's, in each of the first {study.sample.draws:,} draws, for the mix of training and "
        "inference.",
        "“Never” means: not at any value searched, which is all that the parameter's bounds allow, or else far "
        "beyond its likely values; the tables say how far.",
    )
    chosen = _telling(study.breakevens)
    if chosen:
        points = "".join(f"<li>{html(sentence(item))}</li>\n" for item in chosen)
        yield Html(f'<ul class="{NO_MATH}">\n{points}</ul>')
        yield text(
            "These are the ones whose threshold lies most often between the 5th and the 95th percentile of the "
            "parameter, so that knowing it better would settle which of the two is cheaper.",
        )
        yield tables.breakevens(study)
    else:
        yield text("No single parameter turns the order of any two open channels in more than one draw in twenty.")


def _telling(found: Iterable["BreakEven"]) -> list["BreakEven"]:
    """The first ones, without the same pair or parameter over and over."""
    chosen: list[BreakEven] = []
    seen: Counter[object] = Counter()
    for item in found:
        about = (item.path, (item.first, item.second))
        if item.direction and all(seen[name] < _ALIKE for name in about) and len(chosen) < _SENTENCES:
            chosen.append(item)
            seen.update(about)
    return chosen


def acceptability(study: "Study") -> Iterable[Block]:
    """Probability of being the cheapest as a curve over the parameters that move it most."""
    yield text(
        "How the probability of being the cheapest moves with one parameter while all others stay uncertain: the "
        "acceptability curve of health economics.",
        "Who wants the lowest cost on average takes the channel on the frontier, even where another is more often the "
        "cheapest: it may be cheaper by less than it is dearer in the other draws.",
        f"Shown for the parameters that move the ranking most, over their 1st to 99th percentile, in the first "
        f"{study.sample.draws:,} draws, for the mix of training and inference.",
    )
    for found in study.acceptabilities:
        name = named(study.case, found.path)
        yield heading(name[:1].upper() + name[1:])
        yield figures.acceptability(found, name)
        yield text(_frontier(found, name))


def _frontier(found: "Acceptability", name: str) -> str:
    """Who is on the frontier where, and how sure that is."""
    case, item = found.case, found.case.parameters[found.path]
    least = float(found.frontier_probability.min())
    if not found.switches:
        always = f"{case.label(found.frontier[0])} has the lowest expected cost at every value shown"
        return f"{always}, and is the cheapest in at least {percent(least)} of draws."
    turns = [f"{case.label(s.before)} up to {rounded(item, s.value)}" for s in found.switches]
    sides = ", ".join([*turns, f"{case.label(found.frontier[-1])} beyond"])
    surely = f"Where the choice is least sure, the one on the frontier is the cheapest in {percent(least)} of draws."
    return f"Lowest expected cost as {name} rises: {sides}. {surely}"
