"""New parameter set files: a commented start, and changed values saved with the file's comments kept."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from textwrap import fill
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from costmodel.errors import ParameterError, Problem
from costmodel.locations import params_folder, shown
from costmodel.parameters import schema
from costmodel.parameters.differences import differences
from costmodel.parameters.documents import from_plain, is_leaf, parse, read
from costmodel.parameters.leaf import Leaf
from costmodel.parameters.load import load
from costmodel.parameters.model import Parameter, ParameterSet
from costmodel.parameters.patch import flow, put

_NAME = TypeAdapter(Annotated[str, schema.SetFile.model_fields["name"]])
_START = """\
name: {name}
title: {title}
description: >-
{description}
extends: {extends}
as_of: {as_of}

"""


def new_set(name: str, extends: str, folder: Path | None = None) -> Path:
    """Write a commented starting file for a parameter set.

    Args:
        name: name of the new set, and of its file.
        extends: name of the set from which it takes everything that it does not state.
        folder: where to write it; by default `params/`.

    Returns:
        The new file, which is valid as it stands and changes nothing yet.

    Raises:
        ParameterError: a name that cannot be, a file that exists, or no such set to extend.

    Examples:
        >>> import tempfile
        >>> file = new_set("cheap_power", "baseline", Path(tempfile.mkdtemp()))
        >>> load(file).title
        'Cheap power'
    """
    target = _target(name, folder, overwrite=False)
    parent = load(extends)
    head = _head(target, parent, _words(name), "What this set stands for, in a short paragraph.")
    text = f"{head}assumptions:\n{_INTRODUCTION}{_examples(parent)}"
    return _published(target, text, parent)


def save_as(
    case: ParameterSet,
    changes: Mapping[str, Any],
    name: str,
    title: str | None = None,
    folder: Path | None = None,
    *,
    reason: str | None = None,
    overwrite: bool = False,
) -> Path:
    """Save a parameter set with changed values as a new set file.

    A set that extends another is copied with its comments, order and layout, and the changes put in place. The root
    set is not copied: the new set extends it and states the changes alone.

    Args:
        case: the set as loaded.
        changes: new values by parameter path: a number in the parameter's unit, text with a unit, or a mapping, as in
            a set file; None removes what is inherited.
        name: name of the new set, and of its file.
        title: its title; by default one made from the old title.
        folder: where to write it; by default `params/`.
        reason: why the values were changed, for those that bring no source or assumption of their own.
        overwrite: whether a file of that name may be replaced.

    Returns:
        The new file. It was read back and gives the changed values exactly.

    Raises:
        ParameterError: a value that cannot be, a name that cannot be, or a file that exists.

    Examples:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> file = save_as(load("baseline"), {"finance.discount_rate": "12 %"}, "dear_money", folder=folder)
        >>> print(file.read_text().split("assumptions:")[1].split(", assumption")[0])
        <BLANKLINE>
          finance:
            discount_rate: {value: 12 %
    """
    changes = {path.removeprefix("assumptions."): value for path, value in {**case.overrides, **changes}.items()}
    if not changes:
        raise _error("", "nothing is changed, so there is nothing to save")
    target = _target(name, folder, overwrite=overwrite)
    own = _own_file(case)
    if target.resolve() in {file.resolve() for file in case.files} - ({own.resolve()} if case.extends else set()):
        raise _error("name", f"`{name}` is the set that this one builds on; choose another name")
    expected = load(own, changes)
    title = title or f"{case.title} (changed)"
    reason = reason or f"chosen in the explorer on {date.today().isoformat()}"  # noqa: DTZ011 - the user's own calendar
    text = _copy(own, name, title) if case.extends else _head(target, case, title, _said(changes)) + "assumptions:\n"
    for path, value in changes.items():
        text = put(text, *_stated(path, value, expected.parameters.get(path), reason))
    return _published(target, text, expected)


def _error(path: str, message: str, file: Path | None = None) -> ParameterError:
    return ParameterError([Problem(path, message, shown(file) if file else None)])


def _target(name: str, folder: Path | None, *, overwrite: bool) -> Path:
    """The file to write, when the name can be one and is free."""
    try:
        _NAME.validate_python(name)
    except ValidationError:
        message = f"`{name:.60}` cannot be a set's name: use letters, digits, _ and -, such as `my_case`"
        raise _error("name", message) from None
    folder = folder or params_folder()
    if not folder.is_dir():
        raise _error("", "no such folder", folder)
    target = folder / f"{name}.yaml"
    if target.exists() and not overwrite:
        raise _error("", "exists already; choose another name, or allow it to be replaced", target)
    return target


def _own_file(case: ParameterSet) -> Path:
    """The file that states the set itself."""
    file = case.files[-1] if case.files else None
    if file is not None and file.is_file():
        name = read(file, shown(file)).at(("name",)).value
        if case.name == (name if isinstance(name, str) else file.stem):
            return file
    raise _error(
        "", f"set `{case.name}` was not read from a file of its own, so there is none to copy; load it by name"
    )


def _words(name: str) -> str:
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def _relative(target: Path, file: Path) -> str:
    """How a set file names another file: alone where both lie in one folder."""
    return Path(os.path.relpath(file.resolve(), target.parent.resolve())).as_posix()


def _beside(file: Path) -> bool:
    """Whether a file is in `params/`."""
    return file.resolve().parent == params_folder().resolve()


def _head(target: Path, parent: ParameterSet, title: str, description: str) -> str:
    """Everything above `assumptions` in a set that extends another."""
    file = _own_file(parent)
    in_reach = _beside(file) or file.resolve().parent == target.parent.resolve()
    # Elsewhere the schema is not in reach, and a path of this machine has no place in the file.
    first = "# yaml-language-server: $schema=schema.json\n" if _beside(target) else ""
    return first + _START.format(
        name=flow(target.stem),
        title=flow(title),
        description=fill(description, 110, initial_indent="  ", subsequent_indent="  "),
        extends=flow(file.stem if in_reach else _relative(target, file)),
        as_of=flow(parent.as_of) if not parent.as_of[:4].isdigit() else f'"{parent.as_of}"',
    )


def _said(changes: Mapping[str, Any]) -> str:
    return "Changes " + ", ".join(changes) + "."


def _copy(own: Path, name: str, title: str) -> str:
    text = own.read_text(encoding="utf-8-sig")
    return put(put(text, ["name"], name), ["title"], title)


def _stated(path: str, value: Any, item: Parameter | None, reason: str) -> tuple[list[str], Any]:
    """Place and content of a changed value in a set file, with its unit and the reason for it."""
    steps = path.split(".")
    if isinstance(value, str) and value.strip():
        value = parse(value).plain()
    if steps[0] == "run":
        return steps, value
    if value is None:
        return ["assumptions", *steps], None
    if not isinstance(value, Mapping):
        unit = item.unit if item and isinstance(value, int | float) else None
        value = {"value": value} | ({"unit": unit} if unit not in (None, "1") else {})
    sourced = {"source", "assumption"} & value.keys()
    if not sourced and not is_leaf(from_plain(value)):
        return ["assumptions", *steps], {"assumption": reason, **value}
    return ["assumptions", *steps], dict(value) | ({} if sourced else {"assumption": reason})


def _published(target: Path, text: str, expected: ParameterSet) -> Path:
    """Put a set file in its place at once, after it was read back and gives what is expected."""
    # Not `.yaml`, so that no list of sets shows it; in the same folder, so that it can replace in one step.
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        _verify(temporary, expected)
        temporary.replace(target)
    except ParameterError as error:
        place = shown(temporary)
        moved = [
            Problem(p.path, p.message, shown(target) if p.file == place else p.file, p.line) for p in error.problems
        ]
        raise ParameterError(
            [Problem("", "was not written, since it would not be valid", shown(target)), *moved]
        ) from None
    except OSError as error:
        raise _error("", f"cannot be written: {error.strerror}", target) from None
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _verify(file: Path, expected: ParameterSet) -> None:
    found = load(file)
    unlike = [item.path for item in differences(expected, found)]
    if (expected.draws, expected.seed) != (found.draws, found.seed):
        unlike.append("run")
    if unlike:
        raise ParameterError(
            [
                Problem(path, "would not have the changed value; does the file use an anchor (&) here?")
                for path in unlike
            ]
        )


# -- the commented examples of a new set --

_INTRODUCTION = """\
  # Where a figure below brings no source or assumption of its own, this one holds for it.
  assumption: "say here why these figures differ"

  # Below are examples, with the figures of the set that this one extends. Take away the `# ` in front of what you
  # need, and state only what differs. A number is in the parameter's own unit; text such as `0.56 CNY/kWh` or `8 %` is
  # converted. `costmodel check` finds mistakes; `costmodel build` makes the report.
  #
"""


def _examples(parent: ParameterSet) -> str:
    """Commented examples, with the parent's own names and values."""
    examples = {
        "a number": _a_number(parent),
        "a range, with its source": _a_range(parent),
        "closes a channel": _a_closing(parent),
        "a new channel; what is left out has no effect": _a_channel(parent),
    }
    text = "assumptions:\n"
    for remark, block in examples.items():
        for index, (path, value) in enumerate(block.items()):
            known = set(text.splitlines())
            text = put(text, ["assumptions", *path.split(".")], value)
            if index == 0:
                # The remark stands where the last of the example's own names stands.
                last = [line for line in text.splitlines() if line not in known][-1 if len(block) == 1 else -2]
                text = text.replace(f"{last}\n", f"{last}  # {remark}\n")
    return "".join(f"  # {line.removeprefix('  ')}\n" for line in text.splitlines()[1:])


def _a_number(parent: ParameterSet) -> dict[str, Any]:
    item = parent.parameters["finance.economic_life"]
    return {item.path: {"value": _neat(item.value), "unit": item.unit, "assumption": "say why"}}


def _a_range(parent: ParameterSet) -> dict[str, Any]:
    for item in parent:
        if item.distribution is not None and item.distribution.law == "lognormal":
            ends = {name: _neat(float(item.distribution.ppf(u))) for name, u in (("p05", 0.05), ("p95", 0.95))}
            unit = {} if item.unit == "1" else {"unit": item.unit}
            return {item.path: {"dist": "lognormal", **ends, **unit, "source": list(item.leaf.source) or ["ID"]}}
    return {}


def _a_closing(parent: ParameterSet) -> dict[str, Any]:
    apart = parent.parameters["reference.counterfactual"].value
    for channel in parent.channels:
        path = f"channels.{channel}.available"
        if parent.central[path] and not (isinstance(apart, tuple) and channel in apart):
            return {path: {"value": False, "note": "say what closes it"}}
    return {}


def _a_channel(parent: ParameterSet) -> dict[str, Any]:
    """An existing rental channel, or the first of another kind, under a new name."""
    kinds = {channel: parent.text(f"channels.{channel}.kind") for channel in parent.channels}
    model = next((c for c, kind in kinds.items() if kind == "rental"), parent.channels[0])
    start = f"channels.{model}."
    found = {
        item.path.replace(start, "channels.my_channel.", 1): _brief(item.leaf, item.unit)
        for item in parent
        if item.path.startswith(start) and item.stated and item.path != f"{start}available"
    }
    return found | {"channels.my_channel.label": "My channel"}


def _brief(leaf: Leaf, unit: str | None) -> Any:
    """A leaf's central value as short text that is read back as the same kind of value."""
    if isinstance(leaf.value, tuple):
        return list(leaf.value)
    if isinstance(leaf.value, bool | str) or unit is None:
        return leaf.value
    number = _neat(leaf.value)
    return number if unit in ("1", "1/year") else f"{number} {unit}"


def _neat(value: Any) -> Any:
    """A number with four digits; numbers alone come here."""
    number = float(f"{float(value):.4g}")
    return int(number) if number.is_integer() and abs(number) < 1e12 else number
