"""Numbers that sum up a column of draws, and their Monte Carlo errors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costmodel.kernels import LANES

Draw = NDArray[np.float64]

#: Percentiles that are reported, with their probabilities.
PERCENTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}

#: Numbers that sum up a column of draws: functions along the last axis.
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


def estimate(draws: Draw, statistic: Callable[[Draw], Draw]) -> Estimate:
    """A statistic of draws with its Monte Carlo error.

    The error is the disagreement of the independently scrambled sequences, each of which estimates the same number.

    Args:
        draws: shape (draws,).
        statistic: function of draws along the last axis.

    Returns:
        Estimate from all draws and its standard error.
    """
    each = len(draws) // LANES
    if each < 2:
        return Estimate(float(statistic(draws)), None)
    parts = statistic(draws[: each * LANES].reshape(each, LANES).T)
    return Estimate(float(statistic(draws)), disagreement(parts))


def disagreement(parts: Draw) -> float:
    """Standard error of a number that each of the sequences has estimated.

    Args:
        parts: the sequences' estimates, shape (LANES,).
    """
    return float(np.std(parts, ddof=1) / np.sqrt(LANES))


def lane_sizes(count: int) -> NDArray[np.int64]:
    """How many of so many draws belong to each sequence."""
    return (count - np.arange(LANES) + LANES - 1) // LANES


class NotFiniteError(ValueError):
    """Draws that are not numbers, or infinite.

    Attributes:
        column: place of the column among those that were to be summed up.
    """

    def __init__(self, column: int) -> None:
        super().__init__("some draws are not finite numbers")
        self.column = column


def chances(counts: NDArray[np.int64], count: int) -> list[Estimate]:
    """Probability of each rival of being the cheapest; those that tie share.

    Args:
        counts: draws in which each is the cheapest, by number of others that tie and by sequence, of the shape
            (rivals, rivals, LANES).
        count: number of draws.
    """
    sizes = lane_sizes(count)
    shared = (counts / np.arange(1, len(counts) + 1)[:, None]).sum(axis=1)
    enough = sizes[-1] >= 2
    return [Estimate(float(row.sum() / count), disagreement(row / sizes) if enough else None) for row in shared]
