"""The set between events: what is in force from when, with or without one of them, and draws of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.parameters.model import Event, Parameter, ParameterSet, Timeline
from costmodel.sampling import Draws

Draw = NDArray[np.float64]

# A leaf that every entry of a table has: what states it adds the entry.
_MARKS = {"channels": "kind", "chips": "bf16_flops", "sites": "pue"}
# Leaves that name an entry of a table.
_NAMES = {"chip": "chips", "site": "sites"}


@dataclass(frozen=True)
class Regime:
    """A set between two dates at which something happens.

    Attributes:
        case: the set in that time.
        first: quarter in which it begins.
        changed: paths of the parameters that the events at its beginning state.
    """

    case: ParameterSet
    first: int
    changed: frozenset[str] = frozenset()


def regimes(case: ParameterSet, timeline: Timeline, without: int | None = None) -> tuple[Regime, ...]:
    """The set in each part of a path, in order of time.

    What happened before the path begins is in force from its beginning; what happens after its end is left out.

    Args:
        case: the set at the start.
        timeline: from when to when, and what happens.
        without: place of an event that is left out. What later ones set in an entry that it would have added lapses.
    """
    found = [Regime(replace(case, timeline=None), timeline.first)]
    for place, event in enumerate(timeline.events):
        if event.quarter > timeline.last or place == without:
            continue
        before, first = found[-1], timeline.begins(event)
        changes = dict(_possible(before.case, event))
        after = Regime(
            case=_changed(before.case, changes),
            first=first,
            changed=frozenset(changes) | (before.changed if first == before.first else frozenset()),
        )
        found = [*found[:-1], after] if first == before.first else [*found, after]
    return tuple(found)


def _possible(case: ParameterSet, event: Event) -> Iterator[tuple[str, Parameter | None]]:
    """What an event changes in a set that need not be the one that it was stated for."""
    for path, item in event.changes.items():
        table, name = path.split(".")[:2]
        mark = _MARKS.get(table)
        added = mark is None or _is_there(case, event, table, name)
        named = _NAMES.get(path.rpartition(".")[2]) if table == "channels" else None
        known = named is None or item is None or _is_there(case, event, named, str(item.value))
        if added and known:
            yield path, item


def _is_there(case: ParameterSet, event: Event, table: str, name: str) -> bool:
    mark = f"{table}.{name}.{_MARKS[table]}"
    return mark in case.parameters or mark in event.changes


def _changed(case: ParameterSet, changes: Mapping[str, Parameter | None]) -> ParameterSet:
    stated = {**case.parameters, **changes}
    return replace(case, parameters={path: item for path, item in stated.items() if item is not None})


@dataclass(frozen=True)
class Laws:
    """Draws of a set at all times of a path: of a law that stays the same they are the same.

    Attributes:
        case: the set at the start.
        count, seed: how many draws, and from which seed.
        events: what happens.
    """

    case: ParameterSet
    count: int
    seed: int
    events: Sequence[Event]
    _sources: list[tuple[Mapping[str, Parameter], Draws]] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare draws of the set at the start, and of what each event makes uncertain anew."""
        items = {path: self.case.parameters[path] for path in self.case.uncertain}
        self._sources.append((items, Draws(self.case, self.count, self.seed)))
        known = dict(self.case.parameters)
        for event in self.events:
            drawn = {path: item for path, item in event.changes.items() if item and item.distribution is not None}
            # All that was ever uncertain takes part, so that correlated draws do not depend on what is certain now.
            known = known | drawn
            if drawn:
                case = replace(self.case, parameters=known)
                self._sources.append((drawn, Draws(case, self.count, self.seed, only=drawn)))

    def block(self, start: int) -> "Block":
        """Draws of the block that starts there.

        Args:
            start: first draw, a multiple of `sampling.BLOCK`.
        """
        found: dict[tuple[str, int], Draw] = {}
        # All sources have the same points, of which the laws of an event need but a few.
        points = self._sources[0][1].cube(start)
        for items, source in self._sources:
            drawn = source.drawn(start, points)
            found |= {(path, id(items[path].distribution)): draws for path, draws in drawn.items()}
        return Block(found)


@dataclass(frozen=True)
class Block:
    """Draws of all laws of a path, by parameter and identity of the law."""

    by_law: Mapping[tuple[str, int], Draw]

    def drawn(self, case: ParameterSet) -> dict[str, Draw]:
        """Draws of the uncertain parameters of the set at some time, by path."""
        return {path: self.by_law[path, id(case.parameters[path].distribution)] for path in case.uncertain}

    def stated(self, case: ParameterSet, part: slice) -> dict[str, Any]:
        """Value of every parameter as the set states it: arrays for those that are uncertain."""
        fixed = {path: item.value for path, item in case.parameters.items()}
        return fixed | self.part(case, part)

    def part(self, case: ParameterSet, part: slice) -> dict[str, Draw]:
        """Some of the draws of the uncertain parameters, by path."""
        return {path: draws[part] for path, draws in self.drawn(case).items()}
