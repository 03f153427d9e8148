"""What moves a result: one parameter at a time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costmodel.arrays import Array
from costmodel.costs import Costs, evaluate
from costmodel.parameters.model import ParameterSet, deflated

#: Ends of the range over which a parameter is moved.
LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True)
class Bar:
    """Effect of one parameter.

    Attributes:
        path: the parameter.
        low_input, high_input: its 5th and 95th percentile, in its unit.
        low, high: the outcome there, with all others at their medians.
        central: the outcome with all at their medians.
    """

    path: str
    low_input: float
    high_input: float
    low: float
    high: float
    central: float

    @property
    def swing(self) -> float:
        """Distance between the two outcomes."""
        return abs(self.high - self.low)


def tornado(case: ParameterSet, outcome: Callable[[Costs], Array]) -> list[Bar]:
    """Outcome at the 5th and 95th percentile of each uncertain parameter, the rest at their medians.

    Args:
        case: parameter set.
        outcome: what is looked at, such as `lambda costs: costs.workloads["mix"].channels["direct"].total`.

    Returns:
        One bar for each uncertain parameter, the widest first.

    Examples:
        >>> from costmodel import load
        >>> bars = tornado(load("baseline"), lambda costs: costs.workloads["mix"].channels["domestic"].total)
        >>> bars[0].swing >= bars[1].swing
        True
    """
    paths = case.uncertain
    # All runs at once: row 2k has parameter k low, row 2k + 1 high, the last row has all at their medians.
    count = 2 * len(paths) + 1
    values = {path: item.value for path, item in case.parameters.items()}
    ends = {}
    for row, path in enumerate(paths):
        law = case.parameters[path].distribution
        assert law is not None
        ends[path] = float(law.ppf(LOW)), float(law.ppf(HIGH))
        column: NDArray[np.float64] = np.full(count, float(values[path]))  # type: ignore[arg-type]
        column[2 * row : 2 * row + 2] = ends[path]
        values[path] = column  # type: ignore[assignment]
    found = np.broadcast_to(outcome(evaluate(case, deflated(values, case))), count)
    bars = [
        Bar(path, *ends[path], float(found[2 * row]), float(found[2 * row + 1]), float(found[-1]))
        for row, path in enumerate(paths)
    ]
    return sorted(bars, key=lambda bar: -bar.swing)
