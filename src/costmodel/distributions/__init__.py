"""Probability laws of uncertain parameters, and how each is pinned down by what experts say.

Every law is a row of `LAWS`: its name, what may be stated of it (min, mode, max, mean, sd, percentiles), and
the function that makes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TypeAlias

from costmodel.distributions.elicit import (
    PERCENTILES,
    Maker,
    beta,
    beta_by_percentiles,
    lognormal,
    lognormal_by_percentiles,
    normal,
    normal_by_percentiles,
    pert,
    three_point,
    triangular,
    truncated_by_percentiles,
    truncated_normal,
    uniform,
    uniform_by_percentiles,
)
from costmodel.distributions.laws import Distribution

__all__ = ["LAWS", "PERCENTILES", "SHAPE_WORDS", "Distribution", "Law", "distribution"]

#: One way to state a law: the words that must be stated, and the function that takes them.
Form: TypeAlias = tuple[frozenset[str], Maker]


@dataclass(frozen=True)
class Law:
    """A row of `LAWS`.

    Attributes:
        name: word used for it under `dist`.
        forms: ways to state it: the names that must be stated, and the function that takes them.
        optional: names that may be stated besides, in any form.
        says: what it means, for the documentation.
    """

    name: str
    says: str
    forms: tuple[Form, ...]
    optional: frozenset[str] = frozenset()


def _forms(*forms: tuple[str, Maker]) -> tuple[Form, ...]:
    return tuple((frozenset(names.split()), make) for names, make in forms)


def _any_two(make: Maker) -> list[tuple[str, Maker]]:
    pairs = [" ".join(pair) for pair in combinations(PERCENTILES, 2)]
    return [(names, make) for names in ("p05 p95", *pairs, " ".join(PERCENTILES))]


_RANGE = frozenset({"min", "max"})

LAWS: dict[str, Law] = {
    law.name: law
    for law in (
        Law("uniform", "any value in the range alike", _forms(("min max", uniform), *_any_two(uniform_by_percentiles))),
        Law(
            "triangular",
            "a range and its likeliest value, straight sides",
            _forms(("min mode max", triangular), ("p05 p50 p95", three_point(triangular))),
        ),
        Law(
            "pert",
            "a range and its likeliest value, smooth sides",
            _forms(("min mode max", pert), ("p05 p50 p95", three_point(pert))),
        ),
        Law("normal", "a symmetric error", _forms(("mean sd", normal), *_any_two(normal_by_percentiles))),
        Law(
            "truncated_normal",
            "a symmetric error, cut at min and max (mean and sd are those before the cut)",
            _forms(("mean sd", truncated_normal), *_any_two(truncated_by_percentiles)),
            _RANGE,
        ),
        Law(
            "lognormal",
            "a positive quantity known within a factor",
            _forms(("mean sd", lognormal), *_any_two(lognormal_by_percentiles)),
        ),
        Law(
            "beta",
            "a share, or a quantity between min and max",
            _forms(("mean sd", beta), *_any_two(beta_by_percentiles)),
            _RANGE,
        ),
    )
}

#: Words that state the shape of a law.
SHAPE_WORDS = frozenset({"min", "mode", "max", "mean", "sd", *PERCENTILES})
# The order in which messages name them; a constant's `value` is no shape, but may be stated by mistake.
_ORDER = ("value", "min", "mode", "max", "mean", "sd", *PERCENTILES)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words, key=_ORDER.index))


@lru_cache(maxsize=4096)
def _make(name: str, stated: frozenset[tuple[str, float]]) -> Distribution:
    law, numbers = LAWS[name], {word: dict(stated)[word] for word in sorted(dict(stated), key=_ORDER.index)}
    for needed, make in law.forms:
        if needed <= numbers.keys() and numbers.keys() - needed <= law.optional:
            return make(**numbers)
    ways = " | ".join(dict.fromkeys(_listed(needed) for needed, _ in law.forms))
    optional = f" (and, if wanted, {_listed(law.optional)})" if law.optional else ""
    given = _listed(numbers) or "nothing"
    raise ValueError(f"a {name} is stated by {ways}{optional}; given: {given}")


def distribution(name: str, **stated: float) -> Distribution:
    """The law of that name that has the stated numbers.

    Args:
        name: a key of `LAWS`.
        stated: numbers that pin it down, in the parameter's unit, by the words of `SHAPE_WORDS`.

    Returns:
        A frozen law with `ppf`, `cdf`, `mean` and `sd`.

    Raises:
        ValueError: no such law, the wrong numbers for it, or numbers that no such law has.

    Examples:
        >>> law = distribution("lognormal", p05=10.0, p95=40.0)
        >>> round(float(law.ppf(0.5)), 6)
        20.0
        >>> distribution("uniform", p05=2.0, p95=1.0)
        Traceback (most recent call last):
        ValueError: p05 = 2 must be below p95 = 1
    """
    return _make(name, frozenset(stated.items()))
