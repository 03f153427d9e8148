"""Levers of a set: parameters that policy can move together, and whatever is wrong with them."""

from typing import Any

from costmodel.errors import Problem, nearest
from costmodel.parameters import schema
from costmodel.parameters.decisions import source_ids, told
from costmodel.parameters.documents import Node
from costmodel.parameters.leaf import Number
from costmodel.parameters.model import Lever, ParameterSet
from costmodel.units import Money


def levers(
    case: ParameterSet, model: schema.SetFile, merged: Node, money: Money, own: int
) -> tuple[dict[str, Lever], list[Problem]]:
    """The levers of a set by name, and all that is wrong with them.

    A lever that a set inherits and cannot have (its channel was removed, say) is left out without a word.

    Args:
        case: the set, without levers.
        model: its validated document.
        merged: its document.
        money: worth of currencies.
        own: depth of the set's own document in the chain of `extends`.
    """
    found, problems = {}, []
    for name, stated in model.levers.items():
        try:
            found[name] = _lever(case, name, stated, merged, money)
        except _WrongError as error:
            node = merged.at(("levers", name, *error.steps))
            if told(case, node, own):
                problems.append(node.problem(".".join(("levers", name, *map(str, error.steps))), str(error)))
    return found, problems


class _WrongError(ValueError):
    """Something is wrong with a lever, some steps below it."""

    def __init__(self, message: str, *steps: str | int) -> None:
        super().__init__(message)
        self.steps = steps


def _lever(case: ParameterSet, name: str, stated: schema.Lever, merged: Node, money: Money) -> Lever:
    paths = tuple(path.removeprefix("assumptions.") for path in stated.paths)
    ends: set[tuple[str, float, float]] = set()
    for at, path in enumerate(paths):
        item = case.parameters.get(path)
        if item is None:
            raise _WrongError(f"no parameter `{path}`; {nearest(path, list(case.parameters))}", "paths", at)
        if item.spec is None or item.spec.certain:
            raise _WrongError(f"`{path}` is no number that can be moved", "paths", at)
        low, high = (_end(item.spec, end, money, at) for at, end in enumerate(stated.range))
        ends.add((item.spec.unit, low, high))
    if len(ends) > 1:
        raise _WrongError("has parameters of different units, for which one range cannot serve", "paths")
    _, low, high = ends.pop()
    if low >= high:
        raise _WrongError(f"{low:g} to {high:g} is no range: the low end first", "range")
    node = merged.at(("levers", name))
    source = source_ids(stated.source)
    return Lever(name, stated.label, paths, low, high, stated.assumption, source, node.file, node.line)


def _end(spec: Number, end: Any, money: Money, at: int) -> float:
    try:
        found = spec.parse(end, money)
    except (ValueError, TypeError) as error:
        raise _WrongError(str(error), "range", at) from None
    if found.distribution is not None:
        raise _WrongError("must be a number, or a number with a unit, not a distribution", "range", at)
    return float(found.value)  # type: ignore[arg-type]
