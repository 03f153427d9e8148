"""Sums of pay-offs by bin of a parameter: compiled where that pays, the same numbers without a compiler."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from costmodel.sampling import REPLICATES

Numbers = NDArray[np.float64]

# Below this many draws loading the compiler takes longer than it saves.
_WORTH_COMPILING = 1 << 17


def bin_sums(u: Numbers, columns: Numbers, bins: int) -> Numbers:
    """Sums of some columns by bin of equal probability, for each of the sequences that take turns.

    Args:
        u: probabilities of a parameter, in the open unit interval, shape (draws,).
        columns: what is summed, shape (draws, columns), in C order.
        bins: number of bins.

    Returns:
        Sums, shape (bins, sequences, columns); draw i belongs to sequence i % 16.

    Examples:
        >>> u, ones = np.linspace(0.01, 0.99, 32), np.ones((32, 1))
        >>> bin_sums(u, ones, 2).sum(axis=(1, 2))
        array([16., 16.])
    """
    if len(u) >= _WORTH_COMPILING and (fast := compiled()) is not None:
        return fast(u, columns, bins)
    return with_numpy(u, columns, bins)


def with_numpy(u: Numbers, columns: Numbers, bins: int) -> Numbers:
    """`bin_sums` without a compiler."""
    cell = (u * bins).astype(np.int64) * REPLICATES
    cell += np.arange(len(u)) % REPLICATES
    size = bins * REPLICATES
    sums = [np.bincount(cell, columns[:, k], size).astype(float, copy=False) for k in range(columns.shape[1])]
    stacked: Numbers = np.stack(sums, axis=-1).reshape(bins, REPLICATES, -1)
    return stacked


def loop(u: Numbers, columns: Numbers, bins: int) -> Numbers:
    """`bin_sums` as a plain loop, for the compiler; adds in the same order, so that not a bit differs."""
    sums = np.zeros((bins, REPLICATES, columns.shape[1]))
    for i in range(len(u)):
        cell = sums[int(u[i] * bins), i % REPLICATES]
        for k in range(columns.shape[1]):
            cell[k] += columns[i, k]
    return sums


@cache
def compiled() -> Callable[[Numbers, Numbers, int], Numbers] | None:
    """`loop` compiled; None where there is no compiler."""
    try:
        from numba import njit
    except ImportError:
        return None
    found: Callable[[Numbers, Numbers, int], Numbers] = njit(nogil=True, cache=True)(loop)
    return found
