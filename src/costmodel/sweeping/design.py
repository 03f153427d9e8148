"""Which values each cell has: computed from its number, so that any block of cells can be made by any worker."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: For each parameter where its value stands in each cell: its number in a list, or how far along a range, from 0 to 1.
Levels: TypeAlias = tuple[NDArray[Any], ...]
Whole: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Listed:
    """Numbers one by one."""

    numbers: tuple[float, ...]

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest."""
        return min(self.numbers), max(self.numbers)

    def at(self, levels: NDArray[Any], _: int) -> NDArray[np.float64]:
        """The numbers at some levels."""
        found: NDArray[np.float64] = np.array(self.numbers, dtype=np.float64)[levels]
        return found


@dataclass(frozen=True)
class Ranged:
    """A range of numbers.

    Attributes:
        low, high: its ends, both among its numbers.
        scale: `linear` or `log`.
    """

    low: float
    high: float
    scale: str = "linear"

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest."""
        return min(self.low, self.high), max(self.low, self.high)

    def at(self, levels: NDArray[Any], count: int) -> NDArray[np.float64]:
        """The numbers at some levels.

        Args:
            levels: places from 0, or how far along the range as a number between 0 and 1.
            count: number of places; 0 where levels are no places.

        Examples:
            >>> Ranged(1.0, 100.0, "log").at(np.array([0, 1, 2]), 3).tolist()
            [1.0, 10.0, 100.0]
        """
        along = levels / (count - 1) if count else levels
        if self.scale == "log":
            found = self.low * (self.high / self.low) ** along
        else:
            found = self.low + (self.high - self.low) * along
        # The far end is the number that was stated, not one with an error of rounding; and nothing lies beyond an end.
        return np.where(along == 1, self.high, np.clip(found, *self.ends))


@dataclass(frozen=True)
class Design:
    """The cells of one set, in the order in which they are computed.

    A cell's *place* is its turn in the computation; its *number* is its turn in the file's order, the last parameter
    changing fastest. In a grid both are mixed-radix numbers of the same digits, which stand in another order.

    Attributes:
        kind: `grid`, `zip` or `sobol`.
        counts: number of values of each parameter; 0 for one that runs along a range without steps.
        order: the parameters in the order in which changes are nested, the outermost first.
        cells: number of cells.
        seed: seed of Sobol' points.
    """

    kind: str
    counts: tuple[int, ...]
    order: tuple[int, ...]
    cells: int
    seed: int = 0

    def levels(self, start: int, stop: int) -> Levels:
        """Levels of all parameters in the cells of some places.

        Examples:
            >>> [level.tolist() for level in Design("grid", (2, 3), (1, 0), 6).levels(1, 4)]
            [[1, 0, 1], [0, 1, 1]]
        """
        return _LEVELS[self.kind](self, np.arange(start, stop, dtype=np.int64))

    def numbers(self, levels: Levels, start: int) -> Whole:
        """Numbers of the cells that have some levels, the first of which stands at a place."""
        if self.kind != "grid":
            return np.arange(start, start + len(levels[0]), dtype=np.int64)
        found = np.zeros(len(levels[0]), dtype=np.int64)
        for level, count in zip(levels, self.counts, strict=True):
            found = found * count + level
        return found

    def block_size(self, wanted: int) -> int:
        """The number of cells nearest below that wanted that ends where an outer parameter changes.

        Examples:
            >>> Design("grid", (50, 20, 10), (0, 1, 2), 10_000).block_size(470)
            400
        """
        inner = 1
        if self.kind == "grid":
            for place in reversed(self.order):
                if inner * self.counts[place] > wanted:
                    break
                inner *= self.counts[place]
        return min(max(wanted // inner * inner, 1), self.cells)


def _grid_levels(design: Design, places: Whole) -> Levels:
    found: dict[int, Whole] = {}
    for axis in reversed(design.order):
        places, found[axis] = np.divmod(places, design.counts[axis])
    return tuple(found[axis] for axis in range(len(design.counts)))


def _zip_levels(design: Design, places: Whole) -> Levels:
    return (places,) * len(design.counts)


def _sobol_levels(design: Design, places: Whole) -> Levels:
    from costmodel.sampling import points_at

    points = points_at(places, len(design.counts), design.seed, design.cells)
    return tuple(
        (column * count).astype(np.int64) if count else column
        for column, count in zip(points.T, design.counts, strict=True)
    )


_LEVELS: Mapping[str, Callable[[Design, Whole], Levels]] = {
    "grid": _grid_levels,
    "zip": _zip_levels,
    "sobol": _sobol_levels,
}
#: Number of cells of a design, from the numbers of values of its parameters and that of its points.
CELLS: Mapping[str, Callable[[Sequence[int], int], int]] = {
    "grid": lambda counts, _: math.prod(counts),
    "zip": lambda counts, _: counts[0],
    "sobol": lambda _, points: points,
}
