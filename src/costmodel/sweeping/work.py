"""What a worker is given once, and the blocks of cells that it is then asked for."""

import os
import platform
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.sweep import SweptSet
from costmodel.errors import ParameterError, Problem
from costmodel.outcomes import names, outcome
from costmodel.parameters.model import ParameterSet
from costmodel.sweeping.design import Design, Levels, Listed, Ranged

# Sets with their draws that a thread of a worker keeps at most, and draws of all of them together: cells come in an
# order in which few sets are needed at a time.
_KEPT, _KEPT_DRAWS = 8, 2**17


@dataclass(frozen=True)
class Variant:
    """A set with those parameters changed that are more than a number, and the numbers that are varied in it.

    Attributes:
        case: the set, its varied numbers made certain.
        numbers: values of the varied numbers, in the order of `Work.numbers`.
    """

    case: ParameterSet
    numbers: tuple[Listed | Ranged, ...]


@dataclass(frozen=True)
class SweptCells:
    """The cells of one set.

    Attributes:
        name: name of the set.
        design: which values they have.
        variants: what is swept, by the numbers of the values of `Work.words`.
    """

    name: str
    design: Design
    variants: Mapping[tuple[int, ...], Variant]


@dataclass(frozen=True)
class Block:
    """Cells of one set that are computed together, and stored in one file.

    Attributes:
        index: number of the set.
        number: number of the block in its set.
        start, stop: places of the first cell, and of the one after the last.
    """

    index: int
    number: int
    start: int
    stop: int


@dataclass(frozen=True)
class Done:
    """A block's results.

    Attributes:
        block: the block.
        results: one row for each cell, one column for each of `Work.columns`; not a number where there is none.
        seconds: what it took its worker.
        worker: the thread of the process, of the machine, that computed it.
    """

    block: Block
    results: NDArray[np.float64]
    seconds: float
    worker: str = ""


@dataclass(frozen=True)
class Work:
    """All that a worker has to know: it needs no parameter files, and no shared disk.

    Attributes:
        paths: the varied parameters, in the order of the grid file.
        words: places among them of those that are more than a number: each combination of their values is a variant.
        same: for each of these, numbers of its values, equal values having equal numbers.
        sets: cells of each set.
        outcomes: full names of what is asked.
        cheapest: workloads for which it is asked how often each channel is the cheapest.
        columns: names of the columns of results.
        draws, seed: of each cell.
    """

    paths: tuple[str, ...]
    words: tuple[int, ...]
    same: tuple[tuple[int, ...], ...]
    sets: tuple[SweptCells, ...]
    outcomes: tuple[str, ...]
    cheapest: tuple[str, ...]
    columns: tuple[str, ...]
    draws: int
    seed: int | None

    @property
    def numbers(self) -> tuple[int, ...]:
        """Places of the parameters that are varied as numbers within one set."""
        return tuple(place for place in range(len(self.paths)) if place not in self.words)

    def by_variant(
        self, index: int, levels: Levels
    ) -> Iterator[tuple[tuple[int, ...], NDArray[np.intp], list[NDArray[np.float64]]]]:
        """Cells of one set by variant.

        Args:
            index: number of the set.
            levels: levels of all parameters in the cells.

        Yields:
            The variant, its places among the cells, and there the values of each parameter that is varied as a number.
        """
        count = len(levels[0])
        columns = [np.array(same)[levels[place]] for place, same in zip(self.words, self.same, strict=True)]
        keys, which = np.zeros((1, 0), dtype=np.int64), np.zeros(count, dtype=np.intp)
        if columns:
            keys, which = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        cells = self.sets[index]
        for number, row in enumerate(keys.tolist()):
            key, where = tuple(row), np.flatnonzero(which.ravel() == number)
            axes = zip(self.numbers, cells.variants[key].numbers, strict=True)
            yield key, where, [axis.at(levels[place][where], cells.design.counts[place]) for place, axis in axes]


class Worker:
    """Computes blocks; keeps what blocks have in common. One thread alone may use it."""

    def __init__(self, work: Work) -> None:
        """Take the work; nothing is drawn yet."""
        self._work = work
        self._ready: OrderedDict[tuple[int, tuple[int, ...]], tuple[SweptSet, list[int]]] = OrderedDict()

    def done(self, block: Block) -> Done:
        """A block's results.

        Raises:
            ParameterError: values that are right one by one, but of which no result follows in some cell.
        """
        began = perf_counter()
        levels = self._work.sets[block.index].design.levels(block.start, block.stop)
        results = np.full((block.stop - block.start, len(self._work.columns)), np.nan)
        try:
            for key, where, values in self._work.by_variant(block.index, levels):
                ready, columns = self._set(block.index, key)
                rows = list(zip(*(column.tolist() for column in values), strict=True)) or [()] * len(where)
                results[np.ix_(where, np.array(columns, dtype=np.intp))] = ready.results(rows)
        except ParameterError as error:
            raise _placed(error, self._work.sets[block.index], block) from None
        name = f"{platform.node()}-{os.getpid()}-{threading.get_ident()}"
        return Done(block, results, perf_counter() - began, name)

    def _set(self, index: int, key: tuple[int, ...]) -> tuple[SweptSet, list[int]]:
        """A variant with its draws, and the columns that it has results for."""
        found = self._ready.pop((index, key), None) or self._drawn(self._work.sets[index].variants[key])
        self._ready[index, key] = found
        if len(self._ready) > max(1, min(_KEPT, _KEPT_DRAWS // self._work.draws)):
            self._ready.popitem(last=False)
        return found

    def _drawn(self, variant: Variant) -> tuple[SweptSet, list[int]]:
        work, case = self._work, variant.case
        known = set(names(case))
        asked = [outcome(case, name) for name in work.outcomes if name in known]
        paths = [work.paths[place] for place in work.numbers]
        ready = SweptSet(case, paths, asked, work.draws, work.seed, cheapest=work.cheapest)
        return ready, [work.columns.index(name) for name in ready.columns]


def _placed(error: ParameterError, cells: SweptCells, block: Block) -> ParameterError:
    """The same error, which says where it was met."""
    where = f"set {cells.name}, block {block.number:,}"
    return ParameterError([Problem(item.path, item.message, item.file or where, item.line) for item in error.problems])


# What the workers of this process were given, by name; each thread computes with a worker of its own.
_given: dict[str, Work] = {}
_own = threading.local()


def give(name: str, work: Work) -> None:
    """Hand this process some work, from which `done` then computes blocks."""
    _given[name] = work


def take_back(name: str) -> None:
    """Forget some work."""
    _given.pop(name, None)


def done(name: str, block: Block) -> Done:
    """A block of the work of that name, which this process was given."""
    workers: dict[str, Any] = _own.__dict__
    if name not in workers:
        workers.clear()
        workers[name] = Worker(_given[name])
    found: Done = workers[name].done(block)
    return found
