"""How far a slider reaches, in what unit it reads, and in what steps it moves."""

import math
from dataclasses import dataclass

from costmodel.parameters import Parameter, ParameterSet
from costmodel.parameters.leaf import Number
from costmodel.parameters.model import deflated
from costmodel.words import is_share

# A slider of an uncertain parameter covers this part of its distribution.
_LOW, _HIGH = 0.01, 0.99
# A slider of a certain positive number without bounds reaches from a part to a multiple of it.
_TIMES = 4.0
# Positive ranges wider than this move in ratios.
_LOGARITHMIC = 30.0
_STEPS = 200
# Units that read better with a prefix: factor and name.
_READ_AS = {
    "FLOP/s": (1e-12, "TFLOP/s"),
    "byte/s": (1e-12, "TB/s"),
    "1/year": (100.0, "% a year"),
    "USD": (1.0, "$"),
    "USD/hour": (1.0, "$ an hour"),
    "USD/kWh": (1.0, "$/kWh"),
    "USD/kW": (1.0, "$/kW"),
    "USD/TB": (1.0, "$/TB"),
    "year": (1.0, "years"),
}


@dataclass(frozen=True)
class Scale:
    """A slider's range.

    Attributes:
        low, high, step: in the unit that is read; for a logarithmic slider the step is one of the exponent of 10.
        logarithmic: whether it moves in ratios.
        factor: what a value in the parameter's unit is multiplied by to be read.
        unit: the unit that is read.
    """

    low: float
    high: float
    step: float
    logarithmic: bool
    factor: float
    unit: str

    def read(self, value: float) -> float:
        """A value of the parameter as the slider shows it."""
        return value * self.factor

    def value(self, read: float) -> float:
        """A value that the slider shows, in the parameter's unit, without the noise of binary fractions."""
        digits = 12 - math.ceil(math.log10(abs(read))) if read else 0
        return float(f"{round(read, min(max(digits, 0), 15)) / self.factor:.12g}")

    @property
    def form(self) -> str:
        """How many digits are shown, in the notation of d3."""
        if self.logarithmic:
            return ",.3r" if self.high >= 1 else ".3g"
        return f",.{max(0, -math.floor(math.log10(self.step) + 1e-9))}f"


def now(case: ParameterSet, path: str) -> float | None:
    """A number as it stands in a set, as a real rate where it is stated as a nominal one; None for anything else."""
    value = case.central.get(path)
    return None if value is None or isinstance(value, bool | str | tuple) else float(value)


def reach(case: ParameterSet, base: ParameterSet, path: str) -> tuple[float, float] | None:
    """Ends between which a number is worth moving, in its unit; None where nothing tells them.

    Args:
        case: the set as it is now; the number lies between the ends.
        base: the unchanged set, whose range counts if it has one.
        path: the parameter.
    """
    value = now(case, path)
    origin = base if path in base.parameters else case
    item, start = origin.parameters.get(path), now(origin, path)
    if value is None or start is None or item is None or not isinstance(item.spec, Number):
        return None
    spec = item.spec
    uncertain = [found for found in (base, case) if found is origin or path in found.uncertain]
    if item.distribution is not None:
        ends = [_real(found, path, u) for found in uncertain for u in (_LOW, _HIGH)]
        low, high = min(ends), max(ends)
    elif math.isfinite(spec.lower) and math.isfinite(spec.upper):
        low, high = spec.lower, spec.upper
    elif start > 0:
        low, high = max(start / _TIMES, spec.lower), min(start * _TIMES, spec.upper)
    else:
        return (min(start, value), max(start, value)) if value != start else None
    return min(low, value), max(high, value)


def _real(case: ParameterSet, path: str, u: float) -> float:
    """A quantile of an uncertain parameter; of a nominal rate, what it is in real terms at central inflation."""
    law = case.parameters[path].distribution
    assert law is not None
    stated = {name: item.value for name, item in case.parameters.items()}
    return float(deflated({**stated, path: float(law.ppf(u))}, case)[path])


def scale(case: ParameterSet, base: ParameterSet, path: str) -> Scale | None:
    """The slider of a number; None where it has to be typed.

    Args:
        case: the set as it is now.
        base: the unchanged set.
        path: the parameter.
    """
    ends = reach(case, base, path)
    item = case.parameters[path]
    if ends is None or item.spec is None:
        return None
    factor, unit = (100.0, "%") if _percent(item) else _READ_AS.get(item.unit or "", (1.0, item.unit or ""))
    unit = "" if unit == "1" else unit
    low, high = (end * factor for end in ends)
    if low > 0 and high / low > _LOGARITHMIC and factor != 100.0:
        return Scale(low, high, math.log10(high / low) / _STEPS, logarithmic=True, factor=factor, unit=unit)
    step = _round_step((high - low) / _STEPS)
    low, high = step * math.floor(low / step + 1e-9), step * math.ceil(high / step - 1e-9)
    low, high = _inside(item.spec, (low, high), step, factor)
    return Scale(low, high, step, logarithmic=False, factor=factor, unit=unit)


# Pure numbers without an upper bound that are read in percent all the same.
_MARKUPS = frozenset({"price_markup", "import_duty", "vat", "compliance_cost", "operator_margin", "repair_cost_share"})


def _percent(item: Parameter) -> bool:
    """Whether a pure number is read in percent: shares, and markups and taxes, which start below 1."""
    spec = item.spec
    if spec is None or item.unit != "1" or spec.certain:
        return False
    return is_share(item) or item.path.rsplit(".", 1)[-1] in _MARKUPS


_MARKUPS = frozenset({"price_markup", "import_duty", "vat", "compliance_cost", "operator_margin", "repair_cost_share"})


def _round_step(step: float) -> float:
    """The nearest of 1, 2 and 5 times a power of ten that is no smaller."""
    power = 10.0 ** math.floor(math.log10(step)) if step > 0 else 0.01
    return next(power * part for part in (1, 2, 5, 10) if power * part >= step * (1 - 1e-9))


def _inside(spec: Number, ends: tuple[float, float], step: float, factor: float) -> tuple[float, float]:
    """Rounded ends that the parameter's bounds allow; a bound that is itself not allowed is left by one step."""
    low, high = ends
    least, most = spec.lower * factor, spec.upper * factor
    if low < least or (spec.gt is not None and low <= least):
        low = least + (step if spec.gt is not None else 0.0)
    if high > most or (spec.lt is not None and high >= most):
        high = most - (step if spec.lt is not None else 0.0)
    return (low, high) if low < high else (low, low + step)
