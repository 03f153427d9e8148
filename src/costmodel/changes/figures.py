"""What follows from a set: costs, market and the end of its path, from draws made here or from its report."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.going import ends
from costmodel.analysis.named import outcome_draws
from costmodel.analysis.statistics import PERCENTILES
from costmodel.analysis.uncertainty import simulate
from costmodel.costs import UNIT, WORKLOADS
from costmodel.dynamics.path import Path
from costmodel.errors import ParameterError, Problem
from costmodel.market import has_market
from costmodel.parameters import ParameterSet
from costmodel.parameters.timeline import first_day
from costmodel.reporting.results import Interval, Results

Draw = NDArray[np.float64]

#: Results of the market that are told, with their units.
MARKET = {"price": UNIT, "premium": "1", "compute_denied": "1"}
#: Results at the end of a path that are told, with their units.
PATH = {"premium": "1", "delay": "month"}
_BAND = ("p05", "p50", "p95")


@dataclass(frozen=True)
class Channel:
    """A channel of a set.

    Attributes:
        label: short name for readers.
        open: whether it can be used.
        rival: whether it competes for being the cheapest: open, and not the counterfactual's.
    """

    label: str
    open: bool
    rival: bool


@dataclass(frozen=True)
class Figures:
    """Results of one set on one side.

    Attributes:
        channels: channels by name.
        bands: medians with 5–95 % range by name, such as `cost.mix.direct`, `market.price` or `path.delay`.
        chances: probability of each rival of being the cheapest, by workload and channel.
        number: number of draws behind costs and market.
        path_number: number of draws behind the path; None where there is none, or it is not known.
        end: first day of the last quarter of the path; None without one.
        draws: the same as `bands` in every draw, where they were made here.
    """

    channels: Mapping[str, Channel]
    bands: Mapping[str, Interval]
    chances: Mapping[tuple[str, str], float]
    number: int
    path_number: int | None = None
    end: str | None = None
    draws: Mapping[str, Draw] = field(default_factory=dict, repr=False)

    def order(self, workload: str) -> tuple[str, ...]:
        """Rivals by median cost, the cheapest first."""
        rivals = [name for name, channel in self.channels.items() if channel.rival]
        return tuple(sorted(rivals, key=lambda name: self.bands[f"cost.{workload}.{name}"].p50))


@dataclass(frozen=True)
class Sampling:
    """How draws are made, the same for both sides.

    Attributes:
        draws, seed: of costs and market.
        path_draws: of paths; 0 leaves paths out.
    """

    draws: int
    seed: int
    path_draws: int


def unit_of(name: str) -> str:
    """Unit of a result by its name.

    Examples:
        >>> unit_of("cost.mix.direct"), unit_of("premium.mix.direct"), unit_of("path.delay")
        ('USD/H100e-h', '1', 'month')
    """
    kind, _, rest = name.partition(".")
    if kind in ("market", "path"):
        return (MARKET if kind == "market" else PATH)[rest]
    return "1" if kind == "premium" else UNIT


def simulated(case: ParameterSet, sampling: Sampling) -> Figures:
    """Results of a set from draws.

    Args:
        case: parameter set.
        sampling: how many draws, and from which seed.

    Raises:
        ParameterError: a result is infinite or no number in some draws.
    """
    simulation = simulate(case, sampling.draws, sampling.seed)
    found: dict[str, Draw] = {}
    for workload in WORKLOADS:
        found[f"counterfactual.{workload}"] = simulation.counterfactual[workload]
        for channel in case.channels:
            found[f"cost.{workload}.{channel}"] = simulation.totals[workload][channel]
            found[f"premium.{workload}.{channel}"] = simulation.premium(workload, channel)
    if has_market(case):
        found |= outcome_draws(case, [f"market.{name}" for name in MARKET], sampling.draws, sampling.seed)
    goes_on = case.timeline is not None and has_market(case) and sampling.path_draws > 0
    if goes_on:
        path = Path(replace(case, observations=()), sampling.path_draws, sampling.seed, frozenset(PATH))
        found |= {f"path.{name}": draws for name, draws in ends(path).items()}
    chances = {
        (workload, channel): float(np.mean(likely))
        for workload in WORKLOADS
        for channel, likely in simulation.cheapest(workload).items()
    }
    return Figures(
        channels={
            name: Channel(case.label(name), bool(case.central[f"channels.{name}.available"]), name in simulation.rivals)
            for name in case.channels
        },
        bands={name: _band(name, draws) for name, draws in found.items()},
        chances=chances,
        number=sampling.draws,
        path_number=sampling.path_draws if goes_on else None,
        end=first_day(case.timeline.last) if goes_on and case.timeline else None,
        draws=found,
    )


def _band(name: str, draws: Draw) -> Interval:
    if not np.isfinite(draws).all():
        message = f"{name} is infinite or no number in some draws; look for values out of all scale"
        raise ParameterError([Problem("", message)])
    return Interval(*(float(x) for x in np.quantile(draws, [PERCENTILES[name] for name in _BAND])))


def reported(results: Results) -> Figures:
    """Results of a set from its report.

    Args:
        results: what `results.json` says.
    """
    mix = results.workloads["mix"].channels
    bands: dict[str, Interval] = {}
    chances: dict[tuple[str, str], float] = {}
    for workload, found in results.workloads.items():
        bands[f"counterfactual.{workload}"] = found.counterfactual
        for item in found.channels:
            bands[f"cost.{workload}.{item.name}"] = item.cost
            bands[f"premium.{workload}.{item.name}"] = item.premium
            if item.probability_cheapest is not None:
                chances[workload, item.name] = item.probability_cheapest
    if results.market is not None:
        market = results.market
        bands |= {
            "market.price": market.price,
            "market.premium": market.premium,
            "market.compute_denied": market.denied,
        }
    if results.path is not None:
        bands |= {"path.premium": results.path.premium, "path.delay": results.path.delay}
    return Figures(
        channels={c.name: Channel(c.label, c.available, ("mix", c.name) in chances) for c in mix},
        bands=bands,
        chances=chances,
        number=results.draws,
        end=results.path.date if results.path else None,
    )


@dataclass(frozen=True)
class Paired:
    """A difference, after less before, over draws that both sides have in common."""

    mean: float
    p05: float
    p50: float
    p95: float


@dataclass(frozen=True)
class Move:
    """A result on both sides.

    Attributes:
        name: such as `cost.mix.direct`.
        before, after: None where a side has no such result, or does not say.
        paired: the difference draw by draw; None where one side's draws are not at hand.
    """

    name: str
    before: Interval | None
    after: Interval | None
    paired: Paired | None = None

    @property
    def unit(self) -> str:
        """Unit of all its values."""
        return unit_of(self.name)

    @property
    def change(self) -> float | None:
        """Median after less median before; None where one is missing."""
        return None if self.before is None or self.after is None else self.after.p50 - self.before.p50

    @property
    def moved(self) -> bool:
        """Whether anything is another, but for rounding."""
        if self.before is None or self.after is None:
            return self.before is not self.after
        pairs = [(getattr(self.before, end), getattr(self.after, end)) for end in _BAND]
        return not all(np.isclose(one, other, rtol=1e-9, atol=1e-12) for one, other in pairs)


def moves(before: Figures | None, after: Figures | None) -> dict[str, Move]:
    """Every result that one side has, by name."""
    first, second = (side.bands if side else {} for side in (before, after))
    return {
        name: Move(name, first.get(name), second.get(name), _paired(name, before, after))
        for name in dict.fromkeys([*second, *first])
    }


def _paired(name: str, before: Figures | None, after: Figures | None) -> Paired | None:
    if before is None or after is None or (name.startswith("path.") and before.end != after.end):
        return None
    return paired(before.draws.get(name), after.draws.get(name))


def paired(before: Draw | None, after: Draw | None) -> Paired | None:
    """The difference of two results draw by draw; None where the draws of one are not at hand.

    Args:
        before: shape (draws,).
        after: the same, from the same random numbers.
    """
    if before is None or after is None or before.shape != after.shape:
        return None
    difference = after - before
    low, middle, high = (float(x) for x in np.quantile(difference, [PERCENTILES[end] for end in _BAND]))
    return Paired(float(np.mean(difference)), low, middle, high)
