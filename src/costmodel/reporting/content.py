"""What a report says of a set, as hashes: equal where two files state the same, however they are written."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from costmodel.parameters import ParameterSet, load
from costmodel.parameters.sources import cited, known_sources

#: Where something is stated, and how it was read: no part of what is stated.
_PLACES = frozenset({"file", "line", "files", "parent", "overrides"})
# Long enough to tell two values apart, short enough for a list of hundreds.
_DIGITS = 16


def digest(item: object) -> str:
    """Short hash of plain values, or of a dataclass of them, without the places where they are stated.

    Args:
        item: anything that a parameter set consists of.

    Returns:
        Hexadecimal digits.
    """
    return hashlib.sha256(repr(_plain(item)).encode()).hexdigest()[:_DIGITS]


def _plain(item: object) -> object:
    if is_dataclass(item) and not isinstance(item, type):
        return [(part.name, _plain(getattr(item, part.name))) for part in fields(item) if part.name not in _PLACES]
    if isinstance(item, Mapping):
        return [(key, _plain(value)) for key, value in item.items()]
    if isinstance(item, list | tuple):
        return [_plain(value) for value in item]
    return item


class Contents:
    """Hashes of what sets state; a set that many extend is read once."""

    def __init__(self) -> None:
        self._cases: dict[Path, ParameterSet] = {}
        self._extended: dict[Path, tuple[str, list[str]]] = {}

    def case(self, file: Path) -> ParameterSet:
        """The set of a file.

        Raises:
            ParameterError: it is not valid.
        """
        found = self._cases.get(file)
        if found is None:
            found = self._cases[file] = load(file)
        return found

    def of(self, case: ParameterSet, stated: Mapping[str, Any]) -> dict[str, str]:
        """Hashes of all that a report takes from parameter and evidence files, by name.

        Args:
            case: the set.
            stated: the top-level keys of its file, which the notebook shows.

        Returns:
            `parameters.PATH`, `sources.ID`, one for everything else that the set resolves to, one for what its own
            file states of it, and one for the set that it extends.
        """
        leaves = {f"parameters.{path}": digest(item) for path, item in case.parameters.items()}
        extended, inherited = (None, []) if case.parent is None else self._parent(case.parent)
        known = known_sources()
        ids = dict.fromkeys([*cited(case), *inherited])
        used = {f"sources.{name}": digest(known[name]) for name in ids if name in known}
        rest = [getattr(case, part.name) for part in fields(case) if part.name not in {*_PLACES, "parameters"}]
        parent = {} if extended is None else {f"set extended: {case.extends}": extended}
        return {**leaves, **used, "title, text, lists and run": digest(rest), "as stated": digest(stated), **parent}

    def _parent(self, file: Path) -> tuple[str, list[str]]:
        """Hash of all that a set which is extended resolves to, and the sources that it cites."""
        found = self._extended.get(file)
        if found is None:
            case = self.case(file)
            found = self._extended[file] = digest(case), cited(case)
        return found
