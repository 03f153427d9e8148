"""The headline of a report in words, with the numbers of the run."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from costmodel.words import WORKLOAD_WORDS, interval, listed, money, percent

if TYPE_CHECKING:
    from costmodel.analysis.uncertainty import Estimate
    from costmodel.study import Study

# Below this share of draws a rival is not worth naming.
_WORTH_NAMING = 0.05
# A premium smaller than this is none worth naming.
_ABOUT = 0.005
# A margin smaller than this is no finding, in USD/H100e-h.
_ROUNDING = 0.005


def sentences(study: "Study") -> list[str]:
    """What the run found, one statement to a line.

    Args:
        study: the run.
    """
    return [*_answers(study), *_market(study), *_gray(study), *_negative_margins(study), *_closed(study), *_sure(study)]


def _answers(study: "Study") -> Iterator[str]:
    reference = study.counterfactuals["mix"]
    yield (
        f"Without export controls, an H100-equivalent hour would cost this buyer {_money(reference)}, "
        f"for {WORKLOAD_WORDS['mix']}."
    )
    if not study.simulation.rivals:
        yield (
            "No other channel is open in this set, so none can be called the cheapest; "
            "the costs below are what they would be if the channels were open."
        )
        return
    yield _answer(study, "mix") + " " + _chances(study, "mix")
    yield from _by_task(study)


def _money(found: Mapping[str, "Estimate"]) -> str:
    ends = interval(money(found["p05"].value), money(found["p95"].value))
    return f"{money(found['p50'].value)} at the median (5–95 % range: {ends})"


def _answer(study: "Study", workload: str) -> str:
    channel = study.cheapest(workload)
    assert channel is not None
    cost, above = study.summaries[workload][channel], study.premiums[workload][channel]
    return (
        f"For {WORKLOAD_WORDS[workload]}, the open channel with the lowest median cost is "
        f"{study.case.label(channel)}: {_money(cost)}. "
        f"{_premium(above)}"
    )


def _premium(above: Mapping[str, "Estimate"]) -> str:
    middle, low, high = (above[p].value for p in ("p50", "p05", "p95"))
    ends = f"{percent(low, signed=True)} to {percent(high, signed=True)}"
    if abs(middle) < _ABOUT:
        return f"That is about the cost without controls, in the median draw ({ends})."
    if middle >= 0:
        sentence = f"That is {percent(middle)} above the cost without controls in the median draw ({ends})"
    else:
        sentence = f"That is {percent(-middle)} below the cost without controls in the median draw ({ends})"
    if low > 0:
        return f"{sentence}: it is dearer in more than 95 % of draws."
    if high < 0:
        return f"{sentence}: it is cheaper in more than 95 % of draws, thanks to its chip or form of supply."
    return f"{sentence}; the range holds zero, so it may be dearer or cheaper."


def _chances(study: "Study", workload: str) -> str:
    chances = study.probabilities[workload]
    best = study.cheapest(workload)
    assert best is not None
    others = sorted(
        (c for c in chances if c != best and chances[c].value >= _WORTH_NAMING), key=lambda c: -chances[c].value
    )
    named = [f"{study.case.label(c)} in {percent(chances[c].value)}" for c in others]
    sentence = f"It is the cheapest open channel in {percent(chances[best].value)} of draws"
    return (
        f"{sentence}; {listed(named)}." if named else f"{sentence}; no other is in more than {percent(_WORTH_NAMING)}."
    )


def _by_task(study: "Study") -> Iterator[str]:
    tasks = [workload for workload in WORKLOAD_WORDS if workload != "mix"]
    best = {task: study.cheapest(task) or "" for task in tasks}
    costs = {task: money(study.summaries[task][best[task]]["p50"].value) for task in tasks}
    if set(best.values()) == {study.cheapest("mix")}:
        named = [f"{WORKLOAD_WORDS[task]} alone ({costs[task]})" for task in tasks]
        yield f"The same channel is the cheapest for {listed(named)}."
    else:
        named = [
            f"for {WORKLOAD_WORDS[task]} alone it is {study.case.label(best[task])} ({costs[task]})" for task in tasks
        ]
        yield f"{listed(named)[:1].upper()}{listed(named)[1:]}."


def _market(study: "Study") -> Iterator[str]:
    """Where all channels compete for what is wanted."""
    if study.market is None:
        return
    price, above, denied = (study.market.statistics[name] for name in ("price", "premium", "compute_denied"))
    if abs(above["p50"].value) < _ABOUT:
        side = "about the cost without controls"
    else:
        word = "above" if above["p50"].value > 0 else "below"
        side = f"{percent(abs(above['p50'].value))} {word} the cost without controls"
    share = max(denied["p50"].value, 0.0)
    rest = f"{percent(share)} of the compute wanted without controls is denied" if share >= _ABOUT else "none is denied"
    yield (
        f"Where all channels together have to serve what is wanted, the market clears at {_money(price)} an hour, "
        f"{side}, and {rest}, each in the median draw."
    )


def _gray(study: "Study") -> Iterator[str]:
    for channel in (c for c in study.case.channels if study.case.text(f"channels.{c}.role") == "gray"):
        above = study.premiums["mix"][channel]["p50"].value
        costs = study.central.workloads["mix"].channels[channel]
        verb = "would cost, were it open," if channel in study.closed else "costs"
        side = "above" if above >= 0 else "below"
        yield (
            f"{study.case.label(channel)} {verb} {percent(abs(above))} {side} the cost without controls in the median "
            "draw. At central values, the effect of controls on its price and risks is "
            f"{_signed(float(costs.control_wedge))} an hour, that of another chip or form of supply "
            f"{_signed(float(costs.technology_wedge))}."
        )


def _signed(amount: float) -> str:
    return ("+" if amount > 0 else "") + money(amount)


def _negative_margins(study: "Study") -> Iterator[str]:
    costs = study.central.workloads["mix"].channels
    for channel in (c for c in study.case.channels if c not in study.closed):
        margin = float(costs[channel].components.get("markup", 0.0))
        delivered = study.case.text(f"channels.{channel}.markup_basis") == "delivered"
        if delivered and margin < -_ROUNDING:
            yield (
                f"Caution: the price reported for {study.case.label(channel)} on arrival does not cover what "
                "it takes to bring the goods in, as assumed "
                f"here. The seller's margin is {money(margin)} an hour: either the price is too low or the "
                "losses on the way are too high."
            )


def _closed(study: "Study") -> Iterator[str]:
    labels = [study.case.label(c) for c in study.closed if c not in study.apart]
    if labels:
        subject = "It is" if len(labels) == 1 else "They are"
        yield f"Closed in this set: {listed(labels)}. {subject} costed all the same, and shown as closed."


def _sure(study: "Study") -> Iterator[str]:
    if not study.case.uncertain:
        yield "No parameter of this set is uncertain, so that ranges have no width."
