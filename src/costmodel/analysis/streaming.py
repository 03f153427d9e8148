"""What columns of draws say in a few numbers, each with its Monte Carlo error; exact, in memory that does not grow.

A pass over the draws counts them by bins, forms sums, and keeps those in bins where the percentiles are likely to lie;
a second pass is made only where they turn out to lie elsewhere, or the draws are very many. A pass may make the draws
anew instead of reading them from memory. Counts are whole numbers and sums are formed in the order of the draws, so
that results do not depend on blocks or workers.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel import kernels
from costmodel.analysis.kept import PILOT, Kept, Values, joined
from costmodel.analysis.statistics import PERCENTILES, STATISTICS, Draw, Estimate, NotFiniteError, lane_sizes
from costmodel.kernels import LANES, plain
from costmodel.kernels.plain import CHUNK

#: Draws of several columns, shape (columns, draws).
Block: TypeAlias = NDArray[np.float64]

#: Draws whose sums are put together before those of others are: no worker does less.
STRETCH = 64 * CHUNK
_PROBABILITIES = np.array(list(PERCENTILES.values()))
# Bins over all but this share of the pilot at either end, so that tails do not make them coarse where percentiles lie;
# more for many draws, so that few lie in a bin.
_BINS, _MORE_BINS, _MANY, _TAIL = 512, 4096, 2**20, 0.01
# Standard errors of a rank, so far, within which its bin is looked for; those of Sobol' points are smaller.
_WIDTH = 5.0
# With a larger share of the pilot equal to another draw a column has atoms: values that many draws take.
_TIED = 0.05


class Columns:
    """What the first pass finds out about some columns of draws."""

    def __init__(self, pilot: Block, count: int) -> None:
        """Lay out the bins.

        Args:
            pilot: the first draws, or all, shape (columns, draws).
            count: number of all draws.
        """
        self.count = count
        ordered, tail = np.sort(pilot, axis=1), int(pilot.shape[1] * _TAIL)
        low, high = ordered[:, tail], ordered[:, -1 - tail]
        bins = _BINS if count < _MANY else _MORE_BINS
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            scale = bins / (high - low)
            centre = pilot.mean(axis=1)
        self.grids = np.stack([low, np.where(np.isfinite(scale), scale, 0.0), centre], axis=1)
        self.counts = np.zeros((len(pilot), LANES, bins + 2), dtype=np.int32)
        #: Columns with atoms, of which each value is kept but once, with how often it came: they would fill the memory.
        self.tied = (ordered[:, 1:] == ordered[:, :-1]).sum(axis=1) > _TIED * pilot.shape[1]
        # All draws, and each column of them in order, where the pilot has all.
        self._whole: tuple[Block, Block] | None = (pilot, ordered) if count == pilot.shape[1] else None
        self.sums: list[Draw] = []
        #: Sums of chunks whose stretch is not complete.
        self.open: list[Draw] = []

    def fresh(self) -> "Columns":
        """The same bins, with nothing in them."""
        other = copy(self)
        other.counts, other.sums, other.open = np.zeros(self.counts.shape, dtype=np.int32), [], []
        return other

    def scan(self, block: Block, marked: NDArray[np.bool_]) -> list[Draw]:
        """Take in the next draws, a multiple of CHUNK but for the last.

        Returns:
            For each column its values in the marked bins.
        """
        sums = np.empty((len(block), 2, -(-block.shape[1] // CHUNK), LANES))
        sizes = np.empty(len(block), dtype=np.int64)
        values = kernels.active().scan(block, self.grids, self.counts, sums, marked, sizes)
        self.open.append(sums)
        if sum(part.shape[2] for part in self.open) * CHUNK >= STRETCH:
            self.close()
        return np.split(values, np.cumsum(sizes)[:-1])

    def pick(self, column: int, values: Draw, marked: NDArray[np.bool_]) -> Draw:
        """Those of some values of a column that lie in its marked bins."""
        own, size = slice(column, column + 1), np.empty(1, dtype=np.int64)
        return kernels.active().collect(values[None], self.grids[own], marked[own], size)

    def collect(self, block: Block, marked: NDArray[np.bool_]) -> list[Draw]:
        """For each column its values in the marked bins, of draws that were scanned before."""
        sizes = np.empty(len(block), dtype=np.int64)
        values = kernels.active().collect(block, self.grids, marked, sizes)
        return np.split(values, np.cumsum(sizes)[:-1])

    def close(self) -> None:
        """Put together the sums of what has come since the last stretch."""
        if self.open:
            sums = np.concatenate(self.open, axis=2)
            per = STRETCH // CHUNK
            self.sums += [sums[:, :, start : start + per].sum(axis=2) for start in range(0, sums.shape[2], per)]
            self.open = []

    def add(self, other: "Columns") -> None:
        """Take over what another worker found in the stretches that follow."""
        self.counts += other.counts
        self.sums += other.sums

    def marked(self) -> NDArray[np.bool_]:
        """Bins that hold the order statistics from which percentiles are made, shape (columns, bins + 2).

        Raises:
            NotFiniteError: a draw is not a number, or infinite.
        """
        self._check()
        ends = np.cumsum(self.counts.sum(axis=1, dtype=np.int64), axis=1)
        marked = np.zeros(ends.shape, dtype=np.bool_)
        for own, mine in zip(ends, marked, strict=True):
            mine[np.searchsorted(own, _ranks(self.count), side="right")] = True
        return marked

    def _check(self) -> None:
        finite = np.isfinite(np.stack(self.sums)).all(axis=(0, 2, 3))
        if not finite.all():
            raise NotFiniteError(int(np.argmin(finite)))

    def of_all(self) -> list[dict[str, Estimate]]:
        """All statistics of each column, where the pilot has all draws: nothing is to be counted.

        Raises:
            NotFiniteError: a draw is not a number, or infinite.
        """
        assert self._whole is not None
        self.open.append(plain.power_sums(self._whole[0], self.grids[:, 2]))
        self.close()
        self._check()
        return self.estimates(())

    def likely(self) -> NDArray[np.bool_]:
        """Bins in which percentiles of many more draws are likely to lie, shape (columns, bins + 2)."""
        ends = np.cumsum(self.counts.sum(axis=1, dtype=np.int64), axis=1)
        seen = ends[0, -1]
        around = _WIDTH * np.sqrt(_PROBABILITIES * (1.0 - _PROBABILITIES) * seen) + 1.0
        marked = np.zeros(ends.shape, dtype=np.bool_)
        for own, mine in zip(ends, marked, strict=True):
            low, high = (np.searchsorted(own, _PROBABILITIES * seen + side * around, side="right") for side in (-1, 1))
            for first, last in zip(low, high, strict=True):
                mine[first : last + 1] = True
        return marked

    def estimates(self, kept: Sequence[Values]) -> list[dict[str, Estimate]]:
        """All statistics of each column with their errors.

        Args:
            kept: for each column its values in the marked bins, from all draws; of no account where the pilot has all.
        """
        sums = np.stack(self.sums).sum(axis=0)
        sizes = lane_sizes(self.count)
        found = np.stack([*self._moments(sums.sum(axis=2), self.count), *self._percentiles(kept)])
        if sizes[-1] < 2:
            return [
                {name: Estimate(float(x), None) for name, x in zip(STATISTICS, values, strict=True)}
                for values in found.T
            ]
        by_lane = np.stack([*self._moments(sums, sizes), *self._by_lane(sizes)])
        errors = by_lane.std(axis=-1, ddof=1) / np.sqrt(LANES)
        return [
            {name: Estimate(float(x), float(error)) for name, x, error in zip(STATISTICS, values, wrong, strict=True)}
            for values, wrong in zip(found.T, errors.T, strict=True)
        ]

    def _moments(self, sums: Draw, count: NDArray[np.int64] | int) -> tuple[Draw, Draw]:
        """Mean and standard deviation from sums of what is left of the values, and of its squares."""
        first, second = np.moveaxis(sums / count, 1, 0)
        centre = self.grids[:, 2].reshape(-1, *[1] * (first.ndim - 1))
        return first + centre, np.sqrt(np.maximum(second - first * first, 0.0))

    def _percentiles(self, kept: Sequence[Values]) -> Draw:
        """Exact percentiles, shape (percentiles, columns)."""
        ranks, found = _ranks(self.count), []
        if self._whole is not None:
            low, high = np.moveaxis(self._whole[1][:, ranks], 0, -1)
            return _between(low, high, self.count)
        counts = self.counts.sum(axis=1, dtype=np.int64)
        # Where a rank of the whole column stands among the values that were kept.
        skipped = np.cumsum(np.where(self.marked(), 0, counts), axis=1)
        for (values, times), ends, before in zip(kept, np.cumsum(counts, axis=1), skipped, strict=True):
            place = ranks - before[np.searchsorted(ends, ranks, side="right")]
            order = np.argsort(values)
            found.append(values[order[np.searchsorted(np.cumsum(times[order]), place, side="right")]])
        low, high = np.stack(found, axis=-1)
        return _between(low, high, self.count)

    def _by_lane(self, sizes: NDArray[np.int64]) -> Draw:
        """Percentiles of each sequence, straight lines within a bin if not all draws are at hand.

        Returns:
            Shape (percentiles, columns, LANES).
        """
        if self._whole is not None:
            each = int(sizes[-1])
            parts = np.sort(self._whole[0][:, : each * LANES].reshape(-1, each, LANES), axis=1)
            below, above = np.moveaxis(parts[:, _ranks(each)], 1, 0)
            return _between(np.moveaxis(below, 1, 0), np.moveaxis(above, 1, 0), each)
        wanted = _PROBABILITIES[:, None] * (sizes - 1) + 0.5
        found = np.zeros((len(PERCENTILES), len(self.counts), LANES))
        # Searched as one row, in which each sequence begins above the end of the one before.
        above_others = np.arange(LANES) * (self.count + 1.0)
        first = np.arange(LANES) * self.counts.shape[2]
        for column, (counts, (low, scale, _)) in enumerate(zip(self.counts, self.grids, strict=True)):
            if scale == 0.0:
                continue
            ends = np.cumsum(counts, axis=1, dtype=np.float64)
            row, aims = (ends + above_others[:, None]).ravel(), (wanted + above_others).ravel()
            places = np.searchsorted(row, aims, side="right").reshape(wanted.shape)
            within = (wanted - ends.ravel()[places]) / counts.ravel()[places] + 1.0
            found[:, column] = low + (places - first - 1 + within) / scale
        return found


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


def in_order(function: Callable[..., Any], parts: Sequence[tuple[Any, ...]], workers: int) -> Iterator[Any]:
    """Results of a function for each of some arguments, in their order, by threads or what joblib is told to use.

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
    head: Block,
    count: int,
    tally: Callable[[Block], NDArray[np.int64]] | None = None,
    workers: int = 1,
) -> tuple[list[dict[str, Estimate]], NDArray[np.int64] | int]:
    """All statistics of some columns of draws.

    Args:
        blocks: gives the columns' draws of a range block by block, as often as it is called; a block holds a multiple
            of CHUNK draws, but for the last.
        head: draws from the first on, PILOT or more of them, or all; the blocks that are asked for begin after them.
        count: number of draws.
        tally: whole numbers from a block, whose sum over all blocks is wanted too.
        workers: number of threads.

    Returns:
        For each column its statistics by the names of `STATISTICS`; and the sum of the tallies.

    Raises:
        NotFiniteError: a draw is not a number, or infinite.
    """
    pilot = head[:, :PILOT]
    first = Columns(pilot, count)
    if count == pilot.shape[1]:
        return first.of_all(), tally(head) if tally else 0
    nowhere = np.zeros(first.counts[:, 0].shape, dtype=np.bool_)
    first.scan(pilot, nowhere)
    # Where percentiles are likely to lie is known early, so that one pass is enough, unless too many draws lie there.
    early = first.likely() if count <= _MANY else nowhere
    # From here on only its bins are needed; zeros that take no memory stand for what is in them.
    first.counts = np.broadcast_to(np.int32(0), first.counts.shape)

    def with_head(part: range) -> Iterator[Block]:
        if part.start == 0:
            yield head
        yield from blocks(range(max(part.start, head.shape[1]), part.stop))

    def scan(part: range) -> tuple[Columns, Kept, NDArray[np.int64] | int]:
        columns = first.fresh()
        kept = Kept(columns, early)
        tallied: NDArray[np.int64] | int = 0
        for block in with_head(part):
            kept.add(columns.scan(block, kept.marked), block.shape[1])
            kept.narrow()
            tallied = tallied + tally(block) if tally else 0
        columns.close()
        return columns, kept, tallied

    def collect(part: range) -> Kept:
        kept = Kept(columns, marked)
        for block in with_head(part):
            kept.add(columns.collect(block, marked), block.shape[1])
        return kept

    parts = [(part,) for part in shares(count, workers)]
    (columns, *others), found, tallies = zip(*in_order(scan, parts, workers), strict=True)
    for other in others:
        columns.add(other)
    marked = columns.marked()
    if any(np.any(marked & ~kept.marked) for kept in found):
        found = tuple(in_order(collect, parts, workers))
    values = zip(*(kept.within(marked) for kept in found), strict=True)
    return columns.estimates([joined(pieces) for pieces in values]), sum(tallies)


def summary(draws: Draw) -> dict[str, Estimate]:
    """All statistics of a column of draws, by name.

    Examples:
        >>> found = summary(np.arange(101.0))
        >>> found["mean"].value, found["p95"].value
        (50.0, 95.0)
    """
    (found,) = summaries_of([draws])
    return found


def summaries_of(columns: Sequence[Draw]) -> list[dict[str, Estimate]]:
    """All statistics of some columns of as many draws, by name.

    Raises:
        NotFiniteError: a draw is not a number, or infinite.
    """
    block = np.array(columns, dtype=float)
    return summaries(lambda _: iter(()), block, block.shape[1])[0]
