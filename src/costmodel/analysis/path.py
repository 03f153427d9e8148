"""A set's path through time over all draws: bands, the date from which domestic supply is enough, the delay."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.backtest import Backtest, backtest, backtest_json, observed
from costmodel.analysis.controls import Control, control_json, controls
from costmodel.analysis.going import streamed
from costmodel.analysis.quarters import shares_by, when
from costmodel.analysis.statistics import Estimate, NotFiniteError
from costmodel.analysis.uncertainty import checked
from costmodel.dynamics import path as dynamics
from costmodel.dynamics.outcomes import ALONE, meaning
from costmodel.dynamics.path import Path
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.outcome_words import path_band, path_label
from costmodel.parameters.model import Event, ParameterSet
from costmodel.parameters.timeline import first_day

Draw = NDArray[np.float64]
Statistics = dict[str, Estimate]

#: Draws that are enough for bands and half-lives, where nothing else is asked for.
DRAWS = 2048
#: Draws that are enough to tell what events do: each takes a path of its own.
CONTROL_DRAWS = 1024
# Statistics that are told of each quarter.
_TOLD = ("mean", "p05", "p50", "p95")
_DELAY = "delay"


@dataclass(frozen=True)
class DomesticDate:
    """When domestic supply alone holds the premium at or under a threshold.

    Attributes:
        threshold: the premium.
        dates: first day of the quarter in which it first does, by percentile over draws; None beyond the path's end.
        never: share of draws in which it does not by the end.
    """

    threshold: float
    dates: dict[str, str | None]
    never: float


@dataclass(frozen=True)
class PathResult:
    """What all draws say of a set's path; made when it is asked for.

    Attributes:
        case: parameter set.
        draws, seed: how many draws, and from which seed.
        names: what is told; all there is by default.
        steps: steps in a quarter.
        workers: threads that go along; the numbers are the same for any of them.
        control_draws: how many draws tell what each event does.
    """

    case: ParameterSet
    draws: int
    seed: int
    names: tuple[str, ...] | None = None
    steps: int = field(default=1, kw_only=True)
    workers: int = field(default=1, kw_only=True)
    control_draws: int = field(default=CONTROL_DRAWS, kw_only=True)

    @cached_property
    def path(self) -> Path:
        """What goes along it."""
        looked_at = {ALONE, _DELAY, *(item.outcome for item in self.case.observations)}
        names = None if self.names is None else frozenset({*self.names, *looked_at})
        return Path(self.case, self.draws, self.seed, names, self.steps)

    @property
    def dates(self) -> tuple[str, ...]:
        """First day of each quarter."""
        return tuple(first_day(quarter) for quarter in self.path.quarters)

    @property
    def events(self) -> tuple[Event, ...]:
        """What happens by the end of the path."""
        return tuple(self.path.timeline.events[place] for place in self.path.measured)

    @cached_property
    def cases(self) -> dict[str, ParameterSet]:
        """Every channel that there is at some time, with the set as it is when it is last there."""
        return {channel: regime.case for regime in self.path.regimes for channel in regime.case.channels}

    def label(self, channel: str) -> str:
        """Short name of a channel, which need not be there at all times."""
        return self.cases[channel].label(channel)

    def heading(self, name: str) -> str:
        """What something that is followed is, and of which channel."""
        channel = name.partition(".")[2]
        return path_label(name, self.label(channel) if channel else None)

    @cached_property
    def statistics(self) -> dict[str, tuple[Statistics | None, ...]]:
        """Statistics of what is told in each quarter, by name; None where there is no such thing yet, or any more."""
        by_column = dict(zip(self.path.columns, self._summed[0], strict=False))
        known = dict.fromkeys(name for name, _ in self.path.columns)
        names = known if self.names is None else self.names
        return {name: tuple(by_column.get((name, quarter)) for quarter in self.path.quarters) for name in names}

    def band(self, name: str, statistic: str = "p50") -> list[float | None]:
        """One statistic of what is followed, in each quarter."""
        return [None if found is None else found[statistic].value for found in self.statistics[name]]

    def shown(self, name: str, place: int) -> str:
        """The median and the 5th to the 95th percentile of what is followed, in words; a dash where there is none."""
        told = self.statistics[name][place]
        return "–" if told is None else path_band(name, *(told[each].value for each in ("p05", "p50", "p95")))

    @property
    def units(self) -> dict[str, str]:
        """Unit of what is told, by name."""
        return {name: meaning(name)[1] for name in self.statistics}

    @cached_property
    def delay(self) -> Statistics:
        """Months by which compute in service lags at the end behind what would have been without controls."""
        return self._summed[0][self.path.columns.index((_DELAY, self.path.quarters[-1]))]

    @cached_property
    def domestic_date(self) -> DomesticDate:
        """When domestic supply alone holds the premium at or under the timeline's threshold."""
        counts = self._summed[1]
        dates = {
            name: None if at is None else self.dates[at] for name, at in when(counts[:-1], int(counts.sum())).items()
        }
        return DomesticDate(self.path.timeline.threshold, dates, shares_by(counts)[-1])

    @cached_property
    def controls(self) -> tuple[Control, ...]:
        """What each event does to the premium, and how long that lasts."""
        few = Path(self.case, self.control_draws, self.seed, steps=self.steps)
        return controls(few, self.workers)

    @cached_property
    def backtest(self) -> Backtest:
        """Published figures beside what the path gives for them."""
        return backtest(self.path, self._summed[0][len(self.path.columns) :])

    @cached_property
    def _summed(self) -> tuple[list[Statistics], NDArray[np.int64]]:
        path = self.path
        looked_at = observed(path)
        alone = [path.columns.index((ALONE, quarter)) for quarter in path.quarters]

        def rows(block: Draw) -> Draw:
            means = [block[list(places)].mean(axis=0) for _, places in looked_at]
            return np.concatenate([block, np.stack(means)]) if means else block

        def tally(block: Draw) -> NDArray[np.int64]:
            enough = np.concatenate([block[alone] >= 1.0, np.ones((1, block.shape[1]), dtype=bool)])
            return np.bincount(enough.argmax(axis=0), minlength=len(enough))

        try:
            found, counts = streamed(path, lambda drawn, part: rows(path.walked(drawn, part)), tally, self.workers)
        except NotFiniteError as error:
            name, quarter = [*path.columns, *((item.outcome, item.first) for item, _ in looked_at)][error.column]
            message = f"{name} is infinite or no number in some draws in the quarter from {first_day(quarter)}; "
            raise ParameterError([Problem("timeline", message + "look for values out of all scale")]) from None
        return found, counts


def path_result(
    case: ParameterSet,
    draws: int | None = None,
    seed: int | None = None,
    *,
    names: Collection[str] | None = None,
    steps: int = 1,
    workers: int = 1,
    control_draws: int | None = None,
) -> PathResult:
    """A set's path through time.

    Args:
        case: parameter set with a timeline and a demand.
        draws: number of draws; by default `DRAWS`, or the set's own if that is fewer.
        seed: by default the set's own.
        names: what is told, such as `price` or `share.domestic`; by default all there is.
        steps: steps in a quarter.
        workers: number of threads; the numbers are the same for any of them.
        control_draws: number of draws that tell what each event does; by default `CONTROL_DRAWS`, or as many as are
            asked for.

    Raises:
        ParameterError: no timeline, no demand, or nothing of that name to follow.
        ValueError: a number of draws or a seed that cannot be.

    Examples:
        >>> from costmodel import load
        >>> result = path_result(load("history"), draws=64, names=["premium"])
        >>> len(result.dates) == len(result.band("premium"))
        True
    """
    source = checked(dynamics.checked(case), min(case.draws, DRAWS) if draws is None else draws, seed, "sobol", workers)
    few = control_draws or (min(source.draws, CONTROL_DRAWS) if draws is None else source.draws)
    result = PathResult(case, source.draws, source.seed, steps=steps, workers=workers, control_draws=few)
    known = list(dict.fromkeys(name for name, _ in result.path.columns))
    for name in names or ():
        if name not in known:
            message = f"nothing called `{name}` to follow; {nearest(name, known)}"
            raise ParameterError([Problem("", message, "--outcome")])
    wanted = None if names is None else tuple(dict.fromkeys(names))
    return replace(result, names=wanted)


def path_json(found: PathResult, *, controls: bool = True) -> dict[str, Any]:
    """A path, with the keys of `costmodel path --format json`.

    Args:
        found: the path.
        controls: whether what each event does is told too.
    """
    told: dict[str, Any] = {
        "set": found.case.name,
        "dates": list(found.dates),
        "draws": found.draws,
        "seed": found.seed,
        "units": found.units,
        "events": [{"date": event.date, "label": event.label} for event in found.events],
        "paths": {name: _columns(statistics) for name, statistics in found.statistics.items()},
        "delay_months": {name: found.delay[name].value for name in _TOLD},
        "domestic_alone": {
            "threshold": found.domestic_date.threshold,
            "date": found.domestic_date.dates,
            "never_share": found.domestic_date.never,
        },
        "backtest": backtest_json(found.backtest),
    }
    if controls:
        told["control_draws"] = found.control_draws
        told["controls"] = [control_json(item) for item in found.controls]
    return told


def _columns(found: Sequence[Statistics | None]) -> dict[str, list[float | None]]:
    columns = {name: [None if one is None else one[name].value for one in found] for name in _TOLD}
    return columns | {"standard_error": [None if one is None else one["p50"].error for one in found]}
