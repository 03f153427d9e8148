"""Monte Carlo: costs of every draw, and what they say in a few numbers with their Monte Carlo error.

Blocks of draws are made and evaluated one by one, by any number of workers; which worker makes a block, and how large
it is, changes no digit of any result.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from costmodel import kernels, sampling
from costmodel.analysis.kept import PILOT
from costmodel.analysis.recording import recorded
from costmodel.analysis.statistics import PERCENTILES, STATISTICS, Draw, Estimate, NotFiniteError, chances, estimate
from costmodel.analysis.streaming import STRETCH, Block, in_order, shares, summaries, summary
from costmodel.arrays import Array
from costmodel.costs import WORKLOADS, Evaluation, premium, rivals
from costmodel.errors import ParameterError, Problem
from costmodel.kernels import LANES
from costmodel.kernels.plain import CHUNK
from costmodel.limits import MAX_DRAWS
from costmodel.memo import Tape
from costmodel.parameters.model import ParameterSet
from costmodel.sampling import METHODS, REPLICATES, Draws

__all__ = [
    "PERCENTILES",
    "REPLICATES",
    "STATISTICS",
    "Estimate",
    "Results",
    "Simulation",
    "estimate",
    "probability_cheapest",
    "simulate",
    "summary",
]

Statistics = dict[str, Estimate]


@dataclass(frozen=True)
class Results:
    """What all draws of a set say, in memory that does not grow: draws are made, summed up and forgotten.

    Attributes:
        case: parameter set.
        draws: how many.
        seed: from which seed.
        method: `sobol` or `random`.
        workers: threads that make and sum up draws.
    """

    case: ParameterSet
    draws: int
    seed: int
    method: str = field(default="sobol", kw_only=True)
    workers: int = field(default=1, kw_only=True)

    @cached_property
    def rivals(self) -> tuple[str, ...]:
        """Channels that compete for being cheapest: those open, the counterfactual apart."""
        return rivals(self.case)

    @cached_property
    def summaries(self) -> dict[str, dict[str, Statistics]]:
        """Statistics of the cost, by workload and channel, USD/H100e-h."""
        return {w: {c: self._statistics[w, c, "cost"] for c in self.case.channels} for w in WORKLOADS}

    @cached_property
    def premiums(self) -> dict[str, dict[str, Statistics]]:
        """Statistics of the premium over the counterfactual within each draw, by workload and channel."""
        return {w: {c: self._statistics[w, c, "premium"] for c in self.case.channels} for w in WORKLOADS}

    @cached_property
    def counterfactuals(self) -> dict[str, Statistics]:
        """Statistics of the counterfactual cost, by workload, USD/H100e-h."""
        return {w: self._statistics[w, "", "counterfactual"] for w in WORKLOADS}

    @cached_property
    def probabilities(self) -> dict[str, Statistics]:
        """Probability of each rival of being the cheapest, by workload."""
        tallied = self._summed[1]
        if not self.rivals:
            return {w: {} for w in WORKLOADS}
        found = zip(WORKLOADS, np.asarray(tallied), strict=True)
        return {w: dict(zip(self.rivals, chances(counts, self.draws), strict=True)) for w, counts in found}

    def inputs(self) -> Iterator[dict[str, Any]]:
        """Blocks of the inputs of these draws, made again from the seed."""
        return self._source.blocks()

    @cached_property
    def _source(self) -> Draws:
        return Draws(self.case, self.draws, self.seed, method=self.method)

    def write(self, start: int, into: NDArray[np.float64]) -> None:
        """Costs of the draws from a block's start on.

        Args:
            start: first draw of a block.
            into: filled with the costs of as many draws as it has room for, at most a block's: a row for the
                counterfactual of each workload, followed by those of its channels.
        """
        drawn = self._source.drawn(start)
        found = self._tape.play({path: draws[: into.shape[1]] for path, draws in drawn.items()})
        for row, cost in zip(into, found, strict=True):
            row[:] = cost

    @property
    def _step(self) -> int:
        """Draws that are looked at together."""
        return sampling.BLOCK

    @cached_property
    def _tape(self) -> Tape:
        return recorded(self.case, _costs)

    @cached_property
    def columns(self) -> list[tuple[str, str, str]]:
        """Workload, channel and kind of each column that is summed up: costs as `_rows` has them, then premiums."""
        rows = [(w, c, "cost" if c else "counterfactual") for w, c in _rows(self.case)]
        return [*rows, *((w, c, "premium") for w, c, kind in rows if kind == "cost")]

    def blocks(self, part: range) -> Iterator[Block]:
        """Costs and premiums of a range of draws, block by block: a row for each of `columns`."""
        rows, each = len(_rows(self.case)), 1 + len(self.case.channels)
        for start in part[:: self._step]:
            block = np.empty((len(self.columns), min(self._step, part.stop - start)))
            self.write(start, block[:rows])
            by_workload = block[:rows].reshape(len(WORKLOADS), each, -1)
            premiums = block[rows:].reshape(len(WORKLOADS), each - 1, -1)
            premiums[:] = premium(cost=by_workload[:, 1:], counterfactual=by_workload[:, :1])
            yield block

    @cached_property
    def _competing(self) -> list[NDArray[np.int64]]:
        rows = _rows(self.case)
        return [np.array([rows.index((w, c)) for c in self.rivals], dtype=np.int64) for w in WORKLOADS]

    def _tally(self, block: Block) -> NDArray[np.int64]:
        size = len(self.rivals)
        counts = np.zeros((len(WORKLOADS), size, size, LANES), dtype=np.int64)
        for rows, into in zip(self._competing, counts, strict=True):
            if size:
                kernels.active().cheapest(block, rows, into)
        return counts

    @cached_property
    def _summed(self) -> tuple[list[Statistics], NDArray[np.int64] | int]:
        first = np.concatenate(list(self.blocks(range(min(self.draws, max(PILOT, sampling.BLOCK))))), axis=1)
        try:
            return summaries(self.blocks, first, self.draws, self._tally, self.workers)
        except NotFiniteError as error:
            workload, channel, kind = self.columns[error.column]
            path = f"channels.{channel}" if channel else "reference.counterfactual"
            message = f"its {kind} on {workload} is infinite or no number in some draws; look for values near 0"
            raise ParameterError([Problem(path, message)]) from None

    @cached_property
    def _statistics(self) -> dict[tuple[str, str, str], Statistics]:
        return dict(zip(self.columns, self._summed[0], strict=True))


@dataclass(frozen=True)
class Simulation(Results):
    """Costs of every draw.

    Attributes:
        kept: cost of each draw, USD/H100e-h: a row for each workload's counterfactual, followed by its channels.
    """

    kept: NDArray[np.float64]

    @cached_property
    def totals(self) -> Mapping[str, Mapping[str, Draw]]:
        """Effective cost of each draw by workload and channel, USD/H100e-h, shape (draws,)."""
        rows = dict(zip(_rows(self.case), self.kept, strict=True))
        return {w: {c: rows[w, c] for c in self.case.channels} for w in WORKLOADS}

    @cached_property
    def counterfactual(self) -> Mapping[str, Draw]:
        """Counterfactual cost of each draw by workload, USD/H100e-h, shape (draws,)."""
        rows = dict(zip(_rows(self.case), self.kept, strict=True))
        return {w: rows[w, ""] for w in WORKLOADS}

    def premium(self, workload: str, channel: str) -> Draw:
        """Premium over the counterfactual within each draw."""
        return self.totals[workload][channel] / self.counterfactual[workload] - 1.0

    def cheapest(self, workload: str) -> dict[str, Draw]:
        """For each rival, 1 in the draws in which it is the cheapest (ties share); empty where all are closed."""
        if not self.rivals:
            return {}
        costs = np.stack([self.totals[workload][channel] for channel in self.rivals])
        least = costs == costs.min(axis=0)
        return dict(zip(self.rivals, least / least.sum(axis=0), strict=True))

    @property
    def _step(self) -> int:
        return max(sampling.BLOCK, CHUNK)

    def write(self, start: int, into: NDArray[np.float64]) -> None:
        into[:] = self.kept[:, start : start + into.shape[1]]

    @cached_property
    def components(self) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
        """Mean of each component by workload and channel, USD/H100e-h; the draws are made once more."""
        source = self._source
        sums: dict[tuple[str, str, str], float] = {}
        for start in source.starts():
            found, size = _evaluation(source, start)
            for w, c in ((w, c) for w in WORKLOADS for c in self.case.channels):
                for name, part in found.components(w, c).items():
                    amount = float(np.sum(np.broadcast_to(part, size)))
                    sums[w, c, name] = sums.get((w, c, name), 0.0) + amount
        means: dict[str, dict[str, dict[str, float]]] = {w: {c: {} for c in self.case.channels} for w in WORKLOADS}
        for (w, c, name), amount in sums.items():
            means[w][c][name] = amount / self.draws
        return means


def _rows(case: ParameterSet) -> list[tuple[str, str]]:
    """Workload and channel of each row of costs; the counterfactual's channel is empty."""
    return [(workload, channel) for workload in WORKLOADS for channel in ("", *case.channels)]


def _evaluation(source: Draws, start: int) -> tuple[Evaluation, int]:
    """Costs of a block of draws, and how many draws it has."""
    fixed = {path: item.value for path, item in source.case.parameters.items()}
    return Evaluation.of(source.case, fixed | source.drawn(start)), source.size(start)


def _costs(found: Evaluation) -> list[Array]:
    """Costs in the order of `_rows`."""
    return [found.cost(w, c) if c else found.counterfactual(w) for w, c in _rows(found.case)]


@overload
def simulate(
    case: ParameterSet,
    draws: int | None = None,
    seed: int | None = None,
    *,
    keep: Literal[True] = True,
    method: str = "sobol",
    workers: int = 1,
) -> Simulation: ...


@overload
def simulate(
    case: ParameterSet,
    draws: int | None = None,
    seed: int | None = None,
    *,
    keep: bool,
    method: str = "sobol",
    workers: int = 1,
) -> Results: ...


def simulate(
    case: ParameterSet,
    draws: int | None = None,
    seed: int | None = None,
    *,
    keep: bool = True,
    method: str = "sobol",
    workers: int = 1,
) -> Results:
    """Costs of every channel and workload in every draw, and what they say.

    Args:
        case: parameter set.
        draws: number of draws; by default the set's own.
        seed: by default the set's own.
        keep: whether every draw is kept; otherwise only the statistics, which are the same.
        method: `sobol` for scrambled Sobol' points, `random` for pseudo-random ones.
        workers: number of threads, or of processes under `joblib.parallel_config(backend="loky")`; the result is the
            same, bit for bit.

    Returns:
        Statistics of costs, premiums and ranks; with `keep` also the costs of every draw.

    Raises:
        ValueError: a number of draws, a seed or a method that cannot be.

    Examples:
        >>> from costmodel import load
        >>> case = load("baseline")
        >>> result = simulate(case, draws=256)
        >>> result.totals["mix"]["domestic"].shape
        (256,)
        >>> simulate(case, draws=256, keep=False).summaries == result.summaries
        True
    """
    source = checked(case, draws, seed, method, workers)
    if not keep:
        return source
    kept = np.empty((len(_rows(case)), source.draws))
    fill(kept, source.write, workers)
    return Simulation(case, source.draws, source.seed, kept, method=method, workers=workers)


def fill(kept: NDArray[np.float64], write: Callable[[int, NDArray[np.float64]], None], workers: int) -> None:
    """Fill rows with all draws, block by block.

    Args:
        kept: filled, shape (rows, draws).
        write: writes the draws of the block that starts at a draw.
        workers: number of threads or processes.
    """
    rows, draws = kept.shape

    def make(part: range) -> NDArray[np.float64]:
        # One worker writes into place; the work of others comes back in pieces, since processes share no memory.
        into = kept[:, part.start : part.stop] if workers == 1 else np.empty((rows, len(part)))
        for start in part[:: sampling.BLOCK]:
            at = start - part.start
            write(start, into[:, at : at + sampling.BLOCK])
        return into

    parts = shares(draws, -(-draws // STRETCH) if workers > 1 else 1)
    for part, made in zip(parts, in_order(make, [(part,) for part in parts], workers), strict=True):
        if workers > 1:
            kept[:, part.start : part.stop] = made


def checked(case: ParameterSet, draws: int | None, seed: int | None, method: str, workers: int) -> Results:
    """Results that are computed when they are asked for.

    Args:
        case: parameter set.
        draws: number of draws; None for the set's own.
        seed: None for the set's own.
        method: `sobol` or `random`.
        workers: number of threads or processes.

    Raises:
        ValueError: a number of draws, a seed, a method or a number of workers that cannot be.
    """
    draws = case.draws if draws is None else draws
    seed = case.seed if seed is None else seed
    if not 1 <= draws <= MAX_DRAWS:
        raise ValueError(f"draws must be from 1 to {MAX_DRAWS:,}, not {draws:,}")
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, not {seed}")
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method}")
    if workers < 1:
        raise ValueError(f"workers must be 1 or more, not {workers}")
    kernels.prepare(draws * len(case.uncertain))
    return Results(case, draws, seed, method=method, workers=workers)


def probability_cheapest(result: Results, workload: str) -> dict[str, Estimate]:
    """Probability of each open channel of being the cheapest, the counterfactual apart."""
    return result.probabilities[workload]
