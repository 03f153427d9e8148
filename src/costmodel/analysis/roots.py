"""Roots of the difference of two costs in every draw at once: brackets from a grid, then exact or close values."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.ranges import CostsOver, cost
from costmodel.analysis.sample import Draw, Sample

# Distance from the exact threshold at which one is close enough for a report, as a share of the range.
_ROUGHLY = 1e-3
# So many of a pair's thresholds may be further off there.
_FEW = 0.02
# Secants tried before all that is not close is computed exactly; grid values that are interpolated between.
_SECANTS, _WINDOW = 5, 4

#: The difference of two costs at trial values of the parameter in some draws.
Gap: TypeAlias = Callable[[Draw, NDArray[np.intp]], Draw]


def nearest(signs: Draw, values: Draw, center: float) -> tuple[Draw, Draw, Draw]:
    """For each draw the bracket nearest a value, shape (2, draws), the direction there, and the number of crossings.

    Points at which both cost the same are brackets without width; where they cost the same throughout there is none.
    """
    same = (signs == 0) & ((signs != 0).any(axis=0) | (len(values) == 1))
    change = signs[:-1] * signs[1:] < 0
    begins = same & ~np.concatenate([np.zeros_like(same[:1]), same[:-1]])
    starts = np.concatenate([values, values[:-1]])
    stops = np.concatenate([values, values[1:]])
    distance = np.maximum(np.maximum(starts - center, center - stops), 0.0)
    found = np.concatenate([same, change])
    best = np.argmin(np.where(found, distance[:, None], np.inf), axis=0)
    padded = np.concatenate([signs[:1], signs, signs[-1:]])
    trend = np.concatenate([np.sign(padded[2:] - padded[:-2]), np.sign(signs[1:] - signs[:-1])])
    direction = np.take_along_axis(trend, best[None], axis=0)[0]
    crossings = (begins.sum(axis=0) + change.sum(axis=0)).astype(float)
    return np.stack([starts[best], stops[best]]), direction, crossings


def gap(sample: Sample, over: CostsOver, pair: tuple[str, str]) -> Gap:
    """The difference of two costs at trial values of the parameter in some draws.

    All draws are evaluated every time, also those that are not asked for: arrays that stay as they are need not be
    computed again, while a part of each would be a new one.
    """
    start = np.full(sample.draws, over.values[0])
    still = {channel: over.costs[channel][0] for channel in pair if not over.moves(channel)}

    def gap(trial: Draw, draw: NDArray[np.intp]) -> Draw:
        place = draw.astype(int)
        values = start.copy()
        values[place] = trial
        run = sample.evaluation.changed({over.path: values})
        one, other = (still[c] if c in still else cost(run, sample, over.workload, c) for c in pair)
        difference: Draw = (one - other)[place]
        return difference

    return gap


def exact(gap: Gap, at: NDArray[np.intp], brackets: Draw, _: tuple[Draw, Draw]) -> Draw:
    """Thresholds within brackets, to full precision."""
    from scipy.optimize import elementwise  # here, since it is slow to load

    roots: Draw = elementwise.find_root(gap, (brackets[0], brackets[1]), args=(at,)).x
    return roots


def close(gap: Gap, at: NDArray[np.intp], brackets: Draw, known: tuple[Draw, Draw]) -> Draw:
    """Thresholds by interpolation, and by some secants where that is not close; what still is not, exactly."""
    values, gaps = known
    place = np.searchsorted(values, brackets[0])
    ends = brackets, np.take_along_axis(gaps, np.stack([place, place + 1]), axis=0)
    roots, far = _interpolated(values, gaps, place), np.ones(at.size, dtype=bool)
    for _ in range(_SECANTS):
        now = gap(roots, at)
        slope = (ends[1][1] - ends[1][0]) / (ends[0][1] - ends[0][0])
        far = np.abs(now) > _ROUGHLY * (values[-1] - values[0]) * np.abs(slope)
        if np.mean(far) <= _FEW:
            return roots
        # The end on whose side the gap still is moves in; what is between the new ends is taken for straight.
        moved = np.sign(now) == np.sign(ends[1])
        moved[1] = ~moved[0]
        ends = np.where(moved, roots, ends[0]), np.where(moved, now, ends[1])
        roots = ends[0][0] - ends[1][0] * (ends[0][1] - ends[0][0]) / (ends[1][1] - ends[1][0])
    roots[far] = exact(gap, at[far], ends[0][:, far], known)
    return roots


def _interpolated(values: Draw, gaps: Draw, place: NDArray[np.intp]) -> Draw:
    """Thresholds from the gaps at the four grid values around each, by inverse cubic interpolation.

    Where that leaves the bracket, the gap does not run straight enough: the middle of the bracket.
    """
    count = min(len(values), _WINDOW)
    window = np.clip(place - 1, 0, len(values) - count) + np.arange(count)[:, None]
    x, y = values[window], np.take_along_axis(gaps, window, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = [
            np.prod([-y[other] / (y[own] - y[other]) for other in range(count) if other != own], axis=0)
            for own in range(count)
        ]
        found = np.sum(x * weights, axis=0)
    low, high = values[place], values[place + 1]
    return np.where((found >= low) & (found <= high), found, (low + high) / 2)
