"""Units of leaves: physical ones, percent, money of other currencies and years, powers, and what is refused."""

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.units import Money, MoneyError, conversion_factor, described

MONEY = Money(2026, {"CNY": 7.0, "EUR": 0.8}, {2023: 100.0, 2024: 104.0, 2026: 110.0})

FACTORS = [
    ("USD", "USD", 1.0),
    ("kUSD", "USD", 1e3),
    ("MUSD", "USD", 1e6),
    ("CNY", "USD", 1 / 7),
    ("EUR", "USD", 1.25),
    ("USD_2023", "USD", 1.1),
    ("USD_2026", "USD", 1.0),
    ("kUSD_2024", "USD", 1e3 * 110 / 104),
    ("CNY_2023", "USD", 1.1 / 7),
    ("CNY_2024/kWh", "USD/kWh", 110 / 104 / 7),
    ("CNY/MWh", "USD/kWh", 1 / 7000),
    ("USD_2023/MW", "USD/kW", 1.1e-3),
    ("EUR/W", "USD/kW", 1250.0),
    ("USD/hour", "USD/hour", 1.0),
    ("USD/day", "USD/hour", 1 / 24),
    ("USD/year", "USD/hour", 1 / 8766),
    ("USD/GB", "USD/TB", 1e3),
    ("CNY_2024/TB", "USD/TB", 110 / 104 / 7),
    ("W", "kW", 1e-3),
    ("MW", "kW", 1e3),
    ("TFLOP/s", "FLOP/s", 1e12),
    ("PFLOP/s", "FLOP/s", 1e15),
    ("FLOP/hour", "FLOP/s", 1 / 3600),
    ("TB/s", "byte/s", 1e12),
    ("GB/s", "byte/s", 1e9),
    ("TiB/s", "byte/s", 2.0**40),
    ("Gbit/s", "byte/s", 1.25e8),
    ("PB", "TB", 1e3),
    ("GB/day", "TB/year", 0.36525),
    ("month", "year", 1 / 12),
    ("day", "year", 1 / 365.25),
    ("hour", "year", 1 / 8766),
    ("%", "1", 0.01),
    ("percent", "1", 0.01),
    ("%", "1/year", 0.01),
    ("%/year", "1/year", 0.01),
    ("1/month", "1/year", 12.0),
    ("%/month", "1/year", 0.12),
    ("1/year", "1/year", 1.0),
    ("FLOP/byte", "FLOP/byte", 1.0),
    ("TFLOP/TB", "FLOP/byte", 1.0),
    ("kWh/hour", "kW", 1.0),
]


@pytest.mark.parametrize(
    ("unit", "target", "factor"), FACTORS, ids=[f"{unit}-to-{target}" for unit, target, _ in FACTORS]
)
def test_factor(unit, target, factor):
    assert conversion_factor(unit, target, MONEY) == pytest.approx(factor, rel=1e-12)


REFUSED = [
    ("kg", "kW", "unit `kg` cannot be converted to `kW`"),
    ("USD", "1", "unit `USD` cannot be converted to a pure number"),
    ("USD/kWh", "USD/kW", "unit `USD/kWh` cannot be converted to `USD/kW`"),
    ("kWh", "kW", "unit `kWh` cannot be converted to `kW`"),
    ("FLOP", "FLOP/s", "unit `FLOP` cannot be converted to `FLOP/s`"),
    ("byte", "1", "unit `byte` cannot be converted to a pure number"),
    ("GB/year", "1/year", "unit `GB/year` cannot be converted to `1/year`"),
    ("%", "TB", "unit `%` cannot be converted to `TB`"),
    ("%", "year", "unit `%` cannot be converted to `year`"),
    ("1/s", "byte/s", "unit `1/s` cannot be converted to `byte/s`"),
    ("TFLOPS", "FLOP/s", "unknown unit `TFLOPS` in `TFLOPS`; expected `FLOP/s`"),
    ("florin", "USD", "unknown unit `florin` in `florin`; expected `USD`"),
    ("GBP", "USD", "currency GBP has no rate in finance.exchange_rates (known: USD, CNY, EUR)"),
    ("USD_1999", "USD", "finance.price_index has no year 1999 (known: 2023, 2024, 2026)"),
    ("000 USD", "USD", "`000 USD` is not a unit; expected `USD`"),
    ("W)(", "kW", "`W)(` is not a unit; expected `kW`"),
    ("W W W/", "kW", "`W W W/` is not a unit; expected `kW`"),
    ("__import__('os')", "kW", "`__import__('os')` is not a unit; expected `kW`"),
]


@pytest.mark.parametrize(
    ("unit", "target", "message"), REFUSED, ids=[f"{unit}-to-{target}" for unit, target, _ in REFUSED]
)
def test_refused(unit, target, message):
    with pytest.raises(ValueError, match=r".") as caught:
        conversion_factor(unit, target, MONEY)
    assert str(caught.value) == message


@given(unit=st.text(max_size=12), target=st.sampled_from(["USD", "1", "1/year", "kW", "byte/s"]))
def test_any_text_is_a_unit_or_refused(unit, target):
    with suppress(ValueError):
        assert math.isfinite(conversion_factor(unit, target, MONEY))


def test_money_of_the_base_year_needs_no_index():
    assert Money(2026).worth("USD_2026") == 1.0
    with pytest.raises(MoneyError, match=r"finance.price_index has no year 2025 \(known: none\)"):
        Money(2026).worth("USD_2025")
    with pytest.raises(MoneyError, match=r"finance.price_index has no year 2026 \(known: 2025\)"):
        Money(2026, {}, {2025: 100.0}).worth("USD_2025")


def test_currencies_of_two_sets_do_not_mix():
    """Units are kept between calls; what a currency is worth is the set's."""
    assert conversion_factor("CNY", "USD", Money(2026, {"CNY": 5.0})) == pytest.approx(0.2)
    assert conversion_factor("CNY", "USD", Money(2026, {"CNY": 10.0})) == pytest.approx(0.1)


@given(rate=st.floats(1e-3, 1e5), level=st.floats(0.1, 1000), base=st.floats(0.1, 1000))
def test_worth(rate, level, base):
    money = Money(2026, {"XYZ": rate}, {2020: level, 2026: base})
    assert money.worth("XYZ_2020") == pytest.approx(base / level / rate, rel=1e-12)
    assert conversion_factor("kXYZ_2020/kWh", "USD/kWh", money) == pytest.approx(1e3 * base / level / rate, rel=1e-12)


def test_described():
    assert described("1") == "a pure number"
    assert described("USD/kWh") == "`USD/kWh`"
