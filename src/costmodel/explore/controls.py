"""One widget for each parameter: a slider, a choice, a tick, or a line to type in."""

from collections.abc import Callable
from dataclasses import dataclass
from math import log10
from typing import Any

import ipywidgets as widgets

from costmodel.explore.ranges import now, scale
from costmodel.parameters import ParameterSet, schema
from costmodel.parameters.leaf import Text
from costmodel.parameters.patch import flow

_WIDE = widgets.Layout(width="97%")


@dataclass(frozen=True)
class Control:
    """A widget that stands for a parameter.

    Attributes:
        widget: what is shown; its `value` is observed.
        unit: unit in which it reads; empty if none.
        read: the parameter's value that the widget shows.
        write: shows another value, that of a set.
    """

    widget: Any
    unit: str
    read: Callable[[], Any]
    write: Callable[[ParameterSet], None]


def control(case: ParameterSet, base: ParameterSet, path: str) -> Control:
    """The widget for a parameter, at the value that it has in a set.

    Args:
        case: the set as it is now.
        base: the unchanged set, whose range decides how far a slider reaches.
        path: the parameter.
    """
    return next(found for make in _KINDS if (found := make(case, base, path)) is not None)


def _tick(case: ParameterSet, _: ParameterSet, path: str) -> Control | None:
    value = case.central[path]
    if not isinstance(value, bool):
        return None
    box = widgets.Checkbox(value=value, indent=False, description="yes")

    def write(found: ParameterSet) -> None:
        box.value = bool(found.central[path])

    return Control(box, "", lambda: box.value, write)


def _choice(case: ParameterSet, _: ParameterSet, path: str) -> Control | None:
    value, known = case.central[path], options(case, path)
    if not isinstance(value, str) or not known:
        return None
    menu = widgets.Dropdown(options=known, value=value, layout=_WIDE)

    def write(found: ParameterSet) -> None:
        menu.value = found.central[path]

    return Control(menu, "", lambda: menu.value, write)


def _slider(case: ParameterSet, base: ParameterSet, path: str) -> Control | None:
    found, value = scale(case, base, path), now(case, path)
    if found is None or value is None:
        return None
    look = {"continuous_update": False, "readout_format": found.form, "layout": _WIDE, "value": found.read(value)}
    if found.logarithmic:
        ends = {"min": log10(found.low), "max": log10(found.high), "step": found.step, "base": 10}
        slider = widgets.FloatLogSlider(**ends, **look)
    else:
        slider = widgets.FloatSlider(min=found.low, max=found.high, step=found.step, **look)

    def write(changed: ParameterSet) -> None:
        shown = found.read(now(changed, path) or 0.0)
        low, high = (10**slider.min, 10**slider.max) if found.logarithmic else (slider.min, slider.max)
        # Code may set what the slider does not reach: it grows.
        if shown > high:
            slider.max = log10(shown) if found.logarithmic else shown
        if shown < low and not (found.logarithmic and shown <= 0):
            slider.min = log10(shown) if found.logarithmic else shown
        slider.value = shown

    return Control(slider, found.unit, lambda: found.value(slider.value), write)


def _line(case: ParameterSet, _: ParameterSet, path: str) -> Control:
    unit = case.parameters[path].unit
    hint = f"a number, or text with a unit such as 10 {unit}" if unit not in (None, "1") else ""
    line = widgets.Text(value=_text(case, path), continuous_update=False, placeholder=hint, layout=_WIDE)

    def write(found: ParameterSet) -> None:
        line.value = _text(found, path)

    return Control(line, "" if unit in (None, "1") else str(unit), lambda: line.value, write)


def _text(case: ParameterSet, path: str) -> str:
    value = case.central[path]
    if isinstance(value, float):
        return f"{value:.12g}"
    return value if isinstance(value, str) else flow(value)


def options(case: ParameterSet, path: str) -> list[str]:
    """Words that a text parameter may be; empty where any text will do."""
    word = path.rsplit(".", 1)[-1]
    table = {"chip": "chips", "site": "sites"}.get(word)
    if table is not None:
        return list(case.names(table))
    models: list[type[schema.Block]] = [*schema.CHANNELS.values(), schema.Training]
    for model in models:
        field = model.model_fields.get(word)
        for item in field.metadata if field else ():
            if isinstance(item, Text):
                return list(item.options)
    return []


_KINDS: tuple[Callable[[ParameterSet, ParameterSet, str], Control | None], ...] = (_tick, _choice, _slider, _line)
