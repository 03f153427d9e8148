"""Draws of a set, all at once, with the probabilities that they were made from: what analyses start from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costmodel.costs import Evaluation
from costmodel.errors import ParameterError, Problem
from costmodel.limits import MAX_KEPT
from costmodel.outcomes import Outcome
from costmodel.parameters.model import ParameterSet
from costmodel.sampling import Draws

Draw = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """Draws of a set's uncertain parameters, and the costs that follow from them.

    Attributes:
        case: parameter set.
        draws, seed: how many, and from which seed.
        probabilities: for each uncertain parameter the probability that its value has below it, shape (draws,).
        evaluation: the costs; `evaluation.changed({path: …})` gives them with some parameters at other values.
    """

    case: ParameterSet
    draws: int
    seed: int
    probabilities: Mapping[str, Draw]
    evaluation: Evaluation

    def value(self, outcome: Outcome) -> Draw:
        """An outcome in every draw, shape (draws,)."""
        return np.broadcast_to(np.asarray(outcome(self.evaluation), dtype=float), self.draws)


def keepable(draws: int) -> None:
    """Raise where there are more draws than are kept in memory at once.

    Args:
        draws: number of draws.

    Raises:
        ParameterError: they are too many.
    """
    if draws > MAX_KEPT:
        message = (
            f"this keeps all draws in memory, and takes at most {MAX_KEPT:,}, not {draws:,}; `simulate` takes more"
        )
        raise ParameterError([Problem("run.draws", message)])


def sample(
    case: ParameterSet,
    draws: int | None = None,
    seed: int | None = None,
    *,
    method: str = "sobol",
    offset: int = 0,
) -> Sample:
    """Draws of a set, all in memory.

    Args:
        case: parameter set.
        draws: number of draws; by default the set's own.
        seed: by default the set's own.
        method: `sobol` or `random`.
        offset: dimensions of the Sobol' sequence to leave out; `len(case.streams)` for a second, independent sample.

    Raises:
        ParameterError: more draws than are kept at once.

    Examples:
        >>> from costmodel import load
        >>> from costmodel.outcomes import outcome
        >>> case = load("baseline")
        >>> sample(case, 64).value(outcome(case, "cost.mix.domestic")).shape
        (64,)
    """
    draws = case.draws if draws is None else draws
    keepable(draws)
    source = Draws(case, draws, case.seed if seed is None else seed, method=method, offset=offset)
    blocks = [source.probabilities(start) for start in source.starts()]
    joined = blocks[0] if len(blocks) == 1 else _joined(blocks)
    probabilities = {path: joined[path] for path in case.uncertain}
    stated = source.stated(probabilities)
    return Sample(case, draws, source.seed, probabilities, Evaluation.of(case, stated))


def _joined(blocks: Sequence[Mapping[str, Draw]]) -> dict[str, Draw]:
    return {path: np.concatenate([block[path] for block in blocks]) for path in blocks[0]}
