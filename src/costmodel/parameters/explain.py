"""pydantic's findings in our words: file, line, path, what is wrong, what would be right."""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from costmodel.errors import Problem, nearest
from costmodel.limits import MAX_PROBLEMS
from costmodel.parameters import schema
from costmodel.parameters.documents import Node, from_plain
from costmodel.parameters.leaf import Number
from costmodel.units import DIMENSIONLESS, MoneyError, described


def explained(error: ValidationError, merged: Node, root: type[BaseModel] = schema.SetFile) -> list[Problem]:
    """All problems that a validation found, in the order of the file.

    Args:
        error: what pydantic found.
        merged: the document.
        root: the schema of the whole document.
    """
    errors = error.errors(include_url=False)[:MAX_PROBLEMS]
    if any(_about_money(item["loc"]) for item in errors):
        # Figures that cannot be converted are a consequence, and named once the rates are right.
        errors = [item for item in errors if not isinstance(item.get("ctx", {}).get("error"), MoneyError)]
    found = dict.fromkeys(_problem(item, merged, root) for item in errors)
    files = [problem.file for problem, _ in sorted(found, key=lambda pair: -pair[1])]  # the set's own file first
    return sorted((problem for problem, _ in found), key=lambda p: (files.index(p.file), p.line or 0, p.path))


def _about_money(loc: tuple[str | int, ...]) -> bool:
    """Whether an error lies in what other figures are converted with."""
    money = (("base_year",), *(("assumptions", "finance", table) for table in ("exchange_rates", "price_index")))
    return loc in (("assumptions",), ("assumptions", "finance")) or any(loc[: len(path)] == path for path in money)


def shown_path(loc: tuple[str | int, ...]) -> str:
    """A path as users write it, without the leading `assumptions`."""
    steps = [str(step) for step in loc]
    return ".".join(steps[1:] if steps[:1] == ["assumptions"] and len(steps) > 1 else steps)


def _problem(item: Mapping[str, Any], merged: Node, root: type[BaseModel]) -> tuple[Problem, int]:
    """A finding in our words, and the depth of its file in the chain of `extends`."""
    loc = _without_tags(item["loc"])
    node = merged.at(loc)
    if item["type"] == "missing":
        message = _missing(loc, merged, root)
    elif item["type"] == "extra_forbidden":
        message = _unknown(loc, merged, root)
    elif item["type"] in ("union_tag_invalid", "union_tag_not_found"):
        loc, node, message = _kind(loc, merged)
    elif item["type"] in ("model_type", "dict_type", "model_attributes_type"):
        known = _fields(loc, merged, root)
        names = f" with {', '.join(sorted(known)[:6])}, …" if known else ""
        message = f"must be a block{names}, not {_kind_of(node)}"
    else:
        message = _plain_message(item)
    return node.problem(shown_path(as_in_file(loc, merged)), message), node.depth


def _unknown(loc: tuple[str | int, ...], merged: Node, root: type[BaseModel]) -> str:
    name, model = str(loc[-1]), _model(loc[:-1], merged, root)
    if model in schema.CHANNELS.values():
        kinds = [kind for kind, other in schema.CHANNELS.items() if name in other.model_fields]
        own = next(kind for kind, other in schema.CHANNELS.items() if other is model)
        if kinds:
            return f"is a parameter of a {' or '.join(kinds)}, and this channel is of kind {own}; leave it out"
    return f"unknown name; {nearest(name, sorted(_fields(loc[:-1], merged, root)))}"


def as_in_file(loc: tuple[str | int, ...], merged: Node) -> tuple[str | int, ...]:
    """A location in which an entry of a list that is joined along the chain has its number in its own file."""
    for at, steps in ((1, loc[:1]), (2, loc[:2])):
        if steps in (("correlations",), ("observations",), ("timeline", "events")) and len(loc) > at:
            items, place = merged.at(steps).value, loc[at]
            if isinstance(place, int) and isinstance(items, list):
                earlier = sum(item.depth < items[place].depth for item in items[:place])
                return (*steps, place - earlier, *loc[at + 1 :])
    return loc


#: What pydantic's kinds of error are called here; `{given}` is what was written, the rest is pydantic's context.
_WORDS = {
    "string_type": "must be text, not {given}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "int_type": "must be a whole number, not {given}",
    "float_type": "must be a number, not {given}",
    "finite_number": "must be a finite number, not {given}",
    "list_type": "must be a list, not {given}",
    "too_long": "must have at most {max_length} entries, not {actual_length}",
    "too_short": "must have {min_length} or more entries, not {actual_length}",
    "greater_than_equal": "must be at least {ge}, not {given}",
    "greater_than": "must be above {gt}, not {given}",
    "less_than_equal": "must be at most {le}, not {given}",
    "less_than": "must be below {lt}, not {given}",
    "literal_error": "must be {expected}, not {given}",
}
_PATTERNS = {
    "name": "must be made of letters, digits, _ and -, not {given}",
    **dict.fromkeys(
        ("as_of", "date", "until", "start", "end"), 'must be a date in quotes, such as "2026-06", not {given}'
    ),
}


def _plain_message(item: Mapping[str, Any]) -> str:
    field = str(item["loc"][-1]) if item["loc"] else ""
    if field in _PATTERNS and field != "name" and item["type"] == "string_type":
        words: str | None = _PATTERNS[field]
    elif item["type"] == "string_pattern_mismatch":
        words = _PATTERNS.get(field)
    else:
        words = _WORDS.get(item["type"])
    if words is not None:
        context = {name: _amount(value) for name, value in item.get("ctx", {}).items()}
        return words.format(given=_kind_of(from_plain(item.get("input"))), **context)
    message = str(item["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return message[:1].lower() + message[1:]


def _amount(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) and value > 9999 else str(value).replace("'", "`")


def _kind_of(node: Node) -> str:
    value = node.plain()
    if isinstance(value, dict):
        value = value.get("value", value)
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return f"`{str(value)[:60]}`"
    return {"list": "a list", "dict": "a block"}.get(type(value).__name__, type(value).__name__)


def _without_tags(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A location without the union's tag, which stands behind a channel's name."""
    if loc[:2] == ("assumptions", "channels") and len(loc) > 3 and loc[3] in schema.CHANNELS:
        return (*loc[:3], *loc[4:])
    return loc


def _kind(loc: tuple[str | int, ...], merged: Node) -> tuple[tuple[str | int, ...], Node, str]:
    channel = merged.at(loc)
    kind = channel.value.get("kind") if isinstance(channel.value, dict) else None
    kinds = ", ".join(schema.KINDS)
    if kind is None:
        return loc, channel, f"states no `kind`; one of {kinds}"
    given = kind.plain()
    word = str(given.get("value") if isinstance(given, dict) else given)
    meant = nearest(word, schema.KINDS)
    ending = f"{meant} ({kinds})" if meant.startswith("did") else f"one of {kinds}"
    return (*loc, "kind"), kind, f"`{word[:60]}` is no kind of channel; {ending}"


def _model(loc: tuple[str | int, ...], merged: Node, root: type[BaseModel]) -> Any:
    """The schema's type at a location: a block, or a table of blocks; None for a leaf."""
    current: Any = root
    walked: tuple[str | int, ...] = ()
    for step in loc:
        walked = (*walked, step)
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(str(step))
            current = _stated(field.annotation) if field else None
        elif get_origin(current) in (dict, list):
            current = get_args(current)[-1]
        else:
            return None
        if len(walked) == 3 and walked[:2] == ("assumptions", "channels"):
            kind = merged.at((*walked, "kind")).plain()
            word = kind.get("value") if isinstance(kind, dict) else kind
            current = schema.CHANNELS.get(str(word), schema.Channel)
    return current


def _stated(annotation: Any) -> Any:
    """The type of something that may be left out, where it is stated."""
    kinds = [item for item in get_args(annotation) if item is not NoneType] if isinstance(annotation, UnionType) else []
    return kinds[0] if len(kinds) == 1 else annotation


def _fields(loc: tuple[str | int, ...], merged: Node, root: type[BaseModel]) -> list[str]:
    model = _model(loc, merged, root)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    return [info.alias or name for name, info in model.model_fields.items()]


def _missing(loc: tuple[str | int, ...], merged: Node, root: type[BaseModel]) -> str:
    parent = _model(loc[:-1], merged, root)
    field = (
        parent.model_fields.get(str(loc[-1])) if isinstance(parent, type) and issubclass(parent, BaseModel) else None
    )
    if field is None:
        return "is required"
    number = next((item for item in field.metadata if isinstance(item, Number)), None)
    unit = (
        ""
        if number is None
        else f", {'' if number.unit == DIMENSIONLESS else 'in '}{described(number.unit)}, {number.bounds}"
    )
    meaning = (field.description or "").rstrip(".")
    first = meaning.split(" ")[0]
    meaning = meaning if "'" in first or first[1:2].isupper() else meaning[:1].lower() + meaning[1:]
    return f"is required ({meaning}{unit})"
