"""Figure of what better knowledge would be worth. It draws numbers and computes none."""

from typing import TYPE_CHECKING

from costmodel import drawing
from costmodel.drawing import Figure
from costmodel.palette import LIGHT
from costmodel.words import UNIT_WORDS, group_label, parameter_label, percent, worth

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from costmodel.analysis.uncertainty import Estimate
    from costmodel.analysis.value_of_information import InformationValue

_KINDS = {"all": ("#5b6472", "Everything"), "group": ("#8a5fc4", "A group"), "one": ("#2f7fd0", "One parameter")}
# Rows of single parameters, and of groups.
_SHOWN, _GROUPS = 10, 6


def information(found: "InformationValue") -> Figure:
    """Worth of knowing everything, of groups, and of the ten parameters that are most worth knowing.

    Args:
        found: the worth for one decision.
    """
    bars = _bars(found)
    with drawing.canvas(1.25 + 0.42 * len(bars)) as figure:
        axes = figure.add_subplot()
        names = [label.partition(" · ") for _, label, _ in bars]
        drawing.rows(axes, [name for name, _, _ in names], {i: n[2] for i, n in enumerate(names) if n[2]}, width=26)
        axes.grid(axis="x")
        for row, (kind, _, item) in enumerate(bars):
            _bar(axes, row, _KINDS[kind][0], item, found)
        axes.set_xlim(0, 1.75 * (found.evpi.value or 1.0))
        drawing.ticks(axes, lambda value: worth(value, found.unit).removesuffix("\u00a0points"), count=4)
        what = "Percentage points of the premium" if found.unit == "1" else UNIT_WORDS
        drawing.caption(axes, what, "Thin line: ± 2 Monte Carlo standard errors")
        drawing.legend(figure, {text: drawing.swatch(color) for color, text in _KINDS.values()}, columns=3)
        return drawing.finished(figure, _alt(found, bars))


def _bars(found: "InformationValue") -> list[tuple[str, str, "Estimate"]]:
    """Kind, label and worth of each row."""
    groups = [(name, item) for name, item in found.together.items() if item.value > 0][:_GROUPS]
    single = [(path, item) for path, item in found.parameters.items() if item.value > 0][:_SHOWN]
    return [
        ("all", "Everything (EVPI)", found.evpi),
        *(("group", group_label(found.case, name, found.groups[name]), item) for name, item in groups),
        *(("one", parameter_label(found.case, path), item) for path, item in single),
    ]


def _bar(axes: "Axes", row: int, color: str, item: "Estimate", found: "InformationValue") -> None:
    drawing.bar(axes, row, item.value, drawing.BAR - 0.1, facecolor=color)
    spread = 2 * (item.error or 0.0)
    axes.plot([max(item.value - spread, 0.0), item.value + spread], [row, row], color=LIGHT["ink"], lw=1.0)
    share = found.share(item)
    text = worth(item.value, found.unit) + ("" if share is None else f" · {percent(share)}")
    drawing.value(axes, item.value + spread, row, text, closed=False)


def _alt(found: "InformationValue", bars: list[tuple[str, str, "Estimate"]]) -> str:
    words = [f"{label} {worth(item.value, found.unit)}" for _, label, item in bars[:6]]
    return f"What knowing more would be worth to the decision “{found.decision.title}”: {'; '.join(words)}."
