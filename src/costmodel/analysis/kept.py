"""The draws of some columns that lie in the bins in which percentiles are likely to lie."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.statistics import Draw
from costmodel.kernels import plain

if TYPE_CHECKING:
    from costmodel.analysis.streaming import Columns

#: Values, and how many draws have each.
Values: TypeAlias = tuple[Draw, NDArray[np.int32]]

#: Draws at the start from which the bins are laid out.
PILOT = 8192


class Kept:
    """The draws that lie in some bins."""

    def __init__(self, columns: "Columns", marked: NDArray[np.bool_]) -> None:
        """Begin with none.

        Args:
            columns: what lays out the bins.
            marked: the bins, shape (columns, bins + 2).
        """
        self.marked, self._columns, self._seen, self._next = marked, columns, 0, 2 * PILOT
        none = np.empty(0), np.empty(0, dtype=np.int32)
        self._pieces: list[list[Values]] = [[none] * len(marked)]

    def add(self, values: Sequence[Draw], draws: int) -> None:
        """Take in the values in the bins of so many more draws."""
        found = zip(values, self._columns.tied, strict=True)
        # Copies, since all columns of a block come as one array, and a view of a few would keep alive the whole.
        self._pieces.append([_counted(column) if tied else _single(column.copy()) for column, tied in found])
        self._seen += draws

    def narrow(self) -> None:
        """After every so many draws, all scanned by the columns, forget those that have become unlikely to matter."""
        if self._seen >= self._next:
            self.marked = self.marked & self._columns.likely()
            self._pieces, self._next = [self.within(self.marked)], 4 * self._next

    def within(self, marked: NDArray[np.bool_]) -> list[Values]:
        """The draws of each column that lie in some of the bins."""
        found = []
        for column, pieces in enumerate(zip(*self._pieces, strict=True)):
            if self._columns.tied[column]:
                values, times = joined(pieces)
                low, scale, _ = self._columns.grids[column]
                inside = marked[column][plain.bins(values, low, scale, marked.shape[1])]
                found.append((values[inside], times[inside]))
            else:
                together = np.concatenate([values for values, _ in pieces])
                found.append(_single(self._columns.pick(column, together, marked)))
        return found


def _single(values: Draw) -> Values:
    # Ones that take no memory.
    return values, np.broadcast_to(np.int32(1), len(values))


def _counted(values: Draw) -> Values:
    if len(values) and values.min() == values.max():
        return values[:1].copy(), np.array([len(values)], dtype=np.int32)
    once, times = np.unique(values, return_counts=True)
    return once, times.astype(np.int32)


def joined(pieces: Sequence[Values]) -> Values:
    """Values of several pieces, one after the other."""
    values, times = zip(*pieces, strict=True)
    return np.concatenate(values), np.concatenate(times)
