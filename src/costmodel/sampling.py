"""From a parameter set to draws: scrambled Sobol' points, rank correlations, inverse distribution functions.

Draws come in `REPLICATES` independently scrambled sequences that take turns: draw i is point i // 16 of sequence
i % 16. Any number of draws is therefore a prefix of any larger number, and how far the sequences disagree is an honest
Monte Carlo error. Any block of draws can be made by itself, by any worker, and is always the same.
"""

import warnings
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel import kernels
from costmodel.distributions import Distribution
from costmodel.distributions.table import normal_rows, standard_normal
from costmodel.kernels.plain import BITS
from costmodel.parameters.correlations import active, matrix
from costmodel.parameters.model import ParameterSet, deflated

#: Independently scrambled sequences that take turns.
REPLICATES = kernels.LANES
#: Draws that are made and evaluated at a time, few enough to stay in the processor's cache: a power of two.
BLOCK = 8192
#: How points are made: evenly spread, or each by itself.
METHODS = ("sobol", "random")

#: Tables of laws as `kernels.invert` takes them.
Laws: TypeAlias = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]

# Below this an entry of the copula's root is rounding.
_ROUNDING = 1e-12


class Draws:
    """Draws of a parameter set's uncertain parameters, shared by all channels.

    Examples:
        >>> from costmodel import load
        >>> case = load("baseline")
        >>> block = next(iter(Draws(case, 64, seed=0).blocks()))
        >>> block[case.uncertain[0]].shape
        (64,)
    """

    def __init__(
        self,
        case: ParameterSet,
        count: int,
        seed: int,
        *,
        method: str = "sobol",
        offset: int = 0,
        only: Collection[str] | None = None,
    ) -> None:
        """Prepare draws.

        Args:
            case: parameter set.
            count: number of draws, at least 1.
            seed: any whole number from 0.
            method: `sobol` for scrambled Sobol' points, `random` for pseudo-random ones.
            offset: dimensions of the Sobol' sequence that are left out at the start; draws with an offset of at least
                the number of streams are independent of those without.
            only: uncertain parameters of which `drawn` gives values; by default all.

        Raises:
            ValueError: no such method.
        """
        if method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method}")
        self.case, self.count, self.seed, self.method, self._offset = case, count, seed, method, offset
        self._wanted = tuple(path for path in case.uncertain if only is None or path in only)
        # A parameter keeps its dimension in every set of a chain, so that draws of two sets are paired.
        self._dimension = {path: index for index, path in enumerate(case.streams)}

    @cached_property
    def _copula(self) -> tuple[tuple[str, ...], NDArray[np.float64]]:
        """Correlated paths, and the matrix that turns independent normals into correlated ones."""
        paths, normal = matrix(active(self.case))
        if not paths:
            return (), np.zeros((0, 0))
        values, vectors = np.linalg.eigh(normal)
        root = vectors * np.sqrt(np.clip(values, 0.0, None))
        # The lower-triangular root: a parameter's draws depend only on those listed before it.
        upper: NDArray[np.float64] = np.asarray(np.linalg.qr(root.T, mode="r"))
        lower: NDArray[np.float64] = upper.T * np.where(np.diag(upper) < 0, -1.0, 1.0)
        return paths, np.where(np.abs(lower) < _ROUNDING, 0.0, lower)

    def starts(self) -> range:
        """First draw of each block."""
        return range(0, self.count, BLOCK)

    def size(self, start: int) -> int:
        """How many draws a block has that starts there."""
        return min(BLOCK, self.count - start)

    def cube(self, start: int) -> NDArray[np.float64]:
        """A block of points in the open unit cube.

        Args:
            start: first draw of the block, one of `starts()`.

        Returns:
            Shape (streams, draws).
        """
        return self._made(start, self._left_as_they_are)

    def _made(self, start: int, laws: Laws) -> NDArray[np.float64]:
        """Points of a block, and values instead of them in the rows that have a law."""
        size = self.size(start)
        if self.method == "random":
            points = np.empty((len(self._dimension), size))
            for dimension, row in enumerate(points):
                self._generator(dimension, start).random(out=row)
            # 0 is among the generator's numbers and 1 is not.
            np.maximum(points, 2.0**-54, out=points)
            kernels.active().invert(points, *laws)
            return points
        # A power of two of points of each sequence, and as many digits as the last block needs: more would cost time.
        points = np.empty((len(self._dimension), max(1 << (size - 1).bit_length(), REPLICATES)))
        digits = max((-(-self.count // BLOCK) * BLOCK // REPLICATES - 1).bit_length(), 1)
        directions, shift = _scrambled_directions(self.seed, self._offset, len(points), digits)
        kernels.active().draw(start // REPLICATES, directions, shift, laws, points)
        return np.ascontiguousarray(points[:, :size])

    def _generator(self, dimension: int, start: int) -> np.random.Generator:
        """Random numbers of a dimension from a draw on; each draw takes one."""
        sequence = np.random.SeedSequence(self.seed, spawn_key=(self._offset + dimension, 1))
        return np.random.Generator(np.random.PCG64(sequence).advance(start))

    def points(self) -> Iterator[NDArray[np.float64]]:
        """Blocks of points in the open unit cube, one column for each stream."""
        for start in self.starts():
            yield self.cube(start).T

    def probabilities(self, start: int) -> dict[str, NDArray[np.float64]]:
        """A block of points by path, correlated: the probability at which each stream's inverse law is taken.

        Args:
            start: first draw of the block, one of `starts()`.
        """
        return dict(zip(self.case.streams, self._correlated(self.cube(start)), strict=True))

    def drawn(self, start: int, points: NDArray[np.float64] | None = None) -> dict[str, NDArray[np.float64]]:
        """A block of values of the uncertain parameters by path, as the set states them.

        Args:
            start: first draw of the block, one of `starts()`.
            points: the block's `cube`, where it is at hand: no more is made than what is wanted of it.
        """
        if points is not None:
            return self._drawn_from(points)
        alone, joined = self._tables
        rows = self._correlated(self._made(start, alone))
        kernels.active().invert(rows, *joined)
        by_path = dict(zip(self.case.streams, rows, strict=True))
        found = {path: by_path[path] for path in self._wanted}
        return found | {path: law.ppf(by_path[path]) for path, law in self._untabulated.items()}

    def _drawn_from(self, points: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """The same from a block of points, which stay as they are."""
        place = [self._dimension[path] for path in self._wanted]
        rows, (tables, alone, shapes), (_, joined, _) = points[place], *self._tables
        if np.any(joined[place] >= 0) or any(path in self._copula[0] for path in self._untabulated):
            others = [self._dimension[path] for path in self._copula[0]]
            correlated = dict(zip(others, self._joined(points[others]), strict=True))
            for row, dimension in zip(rows, place, strict=True):
                row[:] = correlated.get(dimension, row)
        kernels.active().invert(rows, tables, np.maximum(alone, joined)[place], shapes[place])
        by_path = dict(zip(self._wanted, rows, strict=True))
        return by_path | {path: law.ppf(by_path[path]) for path, law in self._untabulated.items()}

    @cached_property
    def _laws(self) -> dict[str, Distribution]:
        laws = {path: self.case.parameters[path].distribution for path in self._wanted}
        return {path: law for path, law in laws.items() if law is not None}

    @cached_property
    def _untabulated(self) -> dict[str, Distribution]:
        return {path: law for path, law in self._laws.items() if law.stretched is None}

    @cached_property
    def _tables(self) -> tuple[Laws, Laws]:
        """Tables of the laws of the streams that stand alone, and of those that are correlated."""
        found = [self._laws[path].stretched if path in self._laws else None for path in self.case.streams]
        tables = {id(item.table): item.table.rows for item in found if item}
        place = {table: index for index, table in enumerate(tables)}
        which = np.array([place[id(item.table)] if item else -1 for item in found], dtype=np.int64)
        shapes = np.array([item.shape if item else (0.0,) * 4 for item in found]).reshape(-1, 4)
        stacked = np.stack(list(tables.values())) if tables else standard_normal().rows[None]
        joined = np.isin(self.case.streams, self._copula[0])
        return (stacked, np.where(joined, -1, which), shapes), (stacked, np.where(joined, which, -1), shapes)

    @cached_property
    def _left_as_they_are(self) -> Laws:
        tables, which, shapes = self._tables[0]
        return tables, np.full_like(which, -1), shapes

    def stated(self, probabilities: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
        """Values by path as the set states them: arrays for uncertain parameters, scalars for the others.

        Args:
            probabilities: those of the uncertain parameters.
        """
        fixed = {path: item.value for path, item in self.case.parameters.items()}
        return fixed | {path: law.ppf(probabilities[path]) for path, law in self._laws.items()}

    def blocks(self) -> Iterator[dict[str, Any]]:
        """Blocks of values of all parameters by path; rates are real."""
        fixed = {path: item.value for path, item in self.case.parameters.items()}
        for start in self.starts():
            yield deflated(fixed | self.drawn(start), self.case)

    def _correlated(self, cube: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same points with the correlated parameters' rows joined by a Gaussian copula; replaced in place."""
        if self._copula[0]:
            place = [self._dimension[path] for path in self._copula[0]]
            cube[place] = self._joined(cube[place])
        return cube

    def _joined(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The correlated parameters' rows, joined by a Gaussian copula in place."""
        kernels.active().correlate(rows, self._copula[1], (standard_normal().rows[None], normal_rows()))
        return rows


@lru_cache(maxsize=8)
def _directions(dimensions: int, digits: int) -> NDArray[np.uint32]:
    """Direction numbers of Sobol's sequence, shape (digits, dimensions), read off SciPy's points."""
    from scipy.stats import qmc  # here, since it is slow to load

    sequence = qmc.Sobol(dimensions, scramble=False, bits=BITS)
    found = np.empty((digits, dimensions), dtype=np.uint32)
    before = np.zeros(dimensions, dtype=np.uint32)
    for digit in range(digits):
        sequence.fast_forward(2**digit - sequence.num_generated)
        with warnings.catch_warnings():
            # SciPy warns that a single point does not fill the cube evenly.
            warnings.simplefilter("ignore", UserWarning)
            point = (sequence.random(1)[0] * 2.0**BITS).astype(np.uint32)
        # Point 2ᵏ has the digits k and k − 1 in Gray's code.
        found[digit] = before = point ^ before
    return found


@lru_cache(maxsize=8)
def _scrambled_directions(
    seed: int, offset: int, dimensions: int, digits: int
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Direction numbers, shape (dimensions, digits, REPLICATES), and shifts, shape (dimensions, REPLICATES)."""
    columns, shift = _scrambling(seed, offset + dimensions)
    # Scrambling is linear, so that scrambled direction numbers give scrambled points.
    scrambled = _scrambled(_directions(offset + dimensions, digits), columns, np.zeros_like(shift))
    kept = np.moveaxis(scrambled, -1, 0)[offset:]
    return np.ascontiguousarray(kept), np.ascontiguousarray(shift.T[offset:])


def points_at(places: NDArray[np.int64], dimensions: int, seed: int, count: int) -> NDArray[np.float64]:
    """Some points of one scrambled Sobol' sequence, each made by itself.

    Args:
        places: which points, counted from 0.
        dimensions: of the unit cube.
        seed: any whole number from 0.
        count: number of points that are wanted in all; it changes none of them.

    Returns:
        Points in the open unit cube, shape (places, dimensions).

    Examples:
        >>> every = points_at(np.arange(8), 2, seed=0, count=8)
        >>> bool(np.all(points_at(np.array([5]), 2, seed=0, count=1000) == every[5])), np.sort(every[:, 0] * 8 // 1)
        (True, array([0., 1., 2., 3., 4., 5., 6., 7.]))
    """
    directions, shift = _scrambled_directions(seed, 0, dimensions, max((count - 1).bit_length(), 1))
    gray = places ^ (places >> 1)
    found = np.broadcast_to(shift[:, 0], (len(places), dimensions)).copy()
    for digit in range(directions.shape[1]):
        found ^= ((gray >> digit) & 1).astype(np.uint32)[:, None] * directions[:, digit, 0]
    points: NDArray[np.float64] = np.add(found, 0.5, dtype=np.float64) / 2.0**BITS
    return points


def _scrambling(seed: int, dimensions: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Random lower-triangular matrices, column by column, and shifts of binary digits, by sequence and dimension.

    Each dimension has random numbers of its own, so that a further one leaves the others as they are. (With SciPy's
    scrambling one dimension more makes all points others: a set could not be paired with the one that it extends.)
    """
    words = np.empty((BITS + 1, REPLICATES, dimensions), dtype=np.uint32)
    for dimension in range(dimensions):
        random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(dimension,)))
        words[:, :, dimension] = random.integers(2**BITS, size=(BITS + 1, REPLICATES), dtype=np.uint32)
    own = np.uint32(1) << np.arange(BITS - 1, -1, -1, dtype=np.uint32)[:, None, None]
    return (words[:-1] & (own - np.uint32(1))) | own, words[-1]


def _scrambled(
    digits: NDArray[np.uint32], matrix_columns: NDArray[np.uint32], shift: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Points with their binary digits multiplied by each sequence's matrix and shifted.

    Args:
        digits: points as whole numbers, shape (points, dimensions).
        matrix_columns: columns of the matrices, shape (bits, sequences, dimensions).
        shift: shape (sequences, dimensions).

    Returns:
        Scrambled points, shape (points, sequences, dimensions).

    References:
        Matoušek (1998), "On the L2-discrepancy for anchored boxes", Journal of Complexity 14(4): linear scrambling.
    """
    found = np.broadcast_to(shift, (len(digits), *shift.shape)).copy()
    for place, column in enumerate(matrix_columns):
        digit = (digits >> np.uint32(BITS - 1 - place)) & np.uint32(1)
        found ^= digit[:, None, :] * column
    return found
