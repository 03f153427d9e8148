"""The widgets of the explorer, put together."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from costmodel.costs import WORKLOADS
from costmodel.drawing import Figure
from costmodel.errors import ParameterError
from costmodel.explore.charts import moved
from costmodel.explore.comparison import apart, central_market
from costmodel.explore.controls import Control, control
from costmodel.explore.ranges import now
from costmodel.locations import set_names
from costmodel.palette import LIGHT
from costmodel.words import WORKLOAD_LABELS, html, humanised, money, owner, parameter_label, percent, shown

if TYPE_CHECKING:
    from costmodel.explore.explorer import Explorer

# JupyterLab's own variables: the panel follows its theme, light or dark.
_THEME = {
    "ink": "--jp-ui-font-color1",
    "soft": "--jp-ui-font-color2",
    "line": "--jp-border-color2",
    "paper": "--jp-layout-color1",
}
_INKS = "".join(
    f'.cm-explorer svg [style*="{use}: {LIGHT[name]}"]{{{use}:var({variable},{LIGHT[name]})!important}}'
    for name, variable in _THEME.items()
    for use in ("fill", "stroke")
)
_STYLE = f"""<style>{_INKS}
.cm-explorer{{max-width:1240px}} .cm-explorer .widget-html-content{{line-height:1.35}}
.cm-name{{font-weight:600}} .cm-soft{{color:var(--jp-ui-font-color2,#525b66);font-size:12px}}
.cm-error{{color:var(--jp-error-color1,#b3261e);white-space:pre-wrap}}
.cm-done{{color:var(--jp-success-color1,#2e7d32)}}
.cm-chart svg{{width:100%;height:auto;max-width:760px}}
.cm-table{{border-collapse:collapse;margin-top:4px}} .cm-table th,.cm-table td{{padding:3px 12px 3px 0;text-align:left}}
.cm-table th{{font-weight:600;border-bottom:1px solid var(--jp-border-color1,#bbb)}}
.cm-table .n{{text-align:right;font-variant-numeric:tabular-nums}}
</style>"""
_FULL = widgets.Layout(width="auto")
_HEADINGS = ("Channel", "Cost before", "after", "change", "Premium before", "after")


class Panel:
    """Sliders, chart, table and the form for saving; shows an explorer and changes it.

    Attributes:
        explorer: whose state is shown.
        widget: everything, to be displayed.
        controls: the widget of each parameter, by path.
    """

    def __init__(self, explorer: "Explorer") -> None:
        self.explorer = explorer
        self.controls: dict[str, Control] = {}
        self._labels: dict[str, widgets.HTML] = {}
        self._undos: dict[str, widgets.Button] = {}
        self._writing = False
        # What is wrong is said beside the form that it is about.
        self._message, self._add_message, self._saved = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._chart, self._table, self._path_chart = widgets.HTML(), widgets.HTML(), widgets.HTML()
        for chart in (self._chart, self._path_chart):
            chart.add_class("cm-chart")
        self._over_time = self._folded_path()
        self._rows = widgets.VBox(layout=widgets.Layout(width="100%"))
        self._sets = widgets.Dropdown(options=self._names(), value=explorer.base.name, description="Set")
        labels = [(WORKLOAD_LABELS[name], name) for name in WORKLOADS]
        self._workloads = widgets.Dropdown(options=labels, value=explorer.workload, description="Workload")
        self._sets.observe(self._load, "value")
        self._workloads.observe(lambda change: self._try(lambda: explorer.show(change["new"])), "value")
        self.widget = self._assembled()
        self._shown_set: object = None
        explorer.listen(self.refresh)
        self.refresh()

    def _names(self) -> list[str]:
        names = set_names()
        return names if self.explorer.base.name in names else [*names, self.explorer.base.name]

    # -- layout --

    def _assembled(self) -> widgets.Widget:
        top = widgets.HBox([self._sets, self._workloads, self._button("Reset all", self.explorer.reset)])
        left = widgets.VBox([self._rows, self._adding()], layout=widgets.Layout(width="400px", padding="0 16px 0 0"))
        right = widgets.VBox(
            [self._chart, self._table, self._over_time], layout=widgets.Layout(flex="1 1 480px", min_width="340px")
        )
        # Where there is no room for both side by side, the chart stands above the sliders, which move it.
        body = widgets.HBox([left, right], layout=widgets.Layout(flex_flow="row wrap-reverse", align_items="flex-end"))
        top.layout.flex_flow = "row wrap"
        whole = widgets.VBox([widgets.HTML(_STYLE), top, self._message, body, self._saving()])
        whole.add_class("cm-explorer")
        return whole

    def _folded_path(self) -> widgets.Accordion:
        """The chart over time; it is made when it is unfolded, and anew at each change while it is."""
        folded = widgets.Accordion(children=[self._path_chart], selected_index=None)
        folded.set_title(0, "Premium over time")
        folded.observe(lambda _: self._show_path(), "selected_index")
        return folded

    def _button(self, text: str, action: Callable[[], Any], message: widgets.HTML | None = None) -> widgets.Button:
        button = widgets.Button(description=text, layout=widgets.Layout(width="auto"))
        button.on_click(lambda _: self._try(action, message))
        return button

    def _adding(self) -> widgets.Widget:
        # These fields are sent as they are typed, or a quick click on the button would overtake the last of them.
        self._path = widgets.Combobox(
            placeholder="another parameter: type a part of its name", options=(), layout=_FULL
        )
        self._value = widgets.Text(placeholder="value, if you want to type it: 0.6 CNY/kWh, 8 %, …", layout=_FULL)
        button = self._button("Add", self._add, self._add_message)
        heading = widgets.HTML('<span class="cm-name">Move another parameter</span>')
        return widgets.VBox([heading, self._path, self._value, button, self._add_message])

    def _saving(self) -> widgets.Widget:
        self._name = widgets.Text(placeholder="my_case", description="Name")
        self._title = widgets.Text(placeholder="title of its report", description="Title")
        self._reason = widgets.Text(placeholder="why these values", description="Reason")
        self._overwrite = widgets.Checkbox(description="replace a set of that name", indent=False)
        button = self._button("Save", self._save, self._saved)
        fields = (self._name, self._title, self._reason)
        for field in fields:
            field.layout.width = "420px"
        form = widgets.VBox([*fields, widgets.HBox([button, self._overwrite]), self._saved])
        folded = widgets.Accordion(children=[form], selected_index=None)
        folded.set_title(0, "Save the changes as a new parameter set")
        return folded

    # -- from the user --

    def _try(self, action: Callable[[], Any], message: widgets.HTML | None = None) -> None:
        """Do what was asked; what is wrong with it is said in the panel."""
        message = message or self._message
        message.value = ""
        try:
            action()
        except ParameterError as error:
            lines = "\n".join(f"{p.path}: {p.message}" if p.path else p.message for p in error.problems)
            message.value = f'<div class="cm-error" role="alert">{html(lines)}</div>'
        except (OSError, ArithmeticError, ValueError) as error:
            message.value = f'<div class="cm-error" role="alert">{html(error)}</div>'

    def _load(self, change: dict[str, Any]) -> None:
        if not self._writing:
            self._try(lambda: self.explorer.load(change["new"]))

    def _changed(self, path: str) -> None:
        if self._writing:
            return
        item, before = self.controls[path], self.explorer.case
        self._try(lambda: self.explorer.set(path, item.read()))
        if self.explorer.case is before and not isinstance(item.widget, widgets.Text):
            # Refused: the widget goes back. What was typed stays, to be corrected.
            with self._written():
                item.write(before)

    def _add(self) -> None:
        item = self.explorer.parameter(self._path.value)
        if self._value.value.strip():
            self.explorer.set(item.path, self._value.value)
        if item.path not in self.explorer.shown:
            self.explorer.shown.append(item.path)
        self._path.value = self._value.value = ""
        self.refresh()

    def _save(self) -> None:
        given = [field.value.strip() or None for field in (self._title, self._reason)]
        file = self.explorer.save(self._name.value.strip(), *given, overwrite=self._overwrite.value)
        words = f"Saved: {file.parent.name}/{file.name}. Its report: costmodel build {file.stem}"
        self._saved.value = f'<span class="cm-done">{html(words)}</span>'
        with self._written():
            self._sets.options = self._names()

    # -- from the explorer --

    @contextmanager
    def _written(self) -> Iterator[None]:
        """While the panel itself sets its widgets, they change nothing."""
        self._writing = True
        try:
            yield
        finally:
            self._writing = False

    def refresh(self) -> None:
        """Show the explorer's state."""
        explorer = self.explorer
        wanted = (explorer.base, tuple(explorer.shown))
        with self._written():
            if self._shown_set != wanted:
                self._build_rows()
                self._shown_set = wanted
            for path, item in self.controls.items():
                if path in explorer.case.parameters:
                    item.write(explorer.case)
                if path in self._labels:
                    self._name_row(path)
            self._sets.options = self._names()
            self._sets.value, self._workloads.value = explorer.base.name, explorer.workload
        self._chart.value = _drawn(explorer.figure())
        self._table.value = self._moved()
        self._show_path()

    def _show_path(self) -> None:
        """The chart over time, where there is a path and it is unfolded."""
        there = self.explorer.has_path
        self._over_time.layout.display = None if there else "none"
        if there and self._over_time.selected_index is not None:
            self._try(lambda: setattr(self._path_chart, "value", _drawn(self.explorer.path_figure())))
        else:
            self._path_chart.value = ""

    def _build_rows(self) -> None:
        explorer = self.explorer
        rivals = [channel for channel in explorer.base.channels if channel not in apart(explorer.base)]
        channels = [f"channels.{channel}.available" for channel in rivals]
        self.controls, self._labels, self._undos = {}, {}, {}
        rows = [self._row(path) for path in explorer.shown if path not in channels]
        ticks = [self._availability(path) for path in channels]
        heading = widgets.HTML('<span class="cm-name">Channels that are open</span>')
        grid = widgets.GridBox(ticks, layout=widgets.Layout(grid_template_columns="50% 50%", width="380px"))
        self._rows.children = [*rows, heading, grid]
        self._path.options = tuple(explorer.case.parameters)

    def _control(self, path: str) -> Control:
        case, base = self.explorer.case, self.explorer.base
        found = control(case if path in case.parameters else base, base, path)
        self.controls[path] = found
        found.widget.observe(lambda _: self._changed(path), "value")
        return found

    def _availability(self, path: str) -> widgets.Widget:
        found = self._control(path)
        found.widget.description = self.explorer.base.label(path.split(".")[1])
        found.widget.layout = widgets.Layout(width="185px")
        return found.widget

    def _row(self, path: str) -> widgets.Widget:
        found = self._control(path)
        label = self._labels[path] = widgets.HTML(layout=widgets.Layout(flex="1 1 auto"))
        undo = self._button("↺", lambda: self.explorer.reset(path))
        undo.tooltip = "back to the value of the set"
        undo.layout, self._undos[path] = widgets.Layout(flex="0 0 34px", padding="0"), undo
        unit = widgets.HTML(f'<span class="cm-soft">{html(found.unit)}</span>', layout=widgets.Layout(flex="0 0 64px"))
        line = widgets.HBox([found.widget, unit], layout=widgets.Layout(align_items="center"))
        return widgets.VBox([widgets.HBox([label, undo]), line])

    def _name_row(self, path: str) -> None:
        """A row's label: what it is, and what it was where it is changed."""
        explorer = self.explorer
        steps = path.split(".")[
            2 if path.split(".", maxsplit=1)[0] in ("channels", "chips", "sites", "workloads") else 1 :
        ]
        name = html(", ".join([humanised(steps[0]), *(humanised(step).lower() for step in steps[1:])]))
        whose = owner(explorer.base, path)
        text = f'<span class="cm-name">{name}</span>' + (f" · {html(whose)}" if whose else "")
        changed = path in explorer.changes
        if changed:
            text += f' <span class="cm-soft">was {html(self._stood(path))}</span>'
        description = explorer.parameter(path).description if path in explorer.case.parameters else "removed"
        self._labels[path].value = f'<span title="{html(description)} ({html(path)})">{text}</span>'
        self._undos[path].layout.visibility = "visible" if changed else "hidden"

    def _stood(self, path: str) -> str:
        item, number = self.explorer.base.parameters.get(path), now(self.explorer.base, path)
        return "not there" if item is None else shown(item) if number is None else shown(item, number)

    def _change_words(self, path: str) -> str:
        explorer = self.explorer
        item, number = explorer.case.parameters.get(path), now(explorer.case, path)
        if item is None:
            return f"<code>{html(path)}</code>"
        after = shown(item) if number is None else shown(item, number)
        after += " (median of a distribution)" if item.distribution is not None else ""
        return f"{html(parameter_label(explorer.case, path))}: {html(self._stood(path))} → {html(after)}"

    def _market_words(self) -> str:
        """What the change does to the market, at central values; nothing where either set has none."""
        before, after = (central_market(case) for case in (self.explorer.base, self.explorer.case))
        if not (before and after):
            return ""
        shown_as = {"price": ("price", money), "premium": ("premium", percent), "compute_denied": ("denied", percent)}
        parts = ", ".join(f"{word} {text(before[x])} → {text(after[x])}" for x, (word, text) in shown_as.items())
        return f'<p><span class="cm-name">Market, all at central values</span><br>{parts}</p>'

    def _moved(self) -> str:
        """The table of channels that a change has moved."""
        frame = moved(self.explorer.compare())
        if not self.explorer.changes:
            return '<p class="cm-soft">Nothing is changed yet: move a slider.</p>'
        changes = "<br>".join(map(self._change_words, self.explorer.changes))
        said = f'<p><span class="cm-name">Changed</span><br>{changes}</p>{self._market_words()}'
        if frame.empty:
            return f'{said}<p class="cm-soft">This moves no channel\'s cost.</p>'
        head = "".join(
            f'<th scope="col" class="{"n" if index else ""}">{text}</th>' for index, text in enumerate(_HEADINGS)
        )
        rows = "".join(
            _moved_row(item, free=c in apart(self.explorer.base)) for c, item in frame.to_dict("index").items()
        )
        return f'{said}<table class="cm-table"><tr>{head}</tr>{rows}</table>'


def _drawn(figure: Figure) -> str:
    """A figure in the page; the page's own theme colours the ink, not the system's."""
    svg = re.sub(r"<style>@media.*?</style>", "", figure.svg, count=1, flags=re.DOTALL)
    return f'<div role="img" aria-label="{html(figure.alt)}">{svg}</div>'


def _moved_row(item: Any, *, free: bool) -> str:
    """A row of the table; the channels without controls have no premium worth showing."""
    was, is_open = item["open_before"], item["open_after"]
    label = html(item["label"]) + ("" if was == is_open else " (opened)" if is_open else " (closed)")
    cells = [
        money(item["cost_before"]),
        money(item["cost_after"]),
        percent(item["cost_change"], signed=True),
        "–" if free else percent(item["premium_before"], signed=True),
        "–" if free else percent(item["premium_after"], signed=True),
    ]
    return f"<tr><td>{label}</td>{''.join(f'<td class=n>{cell}</td>' for cell in cells)}</tr>"
