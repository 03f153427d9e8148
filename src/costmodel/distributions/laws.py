"""Probability laws: each is used through its inverse distribution function alone."""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray
from scipy import special

from costmodel.arrays import Array
from costmodel.distributions.table import InverseTable, Stretched, standard_normal


class Distribution(Protocol):
    """A probability law; all methods broadcast."""

    @property
    def law(self) -> str:
        """Name of the row of `LAWS`."""

    @property
    def mean(self) -> float:
        """Expected value."""

    @property
    def sd(self) -> float:
        """Standard deviation."""

    @property
    def stretched(self) -> Stretched | None:
        """The table by which many quantiles are found; None where the function itself is fast, or too steep."""

    def ppf(self, u: Array) -> Array:
        """Inverse distribution function at probability u in (0, 1)."""

    def cdf(self, x: Array) -> Array:
        """Probability of a value of at most x."""


@dataclass(frozen=True)
class Uniform:
    """Every value between min and max is as likely as any other."""

    min: float
    max: float
    law: str = "uniform"
    stretched: ClassVar[None] = None

    @property
    def mean(self) -> float:
        return (self.min + self.max) / 2

    @property
    def sd(self) -> float:
        return float((self.max - self.min) / np.sqrt(12.0))

    def ppf(self, u: Array) -> Array:
        return self.min + u * (self.max - self.min)

    def cdf(self, x: Array) -> Array:
        return np.clip((x - self.min) / (self.max - self.min), 0.0, 1.0)


@dataclass(frozen=True)
class Triangular:
    """Density rises linearly from min to mode and falls linearly to max."""

    min: float
    mode: float
    max: float
    law: str = "triangular"
    stretched: ClassVar[None] = None

    @property
    def mean(self) -> float:
        return (self.min + self.mode + self.max) / 3

    @property
    def sd(self) -> float:
        a, c, b = self.min, self.mode, self.max
        return float(np.sqrt((a * a + b * b + c * c - a * b - a * c - b * c) / 18.0))

    def ppf(self, u: Array) -> Array:
        width, left, right = self.max - self.min, self.mode - self.min, self.max - self.mode
        rising = self.min + np.sqrt(u * width * left)
        return np.where(u * width < left, rising, self.max - np.sqrt((1.0 - u) * width * right))

    def cdf(self, x: Array) -> Array:
        width, left, right = self.max - self.min, self.mode - self.min, self.max - self.mode
        x = np.clip(x, self.min, self.max)
        rising = (x - self.min) ** 2 / (width * left) if left > 0 else np.zeros_like(x)
        falling = 1.0 - (self.max - x) ** 2 / (width * right) if right > 0 else np.ones_like(x)
        return np.where(x < self.mode, rising, falling)


@dataclass(frozen=True)
class Beta:
    """Beta law with shapes a and b, stretched from min to max; PERT is the one with a stated mode."""

    a: float
    b: float
    min: float = 0.0
    max: float = 1.0
    law: str = "beta"

    @property
    def mean(self) -> float:
        return self.min + (self.max - self.min) * self.a / (self.a + self.b)

    @property
    def sd(self) -> float:
        total = self.a + self.b
        return float((self.max - self.min) * np.sqrt(self.a * self.b / (total * total * (total + 1.0))))

    @property
    def stretched(self) -> Stretched | None:
        """The table behind it; None for a law too steep for one."""
        if min(self.a, self.b) < _TABULATED_FROM:
            return None
        return Stretched(_beta_table(self.a, self.b), self.min, self.max - self.min, 0.0, 1.0)

    def ppf(self, u: Array) -> Array:
        if _many(u) and self.stretched:
            return self.stretched(u)
        scaled: Array = self.min + (self.max - self.min) * special.betaincinv(self.a, self.b, u)
        return scaled

    def cdf(self, x: Array) -> Array:
        share = np.clip((x - self.min) / (self.max - self.min), 0.0, 1.0)
        probability: Array = special.betainc(self.a, self.b, share)
        return probability


def _many(u: Array) -> TypeGuard[NDArray[np.float64]]:
    """Whether there are so many probabilities that a table is worth its making; single ones are computed exactly."""
    return isinstance(u, np.ndarray) and u.ndim > 0


# A beta with a smaller shape rises too steeply at its end for the table's polynomials.
_TABULATED_FROM = 0.4


# A lognormal with a larger spread is too steep for the table's polynomials.
_TABULATED_TO = 1.5


@lru_cache(maxsize=1024)
def _lognormal_table(log_sd: float) -> InverseTable:
    """Quantiles of a lognormal with median 1."""
    return InverseTable(lambda v: np.exp(log_sd * ndtri(v)), lambda v: np.exp(-log_sd * ndtri(v)))


@lru_cache(maxsize=1024)
def _beta_table(a: float, b: float) -> InverseTable:
    """Inverse of the regularised incomplete beta function, some twenty times as fast as computing it."""
    return InverseTable(lambda v: special.betaincinv(a, b, v), lambda v: 1.0 - special.betaincinv(b, a, v))


@dataclass(frozen=True)
class Normal:
    """Normal law."""

    mean: float
    sd: float
    law: str = "normal"

    @property
    def stretched(self) -> Stretched:
        """The table behind it."""
        return Stretched(standard_normal(), self.mean, self.sd)

    def ppf(self, u: Array) -> Array:
        if _many(u):
            return self.stretched(u)
        return self.mean + self.sd * ndtri(u)

    def cdf(self, x: Array) -> Array:
        return ndtr((x - self.mean) / self.sd)


@dataclass(frozen=True)
class TruncatedNormal:
    """Normal law with mean `location` and standard deviation `scale`, cut at min and max."""

    location: float
    scale: float
    min: float
    max: float
    law: str = "truncated_normal"
    stretched: ClassVar[None] = None

    @property
    def tails(self) -> tuple[float, float]:
        """Probabilities of the uncut normal below min and below max."""
        low, high = (float(ndtr((edge - self.location) / self.scale)) for edge in (self.min, self.max))
        return low, high

    @property
    def mean(self) -> float:
        return self.location + self.scale * self._moments()[0]

    @property
    def sd(self) -> float:
        return self.scale * self._moments()[1]

    def _moments(self) -> tuple[float, float]:
        """Mean and standard deviation of the standardised law."""
        z = np.array([(edge - self.location) / self.scale for edge in (self.min, self.max)])
        density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        low, high = self.tails
        mean = (density[0] - density[1]) / (high - low)
        finite = np.where(np.isfinite(z), z, 0.0)
        variance = 1 + (finite[0] * density[0] - finite[1] * density[1]) / (high - low) - mean**2
        return float(mean), float(np.sqrt(variance))

    def ppf(self, u: Array) -> Array:
        low, high = self.tails
        return np.clip(self.location + self.scale * ndtri(low + u * (high - low)), self.min, self.max)

    def cdf(self, x: Array) -> Array:
        low, high = self.tails
        inside = ndtr((np.clip(x, self.min, self.max) - self.location) / self.scale)
        return (inside - low) / (high - low)


@dataclass(frozen=True)
class Lognormal:
    """The logarithm is normal, with mean `log_mean` and standard deviation `log_sd`."""

    log_mean: float
    log_sd: float
    law: str = "lognormal"

    @property
    def mean(self) -> float:
        return float(np.exp(self.log_mean + self.log_sd**2 / 2))

    @property
    def sd(self) -> float:
        return float(self.mean * np.sqrt(np.expm1(self.log_sd**2)))

    @property
    def stretched(self) -> Stretched | None:
        """The table behind it; None for a law too steep for one."""
        if self.log_sd > _TABULATED_TO:
            return None
        return Stretched(_lognormal_table(self.log_sd), 0.0, float(np.exp(self.log_mean)))

    def ppf(self, u: Array) -> Array:
        if _many(u) and self.stretched:
            return self.stretched(u)
        return np.exp(self.log_mean + self.log_sd * ndtri(u))

    def cdf(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return ndtr((np.log(np.maximum(x, 0.0)) - self.log_mean) / self.log_sd)


def ndtr(z: Array) -> Array:
    """Distribution function of the standard normal."""
    probability: Array = special.ndtr(z)
    return probability


def ndtri(u: Array) -> Array:
    """Inverse distribution function of the standard normal."""
    quantile: Array = special.ndtri(u)
    return quantile
