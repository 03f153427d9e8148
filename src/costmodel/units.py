"""Units of leaves: physical ones by pint, money by a set's exchange rates and price index."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pint


class MoneyError(ValueError):
    """A currency without an exchange rate, or a year without a price index."""


CURRENCY = re.compile(r"(?P<code>[A-Z]{3})(?:_(?P<year>\d{4}))?")
DIMENSIONLESS = "1"


@dataclass(frozen=True)
class Money:
    """What the currencies of a parameter set are worth in USD of its base year.

    Attributes:
        base_year: year whose USD all money is expressed in.
        exchange_rates: units of each currency per USD, by three-letter code.
        price_index: US price level by year, on any base.
    """

    base_year: int
    exchange_rates: Mapping[str, float] = field(default_factory=dict)
    price_index: Mapping[int, float] = field(default_factory=dict)

    def worth(self, currency: str) -> float:
        """USD of the base year that one unit of a currency such as `CNY` or `USD_2023` is worth.

        Raises:
            MoneyError: the currency has no exchange rate, or the year no price index.

        Examples:
            >>> round(Money(2026, {"CNY": 7.0}, {2023: 100.0, 2026: 110.0}).worth("CNY_2023"), 9)
            0.157142857
        """
        match = CURRENCY.fullmatch(currency)
        code, year = (match["code"], match["year"]) if match else (currency, None)
        rate = 1.0 if code == "USD" else self.exchange_rates.get(code)
        if rate is None:
            known = ", ".join(["USD", *sorted(self.exchange_rates)])
            raise MoneyError(f"currency {code} has no rate in finance.exchange_rates (known: {known})")
        return self._inflated(int(year)) / rate if year else 1.0 / rate

    def _inflated(self, year: int) -> float:
        for needed in (year, self.base_year):
            if needed not in self.price_index and year != self.base_year:
                known = ", ".join(map(str, sorted(self.price_index))) or "none"
                raise MoneyError(f"finance.price_index has no year {needed} (known: {known})")
        return 1.0 if year == self.base_year else self.price_index[self.base_year] / self.price_index[year]


@cache
def _registry() -> "pint.UnitRegistry[Any]":
    import pint  # here, since many sets need no conversion and pint is slow to load

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(autoconvert_offset_to_baseunit=False, on_redefinition="ignore")
    registry.define("FLOP = [floating_point_operation] = FLOPs = flop")
    # To pint a byte is the number 8, and would pass for any pure number.
    registry.define("bit = [information]")
    registry.define("byte = 8 * bit = B = octet")
    registry.define("USD = [money]")
    registry.define("accelerator = [accelerator] = accelerators")
    registry.define("H100e = [compute]")
    registry._build_cache()  # noqa: SLF001 - or pint goes on with the dimensions that it has cached
    return registry


@cache
def _define_currency(name: str) -> None:
    """Make a currency a unit of money; its worth is applied by `conversion_factor`."""
    if name != "USD":
        _registry().define(f"{name} = 1 USD")


def _currencies(text: str) -> list[str]:
    names = re.findall(r"(?<![A-Za-z])(?:k|M|G|kilo|mega|giga)?([A-Z]{3}(?:_\d{4})?)(?![A-Za-z0-9_])", text)
    return [name for name in dict.fromkeys(names) if CURRENCY.fullmatch(name)]


def conversion_factor(unit: str, target: str, money: Money) -> float:
    """Number by which a value in `unit` is multiplied to be in `target`.

    Args:
        unit: unit as written by a user, such as `CNY_2024/kWh`.
        target: unit of the schema, such as `USD/kWh`; `1` for a pure number.
        money: worth of currencies.

    Raises:
        ValueError: unknown unit or currency, or a unit of another dimension; the message says which.

    Examples:
        >>> conversion_factor("TFLOP/s", "FLOP/s", Money(2026))
        1000000000000.0
        >>> round(conversion_factor("CNY/MWh", "USD/kWh", Money(2026, {"CNY": 7.0})), 8)
        0.00014286
    """
    if unit == target:
        return 1.0
    if not _is_plain(unit):
        raise ValueError(f"`{unit[:_LONGEST]}` is not a unit; expected {described(target)}")
    worths = {name: money.worth(name) for name in _currencies(unit)}
    factor, powers = _converted(unit, target)
    for name, worth in worths.items():
        factor *= worth ** powers[name]
    return factor


_LONGEST = 80
_POWER_OF_A_NAME = re.compile(
    r"([A-Za-zµμΩ_°][A-Za-z0-9µμΩ_]*)\s*(?:(?:\*\*|\^)\s*-?\s*[1-9](?![\d.])|⁻?[¹²³](?![⁰¹²³⁴-⁹]))"
)
_WORDS_FOR_POWERS = re.compile(r"\b(?:square|squared|sq|cubic|cubed)\b")
_PRODUCT = re.compile(r"(?:[A-Za-z0-9µμΩ_°.%()·/\s]|\*(?!\*))*")


def _is_plain(unit: str) -> bool:
    """Whether text is a product of names, numbers, and small powers of names.

    pint computes what it reads: `9**9**9` would take hours, and all memory.
    """
    without = _POWER_OF_A_NAME.sub(r"\1 ", unit)
    return len(unit) <= _LONGEST and bool(_PRODUCT.fullmatch(without)) and not _WORDS_FOR_POWERS.search(unit)


@lru_cache(maxsize=4096)
def _converted(unit: str, target: str) -> tuple[float, dict[str, float]]:
    """Factor between two units if all currencies were worth 1 USD, and the power to which each currency stands."""
    import pint

    registry, powers = _registry(), {}
    try:
        for name in _currencies(unit):
            _define_currency(name)
            powers[name] = _exponent(unit, name)
        target_unit = registry.parse_units("" if target == DIMENSIONLESS else target)
        source_unit = registry.parse_units(unit.replace("%", "percent"))
        if source_unit.dimensionless and target == "1/year":
            target_unit = registry.parse_units("")  # `5 %` of an annual rate can only mean a year
        return float(registry.Quantity(1.0, source_unit).to(target_unit).magnitude), powers
    except pint.UndefinedUnitError as error:
        names: Any = error.unit_names  # text or a tuple, whatever pint's types say
        unknown = names if isinstance(names, str) else ", ".join(names)
        raise ValueError(f"unknown unit `{unknown}` in `{unit}`; expected {described(target)}") from None
    except pint.DimensionalityError:
        raise ValueError(f"unit `{unit}` cannot be converted to {described(target)}") from None
    except Exception:  # noqa: BLE001 - pint's parser fails in many ways on text that is no unit
        raise ValueError(f"`{unit}` is not a unit; expected {described(target)}") from None


def _exponent(unit: str, currency: str) -> float:
    """Power to which a currency stands in a unit."""
    registry = _registry()
    parts = registry.parse_units(unit.replace("%", "percent"))._units  # noqa: SLF001 - pint has no other way to the parts
    return sum(float(str(power)) for name, power in parts.items() if name.endswith(currency))


def described(unit: str) -> str:
    """A schema unit in words for a message.

    Examples:
        >>> described("1"), described("USD/kWh")
        ('a pure number', '`USD/kWh`')
    """
    return "a pure number" if unit == DIMENSIONLESS else f"`{unit}`"
