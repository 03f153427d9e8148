"""From a grid file to work: which sets, which cells, and what is asked; everything is checked before anything runs."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from costmodel.analysis.sweep import STATISTICS, nesting
from costmodel.costs import rivals
from costmodel.errors import ParameterError, Problem
from costmodel.limits import MAX_CELLS, MAX_VARIANTS
from costmodel.outcomes import Outcome, outcome
from costmodel.parameters import ParameterSet, load
from costmodel.parameters.checks import JOINT
from costmodel.parameters.vary import check_together, numbers, varied, worths
from costmodel.record import inputs_hash
from costmodel.sweeping.design import CELLS, Design, Listed, Ranged
from costmodel.sweeping.grid import Axis, Grid
from costmodel.sweeping.work import SweptCells, Variant, Work


@dataclass(frozen=True)
class Column:
    """A column of the results.

    Attributes:
        name: name of the parameter or the result.
        unit: its unit; None for what is no number.
        values: for a parameter that is more than a number, its values as they are stored, by their level.
    """

    name: str
    unit: str | None
    values: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Planned:
    """Work with what is told of it.

    Attributes:
        work: what workers are given.
        parameters: columns of the varied parameters, in the order of the grid file.
        results: columns of the results.
        hashes: SHA-256 of everything that a set's results follow from, by its name.
    """

    work: Work
    parameters: tuple[Column, ...]
    results: tuple[Column, ...]
    hashes: Mapping[str, str]

    @property
    def cells(self) -> int:
        """Number of cells of all sets."""
        return sum(each.design.cells for each in self.work.sets)


def planned(grid: Grid) -> Planned:
    """Load all sets of a grid and check all its values.

    Raises:
        ParameterError: what cannot be, with its line in the grid file.
    """
    return _Planner(grid).planned()


class _Planner:
    """Works a grid out, step by step."""

    def __init__(self, grid: Grid) -> None:
        self._grid, self._file = grid, grid.file
        self._paths = tuple(grid.file.parameters)
        self._axes = tuple(grid.file.parameters.values())
        self._cases = [self._loaded(name, index) for index, name in enumerate(grid.file.sets)]
        names = [case.name for case in self._cases]
        if len(set(names)) < len(names):
            raise ParameterError([grid.problem("two sets have the same name", "sets")])
        self._words = tuple(
            place for place, path in enumerate(self._paths) if not self._is_number(path, self._axes[place])
        )
        self._stated = {place: self._stated_values(place) for place in self._words}
        self._counts = tuple(
            len(self._stated[place]) if place in self._stated else self._count(axis)
            for place, axis in enumerate(self._axes)
        )
        self._check_size()

    def planned(self) -> Planned:
        sets = [self._swept(index) for index in range(len(self._cases))]
        first = [variant.case for cells, _ in sets for variant in cells.variants.values()]
        asked = [self._outcome(name, index, first) for index, name in enumerate(self._file.outcomes)]
        channels = dict.fromkeys(channel for case in first for channel in rivals(case))
        results = [Column(f"{one.name}.{ending}", one.unit) for one in asked for ending in STATISTICS]
        results += [Column(f"cheapest.{name}.{channel}", "1") for name in self._file.cheapest for channel in channels]
        work = Work(
            paths=self._paths,
            words=self._words,
            same=tuple(_numbered(self._stated[place]) for place in self._words),
            sets=tuple(cells for cells, _ in sets),
            outcomes=tuple(one.name for one in asked),
            cheapest=tuple(self._file.cheapest),
            columns=tuple(column.name for column in results),
            draws=self._file.draws,
            seed=self._file.seed,
        )
        parameters = tuple(self._column(place) for place in range(len(self._paths)))
        return Planned(work, parameters, tuple(results), {cells.name: found for cells, found in sets})

    def _loaded(self, name: str, index: int) -> ParameterSet:
        try:
            return load(name)
        except ParameterError as error:
            # A set that does not exist has no place of its own.
            raise ParameterError(
                [p if p.file else self._grid.problem(p.message, "sets", index) for p in error.problems]
            ) from None

    def _is_number(self, path: str, axis: Axis) -> bool:
        """Whether a parameter is varied as a number within one set; everything else takes a set for each value."""
        items = [case.parameters.get(path) for case in self._cases]
        plain = all(isinstance(value, int | float | str) for value in axis.values or ())
        return plain and all(item is not None and item.spec is not None and not item.spec.certain for item in items)

    def _count(self, axis: Axis) -> int:
        return len(axis.values) if axis.values is not None else axis.points or 0

    def _stated_values(self, place: int) -> tuple[Any, ...]:
        """Values of a parameter that is more than a number, one by one."""
        axis, path = self._axes[place], self._paths[place]
        if axis.values is not None:
            return tuple(axis.values)
        item = self._cases[0].parameters.get(path)
        if item is None or item.spec is None:
            found = _no_range(self._cases[0], path)
            raise ParameterError([self._grid.problem(found, "parameters", path)])
        if axis.points is None or axis.points > MAX_VARIANTS:
            message = f"converts other figures once, when a set is loaded; give a list of at most {MAX_VARIANTS} values"
            raise ParameterError([self._grid.problem(message, "parameters", path)])
        worth, ends = worths(self._cases[0]), []
        for end, stated in (("from", axis.low), ("to", axis.high)):
            try:
                ends.append(float(item.spec.parse(stated, worth).value))  # type: ignore[arg-type] # of a number
            except ValueError as error:
                raise ParameterError([self._grid.problem(str(error), "parameters", path, end)]) from None
        return tuple(self._ranged(path, axis, *ends).at(np.arange(axis.points), axis.points).tolist())

    def _check_size(self) -> None:
        cells = CELLS[self._file.design](self._counts, self._file.points or 0) * len(self._cases)
        if cells > MAX_CELLS:
            raise ParameterError([self._grid.problem(f"has {cells:,} cells; at most {MAX_CELLS:,} are swept")])
        distinct = [len(set(_numbered(values))) for values in self._stated.values()]
        variants = math.prod(distinct) if self._file.design != "zip" else len(list(self._keys()))
        if variants * len(self._cases) > MAX_VARIANTS:
            named = ", ".join(self._paths[place] for place in self._words)
            message = (
                f"takes {variants * len(self._cases):,} sets to be loaded, one for each combination of values of "
                f"{named}, which are more than numbers; at most {MAX_VARIANTS:,} are"
            )
            raise ParameterError([self._grid.problem(message, "parameters")])
        if self._file.design == "grid":
            self._refuse_repeated()

    def _refuse_repeated(self) -> None:
        for place, values in self._stated.items():
            if len(set(_numbered(values))) < len(values):
                message = "has the same value twice, so that cells would be computed twice"
                raise ParameterError([self._grid.problem(message, "parameters", self._paths[place])])

    def _keys(self) -> Iterator[tuple[int, ...]]:
        """Which combinations of values that are more than a number there are, by the numbers of the values."""
        same = [_numbered(self._stated[place]) for place in self._words]
        if self._file.design == "zip" and same:
            yield from dict.fromkeys(zip(*same, strict=True))
        else:
            yield from product(*(dict.fromkeys(numbers) for numbers in same))

    def _swept(self, index: int) -> tuple[SweptCells, str]:
        """The cells of one set, and a hash of what their results follow from."""
        case = self._cases[index]
        variants: dict[tuple[int, ...], Variant] = {}
        hashes = []
        known: tuple[Any, tuple[Listed | Ranged, ...]] | None = None
        for key in self._keys():
            one = self._changed(index, key) if key else case
            # What a number may be, and what its unit is worth: mostly the same in all variants.
            items = [one.parameters.get(path) for path in self._number_paths]
            kinds = worths(one), [item and item.spec for item in items]
            if known is None or known[0] != kinds:
                known = kinds, self._numbers(one)
            self._check_together(one, known[1])
            base = varied(one, dict(zip(self._number_paths, (axis.ends[1] for axis in known[1]), strict=True)))
            hashes.append(inputs_hash(base))
            variants[key] = Variant(_lean(base, next(iter(variants.values())).case if variants else base), known[1])
        first = next(iter(variants.values()))
        counts = [self._counts[place] for place in self._number_places]
        nested = [self._number_places[at] for at in nesting(first.case, self._number_paths, counts)]
        cells = CELLS[self._file.design](self._counts, self._file.points or 0)
        order = (*self._words, *nested)
        design = Design(self._file.design, self._counts, order, cells, self._file.seed or 0)
        stated = [(variant.numbers, found) for variant, found in zip(variants.values(), hashes, strict=True)]
        return SweptCells(case.name, design, variants), _hash(stated)

    @property
    def _number_places(self) -> list[int]:
        return [place for place in range(len(self._paths)) if place not in self._words]

    @property
    def _number_paths(self) -> list[str]:
        return [self._paths[place] for place in self._number_places]

    def _changed(self, index: int, key: tuple[int, ...]) -> ParameterSet:
        """The set with its parameters that are more than a number at some values."""
        stated = {
            self._paths[place]: self._stated[place][number] for place, number in zip(self._words, key, strict=True)
        }
        try:
            return load(self._file.sets[index], stated)
        except ParameterError as error:
            raise ParameterError(self._own(p, dict(zip(stated, key, strict=True))) for p in error.problems) from None

    def _own(self, found: Problem, numbers: Mapping[str, int]) -> Problem:
        """A problem of a changed set at its place in the grid file."""
        path = next((path for path in numbers if f"{found.path}.".startswith(f"{path}.")), None)
        if path is None:
            return found
        return self._grid.problem(found.message, "parameters", path, numbers[path])

    def _numbers(self, case: ParameterSet) -> tuple[Listed | Ranged, ...]:
        """Numbers of all parameters that are varied as such, in the schema's units."""
        found: list[Listed | Ranged] = []
        problems: list[Problem] = []
        for place in self._number_places:
            try:
                found.append(self._axis(case, place))
            except ParameterError as error:
                problems += error.problems
        if problems:
            raise ParameterError(problems)
        return tuple(found)

    def _axis(self, case: ParameterSet, place: int) -> Listed | Ranged:
        path, axis = self._paths[place], self._axes[place]
        if axis.values is None:
            ends = (self._number(case, path, axis.low, "from"), self._number(case, path, axis.high, "to"))
            return self._ranged(path, axis, *ends)
        listed = Listed(tuple(self._number(case, path, value, index) for index, value in enumerate(axis.values)))
        if self._file.design == "grid" and len(set(listed.numbers)) < len(listed.numbers):
            message = "has the same value twice, so that cells would be computed twice"
            raise ParameterError([self._grid.problem(message, "parameters", path)])
        return listed

    def _ranged(self, path: str, axis: Axis, low: float, high: float) -> Ranged:
        """A range between two numbers."""
        if low == high or (axis.scale == "log" and min(low, high) <= 0):
            message = "begins where it ends" if low == high else "needs ends above 0 on a scale of ratios"
            raise ParameterError([self._grid.problem(message, "parameters", path)])
        return Ranged(low, high, axis.scale)

    def _number(self, case: ParameterSet, path: str, value: Any, *steps: str | int) -> float:
        try:
            return numbers(case, {path: [value]})[path][value]
        except ParameterError as error:
            raise ParameterError(
                [self._grid.problem(problem.message, "parameters", path, *steps) for problem in error.problems]
            ) from None

    def _check_together(self, case: ParameterSet, axes: Sequence[Listed | Ranged]) -> None:
        """Raise where values that are right one by one do not fit each other in some cell."""
        # Each of these checks asks whether something grows too large beside something else, so that the corners of
        # the box in which all cells lie tell of all of them; in a zip no cell need be a corner.
        try:
            ends = [
                axis.ends if path.rpartition(".")[2] in JOINT else axis.ends[:1]
                for path, axis in zip(self._number_paths, axes, strict=True)
            ]
            check_together(case, self._number_paths, product(*ends))
        except ParameterError as error:
            listed = [axis.numbers for axis in axes if isinstance(axis, Listed)]
            if self._file.design == "zip" and len(listed) == len(axes):
                check_together(case, self._number_paths, zip(*listed, strict=True))
            else:
                where = self._grid.problem("", "parameters")
                raise ParameterError(
                    Problem(p.path, p.message, where.file, where.line) for p in error.problems
                ) from None

    def _outcome(self, name: str, index: int, cases: Sequence[ParameterSet]) -> Outcome:
        """The outcome of that name, as the first set has it that has it."""
        refused: ParameterError | None = None
        for case in cases:
            try:
                return outcome(case, name)
            except ParameterError as error:
                refused = refused or error
        assert refused is not None
        raise ParameterError([self._grid.problem(p.message, "outcomes", index) for p in refused.problems])

    def _column(self, place: int) -> Column:
        path = self._paths[place]
        items = [case.parameters[path] for case in self._cases if path in case.parameters]
        values = self._stated.get(place)
        return Column(path, items[0].unit if items else None, values and _stored(values))


def _no_range(case: ParameterSet, path: str) -> str:
    """Why a parameter cannot be varied along a range."""
    try:
        numbers(case, {path: [0.0]})
    except ParameterError as error:
        return f"{error.problems[0].message.partition(',')[0]}; a range needs a number"
    return "a range needs a number"


def _numbered(values: Sequence[Any]) -> tuple[int, ...]:
    """For each value the number of the first that equals it."""
    first: dict[str, int] = {}
    return tuple(first.setdefault(json.dumps(value, sort_keys=True), index) for index, value in enumerate(values))


def _stored(values: Sequence[Any]) -> tuple[Any, ...]:
    """Values as a column of one kind: all yes or no, all numbers, or all text."""
    if all(isinstance(value, bool) for value in values):
        return tuple(values)
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return tuple(map(float, values))
    return tuple(
        value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values
    )


def _lean(case: ParameterSet, first: ParameterSet) -> ParameterSet:
    """A set without what no cell needs, and sharing equal parameters with another, so that both travel together."""
    shared = {
        path: first.parameters[path] if first.parameters.get(path) == item else item
        for path, item in case.parameters.items()
    }
    return replace(
        case, parameters=shared, decisions={}, levers={}, timeline=None, observations=(), files=(), parent=None
    )


def _hash(found: object) -> str:
    return hashlib.sha256(repr(found).encode()).hexdigest()
