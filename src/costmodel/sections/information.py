"""Section about what better knowledge would be worth. It lays out a `Study` and computes nothing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from costmodel import figures, tables
from costmodel.sections.blocks import Block, heading, text
from costmodel.words import UNIT_WORDS, WORKLOAD_WORDS, listed, money, parameter_label, percent
from costmodel.words import worth as amount

if TYPE_CHECKING:
    from costmodel.analysis.value_of_information import InformationValue
    from costmodel.study import Study


def worth(study: "Study") -> Iterable[Block]:
    """What better knowledge would be worth, decision by decision."""
    first = study.information[0]
    yield text(
        "Uncertainty matters only where it could change what is done. For each decision below: how much better it "
        "would turn out, on average, if something now uncertain were known before choosing.",
        "Knowing everything is worth the most (EVPI); the bars below it are parts of that, known alone or as a group.",
        "The parts need not add up: two facts may be worth something only together, or tell the same.",
        f"From the first {first.draws:,} draws; what cannot be told from noise is shown as nothing.",
    )
    for found in study.information:
        yield heading(found.decision.title)
        yield text(*_question(found))
        yield tables.options(found)
        yield text(*_answer(found))
        yield figures.information(found)
        yield tables.information(found)


def _question(found: "InformationValue") -> Iterable[str]:
    decision = found.decision
    good = "low" if decision.goal == "minimize" else "high"
    what = {
        "effective_cost": f"the effective cost in {UNIT_WORDS}",
        "premium": "the premium over the cost without controls",
    }[decision.payoff]
    yield f"Judged by {what}, for {WORKLOAD_WORDS[decision.workload]}; {good} is good."
    if any(option.channel is None for option in found.options):
        yield "The buyer then uses the cheapest channel that is left open."
    if decision.assumption:
        yield f"Taken as given: {decision.assumption}."


def _answer(found: "InformationValue") -> Iterable[str]:
    best = found.choice
    mean = found.mean(best)
    shown = money(mean) if found.decision.payoff == "effective_cost" else percent(mean, signed=True)
    yield (
        f"With what is known today the choice is {found.label(best)}: {shown} on average, and the best option in "
        f"{percent(found.chance(best))} of the draws."
    )
    if not found.evpi.value:
        yield "No other option is better in any draw, so no knowledge would change it."
        return
    yield f"Knowing everything first would be worth {amount(found.evpi.value, found.unit)}."
    top = [(name, item) for name, item in found.parameters.items() if item.value > 0][:3]
    if top:
        words = [
            f"{parameter_label(found.case, path)} ({percent(found.share(item) or 0.0)} of that)" for path, item in top
        ]
        yield f"Most worth knowing alone: {listed(words)}."
    else:
        yield "No parameter alone is worth anything that can be told from noise."
