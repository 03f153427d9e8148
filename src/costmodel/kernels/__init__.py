"""The inner loops of sampling and of order statistics, in numpy or compiled: the same numbers, bit for bit.

Nothing here knows of the model. The compiled loops need numba; they are loaded where so much is to be done that the
loading pays, and everything works without them.
"""

import os
from importlib.util import find_spec
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from costmodel.kernels import plain

Values = NDArray[np.float64]

__all__ = ["LANES", "Kernels", "active", "prepare"]

#: Draw i belongs to sequence i % LANES of independently scrambled sequences; sums and counts are kept for each.
LANES = plain.LANES

# From so many numbers on, loading numba and the cached loops (half a second or so) is earned back.
_WORTH_LOADING = 20_000_000
_lock = Lock()


class Kernels(Protocol):
    """What both modules of loops have; all work on contiguous arrays and write into `out`."""

    def sobol(self, first: int, directions: NDArray[np.uint32], shift: NDArray[np.uint32], out: Values) -> None:
        """Scrambled Sobol' points from point `first` on; see `plain.sobol`."""

    def invert(self, x: Values, tables: Values, which: NDArray[np.int64], shapes: Values) -> None:
        """Values of inverse distribution functions from their tables; see `plain.invert`."""

    def draw(
        self,
        first: int,
        directions: NDArray[np.uint32],
        shift: NDArray[np.uint32],
        laws: tuple[Values, NDArray[np.int64], Values],
        out: Values,
    ) -> None:
        """Sobol' points and the values there; see `plain.draw`."""

    def normal(self, z: Values, rows: Values, out: Values) -> None:
        """Distribution function of the standard normal from its table; see `plain.normal`."""

    def correlate(self, rows: Values, root: Values, tables: tuple[Values, Values]) -> None:
        """Points joined by a Gaussian copula; see `plain.correlate`."""

    def scan(
        self,
        x: Values,
        grids: Values,
        counts: NDArray[np.int32],
        sums: Values,
        marked: NDArray[np.bool_],
        sizes: NDArray[np.int64],
    ) -> Values:
        """Counts by bin, sums, and values in marked bins of columns; see `plain.scan`."""

    def collect(self, x: Values, grids: Values, marked: NDArray[np.bool_], sizes: NDArray[np.int64]) -> Values:
        """Values of columns in marked bins; see `plain.collect`."""

    def cheapest(self, x: Values, rows: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
        """How often each row is the lowest; see `plain.cheapest`."""

    def bin_sums(self, u: Values, columns: Values, sums: Values) -> None:
        """Sums by bin of a parameter; see `plain.bin_sums`."""


_current: Kernels = plain


def active() -> Kernels:
    """The loops in use: compiled ones once they are loaded."""
    return _current


def prepare(numbers: float) -> Kernels:
    """Load the compiled loops if the work to be done is worth it and numba is there.

    Args:
        numbers: how many random numbers are to be drawn. `COSTMODEL_COMPILED=0` in the environment keeps numpy's loops.

    Returns:
        The loops in use from now on.
    """
    global _current  # noqa: PLW0603 (the two give the same numbers: which is in use is no state that shows)
    wanted = numbers >= _WORTH_LOADING and os.environ.get("COSTMODEL_COMPILED", "1") != "0"
    if wanted and find_spec("numba") is not None:
        with _lock:
            from costmodel.kernels import compiled

            _current = compiled
    return _current
