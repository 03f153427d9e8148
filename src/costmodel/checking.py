"""Validation of many parameter sets at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from costmodel.errors import ParameterError, Problem
from costmodel.locations import set_file, set_names
from costmodel.parameters import load
from costmodel.parameters.sources import unknown_sources, unsourced


@dataclass(frozen=True)
class Checked:
    """What was found in one set: problems make it unusable, warnings make its numbers unaccountable."""

    name: str
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def checked(names: Sequence[str]) -> list[Checked]:
    """Validate sets, all of `params/` if none is named.

    Raises:
        ParameterError: a named set does not exist.
    """
    absent = [name for name in names if set_file(name) is None]
    for name in absent:
        load(name)  # raises, and says what would be right
    found = [_checked(name) for name in names or set_names()]
    return found if names else _apart(found)


def _apart(found: Sequence[Checked]) -> list[Checked]:
    """The same, with a problem where names differ in capital letters alone: many file systems take them for one."""
    first: dict[str, str] = {}
    for each in found:
        first.setdefault(each.name.lower(), each.name)
    return [_beside(each, first[each.name.lower()]) for each in found]


def _beside(each: Checked, other: str) -> Checked:
    if each.name == other:
        return each
    clash = Problem("name", f"`{each.name}` differs from `{other}` in capital letters alone; choose another name")
    return replace(each, problems=(*each.problems, clash))


def _checked(name: str) -> Checked:
    try:
        case = load(name)
    except ParameterError as error:
        return Checked(name, problems=error.problems)
    return Checked(name, tuple(unknown_sources(case)), tuple(unsourced(case)))


def report(results: Sequence[Checked]) -> dict[str, Any]:
    """What was found, as plain data, with the keys of `costmodel check --format json`."""

    def plain(problems: tuple[Problem, ...]) -> list[dict[str, Any]]:
        return [problem.plain() for problem in problems]

    return {"sets": {r.name: {"problems": plain(r.problems), "warnings": plain(r.warnings)} for r in results}}
