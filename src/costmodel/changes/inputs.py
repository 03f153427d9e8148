"""All that a set's results follow from, item by item with where it comes from, as plain data that can be compared."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from costmodel.documents import described
from costmodel.parameters.leaf import Leaf
from costmodel.parameters.model import Decision, Event, Option, Parameter, ParameterSet
from costmodel.parameters.timeline import first_day
from costmodel.words import LAW_WORDS, interval, parameter_label, shown

# Laws and values nearer to one another than this are the same: other versions of a library round otherwise.
_ROUNDING = 1e-9
_MOST_DIGITS = 12


@dataclass(frozen=True)
class Input:
    """One thing that results follow from.

    Attributes:
        label: what it is, in words.
        value: number in `unit`, text, yes or no, or names; the median where it is uncertain.
        unit: the schema's unit; None for text.
        law: the distribution as `costmodel params` tells it; None where it is certain.
        basis: `real` or `nominal`.
        stated: whether a file states it; otherwise it stands at its neutral value.
        sources: ids of `params/evidence/sources.csv`.
        assumption, as_of, note: as stated.
        parameter: path of the parameter that it is a value of; empty where it is none.
        file, line: where it is stated, if that is known.
    """

    label: str
    value: Any
    unit: str | None = None
    law: Mapping[str, Any] | None = None
    basis: str = "real"
    stated: bool = True
    sources: tuple[str, ...] = ()
    assumption: str | None = None
    as_of: str | None = None
    note: str | None = None
    parameter: str = ""
    file: str | None = field(default=None, compare=False)
    line: int | None = field(default=None, compare=False)

    @property
    def content(self) -> tuple[Any, ...]:
        """What results follow from."""
        return self.value, self.unit, self.law, self.basis

    @property
    def origin(self) -> tuple[Any, ...]:
        """Where it comes from."""
        return self.sources, self.assumption, self.as_of, self.note


@dataclass(frozen=True)
class InputChange:
    """One thing that differs between two states of a set.

    Attributes:
        path: the parameter's path, or what else it is.
        before, after: as it was and as it is; None where there was or is none.
    """

    path: str
    before: Input | None
    after: Input | None

    @property
    def kind(self) -> str:
        """`added`, `removed`, `changed`, or `origin` where only its source, assumption, date or note is another."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "origin" if same(self.before.content, self.after.content) else "changed"

    @property
    def known(self) -> Input | None:
        """As it is, or as it was where it is no more."""
        return self.after or self.before

    @property
    def label(self) -> str:
        """What it is, in words."""
        return self.known.label if self.known else self.path


def inputs(case: ParameterSet) -> dict[str, Input]:
    """All inputs of a set by path, parameters first, in the order of the schema.

    Examples:
        >>> from costmodel import load
        >>> found = inputs(load("baseline"))["finance.inflation"]
        >>> found.unit, found.label
        ('1/year', 'Inflation')
    """
    found = {item.path: _parameter(case, item) for item in case}
    return found | {path: item for table in _TABLES for path, item in table(case)}


def _parameter(case: ParameterSet, item: Parameter) -> Input:
    leaf = item.leaf
    return Input(
        label=parameter_label(case, item.path),
        value=list(item.value) if isinstance(item.value, tuple) else item.value,
        unit=item.unit,
        law=described(item.distribution),
        basis=leaf.basis,
        stated=item.stated,
        sources=leaf.source,
        assumption=item.assumption,
        as_of=leaf.as_of,
        note=leaf.note,
        parameter=item.path,
        file=item.file,
        line=item.line,
    )


def _run(case: ParameterSet) -> Iterator[tuple[str, Input]]:
    yield "run.draws", Input("Number of draws", str(case.draws))
    yield "run.seed", Input("Seed of the draws", str(case.seed))
    yield "base_year", Input("Year of the money that all amounts are in", str(case.base_year))
    yield "as_of", Input("Date of the set", case.as_of)


def _words(case: ParameterSet) -> Iterator[tuple[str, Input]]:
    yield "title", Input("Title", case.title)
    yield "description", Input("Description", case.description)
    if case.extends:
        yield "extends", Input("Set that it extends", case.extends)


def _correlations(case: ParameterSet) -> Iterator[tuple[str, Input]]:
    for pair in case.correlations:
        first, second = sorted((pair.first, pair.second))
        label = f"Rank correlation: {parameter_label(case, first)} with {parameter_label(case, second)}"
        yield (
            f"correlations ({first}, {second})",
            Input(label, pair.rank, sources=pair.source, assumption=pair.reason),
        )


def _timeline(case: ParameterSet) -> Iterator[tuple[str, Input]]:
    path = case.timeline
    if path is None:
        return
    yield "timeline.start", Input("First quarter of the path, from", first_day(path.first))
    yield "timeline.end", Input("Last quarter of the path, from", first_day(path.last))
    yield "timeline.threshold", Input("Premium that domestic supply is to hold", path.threshold, "1")
    for event in path.events:
        yield from _event(case, event)


def _event(case: ParameterSet, event: Event) -> Iterator[tuple[str, Input]]:
    where = f"timeline.events ({event.date}, {event.label})"
    origin: dict[str, Any] = {
        "sources": event.source,
        "assumption": event.assumption,
        "file": event.file,
        "line": event.line,
    }
    yield where, Input("Event", f"{event.date}: {event.label}", **origin)
    for path, item in event.changes.items():
        if item is None:
            yield f"{where}: {path}", Input(f"Event {event.date}: {path}", "removed", **origin)
        else:
            found = _parameter(case, item)
            yield f"{where}: {path}", replace(found, label=f"Event {event.date}: {found.label}")


def _decisions(case: ParameterSet) -> Iterator[tuple[str, Input]]:
    for decision in case.decisions.values():
        where = f"decisions.{decision.name}"
        origin: dict[str, Any] = {"sources": decision.source, "assumption": decision.assumption}
        place: dict[str, Any] = {"file": decision.file, "line": decision.line}
        yield where, Input(f"Decision: {decision.title}", _decision_words(decision), **origin, **place)
        for option in decision.options:
            yield from _option(case, decision, option)


def _decision_words(decision: Decision) -> str:
    groups = "; ".join(f"{name}: {', '.join(paths)}" for name, paths in decision.groups.items())
    words = f"{decision.goal} {decision.payoff.replace('_', ' ')} on {decision.workload}"
    return f"{words}; learnt together: {groups}" if groups else words


def _option(case: ParameterSet, decision: Decision, option: Option) -> Iterator[tuple[str, Input]]:
    where = f"decisions.{decision.name}.options.{option.name}"
    words = f"{option.channel or 'the cheapest open channel'}, at an extra {option.cost:g}"
    origin: dict[str, Any] = {"sources": option.source, "assumption": option.assumption}
    place: dict[str, Any] = {"file": decision.file, "line": decision.line}
    yield where, Input(f"Option {option.label or option.name}", words, **origin, **place)
    for path, item in option.changes.items():
        yield f"{where}: {path}", _parameter(case, item)


def _levers(case: ParameterSet) -> Iterator[tuple[str, Input]]:
    for lever in case.levers.values():
        item = case.parameters[lever.paths[0]]
        ends = interval(*(_exact(replace(item, leaf=Leaf(end, item.unit))) for end in (lever.low, lever.high)))
        yield (
            f"levers.{lever.name}",
            Input(
                f"Policy lever {lever.label or lever.name}",
                f"{', '.join(lever.paths)} within {ends}",
                sources=lever.source,
                assumption=lever.assumption,
                file=lever.file,
                line=lever.line,
            ),
        )


def _exact(item: Parameter) -> str:
    return shown(item, count=_MOST_DIGITS)


def _between(low: float | None, high: float | None) -> str:
    """The range of a published figure, either end of which may be left out."""
    if low is None and high is None:
        return ""
    return f" ({'' if low is None else f'{low:g}'}–{'' if high is None else f'{high:g}'})"


def _observations(case: ParameterSet) -> Iterator[tuple[str, Input]]:
    for item in case.observations:
        dates = first_day(item.first)[:7] + (f" to {first_day(item.last)[:7]}" if item.last != item.first else "")
        yield (
            f"observations ({item.outcome}, {dates}, {item.label})",
            Input(
                f"Published figure: {item.label}",
                f"{item.value:g}" + _between(item.low, item.high),
                sources=item.source,
                assumption=item.assumption,
                note=item.note,
                file=item.file,
                line=item.line,
            ),
        )


_TABLES = (_run, _words, _correlations, _timeline, _decisions, _levers, _observations)


def input_json(item: Input | None) -> dict[str, Any] | None:
    """One input as plain data, without its place."""
    if item is None:
        return None
    found = asdict(replace(item, sources=()))
    return {name: value for name, value in found.items() if name not in ("file", "line")} | {
        "sources": list(item.sources)
    }


def inputs_json(case: ParameterSet) -> dict[str, Any]:
    """All inputs of a set: what `inputs.json` beside a report holds."""
    return {"set": case.name, "inputs": {path: input_json(item) for path, item in inputs(case).items()}}


def read_inputs(document: Mapping[str, Any]) -> dict[str, Input]:
    """Inputs from a document of the form of `inputs.json`.

    Raises:
        KeyError, TypeError, AttributeError: it is not whole.
    """
    found = document["inputs"].items()
    return {str(path): Input(**item | {"sources": tuple(map(str, item["sources"]))}) for path, item in found}


def input_changes(before: Mapping[str, Input], after: Mapping[str, Input]) -> tuple[InputChange, ...]:
    """What differs between two states of a set, in the order of the later one, what is gone last.

    A neutral value that nobody states is none: to state it anew, or no more, is told only where the value is another.
    """
    found = []
    for path in dict.fromkeys([*after, *before]):
        one, other = before.get(path), after.get(path)
        if not (one and other):
            known = one or other
            if known and known.stated:
                found.append(InputChange(path, one, other))
        elif not same(one.content, other.content) or one.origin != other.origin:
            found.append(InputChange(path, one, other))
    return tuple(found)


def same(one: Any, other: Any) -> bool:
    """Whether two plain values are the same but for rounding.

    Examples:
        >>> same({"dist": "beta", "mean": 0.1 + 0.2}, {"dist": "beta", "mean": 0.3}), same(1, 2), same(True, 1)
        (True, False, False)
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=_ROUNDING, abs_tol=0.0)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if _listed(one) and _listed(other):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _listed(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def value_words(item: Input | None, count: int = 3) -> str:
    """A value with its unit, and the law and 5–95 % range of an uncertain one.

    Args:
        item: the input; None for one that is not there.
        count: significant digits of an uncertain value; a certain one has one more.
    """
    if item is None:
        return "–"
    as_parameter = Parameter(item.parameter, Leaf(_value(item), unit=item.unit))
    words = shown(as_parameter, count=count if item.law else count + 1)
    if item.law:
        low, high = (shown(as_parameter, item.law[end], count=count) for end in ("p05", "p95"))
        name = LAW_WORDS.get(item.law["dist"], item.law["dist"].replace("_", " "))
        words += f" ({interval(low, high)}, {name})"
    return f"{words}, nominal" if item.basis == "nominal" else words


def _value(item: Input) -> Any:
    return tuple(map(str, item.value)) if isinstance(item.value, list) else item.value


def both_words(change: InputChange) -> tuple[str, str]:
    r"""Both values in words, with as many digits as tell them apart.

    Examples:
        >>> both_words(InputChange("x", Input("", 0.12345, "1"), Input("", 0.12346, "1")))
        ('12.345\xa0%', '12.346\xa0%')
    """
    for count in range(3, _MOST_DIGITS):
        words = value_words(change.before, count), value_words(change.after, count)
        if change.kind != "changed" or words[0] != words[1]:
            break
    return words
