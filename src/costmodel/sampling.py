"""From a parameter set to draws: scrambled Sobol' points, rank correlations, inverse distribution functions.

Draws come in `REPLICATES` independently scrambled sequences that take turns: draw i is point i // 16 of sequence
i % 16. Any number of draws is therefore a prefix of any larger number, and how far the sequences disagree is an honest
Monte Carlo error. Any block of draws can be made by itself, by any worker, and is always the same.
"""

import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel import kernels
from costmodel.distributions.table import normal_probability, standard_normal
from costmodel.kernels.plain import BITS
from costmodel.parameters.correlations import active, matrix
from costmodel.parameters.model import ParameterSet, deflated

#: Independently scrambled sequences that take turns.
REPLICATES = kernels.LANES
#: Draws that are made and evaluated at a time, few enough to stay in the processor's cache: a power of two.
BLOCK = 8192
#: How points are made: evenly spread, or each by itself.
METHODS = ("sobol", "random")

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

    def __init__(self, case: ParameterSet, count: int, seed: int, *, method: str = "sobol", offset: int = 0) -> None:
        """Prepare draws.

        Args:
            case: parameter set.
            count: number of draws, at least 1.
            seed: any whole number from 0.
            method: `sobol` for scrambled Sobol' points, `random` for pseudo-random ones.
            offset: dimensions of the Sobol' sequence that are left out at the start; draws with an offset of at least
                the number of streams are independent of those without.

        Raises:
            ValueError: no such method.
        """
        if method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method}")
        self.case, self.count, self.seed, self.method, self._offset = case, count, seed, method, offset
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

    def cube(self, start: int) -> NDArray[np.float64]:
        """A block of points in the open unit cube.

        Args:
            start: first draw of the block, one of `starts()`.

        Returns:
            Shape (streams, draws).
        """
        size = min(BLOCK, self.count - start)
        # A power of two of points of each sequence.
        whole = max(1 << (size - 1).bit_length(), REPLICATES) if self.method == "sobol" else size
        points = np.empty((len(self._dimension), whole))
        if self.method == "sobol":
            # As many digits as the last block needs: more would only cost time.
            digits = max((-(-self.count // BLOCK) * BLOCK // REPLICATES - 1).bit_length(), 1)
            directions, shift = _scrambled_directions(self.seed, self._offset, len(points), digits)
            kernels.active().sobol(start // REPLICATES, directions, shift, points)
            return points[:, :size]
        for dimension, row in enumerate(points):
            self._generator(dimension, start).random(out=row)
        # The middle of each cell of 2⁻⁵³, never 0.
        points += 2.0**-54
        return points

    def _generator(self, dimension: int, start: int) -> np.random.Generator:
        """Random numbers of a dimension from a draw on; each draw takes one."""
        sequence = np.random.SeedSequence(self.seed, spawn_key=(self._offset + dimension, 1))
        return np.random.Generator(np.random.PCG64(sequence).advance(start))

    def points(self) -> Iterator[NDArray[np.float64]]:
        """Blocks of points in the open unit cube, one column for each stream."""
        for start in self.starts():
            yield self.cube(start).T

    def block(self, start: int) -> tuple[dict[str, NDArray[np.float64]], dict[str, Any]]:
        """A block of draws.

        Args:
            start: first draw of the block, one of `starts()`.

        Returns:
            The probability at which each stream's inverse law is taken, by path; and the values as the set states them.
        """
        cube = self.cube(start)
        probabilities = self._correlated({path: cube[index] for path, index in self._dimension.items()})
        return probabilities, self.stated(probabilities)

    def stated(self, probabilities: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
        """Values by path as the set states them: arrays for uncertain parameters, scalars for the others.

        Args:
            probabilities: those of the uncertain parameters.
        """
        values: dict[str, Any] = {path: item.value for path, item in self.case.parameters.items()}
        for path in self.case.uncertain:
            law = self.case.parameters[path].distribution
            assert law is not None
            values[path] = law.ppf(probabilities[path])
        return values

    def blocks(self) -> Iterator[dict[str, Any]]:
        """Blocks of values by path; rates are real."""
        for start in self.starts():
            yield deflated(self.block(start)[1], self.case)

    def _correlated(self, columns: dict[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """The same points with the correlated parameters' columns joined by a Gaussian copula."""
        paths, root = self._copula
        normals = [standard_normal()(columns[path]) for path in paths]
        for place, path in enumerate(paths):
            # Term by term and not as a matrix product, whose rounding depends on the size of the block.
            terms = [root[place, other] * normals[other] for other in np.flatnonzero(root[place])]
            columns[path] = normal_probability(np.asarray(sum(terms[1:], terms[0])))
        return columns


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
