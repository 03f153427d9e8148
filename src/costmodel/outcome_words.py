"""Outcomes of any unit, and differences of them, as people read them."""

from collections.abc import Mapping

from costmodel.costs import UNIT
from costmodel.dynamics.outcomes import meaning
from costmodel.outcomes import OUTCOMES, Outcome
from costmodel.parameters.model import ParameterSet
from costmodel.words import NBSP, UNIT_WORDS, WORKLOAD_LABELS, digits, interval, large, money, percent, quantity, worth

# Of US dollars, and as a share: nobody reads a smaller difference, and much smaller ones are rounding.
_NEXT_TO_NOTHING = 1e-5
# Of results of a path whose meaning is too long for a heading.
_SHORT = {
    "price": "Clearing price",
    "premium": "Premium",
    "compute_denied": "Compute denied",
    "share": "Share of compute in service",
    "implied_markup": "Implied markup",
    "server_ratio": "Server price over street price",
    "delivered": "New accelerators in a year",
    "installed": "Accelerators in service",
    "quantity": "Compute in service, H100e",
    "interdiction": "Probability of interdiction",
}
#: What is said of a time that is not over when the path ends.
BEYOND = "beyond the end"
_SIGNED = ("premium", "implied_markup")
_RATIOS = ("server_ratio", "domestic_alone")


def change(value: float, unit: str) -> str:
    """A difference with its sign, of US dollars, of a share (in percentage points), or of another unit.

    Examples:
        >>> change(-0.5125, "USD/H100e-h"), change(0.0034, "USD/H100e-h"), change(0.0, "USD/H100e-h")
        ('−$0.51', '+$0.0034', '$0')
        >>> from costmodel.words import NBSP
        >>> change(0.023, "1").replace(NBSP, " "), change(-1200, "H100e").replace(NBSP, " ")
        ('+2.3 points', '−1,200 H100e')
        >>> change(-2e-21, "USD/H100e-h"), change(3e-7, "1").replace(NBSP, " ")
        ('≈ $0', '≈ 0 points')
    """
    if 0 < abs(value) < _NEXT_TO_NOTHING:
        return f"≈ {change(0.0, unit)}"
    sign, size = "+" if value > 0 else "−" if value < 0 else "", abs(value)
    if unit.startswith("USD") and size >= 0.1:
        return sign + money(size)
    if unit == "1" or unit.startswith("USD"):
        return sign + worth(size, unit)
    return sign + quantity(size, unit)


def level(value: float, unit: str) -> str:
    """A result: US dollars, a share in percent, or another unit.

    Examples:
        >>> from costmodel.words import NBSP
        >>> level(2.517, "USD/H100e-h"), level(-0.125, "1").replace(NBSP, " "), level(1e6, "H100e").replace(NBSP, " ")
        ('$2.52', '−12 %', '1,000,000 H100e')
    """
    if unit.startswith("USD"):
        return money(value)
    return percent(value) if unit == "1" else quantity(value, unit)


def unit_words(unit: str) -> str:
    """A result's unit on an axis or in the title of a table.

    Examples:
        >>> unit_words("USD/H100e-h"), unit_words("1"), unit_words("H100e")
        ('US dollars per H100-equivalent hour', 'percent', 'H100e')
    """
    return "percent" if unit == "1" else {UNIT: UNIT_WORDS}.get(unit, unit)


def outcome_label(case: ParameterSet, about: Outcome) -> str:
    """What an outcome is, as a heading.

    Examples:
        >>> from costmodel.outcomes import outcome
        >>> from costmodel.parameters import load
        >>> case = load("baseline")
        >>> outcome_label(case, outcome(case, "lowest.mix"))
        'Cost of the cheapest open channel, mix of both'
    """
    row = OUTCOMES.get(about.name) or OUTCOMES.get(about.name.partition(".")[0])
    words = row.says.replace("a channel", case.label(about.channel)) if row and about.channel else row and row.says
    workload = WORKLOAD_LABELS.get(about.workload, "").lower()
    found = ", ".join(filter(None, (words or about.name, workload)))
    return found[:1].upper() + found[1:]


def path_label(name: str, channel: str | None = None) -> str:
    """What something that is followed along a path is, as a heading.

    Args:
        name: such as `price` or `server_ratio.gray_market`.
        channel: short name of its channel, where it is about one.

    Examples:
        >>> path_label("server_ratio.gray_market", "Gray market"), path_label("premium")
        ('Server price over street price · Gray market', 'Premium')
    """
    kind = name.partition(".")[0]
    words = _SHORT.get(kind) or meaning(name)[0]
    words = words[:1].upper() + words[1:]
    return f"{words} · {channel}" if channel else words


def path_value(name: str, value: float) -> str:
    """A value of something that is followed along a path.

    Examples:
        >>> path_value("server_ratio.gray_market", 1.5), path_value("premium", 0.25).replace(NBSP, " ")
        ('1.5', '+25 %')
        >>> path_value("delivered.domestic", 451234.0), path_value("delay", 31.4).replace(NBSP, " ")
        ('451,000', '31 months')
    """
    kind, unit = name.partition(".")[0], meaning(name)[1]
    if kind in _SIGNED:
        return percent(value, signed=True)
    if kind in _RATIOS:
        return digits(value)
    if unit == "month":
        return months(value)
    return level(value, unit) if unit in ("1", UNIT) else large(value)


def path_band(name: str, low: float, middle: float, high: float) -> str:
    """The median of something that is followed along a path, and the 5th to the 95th percentile where they differ.

    Examples:
        >>> path_band("server_ratio.gray_market", 1.0, 2.0, 4.0), path_band("server_ratio.gray_market", 2.0, 2.0, 2.0)
        ('2 (1–4)', '2')
    """
    low_words, words, high_words = (path_value(name, value) for value in (low, middle, high))
    return words if low_words == high_words else f"{words} ({interval(low_words, high_words)})"


def months(value: float) -> str:
    """A time in months.

    Examples:
        >>> months(3.0).replace(NBSP, " "), months(1.0).replace(NBSP, " "), months(0.4).replace(NBSP, " ")
        ('3 months', '1 month', '0.4 months')
    """
    text = digits(value, 2) if value < 100 else f"{value:,.0f}"
    return f"{text}{NBSP}month{'' if text == '1' else 's'}"


def month_of(date: str) -> str:
    """The year and the month of a date.

    Examples:
        >>> month_of("2027-04-01")
        '2027-04'
    """
    return date[:7]


def half_life_words(found: Mapping[str, float | None], *, range_too: bool = True) -> str:
    """Median of a half-life, and the 5th to the 95th percentile; what is not gone by the end is said to last longer.

    Args:
        found: months by percentile; None where half of the effect is not gone by the end of the path.
        range_too: whether the range is told.

    Examples:
        >>> half_life_words({"p05": 3.0, "p50": 9.0, "p95": None}).replace(NBSP, " ")
        '9 months (3 to beyond the end)'
        >>> half_life_words({"p05": 3.0, "p50": 9.0, "p95": 30.0}).replace(NBSP, " ")
        '9 months (3–30)'
        >>> half_life_words({"p05": None, "p50": None, "p95": None})
        'beyond the end'
    """
    low, middle, high = (found[name] for name in ("p05", "p50", "p95"))
    words = BEYOND if middle is None else months(middle)
    if not range_too or low is None or low == high:
        return words
    ends = f" to {BEYOND}" if high is None else f"–{digits(high, 3)}"
    return f"{words} ({digits(low, 3)}{ends})"


def half_life_range(found: Mapping[str, float | None]) -> str:
    """The 5th to the 95th percentile of a half-life.

    Examples:
        >>> half_life_range({"p05": 3.0, "p50": 9.0, "p95": None}).replace(NBSP, " ")
        '3 months to beyond the end'
    """
    low, high = (BEYOND if found[name] is None else months(found[name] or 0.0) for name in ("p05", "p95"))
    if low == high:
        return low
    return f"{low} to {high}" if high == BEYOND else interval(low, high)


def delay_words(found: Mapping[str, float], date: str) -> str:
    """By how much compute in service lags behind at the end of a path, as a sentence.

    Args:
        found: percentiles of the delay, months.
        date: first day of the path's last quarter.
    """
    low, middle, high = (found[name] for name in ("p05", "p50", "p95"))
    ends = interval(months(low), months(high))
    return (
        f"Compute in service, added up from the beginning to {month_of(date)}, is what it would have been without "
        f"controls {months(middle)} earlier (median; 5–95{NBSP}% range: {ends})."
    )


def domestic_words(threshold: float, dates: Mapping[str, str | None], never: float) -> str:
    """When domestic supply alone holds the premium under a threshold, as a sentence.

    Args:
        threshold: the premium.
        dates: first day of the quarter by percentile over draws; None beyond the path's end.
        never: share of draws in which it does not by the end.

    Examples:
        >>> domestic_words(0.5, dict.fromkeys(("p05", "p50", "p95")), 1.0).replace(NBSP, " ")
        'Domestic supply alone holds the premium at or under 50 % in no draw by the end of the path.'
    """
    what = f"Domestic supply alone holds the premium at or under {percent(threshold)}"
    middle, early = dates["p50"], dates["p05"]
    if middle is not None and early is not None:
        late = f"{percent(never)} of draws it does not by the end" if never else "all draws it does by the end"
        return (
            f"{what} from {month_of(middle)} on in the median draw (in one of twenty by {month_of(early)}); in {late}."
        )
    if never == 1.0:
        return f"{what} in no draw by the end of the path."
    first = "" if early is None else f"; in one draw of twenty it does from {month_of(early)} on"
    return f"{what} by the end of the path in {percent(1.0 - never)} of draws{first}."
