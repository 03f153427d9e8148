"""What columns of draws say in a few numbers, each with its Monte Carlo error; exact, in memory that does not grow.

A first pass over the draws counts them by bins and forms sums, a second keeps the few that lie in the bins of the
wanted percentiles and sorts these. A pass may make the draws anew instead of reading them from memory. Counts are whole
numbers and sums are formed in the order of the draws, so that results do not depend on blocks or workers.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel import kernels
from costmodel.kernels import LANES
from costmodel.kernels.plain import CHUNK

__all__ = [
    "LANES",
    "PERCENTILES",
    "STATISTICS",
    "Block",
    "Column",
    "Draw",
    "Estimate",
    "NotFiniteError",
    "estimate",
    "summary",
]

Draw = NDArray[np.float64]

#: Percentiles that are reported, with their probabilities.
PERCENTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}

#: Numbers that sum up a column of draws: functions along the last axis.
STATISTICS: dict[str, Callable[[Draw], Draw]] = {
    "mean": lambda draws: np.mean(draws, axis=-1),
    "sd": lambda draws: np.std(draws, axis=-1),
    **{name: (lambda draws, p=p: np.quantile(draws, p, axis=-1)) for name, p in PERCENTILES.items()},  # type: ignore[misc]
}

#: Draws whose sums are put together before those of others are: no worker does less.
STRETCH = 64 * CHUNK
#: Draws at the start from which the bins are laid out.
PILOT = 8192
_PROBABILITIES = np.array(list(PERCENTILES.values()))
# Bins over all but this share of the pilot at either end, so that tails do not make them coarse where percentiles lie;
# more for many draws, so that few lie in a bin.
_BINS, _MORE_BINS, _MANY, _TAIL = 1024, 4096, 2**21, 0.01
# With a larger share of the pilot equal to another draw a column has atoms: values that many draws take.
_TIED = 0.05


@dataclass(frozen=True)
class Estimate:
    """A number estimated from draws, with its Monte Carlo standard error (None for too few draws to tell)."""

    value: float
    error: float | None


#: Draws of several columns, an array for each.
Block: TypeAlias = Sequence[Draw]
#: Values, and how many draws have each.
Kept: TypeAlias = tuple[Draw, NDArray[np.int32]]


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


def _ranks(count: int) -> NDArray[np.int64]:
    """Order statistics below and above each percentile of so many draws, shape (2, percentiles)."""
    below = np.floor((count - 1) * _PROBABILITIES).astype(np.int64)
    return np.stack([below, np.minimum(below + 1, count - 1)])


def _between(low: Draw, high: Draw, count: int) -> Draw:
    """Percentiles of so many draws from the order statistics below and above them, to numpy's last digit.

    Args:
        low: shape (percentiles, …).
        high: shape (percentiles, …).
        count: number of draws.
    """
    place = (count - 1) * _PROBABILITIES
    weight = (place - np.floor(place)).reshape(-1, *[1] * (low.ndim - 1))
    found: Draw = np.where(weight < 0.5, low + (high - low) * weight, high - (high - low) * (1.0 - weight))
    return found


@dataclass
class Column:
    """What the first pass finds out about a column of draws.

    Attributes:
        count: number of draws.
        grid: lowest value, bins to each unit, and the value that is taken off before sums are formed.
        counts: draws by sequence and bin, shape (LANES, bins + 2).
        tied: whether many draws have the same value.
        whole: all draws, where there are no more than those of the pilot.
        sums: for each stretch, sums of what is left of the values and of its squares, shape (2, LANES).
    """

    count: int
    grid: tuple[float, float, float]
    counts: NDArray[np.int32]
    tied: bool
    whole: Draw | None
    sums: list[Draw] = field(default_factory=list)
    _open: list[Draw] = field(default_factory=list)

    @classmethod
    def prepared(cls, pilot: Draw, count: int) -> "Column":
        """Lay out the bins.

        Args:
            pilot: the first draws.
            count: number of all draws.
        """
        ordered, bins = np.sort(pilot), _BINS if count < _MANY else _MORE_BINS
        tail = int(len(pilot) * _TAIL)
        low, high = float(ordered[tail]), float(ordered[-1 - tail])
        scale = bins / (high - low) if high > low else 0.0
        grid = (low, scale if np.isfinite(scale) else 0.0, float(pilot.mean()))
        tied = bool(np.mean(ordered[1:] == ordered[:-1]) > _TIED) if len(pilot) > 1 else False
        counts = np.zeros((LANES, bins + 2), dtype=np.int32)
        return cls(count, grid, counts, tied, pilot if count <= len(pilot) else None)

    def scan(self, draws: Draw) -> None:
        """Take in the next draws, a multiple of CHUNK but for the last."""
        sums = np.empty((2, -(-len(draws) // CHUNK), LANES))
        kernels.active().scan(draws, self.grid, self.counts, sums)
        self._open.append(sums)
        if sum(part.shape[1] for part in self._open) * CHUNK >= STRETCH:
            self.close()

    def close(self) -> None:
        """Put together the sums of what has come since the last stretch."""
        if self._open:
            sums = np.concatenate(self._open, axis=1)
            per = STRETCH // CHUNK
            self.sums += [sums[:, start : start + per].sum(axis=1) for start in range(0, sums.shape[1], per)]
            self._open = []

    def add(self, other: "Column") -> None:
        """Take over what another worker found in the stretches that follow."""
        self.counts += other.counts
        self.sums += other.sums

    def marked(self) -> NDArray[np.bool_]:
        """Bins that hold the order statistics from which percentiles are made."""
        ends = np.cumsum(self.counts.sum(axis=0, dtype=np.int64))
        marked = np.zeros(len(ends), dtype=np.bool_)
        marked[np.searchsorted(ends, _ranks(self.count), side="right")] = True
        return marked

    def collect(self, draws: Draw, marked: NDArray[np.bool_]) -> Kept:
        """The values of some draws in the marked bins, and how many draws have each."""
        found = kernels.active().collect(draws, self.grid, marked)
        # An atom's draws would fill the memory.
        if not self.tied:
            return found, np.ones(len(found), dtype=np.int32)
        values, times = np.unique(found, return_counts=True)
        return values, times.astype(np.int32)

    def estimates(self, kept: Draw, times: NDArray[np.int32]) -> dict[str, Estimate]:
        """All statistics with their errors.

        Args:
            kept: the values in the marked bins.
            times: how many draws have each.
        """
        counts, ranks = self.counts.sum(axis=0, dtype=np.int64), _ranks(self.count)
        order = np.argsort(kept)
        # Where a rank of the whole column stands among the values that were kept.
        skipped = np.cumsum(np.where(self.marked(), 0, counts))
        place = ranks - skipped[np.searchsorted(np.cumsum(counts), ranks, side="right")]
        low, high = kept[order[np.searchsorted(np.cumsum(times[order], dtype=np.int64), place, side="right")]]
        sums = np.stack(self.sums).sum(axis=0)
        values = [*self._moments(sums.sum(axis=1), self.count), *_between(low, high, self.count)]
        sizes = lane_sizes(self.count)
        if sizes[-1] < 2:
            return {name: Estimate(float(x), None) for name, x in zip(STATISTICS, values, strict=True)}
        by_lane = [*self._moments(sums, sizes), *self._percentiles(sizes)]
        found = zip(STATISTICS, values, by_lane, strict=True)
        return {name: Estimate(float(x), disagreement(parts)) for name, x, parts in found}

    def _moments(self, sums: Draw, count: Draw | NDArray[np.int64] | int) -> tuple[Draw, Draw]:
        """Mean and standard deviation from sums of what is left of the values, and of its squares."""
        first, second = sums / count
        return first + self.grid[2], np.sqrt(np.maximum(second - first * first, 0.0))

    def _percentiles(self, sizes: NDArray[np.int64]) -> Draw:
        """Percentiles of each sequence, straight lines within a bin if not all draws are at hand.

        Returns:
            Shape (percentiles, LANES).
        """
        if self.whole is not None:
            each = int(sizes[-1])
            parts = np.sort(self.whole[: each * LANES].reshape(each, LANES), axis=0)
            below, above = _ranks(each)
            return _between(parts[below], parts[above], each)
        low, scale, _ = self.grid
        if scale == 0.0:
            return np.zeros((len(PERCENTILES), LANES))
        ends = np.cumsum(self.counts, axis=1, dtype=np.int64)
        wanted = _PROBABILITIES[:, None] * (sizes - 1) + 0.5
        bins = np.stack([np.searchsorted(ends[lane], wanted[:, lane], side="right") for lane in range(LANES)], axis=1)
        lane = np.arange(LANES)
        within = (wanted - ends[lane, bins]) / self.counts[lane, bins] + 1.0
        return np.asarray(low + (bins - 1 + within) / scale)


def in_order(function: Callable[..., Any], parts: Sequence[tuple[Any, ...]], workers: int) -> Iterator[Any]:
    """Results of a function for each of some arguments, in their order, by threads.

    Args:
        function: what is done.
        parts: arguments of each call.
        workers: number of threads.
    """
    if workers == 1 or len(parts) == 1:
        yield from (function(*arguments) for arguments in parts)
        return
    from joblib import Parallel, delayed

    calls = (delayed(function)(*arguments) for arguments in parts)
    yield from Parallel(n_jobs=workers, prefer="threads", return_as="generator")(calls)


def shares(count: int, workers: int) -> list[range]:
    """Draws of each worker: whole stretches, in order."""
    stretches = -(-count // STRETCH)
    edges = [STRETCH * (stretches * worker // workers) for worker in range(workers)] + [count]
    return [range(low, high) for low, high in pairwise(edges) if low < high]


def summaries(
    blocks: Callable[[range], Iterator[Block]],
    pilot: Block,
    count: int,
    tally: Callable[[Block], NDArray[np.int64]] | None = None,
    workers: int = 1,
) -> tuple[list[dict[str, Estimate]], NDArray[np.int64] | int]:
    """All statistics of some columns of draws.

    Args:
        blocks: gives the columns' draws of a range block by block, as often as it is called; a block holds a multiple
            of CHUNK draws, but for the last.
        pilot: the first PILOT draws, or all where there are fewer.
        count: number of draws.
        tally: whole numbers from a block, whose sum over all blocks is wanted too.
        workers: number of threads.

    Returns:
        For each column its statistics by the names of `STATISTICS`; and the sum of the tallies.

    Raises:
        NotFiniteError: a draw is not a number, or infinite.
    """

    def scan(part: range) -> tuple[list[Column], NDArray[np.int64] | int]:
        columns = [Column.prepared(first, count) for first in pilot]
        tallied: NDArray[np.int64] | int = 0
        for block in blocks(part):
            for column, draws in zip(columns, block, strict=True):
                column.scan(draws)
            tallied = tallied + tally(block) if tally else 0
        for column in columns:
            column.close()
        return columns, tallied

    def collect(part: range) -> list[Kept]:
        kept: list[list[Kept]] = [[] for _ in marks]
        for block in blocks(part):
            for column, marked, into, draws in zip(columns, marks, kept, block, strict=True):
                into.append(column.collect(draws, marked))
        return [_joined(parts) for parts in kept]

    parts = [(part,) for part in shares(count, workers)]
    scanned = in_order(scan, parts, workers)
    columns, tallied = next(scanned)
    for others, more in scanned:
        tallied = tallied + more
        for column, other in zip(columns, others, strict=True):
            column.add(other)
    _check_finite(columns)
    marks = [column.marked() for column in columns]
    kept = zip(*in_order(collect, parts, workers), strict=True)
    return [column.estimates(*_joined(pieces)) for column, pieces in zip(columns, kept, strict=True)], tallied


def _check_finite(columns: Sequence[Column]) -> None:
    for place, column in enumerate(columns):
        if not np.all(np.isfinite(column.sums)):
            raise NotFiniteError(place)


def _joined(pieces: Sequence[Kept]) -> Kept:
    values, times = zip(*pieces, strict=True)
    return np.concatenate(values), np.concatenate(times)


def summary(draws: Draw) -> dict[str, Estimate]:
    """All statistics of a column of draws, by name.

    Examples:
        >>> found = summary(np.arange(101.0))
        >>> found["mean"].value, found["p95"].value
        (50.0, 95.0)
    """
    (found,), _ = summaries(lambda part: iter([[draws[part.start : part.stop]]]), [draws[:PILOT]], len(draws))
    return found


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
