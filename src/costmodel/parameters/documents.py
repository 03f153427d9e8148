"""Reading YAML with the place of every value, and merging documents that extend one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from costmodel.errors import HIDDEN, ParameterError, Problem
from costmodel.limits import MAX_BYTES, MAX_DEPTH, MAX_DIGITS, MAX_NAME, MAX_NODES
from costmodel.parameters.leaf import LEAF_MARKS, PROVENANCE

_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Node:
    """A value with the place where it was written.

    Attributes:
        value: a scalar, a dict of nodes by name, or a list of nodes.
        file: file as the user named it; None for input without a file.
        line: line in the file, counted from 1.
        depth: place of the file in the chain of `extends`, the root being 0.
    """

    value: Any
    file: str | None = None
    line: int | None = None
    depth: int = field(default=0, compare=False)

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {name: node.plain() for name, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def at(self, path: tuple[str | int, ...]) -> Node:
        """The node at a path, or the nearest one above it."""
        node = self
        for step in path:
            inside = node.value
            if isinstance(inside, dict):
                node = inside.get(step, node)
            elif isinstance(inside, list) and isinstance(step, int) and step < len(inside):
                node = inside[step]
        return node

    def problem(self, path: str, message: str) -> Problem:
        """A problem at this place."""
        return Problem(path, message, self.file, self.line)


def read(path: Path, shown: str, depth: int = 0) -> Node:
    """Read a YAML 1.2 file.

    Args:
        path: the file.
        shown: its name in messages.
        depth: its place in the chain of `extends`.

    Raises:
        ParameterError: no such file, not readable as YAML, a duplicate key, or a tag.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ParameterError([Problem("", f"is larger than {MAX_BYTES:,} bytes", shown)])
        text = raw.decode("utf-8")
    except OSError as error:
        raise ParameterError([Problem("", f"cannot be read: {error.strerror}", shown)]) from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ParameterError([Problem("", "is not text in UTF-8", shown, line)]) from None
    return _parsed(text, shown, depth)


def parse(text: str, shown: str | None = None, depth: int = 0) -> Node:
    """Read YAML 1.2 text; see `read`."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    from costmodel.parameters.composing import BoundedComposer, TooLargeError

    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if found := HIDDEN.search(text):
        # In comments too, where it may make a reader see other lines than the program does.
        at = text.count("\n", 0, found.start()) + 1
        raise ParameterError([Problem("", _hidden(found[0]), shown, at)])
    reader = YAML(typ="rt")
    reader.Composer = BoundedComposer
    try:
        document = reader.compose(text)
    except TooLargeError as large:
        raise ParameterError([Problem("", _TOO_LARGE, shown, large.line)]) from None
    except RecursionError:
        raise ParameterError([Problem("", _TOO_LARGE, shown)]) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        problem = error.problem or error.context or "cannot be read"
        if "'\\t'" in problem:
            problem = "a line is indented with a tab; use spaces"
        if problem == "but found another document":
            problem = "a second document begins here; a set is one"
        raise ParameterError([Problem("", f"is not YAML: {problem}", shown, line)]) from None
    except YAMLError as error:
        raise ParameterError([Problem("", f"is not YAML: {str(error).splitlines()[0]}", shown)]) from None
    if document is None:
        return Node({}, shown, 1, depth)
    return _Composer(shown, depth).node(document)


_TOO_LARGE = f"has too many values ({MAX_NODES:,} is the limit) or too deeply nested ones ({MAX_DEPTH} levels)"


def _hidden(character: str) -> str:
    return f"holds the character U+{ord(character):04X}, which nobody sees and which may hide something; take it out"


# By its text, so that a changed file is never mistaken for the old one: sets that extend the same root parse it once.
_parsed = lru_cache(maxsize=32)(parse)


class _Composer:
    """Turns ruamel's nodes into ours; counts them, so that aliases cannot blow up."""

    def __init__(self, shown: str | None, depth: int) -> None:
        self._shown, self._depth, self._count = shown, depth, 0

    def node(self, raw: Any, level: int = 0) -> Node:
        line = raw.start_mark.line + 1
        self._count += 1
        if self._count > MAX_NODES or level > MAX_DEPTH:
            raise self._error(line, _TOO_LARGE)
        if raw.id == "scalar":
            return Node(self._scalar(raw, line), self._shown, line, self._depth)
        self._plain_tag(raw, line, {"map", "seq"})
        if raw.id == "sequence":
            return Node([self.node(item, level + 1) for item in raw.value], self._shown, line, self._depth)
        return Node(self._mapping(raw, level), self._shown, line, self._depth)

    def _mapping(self, raw: Any, level: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key, value in raw.value:
            line = key.start_mark.line + 1
            if key.id != "scalar":
                raise self._error(line, "has a name that is not text")
            if len(key.value) > MAX_NAME or "\n" in key.value:
                raise self._error(line, f"`{key.value[:60]}…` is no name: at most {MAX_NAME} characters, on one line")
            if found_hidden := HIDDEN.search(key.value):
                raise self._error(line, _hidden(found_hidden[0]))
            if key.value in found:
                first = found[key.value].line
                raise self._error(line, f"duplicate key `{key.value}` (first on line {first})")
            node = self.node(value, level + 1)
            # An empty or nested value starts on a later line than the name that a user looks for.
            found[str(key.value)] = replace(node, line=line)
        return found

    def _plain_tag(self, raw: Any, line: int, allowed: set[str]) -> str:
        tag = str(raw.tag or "")
        name = tag.removeprefix(_TAG)
        if not tag.startswith(_TAG) or name not in allowed:
            raise self._error(line, f"has the tag `{tag}`; tags are not read")
        return name

    def _scalar(self, raw: Any, line: int) -> Any:
        name = self._plain_tag(raw, line, {"str", "int", "float", "bool", "null", "timestamp"})
        # ruamel marks the folds of a folded text, so that it can write them again; we only read.
        text = str(raw.value).replace("\a", "")
        if name == "null":
            return None
        if name == "bool":
            if text.lower() not in ("true", "false"):
                raise self._error(line, f"`{text}` is read as yes or no in YAML 1.1 alone; write true or false")
            return text.lower() == "true"
        if name in ("int", "float"):
            return self._number(name, text.replace("_", ""), line)
        if found := HIDDEN.search(text):
            raise self._error(line, _hidden(found[0]))
        return text

    def _number(self, kind: str, text: str, line: int) -> float:
        lowered = text.lower()
        if len(text) > MAX_DIGITS:
            raise self._error(line, f"`{text[:40]}…` is too long for a number: at most {MAX_DIGITS} characters")
        try:
            if kind == "int":
                return int(text, 0) if lowered[:2] in ("0x", "0o") else int(text)
            return float(lowered.replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            raise self._error(line, f"`{text[:40]}` is not a number") from None

    def _error(self, line: int, message: str) -> ParameterError:
        return ParameterError([Problem("", message, self._shown, line)])


def nested(steps: Sequence[str], node: Node) -> Node:
    """A node as a document that states it some steps below, at the same place.

    Examples:
        >>> nested(["run", "seed"], Node(3)).plain()
        {'run': {'seed': 3}}
    """
    for step in reversed(steps):
        node = Node({step: node}, node.file, node.line, node.depth)
    return node


def from_plain(value: Any, shown: str | None = None, depth: int = 0) -> Node:
    """A node from Python objects, such as a notebook's parameters.

    Raises:
        ParameterError: text that holds hidden characters.
    """
    if isinstance(value, Mapping):
        names = [from_plain(str(name), shown, depth).value for name in value]
        items = [from_plain(item, shown, depth) for item in value.values()]
        return Node(dict(zip(names, items, strict=True)), shown, None, depth)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str) and (found := HIDDEN.search(value)):
        raise ParameterError([Problem("", f"`{value[:60]}` {_hidden(found[0])}", shown)])
    if isinstance(value, list | tuple):
        return Node([from_plain(item, shown, depth) for item in value], shown, None, depth)
    return Node(value, shown, None, depth)


def is_leaf(node: Node) -> bool:
    """Whether a mapping states a leaf (a value or a distribution) and not a block of parameters."""
    return not isinstance(node.value, dict) or bool(LEAF_MARKS & node.value.keys())


def cover(node: Node, covering: Mapping[str, Node] | None = None) -> Node:
    """Hand the provenance that blocks carry down to the leaves below them that bring none of their own."""
    covering = dict(covering or {})
    if is_leaf(node):
        if node.value is None:
            return node
        stated = node.value if isinstance(node.value, dict) else {"value": replace(node)}
        sourced = bool({"source", "assumption"} & stated.keys())
        inherited = {word: item for word, item in covering.items() if word == "as_of" or not sourced}
        return replace(node, value=inherited | stated)
    own = {word: item for word, item in node.value.items() if word in PROVENANCE and word != "note"}
    if {"source", "assumption"} & own.keys():
        covering = {word: item for word, item in covering.items() if word == "as_of"}
    covering |= own
    return replace(
        node, value={name: cover(item, covering) for name, item in node.value.items() if name not in PROVENANCE}
    )


def merge(base: Node, change: Node) -> Node:
    """`base` with what `change` states: blocks merge, leaves are replaced whole, null removes."""
    if is_leaf(change) or not isinstance(base.value, dict) or is_leaf(base):
        return change
    merged = dict(base.value)
    for name, item in change.value.items():
        if item.value is None:
            merged.pop(name, None)
        elif name in merged:
            merged[name] = merge(merged[name], item)
        else:
            merged[name] = _without_nulls(item)
    return replace(change, value=merged)


def _without_nulls(node: Node) -> Node:
    if not isinstance(node.value, dict):
        return node
    return replace(node, value={k: _without_nulls(v) for k, v in node.value.items() if v.value is not None})


def leaves(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """All leaves below a node, with their paths, in the order in which they are written."""
    if is_leaf(node):
        yield path, node
        return
    for name, item in node.value.items():
        yield from leaves(item, (*path, name))
