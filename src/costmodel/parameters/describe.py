"""The schema as data: JSON schema for editors, and rows for the parameters page."""

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from costmodel.distributions import LAWS
from costmodel.parameters import schema
from costmodel.parameters.leaf import LEAF_WORDS, Number, _Spec
from costmodel.units import DIMENSIONLESS

_PROVENANCE = {
    "source": {
        "description": "Ids of params/evidence/sources.csv; on a block, for all leaves below it.",
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    },
    "assumption": {"type": "string", "description": "Reason, where no source gives the figure."},
    "as_of": {"type": "string", "description": "Date for which the figure holds."},
    "note": {"type": "string", "description": "Remark."},
}

# An entry of a table may be null, which removes what is inherited.
_OR_REMOVED = {"type": ["object", "null"]}


def json_schema() -> dict[str, Any]:
    """JSON schema of a set file, so that an editor completes and checks names.

    Nothing is required in it but `extends` or the whole, since a set may leave out all that it inherits.

    Examples:
        >>> sorted(json_schema()["properties"])[:3]
        ['as_of', 'assumptions', 'base_year']
    """
    number_or_text = {"anyOf": [{"type": "number"}, {"type": "string"}]}
    words = {word: number_or_text for word in sorted(LEAF_WORDS) if word not in _PROVENANCE}
    leaf = {
        "type": "object",
        "description": "A value, or a distribution, with where it comes from.",
        "properties": words
        | {"value": {}, "unit": {"type": "string"}, "basis": {"enum": ["real", "nominal"]}}
        | {"dist": {"enum": ["constant", *LAWS]}}
        | _PROVENANCE,
        "additionalProperties": False,
    }
    top = _block(schema.SetFile)
    del top["properties"]["source"], top["properties"]["assumption"], top["properties"]["note"]
    for name in ("extends", "run", "correlations", "timeline", "observations"):
        top["properties"][name] = _plain(schema.SetFile.model_fields[name])
    for option in top["properties"]["timeline"]["anyOf"]:
        option.pop("required", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "costmodel parameter set",
        **top,
        "$defs": {"leaf": leaf},
    }


def _block(*models: type[BaseModel]) -> dict[str, Any]:
    """Schema of a block; of several kinds of block, all their fields together."""
    own = any("assumption" in model.model_fields for model in models)
    properties: dict[str, Any] = {} if own else dict(_PROVENANCE)
    for model in models:
        properties |= {name: _property(info) for name, info in model.model_fields.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _property(info: FieldInfo) -> dict[str, Any]:
    spec = next(iter(specs(info)), None)
    value = _values(info.annotation)
    unit = f" Unit: {spec.unit}." if isinstance(spec, Number) and spec.unit != DIMENSIONLESS else ""
    described = {"description": f"{info.description or ''}{unit}".strip()}
    if value is not None:
        return described | {"type": "object", "additionalProperties": value} | _limits(info, "Properties")
    if spec is not None:
        return described | spec.json_schema()
    if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
        return described | _block(info.annotation)
    return described | _plain(info)


def _values(annotation: Any) -> dict[str, Any] | None:
    """Schema of the values of a table; None for what is no table."""
    if get_origin(annotation) is not dict:
        return None
    item = get_args(annotation)[1]
    if item is schema.AnyChannel:
        return _block(*schema.CHANNELS.values()) | _OR_REMOVED
    if isinstance(item, type) and issubclass(item, BaseModel):
        return _block(item) | _OR_REMOVED
    if not hasattr(item, "__metadata__"):
        return None
    return next(meta for meta in item.__metadata__ if isinstance(meta, _Spec)).json_schema()


def _plain(info: FieldInfo) -> dict[str, Any]:
    """What pydantic says of a field that is no leaf."""
    from pydantic import TypeAdapter

    annotation: Any = info.annotation
    found = TypeAdapter(annotation).json_schema()
    found |= _limits(info, {"array": "Items", "object": "Properties"}.get(found.get("type", ""), "Length"))
    definitions = found.pop("$defs", {})
    inlined: dict[str, Any] = _inlined(found, definitions)
    return inlined | ({"description": info.description} if info.description else {})


def _limits(info: FieldInfo, counted: str) -> dict[str, Any]:
    """Limits of a field in the words of JSON schema, which has a word of its own for each of what can be counted."""
    words = {"pattern": "pattern", "ge": "minimum", "le": "maximum"}
    words["max_length"] = f"max{counted}"
    if counted != "Properties":  # a set that extends another states few entries of a table, or none
        words["min_length"] = f"min{counted}"
    stated = [(words[ours], getattr(meta, ours, None)) for meta in info.metadata for ours in words]
    return {word: limit for word, limit in stated if limit is not None}


def _inlined(found: Any, definitions: dict[str, Any]) -> Any:
    """The same schema without references, since it is put into another one."""
    if isinstance(found, dict):
        if "$ref" in found:
            return _inlined(definitions[found["$ref"].rsplit("/", 1)[1]], definitions)
        return {key: _inlined(value, definitions) for key, value in found.items()}
    return [_inlined(item, definitions) for item in found] if isinstance(found, list) else found


def specs(info: FieldInfo) -> list[_Spec]:
    """What kind of leaf a field is, or what the values of a table of leaves are; empty for a block."""
    found: list[Any] = list(info.metadata)
    pending = [info.annotation]
    while pending:
        annotation: Any = pending.pop()
        found += getattr(annotation, "__metadata__", ())
        pending += getattr(annotation, "__args__", ())
    return [item for item in found if isinstance(item, _Spec)]


def rows(model: type[BaseModel] = schema.Assumptions, path: str = "") -> Iterator[dict[str, str]]:
    """Every parameter that a set may state: path, symbol, unit, bounds, default, kinds of channel and meaning."""
    for name, info in model.model_fields.items():
        where = f"{path}.{name}".lstrip(".")
        annotation: Any = info.annotation
        if get_origin(annotation) is dict:
            yield from _table_rows(info, where)
        elif specs(info):
            yield _row(where, info, specs(info)[0])
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from rows(annotation, where)


def _table_rows(info: FieldInfo, where: str) -> Iterator[dict[str, str]]:
    item: Any = get_args(info.annotation)[1]
    if item is schema.AnyChannel:
        found: dict[str, dict[str, str]] = {}
        for kind, model in schema.CHANNELS.items():
            for row in rows(model, f"{where}.<channel>"):
                kinds = found[row["path"]]["kinds"] + ", " if row["path"] in found else ""
                found[row["path"]] = row | {"kinds": kinds + kind}
        yield from found.values()
    elif isinstance(item, type) and issubclass(item, BaseModel):
        yield from rows(item, f"{where}.<{where.rstrip('s')}>")
    else:
        spec = next(meta for meta in item.__metadata__ if isinstance(meta, _Spec))
        yield _row(f"{where}.<{'year' if name_is_year(where) else 'currency'}>", info, spec)


def name_is_year(where: str) -> bool:
    """Whether a table is keyed by years and not by currencies."""
    return where.endswith("price_index")


def _shown_default(default: Any) -> str:
    if isinstance(default, bool):
        return "true" if default else "false"
    if isinstance(default, list):
        return ", ".join(default)
    return (
        f"{default:g}" if isinstance(default, float) else "–" if default in (None, PydanticUndefined) else str(default)
    )


def _row(where: str, info: FieldInfo, spec: _Spec) -> dict[str, str]:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    default = "required" if info.is_required() else _shown_default(info.default)
    number = spec if isinstance(spec, Number) else None
    options = ", ".join(getattr(spec, "options", ())) or "text"
    return {
        "path": where,
        "symbol": str(extra.get("symbol", "")),
        "unit": number.unit if number else "",
        "bounds": number.bounds if number else options,
        "default": default,
        "control": "control" if extra.get("control") else "",
        "role": str(extra.get("role", "")),
        "kinds": "",
        "meaning": info.description or "",
    }
