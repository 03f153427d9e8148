"""The model gone through once for a set, to be played for block after block of draws."""

from collections.abc import Callable

import numpy as np

from costmodel.arrays import Array
from costmodel.costs import Evaluation
from costmodel.memo import Tape
from costmodel.parameters.model import ParameterSet


def recorded(case: ParameterSet, results: Callable[[Evaluation], list[Array]]) -> Tape:
    """Results from draws of the uncertain parameters.

    Args:
        case: parameter set.
        results: what is wanted, from an evaluation.

    Returns:
        A tape that gives the results for draws of all uncertain parameters by path, as the set states them.
    """
    # Any values will do: what is recorded is which equation takes what.
    first = {path: np.array([case.parameters[path].value], dtype=float) for path in case.uncertain}
    tape = Tape(first)
    fixed = {path: item.value for path, item in case.parameters.items()}
    tape.wanted(results(Evaluation.of(case, fixed | first, tape)))
    return tape
