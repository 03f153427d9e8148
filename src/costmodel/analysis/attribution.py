"""Why one parameter set costs more than another: the difference divided among groups of parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.division import Division, Game
from costmodel.analysis.mixture import Pairing, Part
from costmodel.analysis.shapley import MOST_COALITIONS
from costmodel.analysis.statistics import PERCENTILES, Draw, Estimate, estimate
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.outcomes import Outcome, closest, outcome
from costmodel.parameters.model import ParameterSet

#: Outcome that is explained when none is named.
DEFAULT_OUTCOME = "lowest.mix"
#: Draws when nothing else is said: two digits of every share, in a second or two.
DRAWS = 4096
#: How to read a sign.
SIGN = "positive: raises B over A; negative: lowers it"

_BAND = ("p05", "p50", "p95")


@dataclass(frozen=True)
class Contribution:
    """What a part of the parameters contributes to the difference.

    Attributes:
        part: which parameters.
        draws: contribution in every draw, in the outcome's unit.
        sampling_error: standard error of the mean that comes from looking at some orders and not at all; None where
            all coalitions were.
    """

    part: Part
    draws: Draw
    sampling_error: float | None = None

    @cached_property
    def mean(self) -> Estimate:
        """Mean over the draws, with its Monte Carlo error."""
        return estimate(self.draws, lambda draws: np.mean(draws, axis=-1))

    @property
    def error(self) -> float | None:
        """Standard error of the mean from the draws and from sampled orders together; None for too few draws."""
        return None if self.mean.error is None else float(np.hypot(self.mean.error, self.sampling_error or 0.0))

    @cached_property
    def band(self) -> dict[str, float]:
        """5th, 50th and 95th percentile over the draws."""
        return percentiles(self.draws)


@dataclass(frozen=True)
class Attribution:
    """The difference of an outcome between two sets, divided among groups of parameters.

    Attributes:
        before, after: sets A and B.
        outcome: what differs.
        draws, seed: how many, and from which seed; a draw of A and the same draw of B belong together.
        method: `exact` or `permutations`.
        count: coalitions that were computed, or orders in which the groups joined.
        first, last: the outcome of A and of B in every draw.
        groups: contributions, which add up to `last - first` in every draw.
        within: name of the group that is divided further.
        members: contributions of its parameters, which add up to the group's in every draw.
    """

    before: ParameterSet
    after: ParameterSet
    outcome: Outcome
    draws: int
    seed: int
    method: str
    count: int
    first: Draw
    last: Draw
    groups: tuple[Contribution, ...]
    within: str | None = None
    members: tuple[Contribution, ...] = ()

    @property
    def difference(self) -> Draw:
        """Outcome of B less that of A, in every draw."""
        return self.last - self.first

    @cached_property
    def whole(self) -> Contribution:
        """The whole difference, as what all groups together contribute."""
        paths = tuple(path for item in self.groups for path in item.part.paths)
        return Contribution(Part("difference", "B less A", paths), self.difference)

    @cached_property
    def a(self) -> dict[str, float]:
        """Mean and percentiles of the outcome of A."""
        return {"mean": float(np.mean(self.first)), **percentiles(self.first)}

    @cached_property
    def b(self) -> dict[str, float]:
        """Mean and percentiles of the outcome of B."""
        return {"mean": float(np.mean(self.last)), **percentiles(self.last)}

    def steps(self, parts: Sequence[Contribution]) -> list[float]:
        """Where the way from the mean of A to that of B stands before each part, and after the last."""
        return [self.a["mean"] + sum(item.mean.value for item in parts[:at]) for at in range(len(parts) + 1)]

    def shown(self, most: int) -> tuple[Contribution, ...]:
        """The groups with the largest mean, and all others as one.

        Args:
            most: number of rows.
        """
        ordered = ranked(self.groups)
        if len(ordered) <= most:
            return ordered
        rest = ordered[most - 1 :]
        paths = tuple(path for item in rest for path in item.part.paths)
        part = Part("others", f"{len(rest)} others together", paths)
        return (*ordered[: most - 1], Contribution(part, np.sum([item.draws for item in rest], axis=0)))


def percentiles(draws: Draw) -> dict[str, float]:
    """5th, 50th and 95th percentile of draws."""
    return {name: float(np.quantile(draws, PERCENTILES[name])) for name in _BAND}


def ranked(parts: Sequence[Contribution]) -> tuple[Contribution, ...]:
    """Contributions, the largest mean first, whatever its sign."""
    return tuple(sorted(parts, key=lambda item: -abs(item.mean.value)))


def attribute(
    before: ParameterSet,
    after: ParameterSet,
    name: str = DEFAULT_OUTCOME,
    *,
    within: str | None = None,
    draws: int = DRAWS,
    seed: int | None = None,
    most: int = MOST_COALITIONS,
) -> Attribution:
    """Why an outcome of B is another one than that of A: Shapley values of the groups of parameters that differ.

    A group's contribution is what the outcome changes by when the group moves from its values in A to those in B,
    averaged over all orders in which the groups can move. In every draw the contributions add up to the whole
    difference. Groups are `reference`, `finance`, `chips`, `sites`, `workloads`, `demand` (with `enforcement`) and each
    channel. With `within`, the group's contribution is divided among its parameters by Owen's value: the average over
    those orders in which they move one after the other, without another group between them.

    Args:
        before: set A.
        after: set B.
        name: outcome, see `costmodel.outcomes`; both sets must have it.
        within: group to divide among its single parameters.
        draws: number of draws, the same of both sets.
        seed: by default that of A.
        most: coalitions that are computed at most; where there are more, orders are sampled, each with its reverse.

    Raises:
        ParameterError: no such outcome or group, sets that cannot be mixed, or an outcome that is not finite.

    Examples:
        >>> from costmodel import load
        >>> changes = {"finance.discount_rate": 0.2, "channels.domestic.availability": 0.8}
        >>> found = attribute(load("baseline"), load("baseline", changes), "cost.mix.domestic", draws=64)
        >>> [item.part.name for item in found.groups], all(item.mean.value > 0 for item in found.groups)
        (['finance', 'channels.domestic'], True)
        >>> bool(np.allclose(sum(item.draws for item in found.groups), found.difference, rtol=1e-12))
        True
    """
    return attributed(before, after, (name,), within=within, draws=draws, seed=seed, most=most)[0]


def attributed(
    before: ParameterSet,
    after: ParameterSet,
    names: Sequence[str],
    *,
    within: str | None = None,
    draws: int = DRAWS,
    seed: int | None = None,
    most: int = MOST_COALITIONS,
) -> list[Attribution]:
    """What `attribute` says of several outcomes: both sets are drawn, and each mixture of them evaluated, once.

    Args:
        before: set A.
        after: set B.
        names: outcomes; both sets must have them.
        within: group to divide among its single parameters.
        draws: number of draws, the same of both sets.
        seed: by default that of A.
        most: coalitions that are computed at most.

    Raises:
        ParameterError: as `attribute` does.
    """
    abouts = [[_outcome(case, name) for case in (before, after)][1] for name in names]
    seed = before.seed if seed is None else seed
    if draws < 1:
        raise ParameterError([Problem("", f"must be at least 1, not {draws}", "--draws")])
    pairing = Pairing(before, after, draws, seed)
    divided = None if within is None else _group(pairing, within)
    game = Game(pairing, divided, most, seed)
    game.mixture.check(game.coalitions, names)
    return [_told(game, divided, about, found) for about, found in zip(abouts, game.played(abouts), strict=True)]


def _told(game: Game, divided: Part | None, about: Outcome, found: Division) -> Attribution:
    pairing = game.pairing
    members = pairing.members(divided) if divided else ()
    return Attribution(
        before=pairing.before,
        after=pairing.after,
        outcome=about,
        draws=pairing.draws,
        seed=pairing.seed,
        method="permutations" if game.orders else "exact",
        count=2 * len(game.orders.pairs) if game.orders else len(game.coalitions),
        first=found.ends[0],
        last=found.ends[1],
        groups=_contributions(pairing.groups, found.groups, found.group_errors),
        within=divided.name if divided else None,
        members=_contributions(members, found.members, found.member_errors),
    )


def _outcome(case: ParameterSet, name: str) -> Outcome:
    try:
        return outcome(case, name)
    except ParameterError:
        message = f"{case.name} has no outcome `{name}`, and both sets must have it; {closest(case, name)}"
        raise ParameterError([Problem("", message, "--outcome")]) from None


def _group(pairing: Pairing, name: str) -> Part:
    known = {part.name: part for part in pairing.groups}
    found = known.get(name) or known.get(f"channels.{name}")
    if found is None:
        between = f"between {pairing.before.name} and {pairing.after.name}"
        message = f"no group `{name}` differs {between}; {nearest(name, list(known))}"
        raise ParameterError([Problem("", message, "--within")])
    return found


def _contributions(
    parts: Sequence[Part], draws: NDArray[np.float64], errors: Sequence[float | None]
) -> tuple[Contribution, ...]:
    return tuple(Contribution(*item) for item in zip(parts, draws, errors, strict=True))


def attribution_json(found: Attribution) -> dict[str, Any]:
    """An attribution with the keys of `costmodel attribute --format json`."""
    within = None
    if found.within is not None:
        within = {"group": found.within, "parameters": [_part_json(item, "parameter") for item in found.members]}
    return {
        "from": found.before.name,
        "to": found.after.name,
        "outcome": found.outcome.name,
        "unit": found.outcome.unit,
        "draws": found.draws,
        "seed": found.seed,
        "method": found.method,
        "coalitions" if found.method == "exact" else "permutations": found.count,
        "sign": SIGN,
        "a": _draws_json(found.first),
        "b": _draws_json(found.last),
        "difference": _draws_json(found.difference),
        "groups": [_part_json(item, "group") for item in found.groups],
        "within": within,
    }


def _draws_json(draws: Draw) -> dict[str, float | None]:
    mean = estimate(draws, lambda each: np.mean(each, axis=-1))
    return {"mean": mean.value, "error": mean.error, **percentiles(draws)}


def _part_json(item: Contribution, kind: str) -> dict[str, Any]:
    return {
        kind: item.part.name,
        "label": item.part.label,
        "mean": item.mean.value,
        "error": item.mean.error,
        **item.band,
        "sampling_error": item.sampling_error,
        "parameters": list(item.part.paths),
    }
