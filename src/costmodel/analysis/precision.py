"""As many draws as a wanted precision takes."""

import numpy as np

from costmodel.analysis.uncertainty import Results, simulate
from costmodel.costs import WORKLOADS
from costmodel.limits import MAX_DRAWS
from costmodel.parameters.model import ParameterSet


def precise(
    case: ParameterSet, precision: float, seed: int | None = None, *, method: str = "sobol", workers: int = 1
) -> Results:
    """Draws until every cost that is reported is known well enough, twice as many at each step.

    Args:
        case: parameter set.
        precision: largest Monte Carlo error wanted, as a share of the number: of the mean and of each percentile of
            the cost of every channel and workload.
        seed: by default the set's own.
        method: `sobol` for scrambled Sobol' points, `random` for pseudo-random ones.
        workers: number of threads.

    Returns:
        The first results that are precise enough, or those of the most draws that are allowed: `largest_error` tells.

    Raises:
        ValueError: a precision that is not above 0.

    Examples:
        >>> from costmodel import load
        >>> found = precise(load("baseline"), 0.02)
        >>> largest_error(found)[0] <= 0.02
        True
    """
    if not precision > 0:
        raise ValueError(f"precision must be above 0, not {precision:g}")
    draws = _FIRST
    while True:
        found = simulate(case, draws, seed, keep=False, method=method, workers=workers)
        if largest_error(found)[0] <= precision or draws == MAX_DRAWS:
            return found
        draws = min(2 * draws, MAX_DRAWS)


# Draws with which `precise` begins.
_FIRST = 1024


def largest_error(result: Results) -> tuple[float, str, str, str]:
    """The largest Monte Carlo error of a reported cost as a share of it, with its statistic, channel and workload."""
    errors = [
        (abs(item.error / item.value), name, channel, workload)
        for workload, by in result.summaries.items()
        for channel, found in by.items()
        for name, item in found.items()
        if item.value and item.error is not None and name != "sd"
    ]
    return max(errors) if errors else (np.inf, "mean", result.case.channels[0], WORKLOADS[0])
