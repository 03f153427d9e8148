"""Distribution functions and their inverses as tables of polynomials, where the function itself is slow.

Segments of an inverse are spaced logarithmically towards both ends, so that tails are as exact as the middle, and the
segment of a probability is read from its floating-point exponent. The loops over them are in `costmodel.kernels`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from costmodel import kernels
from costmodel.kernels.plain import DEGREE, NORMAL_END, NORMAL_PARTS, OCTAVES, PARTS, WIDTH

Values = NDArray[np.float64]

_NODES = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
_TO_COEFFICIENTS = np.linalg.inv(np.vander(_NODES, increasing=True))


def _rows(values: Values) -> Values:
    """Coefficients of the polynomials through values at the nodes of each segment, padded to a line of the cache."""
    coefficients = values.reshape(-1, DEGREE + 1) @ _TO_COEFFICIENTS.T
    return np.ascontiguousarray(np.pad(coefficients, ((0, 0), (0, WIDTH - DEGREE - 1))))


class InverseTable:
    """Quantiles of a law on (0, 1) from a table; the probability is off by less than 10⁻¹⁰.

    Examples:
        >>> table = InverseTable(lambda v: v**0.5, lambda v: (1 - v) ** 0.5)
        >>> [round(float(x), 12) for x in table(np.array([0.04, 0.25, 0.81]))]
        [0.2, 0.5, 0.9]
    """

    def __init__(self, lower: Callable[[Values], Values], upper: Callable[[Values], Values]) -> None:
        """Build the table.

        Args:
            lower: quantile at probability v, for v ≤ 1/2.
            upper: quantile at probability 1 − v, for v ≤ 1/2.
        """
        octave = np.arange(OCTAVES)[:, None, None]
        part = np.arange(PARTS)[None, :, None] + (_NODES + 1) / 2
        probability = np.minimum(np.ldexp(0.5 + part / (2 * PARTS), -octave), 1.0)
        self.rows = _rows(np.stack([lower(probability), upper(probability)]))

    def __call__(self, u: Values) -> Values:
        """Quantiles at probabilities u in (0, 1), of the same shape."""
        return Stretched(self)(u)


@dataclass(frozen=True)
class Stretched:
    """Quantiles of a table, cut to a range and stretched: offset + scale · quantile.

    Attributes:
        table: the table.
        offset: what is added.
        scale: what the quantile is multiplied by.
        low: lowest quantile: rounding may step over an end.
        high: highest quantile.
    """

    table: InverseTable
    offset: float = 0.0
    scale: float = 1.0
    low: float = -np.inf
    high: float = np.inf

    @property
    def shape(self) -> tuple[float, float, float, float]:
        """Range, offset and scale as `kernels.invert` takes them."""
        return float(self.low), float(self.high), float(self.offset), float(self.scale)

    def __call__(self, u: Values) -> Values:
        """Quantiles at probabilities u in (0, 1), of the same shape."""
        out = np.ascontiguousarray(u).reshape(1, -1).copy()
        kernels.active().invert(out, self.table.rows[None], np.zeros(1, dtype=np.int64), np.array([self.shape]))
        return out.reshape(u.shape)


@lru_cache(maxsize=1)
def standard_normal() -> InverseTable:
    """Quantiles of the standard normal."""
    return InverseTable(special.ndtri, lambda v: -special.ndtri(v))


@lru_cache(maxsize=1)
def normal_rows() -> Values:
    """Table of the standard normal's distribution function, as `kernels.normal` takes it.

    Examples:
        >>> probability = np.empty(3)
        >>> kernels.active().normal(np.array([0.0, 1.0, -2.0]), normal_rows(), probability)
        >>> [round(float(p), 10) for p in probability]
        [0.5, 0.8413447461, 0.0227501319]
    """
    ends = np.arange(NORMAL_END * NORMAL_PARTS)[:, None]
    return _rows(special.ndtr(-(ends + (_NODES + 1) / 2) / NORMAL_PARTS))
