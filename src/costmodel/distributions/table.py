"""Inverse distribution functions as tables of polynomials, where the function itself is slow.

Segments are spaced logarithmically towards both ends, so that tails are as exact as the middle, and the segment of a
probability is read from its floating-point exponent.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_DEGREE = 6
# Segments in each octave of probability, and octaves from 1/2 down to the smallest probability in the table.
_PARTS = 8
_OCTAVES = 32
_SMALLEST = 2.0 ** -(_OCTAVES - 1)

_NODES = np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1))
_TO_COEFFICIENTS = np.linalg.inv(np.vander(_NODES, increasing=True))


class InverseTable:
    """Quantiles of a law on (0, 1), from a table; probabilities beyond the table are computed by the function itself.

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
        self._exact = (lower, upper)
        octave = np.arange(_OCTAVES)[:, None, None]
        part = np.arange(_PARTS)[None, :, None] + (_NODES + 1) / 2
        probability = np.ldexp(0.5 + part / (2 * _PARTS), -octave)
        values = np.stack([tail(np.minimum(probability, 1.0)) for tail in self._exact])
        coefficients = values.reshape(-1, _DEGREE + 1) @ _TO_COEFFICIENTS.T
        # One row for each power: each is then gathered in one go.
        self._coefficients = np.ascontiguousarray(coefficients.T)

    def __call__(self, u: Values) -> Values:
        """Quantiles at probabilities u in (0, 1), of the same shape."""
        v = np.minimum(u, 1.0 - u)
        mantissa, exponent = np.frexp(np.maximum(v, _SMALLEST))
        place = (mantissa - 0.5) * (2 * _PARTS)
        part = place.astype(np.intp)
        row = part - exponent.astype(np.intp) * _PARTS + np.where(u > 0.5, _OCTAVES * _PARTS, 0)
        at = 2.0 * (place - part) - 1.0
        found: Values = self._coefficients[_DEGREE][row]
        for power in range(_DEGREE - 1, -1, -1):
            found = found * at + self._coefficients[power][row]
        return self._with_far_tails(found, u, v)

    def _with_far_tails(self, found: Values, u: Values, v: Values) -> Values:
        far = v < _SMALLEST
        if np.any(far):
            lower, upper = self._exact
            found[far & (u <= 0.5)] = lower(u[far & (u <= 0.5)])
            found[far & (u > 0.5)] = upper(v[far & (u > 0.5)])
        return found
