"""Changing single values in YAML text: everything else stays as it is, byte for byte.

Writing a whole document anew would wrap its long lines and lists in another way; this replaces only the text of the
values that change, at the places that the parser reports.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from costmodel.errors import ParameterError
from costmodel.parameters.documents import parse

_INDENT = 2

# Papermill reads set files as YAML 1.1, in which these words and dates are no text, and 1e-7 is no number.
_OTHER_IN_1_1 = re.compile(r"(?i:y|n|yes|no|on|off|=|<<)|\d{4}-\d\d?-\d.*|\d[\d_]*(:\d+)+")
_EXPONENT = re.compile(r"^(-?\d+)e")


def flow(value: Any) -> str:
    r"""A value as YAML on one line.

    Args:
        value: number, text, yes or no, None, or lists and mappings of these.

    Examples:
        >>> flow({"value": 0.5, "unit": "CNY/kWh", "note": "it's: so", "source": ["a", "1"]})
        '{value: 0.5, unit: CNY/kWh, note: "it\'s: so", source: [a, "1"]}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(str(name))}: {flow(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return value if _plain(value) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return _EXPONENT.sub(r"\1.0e", repr(float(value)))
    return json.dumps(value)


def _plain(text: str) -> bool:
    """Whether text, written without quotes inside a list, is read back as the same text."""
    if not text.isprintable() or _OTHER_IN_1_1.fullmatch(text):
        return False
    try:
        return bool(parse(f"[{text}]").plain() == [text])
    except ParameterError:
        return False


def put(text: str, steps: Sequence[str], value: Any) -> str:
    r"""YAML text in which one value is replaced, or added where its nesting asks for it.

    Args:
        text: a YAML document whose top is a mapping.
        steps: names from the top down to the value.
        value: see `flow`.

    Returns:
        The new text; comments, order and layout of all else are kept.

    Examples:
        >>> print(put("a: 1  # first\nb:\n  c: [1, 2]  # second\n", ["b", "d", "e"], 0.5), end="")
        a: 1  # first
        b:
          c: [1, 2]  # second
          d:
            e: 0.5
        >>> put("a: {b: 1}  # kept\n", ["a", "b"], "2 kUSD")
        'a: {b: 2 kUSD}  # kept\n'
    """
    node, start, column, missing = _compose(text), 0, 0, list(steps)
    while missing and node.id == "mapping":
        found = next((pair for pair in node.value if str(pair[0].value) == missing[0]), None)
        if found is None:
            break
        # A value on the lines below its name moves up to it, unless a comment stands between.
        after = text.index(":", _end(text, found[0])) + 1
        written = found[1].value and text[after : found[1].start_mark.index].strip()
        start = found[1].start_mark.index if written else after
        node, missing, column = found[1], missing[1:], found[0].start_mark.column + _INDENT
    if not missing:
        return _replaced(text, start, _end(text, node), value)
    if node.id == "mapping" and node.flow_style:
        return _added_in_flow(text, node, missing, value)
    if node.id == "mapping":
        return _added_below(text, _end(text, node), missing, (value, node.value[0][0].start_mark.column))
    # A name without a value, or one that cannot have anything below it, becomes a block.
    emptied = text[:start] + (text[_end(text, node) :] if node.value else text[start:])
    return _added_below(emptied, start, missing, (value, column))


def _compose(text: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="rt").compose(text)


def _end(text: str, node: Any) -> int:
    """Where a node's own text ends; the parser's mark of a block lies behind the comments that follow it."""
    if node.id != "scalar" and not node.flow_style and node.value:
        last = node.value[-1]
        return max(_end(text, item) for item in last) if isinstance(last, tuple) else _end(text, last)
    start, end = node.start_mark.index, node.end_mark.index
    return int(start) + len(text[start:end].rstrip())


def _nested(missing: Sequence[str], value: Any) -> Any:
    for step in reversed(missing):
        value = {step: value}
    return value


def _replaced(text: str, start: int, end: int, value: Any) -> str:
    space = " " if text[start - 1 : start] == ":" else ""
    return text[:start] + space + flow(value) + text[max(start, end) :]


def _added_in_flow(text: str, node: Any, missing: Sequence[str], value: Any) -> str:
    inside = flow(_nested(missing, value))[1:-1]
    if not node.value:
        at = node.start_mark.index + 1
        return text[:at] + inside + text[at:]
    at = max(_end(text, item) for item in node.value[-1])
    return f"{text[:at]}, {inside}{text[at:]}"


def _added_below(text: str, end: int, missing: Sequence[str], content: tuple[Any, int]) -> str:
    value, column = content
    line_end = text.find("\n", end)
    at = len(text) if line_end < 0 else line_end
    lines = [" " * (column + _INDENT * depth) + f"{flow(step)}:" for depth, step in enumerate(missing)]
    return text[:at] + "\n" + "\n".join(lines) + " " + flow(value) + text[at:]
