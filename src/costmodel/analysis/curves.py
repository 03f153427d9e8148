"""An outcome over one parameter, or over two, with all others at their medians."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.sensitivity import extent
from costmodel.costs import Evaluation, rivals
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.outcomes import Outcome
from costmodel.parameters.model import ParameterSet

#: Values of a parameter at which a curve is computed, and along each side of a heat map.
POINTS = 25


@dataclass(frozen=True)
class Curve:
    """An outcome over a parameter's range.

    Attributes:
        outcome: what is looked at.
        path: the parameter.
        inputs: its values in its unit, evenly from its 5th to its 95th percentile, shape (points,).
        values: the outcome there, with all others at their medians.
        central_input, central: the parameter's median and the outcome there.
    """

    outcome: Outcome
    path: str
    inputs: NDArray[np.float64]
    values: NDArray[np.float64]
    central_input: float
    central: float


@dataclass(frozen=True)
class HeatMap:
    """An outcome over two parameters.

    Attributes:
        outcome: what is looked at.
        first, second: the parameters.
        first_inputs, second_inputs: their values in their units, from the 5th to the 95th percentile, shape (points,).
        values: the outcome, shape (first's points, second's points), with all others at their medians.
        costs: cost of each open channel on the outcome's workload, USD/H100e-h, of the same shape; the counterfactual
            apart.
    """

    outcome: Outcome
    first: str
    second: str
    first_inputs: NDArray[np.float64]
    second_inputs: NDArray[np.float64]
    values: NDArray[np.float64]
    costs: Mapping[str, NDArray[np.float64]]

    @property
    def cheapest(self) -> NDArray[np.str_]:
        """Name of the cheapest open channel in each cell; empty text where all are closed."""
        if not self.costs:
            return np.full(self.values.shape, "")
        names: NDArray[np.str_] = np.array(list(self.costs))
        found: NDArray[np.str_] = names[np.argmin(np.stack(list(self.costs.values())), axis=0)]
        return found


def one_way(case: ParameterSet, outcome: Outcome, path: str, points: int = POINTS) -> Curve:
    """An outcome over one parameter's 5–95 % range, with all others at their medians.

    Args:
        case: parameter set.
        outcome: what is looked at.
        path: an uncertain parameter.
        points: how many values, at least 2.

    Raises:
        ParameterError: no such parameter, or it is certain; the message says which is nearest.

    Examples:
        >>> from costmodel import load
        >>> from costmodel.outcomes import outcome
        >>> case = load("baseline")
        >>> curve = one_way(case, outcome(case, "cost.mix.domestic"), "finance.discount_rate", 3)
        >>> bool(curve.values[0] < curve.values[2])
        True
    """
    inputs = spaced(case, path, points, "--parameter")
    central = Evaluation(case, case.central)
    values = np.broadcast_to(np.asarray(outcome(central.changed({path: inputs})), dtype=float), points)
    middle: Any = case.parameters[path].value
    return Curve(outcome, path, inputs, values, float(middle), float(outcome(central)))


def heat_map(case: ParameterSet, outcome: Outcome, first: str, second: str, points: int = POINTS) -> HeatMap:
    """An outcome over the 5–95 % ranges of two parameters, with all others at their medians.

    Args:
        case: parameter set.
        outcome: what is looked at; its workload is that for which the cheapest channel is told.
        first: an uncertain parameter.
        second: another one.
        points: values of each, at least 2.

    Raises:
        ParameterError: no such parameter, a certain one, or twice the same.

    Examples:
        >>> from costmodel import load
        >>> from costmodel.outcomes import outcome
        >>> case = load("baseline")
        >>> found = heat_map(case, outcome(case, "lowest.mix"), "finance.discount_rate", "finance.price_decline", 3)
        >>> found.values.shape, set(found.cheapest.flat) <= set(case.channels)
        ((3, 3), True)
    """
    if first == second:
        raise ParameterError([Problem(first, "is named twice; a heat map needs two parameters", "--parameters")])
    one, other = (spaced(case, path, points, "--parameters") for path in (first, second))
    moved = Evaluation(case, case.central).changed({first: one[:, None], second: other[None, :]})

    def grid(found: Any) -> NDArray[np.float64]:
        return np.broadcast_to(np.asarray(found, dtype=float), (points, points))

    costs = {channel: grid(moved.cost(outcome.workload, channel)) for channel in rivals(case)}
    return HeatMap(outcome, first, second, one, other, grid(outcome(moved)), costs)


def spaced(case: ParameterSet, path: str, points: int, option: str) -> NDArray[np.float64]:
    """Values of an uncertain parameter, evenly from its 5th to its 95th percentile.

    Args:
        case: parameter set.
        path: the parameter.
        points: how many.
        option: what an error message calls the input.

    Raises:
        ParameterError: no such parameter, or it is certain.
    """
    if path not in case.parameters:
        raise ParameterError([Problem(path, f"no such parameter; {nearest(path, case.uncertain)}", option)])
    if path not in case.uncertain:
        message = f"is certain here and has no range; state one, as in --set '{path}={{p05: …, p95: …}}'"
        raise ParameterError([Problem(path, message, option)])
    return np.linspace(*extent(case, path), points)


def one_way_json(case: ParameterSet, curve: Curve) -> dict[str, Any]:
    """A curve as plain data, with the keys of `costmodel tornado --parameter PATH --format json`."""
    return {
        "set": case.name,
        "outcome": curve.outcome.name,
        "unit": curve.outcome.unit,
        "parameter": curve.path,
        "parameter_unit": case.parameters[curve.path].unit,
        "central_input": curve.central_input,
        "central": curve.central,
        "inputs": curve.inputs.tolist(),
        "values": curve.values.tolist(),
    }


def heat_map_json(case: ParameterSet, found: HeatMap) -> dict[str, Any]:
    """A heat map as plain data, with the keys of `costmodel heatmap --format json`."""
    return {
        "set": case.name,
        "outcome": found.outcome.name,
        "unit": found.outcome.unit,
        "parameters": [found.first, found.second],
        "parameter_units": [case.parameters[path].unit for path in (found.first, found.second)],
        "inputs": [found.first_inputs.tolist(), found.second_inputs.tolist()],
        "values": found.values.tolist(),
        "cheapest": [[name or None for name in row] for row in found.cheapest.tolist()],
    }
