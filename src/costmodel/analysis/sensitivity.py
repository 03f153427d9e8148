"""What moves a result: one parameter at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.arrays import Array
from costmodel.costs import Evaluation
from costmodel.outcomes import Outcome
from costmodel.parameters.model import ParameterSet

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


def tornado(case: ParameterSet, outcome: Callable[[Evaluation], Array]) -> list[Bar]:
    """Outcome at the 5th and 95th percentile of each uncertain parameter, the rest at their medians.

    Args:
        case: parameter set.
        outcome: what is looked at: an `Outcome`, or any function such as `lambda found: found.cost("mix", "direct")`.

    Returns:
        One bar for each uncertain parameter, the widest first.

    Examples:
        >>> from costmodel import load
        >>> bars = tornado(load("baseline"), lambda found: found.cost("mix", "domestic"))
        >>> bars[0].swing >= bars[1].swing
        True
    """
    return tornadoes(case, {"": outcome})[""]


def tornadoes(case: ParameterSet, outcomes: dict[str, Callable[[Evaluation], Array]]) -> dict[str, list[Bar]]:
    """The bars of several outcomes; what they share is computed once.

    Args:
        case: parameter set.
        outcomes: what is looked at, by any name.
    """
    paths = case.uncertain
    # All runs at once: row 2k has parameter k low, row 2k + 1 high, the last row has all at their medians.
    count = 2 * len(paths) + 1
    columns, ends = {}, {}
    for row, path in enumerate(paths):
        ends[path] = extent(case, path)
        column: NDArray[np.float64] = np.full(count, float(case.parameters[path].value))  # type: ignore[arg-type]
        column[2 * row : 2 * row + 2] = ends[path]
        columns[path] = column
    moved = Evaluation(case, case.central).changed(columns)
    bars = {}
    for name, outcome in outcomes.items():
        found = np.broadcast_to(outcome(moved), count)
        all_bars = [
            Bar(path, *ends[path], float(found[2 * row]), float(found[2 * row + 1]), float(found[-1]))
            for row, path in enumerate(paths)
        ]
        bars[name] = sorted(all_bars, key=lambda bar: -bar.swing)
    return bars


def extent(case: ParameterSet, path: str) -> tuple[float, float]:
    """5th and 95th percentile of an uncertain parameter, in its unit."""
    law = case.parameters[path].distribution
    assert law is not None
    return float(law.ppf(LOW)), float(law.ppf(HIGH))


def tornado_json(case: ParameterSet, outcome: Outcome, bars: list[Bar]) -> dict[str, Any]:
    """Bars as plain data, with the keys of `costmodel tornado --format json`.

    Args:
        case: parameter set.
        outcome: the `Outcome` that the bars are about.
        bars: see `tornado`.
    """
    return {
        "set": case.name,
        "outcome": outcome.name,
        "unit": outcome.unit,
        "bars": [
            {
                "parameter": bar.path,
                "parameter_unit": case.parameters[bar.path].unit,
                "low_input": bar.low_input,
                "high_input": bar.high_input,
                "low": bar.low,
                "high": bar.high,
                "central": bar.central,
                "swing": bar.swing,
            }
            for bar in bars
        ],
    }
