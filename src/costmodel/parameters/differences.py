"""What one parameter set changes against another."""

from dataclasses import dataclass

from costmodel.parameters.model import Parameter, ParameterSet


@dataclass(frozen=True)
class Difference:
    """One leaf that differs; None where a set does not have it."""

    path: str
    before: Parameter | None
    after: Parameter | None


def differences(before: ParameterSet, after: ParameterSet) -> list[Difference]:
    """Leaves whose value or distribution differs, in the order of the schema.

    Examples:
        >>> from costmodel import load
        >>> found = differences(load("baseline"), load("baseline", {"finance.discount_rate": 0.2}))
        >>> [(item.path, item.after.value) for item in found]
        [('finance.discount_rate', 0.2)]
    """
    paths = dict.fromkeys([*before.parameters, *after.parameters])
    pairs = [Difference(path, before.parameters.get(path), after.parameters.get(path)) for path in paths]
    return [pair for pair in pairs if _content(pair.before) != _content(pair.after)]


def _content(item: Parameter | None) -> object:
    return None if item is None else (item.value, item.distribution, item.leaf.basis)
