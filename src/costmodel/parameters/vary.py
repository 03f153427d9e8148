"""Many sets that differ in a few numbers: their values checked like any override, without reading a file again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from costmodel.errors import ParameterError, Problem, nearest
from costmodel.parameters.checks import JOINT, cross_problems
from costmodel.parameters.documents import Node
from costmodel.parameters.leaf import Leaf
from costmodel.parameters.model import ParameterSet
from costmodel.units import Money

#: Where a varied value stands, in messages.
_PLACE = "grid"


def numbers(case: ParameterSet, values: Mapping[str, Iterable[Any]]) -> dict[str, dict[Any, float]]:
    """The numbers that some values of parameters stand for, in the schema's units.

    Args:
        case: parameter set.
        values: by path: numbers, or text such as `8 %` or `0.6 CNY/kWh`.

    Raises:
        ParameterError: all values that cannot be, with their paths.

    Examples:
        >>> from costmodel.parameters import load
        >>> numbers(load("baseline"), {"finance.discount_rate": [0.05, "8 %"]})
        {'finance.discount_rate': {0.05: 0.05, '8 %': 0.08}}
    """
    money = worths(case)
    found: dict[str, dict[Any, float]] = {}
    problems = []
    for path, stated in values.items():
        try:
            found[path] = {value: _number(case, path, value, money) for value in dict.fromkeys(stated)}
        except (ValueError, TypeError) as error:
            problems.append(Problem(path, str(error), _PLACE))
    if problems:
        raise ParameterError(problems)
    return found


def worths(case: ParameterSet) -> Money:
    """Worth of currencies in the set, by which a value's unit is converted."""
    tables: dict[str, dict[str, Any]] = {}
    for table in ("exchange_rates", "price_index"):
        start = f"finance.{table}."
        tables[table] = {p[len(start) :]: x.value for p, x in case.parameters.items() if p.startswith(start)}
    index = {int(year): level for year, level in tables["price_index"].items()}
    return Money(case.base_year, tables["exchange_rates"], index)


def _number(case: ParameterSet, path: str, value: Any, money: Money) -> float:
    item = case.parameters.get(path)
    if item is None:
        raise ValueError(f"no such parameter; {nearest(path, list(case.parameters))}")
    if item.spec is None:
        raise ValueError("is no number, and only numbers can be varied within one sweep; load a set for each value")
    if item.spec.certain:
        raise ValueError("converts other figures once, when a set is loaded; load a set for each value")
    if isinstance(value, Mapping):
        raise ValueError("must be a number, or a number with a unit, not a distribution")
    number = item.spec.parse(value.item() if hasattr(value, "item") else value, money).value
    assert isinstance(number, float)
    return number


def varied(case: ParameterSet, values: Mapping[str, float]) -> ParameterSet:
    """The set with some numbers certain; all other parameters are drawn as before.

    Args:
        case: parameter set.
        values: numbers in the schema's units, by path.

    Examples:
        >>> from costmodel.parameters import load
        >>> found = varied(load("baseline"), {"finance.price_decline": 0.3})
        >>> found.central["finance.price_decline"], "finance.price_decline" in found.uncertain
        (0.3, False)
    """
    changed = {
        path: replace(case.parameters[path], leaf=Leaf(value, case.parameters[path].unit), stated=True, file=_PLACE)
        for path, value in values.items()
    }
    return replace(case, parameters={**case.parameters, **changed}, overrides={**case.overrides, **values})


def check_together(case: ParameterSet, paths: Sequence[str], cells: Iterable[tuple[float, ...]]) -> None:
    """Raise where values that are right one by one do not fit each other.

    Args:
        case: parameter set.
        paths: the varied parameters.
        cells: their values in each of many sets.
    """
    places = [place for place, path in enumerate(paths) if path.rpartition(".")[2] in JOINT]
    for values in dict.fromkeys(tuple(cell[place] for place in places) for cell in cells):
        one = varied(case, {paths[place]: value for place, value in zip(places, values, strict=True)})
        problems = cross_problems(one, Node({}))
        if problems:
            raise ParameterError(problems)
