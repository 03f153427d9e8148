"""How much of an outcome's uncertainty each parameter of a set causes, over the whole range of all of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from costmodel.analysis.given_data import first_order, rank_correlation
from costmodel.analysis.recording import recorded
from costmodel.analysis.sample import Sample, sample
from costmodel.analysis.sobol import FEWEST, NOTHING, Draw, Group, Index, Influence, estimated, varies
from costmodel.errors import ParameterError, Problem
from costmodel.memo import Held
from costmodel.outcomes import Outcome
from costmodel.parameters.correlations import groups
from costmodel.parameters.model import ParameterSet

#: Draws of each of the two samples.
BASE = 8192
#: Why correlated parameters share an index.
REASON = "correlated parameters are drawn together: what one of them causes cannot be told from what the others do"


@dataclass(frozen=True)
class Pair:
    """Two independent samples of a set.

    Attributes:
        first: sample A.
        second: sample B, from other dimensions of the same Sobol' sequences.
        seed: from which seed.
    """

    first: Sample
    second: Sample
    seed: int


@dataclass(frozen=True)
class Sensitivity:
    """What causes an outcome's uncertainty.

    Attributes:
        outcome: what is looked at.
        base, seed: draws of each sample, and from which seed.
        recomputed: groups for which the outcome had to be computed again; it does not depend on the others.
        mean, sd: of the outcome, in its unit.
        influences: Sobol' indices of each independent group of parameters, the largest total index first.
        first_order: binned first-order index of each parameter from sample A alone.
        rank_correlation: Spearman's rank correlation of each parameter with the outcome, from sample A alone.
    """

    outcome: Outcome
    base: int
    seed: int
    recomputed: int
    mean: float
    sd: float
    influences: tuple[Influence, ...]
    first_order: Mapping[str, Index]
    rank_correlation: Mapping[str, Index]

    @property
    def together(self) -> float:
        """Share of the variance that no group causes alone: one less the sum of the first-order indices."""
        return 1.0 - sum(item.first.value for item in self.influences)


def pair(case: ParameterSet, base: int = BASE, seed: int | None = None) -> Pair:
    """Two independent samples, on which indices of any number of outcomes can be computed.

    Args:
        case: parameter set.
        base: draws of each; powers of 2 fill the range most evenly.
        seed: by default the set's own.

    Raises:
        ParameterError: too few draws.
    """
    if base < FEWEST:
        raise ParameterError([Problem("", f"must be at least {FEWEST}, not {base}", "--base")])
    seed = case.seed if seed is None else seed
    return Pair(sample(case, base, seed), sample(case, base, seed, offset=len(case.streams)), seed)


def global_sensitivity(
    samples: Pair, outcome: Outcome, *, refuse: bool = False, given_data: bool = True
) -> Sensitivity:
    """First-order and total Sobol' indices of all uncertain parameters, and what sample A says by itself.

    Only what depends on the swapped group is computed again. Indices assume independent inputs: correlated parameters
    are one group and share an index.

    Args:
        samples: see `pair`.
        outcome: what is looked at.
        refuse: refuse sets with correlated parameters instead of grouping them.
        given_data: whether to compute the binned indices and the rank correlations too.

    Raises:
        ParameterError: the outcome does not vary, or correlated parameters are refused.

    Examples:
        >>> from costmodel import load
        >>> from costmodel.outcomes import outcome
        >>> case = load("baseline")
        >>> found = global_sensitivity(pair(case, 64), outcome(case, "cost.mix.domestic"))
        >>> found.influences[0].total.value > found.influences[-1].total.value
        True
    """
    first = samples.first
    together = groups(first.case)
    if refuse:
        _refuse(together)
    # The model is gone through once and played, so that swapping a group costs no more than what depends on it.
    tape = recorded(first.case, lambda evaluation: [outcome(evaluation)])
    held = tape.held(_inputs(first))
    values = _whole(held.changed({}), first.draws)
    if not varies(values):
        message = (
            f"{outcome.name} is the same in all draws: no uncertain parameter moves it, so there is nothing to divide"
        )
        raise ParameterError([Problem("", message, "--outcome")])
    second = _whole(tape.play(_inputs(samples.second)), first.draws)
    influences = estimated(values, second, _swapped(held, _inputs(samples.second), together, values))
    at_hand = first.probabilities if given_data else {}
    return Sensitivity(
        outcome=outcome,
        base=first.draws,
        seed=samples.seed,
        recomputed=sum(item.total is not NOTHING for item in influences),
        mean=float(np.mean(values)),
        sd=float(np.std(values)),
        influences=tuple(sorted(influences, key=lambda item: -item.total.value)),
        first_order=first_order(at_hand, values),
        rank_correlation=rank_correlation(at_hand, values),
    )


def _inputs(sample: Sample) -> dict[str, Draw]:
    return {path: sample.evaluation.stated(path) for path in sample.case.uncertain}


def _whole(results: list[Any], draws: int) -> Draw:
    """The one result as an array of draws."""
    return np.broadcast_to(np.asarray(results[0], dtype=float), draws)


def _swapped(
    held: Held, second: Mapping[str, Draw], together: list[Group], values: Draw
) -> Iterator[tuple[Group, Draw]]:
    """The outcome with each group of parameters taken from sample B; the same array where it does not depend on it."""
    (unmoved,) = held.changed({})
    for group in together:
        found = held.changed({path: second[path] for path in group})
        yield group, values if found[0] is unmoved else _whole(found, len(values))


def _refuse(together: list[Group]) -> None:
    joined = [group for group in together if len(group) > 1]
    if joined:
        listed = "; ".join(", ".join(group) for group in joined)
        message = f"{REASON}. They would be grouped, but `refuse` was asked for. Correlated: {listed}"
        raise ParameterError([Problem("correlations", message)])


def sensitivity_json(case: ParameterSet, found: Sensitivity, least: float = 0.0) -> dict[str, Any]:
    """Indices as plain data, with the keys of `costmodel sensitivity --format json`.

    Args:
        case: parameter set.
        found: the indices.
        least: groups whose total index is below this are left out.
    """
    kept = [item for item in found.influences if item.total.value >= least]
    paths = {path for item in kept for path in item.paths}
    return {
        "set": case.name,
        "outcome": found.outcome.name,
        "unit": found.outcome.unit,
        "base": found.base,
        "seed": found.seed,
        "mean": found.mean,
        "sd": found.sd,
        "recomputed": found.recomputed,
        "not_alone": found.together,
        "groups": [
            {
                "parameters": list(item.paths),
                "reason": REASON if len(item.paths) > 1 else None,
                "first_order": index_json(item.first),
                "total": index_json(item.total),
            }
            for item in kept
        ],
        "parameters": {
            path: {
                "first_order_binned": index_json(index),
                "rank_correlation": index_json(found.rank_correlation[path]),
            }
            for path, index in found.first_order.items()
            if path in paths
        },
    }


def index_json(index: Index) -> dict[str, float]:
    """An index with its error and its 95 % interval."""
    return {"value": index.value, "error": index.error, "low": index.low, "high": index.high}
