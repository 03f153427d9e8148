"""Published figures beside what a path gives for them. Nothing is fitted to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from costmodel.analysis.statistics import Estimate
from costmodel.dynamics.path import Path
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.parameters.model import Observation
from costmodel.parameters.timeline import first_day

# Published values from which on a rank correlation is told.
_ENOUGH = 4


@dataclass(frozen=True)
class Comparison:
    """A published figure and what the path gives for its time.

    Attributes:
        observation: the figure.
        model: statistics over draws of the mean over its quarters.
    """

    observation: Observation
    model: dict[str, Estimate]

    @property
    def error(self) -> float:
        """Model's median over the published value, less 1."""
        return self.model["p50"].value / self.observation.value - 1.0

    @property
    def inside(self) -> bool:
        """Whether the published value lies between the model's 5th and 95th percentile."""
        return self.model["p05"].value <= self.observation.value <= self.model["p95"].value


@dataclass(frozen=True)
class Series:
    """All published figures of one result.

    Attributes:
        outcome: name of the result.
        comparisons: in order of time.
    """

    outcome: str
    comparisons: tuple[Comparison, ...]

    @property
    def bias(self) -> float:
        """Mean of the errors."""
        return float(np.mean([each.error for each in self.comparisons]))

    @property
    def mean_error(self) -> float:
        """Mean of the errors' sizes."""
        return float(np.mean([abs(each.error) for each in self.comparisons]))

    @property
    def inside(self) -> float:
        """Share of the published values that lie in the model's band."""
        return float(np.mean([each.inside for each in self.comparisons]))

    @property
    def rank_correlation(self) -> float | None:
        """Spearman's correlation of model and published values; None for too few, or where one side does not move."""
        pairs = [(each.model["p50"].value, each.observation.value) for each in self.comparisons]
        if len(pairs) < _ENOUGH or any(len(set(side)) == 1 for side in zip(*pairs, strict=True)):
            return None
        from scipy.stats import spearmanr  # here, since it is slow to load

        return float(spearmanr(*zip(*pairs, strict=True)).statistic)


@dataclass(frozen=True)
class Backtest:
    """All published figures of a set.

    Attributes:
        series: by result, in order of first mention.
        outside: figures of times that the path does not cover, or of what does not exist then.
    """

    series: tuple[Series, ...]
    outside: tuple[Observation, ...]


def observed(path: Path) -> list[tuple[Observation, tuple[int, ...]]]:
    """Published figures that the path covers, each with the columns of which it is the mean.

    Args:
        path: the path.

    Raises:
        ParameterError: one is of nothing that is followed.
    """
    rows = {column: row for row, column in enumerate(path.columns)}
    known = list(dict.fromkeys(name for name, _ in path.columns))
    found = []
    for item in path.case.observations:
        if item.outcome not in known:
            message = f"nothing called `{item.outcome}` is followed; {nearest(item.outcome, known)}"
            raise ParameterError([Problem("observations", message, item.file, item.line)])
        columns = [(item.outcome, quarter) for quarter in range(item.first, item.last + 1)]
        if all(column in rows for column in columns):
            found.append((item, tuple(rows[column] for column in columns)))
    return found


def backtest(path: Path, statistics: Sequence[dict[str, Estimate]]) -> Backtest:
    """Published figures beside the path.

    Args:
        path: the path.
        statistics: of each that `observed` gives, over draws.
    """
    inside = [item for item, _ in observed(path)]
    compared = [Comparison(item, found) for item, found in zip(inside, statistics, strict=True)]
    outcomes = dict.fromkeys(item.outcome for item in inside)
    series = (
        Series(name, tuple(sorted((x for x in compared if x.observation.outcome == name), key=_time)))
        for name in outcomes
    )
    return Backtest(tuple(series), tuple(item for item in path.case.observations if item not in inside))


def _time(found: Comparison) -> tuple[int, int]:
    return found.observation.first, found.observation.last


def backtest_json(found: Backtest) -> list[dict[str, Any]]:
    """A back-test, with the keys of `costmodel path --format json`; one entry for each result."""
    return [
        {
            "outcome": series.outcome,
            "bias": series.bias,
            "mean_error": series.mean_error,
            "inside_share": series.inside,
            "rank_correlation": series.rank_correlation,
            "figures": [_figure(each) for each in series.comparisons],
        }
        for series in found.series
    ]


def _figure(found: Comparison) -> dict[str, Any]:
    item = found.observation
    return {
        "date": first_day(item.first),
        "until": first_day(item.last),
        "label": item.label,
        "source": list(item.source),
        "published": {"value": item.value, "low": item.low, "high": item.high},
        "model": {name: found.model[name].value for name in ("p05", "p50", "p95")},
        "error": found.error,
        "inside": found.inside,
    }
