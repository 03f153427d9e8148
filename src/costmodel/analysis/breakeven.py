"""Break-even: the value of a parameter at which two channels cost the same, in every draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis import roots
from costmodel.analysis.ranges import PLAUSIBLE, CostsOver, Ends, checked, cost, costs_over, grid, parameter
from costmodel.analysis.sample import Draw, Sample
from costmodel.analysis.uncertainty import PERCENTILES, STATISTICS, Estimate, estimate
from costmodel.costs import Evaluation, rivals
from costmodel.errors import ParameterError, Problem
from costmodel.parameters.model import ParameterSet
from costmodel.sampling import REPLICATES

# Costs nearer to each other than this part of them are the same but for rounding.
_ROUNDING = 1e-12
# A pair and a parameter with a threshold in fewer draws than this are left out of a report.
_WORTH_TELLING = 0.05


@dataclass(frozen=True)
class BreakEven:
    """Where two channels cost the same, as one parameter moves and all else stays as drawn.

    Attributes:
        case: parameter set.
        path: the parameter that moves.
        first, second: the channels.
        workload: workload that the costs are for.
        low, high: ends between which the parameter moved, in the schema's unit as the set states it.
        moves: whether the parameter moves the difference of the two costs at all.
        thresholds: value at which they cost the same, in the schema's unit; NaN where there is none in
            range; shape (draws,).
        directions: 1 where the second is the cheaper one above the threshold, -1 where it is below, 0 where neither
            or where there is none; shape (draws,).
        sides: where there is none: -1 if the first is cheaper throughout, 1 if the second is, 0 if they cost the same
            throughout; 0 also where there is one; shape (draws,).
        crossings: number of thresholds found; of several, `thresholds` has the one nearest the central value.
        ahead: in each draw, as the parameter is drawn, -1 if the first is cheaper, 1 if the second is.
    """

    case: ParameterSet
    path: str
    first: str
    second: str
    workload: str
    low: float
    high: float
    moves: bool
    thresholds: Draw
    directions: Draw
    sides: Draw
    crossings: Draw
    ahead: Draw

    @cached_property
    def found(self) -> NDArray[np.bool_]:
        """Whether there is a threshold in range, shape (draws,)."""
        return ~np.isnan(self.thresholds)

    @cached_property
    def direction(self) -> int:
        """1 if the second becomes the cheaper one as the parameter rises (in most draws), -1 if the first does."""
        return int(np.sign(self.directions.sum()))

    @property
    def cheaper_above(self) -> str | None:
        """The channel that is the cheaper one above the threshold, in most draws; None where neither is."""
        return {1: self.second, -1: self.first}.get(self.direction)

    @property
    def cheaper_below(self) -> str | None:
        """The channel that is the cheaper one below the threshold, in most draws; None where neither is."""
        return {1: self.first, -1: self.second}.get(self.direction)

    @cached_property
    def share(self) -> Estimate:
        """Share of draws with a threshold in range."""
        return estimate(self.found.astype(float), STATISTICS["mean"])

    def throughout(self, side: int) -> Estimate:
        """Share of draws in which one channel is cheaper over the whole range.

        Args:
            side: -1 for the first, 1 for the second, 0 for those in which they cost the same throughout.
        """
        return estimate((~self.found & (self.sides == side)).astype(float), STATISTICS["mean"])

    @cached_property
    def several(self) -> Estimate:
        """Share of draws with more than one threshold in range."""
        return estimate((self.crossings > 1).astype(float), STATISTICS["mean"])

    @cached_property
    def against(self) -> Estimate:
        """Share of draws whose threshold works the other way than in most draws."""
        return estimate((self.found & (self.directions == -self.direction)).astype(float), STATISTICS["mean"])

    @cached_property
    def plausible(self) -> float:
        """Share of draws with a threshold between the 5th and the 95th percentile of the parameter's law."""
        law = self.case.parameters[self.path].distribution
        if law is None:
            return 0.0
        low, high = (float(law.ppf(u)) for u in PLAUSIBLE)
        return float(np.mean((self.thresholds >= low) & (self.thresholds <= high)))

    def quantile(self, probability: float) -> float:
        """Quantile of the threshold over the draws that have one; NaN where none has."""
        found = self.thresholds[self.found]
        return float(np.quantile(found, probability)) if found.size else float("nan")

    @cached_property
    def percentiles(self) -> dict[str, Estimate]:
        """Percentiles of the threshold over the draws that have one, with their Monte Carlo errors."""
        if not self.found.any():
            return {}
        parts = [self.thresholds[start::REPLICATES] for start in range(REPLICATES)]
        parts = [part[~np.isnan(part)] for part in parts]
        enough = min(map(len, parts)) > 1
        each = [np.quantile(part, list(PERCENTILES.values())) for part in parts] if enough else []
        errors = np.std(each, axis=0, ddof=1) / np.sqrt(REPLICATES) if enough else [None] * len(PERCENTILES)
        return {
            name: Estimate(self.quantile(p), None if error is None else float(error))
            for (name, p), error in zip(PERCENTILES.items(), errors, strict=True)
        }

    @cached_property
    def of_all(self) -> dict[str, float]:
        """Percentiles of the threshold over all draws, by name: ∞ or -∞ where it lies beyond the range.

        A draw without a threshold in range has it beyond one end: above, where the channel that a high value makes
        cheaper is not cheaper even at the high end. Draws in which both cost the same throughout do not count.
        """
        ends = self.sides * self.direction
        beyond = np.where(self.found, self.thresholds, np.select([ends < 0, ends > 0], [np.inf, -np.inf], np.nan))
        beyond = np.sort(beyond[~np.isnan(beyond)])
        places = {name: max(int(np.ceil(p * beyond.size)) - 1, 0) for name, p in PERCENTILES.items()}
        return {name: float(beyond[place]) for name, place in places.items()} if beyond.size else {}


def breakeven(
    sample: Sample, path: str, first: str, second: str, workload: str = "mix", between: Ends | None = None
) -> BreakEven:
    """The value of a parameter at which two channels cost the same, in every draw.

    Costs on a grid of values bracket the threshold of each draw; root finding over all draws at once (Chandrupatla
    1997, in SciPy) makes it exact. All other parameters stay as they are drawn, also those that this one is correlated
    with.

    Args:
        sample: draws.
        path: any number of the set, uncertain or certain.
        first: name of a channel; a closed one is compared as if it were open.
        second: name of another.
        workload: which workload.
        between: ends of the search, in the schema's unit or as text with a unit; see `ranges.span` for the default.

    Returns:
        Thresholds in the schema's unit (a rate that the set states as nominal is nominal), with the draws that have
        none in range, and on which side.

    Raises:
        ParameterError: a name that does not exist, twice the same channel, or a range that cannot be.

    References:
        Chandrupatla (1997), "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear function
        without using derivatives", Advances in Engineering Software 28(3).

    Examples:
        >>> from costmodel import load
        >>> from costmodel.analysis.sample import sample
        >>> draws = sample(load("baseline"), 64)
        >>> found = breakeven(draws, "channels.gray_market.price_markup", "gray_market", "domestic")
        >>> found.direction, found.thresholds.shape
        (1, (64,))
    """
    path = path.removeprefix("assumptions.")
    checked(sample.case, (first, second), workload)
    if first == second:
        raise ParameterError([Problem("", f"`{first}` cannot be compared with itself; name two channels", "--between")])
    values = grid(sample.case, path, between)
    return crossing(sample, costs_over(sample, path, values, workload, (first, second)), first, second)


def crossing(sample: Sample, over: CostsOver, first: str, second: str, *, exact: bool = True) -> BreakEven:
    """The break-even of two channels from their costs on a grid.

    Args:
        sample: the draws.
        over: costs of both on the grid.
        first: name of a channel.
        second: name of another.
        exact: whether thresholds are computed to full precision; otherwise to about a thousandth of the range, which
            spares most of the work.
    """
    ones, others, values = over.costs[first], over.costs[second], over.values
    gaps = ones - others
    rounding = _ROUNDING * (np.abs(ones) + np.abs(others))
    signs = np.where(np.abs(gaps) <= rounding, 0.0, np.sign(gaps))
    moves = len(values) == 1 or bool(np.any(np.abs(gaps - gaps[0]) > rounding))
    here, there = (cost(sample.evaluation, sample, over.workload, c) for c in (first, second))
    center = float(sample.case.parameters[over.path].value)  # type: ignore[arg-type]
    brackets, directions, crossings = (
        roots.nearest(signs, values, center) if moves else (np.zeros((2, sample.draws)), *np.zeros((2, sample.draws)))
    )
    found = np.where(crossings > 0, brackets[0], np.nan)
    at = np.flatnonzero(found < brackets[1])
    if at.size:
        gap = roots.gap(sample, over, (first, second))
        refined = roots.exact if exact else roots.close
        found[at] = refined(gap, at, brackets[:, at], (values, gaps[:, at]))
    sides = np.where(crossings > 0, 0.0, signs[0])
    directions = np.where(crossings > 0, directions, 0.0)
    ahead = np.sign(here - there)
    ends = float(values[0]), float(values[-1])
    return BreakEven(
        sample.case, over.path, first, second, over.workload, *ends, moves, found, directions, sides, crossings, ahead
    )


def influential(case: ParameterSet, channels: Sequence[str], workload: str = "mix", count: int = 10) -> list[str]:
    """The uncertain parameters that move some channel's cost most against another's.

    Each goes from its 5th to its 95th percentile, the rest at their central values; what counts is by how much one
    channel's cost changes, as a share of it, less by how much another's does, for the two that differ most.

    Args:
        case: parameter set.
        channels: the channels that are compared.
        workload: which workload.
        count: how many are wanted; those that move nothing are left out.

    Returns:
        Their paths, the most influential first.
    """
    central = Evaluation(case, case.central)
    base = np.array([float(central.cost(workload, c)) for c in channels])
    swings = {}
    for path in case.uncertain:
        law = case.parameters[path].distribution
        assert law is not None
        runs = [central.changed({path: float(law.ppf(u))}) for u in PLAUSIBLE]
        low, high = (np.array([float(run.cost(workload, c)) for c in channels]) for run in runs)
        swings[path] = float(np.ptp((high - low) / np.abs(base)))
    moving = [path for path in swings if swings[path] > _ROUNDING]
    return sorted(moving, key=lambda path: -swings[path])[:count]


def breakevens(sample: Sample, workload: str = "mix", paths: Sequence[str] | None = None) -> list[BreakEven]:
    """Break-even of every two open channels in each of some parameters.

    Thresholds are exact to about a thousandth of the range, which is what their percentiles are told to.

    Args:
        sample: draws.
        workload: which workload.
        paths: parameters; by default the ten most influential.

    Returns:
        Those with a threshold in at least one draw in twenty; first those whose threshold most often lies among the
        parameter's plausible values, so that what is not known decides between the two.
    """
    channels = rivals(sample.case)
    if len(channels) < 2:
        return []
    found = []
    for path in influential(sample.case, channels, workload) if paths is None else paths:
        over = costs_over(sample, path, grid(sample.case, path), workload, channels)
        moved = {c for c in channels if over.moves(c)}
        found += [crossing(sample, over, *pair, exact=False) for pair in combinations(channels, 2) if moved & {*pair}]
    telling = [item for item in found if item.moves and item.share.value >= _WORTH_TELLING]
    return sorted(telling, key=lambda item: (-item.plausible, -item.share.value))


def breakevens_json(found: Sequence[BreakEven]) -> list[dict[str, Any]]:
    """Many break-evens as plain data: what `results.json` holds of each."""
    return [
        {
            "parameter": item.path,
            "unit": item.case.parameters[item.path].unit,
            "workload": item.workload,
            "between": [item.first, item.second],
            "range": [item.low, item.high],
            "cheaper_above": item.cheaper_above,
            "share": item.share.value,
            "share_plausible": item.plausible,
            "none_in_range": {item.first: item.throughout(-1).value, item.second: item.throughout(1).value},
            "threshold": {name: item.quantile(PERCENTILES[name]) for name in ("p05", "p50", "p95")},
        }
        for item in found
    ]


def _plain(item: Estimate) -> dict[str, float | None]:
    return {"value": item.value, "error": item.error}


def breakeven_json(found: BreakEven) -> dict[str, Any]:
    """A break-even as plain data, with the keys of `costmodel breakeven --format json`."""
    from costmodel.analysis.thresholds import sentence

    item = parameter(found.case, found.path)
    return {
        "set": found.case.name,
        "parameter": found.path,
        "unit": item.unit,
        "central": float(item.value),  # type: ignore[arg-type]
        "workload": found.workload,
        "between": [found.first, found.second],
        "range": [found.low, found.high],
        "draws": len(found.thresholds),
        "sentence": sentence(found),
        "moves": found.moves,
        "cheaper_above": found.cheaper_above,
        "share": _plain(found.share),
        "none_in_range": {found.first: _plain(found.throughout(-1)), found.second: _plain(found.throughout(1))},
        "equal_throughout": _plain(found.throughout(0)),
        "several": _plain(found.several),
        "other_way": _plain(found.against),
        "threshold": {name: _plain(value) for name, value in found.percentiles.items()},
        "threshold_of_all": {
            name: {"value": value if np.isfinite(value) else None, "beyond": _beyond(value)}
            for name, value in found.of_all.items()
        },
    }


def _beyond(value: float) -> str | None:
    return None if np.isfinite(value) else "above" if value > 0 else "below"
