"""The path: all draws advance together, quarter by quarter, each step clearing the market (docs/methods.md)."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.arrays import Array
from costmodel.dynamics.cumulative import CUMULATIVE, accumulated
from costmodel.dynamics.mechanisms import Mechanisms, State, movers
from costmodel.dynamics.outcomes import followed
from costmodel.dynamics.regimes import Block, Laws, Regime, regimes
from costmodel.dynamics.steps import Step
from costmodel.errors import ParameterError, Problem
from costmodel.market import required
from costmodel.memo import Call, Tape
from costmodel.parameters.model import ParameterSet, Timeline

Draw = NDArray[np.float64]

#: Draws that advance together: few enough that what is followed at all dates stays small.
TOGETHER = 2048
_QUARTERS = 4
# What every path follows, so that it can be added up.
_ADDED = ("used", "wanted")


@dataclass(frozen=True)
class Path:
    """A set's path through time, to be gone along with block after block of draws.

    Attributes:
        case: parameter set.
        draws, seed: how many draws, and from which seed.
        names: what is followed; all there is by default.
        steps: steps in a quarter; more than one only to see how little that changes.
    """

    case: ParameterSet
    draws: int
    seed: int
    names: Collection[str] | None = None
    steps: int = 1
    _tapes: dict[tuple[object, ...], Tape] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def timeline(self) -> Timeline:
        """From when to when, and what happens."""
        assert self.case.timeline is not None
        return self.case.timeline

    @property
    def quarters(self) -> range:
        """Quarters of the path, counted from the year 0."""
        return range(self.timeline.first, self.timeline.last + 1)

    @cached_property
    def regimes(self) -> tuple[Regime, ...]:
        """The set between events."""
        return regimes(self.case, self.timeline)

    @cached_property
    def _live(self) -> frozenset[str]:
        return movers(regime.case for regime in self.regimes)

    @cached_property
    def _laws(self) -> Laws:
        return Laws(self.case, self.draws, self.seed, self.timeline.events)

    def block(self, start: int) -> Block:
        """Draws of all parameters of the block that starts there.

        Args:
            start: first draw, a multiple of `sampling.BLOCK`.
        """
        return self._laws.block(start)

    def in_force(self, quarter: int, among: tuple[Regime, ...] | None = None) -> Regime:
        """The set in a quarter."""
        return [regime for regime in among or self.regimes if regime.first <= quarter][-1]

    def followed(self, quarter: int) -> tuple[str, ...]:
        """What is followed in a quarter."""
        known = (*followed(self.in_force(quarter).case, self.timeline.threshold), *CUMULATIVE)
        return known if self.names is None else tuple(name for name in known if name in self.names)

    @cached_property
    def columns(self) -> list[tuple[str, int]]:
        """What is followed, and in which quarter: a row of `walked` for each."""
        found = [(name, quarter) for quarter in self.quarters for name in self.followed(quarter)]
        order = {name: place for place, name in enumerate(dict.fromkeys(name for name, _ in found))}
        return sorted(found, key=lambda column: (order[column[0]], column[1]))

    # -- going along -----------------------------------------------------------------------------------------------

    def walked(self, block: Block, part: slice) -> Draw:
        """What is followed in some draws.

        Args:
            block: draws of all parameters.
            part: which of them.

        Returns:
            Shape (columns, draws), in the outcomes' units.
        """
        size = part.stop - part.start
        rows = {column: row for row, column in enumerate(self.columns)}
        found = np.empty((len(rows), size))
        added: dict[str, list[Draw]] = {name: [] for name in _ADDED}
        for moment in self._walk(self.regimes, block, part):
            for name in _ADDED:
                added[name].append(_spread(moment.played[name], size))
            for name in self._recorded_names(self.in_force(moment.quarter)) if moment.within == 0 else ():
                if (name, moment.quarter) in rows:
                    found[rows[name, moment.quarter]] = moment.played[name]
        sums = accumulated(added["used"], added["wanted"], 1 / (_QUARTERS * self.steps))
        for name in CUMULATIVE:
            for quarter, amounts in zip(self.quarters, sums[name][:: self.steps], strict=True):
                if (name, quarter) in rows:
                    found[rows[name, quarter]] = amounts
        return found

    def premiums(self, block: Block, part: slice) -> tuple[Draw, dict[int, Draw]]:
        """The premium in every quarter, with all events and without each of them.

        Args:
            block: draws of all parameters.
            part: which of them.

        Returns:
            Shape (quarters, draws); and by place of an event the same from its quarter on without it.
        """
        begins = {place: max(self.timeline.events[place].quarter, self.timeline.first) for place in self.measured}
        kept: dict[int, State] = {quarter: {} for quarter in begins.values()}
        with_all = self._premiums(self._walk(self.regimes, block, part, keep=kept))
        without = {}
        for place, quarter in begins.items():
            walk = self._walk(self._without[place], block, part, start=(quarter, kept[quarter]))
            without[place] = self._premiums(walk)
        return with_all, without

    @property
    def measured(self) -> tuple[int, ...]:
        """Places of the events that happen before the path ends."""
        return tuple(at for at, event in enumerate(self.timeline.events) if event.quarter <= self.timeline.last)

    @cached_property
    def _without(self) -> dict[int, tuple[Regime, ...]]:
        return {place: regimes(self.case, self.timeline, place) for place in self.measured}

    def _premiums(self, walk: Iterator["_Moment"]) -> Draw:
        found = [moment.played["premium"] for moment in walk if moment.within == 0]
        return np.stack([np.asarray(draws, dtype=float) for draws in found])

    def _walk(
        self,
        among: tuple[Regime, ...],
        block: Block,
        part: slice,
        *,
        start: tuple[int, State] | None = None,
        keep: dict[int, State] | None = None,
    ) -> Iterator["_Moment"]:
        """Go along a path; `keep` is given the states in which its quarters begin, before anything happens in them."""
        size = part.stop - part.start
        first, state = start or (self.timeline.first, {})
        names = None if start is None and keep is None else ("premium",)
        regime = None
        for quarter in range(first, self.timeline.last + 1):
            if keep is not None and quarter in keep:
                keep[quarter] = state
            if regime is not (now := self.in_force(quarter, among)):
                regime, mechanisms = now, Mechanisms(now.case, self._live)
                drawn = block.part(now.case, part)
                changed = now.changed if now.first == quarter else ()
                state = mechanisms.anchored(state, block.stated(now.case, part), changed, size)
            wanted = self._recorded_names(now) if names is None else names
            for within in range(self.steps):
                played = self._tape(mechanisms, wanted, now.events).play({**drawn, **state})
                found = dict(zip((*wanted, *mechanisms.states), played, strict=True))
                yield _Moment(quarter, within, found)
                state = {**state, **{key: _spread(found[key], size) for key in mechanisms.states}}

    def _recorded_names(self, regime: Regime) -> tuple[str, ...]:
        known = followed(regime.case, self.timeline.threshold)
        return tuple(name for name in known if self.names is None or name in self.names or name in _ADDED)

    def _tape(self, mechanisms: Mechanisms, names: tuple[str, ...], events: tuple[int, ...]) -> Tape:
        """A step, recorded: what is followed, then the states at the next date."""
        key = (events, names)
        if key not in self._tapes:
            functions = followed(mechanisms.case, self.timeline.threshold)
            years = 1.0 / (_QUARTERS * self.steps)

            def results(stated: Mapping[str, Any], state: State, call: Call) -> list[Array]:
                cleared = mechanisms.cleared(stated, state, call)
                after = Step(mechanisms, cleared, state, years).advanced()
                return [*(functions[name](cleared) for name in names), *(after[key] for key in mechanisms.states)]

            self._tapes[key] = _recorded(mechanisms.case, mechanisms.states, results)
        return self._tapes[key]


@dataclass(frozen=True)
class _Moment:
    """A date of a path.

    Attributes:
        quarter: counted from the year 0.
        within: steps since it began.
        played: what is followed, and states at the next date.
    """

    quarter: int
    within: int
    played: Mapping[str, Array]


def _spread(amount: Array, size: int) -> Draw:
    found: Draw = np.asarray(amount, dtype=float)
    return found if found.ndim else np.full(size, found)


def _recorded(case: ParameterSet, keys: Collection[str], results: Callable[..., list[Array]]) -> Tape:
    """A tape that plays draws of the set's uncertain parameters, and states."""
    # Any values will do: what is recorded is which equation takes what.
    drawn = {path: np.array([case.parameters[path].value], dtype=float) for path in case.uncertain}
    state = {key: np.ones(1) for key in keys}
    tape = Tape({**drawn, **state})
    fixed = {path: item.value for path, item in case.parameters.items()}
    tape.wanted(results(fixed | drawn, state, tape))
    return tape


def checked(case: ParameterSet) -> ParameterSet:
    """The same set, refused where there is no path to go along.

    Raises:
        ParameterError: the set states no timeline, or no demand.
    """
    if case.timeline is None:
        message = "is not stated, so that there is no path through time (start, end and events)"
        raise ParameterError([Problem("timeline", message, case.name)])
    return required(case)
