"""When something happens over draws, counted by quarter."""

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.statistics import PERCENTILES

Counts = NDArray[np.int64]


def when(counts: Counts, total: int) -> dict[str, int | None]:
    """Percentiles of the quarter in which something happens.

    Args:
        counts: in how many draws it happens in each quarter.
        total: number of draws, those among them in which it does not happen: they count as later than all others.

    Returns:
        Place of the quarter by the names of the percentiles that are told; None where it has not happened.

    Examples:
        >>> when(np.array([0, 50, 10]), 100)
        {'p05': 1, 'p50': 1, 'p95': None}
    """
    ends = np.cumsum(counts)
    found = {}
    for name in ("p05", "p50", "p95"):
        # The first quarter by which it has happened in so large a share of the draws.
        enough = ends >= PERCENTILES[name] * total
        found[name] = int(enough.argmax()) if total and enough.any() else None
    return found


def shares_by(counts: Counts) -> list[float]:
    """Counts as shares of their sum; 0 where there are none.

    Examples:
        >>> shares_by(np.array([1, 3]))
        [0.25, 0.75]
    """
    total = int(counts.sum())
    return [float(count / total) if total else 0.0 for count in counts]
