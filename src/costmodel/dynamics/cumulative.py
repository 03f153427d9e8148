"""What adds up along a path: compute used, wanted and denied so far, and by how much use lags behind."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Draw = NDArray[np.float64]

#: What something is at the beginning and at the end of a step.
Ends: TypeAlias = tuple[Draw, Draw]

_MONTHS = 12

#: What is followed along every path, so that it can be added up.
ADDED = ("used", "wanted")

#: What adds up, with its meaning and unit.
CUMULATIVE = {
    "used_cumulative": ("compute in service since the path began", "H100e-year"),
    "wanted_cumulative": ("compute wanted since the path began", "H100e-year"),
    "denied_cumulative": ("compute wanted and not in service since the path began", "H100e-year"),
    "delay": ("time since when as much compute would have been in service without controls", "month"),
}


def accumulated(used: Sequence[Ends], wanted: Sequence[Ends], years: float) -> dict[str, Draw]:
    """What has added up by each date, by trapezoids.

    Args:
        used: compute in service at the beginning and at the end of the step from each date, H100e.
        wanted: compute wanted likewise, H100e.
        years: time between two dates.

    Returns:
        For each of `CUMULATIVE` an array of shape (dates, draws).

    Examples:
        >>> one, two = np.array([1.0]), np.array([2.0])
        >>> found = accumulated([(one, one)] * 3, [(two, two)] * 3, 1.0)
        >>> found["denied_cumulative"].ravel().tolist(), found["delay"].ravel().tolist()
        ([0.0, 1.0, 2.0], [0.0, 6.0, 12.0])
    """
    had, due = _sums(used, years), _sums(wanted, years)
    late = delays(had, due, wanted, years)
    return dict(zip(CUMULATIVE, (had, due, due - had, late), strict=True))


def _sums(steps: Sequence[Ends], years: float) -> Draw:
    # One after another, so that no sum depends on how many draws are added up together.
    means = [np.zeros_like(steps[0][0]), *((beginning + end) / 2.0 for beginning, end in steps[:-1])]
    return np.cumsum(np.stack(means), axis=0) * years


def delays(had: Draw, due: Draw, wanted: Sequence[Ends], years: float) -> Draw:
    """Months by which what there has been lags behind what was due, at each date; 0 where it does not.

    Args:
        had: sums by each date, shape (dates, draws).
        due: sums that were due, rising, of the same shape.
        wanted: what `due` adds up, at the beginning and at the end of the step from each date; between them it changes
            in a straight line.
        years: time between two dates.
    """
    starts, ends = (np.stack(side) for side in zip(*wanted, strict=True))
    found = np.zeros_like(had)
    for date in range(1, len(had)):
        # The last date by which no more was due than there has been by now.
        at = np.clip((due[: date + 1] <= had[date]).sum(axis=0) - 1, 0, date - 1)
        low, first, last = (np.take_along_axis(table, at[None], axis=0)[0] for table in (due, starts, ends))
        since = _time_to(had[date] - low, first, (last - first) / years)
        found[date] = np.maximum((date - at) * years - since, 0.0) * _MONTHS
    return found


def _time_to(amount: Draw, rate: Draw, rise: Draw) -> Draw:
    """Time in which an amount comes at a rate that rises: t in amount = rate·t + rise·t²/2."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 2.0 * amount / (rate + np.sqrt(np.maximum(rate * rate + 2.0 * rise * amount, 0.0)))
    return np.where(np.isfinite(found), found, 0.0)
