"""The path: all draws advance together, quarter by quarter, each step clearing the market (docs/methods.md)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from costmodel.arrays import Array
from costmodel.dynamics.cumulative import ADDED, CUMULATIVE, accumulated
from costmodel.dynamics.mechanisms import Mechanisms, State, movers
from costmodel.dynamics.outcomes import followed
from costmodel.dynamics.regimes import Block, Laws, Regime, regimes
from costmodel.dynamics.tapes import Tapes, recorded
from costmodel.errors import ParameterError, Problem
from costmodel.market import required
from costmodel.parameters.model import ParameterSet, Timeline

Draw = NDArray[np.float64]

#: Draws that advance together: few enough that what is followed at all dates stays small.
TOGETHER = 4096
_QUARTERS = 4


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
    _tapes: dict[tuple[object, ...], Tapes] = field(default_factory=dict, init=False, repr=False, compare=False)

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
        rows = {column: row for row, column in enumerate(self.columns)}
        found = np.empty((len(rows), part.stop - part.start))
        steps = []
        for date, end in self._walk(self.regimes, block, part):
            steps.append({name: (date.played[name], end[name]) for name in ADDED})
            for name, draws in date.played.items() if date.within == 0 else ():
                if (name, date.quarter) in rows:
                    found[rows[name, date.quarter]] = draws
        used, wanted = ([step[name] for step in steps] for name in ADDED)
        sums = accumulated(used, wanted, self._years)
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
        begins = {place: self.timeline.begins(self.timeline.events[place]) for place in self.measured}
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

    def _premiums(self, walk: Iterator[tuple["_Date", Mapping[str, Draw]]]) -> Draw:
        return np.stack([date.played["premium"] for date, _ in walk if date.within == 0])

    def _walk(
        self,
        among: tuple[Regime, ...],
        block: Block,
        part: slice,
        *,
        start: tuple[int, State] | None = None,
        keep: dict[int, State] | None = None,
    ) -> Iterator[tuple["_Date", Mapping[str, Draw]]]:
        """Go along a path; `keep` is given the states in which its quarters begin, before anything happens in them.

        A step is taken twice, with one market at either end: at the rates of its beginning, so that the market of its
        end can be cleared; then at the mean of both ends, to go on from. What happens at a date does not bear on the
        step before: it ends with the market as it was until then.

        Returns:
            Each date, and what is followed at the end of the step that begins there.
        """
        first, state = start or (self.timeline.first, {})
        names = None if start is None and keep is None else ("premium",)
        stretch: _Stretch | None = None
        before: _Date | None = None
        for quarter in range(first, self.timeline.last + 1):
            now = self.in_force(quarter, among)
            if stretch is None or stretch.regime is not now:
                if stretch is not None and before is not None:
                    end = stretch.cleared(state, quarter, 0)
                    yield before, end.played
                    state, before = stretch.advanced(before, end), None
                if keep is not None and quarter in keep:
                    keep[quarter] = state
                stretch = self._stretch(now, block, part, names)
                state = stretch.begun(state, now.changed if now.first == quarter else frozenset())
            for within in range(self.steps):
                date = stretch.cleared(state, quarter, within)
                if before is not None:
                    yield before, date.played
                    date = replace(date, state=stretch.advanced(before, date))
                before, state = date, stretch.advanced(date)
        if before is not None:
            yield before, before.played

    def _recorded_names(self, regime: Regime) -> tuple[str, ...]:
        known = followed(regime.case, self.timeline.threshold)
        return tuple(name for name in known if self.names is None or name in self.names or name in ADDED)

    @property
    def _years(self) -> float:
        """Length of a step."""
        return 1.0 / (_QUARTERS * self.steps)

    def _stretch(self, regime: Regime, block: Block, part: slice, names: tuple[str, ...] | None) -> "_Stretch":
        names = self._recorded_names(regime) if names is None else names
        # Without an event the set is often soon the same again, once later ones have stated all that it stated.
        key = (tuple(map(id, regime.case.parameters.values())), names)
        if key not in self._tapes:
            mechanisms = Mechanisms(regime.case, self._live)
            threshold = self.timeline.threshold
            self._tapes[key] = recorded(mechanisms, names, threshold, self._years)
        return _Stretch(regime, self._tapes[key], block, part)


@dataclass(frozen=True)
class _Date:
    """A date of a path.

    Attributes:
        quarter: counted from the year 0.
        within: steps since the quarter began.
        played: what is followed.
        state: states from which the path goes on.
        rates: what the market says of how they move.
    """

    quarter: int
    within: int
    played: Mapping[str, Draw]
    state: State
    rates: Mapping[str, Draw]


@dataclass(frozen=True)
class _Stretch:
    """A part of a path in which nothing happens, for some draws."""

    regime: Regime
    tapes: Tapes
    block: Block
    part: slice

    @cached_property
    def _drawn(self) -> dict[str, Draw]:
        return self.block.part(self.regime.case, self.part)

    @property
    def _size(self) -> int:
        return len(range(self.part.start, self.part.stop))

    def begun(self, state: State, changed: frozenset[str]) -> State:
        """States at its beginning, where some parameters are stated anew."""
        stated = self.block.stated(self.regime.case, self.part)
        return self.tapes.mechanisms.anchored(state, stated, changed, self._size)

    def cleared(self, state: State, quarter: int, within: int) -> _Date:
        """A date, from the states that lead to it."""
        tapes = self.tapes
        own = {key: state[key] for key in tapes.mechanisms.states}
        played = [_spread(x, self._size) for x in tapes.market.play({**self._drawn, **own})]
        followed, settled, rates = _split(played, tapes.names, tapes.mechanisms.settling, tapes.rates)
        return _Date(quarter, within, followed, {**state, **settled}, rates)

    def advanced(self, date: _Date, end: _Date | None = None) -> State:
        """States at the end of the step from a date: at its rates, or at the mean of its and of the end's."""
        rates = date.rates
        if end is not None:
            rates = {name: (rate + end.rates[name]) / 2.0 for name, rate in rates.items()}
        keys = self.tapes.mechanisms.states
        inputs = {**{key: date.state[key] for key in keys}, **{f"rate {name}": rate for name, rate in rates.items()}}
        played = (self.tapes.ahead if end is None else self.tapes.mean).play({**self._drawn, **inputs})
        return {**date.state, **{key: _spread(x, self._size) for key, x in zip(keys, played, strict=True)}}


def _split(played: list[Draw], *names: tuple[str, ...]) -> Iterator[dict[str, Draw]]:
    """Rows by name, of several kinds of name one after the other."""
    rows = iter(played)
    for some in names:
        yield {name: next(rows) for name in some}


def _spread(amount: Array, size: int) -> Draw:
    found: Draw = np.asarray(amount, dtype=float)
    return found if found.ndim else np.full(size, found)


def checked(case: ParameterSet) -> ParameterSet:
    """The same set, refused where there is no path to go along.

    Raises:
        ParameterError: the set states no timeline, or no demand.
    """
    if case.timeline is None:
        message = "is not stated, so that there is no path through time (start, end and events)"
        raise ParameterError([Problem("timeline", message, case.name)])
    return required(case)
