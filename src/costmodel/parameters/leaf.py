"""Leaves of a parameter set: what may be written, and what it becomes."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from costmodel.distributions import LAWS, SHAPE_WORDS, Distribution, distribution
from costmodel.errors import nearest
from costmodel.limits import MAX_ENTRIES, MAX_LABEL, MAX_NAME, MAX_PARAGRAPH, MAX_SOURCES
from costmodel.units import DIMENSIONLESS, Money, conversion_factor, described

Value = float | str | bool | tuple[str, ...]

#: Words by which a mapping is known to be a leaf and not a block.
LEAF_MARKS = frozenset({"value", "dist", "unit", "basis", *SHAPE_WORDS})
#: Words that say where a number comes from; a block may carry them for all leaves below it.
PROVENANCE = frozenset({"source", "assumption", "as_of", "note"})
LEAF_WORDS = LEAF_MARKS | PROVENANCE

_NUMBER = re.compile(r"\s*(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(?P<unit>.*?)\s*")
# What follows a number that was cut short at a thousands separator or a decimal comma.
_SEPARATOR = re.compile(r"[,_'’]|\d{3}\b")
# No number is this large; one beyond would not be finite.
_LARGEST = 1e300

# Probability beyond a bound that rounding of a table may leave.
_NO_MASS = 2e-9
# Nearer to an excluded bound than this part of the median's distance is at the bound.
_AT = 1e-9


@dataclass(frozen=True)
class Leaf:
    """One validated leaf.

    Attributes:
        value: the number in the schema's unit (the median where it is uncertain), or text, yes/no, or names.
        unit: the schema's unit; None for text.
        distribution: the law of an uncertain number.
        basis: `real` or `nominal`; a nominal rate has still to be deflated.
        source: ids of `params/evidence/sources.csv`.
        assumption: reason, where no source gives it.
        as_of: date for which the figure holds.
        note: remark.
        given: the leaf as written.
    """

    value: Value
    unit: str | None = None
    distribution: Distribution | None = None
    basis: str = "real"
    source: tuple[str, ...] = ()
    assumption: str | None = None
    as_of: str | None = None
    note: str | None = None
    given: Any = None


@dataclass(frozen=True)
class _Spec:
    """Common part of the kinds of leaf: pydantic calls `parse` with what was written."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            lambda raw, info: self.parse(raw, (info.context or {}).get("money", Money(2000)))
        )

    def parse(self, raw: Any, money: Money) -> Leaf:
        if isinstance(raw, Leaf):
            return raw
        stated = dict(raw) if isinstance(raw, Mapping) else {"value": raw}
        for word in stated:
            if word not in LEAF_WORDS:
                raise ValueError(f"unknown word `{word}` in a leaf; {nearest(str(word), sorted(LEAF_WORDS))}")
        return Leaf(given=raw, **self.content(stated, money), **_provenance(stated))

    def content(self, stated: Mapping[str, Any], money: Money) -> dict[str, Any]:
        """Fields of the leaf that its kind decides."""
        raise NotImplementedError

    def json_schema(self) -> dict[str, Any]:
        """JSON schema of the leaf's value, for editors."""
        raise NotImplementedError


def _provenance(stated: Mapping[str, Any]) -> dict[str, Any]:
    source = stated.get("source", ())
    source = (source,) if isinstance(source, str) else source
    if not isinstance(source, list | tuple) or not all(isinstance(item, str) for item in source):
        raise ValueError("source must be an id, or a list of ids, of params/evidence/sources.csv")
    if len(source) > MAX_SOURCES or any(len(item) > MAX_NAME for item in source):
        raise ValueError(f"source must have at most {MAX_SOURCES} ids, each of at most {MAX_NAME} characters")
    texts = {word: stated.get(word) for word in ("assumption", "as_of", "note")}
    for word, text in texts.items():
        if text is not None and (not isinstance(text, str) or not text.strip()):
            raise ValueError(f"{word} must be text, not {_shown(text)}")
        if text is not None and len(text) > MAX_PARAGRAPH:
            raise ValueError(f"{word} must have at most {MAX_PARAGRAPH:,} characters, not {len(text):,}")
    return {"source": tuple(source), **texts}


def _shown(raw: Any) -> str:
    if raw is None or raw == "":
        return "nothing"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    text = repr(raw) if isinstance(raw, list | dict) else str(raw)
    text = f"{text[:60]}…" if len(text) > 60 else text
    return f"{type(raw).__name__} {text}" if isinstance(raw, list | dict) else f"`{text}`"


@dataclass(frozen=True)
class Number(_Spec):
    """A number with a unit and bounds, certain or uncertain.

    Attributes:
        unit: unit in which the model computes; `1` for a pure number.
        ge, gt, le, lt: bounds, included or not.
        nominal: how a nominal value is deflated (`rate` or `decline`); None where `basis` may not be stated.
        certain: only a constant is accepted (exchange rates, for instance, which convert once at loading).
    """

    unit: str = DIMENSIONLESS
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    nominal: str | None = None
    certain: bool = False

    @property
    def bounds(self) -> str:
        """The bounds in words, such as `0 ≤ x < 1`."""
        low = f"{self.ge:g} ≤ " if self.ge is not None else f"{self.gt:g} < " if self.gt is not None else ""
        high = f" ≤ {self.le:g}" if self.le is not None else f" < {self.lt:g}" if self.lt is not None else ""
        return f"{low}x{high}" if low or high else "any"

    @property
    def lower(self) -> float:
        return next((bound for bound in (self.ge, self.gt) if bound is not None), -math.inf)

    @property
    def upper(self) -> float:
        return next((bound for bound in (self.le, self.lt) if bound is not None), math.inf)

    def content(self, stated: Mapping[str, Any], money: Money) -> dict[str, Any]:
        numbers = {
            word: self._number(word, stated[word], stated.get("unit"), money)
            for word in stated
            if word in SHAPE_WORDS or word == "value"
        }
        basis = stated.get("basis", "real")
        if basis not in ("real", "nominal") or (basis == "nominal" and not self.nominal):
            raise ValueError("basis is `real` or `nominal`, and nominal only for interest rates and price declines")
        name = stated.get("dist", "constant" if "value" in numbers else None)
        if name == "constant":
            return {"value": self._inside(_constant(numbers)), "unit": self.unit, "basis": basis}
        if name is None:
            raise ValueError(f"states no value: give a number, or `dist` and its shape; {nearest('', sorted(LAWS))}")
        if not isinstance(name, str) or name not in LAWS:
            raise ValueError(f"unknown distribution {_shown(name)}; {nearest(str(name), sorted([*LAWS, 'constant']))}")
        if self.certain:
            raise ValueError("must be a constant: it converts other figures once, when the set is loaded")
        law = distribution(name, **numbers)
        self._check_mass(law)
        return {"value": float(law.ppf(0.5)), "unit": self.unit, "distribution": law, "basis": basis}

    def _number(self, word: str, raw: Any, unit: Any, money: Money) -> float:
        """One stated number in the schema's unit."""
        where = "" if word == "value" else f"{word}: "
        if isinstance(raw, bool) or not isinstance(raw, int | float | str):
            raise ValueError(f"{where}must be a number, not {_shown(raw)}")
        if unit is not None and not isinstance(unit, str):
            raise ValueError(f"unit must be text, such as `{self.unit}`, not {_shown(unit)}")
        if isinstance(raw, str):
            match = _NUMBER.fullmatch(raw)
            if not match or len(raw) > 80:
                raise ValueError(f"{where}must be a number, or a number with a unit, not `{raw[:80]}`")
            if _SEPARATOR.match(match["unit"]):
                raise ValueError(
                    f"{where}`{raw}`: write the number without thousands separators, and decimals after a point"
                )
            if match["unit"] and unit:
                raise ValueError(f"{where}`{raw}` has a unit of its own beside `unit: {unit}`; state it once")
            raw, unit = float(match["number"]), match["unit"] or unit
        factor = conversion_factor(unit.strip(), self.unit, money) if unit else 1.0
        if not abs(raw) < _LARGEST or not math.isfinite(raw * factor):
            raise ValueError(f"{where}must be a finite number, not {_shown(raw)}")
        return float(raw) * factor

    def _inside(self, number: float) -> float:
        below = number < self.lower or (self.gt is not None and number <= self.gt)
        above = number > self.upper or (self.lt is not None and number >= self.lt)
        if below or above:
            raise ValueError(f"{number:g} is out of bounds: must be {self.bounds} ({described(self.unit)})")
        return number

    def _check_mass(self, law: Distribution) -> None:
        """Raise where the law has mass outside the bounds, or piled up at one that is excluded."""
        middle = float(law.ppf(0.5))
        low = self.lower if self.gt is None else self.lower + _AT * abs(middle - self.lower)
        high = self.upper if self.lt is None else self.upper - _AT * abs(self.upper - middle)
        below = float(law.cdf(low)) if math.isfinite(low) else 0.0
        above = 1.0 - float(law.cdf(high)) if math.isfinite(high) else 0.0
        if below > _NO_MASS or above > _NO_MASS:
            lower = f"below {self.lower:g}" if self.gt is None else f"at {self.lower:g} or below"
            upper = f"above {self.upper:g}" if self.lt is None else f"at {self.upper:g} or above"
            side, mass = (lower, below) if below > above else (upper, above)
            raise ValueError(
                f"this {law.law} has {mass:.2g} of its mass {side}, but the parameter must be {self.bounds} "
                f"({described(self.unit)}); choose beta, pert, truncated_normal or narrower percentiles"
            )

    def json_schema(self) -> dict[str, Any]:
        number: dict[str, Any] = {"type": "number"}
        names = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
        number |= {names[key]: getattr(self, key) for key in names if getattr(self, key) is not None}
        return {"anyOf": [number, {"type": "string"}, {"$ref": "#/$defs/leaf"}, {"type": "null"}]}


def _constant(numbers: Mapping[str, float]) -> float:
    if set(numbers) != {"value"}:
        raise ValueError("a constant is stated by `value` alone; for a range state `dist` as well")
    return numbers["value"]


# ruff: noqa: ARG002 - of the kinds of leaf only numbers need the worth of money
@dataclass(frozen=True)
class Text(_Spec):
    """Text, or one of some words.

    Attributes:
        options: the words allowed; empty for any text.
    """

    options: tuple[str, ...] = ()

    def content(self, stated: Mapping[str, Any], money: Money) -> dict[str, Any]:
        value = _only_value(stated)
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"must be text, not {_shown(value)}")
        if len(value) > MAX_LABEL:
            raise ValueError(f"must have at most {MAX_LABEL} characters, not {len(value):,}")
        if self.options and value not in self.options:
            meant = nearest(value, self.options)
            ending = f"; {meant}" if meant.startswith("did") else ""
            raise ValueError(f"`{value[:60]}` is not one of {', '.join(self.options)}{ending}")
        return {"value": value}

    def json_schema(self) -> dict[str, Any]:
        text: dict[str, Any] = {"enum": list(self.options)} if self.options else {"type": "string"}
        return {"anyOf": [text, {"$ref": "#/$defs/leaf"}, {"type": "null"}]}


@dataclass(frozen=True)
class YesNo(_Spec):
    """True or false."""

    def content(self, stated: Mapping[str, Any], money: Money) -> dict[str, Any]:
        value = _only_value(stated)
        if not isinstance(value, bool):
            raise ValueError(f"must be true or false, not {_shown(value)}")
        return {"value": value}

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "boolean"}, {"$ref": "#/$defs/leaf"}, {"type": "null"}]}


@dataclass(frozen=True)
class Names(_Spec):
    """A list of names."""

    def content(self, stated: Mapping[str, Any], money: Money) -> dict[str, Any]:
        value = _only_value(stated)
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list | tuple) or not value or not all(isinstance(item, str) for item in value):
            raise ValueError(f"must be a list of names, not {_shown(value)}")
        if len(value) > MAX_ENTRIES:
            raise ValueError(f"must have at most {MAX_ENTRIES} names, not {len(value):,}")
        return {"value": tuple(value)}

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"$ref": "#/$defs/leaf"}]}


def _only_value(stated: Mapping[str, Any]) -> Any:
    extra = sorted(set(stated) - PROVENANCE - {"value"})
    if extra or "value" not in stated:
        raise ValueError(f"states no value: give `value` alone, without {', '.join(extra) or 'other words'}")
    return stated["value"]
