"""From what is stated of a law to the law: one function for each way to state it."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from costmodel.distributions.laws import (
    Beta,
    Distribution,
    Lognormal,
    Normal,
    Triangular,
    TruncatedNormal,
    Uniform,
    ndtri,
)

#: Makes a law of the numbers that are stated of it.
Maker: TypeAlias = Callable[..., Distribution]

#: Percentiles that may be stated, and their probabilities.
PERCENTILES = {"p05": 0.05, "p50": 0.5, "p95": 0.95}

# Two stated numbers that pin down a law may be repeated by a third only if it agrees this closely.
_AGREEMENT = 1e-3
# A shape that misses the most skewed one by less than this is that one.
_ROUNDING = 1e-9


def _increasing(**values: float) -> None:
    """Raise unless the named values strictly increase."""
    for (low, below), (high, above) in zip(list(values.items())[:-1], list(values.items())[1:], strict=True):
        if not below < above:
            raise ValueError(f"{low} = {below:g} must be below {high} = {above:g}")


def _mode_inside(min: float, mode: float, max: float) -> None:
    _increasing(min=min, max=max)
    if not min <= mode <= max:
        raise ValueError(f"mode = {mode:g} is outside the range from min = {min:g} to max = {max:g}")


def _positive(name: str, value: float) -> None:
    if not value > 0:
        raise ValueError(f"{name} = {value:g} must be above 0")


def uniform(min: float, max: float) -> Distribution:
    """A uniform between min and max."""
    _increasing(min=min, max=max)
    return Uniform(min, max)


def triangular(min: float, mode: float, max: float) -> Distribution:
    """A triangular by range and mode."""
    _mode_inside(min, mode, max)
    return Triangular(min, mode, max)


def pert(min: float, mode: float, max: float) -> Distribution:
    """A PERT by range and mode: a beta whose mean is (min + 4·mode + max)/6."""
    _mode_inside(min, mode, max)
    width = max - min
    return Beta(1 + 4 * (mode - min) / width, 1 + 4 * (max - mode) / width, min, max, "pert")


def normal(mean: float, sd: float) -> Distribution:
    """A normal by mean and standard deviation."""
    _positive("sd", sd)
    return Normal(mean, sd)


def truncated_normal(mean: float, sd: float, min: float = -np.inf, max: float = np.inf) -> Distribution:
    """A normal by mean and standard deviation before the cut."""
    _positive("sd", sd)
    _increasing(min=min, max=max)
    law = TruncatedNormal(mean, sd, min, max)
    low, high = law.tails
    if high - low < 1e-6:
        raise ValueError(f"the normal with mean = {mean:g}, sd = {sd:g} has no mass between {min:g} and {max:g}")
    return law


def lognormal(mean: float, sd: float) -> Distribution:
    """A lognormal by its own mean and standard deviation."""
    _positive("mean", mean)
    _positive("sd", sd)
    log_variance = np.log1p((sd / mean) ** 2)
    return Lognormal(float(np.log(mean) - log_variance / 2), float(np.sqrt(log_variance)))


def beta(mean: float, sd: float, min: float = 0.0, max: float = 1.0) -> Distribution:
    """A beta by mean and standard deviation between min and max."""
    _increasing(min=min, mean=mean, max=max)
    _positive("sd", sd)
    share, spread = (mean - min) / (max - min), sd / (max - min)
    total = share * (1 - share) / spread**2 - 1
    if total <= 0:
        raise ValueError(f"sd = {sd:g} is too large for a beta with mean = {mean:g} between {min:g} and {max:g}")
    return Beta(share * total, (1 - share) * total, min, max)


def _pair(stated: Mapping[str, float]) -> tuple[float, float, float, float]:
    """Probabilities and values of the outermost two stated percentiles, checked to increase."""
    names = [name for name in PERCENTILES if name in stated]
    _increasing(**{name: stated[name] for name in names})
    first, last = names[0], names[-1]
    return PERCENTILES[first], PERCENTILES[last], stated[first], stated[last]


def _agreed(law: Distribution, stated: Mapping[str, float]) -> Distribution:
    """The law, if it also passes through a third percentile that was not needed to pin it down."""
    span = max(stated.values()) - min(stated.values())
    for name, value in stated.items():
        implied = float(law.ppf(PERCENTILES[name]))
        if abs(implied - value) > _AGREEMENT * span:
            raise ValueError(
                f"two percentiles pin down a {law.law}, and this one has {name} = {implied:.4g}, not {value:g}; "
                f"leave out {name}, or choose pert or triangular, which take three"
            )
    return law


def uniform_by_percentiles(**stated: float) -> Distribution:
    """A uniform through two percentiles."""
    u1, u2, x1, x2 = _pair(stated)
    width = (x2 - x1) / (u2 - u1)
    return _agreed(Uniform(x1 - u1 * width, x1 + (1 - u1) * width), stated)


def normal_by_percentiles(**stated: float) -> Distribution:
    """A normal through two percentiles."""
    u1, u2, x1, x2 = _pair(stated)
    z1, z2 = float(ndtri(u1)), float(ndtri(u2))
    sd = (x2 - x1) / (z2 - z1)
    return _agreed(Normal(x1 - z1 * sd, sd), stated)


def lognormal_by_percentiles(**stated: float) -> Distribution:
    """A lognormal through two percentiles."""
    for name, value in stated.items():
        if value <= 0:
            raise ValueError(f"a lognormal has no value at or below 0, but {name} = {value:g}")
    u1, u2, x1, x2 = _pair(stated)
    z1, z2 = float(ndtri(u1)), float(ndtri(u2))
    log_sd = float(np.log(x2 / x1)) / (z2 - z1)
    return _agreed(Lognormal(float(np.log(x1)) - z1 * log_sd, log_sd), stated)


def _between(low: float, high: float, stated: Mapping[str, float], law: str) -> None:
    _increasing(min=low, max=high)
    for name, value in stated.items():
        if not low < value < high:
            raise ValueError(f"{name} = {value:g} must lie between min = {low:g} and max = {high:g} of the {law}")


def beta_by_percentiles(min: float = 0.0, max: float = 1.0, **stated: float) -> Distribution:
    """A beta between min and max through two percentiles."""
    _between(min, max, stated, "beta")
    u1, u2, x1, x2 = _pair(stated)
    y1, y2 = (x1 - min) / (max - min), (x2 - min) / (max - min)

    def misses(shape: NDArray[np.float64]) -> tuple[float, float]:
        a, b = np.exp(shape)
        return float(special.betainc(a, b, y1)) - u1, float(special.betainc(a, b, y2)) - u2

    spread = (y2 - y1) / (float(ndtri(u2)) - float(ndtri(u1)))
    centre = (y1 + y2) / 2
    total = np.maximum(centre * (1 - centre) / spread**2 - 1, 0.5)
    a, b = np.exp(_solve(misses, np.log([centre * total, (1 - centre) * total]), "beta", stated))
    return _agreed(Beta(float(a), float(b), min, max), stated)


def truncated_by_percentiles(min: float = -np.inf, max: float = np.inf, **stated: float) -> Distribution:
    """A normal cut at min and max, through two percentiles."""
    _between(min, max, stated, "truncated normal")
    u1, u2, x1, x2 = _pair(stated)
    unit = x2 - x1

    def misses(point: NDArray[np.float64]) -> tuple[float, float]:
        law = TruncatedNormal(x1 + unit * point[0], unit * float(np.exp(point[1])), min, max)
        return float(law.cdf(x1)) - u1, float(law.cdf(x2)) - u2

    place, log_scale = _solve(misses, np.array([0.5, np.log(0.3)]), "truncated normal", stated)
    return _agreed(TruncatedNormal(x1 + unit * place, unit * float(np.exp(log_scale)), min, max), stated)


def _solve(
    misses: Callable[[NDArray[np.float64]], tuple[float, float]],
    start: NDArray[np.float64],
    law: str,
    stated: Mapping[str, float],
) -> NDArray[np.float64]:
    from scipy import optimize  # here, since few laws need it and it is slow to load

    with np.errstate(all="ignore"):
        found = optimize.root(misses, start, tol=1e-13)
    if not np.all(np.isfinite(found.x)) or np.max(np.abs(found.fun)) > 1e-8:
        numbers = ", ".join(f"{name} = {value:g}" for name, value in stated.items())
        raise ValueError(f"no {law} has {numbers} within its range; widen the range or choose pert")
    solution: NDArray[np.float64] = found.x
    return solution


def three_point(make: Callable[[float, float, float], Distribution]) -> Maker:
    """A law with min, mode and max, found from its three percentiles.

    The ratio of the upper to the lower half-range depends on the place of the mode alone and rises steadily as the
    mode moves left, so one root gives the shape, and two percentiles then give place and width.
    """

    def by_percentiles(p05: float, p50: float, p95: float) -> Distribution:
        from scipy import optimize

        _increasing(p05=p05, p50=p50, p95=p95)

        def points(mode: float) -> NDArray[np.float64]:
            law = make(0.0, mode, 1.0)
            return np.array([float(law.ppf(u)) for u in PERCENTILES.values()])  # one by one: a table is not worth it

        def skew(mode: float) -> float:
            low, middle, high = points(mode)
            return float((high - middle) / (high - low))

        wanted = (p95 - p50) / (p95 - p05)
        if not skew(1.0) - _ROUNDING <= wanted <= skew(0.0) + _ROUNDING:
            low, high = (p95 - share * (p95 - p05) for share in (skew(0.0), skew(1.0)))
            law = make(0.0, 0.5, 1.0).law
            raise ValueError(
                f"no {law} has p05 = {p05:g}, p50 = {p50:g}, p95 = {p95:g}: with these outer percentiles p50 lies "
                f"between {low:.4g} and {high:.4g}; for more skew use lognormal"
            )
        wanted = np.clip(wanted, skew(1.0), skew(0.0))
        mode = float(optimize.brentq(lambda m: skew(m) - wanted, 0.0, 1.0, xtol=1e-14))
        low, _, high = points(mode)
        width = (p95 - p05) / (high - low)
        start = p05 - low * width
        return make(start, start + mode * width, start + width)

    return by_percentiles
