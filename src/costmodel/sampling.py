"""From a parameter set to draws: scrambled Sobol' points, rank correlations, inverse distribution functions.

Draws come in `REPLICATES` independently scrambled sequences that take turns: draw i is point i // 16 of sequence
i % 16. Any number of draws is therefore a prefix of any larger number, and how far the sequences disagree is an honest
Monte Carlo error.
"""

import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from costmodel.parameters.correlations import active, matrix
from costmodel.parameters.model import ParameterSet, deflated

#: Independently scrambled sequences that take turns.
REPLICATES = 16
#: Draws that are made and evaluated at a time; a multiple of REPLICATES.
BLOCK = 8192

# SciPy's points are multiples of 2⁻³⁰ and may be 0; the middle of each cell never is.
_BITS = 30
_HALF_CELL = 2.0 ** -(_BITS + 1)


class Draws:
    """Draws of a parameter set's uncertain parameters, shared by all channels.

    Examples:
        >>> from costmodel import load
        >>> case = load("baseline")
        >>> block = next(iter(Draws(case, 64, seed=0).blocks()))
        >>> block[case.uncertain[0]].shape
        (64,)
    """

    def __init__(self, case: ParameterSet, count: int, seed: int, *, offset: int = 0) -> None:
        """Prepare draws.

        Args:
            case: parameter set.
            count: number of draws, at least 1.
            seed: any whole number from 0.
            offset: dimensions of the Sobol' sequence that are left out at the start; draws with an offset of at least
                the number of streams are independent of those without.
        """
        self.case, self.count, self.seed, self._offset = case, count, seed, offset
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
        return paths, upper.T * np.where(np.diag(upper) < 0, -1.0, 1.0)

    def points(self) -> Iterator[NDArray[np.float64]]:
        """Blocks of points in the open unit cube, one column for each stream."""
        from scipy.stats import qmc  # here, since it is slow to load

        dimensions = max(len(self._dimension), 1) + self._offset
        plain = qmc.Sobol(dimensions, scramble=False, bits=_BITS)
        matrix_columns, shift = _scrambling(self.seed, dimensions)
        for start in range(0, self.count, BLOCK):
            size = min(BLOCK, self.count - start)
            each = -(-size // REPLICATES)
            with warnings.catch_warnings():
                # SciPy warns of numbers that are no power of two; the errors that are reported show what they cost.
                warnings.simplefilter("ignore", UserWarning)
                digits = (plain.random(each) * 2.0**_BITS).astype(np.uint32)
            stacked = _scrambled(digits, matrix_columns, shift)
            columns = stacked.reshape(each * REPLICATES, dimensions)[:size, self._offset :]
            yield columns.astype(np.float64) * 2.0**-_BITS + _HALF_CELL

    def probabilities(self) -> Iterator[dict[str, NDArray[np.float64]]]:
        """Blocks of points by path, correlated: the probability at which each stream's inverse law is taken."""
        for points in self.points():
            yield self._correlated({path: points[:, index] for path, index in self._dimension.items()})

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
        for probabilities in self.probabilities():
            yield deflated(self.stated(probabilities), self.case)

    def _correlated(self, columns: dict[str, NDArray[np.float64]]) -> dict[str, Any]:
        """The same points with the correlated parameters' columns joined by a Gaussian copula."""
        paths, root = self._copula
        if not paths:
            return columns
        normals = special.ndtri(np.stack([columns[path] for path in paths]))
        joined = np.clip(special.ndtr(root @ normals), _HALF_CELL, 1.0 - _HALF_CELL)
        return columns | dict(zip(paths, joined, strict=True))


def _scrambling(seed: int, dimensions: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Random lower-triangular matrices, column by column, and shifts of binary digits, by sequence and dimension.

    Each dimension has random numbers of its own, so that a further one leaves the others as they are. (With SciPy's
    scrambling one dimension more makes all points others: a set could not be paired with the one that it extends.)
    """
    words = np.empty((_BITS + 1, REPLICATES, dimensions), dtype=np.uint32)
    for dimension in range(dimensions):
        random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(dimension,)))
        words[:, :, dimension] = random.integers(2**_BITS, size=(_BITS + 1, REPLICATES), dtype=np.uint32)
    own = np.uint32(1) << np.arange(_BITS - 1, -1, -1, dtype=np.uint32)[:, None, None]
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
        digit = (digits >> np.uint32(_BITS - 1 - place)) & np.uint32(1)
        found ^= digit[:, None, :] * column
    return found
