"""Parameter sets mixed from two: some groups of parameters from one, the rest from the other, draw by draw."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from costmodel.analysis.sample import Draw, sample
from costmodel.costs import Evaluation, Found
from costmodel.errors import ParameterError, Problem
from costmodel.memo import Memo
from costmodel.outcomes import Outcome, outcome
from costmodel.parameters.checks import JOINT, cross_problems
from costmodel.parameters.differences import differences
from costmodel.parameters.documents import Node
from costmodel.parameters.model import Parameter, ParameterSet
from costmodel.words import humanised, listed, parameter_label

#: Tables whose parameters are one group, in the order in which groups are listed; each channel is one by itself.
TABLES = ("reference", "finance", "chips", "sites", "workloads", "demand")
# Tables that count with another.
_TOGETHER = {"enforcement": "demand"}
_LABELS = {"demand": "Demand and enforcement"}
# Of these a set may have more than it uses: an entry that only one set has moves nothing by itself.
_UNITED = ("chips", "sites")
# Tables on which the cost of every channel may depend.
_COMMON = frozenset({"reference", "finance", "chips", "sites", "workloads"})


@dataclass(frozen=True)
class Part:
    """Parameters that move together from one set to the other.

    Attributes:
        name: of the group, or the path of a single parameter.
        label: name in tables and charts.
        paths: parameters that differ.
    """

    name: str
    label: str
    paths: tuple[str, ...]


class Pairing:
    """Two sets whose draws are paired: what differs between them, and the values of both in the same draws.

    Examples:
        >>> from costmodel import load
        >>> dearer = load("baseline", {"finance.discount_rate": 0.2, "channels.gray_market.price_markup": 0.5})
        >>> [part.name for part in Pairing(load("baseline"), dearer, draws=64, seed=0).groups]
        ['finance', 'channels.gray_market']
    """

    def __init__(self, before: ParameterSet, after: ParameterSet, draws: int, seed: int) -> None:
        """Draw both sets.

        Args:
            before: set A.
            after: set B.
            draws: number of draws.
            seed: seed of both.

        Raises:
            ParameterError: the sets count in money of different years.
        """
        if before.base_year != after.base_year:
            years = f"{before.name} counts in US dollars of {before.base_year}, {after.name} in those of"
            message = f"{years} {after.base_year}: state the same year in both, so that costs can be subtracted"
            raise ParameterError([Problem("base_year", message)])
        self.before, self.after, self.draws, self.seed = before, after, draws, seed
        self.values = self._paired(seed)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Paths of both sets, in an order that does not depend on which is A."""
        return _merged(tuple(self.before.parameters), tuple(self.after.parameters))

    def _paired(self, seed: int) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Values of both sets as they state them; what is the same in all draws is the same array."""
        streams = common_streams(self.before, self.after)
        first, second = (
            sample(replace(case, streams=streams or case.streams), self.draws, seed).evaluation
            for case in (self.before, self.after)
        )
        before = {path: first.stated(path) for path in self.before.parameters}
        after = {path: second.stated(path) for path in self.after.parameters}
        for path in before.keys() & after.keys():
            if isinstance(after[path], np.ndarray) and np.array_equal(before[path], after[path]):
                after[path] = before[path]
        return before, after

    @cached_property
    def differing(self) -> tuple[str, ...]:
        """Parameters whose value, distribution or draws differ; names that tables show are none."""
        stated = {item.path for item in differences(self.before, self.after)}
        return tuple(path for path in self.paths if self._differs(path, stated))

    def _differs(self, path: str, stated: set[str]) -> bool:
        table, name, *rest = path.split(".")
        sides = [name in case.names(table) for case in (self.before, self.after)]
        if (rest == ["label"] and all(sides)) or (table in _UNITED and not all(sides)):
            return False
        drawn = [values.get(path) for values in self.values]
        # Correlations may draw equal laws differently.
        return path in stated or (isinstance(drawn[0], np.ndarray) and drawn[0] is not drawn[1])

    @cached_property
    def groups(self) -> tuple[Part, ...]:
        """Groups of parameters that differ, in the order of `TABLES`, channels last."""
        found: dict[str, list[str]] = {}
        for path in self.differing:
            found.setdefault(group_of(path), []).append(path)
        order = {name: at for at, name in enumerate(TABLES)}
        names = sorted(found, key=lambda name: (name.startswith("channels."), order.get(name, len(order))))
        return tuple(Part(name, self._label(name), tuple(found[name])) for name in names)

    def _label(self, group: str) -> str:
        if not group.startswith("channels."):
            return _LABELS.get(group, humanised(group))
        channel = group.removeprefix("channels.")
        return (self.after if channel in self.after.channels else self.before).label(channel)

    def members(self, group: Part) -> tuple[Part, ...]:
        """Single parameters of a group; what makes sense only together is one.

        Those that only one of the sets has hang on words such as `kind` or `pricing`, so all of these move at once.
        """
        structure = [path for path in group.paths if path not in self.before.parameters.keys() & self.after.parameters]
        if structure:
            structure = [path for path in group.paths if path in structure or self.structural(path)]
        single = [(path,) for path in group.paths if path not in structure]
        parts = [tuple(structure), *single] if structure else single
        return tuple(Part(paths[0], self._named(paths), paths) for paths in parts)

    def _named(self, paths: Sequence[str]) -> str:
        if paths[0].startswith("channels.") and len(paths) > 1:
            return "Form of supply"
        case = self.after if paths[0] in self.after.parameters else self.before
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        return parameter_label(case, paths[0]).partition(" · ")[0] + more

    def structural(self, path: str) -> bool:
        """Whether a parameter may decide if a set can be computed: a word, one that a set lacks, one of several that
        must fit one another.
        """
        pair = [case.parameters.get(path) for case in (self.before, self.after)]
        numbers = all(item is not None and item.spec is not None for item in pair)
        return not numbers or path.rpartition(".")[2] in JOINT


def group_of(path: str) -> str:
    """Name of the group that a parameter belongs to.

    Examples:
        >>> group_of("channels.gray_market.price_markup"), group_of("enforcement.budget"), group_of("chips.b300.price")
        ('channels.gray_market', 'demand', 'chips')
    """
    table, name = path.split(".")[:2]
    return f"channels.{name}" if table == "channels" else _TOGETHER.get(table, table)


def _merged(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Names of both, the longer list first, whichever comes first."""
    first, second = sorted((one, other), key=lambda names: (-len(names), names))
    return tuple(dict.fromkeys([*first, *second]))


def common_streams(before: ParameterSet, after: ParameterSet) -> tuple[str, ...] | None:
    """Dimensions of random numbers for both sets, so that draws are paired; None where one continues the other's.

    Where each has some of its own, their places coincide: a mixture would draw two parameters from the same numbers.

    Args:
        before: one set.
        after: the other; which is which does not matter.
    """
    pairs = list(zip(before.streams, after.streams, strict=False))
    common = next((at for at, (one, other) in enumerate(pairs) if one != other), len(pairs))
    if common == len(pairs):
        return None
    kept = before.streams[:common]
    return (*kept, *sorted({*before.streams, *after.streams} - {*kept}))


class Mixture:
    """Sets in which some parts come from B and all else from A.

    A coalition of parts is a whole number, one bit for each part that comes from B.
    """

    def __init__(self, pairing: Pairing, parts: Sequence[Part]) -> None:
        """Prepare.

        Args:
            pairing: both sets.
            parts: the parts, the first of bit 1, the second of bit 2, the third of bit 4, and so on.
        """
        self.pairing, self.parts = pairing, parts
        self._known: dict[tuple[Any, ...], Any] = {}
        self._slice: tuple[Mapping[str, Any], Mapping[str, Any]] = pairing.values
        self._size = pairing.draws

    def begin(self, block: slice) -> None:
        """Turn to another block of draws; what is known of the last one is forgotten."""
        self._size = len(range(self.pairing.draws)[block])

        def cut(values: Mapping[str, Any]) -> dict[str, Any]:
            return {path: x[block] if isinstance(x, np.ndarray) else x for path, x in values.items()}

        before, after = self.pairing.values
        first, second = cut(before), cut(after)
        # A slice is a new object: equal ones have to be made the same once more.
        self._slice = first, {path: first[path] if x is before.get(path) else second[path] for path, x in after.items()}
        self._known = {}

    def _mixed(self, coalition: int, first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
        """What two mappings hold by path, each path's from the set that it comes from, in the order of the paths."""
        found = dict.fromkeys(self.pairing.paths)
        # A path that neither is in a part nor in A is one that only B has, and moves nothing.
        found |= second
        found |= first
        for at, part in enumerate(self.parts):
            side = second if coalition >> at & 1 else first
            for path in part.paths:
                if path in side:
                    found[path] = side[path]
                else:
                    del found[path]
        return found

    def case(self, coalition: int) -> ParameterSet:
        """The mixed set."""
        before, after = self.pairing.before, self.pairing.after
        mixed: dict[str, Parameter] = self._mixed(coalition, before.parameters, after.parameters)
        return replace(before, parameters=mixed, correlations=(), decisions={}, levers={})

    def values(self, coalition: int, abouts: Sequence[Outcome]) -> list[Draw]:
        """Outcomes of the mixed set in every draw of the block.

        Raises:
            ParameterError: one is infinite or no number in some draws.
        """
        stated = self._mixed(coalition, *self._slice)
        evaluation = _Mixed.of(self.case(coalition), stated, Memo())
        assert isinstance(evaluation, _Mixed)
        evaluation.known, evaluation.came_from = self._known, {c: coalition & bits for c, bits in self._bearing.items()}
        return [self._value(evaluation, about) for about in abouts]

    def _value(self, evaluation: Evaluation, about: Outcome) -> Draw:
        found = np.asarray(about(evaluation), dtype=float)
        if not np.isfinite(found).all():
            names = f"{self.pairing.before.name}, {self.pairing.after.name} or a mixture of them"
            message = f"{about.name} is infinite or no number in some draws of {names}"
            raise ParameterError([Problem("", message, "--outcome")])
        return np.broadcast_to(found, self._size)

    @cached_property
    def telling(self) -> int:
        """Bits of the parts that outcomes may depend on; other tables move a path through time and nothing else."""
        groups = [group_of(part.paths[0]) for part in self.parts]
        return sum(1 << at for at, name in enumerate(groups) if name in TABLES or name.startswith("channels."))

    @cached_property
    def _bearing(self) -> dict[str, int]:
        """Bits of the parts that may bear on a channel's cost."""
        groups = [group_of(part.paths[0]) for part in self.parts]
        return {
            channel: sum(1 << at for at, group in enumerate(groups) if group in {*_COMMON, f"channels.{channel}"})
            for channel in {*self.pairing.before.channels, *self.pairing.after.channels}
        }

    def check(self, coalitions: Iterable[int], names: Sequence[str]) -> None:
        """Raise where a mixed set cannot be computed, before any is.

        Args:
            coalitions: the mixed sets.
            names: of the outcomes that are wanted.

        Raises:
            ParameterError: with the mixture and the reason.
        """
        telling = sum(1 << at for at, p in enumerate(self.parts) if any(map(self.pairing.structural, p.paths)))
        for coalition in sorted({coalition & telling for coalition in coalitions}):
            case = self.case(coalition)
            if reason := _problem(case) or next(filter(None, (_missing(case, name) for name in names)), None):
                raise ParameterError([Problem("", self._explained(coalition, telling, reason), "attribute")])

    def _explained(self, coalition: int, telling: int, reason: str) -> str:
        labels = [part.name for at, part in enumerate(self.parts) if (coalition & telling) >> at & 1]
        source = (
            f"{listed(labels)} from {self.pairing.after.name}" if labels else f"nothing from {self.pairing.after.name}"
        )
        mixed = f"{source} and all else from {self.pairing.before.name}"
        return f"the two sets cannot be mixed, so that nothing can be attributed: with {mixed}, {reason}"


def _problem(case: ParameterSet) -> str | None:
    """Why a mixed set cannot be computed; None where it can.

    What a set must state where it has a market is no reason: a mixture has it from one of the sets or does without.
    """
    for problem in cross_problems(case, Node({})):
        if group_of(problem.path) != "demand" and not problem.path.endswith(".supply_markup"):
            return f"{problem.path}: {problem.message}"
    return None


def _missing(case: ParameterSet, name: str) -> str | None:
    """Why a mixed set has no such outcome; None where it has."""
    try:
        outcome(case, name)
    except ParameterError:
        return f"there is no `{name}`: no channel that competes is open, or what it is about is missing"
    return None


class _Mixed(Evaluation):
    """Costs of one mixed set, of which those that others have had already are taken from them.

    A memo shared by all mixtures would keep every step of thousands of them; here costs alone are kept.

    Attributes:
        known: what functions found of channels, by function, channel, words, and the parts from B that bear on it.
        came_from: these parts, by channel.
    """

    known: dict[tuple[Any, ...], Any]
    came_from: Mapping[str, int]

    def of_channel(self, function: Callable[..., Found], channel: str, *words: Hashable) -> Found:
        key = function, channel, *words, self.came_from[channel]
        if key not in self.known:
            self.known[key] = super().of_channel(function, channel, *words)
        found: Found = self.known[key]
        return found
