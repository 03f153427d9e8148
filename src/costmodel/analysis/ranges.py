"""Values of one parameter over which results are computed: how far they reach, and the costs at each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.sample import Draw, Sample
from costmodel.costs import WORKLOADS, Evaluation
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.parameters.leaf import Number
from costmodel.parameters.model import Parameter, ParameterSet
from costmodel.units import Money

#: Ends of a range as they are asked for: numbers in the schema's unit, or text with a unit, such as `15 %`.
Ends: TypeAlias = tuple[float | str, float | str]

#: Percentiles of an uncertain parameter's law between which its plausible values lie.
PLAUSIBLE = (0.05, 0.95)
# A positive parameter without finite bounds reaches from a part to a multiple of its likely values; one that may be
# negative too, this many times as far from its central value as they do.
_TIMES, _WIDTHS = 4.0, 2.0
# A law counts up to these percentiles.
_TAILS = (0.01, 0.99)
# An end of a range keeps this part of the width away from a bound that is itself not allowed.
_INSIDE = 1e-3
# Points evenly apart, and percentiles of the law at which a grid has a point as well.
_EVEN = 11
_PERCENTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
# Positive ranges with a higher ratio of their ends have points in equal ratios.
_WIDE = 10.0


@dataclass(frozen=True)
class CostsOver:
    """Costs of some channels with one parameter at each of some values, all else as drawn.

    Attributes:
        path: the parameter.
        workload: workload that the costs are for.
        values: rising, in the schema's unit as the set states them, shape (values,).
        costs: by channel, USD/H100e-h, shape (values, draws).
    """

    path: str
    workload: str
    values: NDArray[np.float64]
    costs: Mapping[str, NDArray[np.float64]]

    def moves(self, channel: str) -> bool:
        """Whether a channel's cost depends on the parameter; where it does not, all rows are the same memory."""
        return len(self.values) > 1 and self.costs[channel].strides[0] > 0


def parameter(case: ParameterSet, path: str) -> Parameter:
    """A parameter that can be moved: a number that is not used up when the set is loaded.

    Raises:
        ParameterError: there is none of that name, it is no number, or it converts other figures once.
    """
    found = case.parameters.get(path.removeprefix("assumptions."))
    if found is None:
        raise ParameterError([Problem(path, f"no such parameter; {nearest(path, list(case.parameters))}")])
    if not isinstance(found.spec, Number) or isinstance(found.value, str | bool | tuple):
        raise ParameterError([Problem(path, "is not a number, and only numbers can be moved")])
    if found.spec.certain:
        message = (
            "converts other figures once, when the set is loaded, and cannot be moved afterwards; change it by --set"
        )
        raise ParameterError([Problem(path, message)])
    return found


def checked(case: ParameterSet, channels: Sequence[str], workload: str) -> None:
    """Refuse names of channels and workloads that the set does not have.

    Raises:
        ParameterError: some do not exist; the message says which are nearest.
    """
    problems = [
        Problem("", f"no channel `{c}`; {nearest(c, case.channels)}") for c in channels if c not in case.channels
    ]
    if workload not in WORKLOADS:
        problems.append(Problem("", f"no workload `{workload}`; {nearest(workload, WORKLOADS)}", "--workload"))
    if problems:
        raise ParameterError(problems)


def span(case: ParameterSet, path: str, between: Ends | None = None) -> tuple[float, float]:
    """Ends between which a parameter is moved, in the schema's unit.

    By default the schema's bounds where both are finite (shares, probabilities); else, for a positive parameter, a
    quarter of the lowest to four times the highest of its likely values (1st to 99th percentile of its law, or
    its value where it is certain), from 0 where 0 is allowed; else twice as far from its central value as these
    are. A pure number or an annual rate that stands at 0 goes up to 1. A bound that is itself not allowed is left
    by a thousandth of the width.

    Args:
        case: parameter set.
        path: the parameter.
        between: other ends, within the schema's bounds; both may be the same.

    Raises:
        ParameterError: no such parameter, ends out of bounds or the wrong way round, or nothing tells how far it
            may go.

    Examples:
        >>> from costmodel import load
        >>> span(load("baseline"), "channels.gray_market.interdiction_probability")
        (0.0, 0.999)
        >>> span(load("baseline"), "channels.gray_market.penalty", (100, "2 kUSD"))
        (100.0, 2000.0)
    """
    item = parameter(case, path)
    if between is None:
        low, high = _default(item)
        low, high = _with_life(case, path, low, high)
    else:
        low, high = (_stated(case, item, end) for end in between)
        if low > high:
            raise ParameterError([Problem(path, f"{low:g} to {high:g} is no range: the low end first", "--range")])
        if (low, high) != (kept := _with_life(case, path, low, high)):
            message = "leaves nothing of the economic life of units already in service; stay within"
            raise ParameterError([Problem(path, f"{message} {kept[0]:g} to {kept[1]:g}", "--range")])
    return low, high


def _stated(case: ParameterSet, item: Parameter, end: float | str) -> float:
    assert item.spec is not None
    money = {
        table: {
            path.rpartition(".")[2]: value
            for path, value in case.central.items()
            if path.startswith(f"finance.{table}.")
        }
        for table in ("exchange_rates", "price_index")
    }
    rates: dict[str, Any] = money["exchange_rates"]
    index: dict[int, Any] = {int(year): value for year, value in money["price_index"].items()}
    try:
        found = item.spec.parse(end, Money(case.base_year, rates, index)).value
    except ValueError as error:
        raise ParameterError([Problem(item.path, str(error), "--range")]) from None
    return float(found)  # type: ignore[arg-type]


def _default(item: Parameter) -> tuple[float, float]:
    spec, law = item.spec, item.distribution
    assert spec is not None
    value = float(item.value)  # type: ignore[arg-type]
    low, high = (float(law.ppf(u)) for u in _TAILS) if law else (value, value)
    if np.isfinite(spec.lower) and np.isfinite(spec.upper):
        low, high = spec.lower, spec.upper
    elif spec.lower == 0 and high > 0:
        low, high = (0.0 if spec.ge is not None else low / _TIMES), high * _TIMES
    elif value == 0 and law is None and item.unit in ("1", "1/year"):
        low, high = max(spec.lower, 0.0), min(spec.upper, 1.0)
    elif high > low or value != 0:
        below, above = (value - low, high - value) if high > low else (abs(value), abs(value))
        low, high = max(value - _WIDTHS * below, spec.lower), min(value + _WIDTHS * above, spec.upper)
    else:
        message = "stands at 0, and nothing tells how far it may go; state its range: --range LOW HIGH"
        raise ParameterError([Problem(item.path, message)])
    margin = _INSIDE * (high - low)
    low += margin if low == spec.gt else 0.0
    high -= margin if high == spec.lt else 0.0
    return low, high


def _with_life(case: ParameterSet, path: str, low: float, high: float) -> tuple[float, float]:
    """Ends at which every inventory has some of its economic life left in every draw."""
    life = "finance.economic_life"
    ages = [name for channel in case.channels if (name := f"channels.{channel}.age") in case.parameters]
    if path == life and ages:
        return max(low, (1 + _INSIDE) * max(_end(case, age, 1.0) for age in ages)), high
    if path in ages:
        return low, min(high, (1 - _INSIDE) * _end(case, life, 0.0))
    return low, high


def _end(case: ParameterSet, path: str, side: float) -> float:
    """The highest (side 1) or the lowest (side 0) value of a parameter in any draw."""
    item, tail = case.parameters[path], np.finfo(np.float32).eps
    return float(item.distribution.ppf(abs(side - tail)) if item.distribution else item.value)  # type: ignore[arg-type]


def even(low: float, high: float, count: int) -> NDArray[np.float64]:
    """Points evenly apart from one end to the other; in equal ratios where a positive range is wide.

    Args:
        low: one end.
        high: the other.
        count: number of points; one alone if both ends are the same.
    """
    if low == high:
        return np.array([low])
    if low > 0 and high / low > _WIDE:
        return np.concatenate([[low], np.geomspace(low, high, count)[1:-1], [high]])
    return np.linspace(low, high, count)


def grid(case: ParameterSet, path: str, between: Ends | None = None) -> NDArray[np.float64]:
    """Values that bracket what is looked for: evenly apart, and closer where the parameter's law has its mass.

    Args:
        case: parameter set.
        path: the parameter.
        between: see `span`.
    """
    low, high = span(case, path, between)
    item = parameter(case, path)
    law = item.distribution
    marks = [float(law.ppf(u)) for u in _PERCENTILES] if law else [float(item.value)]  # type: ignore[arg-type]
    return np.unique([*even(low, high, _EVEN), *(mark for mark in marks if low < mark < high)])


def costs_over(
    sample: Sample, path: str, values: NDArray[np.float64], workload: str, channels: Sequence[str]
) -> CostsOver:
    """Costs of channels with one parameter at each of some values; only what depends on it is computed.

    The others stay as they are drawn, also those that it is correlated with: it is set, not observed.

    Args:
        sample: draws.
        path: the parameter.
        values: rising, in the schema's unit, shape (values,).
        workload: which workload.
        channels: which channels.
    """
    runs = [sample.evaluation.changed({path: float(value)}) for value in values]
    costs = {}
    for channel in channels:
        column = [run.cost(workload, channel) for run in runs]
        # One row serves all where the parameter does not move the channel.
        rows = column[:1] if all(item is column[0] for item in column) else column
        costs[channel] = np.broadcast_to(
            np.stack([np.broadcast_to(np.asarray(row, dtype=float), sample.draws) for row in rows]),
            (len(column), sample.draws),
        )
    return CostsOver(path, workload, values, costs)


def cost(evaluation: Evaluation, sample: Sample, workload: str, channel: str) -> Draw:
    """A channel's cost in every draw, USD/H100e-h, shape (draws,)."""
    return np.broadcast_to(np.asarray(evaluation.cost(workload, channel), dtype=float), sample.draws)
