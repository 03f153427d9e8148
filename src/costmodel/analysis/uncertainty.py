"""Monte Carlo: costs of every draw, and what they say in a few numbers with their Monte Carlo error."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.costs import WORKLOADS, evaluate, rivals
from costmodel.parameters.model import ParameterSet
from costmodel.parameters.schema import MAX_DRAWS
from costmodel.sampling import REPLICATES, Draws

Draw = NDArray[np.float64]

#: Percentiles that are reported, with their probabilities.
PERCENTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}

#: Numbers that sum up a column of draws.
STATISTICS: dict[str, Callable[[Draw], Draw]] = {
    "mean": lambda draws: np.mean(draws, axis=-1),
    "sd": lambda draws: np.std(draws, axis=-1),
    **{name: (lambda draws, p=p: np.quantile(draws, p, axis=-1)) for name, p in PERCENTILES.items()},  # type: ignore[misc]
}


@dataclass(frozen=True)
class Estimate:
    """A number estimated from draws, with its Monte Carlo standard error (None for too few draws to tell)."""

    value: float
    error: float | None


@dataclass(frozen=True)
class Simulation:
    """Costs of every draw.

    Attributes:
        case: parameter set.
        draws, seed: how many, and from which seed.
        totals: effective cost of each draw by workload and channel, USD/H100e-h, shape (draws,).
        counterfactual: counterfactual cost of each draw by workload, USD/H100e-h.
        components: mean of each component by workload and channel, USD/H100e-h.
    """

    case: ParameterSet
    draws: int
    seed: int
    totals: Mapping[str, Mapping[str, Draw]]
    counterfactual: Mapping[str, Draw]
    components: Mapping[str, Mapping[str, Mapping[str, float]]]

    @cached_property
    def rivals(self) -> tuple[str, ...]:
        """Channels that compete for being cheapest: those open, the counterfactual apart."""
        return rivals(self.case)

    def premium(self, workload: str, channel: str) -> Draw:
        """Premium over the counterfactual within each draw."""
        return self.totals[workload][channel] / self.counterfactual[workload] - 1.0

    def cheapest(self, workload: str) -> dict[str, Draw]:
        """For each rival, 1 in the draws in which it is the cheapest (ties share); empty where all are closed."""
        if not self.rivals:
            return {}
        costs = np.stack([self.totals[workload][channel] for channel in self.rivals])
        least = costs == costs.min(axis=0)
        return dict(zip(self.rivals, least / least.sum(axis=0), strict=True))

    def inputs(self) -> Iterator[dict[str, Any]]:
        """Blocks of the inputs of these draws, made again from the seed."""
        return Draws(self.case, self.draws, self.seed).blocks()


def simulate(case: ParameterSet, draws: int | None = None, seed: int | None = None) -> Simulation:
    """Costs of every channel and workload in every draw.

    Args:
        case: parameter set.
        draws: number of draws; by default the set's own.
        seed: by default the set's own.

    Returns:
        Totals of every draw and the means of their components.

    Raises:
        ValueError: a number of draws or a seed that cannot be.

    Examples:
        >>> from costmodel import load
        >>> result = simulate(load("baseline"), draws=256)
        >>> result.totals["mix"]["domestic"].shape
        (256,)
    """
    draws = case.draws if draws is None else draws
    seed = case.seed if seed is None else seed
    if not 1 <= draws <= MAX_DRAWS:
        raise ValueError(f"draws must be from 1 to {MAX_DRAWS:,}, not {draws:,}")
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, not {seed}")
    totals = {w: {c: np.empty(draws) for c in case.channels} for w in WORKLOADS}
    counterfactual = {w: np.empty(draws) for w in WORKLOADS}
    sums: dict[str, dict[str, dict[str, float]]] = {w: {c: {} for c in case.channels} for w in WORKLOADS}
    start = 0
    for values in Draws(case, draws, seed).blocks():
        stop = min(start + _length(values), draws)
        if not case.uncertain:
            stop = draws
        for workload, result in evaluate(case, values).workloads.items():
            counterfactual[workload][start:stop] = result.counterfactual
            for channel, costs in result.channels.items():
                totals[workload][channel][start:stop] = costs.total
                into = sums[workload][channel]
                for name, part in costs.components.items():
                    into[name] = into.get(name, 0.0) + float(np.sum(np.broadcast_to(part, stop - start)))
        start = stop
        if start == draws:
            break
    components = {
        w: {c: {name: amount / draws for name, amount in parts.items()} for c, parts in by.items()}
        for w, by in sums.items()
    }
    return Simulation(case, draws, seed, totals, counterfactual, components)


def _length(values: Mapping[str, Any]) -> int:
    return max((len(value) for value in values.values() if isinstance(value, np.ndarray)), default=1)


def estimate(draws: Draw, statistic: Callable[[Draw], Draw]) -> Estimate:
    """A statistic of draws with its Monte Carlo error.

    The error is the disagreement of the independently scrambled sequences, each of which estimates the same number.

    Args:
        draws: shape (draws,).
        statistic: function of draws along the last axis.

    Returns:
        Estimate from all draws and its standard error.
    """
    each = len(draws) // REPLICATES
    if each < 2:
        return Estimate(float(statistic(draws)), None)
    parts = statistic(draws[: each * REPLICATES].reshape(each, REPLICATES).T)
    return Estimate(float(statistic(draws)), float(np.std(parts, ddof=1) / np.sqrt(REPLICATES)))


def summary(draws: Draw) -> dict[str, Estimate]:
    """All statistics of a column of draws, by name."""
    return {name: estimate(draws, statistic) for name, statistic in STATISTICS.items()}


def probability_cheapest(result: Simulation, workload: str) -> dict[str, Estimate]:
    """Probability of each open channel of being the cheapest, the counterfactual apart."""
    return {c: estimate(share, STATISTICS["mean"]) for c, share in result.cheapest(workload).items()}
