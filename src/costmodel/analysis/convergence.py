"""How exact estimates are: their Monte Carlo errors against the number of draws, for both kinds of draws."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from costmodel.analysis.sample import Draw, sample
from costmodel.analysis.uncertainty import STATISTICS, Estimate, estimate
from costmodel.costs import Evaluation, rivals
from costmodel.outcomes import Outcome
from costmodel.parameters.model import ParameterSet
from costmodel.sampling import METHODS

#: Statistics of the outcome that are followed; besides, the probability of its channel of being the cheapest.
FOLLOWED = ("p50", "mean", "p05", "p95")
CHEAPEST = "probability_cheapest"
#: The fewest draws that are looked at: four for each of the sequences whose disagreement is the error.
FIRST = 64

#: Columns of draws from a kind of draws, their number and a seed: `outcome`, and `cheapest`, 1 where its channel is it.
Columns: TypeAlias = Callable[[str, int, int], Mapping[str, Draw]]


@dataclass(frozen=True)
class Point:
    """An estimate from some draws.

    Attributes:
        draws: number of draws.
        value: the estimate.
        error: its standard error, as the draws themselves tell it.
        deviation: how far it really is from the reference.
    """

    draws: int
    value: float
    error: float | None
    deviation: float


@dataclass(frozen=True)
class Curve:
    """Estimates of one statistic from more and more draws of one kind.

    Attributes:
        statistic: `p50`, `mean`, `p05`, `p95` (in the outcome's unit) or `probability_cheapest`.
        method: `sobol` or `random`.
        points: by rising number of draws; each takes the first of the same draws.
    """

    statistic: str
    method: str
    points: tuple[Point, ...]

    @property
    def rate(self) -> float | None:
        """Power of the number of draws with which the error falls: −1/2 for independent draws; None if not known."""
        known = [(point.draws, point.error) for point in self.points if point.error]
        if len(known) < 3:
            return None
        draws, errors = np.log(np.array(known, dtype=float)).T
        return float(np.polynomial.Polynomial.fit(draws, errors, 1).convert().coef[1])


@dataclass(frozen=True)
class Convergence:
    """Estimates of an outcome against the number of draws.

    Attributes:
        case, outcome, seed: what was estimated, and from which seed.
        reference: value of each statistic from Sobol' draws of another seed, as many as the most.
        curves: one for each statistic and kind of draws.
    """

    case: ParameterSet
    outcome: Outcome
    seed: int
    reference: Mapping[str, float]
    curves: tuple[Curve, ...]

    @property
    def draws(self) -> int:
        """The largest number of draws."""
        return self.curves[0].points[-1].draws

    def curve(self, statistic: str, method: str) -> Curve:
        """The curve of a statistic and a kind of draws."""
        return next(c for c in self.curves if (c.statistic, c.method) == (statistic, method))

    def equivalent(self, statistic: str) -> float | None:
        """How many pseudo-random draws would be as exact as the most Sobol' draws, roughly; None if not known."""
        last = {method: self.curve(statistic, method).points[-1].error for method in METHODS}
        return self.draws * (last["random"] / last["sobol"]) ** 2 if last["sobol"] and last["random"] else None


def counts_up_to(draws: int) -> tuple[int, ...]:
    """Powers of two from `FIRST` to some number of draws, and the number itself.

    Examples:
        >>> counts_up_to(300), counts_up_to(32)
        ((64, 128, 256, 300), (32,))
    """
    found = [2**power for power in range(FIRST.bit_length() - 1, draws.bit_length()) if 2**power <= draws]
    return tuple(dict.fromkeys([*found, draws]))


def convergence(
    case: ParameterSet,
    outcome: Outcome,
    counts: Sequence[int] | None = None,
    seed: int | None = None,
    columns: Columns | None = None,
) -> Convergence:
    """Estimates and Monte Carlo errors of an outcome against the number of draws, for both kinds of draws.

    Args:
        case: parameter set.
        outcome: what is estimated.
        counts: rising numbers of draws; by default powers of two up to the set's own number.
        seed: by default the set's own; the reference takes the next.
        columns: where draws come from; by default they are drawn here.

    Examples:
        >>> from costmodel import load
        >>> from costmodel.outcomes import outcome
        >>> case = load("baseline")
        >>> found = convergence(case, outcome(case, "cost.mix.domestic"), (64, 128, 256))
        >>> [point.draws for point in found.curve("p50", "sobol").points]
        [64, 128, 256]
    """
    counts = counts_up_to(case.draws) if counts is None else counts
    seed = case.seed if seed is None else seed
    columns = columns or drawn(case, outcome)
    reference = {
        name: one.value for name, one in _estimates(columns("sobol", counts[-1], seed + 1), counts[-1]).items()
    }
    points: dict[tuple[str, str], list[Point]] = {}
    for method in METHODS:
        found = columns(method, counts[-1], seed)
        for count in counts:
            for name, one in _estimates(found, count).items():
                point = Point(count, one.value, one.error, abs(one.value - reference[name]))
                points.setdefault((name, method), []).append(point)
    return Convergence(case, outcome, seed, reference, tuple(Curve(*key, tuple(some)) for key, some in points.items()))


def default_outcome(case: ParameterSet) -> str:
    """Cost on the mix of the channel that is the cheapest at central values, or of the first where all are closed."""
    central = Evaluation(case, case.central)
    channel = min(rivals(case), key=lambda c: float(central.cost("mix", c)), default=case.channels[0])
    return f"cost.mix.{channel}"


def _estimates(columns: Mapping[str, Draw], count: int) -> dict[str, Estimate]:
    found = {name: estimate(columns["outcome"][:count], STATISTICS[name]) for name in FOLLOWED}
    if "cheapest" in columns:
        found[CHEAPEST] = estimate(columns["cheapest"][:count], STATISTICS["mean"])
    return found


def drawn(case: ParameterSet, outcome: Outcome) -> Columns:
    """Columns of an outcome, drawn when they are asked for."""

    def columns(method: str, draws: int, seed: int) -> Mapping[str, Draw]:
        found = sample(case, draws, seed, method=method)
        result = {"outcome": found.value(outcome)}
        open_ones = rivals(case)
        # A result of the market is not about being cheaper than other channels.
        if outcome.channel in open_ones and not outcome.of_market:
            costs = np.stack([np.broadcast_to(found.evaluation.cost(outcome.workload, c), draws) for c in open_ones])
            least = costs == costs.min(axis=0)
            result["cheapest"] = least[open_ones.index(outcome.channel)] / least.sum(axis=0)
        return result

    return columns


def convergence_json(found: Convergence) -> dict[str, Any]:
    """Estimates and errors with the keys of `costmodel convergence --format json`."""
    return {
        "set": found.case.name,
        "outcome": found.outcome.name,
        "unit": found.outcome.unit,
        "draws": found.draws,
        "seed": found.seed,
        "statistics": {
            name: {
                "unit": "1" if name == CHEAPEST else found.outcome.unit,
                "reference": reference,
                "equivalent_random_draws": found.equivalent(name),
                **{
                    method: {
                        "rate": found.curve(name, method).rate,
                        "points": [vars(point) for point in found.curve(name, method).points],
                    }
                    for method in METHODS
                },
            }
            for name, reference in found.reference.items()
        },
    }
