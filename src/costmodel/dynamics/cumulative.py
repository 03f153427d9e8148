"""What adds up along a path: compute used, wanted and denied so far, and by how much use lags behind."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Draw = NDArray[np.float64]

_MONTHS = 12

#: What adds up, with its meaning and unit.
CUMULATIVE = {
    "used_cumulative": ("compute in service since the path began", "H100e-year"),
    "wanted_cumulative": ("compute wanted since the path began", "H100e-year"),
    "denied_cumulative": ("compute wanted and not in service since the path began", "H100e-year"),
    "delay": ("time since when as much compute would have been in service without controls", "month"),
}


def accumulated(used: Sequence[Draw], wanted: Sequence[Draw], years: float) -> dict[str, Draw]:
    """What has added up by each date, by trapezoids.

    Args:
        used: compute in service at each date, H100e.
        wanted: compute wanted at each date, H100e.
        years: time between two dates.

    Returns:
        For each of `CUMULATIVE` an array of shape (dates, draws).

    Examples:
        >>> found = accumulated([np.array([1.0])] * 3, [np.array([2.0])] * 3, 1.0)
        >>> found["denied_cumulative"].ravel().tolist(), found["delay"].ravel().tolist()
        ([0.0, 1.0, 2.0], [0.0, 6.0, 12.0])
    """
    had, due = _sums(used, years), _sums(wanted, years)
    names = tuple(CUMULATIVE)
    return dict(zip(names, (had, due, due - had, delays(had, due, years)), strict=True))


def _sums(amounts: Sequence[Draw], years: float) -> Draw:
    stacked = np.stack(amounts)
    means = (stacked[1:] + stacked[:-1]) / 2.0
    # One after another, so that no sum depends on how many draws are added up together.
    return np.concatenate([np.zeros_like(stacked[:1]), np.cumsum(means, axis=0) * years])


def delays(had: Draw, due: Draw, years: float) -> Draw:
    """Months by which what there has been lags behind what was due, at each date; 0 where it does not.

    Args:
        had: sums by each date, shape (dates, draws).
        due: sums that were due, rising, of the same shape; a straight line between two dates.
        years: time between two dates.
    """
    found = np.zeros_like(had)
    for date in range(1, len(had)):
        # The last date by which no more was due than there has been by now.
        at = np.clip((due[: date + 1] <= had[date]).sum(axis=0) - 1, 0, date - 1)
        low, high = (np.take_along_axis(due, place[None], axis=0)[0] for place in (at, at + 1))
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(high > low, (had[date] - low) / (high - low), 0.0)
        found[date] = np.maximum(date - at - part, 0.0) * years * _MONTHS
    return found
