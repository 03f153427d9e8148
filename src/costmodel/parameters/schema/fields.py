"""Kinds of number, and what a field of a block says of itself."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from costmodel.parameters.leaf import LEAF_MARKS, LEAF_WORDS, Leaf, Number, Text

Usd = Annotated[Leaf, Number("USD", ge=0)]
Share = Annotated[Leaf, Number("1", ge=0, le=1)]
PositiveShare = Annotated[Leaf, Number("1", gt=0, le=1)]
ShareBelowOne = Annotated[Leaf, Number("1", ge=0, lt=1)]
AnnualProbability = Annotated[Leaf, Number("1/year", ge=0, lt=1)]
AnnualRate = Annotated[Leaf, Number("1/year", ge=0)]
Years = Annotated[Leaf, Number("year", ge=0)]
PositiveYears = Annotated[Leaf, Number("year", gt=0)]
Markup = Annotated[Leaf, Number("1", gt=-1)]
Ratio = Annotated[Leaf, Number("1", ge=0)]
Words = Annotated[Leaf, Text()]
Accelerators = Annotated[Leaf, Number("accelerator", ge=0)]


def _field(default: Any, symbol: str, **extra: Any) -> Any:
    return Field(default, validate_default=default is not None, json_schema_extra={"symbol": symbol, **extra})


def required(symbol: str = "") -> Any:
    """A field that must be stated."""
    return Field(json_schema_extra={"symbol": symbol})


def neutral(value: Any, symbol: str = "") -> Any:
    """A field that may be left out, and then has no effect (or that value)."""
    return _field(value, symbol)


def scenario(value: Any, symbol: str = "") -> Any:
    """A field that no data pin down: whatever a set states of it is a scenario, not an estimate."""
    return _field(value, symbol, role="scenario")


def control(value: float, symbol: str = "") -> Any:
    """A field that measures what controls do: `control_wedge` is the cost of its not being at this neutral value."""
    return _field(value, symbol, control=True)


def entries(table: Any) -> list[str]:
    """Names of the entries of a table; what is no table at all is left to pydantic."""
    if isinstance(table, dict) and LEAF_MARKS & table.keys():
        raise ValueError("must be a block of entries by name, not a single value")
    return [str(name) for name in table] if isinstance(table, dict) else []


# Unaccented letters alone: others may look like a name that they are not.
_ENTRY = re.compile(r"[a-z][a-z0-9_]{0,79}")
_NAMING = "use lower-case letters, digits and _, beginning with a letter, at most 80"


def checked_names(table: Any) -> Any:
    """The same table, refused where a name in it could not be a step of a path."""
    for name in entries(table):
        if not _ENTRY.fullmatch(name) or name in LEAF_WORDS:
            raise ValueError(f"`{name}` is no name: {_NAMING}, and none of the leaf words")
    return table


class Block(BaseModel):
    """Base of all blocks: unknown names are refused, and nothing changes after validation."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _no_leaf(cls, block: Any) -> Any:
        if isinstance(block, dict) and LEAF_MARKS & block.keys() - cls.model_fields.keys():
            names = list(cls.model_fields)
            shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
            raise ValueError(f"must be a block with {shown}, not a single value")
        return block


class Utilization(Block):
    """Attained fraction of the roofline, by workload."""

    training: PositiveShare = required("u")
    """Attained fraction of the roofline in training (model FLOP utilisation)."""
    inference: PositiveShare = required("u")
    """Attained fraction of the roofline in inference."""
