"""Probability of being the cheapest channel as a curve over one parameter, with the frontier."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.ranges import PLAUSIBLE, Ends, checked, cost, costs_over, even, parameter, span
from costmodel.analysis.sample import Draw, Sample
from costmodel.costs import UNIT, rivals
from costmodel.errors import ParameterError, Problem
from costmodel.limits import MAX_POINTS
from costmodel.parameters.model import ParameterSet
from costmodel.sampling import REPLICATES

#: Points of a curve where nothing else is said, and most that can be asked for.
POINTS = 41


@dataclass(frozen=True)
class Switch:
    """A value at which another channel comes to have the lowest expected cost.

    Attributes:
        value: of the parameter, in the schema's unit as the set states it.
        before, after: the channel with the lowest expected cost below and above it.
    """

    value: float
    before: str
    after: str


@dataclass(frozen=True)
class Acceptability:
    """How the choice of the cheapest open channel hangs on one parameter, all others as drawn.

    Attributes:
        case: parameter set.
        path: the parameter.
        workload: workload that the costs are for.
        draws: number of draws.
        values: rising, in the schema's unit as the set states it, shape (points,).
        probability: share of draws in which a channel is the cheapest (ties share), by channel, shape (points,); at
            every value they add up to 1.
        errors: Monte Carlo standard errors of these; None for too few draws to tell.
        expected: mean cost by channel, USD/H100e-h, shape (points,).
        frontier: the channel with the lowest expected cost at each value.
        switches: where the frontier goes from one channel to another.
    """

    case: ParameterSet
    path: str
    workload: str
    draws: int
    values: NDArray[np.float64]
    probability: Mapping[str, NDArray[np.float64]]
    errors: Mapping[str, NDArray[np.float64]] | None
    expected: Mapping[str, NDArray[np.float64]]
    frontier: tuple[str, ...]
    switches: tuple[Switch, ...]

    @property
    def frontier_probability(self) -> NDArray[np.float64]:
        """Probability that the channel with the lowest expected cost is the cheapest, shape (points,)."""
        return np.array([self.probability[channel][at] for at, channel in enumerate(self.frontier)])


def acceptability(
    sample: Sample, path: str, workload: str = "mix", points: int = POINTS, between: Ends | None = None
) -> Acceptability:
    """Probability of each open channel of being the cheapest, for values of one parameter.

    The cost-effectiveness acceptability curve of health economics with costs instead of net benefits, and its frontier:
    who minimises expected cost takes the channel on the frontier, which need not be the one most often cheapest.

    Args:
        sample: draws.
        path: any number of the set, uncertain or certain.
        workload: which workload.
        points: number of values.
        between: ends of the range, in the schema's unit or as text with a unit; see `ranges.span` for the default.

    Raises:
        ParameterError: a name that does not exist, a range that cannot be, or no open channel.

    References:
        Fenwick, Claxton & Sculpher (2001), "Representing uncertainty: the role of cost-effectiveness acceptability
        curves", Health Economics 10(8).

    Examples:
        >>> from costmodel import load
        >>> from costmodel.analysis.sample import sample
        >>> found = acceptability(sample(load("baseline"), 64), "finance.discount_rate", points=5)
        >>> bool(np.allclose(sum(found.probability.values()), 1))
        True
    """
    path = path.removeprefix("assumptions.")
    channels = rivals(sample.case)
    checked(sample.case, (), workload)
    if not channels:
        raise ParameterError([Problem("channels", "none is open, so that none can be the cheapest")])
    if not 1 <= points <= MAX_POINTS:
        raise ParameterError([Problem("", f"must be from 1 to {MAX_POINTS:,}, not {points:,}", "--points")])
    values = even(*span(sample.case, path, between), points)
    runs = [_at(sample, path, value, workload, channels) for value in values]
    probability, errors, expected = (np.array(column) for column in zip(*runs, strict=True))
    frontier = tuple(channels[at] for at in np.argmin(expected, axis=1))
    return Acceptability(
        case=sample.case,
        path=path,
        workload=workload,
        draws=sample.draws,
        values=values,
        probability=dict(zip(channels, probability.T, strict=True)),
        errors=None if np.isnan(errors).any() else dict(zip(channels, errors.T, strict=True)),
        expected=dict(zip(channels, expected.T, strict=True)),
        frontier=frontier,
        switches=_switches(sample, path, workload, values, frontier),
    )


def _at(sample: Sample, path: str, value: float, workload: str, channels: tuple[str, ...]) -> tuple[Draw, Draw, Draw]:
    """Probability of each channel of being the cheapest at one value, its error and the mean costs; shape (channels,).

    One value at a time, since all draws at all values need not fit into memory.
    """
    run = sample.evaluation.changed({path: float(value)})
    costs = np.stack([cost(run, sample, workload, channel) for channel in channels])
    least = costs == costs.min(axis=0)
    share = least / least.sum(axis=0)
    each = sample.draws // REPLICATES
    errors = np.full(len(channels), np.nan)
    if each > 1:
        sequences = share[:, : each * REPLICATES].reshape(len(channels), each, REPLICATES).mean(axis=1)
        errors = sequences.std(axis=-1, ddof=1) / np.sqrt(REPLICATES)
    return share.mean(axis=-1), errors, costs.mean(axis=-1)


def _switches(sample: Sample, path: str, workload: str, values: Draw, frontier: tuple[str, ...]) -> tuple[Switch, ...]:
    from scipy.optimize import brentq  # here, since it is slow to load

    def gap(value: float, before: str, after: str) -> float:
        run = sample.evaluation.changed({path: float(value)})
        return float(np.mean(run.cost(workload, before)) - np.mean(run.cost(workload, after)))

    found = []
    for at, pair in enumerate(pairwise(frontier)):
        if pair[0] != pair[1]:
            low, high = values[at : at + 2]
            # Ties at an end of the interval, but for rounding, leave no change of sign to look for.
            crosses = gap(low, *pair) * gap(high, *pair) < 0
            found.append(Switch(float(brentq(gap, low, high, args=pair)) if crosses else float(high), *pair))
    return tuple(found)


def telling(sample: Sample, paths: list[str], workload: str = "mix", count: int = 2) -> list[str]:
    """The parameters that move the ranking most.

    Args:
        sample: draws.
        paths: uncertain parameters to choose from.
        workload: which workload.
        count: how many are wanted; those that move no probability are left out.

    Returns:
        Those whose going from the 5th to the 95th percentile shifts the most probability of being the cheapest from
        some channels to others.
    """
    shifts = {}
    for path in paths:
        law = sample.case.parameters[path].distribution
        assert law is not None
        ends = np.array([float(law.ppf(u)) for u in PLAUSIBLE])
        costs = costs_over(sample, path, ends, workload, rivals(sample.case)).costs
        least = np.argmin(np.stack(list(costs.values())), axis=0)
        shares = [np.bincount(row, minlength=len(costs)) / sample.draws for row in least]
        shifts[path] = float(np.abs(shares[1] - shares[0]).sum() / 2)
    moving = [path for path in paths if shifts[path] > 0]
    return sorted(moving, key=lambda path: -shifts[path])[:count]


def acceptability_json(found: Acceptability) -> dict[str, Any]:
    """The curves as plain data, with the keys of `costmodel acceptability --format json`."""
    item = parameter(found.case, found.path)
    return {
        "set": found.case.name,
        "parameter": found.path,
        "unit": item.unit,
        "central": float(item.value),  # type: ignore[arg-type]
        "workload": found.workload,
        "draws": found.draws,
        "cost_unit": UNIT,
        "values": found.values.tolist(),
        "channels": {
            channel: {
                "probability_cheapest": share.tolist(),
                "probability_cheapest_error": found.errors[channel].tolist() if found.errors else None,
                "expected_cost": found.expected[channel].tolist(),
            }
            for channel, share in found.probability.items()
        },
        "frontier": list(found.frontier),
        "frontier_probability": found.frontier_probability.tolist(),
        "switches": [{"value": s.value, "before": s.before, "after": s.after} for s in found.switches],
    }
