"""A validated parameter set: what the rest of the package reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from costmodel.distributions import Distribution
from costmodel.formulas import capital
from costmodel.memo import Call, plainly
from costmodel.parameters.leaf import Leaf, Number, Value


@dataclass(frozen=True)
class Parameter:
    """One resolved leaf of a set.

    Attributes:
        path: dotted path, such as `channels.direct.export_fee`.
        leaf: the validated leaf.
        description: meaning, from the schema.
        symbol: symbol in the literature.
        control: whether it measures what controls do.
        role: `scenario` for what no data pin down; else empty.
        spec: unit and bounds; None for text.
        stated: whether a file states it; otherwise it stands at its neutral value.
        file, line: where it is stated.
    """

    path: str
    leaf: Leaf
    description: str = ""
    symbol: str = ""
    control: bool = False
    spec: Number | None = None
    stated: bool = True
    file: str | None = None
    line: int | None = None
    role: str = ""

    @property
    def value(self) -> Value:
        """Central value in the schema's unit: the median where it is uncertain."""
        return self.leaf.value

    @property
    def unit(self) -> str | None:
        """Unit of the schema; None for text."""
        return self.leaf.unit

    @property
    def distribution(self) -> Distribution | None:
        """Law, where the parameter is uncertain."""
        return self.leaf.distribution

    @property
    def assumption(self) -> str | None:
        """Reason for a figure that no source gives."""
        if self.stated:
            return self.leaf.assumption
        return "left out: stands at its neutral value"


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's rank correlation of two uncertain parameters."""

    first: str
    second: str
    rank: float
    reason: str | None = None
    source: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """One thing that may be done.

    Attributes:
        name: as stated.
        label: name in tables and charts, where one is stated.
        channel: channel whose pay-off counts; None for the cheapest open one.
        changes: parameters that this choice changes, by path.
        cost: amount added to the pay-off, in its unit.
        assumption, source: where it comes from.
    """

    name: str
    label: str | None = None
    channel: str | None = None
    changes: Mapping[str, Parameter] = field(default_factory=dict)
    cost: float = 0.0
    assumption: str | None = None
    source: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """A choice between options.

    Attributes:
        name, title: as stated.
        workload: workload whose cost counts.
        payoff: `effective_cost` or `premium`.
        goal: `minimize` or `maximize`.
        options: what may be done.
        groups: paths, or what paths begin with, of parameters that one would learn together, by name.
        assumption, source: where it comes from.
        file, line: where it is stated.
    """

    name: str
    title: str
    workload: str
    payoff: str
    goal: str
    options: tuple[Option, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    assumption: str | None = None
    source: tuple[str, ...] = ()
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Lever:
    """Something that policy can move.

    Attributes:
        name, label: as stated.
        paths: parameters that are set to the lever's value.
        low, high: ends between which it is moved, in the parameters' unit.
        assumption, source: where the range comes from.
        file, line: where it is stated.
    """

    name: str
    label: str | None
    paths: tuple[str, ...]
    low: float
    high: float
    assumption: str | None = None
    source: tuple[str, ...] = ()
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Event:
    """What happens at a date.

    Attributes:
        date, label: as stated.
        quarter: the quarter that contains the date, counted from the year 0.
        changes: parameters that are others from then on, by path; None for one that there is no more.
        assumption, source: where it comes from.
        file, line: where it is stated.
    """

    date: str
    label: str
    quarter: int
    changes: Mapping[str, Parameter | None]
    assumption: str | None = None
    source: tuple[str, ...] = ()
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Timeline:
    """A path through time.

    Attributes:
        first, last: quarters in which it begins and ends, counted from the year 0.
        threshold: premium at or under which domestic supply alone is to hold the price.
        events: what happens, in order of time.
    """

    first: int
    last: int
    threshold: float
    events: tuple[Event, ...] = ()

    def begins(self, event: Event) -> int:
        """Quarter from which an event is in force; one that happened before is so from the path's beginning."""
        return max(event.quarter, self.first)


@dataclass(frozen=True)
class Observation:
    """A published figure.

    Attributes:
        first, last: quarters that it is for, counted from the year 0.
        outcome, value, low, high, label: as stated.
        assumption, note, source: where it comes from.
        file, line: where it is stated.
    """

    first: int
    last: int
    outcome: str
    value: float
    low: float | None
    high: float | None
    label: str
    assumption: str | None = None
    note: str | None = None
    source: tuple[str, ...] = ()
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class ParameterSet:
    """A parameter set, resolved through all sets that it extends.

    Attributes:
        name, title, description, extends, base_year, as_of: as stated.
        parameters: every resolved leaf by path, in the order of the schema.
        correlations: rank correlations between uncertain parameters.
        decisions: decisions by name.
        levers: levers by name.
        timeline: its path through time; None where it states none.
        observations: published figures that the path is held against.
        draws, seed: how draws are made when nothing else is said.
        streams: paths with a dimension of random numbers of their own, the root set's first. A set that extends
            another keeps its dimensions, so that draws of the two are paired.
        files: the files that it was read from, the root's first.
        parent: the file of the set that it extends.
        overrides: what was changed for this run alone.
    """

    name: str
    title: str
    description: str
    extends: str | None
    base_year: int
    as_of: str
    parameters: Mapping[str, Parameter]
    correlations: tuple[RankCorrelation, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    levers: Mapping[str, Lever] = field(default_factory=dict)
    timeline: Timeline | None = None
    observations: tuple[Observation, ...] = ()
    draws: int = 16384
    seed: int = 0
    streams: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    parent: Path | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def uncertain(self) -> tuple[str, ...]:
        """Paths of the uncertain parameters."""
        return tuple(path for path, item in self.parameters.items() if item.distribution is not None)

    @cached_property
    def nominal(self) -> tuple[str, ...]:
        """Paths of the rates that are stated as nominal."""
        return tuple(path for path, item in self.parameters.items() if item.leaf.basis == "nominal")

    def controls(self, channel: str) -> frozenset[str]:
        """Paths of a channel's control parameters."""
        own = f"channels.{channel}."
        return frozenset(item.path for item in self if item.control and item.path.startswith(own))

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels, in the order in which they are stated."""
        return self.names("channels")

    @cached_property
    def central(self) -> dict[str, Value]:
        """Central value of every parameter, by path; nominal rates are deflated."""
        return deflated({path: item.value for path, item in self.parameters.items()}, self)

    def names(self, table: str) -> tuple[str, ...]:
        """Names in a table such as `chips`, in the order in which they are stated."""
        return self._names.get(table, ())

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        """Names in each table."""
        return _names_in(tuple(self.parameters))

    def text(self, path: str, default: str | None = None) -> str | None:
        """Value of a text leaf, or the default where it is left out."""
        item = self.parameters.get(path)
        return str(item.value) if item else default

    def label(self, channel: str) -> str:
        """A channel's name in tables and charts."""
        return self.text(f"channels.{channel}.label") or channel.replace("_", " ").capitalize()

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters.values())


@lru_cache(maxsize=64)
def _names_in(paths: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for path in paths:
        table, name = path.split(".", 2)[:2]
        found.setdefault(table, {})[name] = None
    return {table: tuple(names) for table, names in found.items()}


def deflated(values: dict[str, Any], case: ParameterSet, call: Call = plainly) -> dict[str, Any]:
    """Values in which rates stated as nominal are real."""
    for path in case.nominal:
        values[path] = real_rate(case.parameters[path], values[path], values["finance.inflation"], call)
    return values


def real_rate(item: Parameter, nominal: Any, inflation: Any, call: Call = plainly) -> Any:
    """A nominal rate made real.

    Args:
        item: the parameter, which says whether it is a rate of interest or that at which a price falls.
        nominal: its nominal value, 1/year.
        inflation: i, 1/year.
        call: how the equation is called.
    """
    falls = item.spec is not None and item.spec.nominal == "decline"
    equation = capital.real_decline if falls else capital.real_rate
    return call(equation, {"nominal": nominal, "inflation": inflation})
