"""Break-even: the value of a parameter at which two channels cost the same, in every draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.ranges import PLAUSIBLE, Ends, Sweep, checked, cost, grid, parameter, sweep
from costmodel.analysis.sample import Draw, Sample
from costmodel.analysis.uncertainty import PERCENTILES, STATISTICS, Estimate, estimate
from costmodel.costs import Evaluation, rivals
from costmodel.errors import ParameterError, Problem
from costmodel.parameters.model import ParameterSet
from costmodel.sampling import REPLICATES

# Costs nearer to each other than this part of them are the same but for rounding.
_ROUNDING = 1e-12
# Distance from the exact threshold at which one is close enough for a report, as a share of the range.
_ROUGHLY = 1e-3
# So many of a pair's thresholds may be further off there.
_FEW = 0.02
# Secants tried before all that is not close is computed exactly; grid values that are interpolated between.
_SECANTS, _WINDOW = 3, 4
# A pair and a parameter with a threshold in fewer draws than this are left out of a report.
_WORTH_TELLING = 0.05


Gap: TypeAlias = Callable[[Draw, NDArray[np.intp]], Draw]


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
    return crossing(sample, sweep(sample, path, values, workload, (first, second)), first, second)


def crossing(sample: Sample, over: Sweep, first: str, second: str, *, exact: bool = True) -> BreakEven:
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
        _nearest(signs, values, center) if moves else (np.zeros((2, sample.draws)), *np.zeros((2, sample.draws)))
    )
    found = np.where(crossings > 0, brackets[0], np.nan)
    at = np.flatnonzero(found < brackets[1])
    if at.size:
        gap = _gap(sample, over, (first, second))
        roots = _exact if exact else _close
        found[at] = roots(gap, at, brackets[:, at], (values, gaps[:, at]))
    sides = np.where(crossings > 0, 0.0, signs[0])
    directions = np.where(crossings > 0, directions, 0.0)
    ahead = np.sign(here - there)
    ends = float(values[0]), float(values[-1])
    return BreakEven(
        sample.case, over.path, first, second, over.workload, *ends, moves, found, directions, sides, crossings, ahead
    )


def _nearest(signs: Draw, values: Draw, center: float) -> tuple[Draw, Draw, Draw]:
    """For each draw the bracket nearest a value, shape (2, draws), the direction there, and the number of crossings.

    Points at which both cost the same are brackets without width; where they cost the same throughout there is none.
    """
    same = (signs == 0) & ((signs != 0).any(axis=0) | (len(values) == 1))
    change = signs[:-1] * signs[1:] < 0
    begins = same & ~np.concatenate([np.zeros_like(same[:1]), same[:-1]])
    starts = np.concatenate([values, values[:-1]])
    stops = np.concatenate([values, values[1:]])
    distance = np.maximum(np.maximum(starts - center, center - stops), 0.0)
    found = np.concatenate([same, change])
    best = np.argmin(np.where(found, distance[:, None], np.inf), axis=0)
    padded = np.concatenate([signs[:1], signs, signs[-1:]])
    trend = np.concatenate([np.sign(padded[2:] - padded[:-2]), np.sign(signs[1:] - signs[:-1])])
    direction = np.take_along_axis(trend, best[None], axis=0)[0]
    crossings = (begins.sum(axis=0) + change.sum(axis=0)).astype(float)
    return np.stack([starts[best], stops[best]]), direction, crossings


def _gap(sample: Sample, over: Sweep, pair: tuple[str, str]) -> Gap:
    """The difference of two costs at trial values of the parameter in some draws.

    All draws are evaluated every time, also those that are not asked for: arrays that stay as they are need not be
    computed again, while a part of each would be a new one.
    """
    start = np.full(sample.draws, over.values[0])
    still = {channel: over.costs[channel][0] for channel in pair if not over.moves(channel)}

    def gap(trial: Draw, draw: NDArray[np.intp]) -> Draw:
        place = draw.astype(int)
        values = start.copy()
        values[place] = trial
        run = sample.evaluation.changed({over.path: values})
        one, other = (still[c] if c in still else cost(run, sample, over.workload, c) for c in pair)
        difference: Draw = (one - other)[place]
        return difference

    return gap


def _exact(gap: Gap, at: NDArray[np.intp], brackets: Draw, _: tuple[Draw, Draw]) -> Draw:
    """Thresholds within brackets, to full precision."""
    from scipy.optimize import elementwise  # here, since it is slow to load

    roots: Draw = elementwise.find_root(gap, (brackets[0], brackets[1]), args=(at,)).x
    return roots


def _close(gap: Gap, at: NDArray[np.intp], brackets: Draw, known: tuple[Draw, Draw]) -> Draw:
    """Thresholds by interpolation, and by some secants where that is not close; what still is not, exactly."""
    values, gaps = known
    place = np.searchsorted(values, brackets[0])
    ends = brackets, np.take_along_axis(gaps, np.stack([place, place + 1]), axis=0)
    roots, far = _interpolated(values, gaps, place), np.ones(at.size, dtype=bool)
    for _ in range(_SECANTS):
        now = gap(roots, at)
        slope = (ends[1][1] - ends[1][0]) / (ends[0][1] - ends[0][0])
        far = np.abs(now) > _ROUGHLY * (values[-1] - values[0]) * np.abs(slope)
        if np.mean(far) <= _FEW:
            return roots
        # The end on whose side the gap still is moves in; what is between the new ends is taken for straight.
        moved = np.sign(now) == np.sign(ends[1])
        moved[1] = ~moved[0]
        ends = np.where(moved, roots, ends[0]), np.where(moved, now, ends[1])
        roots = ends[0][0] - ends[1][0] * (ends[0][1] - ends[0][0]) / (ends[1][1] - ends[1][0])
    roots[far] = _exact(gap, at[far], ends[0][:, far], known)
    return roots


def _interpolated(values: Draw, gaps: Draw, place: NDArray[np.intp]) -> Draw:
    """Thresholds from the gaps at the four grid values around each, by inverse cubic interpolation.

    Where that leaves the bracket, the gap does not run straight enough: the middle of the bracket.
    """
    count = min(len(values), _WINDOW)
    window = np.clip(place - 1, 0, len(values) - count) + np.arange(count)[:, None]
    x, y = values[window], np.take_along_axis(gaps, window, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = [
            np.prod([-y[other] / (y[own] - y[other]) for other in range(count) if other != own], axis=0)
            for own in range(count)
        ]
        found = np.sum(x * weights, axis=0)
    low, high = values[place], values[place + 1]
    return np.where((found >= low) & (found <= high), found, (low + high) / 2)


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


def breakevens(sample: Sample, workload: str = "mix", count: int = 10) -> list[BreakEven]:
    """Break-even of every two open channels in each of the most influential parameters.

    Args:
        sample: draws.
        workload: which workload.
        count: how many parameters.

    Returns:
        Those with a threshold in at least one draw in twenty; first those whose threshold most often lies among the
        parameter's plausible values, so that what is not known decides between the two.
    """
    channels = rivals(sample.case)
    found = []
    for path in influential(sample.case, channels, workload, count) if len(channels) > 1 else ():
        over = sweep(sample, path, grid(sample.case, path), workload, channels)
        moved = {c for c in channels if over.moves(c)}
        found += [crossing(sample, over, *pair, exact=False) for pair in combinations(channels, 2) if moved & {*pair}]
    telling = [item for item in found if item.moves and item.share.value >= _WORTH_TELLING]
    return sorted(telling, key=lambda item: (-item.plausible, -item.share.value))


def _plain(item: Estimate) -> dict[str, float | None]:
    return {"value": item.value, "error": item.error}


def breakeven_json(found: BreakEven) -> dict[str, Any]:
    """A break-even as plain data, with the keys of `costmodel breakeven --format json`."""
    from costmodel.analysis.thresholds import sentence

    item = parameter(found.case, found.path)
    above = {1: found.second, -1: found.first, 0: None}[found.direction]
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
        "cheaper_above": above,
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
