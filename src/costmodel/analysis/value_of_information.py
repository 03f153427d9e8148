"""Decisions of a set: what each option yields, and what better knowledge would be worth (docs/methods.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.information import MIN_DRAWS, Information, information
from costmodel.analysis.sample import keepable
from costmodel.analysis.uncertainty import Estimate
from costmodel.costs import UNIT, Evaluation, lowest, rivals
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.parameters.correlations import groups as correlated
from costmodel.parameters.decisions import below
from costmodel.parameters.model import Decision, Option, ParameterSet
from costmodel.sampling import Draws

Numbers = NDArray[np.float64]

#: Unit of each pay-off.
UNITS = {"effective_cost": UNIT, "premium": "1"}


@dataclass(frozen=True)
class InformationValue:
    """What better knowledge would be worth to a decision.

    Attributes:
        case: parameter set.
        decision: the decision.
        options: its options that are open in this set.
        draws, seed: from how many draws, and from which seed.
        groups: parameters that would become known together, by name.
        information: the worth, in the unit of the pay-off. Pay-offs there are high where they are good: those of a
            decision that minimizes have the opposite sign.
    """

    case: ParameterSet
    decision: Decision
    options: tuple[Option, ...]
    draws: int
    seed: int
    groups: Mapping[str, tuple[str, ...]]
    information: Information

    @property
    def unit(self) -> str:
        """Unit of pay-offs and worths."""
        return UNITS[self.decision.payoff]

    @property
    def choice(self) -> Option:
        """The option that is best in the mean: what is chosen without further knowledge."""
        return self.options[self.information.best]

    @property
    def evpi(self) -> Estimate:
        """Expected value of perfect information."""
        return self.information.perfect

    @cached_property
    def parameters(self) -> dict[str, Estimate]:
        """Expected value of knowing each parameter, the most valuable first."""
        single = {path: found for path, found in self.information.partial.items() if path in self.case.parameters}
        return dict(sorted(single.items(), key=lambda item: -item[1].value))

    @cached_property
    def together(self) -> dict[str, Estimate]:
        """Expected value of knowing each group, the most valuable first."""
        found = {name: self.information.partial[name] for name in self.groups}
        return dict(sorted(found.items(), key=lambda item: -item[1].value))

    def mean(self, option: Option) -> float:
        """Expected pay-off of an option, in its own sign."""
        return _sign(self.decision) * float(self.information.means[self.options.index(option)])

    def merit(self, option: Option) -> float:
        """Expected pay-off of an option where high is good."""
        return float(self.information.means[self.options.index(option)])

    def chance(self, option: Option) -> float:
        """Share of draws in which an option is the best."""
        return float(self.information.chances[self.options.index(option)])

    def label(self, option: Option) -> str:
        """An option's name in tables and charts."""
        return option.label or (self.case.label(option.channel) if option.channel else option.name.replace("_", " "))

    def share(self, worth: Estimate) -> float | None:
        """A worth as a share of that of perfect information; None where that is nothing."""
        return worth.value / self.evpi.value if self.evpi.value > 0 else None


def _sign(decision: Decision) -> float:
    return 1.0 if decision.goal == "maximize" else -1.0


def decision_of(case: ParameterSet, name: str) -> Decision:
    """The decision of that name.

    Raises:
        ParameterError: there is none; the message says which is nearest.
    """
    if name not in case.decisions:
        raise ParameterError(
            [Problem("", f"no decision `{name}`; {nearest(name, list(case.decisions))}", "--decision")]
        )
    return case.decisions[name]


def open_options(case: ParameterSet, decision: Decision) -> tuple[Option, ...]:
    """Options that may be taken in this set: their channel is open, or any is.

    Examples:
        >>> from costmodel import load
        >>> case = load("licence_closed")
        >>> "direct" in [option.name for option in open_options(case, case.decisions["buy"])]
        False
    """
    return tuple(option for option in decision.options if _channels(case, option))


def _channels(case: ParameterSet, option: Option) -> tuple[str, ...]:
    """Channels of which the cheapest counts, where an option is taken."""
    changed = replace(case, parameters={**case.parameters, **option.changes}) if option.changes else case
    if option.channel is None:
        return rivals(changed)
    return (option.channel,) if changed.central[f"channels.{option.channel}.available"] else ()


def decidable(case: ParameterSet) -> tuple[Decision, ...]:
    """Decisions that leave a choice in this set."""
    return tuple(decision for decision in case.decisions.values() if len(open_options(case, decision)) > 1)


def value_of_information(
    case: ParameterSet, decision: Decision, draws: int | None = None, seed: int | None = None
) -> InformationValue:
    """What it would be worth to know uncertain parameters before a decision.

    Args:
        case: parameter set.
        decision: one of its decisions.
        draws: number of draws; by default the set's own.
        seed: by default the set's own.

    Returns:
        EVPI, and EVPPI of every uncertain parameter, of parameters that are correlated, and of the decision's groups.

    Raises:
        ParameterError: too few draws, or fewer than two options that are open.

    Examples:
        >>> from costmodel import load
        >>> case = load("baseline")
        >>> found = value_of_information(case, case.decisions["buy"], draws=1024)
        >>> 0 <= found.together["licensed_purchase"].value <= found.evpi.value
        True
    """
    draws, seed = case.draws if draws is None else draws, case.seed if seed is None else seed
    options = open_options(case, decision)
    if len(options) < 2:
        message = "leaves no choice in this set: fewer than two of its options are open"
        raise ParameterError([Problem(f"decisions.{decision.name}", message, decision.file, decision.line)])
    if draws < MIN_DRAWS:
        raise ParameterError([Problem("run.draws", f"must be at least {MIN_DRAWS} to value information, not {draws}")])
    keepable(draws)
    payoffs, probabilities = payoffs_of(case, decision, draws, seed)
    groups = groups_of(case, decision)
    found = information(_sign(decision) * payoffs, probabilities, groups)
    return InformationValue(case, decision, options, draws, seed, groups, found)


def groups_of(case: ParameterSet, decision: Decision) -> dict[str, tuple[str, ...]]:
    """Uncertain parameters that would become known together: the decision's groups, and those that are correlated."""
    stated = {
        name: tuple(path for path in case.uncertain if any(below(item, path) for item in items))
        for name, items in decision.groups.items()
    }
    joined = [paths for paths in correlated(case) if len(paths) > 1]
    found = stated | {f"correlated_{index}": paths for index, paths in enumerate(joined, start=1)}
    return {name: paths for name, paths in found.items() if paths}


def payoffs_of(case: ParameterSet, decision: Decision, draws: int, seed: int) -> tuple[Numbers, dict[str, Numbers]]:
    """Pay-off of each open option in each draw, and the probabilities behind the draws.

    Returns:
        Pay-offs in their own sign, shape (options, draws); by uncertain parameter the probability that its value has
        below it, shape (draws,).
    """
    options = open_options(case, decision)
    payoffs = np.empty((len(options), draws))
    probabilities = {path: np.empty(draws) for path in case.uncertain}
    source = Draws(case, draws, seed)
    # By block, so that costs of a million draws need not be held at once.
    for start in source.starts():
        block = source.probabilities(start)
        evaluation = Evaluation.of(case, source.stated(block))
        part = slice(start, start + source.size(start))
        for row, option in zip(payoffs, options, strict=True):
            row[part] = _payoff(case, decision, option, _taken(evaluation, option, block))
        for path, column in probabilities.items():
            column[part] = block[path]
    return payoffs, probabilities


def _taken(evaluation: Evaluation, option: Option, probabilities: Mapping[str, Numbers]) -> Evaluation:
    """The costs where an option is taken."""
    values = {
        path: item.distribution.ppf(probabilities[path]) if item.distribution else item.value
        for path, item in option.changes.items()
    }
    return evaluation.changed(values) if values else evaluation


def _payoff(case: ParameterSet, decision: Decision, option: Option, found: Evaluation) -> Any:
    cost = lowest(**{channel: found.cost(decision.workload, channel) for channel in _channels(case, option)})
    if decision.payoff == "premium":
        cost = cost / found.counterfactual(decision.workload) - 1.0
    return cost + option.cost


def information_json(found: InformationValue) -> dict[str, Any]:
    """One decision with the keys of `costmodel voi --format json`."""
    decision = found.decision
    return {
        "title": decision.title,
        "workload": decision.workload,
        "payoff": decision.payoff,
        "goal": decision.goal,
        "unit": found.unit,
        "options": {
            option.name: {
                "label": found.label(option),
                "mean": found.mean(option),
                "probability_best": found.chance(option),
            }
            for option in found.options
        },
        "left_out": [option.name for option in decision.options if option not in found.options],
        "choice": found.choice.name,
        "evpi": found.evpi.value,
        "evpi_error": found.evpi.error,
        "parameters": {path: _worth_json(found, worth) for path, worth in found.parameters.items()},
        "groups": {
            name: {"parameters": list(found.groups[name]), **_worth_json(found, worth)}
            for name, worth in found.together.items()
        },
    }


def _worth_json(found: InformationValue, worth: Estimate) -> dict[str, float | None]:
    return {"evppi": worth.value, "error": worth.error, "share_of_evpi": found.share(worth)}


def value_of_information_json(case: ParameterSet, found: Sequence[InformationValue]) -> dict[str, Any]:
    """Decisions of a set, with the keys of `costmodel voi --format json`."""
    return {
        "set": case.name,
        "draws": found[0].draws if found else None,
        "seed": found[0].seed if found else None,
        "decisions": {item.decision.name: information_json(item) for item in found},
    }
