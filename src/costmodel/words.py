"""Numbers, parameters and text as people read them: the one place where figures, tables and sections get them from."""

import math
import re
from collections.abc import Sequence
from html import escape

from costmodel.costs import UNIT
from costmodel.parameters.model import Lever, Parameter, ParameterSet

#: Between a number and its unit: the two stay on one line.
NBSP = "\u00a0"

#: The unit of every cost, in words.
UNIT_WORDS = {"USD/H100e-h": "US dollars per H100-equivalent hour"}.get(UNIT, UNIT)

#: Workloads as readers see them.
WORKLOAD_LABELS = {"mix": "Mix of both", "training": "Training", "inference": "Inference"}
WORKLOAD_WORDS = {"mix": "the mix of training and inference", "training": "training", "inference": "inference"}

#: Statistics of draws as readers see them.
STATISTIC_WORDS = {
    "mean": "mean",
    "sd": "standard deviation",
    "p50": "median",
    **{f"p{share:02d}": f"{share}th percentile" for share in (5, 25, 75, 95)},
}

#: Laws of distributions whose name in tables is not that in files.
LAW_WORDS = {"pert": "PERT", "truncated_normal": "normal, cut"}

_PREFIXES = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_LARGE = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"), (1.0, ""))
# Units that take SI prefixes: number in the schema's unit -> number in the unit that is prefixed.
_PREFIXED = {"FLOP/s": (1.0, "FLOP/s"), "byte/s": (1.0, "B/s"), "kW": (1e3, "W")}
_SPELLED = {"year": "years", "accelerator": "accelerators"}
_SPECIAL = {
    "share": "Training's share of work",
    "price decline": "Yearly fall of hardware prices",
    "export fee pass through": "Fee passed on to the buyer",
    "porting cost": "Cost of porting software",
    "interdiction probability": "Probability of interdiction",
    "utilization": "Utilisation",
    "pue": "PUE",
    "vat": "VAT",
    "vat creditable": "VAT reclaimed",
    "bf16 flops": "bf16 peak",
    "fp8 flops": "fp8 peak",
    "datacenter capex": "Data-centre cost",
    "datacenter life": "Data-centre life",
}


def digits(value: float, count: int = 3) -> str:
    """A number with some significant digits, thousands separated, no exponent, a true minus sign.

    Examples:
        >>> digits(1234.5), digits(0.05617), digits(-2.0), digits(989.4, 4)
        ('1,234', '0.0562', '−2', '989.4')
    """
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞" if value < 0 else "–"
    if value == 0:
        return "0"
    places = count - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places):,.{max(places, 0)}f}" if abs(value) < 10**count else f"{value:,.0f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def money(value: float) -> str:
    """An amount of US dollars: with cents below a hundred.

    Examples:
        >>> money(2.3149), money(-0.5), money(30000), money(0.0)
        ('$2.31', '−$0.50', '$30,000', '$0.00')
    """
    size = abs(value)
    if size >= 100 or not math.isfinite(size):
        text = digits(size, 3) if size < 1000 or not math.isfinite(size) else f"{size:,.0f}"
    else:
        text = f"{size:.2f}"
    return f"{'−' if value < 0 else ''}${text}"


def worth(value: float, unit: str) -> str:
    """An amount that may be small, of US dollars or of a share, which is read in percentage points.

    Examples:
        >>> worth(0.0023, "USD/H100e-h"), worth(0.193, "USD/H100e-h"), worth(0.0, "1").replace(NBSP, " ")
        ('$0.0023', '$0.19', '0 points')
        >>> worth(0.0232, "1").replace(NBSP, " ")
        '2.3 points'
    """
    if unit == "1":
        return f"{digits(100 * value, 2)}{NBSP}points"
    return f"${digits(value, 2)}"


def millions(value: float) -> str:
    """A price for a million million million operations, 10¹⁸, as that for 10²⁴ of them: the same digits, in millions.

    Examples:
        >>> millions(1.0345).replace(NBSP, " ")
        '$1.03 million'
    """
    return f"{money(value)}{NBSP}million"


def scale_of(largest: float) -> tuple[float, str]:
    """By what large numbers are divided, and the word for it.

    Examples:
        >>> scale_of(4330127.0), scale_of(82996.0), scale_of(0.0)
        ((1000000.0, 'million'), (1000.0, 'thousand'), (1.0, ''))
    """
    return next((row for row in _LARGE if abs(largest) >= row[0]), _LARGE[-1])


def large(value: float) -> str:
    """A large number with three digits, in words from a million on.

    Examples:
        >>> [large(x).replace(NBSP, " ") for x in (4330127.0, 82996.2, -18.61, 0.0)]
        ['4.33 million', '83,000', '−18.6', '0']
        >>> large(999800.0).replace(NBSP, " ")
        '1 million'
    """
    if not math.isfinite(value) or value == 0:
        return digits(value)
    rounded = round(value, 2 - math.floor(math.log10(abs(value))))
    factor, word = scale_of(rounded)
    return digits(rounded) if factor < 1e6 else f"{digits(rounded / factor)}{NBSP}{word}"


def large_money(value: float) -> str:
    """A large amount of US dollars.

    Examples:
        >>> large_money(-18612231475.0).replace(NBSP, " "), large_money(241202.2), large_money(0.0)
        ('−$18.6 billion', '$241,000', '$0')
    """
    return f"{'−' if value < 0 else ''}${large(abs(value))}"


def percent(value: float, *, signed: bool = False) -> str:
    """A share in percent.

    Examples:
        >>> [percent(x).replace(NBSP, " ") for x in (0.34, 0.004, 0.0002, 0.0, 1.0, 0.9999)]
        ['34 %', '0.4 %', '< 0.1 %', '0 %', '100 %', '> 99.9 %']
        >>> percent(-0.125, signed=True).replace(NBSP, " "), percent(12.3, signed=True).replace(NBSP, " ")
        ('−12 %', '+1,230 %')
        >>> percent(-0.0002, signed=True).replace(NBSP, " ")
        '0 %'
    """
    share = 100 * value
    if 0 < abs(share) < 0.1:
        return f"{'0' if signed else '< 0.1'}{NBSP}%"
    if not signed and 99.9 < share < 100:
        return f"> 99.9{NBSP}%"
    if abs(share) < 9.95 or (not signed and 99 < share < 100):
        text = f"{share:,.1f}".removesuffix(".0")
    else:
        text = f"{share:,.0f}"
    sign = "+" if signed and share > 0 else ""
    return f"{sign}{text}{NBSP}%".replace("-", "−")


def interval(low: str, high: str) -> str:
    """Two formatted ends as a range.

    Examples:
        >>> interval("$2.31", "$3.40"), interval(percent(0.1), percent(0.2)).replace(NBSP, " ")
        ('$2.31–3.40', '10–20 %')
        >>> interval("$2.20/hour", "$3/hour"), interval("2 months", "1.5 years")
        ('$2.20–3/hour', '2 months–1.5 years')
        >>> interval("−$0.10", "$0.20"), interval("+3" + NBSP + "%", "+9" + NBSP + "%").replace(NBSP, " ")
        ('−$0.10 to $0.20', '+3 to +9 %')
    """
    ends = [re.fullmatch(r"([−+<> ]*\$?[\d.,]+)(\D.*)?", end.replace(NBSP, " ")) for end in (low, high)]
    if ends[0] and ends[1] and ends[0][2] == ends[1][2]:
        low = ends[0][1]
    if any(sign in low + high for sign in "−<>+"):
        return f"{low} to {high}"
    return f"{low}–{high.removeprefix('$')}"


def quantity(value: float, unit: str | None, count: int = 3) -> str:
    """A number with its unit as a reader would write it.

    Args:
        value: in the schema's unit.
        unit: the schema's unit.
        count: significant digits.

    Examples:
        >>> quantity(989e12, "FLOP/s").replace(NBSP, " "), quantity(0.7, "kW").replace(NBSP, " ")
        ('989 TFLOP/s', '700 W')
        >>> quantity(3.35e12, "byte/s").replace(NBSP, " "), quantity(0.0789, "USD/kWh")
        ('3.35 TB/s', '$0.0789/kWh')
        >>> quantity(0.06, "1/year").replace(NBSP, " "), quantity(0.25, "1"), quantity(30000, "USD")
        ('6 % a year', '0.25', '$30,000')
        >>> quantity(0.25, "year").replace(NBSP, " "), quantity(5, "year").replace(NBSP, " ")
        ('3 months', '5 years')
    """
    sign, size = "−" if value < 0 else "", abs(value)
    if unit == "1/year":
        text = f"{_exact_percent(size, count)} a year"
    elif unit == "USD":
        text = f"${digits(size, count)}" if size < 100 else f"${size:,.0f}"
    elif unit and unit.startswith("USD/"):
        text = f"${digits(size, count)}/{unit.removeprefix('USD/')}"
    elif unit in _PREFIXED:
        factor, base = _PREFIXED[unit]
        scale, prefix = next((row for row in _PREFIXES if size * factor >= row[0]), _PREFIXES[-1])
        text = f"{digits(size * factor / scale, count)}{NBSP}{prefix}{base}"
    elif unit == "year" and 0 < size < 1:
        text = f"{digits(12 * size, 2)}{NBSP}months"
    else:
        number = digits(size, count)
        spelled = str(unit) if number == "1" else _SPELLED.get(str(unit), str(unit))
        text = number if unit in (None, "1") else f"{number}{NBSP}{spelled}"
    return sign + text


def _exact_percent(value: float, count: int) -> str:
    return f"{digits(100 * value, count)}{NBSP}%"


# Pure numbers that are factors; all others are shares, which people read in percent.
_FACTORS = frozenset({"pue", "server_power_factor"})
_TABLES_OF_FACTORS = ("finance.exchange_rates.", "finance.price_index.")


def is_share(item: Parameter) -> bool:
    """Whether a parameter is a share or a markup, which people read in percent."""
    factor = item.path.rpartition(".")[2] in _FACTORS or item.path.startswith(_TABLES_OF_FACTORS)
    return item.unit == "1" and not factor


def shown(item: Parameter, value: float | None = None, count: int = 3) -> str:
    """A parameter's value as text.

    Args:
        item: the parameter.
        value: another value of it, in its unit; by default its central value.
        count: significant digits.
    """
    found = item.value if value is None else value
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, str):
        return found
    if isinstance(found, tuple):
        return ", ".join(found)
    if is_share(item):
        return _exact_percent(found, count)
    return quantity(found, item.unit, count)


def humanised(name: str) -> str:
    """A name of the model in plain words.

    Examples:
        >>> humanised("price_markup"), humanised("pue"), humanised("vat_creditable")
        ('Price markup', 'PUE', 'VAT reclaimed')
    """
    words = name.replace("_", " ")
    return _SPECIAL.get(words, words[:1].upper() + words[1:])


def owner(case: ParameterSet, path: str) -> str | None:
    """What a parameter belongs to, in words: its channel, chip, site or workload; None for those of all."""
    table, _, rest = path.partition(".")
    name = rest.partition(".")[0]
    if table == "channels":
        return case.label(name)
    if table in ("chips", "sites"):
        return case.text(f"{table}.{name}.label") or humanised(name)
    if table == "workloads":
        return WORKLOAD_LABELS.get(name, humanised(name)).lower()
    return "reference chip" if table == "reference" else None


def parameter_label(case: ParameterSet, path: str) -> str:
    """Short name of a parameter for charts, such as `Price markup, Gray market`."""
    table, _, rest = path.partition(".")
    steps = rest.split(".")
    own = steps[1:] if table in ("channels", "chips", "sites", "workloads") else steps
    words = humanised(own[0]) + "".join(f", {humanised(step).lower()}" for step in own[1:])
    whose = owner(case, path)
    return f"{words} · {whose}" if whose else words


def group_label(case: ParameterSet, name: str, paths: Sequence[str]) -> str:
    """Name of a group of parameters that would become known together."""
    if name.startswith("correlated_"):
        first, dot, whose = parameter_label(case, paths[0]).partition(" · ")
        return f"{first} and {len(paths) - 1} correlated{dot}{whose}"
    return humanised(name)


def parameter_phrase(case: ParameterSet, path: str) -> str:
    """Name of a parameter within a sentence, such as `price markup of Gray market (B300)`."""
    name, _, whose = parameter_label(case, path).partition(" · ")
    name = name if name[:2].isupper() else name[:1].lower() + name[1:]
    name = re.sub(r", (.+)", r" (\1)", name)
    return f"{name} of {whose}" if whose else name


def bounded(case: ParameterSet, path: str, low: float | None, high: float | None) -> str:
    """A parameter's range within a sentence.

    Args:
        case: parameter set.
        path: the parameter.
        low: lower end in its unit; None where it is open.
        high: upper end.

    Examples:
        >>> from costmodel.parameters import load
        >>> bounded(load("baseline"), "finance.price_decline", None, 0.21).replace(NBSP, " ")
        'yearly fall of hardware prices below 21 % a year'
    """
    item, name = case.parameters[path], parameter_phrase(case, path)
    if low is not None and high is not None:
        return f"{name} within {interval(shown(item, low), shown(item, high))}"
    return f"{name} below {shown(item, high)}" if low is None else f"{name} above {shown(item, low)}"


# Units that are said once, beside a lever's name, and not again with each of its values.
_ONCE = {"accelerator": "accelerators", "1/year": "a year"}


def lever_label(case: ParameterSet, lever: Lever) -> str:
    """Name of a policy lever: as stated, or that of its one parameter."""
    if lever.label:
        return lever.label
    return parameter_label(case, lever.paths[0]) if len(lever.paths) == 1 else humanised(lever.name)


def lever_unit(case: ParameterSet, lever: Lever) -> str:
    """Unit of a policy lever's values, where they do not carry it themselves; else nothing."""
    return _ONCE.get(case.parameters[lever.paths[0]].unit or "", "")


def lever_title(case: ParameterSet, lever: Lever) -> str:
    """Name of a policy lever with the unit of its values."""
    return ", ".join(filter(None, (lever_label(case, lever), lever_unit(case, lever))))


def lever_value(case: ParameterSet, lever: Lever, value: float) -> str:
    """A value of a policy lever."""
    item = case.parameters[lever.paths[0]]
    if isinstance(item.value, bool):
        return "open" if value else "closed"
    if item.unit == "accelerator":
        return large(value)
    return _exact_percent(value, 3) if item.unit == "1/year" else shown(item, value)


def listed(words: Sequence[str]) -> str:
    """Words in a row with commas and `and`.

    Examples:
        >>> listed(["a"]), listed(["a", "b", "c"])
        ('a', 'a, b and c')
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def html(text: object) -> str:
    """Text of a set made harmless for HTML."""
    return escape(str(text), quote=True)


def markdown(text: object) -> str:
    r"""Text of a set as one line of Markdown in which nothing is markup.

    Examples:
        >>> print(markdown("<b> *x* $y$\n# z"))
        \<b\> \*x\* \$y\$ \# z
    """
    line = " ".join(str(text).split())
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|$~&:=^])", r"\\\1", line)


def wrapped(text: str, width: int) -> list[str]:
    """Text in lines of about `width` characters, at spaces; a longer word is cut."""
    from textwrap import wrap

    return wrap(" ".join(text.split()), width, break_long_words=True) or [""]
