"""Outcomes of any unit, and differences of them, as people read them."""

from costmodel.costs import UNIT
from costmodel.outcomes import OUTCOMES, Outcome
from costmodel.parameters.model import ParameterSet
from costmodel.words import UNIT_WORDS, WORKLOAD_LABELS, money, percent, quantity, worth

# Of US dollars, and as a share: nobody reads a smaller difference, and much smaller ones are rounding.
_NEXT_TO_NOTHING = 1e-5


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
