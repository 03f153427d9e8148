"""What each policy lever does: price and compute denied along its range, and which of them moves the outcome most.

All comparisons are within draws: a lever is set, and everything else stays as it is drawn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from costmodel.analysis.ranges import span
from costmodel.analysis.sample import Draw, Sample
from costmodel.analysis.statistics import Estimate, NotFiniteError
from costmodel.analysis.streaming import summaries_of
from costmodel.costs import UNIT
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.market import market, required
from costmodel.parameters.model import Lever, ParameterSet
from costmodel.parameters.vary import check_together, numbers
from costmodel.words import lever_label

Statistics: TypeAlias = Mapping[str, Estimate]
#: Draws by outcome.
Outcomes: TypeAlias = Mapping[str, Draw]

#: What is followed along a lever: results of the market, with their units.
FOLLOWED = {"price": UNIT, "premium": "1", "compute_denied": "1"}
#: Outcomes by whose change levers are ranked.
RANKED = ("premium", "compute_denied")
#: Values along a lever's range, and draws, where nothing else is asked for: enough for a chart, and quick.
POINTS, DRAWS = 21, 2048

# Both sides of where a lever stands at which its elasticity is told, and their distance: a tenth.
_BELOW, _ABOVE, _TENTH = 0.95, 1.05, 0.1
# Statistics that are told of each outcome.
_TOLD = ("mean", "p05", "p50", "p95")
_OPTION = "--lever"
_SWITCH = "is open or closed, so that there is no relative change of it"
_ZERO = "stands at 0, of which there is no relative change"
_EDGE = "cannot be moved by a twentieth to either side of where it stands"


@dataclass(frozen=True)
class Frontier:
    """Outcomes of the market along one lever.

    Attributes:
        case: parameter set.
        draws, seed: how many draws, and from which seed.
        lever: the lever; of a channel that is open or closed, the ends are 0 and 1.
        switch: whether it is such a one, or a range of numbers.
        values: values to which all its parameters are set, rising, in their unit as the set states them.
        curves: for each of `FOLLOWED` what all draws say at each value.
        present: the same with every parameter of the lever at its own central value.
        swing: change of each outcome from the low to the high end, within draws.
        near: change over the tenth of the range about where the lever stands; None for a switch.
        elasticity: relative change of the price over that without controls, by relative change of the lever, both
            about where it stands; None where that cannot be told.
        denied: change of the share of compute denied for a rise of the lever by a tenth of itself; None likewise.
        reason: why the two are None.
    """

    case: ParameterSet
    draws: int
    seed: int
    lever: Lever
    switch: bool
    values: tuple[float, ...]
    curves: Mapping[str, tuple[Statistics, ...]]
    present: Mapping[str, Statistics]
    swing: Mapping[str, Statistics]
    near: Mapping[str, Statistics] | None
    elasticity: Statistics | None
    denied: Statistics | None
    reason: str | None

    @property
    def label(self) -> str:
        """The lever's name in tables and charts."""
        return lever_label(self.case, self.lever)

    @property
    def unit(self) -> str | None:
        """Unit of the lever's parameters; None for a switch."""
        return self.case.parameters[self.lever.paths[0]].unit

    @property
    def current(self) -> dict[str, float]:
        """Where each parameter of the lever stands: its central value as the set states it."""
        return current(self.case, self.lever)

    @property
    def moves(self) -> bool:
        """Whether anything followed depends on the lever in any draw."""
        return any(one != found[0] for found in self.curves.values() for one in found)


def current(case: ParameterSet, lever: Lever) -> dict[str, float]:
    """Central value of each parameter of a lever, as the set states it."""
    return {path: float(case.parameters[path].value) for path in lever.paths}  # type: ignore[arg-type]


def named(case: ParameterSet, asked: str) -> Lever:
    """A lever of a set, or any parameter taken as one.

    Args:
        case: parameter set.
        asked: name of a lever or path of a parameter; `=LOW:HIGH` behind it gives another range. Without it a
            parameter is moved as far as `ranges.span` says. `channels.<c>.available` is compared open and closed.

    Raises:
        ParameterError: no such lever or parameter, one that cannot be moved, or a range that cannot be.

    Examples:
        >>> from costmodel import load
        >>> case = load("baseline")
        >>> lever = named(case, "licence_fee=10 %:0.3")
        >>> lever.paths, lever.low, lever.high
        (('channels.direct.export_fee',), 0.1, 0.3)
    """
    name, equals, ends = asked.partition("=")
    name = name.strip().removeprefix("assumptions.")
    known = case.levers.get(name)
    if known is None and name not in case.parameters:
        message = f"no lever or parameter `{name}`; {nearest(name, [*case.levers, *case.parameters])}"
        raise ParameterError([Problem("", message, _OPTION)])
    lever = known or Lever(name, None, (name,), 0.0, 1.0)
    if _is_switch(case, lever):
        if equals:
            raise ParameterError([Problem(name, "is open or closed and has no range; leave it out", _OPTION)])
        return lever
    if known and not equals:
        return known
    low, colon, high = ends.partition(":")
    if equals and not colon:
        raise ParameterError([Problem(name, f"`{ends}` must be LOW:HIGH, as in 0:40 %", _OPTION)])
    return _between(case, lever, (low, high) if equals else None)


def _between(case: ParameterSet, lever: Lever, ends: tuple[str, str] | None) -> Lever:
    try:
        low, high = span(case, lever.paths[0], ends)
    except ParameterError as error:
        hint = "state its range: --lever PATH=LOW:HIGH"
        raise ParameterError(
            replace(problem, file=_OPTION, message=problem.message.replace("state its range: --range LOW HIGH", hint))
            for problem in error.problems
        ) from None
    if low == high:
        raise ParameterError([Problem(lever.name, f"{low:g} to {high:g} is no range: the low end first", _OPTION)])
    return replace(lever, low=low, high=high)


def _is_switch(case: ParameterSet, lever: Lever) -> bool:
    """Whether a lever opens and closes a channel."""
    (first, *others) = lever.paths
    return not others and first.endswith(".available") and isinstance(case.parameters[first].value, bool)


def frontiers(sample: Sample, levers: Iterable[Lever] | None = None, points: int = POINTS) -> tuple[Frontier, ...]:
    """Price, premium and compute denied along each of some levers.

    Args:
        sample: draws.
        levers: which; by default all of the set.
        points: values along each range, 2 or more.

    Raises:
        ParameterError: the set states no demand, a lever's range does not fit the set, or what is followed is infinite
            or no number in some draws.

    Examples:
        >>> from costmodel import load
        >>> from costmodel.analysis.sample import sample
        >>> few = sample(load("baseline"), 64)
        >>> found = frontiers(few, [named(few.case, "licensed_volume")], 3)[0]
        >>> found.values, bool(found.swing["premium"]["mean"].value < 0)
        ((0.0, 1000000.0, 2000000.0), True)
    """
    required(sample.case)
    levers = list(sample.case.levers.values() if levers is None else levers)
    names = [lever.name for lever in levers]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ParameterError([Problem("", f"`{twice[0]}` is named twice", _OPTION)])
    # What no lever moves is then computed here, once for all of them.
    _outcomes(sample, {})
    try:
        return tuple(_frontier(sample, lever, points) for lever in levers)
    except NotFiniteError:
        message = "the price or compute denied is infinite or no number in some draws; look for values out of all scale"
        raise ParameterError([Problem("demand", message)]) from None


def _frontier(sample: Sample, lever: Lever, points: int) -> Frontier:
    case, switch = sample.case, _is_switch(sample.case, lever)
    values = (0.0, 1.0) if switch else tuple(np.linspace(lever.low, lever.high, points).tolist())
    check_together(case, lever.paths, [(x,) * len(lever.paths) for x in (lever.low, lever.high)])
    along = [_outcomes(sample, dict.fromkeys(lever.paths, bool(x) if switch else x)) for x in values]
    curves = {name: tuple(summaries_of([found[name] for found in along])) for name in FOLLOWED}
    at = {path: bool(x) for path, x in current(case, lever).items()} if switch else current(case, lever)
    elasticity, denied, reason = (None, None, _SWITCH) if switch else _about(sample, lever)
    return Frontier(
        case=case,
        draws=sample.draws,
        seed=sample.seed,
        lever=lever,
        switch=switch,
        values=values,
        curves=curves,
        present=_told_of(_outcomes(sample, at)),
        swing=_changes(along[0], along[-1]),
        near=None if switch else _changes(*(_outcomes(sample, ends) for ends in _window(case, lever))),
        elasticity=elasticity,
        denied=denied,
        reason=reason,
    )


def _outcomes(sample: Sample, values: Mapping[str, Any]) -> Outcomes:
    """The outcomes in every draw with some parameters at the same values in all of them."""
    found = market(sample.evaluation.changed(values) if values else sample.evaluation)
    return {name: np.broadcast_to(np.asarray(getattr(found, name), dtype=float), sample.draws) for name in FOLLOWED}


def _changes(before: Outcomes, after: Outcomes) -> dict[str, Statistics]:
    return _told_of({name: after[name] - before[name] for name in FOLLOWED})


def _told_of(found: Outcomes) -> dict[str, Statistics]:
    return dict(zip(found, summaries_of(list(found.values())), strict=True))


def _window(case: ParameterSet, lever: Lever) -> tuple[dict[str, float], dict[str, float]]:
    """Ends of the tenth of the range about where each parameter stands, moved inside the range where it sticks out."""
    width = _TENTH * (lever.high - lever.low)
    low = {
        path: min(max(value - width / 2, lever.low), lever.high - width) for path, value in current(case, lever).items()
    }
    return low, {path: value + width for path, value in low.items()}


def _about(sample: Sample, lever: Lever) -> tuple[Statistics | None, Statistics | None, str | None]:
    """Elasticity of the price, and change of compute denied, about where a lever stands; or why there is none."""
    now = current(sample.case, lever)
    if not any(now.values()):
        return None, None, _ZERO
    # At an edge of what a parameter may be, one side alone.
    sides = [side if _fits(sample.case, _scaled(now, side)) else 1.0 for side in (_BELOW, _ABOVE)]
    if sides[0] == sides[1]:
        return None, None, _EDGE
    low, high = (_outcomes(sample, _scaled(now, side)) for side in sides)
    rise = np.log((1.0 + high["premium"]) / (1.0 + low["premium"])) / np.log(sides[1] / sides[0])
    denied = (high["compute_denied"] - low["compute_denied"]) * _TENTH / (sides[1] - sides[0])
    found = summaries_of([rise, denied])
    return found[0], found[1], None


def _scaled(values: Mapping[str, float], factor: float) -> dict[str, float]:
    return {path: factor * value for path, value in values.items()}


def _fits(case: ParameterSet, values: Mapping[str, float]) -> bool:
    """Whether parameters may have some values, each and together."""
    try:
        numbers(case, {path: [value] for path, value in values.items()})
        check_together(case, list(values), [tuple(values.values())])
    except ParameterError:
        return False
    return True


def ranking(found: Sequence[Frontier], outcome: str) -> list[str]:
    """Names of levers by how far they move an outcome in the mean over a tenth of their range, the farthest first.

    Args:
        found: what the levers do.
        outcome: one of `RANKED`. Switches, of which there is no tenth, are not in it.
    """
    moved = {one.lever.name: abs(one.near[outcome]["mean"].value) for one in found if one.near is not None}
    return sorted(moved, key=lambda name: -moved[name])


def frontier_json(found: Sequence[Frontier]) -> dict[str, Any]:
    """What levers do, with the keys of `costmodel frontier --format json`.

    Args:
        found: one or more levers of one set.
    """
    first = found[0]
    return {
        "set": first.case.name,
        "units": FOLLOWED,
        "draws": first.draws,
        "seed": first.seed,
        "levers": {one.lever.name: _lever_json(one) for one in found},
        "ranking": {outcome: ranking(found, outcome) for outcome in RANKED},
    }


def _lever_json(found: Frontier) -> dict[str, Any]:
    return {
        "label": found.label,
        "paths": list(found.lever.paths),
        "unit": found.unit,
        "range": None if found.switch else [found.lever.low, found.lever.high],
        "current": {path: bool(x) if found.switch else x for path, x in found.current.items()},
        "values": [bool(x) if found.switch else x for x in found.values],
        **{name: _columns(points) for name, points in found.curves.items()},
        "present": {name: told(one) for name, one in found.present.items()},
        "moves": found.moves,
        "elasticity": told(found.elasticity),
        "denied_points": told(found.denied, 100.0),
        "reason": found.reason,
        "swing": {name: told(one) for name, one in found.swing.items()},
        "swing_near": None if found.near is None else {name: told(one) for name, one in found.near.items()},
    }


def _columns(points: Sequence[Statistics]) -> dict[str, list[float | None]]:
    return {
        **{name: [point[name].value for point in points] for name in _TOLD},
        "standard_error": [point["mean"].error for point in points],
    }


def told(found: Statistics | None, times: float = 1.0) -> dict[str, float | None] | None:
    """Mean, percentiles and the error of the mean as plain data; None where there is nothing to tell.

    Args:
        found: statistics of a column of draws.
        times: factor from its unit to that in which it is told.
    """
    if found is None:
        return None
    error = found["mean"].error
    return {
        **{name: times * found[name].value for name in _TOLD},
        "standard_error": None if error is None else times * error,
    }
