"""Sobol' indices of any function: how much of a result's variance each input causes, alone and with others."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from costmodel.sampling import REPLICATES

Draw: TypeAlias = NDArray[np.float64]
#: Inputs that are swapped together.
Group: TypeAlias = tuple[str, ...]

#: Probability that an interval leaves out on each side.
TAIL = 0.025
#: Fewer draws than this say nothing about how far the sequences disagree.
FEWEST = 2 * REPLICATES
# Below this share of its size a result's spread is rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Index:
    """A share with its Monte Carlo error.

    Attributes:
        value: the estimate; noise may put it a little outside of 0 to 1.
        error: standard error, from the disagreement of the independently scrambled sequences.
    """

    value: float
    error: float

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval (Student's t, one degree of freedom less than there are sequences)."""
        return self.value - quantile() * self.error

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.value + quantile() * self.error


#: Of an input that the result does not depend on.
NOTHING = Index(0.0, 0.0)


@dataclass(frozen=True)
class Influence:
    """How much of a result's variance a group of inputs causes.

    Attributes:
        paths: the inputs, swapped together.
        first: first-order index S1, what the group causes alone: the share of the variance that would vanish, on
            average, if it were known.
        total: total index ST, what it causes alone and together with others: the share that would be left if all others
            were known.
    """

    paths: Group
    first: Index
    total: Index


def quantile() -> float:
    """Half the width of a 95 % interval in standard errors."""
    return float(stdtrit(REPLICATES - 1, 1.0 - TAIL))


def varies(draws: Draw) -> bool:
    """Whether a result takes more than one value, rounding apart."""
    return bool(np.ptp(draws) > _ROUNDING * np.max(np.abs(draws)))


def by_sequence(draws: Draw) -> Draw:
    """Draws by their sequence, shape (points, sequences); draws that would leave the last row short are left out."""
    return draws[: len(draws) // REPLICATES * REPLICATES].reshape(-1, REPLICATES)


def ratio(parts: Draw, whole: Draw) -> Index:
    """A ratio of two means with its error.

    Args:
        parts: numerator of each sequence, shape (sequences,).
        whole: denominator of each sequence.
    """
    value = float(np.sum(parts) / np.sum(whole))
    # To first order a ratio of means errs like the mean of these (the delta method).
    errs = (parts - value * whole) / np.mean(whole)
    return Index(value, float(np.std(errs, ddof=1) / np.sqrt(len(errs))))


def estimated(first: Draw, second: Draw, swapped: Iterable[tuple[Group, Draw]]) -> list[Influence]:
    """First-order and total Sobol' indices from a function's values.

    With A and B two independent samples of the inputs, and AB the sample A with one group of inputs taken from B,

        S1 = mean( f(B) · (f(AB) − f(A)) ) / V          ST = mean( (f(A) − f(AB))² ) / 2V

    where V is the variance of f, and f is taken from its mean.

    Args:
        first: f(A), shape (draws,), draw i of sequence i % 16.
        second: f(B).
        swapped: f(AB) of each group, with the group. Where it is the very array `first`, f does not depend on the group
            and both indices are exactly 0.

    Returns:
        Indices of each group with their errors, in the order given.

    Raises:
        ValueError: f does not vary, or there are too few draws.

    References:
        Saltelli, Annoni, Azzini, Campolongo, Ratto & Tarantola (2010), "Variance based sensitivity analysis of model
        output", Computer Physics Communications 181(2): S1. Jansen (1999), "Analysis of variance designs for model
        output", Computer Physics Communications 117(1–2): ST.
    """
    if len(first) < FEWEST:
        raise ValueError(f"Sobol' indices need at least {FEWEST} draws, not {len(first)}")
    if not varies(first):
        raise ValueError("the result does not vary, so that there is no variance to attribute")
    at_a, at_b = by_sequence(first), by_sequence(second)
    centre = np.mean(at_a + at_b) / 2
    from_b = at_b - centre
    variance = (np.mean((at_a - centre) ** 2, axis=0) + np.mean(from_b**2, axis=0)) / 2
    found = []
    for group, values in swapped:
        if values is first:
            found.append(Influence(group, NOTHING, NOTHING))
            continue
        step = by_sequence(values) - at_a
        alone, altogether = np.mean(from_b * step, axis=0), np.mean(step**2, axis=0) / 2
        found.append(Influence(group, ratio(alone, variance), ratio(altogether, variance)))
    return found


def sobol(
    model: Callable[[Mapping[str, Draw]], Draw],
    first: Mapping[str, Draw],
    second: Mapping[str, Draw],
    groups: Sequence[Group] | None = None,
) -> list[Influence]:
    """First-order and total Sobol' indices of a function of independent groups of inputs.

    Args:
        model: the function; it takes arrays by name, of shape (draws,), and gives one.
        first: sample A: values of each input by name, draw i of independent sequence i % 16.
        second: sample B, independent of A.
        groups: inputs that are swapped together, since they depend on each other; by default each input alone.

    Returns:
        Indices of each group with their errors.

    Raises:
        ValueError: the function's value does not vary, or there are too few draws.

    Examples:
        >>> from scipy.stats import qmc
        >>> def points(seed):
        ...     return qmc.Sobol(4, rng=seed).random(256)
        >>> cube = np.stack([points(seed) for seed in range(16)], axis=1).reshape(-1, 4)
        >>> a, b = {"x": cube[:, 0], "y": cube[:, 1]}, {"x": cube[:, 2], "y": cube[:, 3]}
        >>> x, y = sobol(lambda values: values["x"] + 2 * values["y"], a, b)
        >>> round(x.first.value, 2), round(y.total.value, 2)
        (0.2, 0.8)
    """
    alone = [(name,) for name in first] if groups is None else groups
    swapped = ((group, model({**first, **{name: second[name] for name in group}})) for group in alone)
    return estimated(model(first), model(second), swapped)
