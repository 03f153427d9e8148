"""The explorer: a parameter set, what the user changed of it, and what that moves."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from costmodel.analysis.sensitivity import HIGH, LOW
from costmodel.analysis.uncertainty import Simulation, simulate
from costmodel.costs import WORKLOADS
from costmodel.drawing import Figure
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.explore import charts, comparison
from costmodel.explore.ranges import now, scale
from costmodel.palette import channel_colors
from costmodel.parameters import Parameter, ParameterSet, load
from costmodel.parameters.edit import save_as
from costmodel.parameters.leaf import Number
from costmodel.words import parameter_label, shown

if TYPE_CHECKING:
    from costmodel.explore.panel import Panel

#: Draws behind the intervals: enough for a chart, few enough for a redraw while one waits.
QUICK_DRAWS = 1024
#: Draws behind the chart over time: all quarters are cleared for each of them.
PATH_DRAWS = 256
_SLIDERS = 8
_CURVE_POINTS = 61


class Explorer:
    """A parameter set in which parameters are moved, beside the set as it stands.

    In JupyterLab, an explorer as the last line of a cell shows sliders, a chart and a table. All that they do can be
    done in code too; both show the same state.

    Attributes:
        base: the set as it stands.
        case: the set with the changes.
        changes: changed values by parameter path, as they were given.
        workload: which workload charts and tables show.
        shown: paths of the parameters that have a slider.

    Examples:
        >>> explorer = Explorer("baseline", draws=64)
        >>> explorer.set("finance.discount_rate", 0.12)
        >>> bool(explorer.compare()["cost_change"].abs().max() > 0)
        True
        >>> explorer.reset()
        >>> explorer.changes
        {}
    """

    def __init__(
        self,
        name: str | Path = "baseline",
        parameters: Sequence[str] | None = None,
        workload: str = "mix",
        draws: int = QUICK_DRAWS,
    ) -> None:
        """Load a set.

        Args:
            name: name or path of the parameter set.
            parameters: paths of the parameters to have sliders; by default those that move the cheapest channels most.
            workload: `training`, `inference` or `mix`.
            draws: number of draws behind the intervals.

        Raises:
            ParameterError: no such set, parameter or workload, or the set is not valid.
        """
        self.draws = draws
        self._listeners: list[Callable[[], None]] = []
        self.workload = _known(workload, WORKLOADS, "workload")
        self.base: ParameterSet
        self.case: ParameterSet
        self._before: Simulation
        self._after: Simulation
        self._paths: dict[int, tuple[ParameterSet, pd.DataFrame]] = {}
        self.load(name)
        if parameters is not None:
            self.shown = [self.parameter(path).path for path in parameters]

    def load(self, name: str | Path) -> None:
        """Take another set; the changes are dropped, and the sliders become those that matter there.

        Args:
            name: name or path of the parameter set.
        """
        self._take(name, {})
        self.base = self.case
        self._before = self._after
        self.shown = comparison.movers(self.base, self.workload, _SLIDERS)
        self._tell()

    def _take(self, name: str | Path, changes: dict[str, Any]) -> None:
        """Load and simulate; only when both succeed is the state changed."""
        case = load(name, changes)
        # The base's own draws, so that each draw of the one has its twin in the other.
        seed = self.base.seed if changes else case.seed
        after = simulate(case, self.draws, seed)
        self.name, self.case, self.changes, self._after = name, case, changes, after

    def parameter(self, path: str) -> Parameter:
        """The parameter of the changed set at a path.

        Raises:
            ParameterError: there is none; the message says which is nearest.
        """
        path = path.strip().removeprefix("assumptions.")
        return self.case.parameters[_known(path, list(self.case.parameters), "parameter")]

    def set(self, path: str, value: Any) -> None:
        """Change a parameter.

        Args:
            path: the parameter, such as `finance.discount_rate`.
            value: a number in the parameter's unit, text with a unit (`0.6 CNY/kWh`, `8 %`), `True` or `False`, a word,
                or a mapping that states a distribution. A number holds the parameter there: its range no longer counts.

        Raises:
            ParameterError: the value cannot be; nothing is changed then.
        """
        path = path.strip().removeprefix("assumptions.")
        changes = {**self.changes, path: value}
        self._take(self.name, changes)
        if self._unchanged(path):
            self._take(self.name, {other: kept for other, kept in changes.items() if other != path})
        self._tell()

    def _unchanged(self, path: str) -> bool:
        """Whether a change has brought a certain parameter back to where it stood."""
        before, after = self.base.parameters.get(path), self.case.parameters.get(path)
        if before is None or after is None or before.distribution or after.distribution:
            return False
        return bool(before.value == after.value and before.leaf.basis == after.leaf.basis)

    def reset(self, path: str | None = None) -> None:
        """Take back the change of one parameter, or all changes.

        Args:
            path: the parameter; all if left out.
        """
        kept = {} if path is None else {other: value for other, value in self.changes.items() if other != path}
        self._take(self.name, kept)
        self._tell()

    def show(self, workload: str) -> None:
        """Show another workload: `training`, `inference` or `mix`."""
        self.workload = _known(workload, WORKLOADS, "workload")
        self._tell()

    def parameters(self) -> pd.DataFrame:
        """Every parameter: central value, 5th and 95th percentile, unit, sources and meaning."""
        rows = [(item.path, *_row(item)) for item in self.case]
        names = ["path", "value", "p05", "p95", "unit", "sources", "meaning"]
        return pd.DataFrame(rows, columns=names).set_index("path")

    def compare(self, workload: str | None = None) -> pd.DataFrame:
        """Cost and premium of every channel in the set as it stands and with the changes.

        Args:
            workload: by default the one that is shown.

        Returns:
            One row for each channel, in the order of the chart; medians and the 5–95 % range in USD/H100e-h, premiums
            and changes as shares. See `costmodel.explore.comparison.compared`.
        """
        workload = _known(workload or self.workload, WORKLOADS, "workload")
        frame = comparison.compared(self._before, self._after, workload)
        return frame.loc[comparison.ranked(frame, comparison.apart(self.base))]

    def market(self) -> pd.DataFrame:
        """Clearing price, premium, compute denied and shares, in the set as it stands and with the changes.

        Returns:
            Medians and 5–95 % ranges, one row for each result; see `costmodel.explore.comparison.markets`.
        """
        return comparison.markets(self.base, self.case, self.draws)

    def figure(self, workload: str | None = None) -> Figure:
        """Costs by channel with the changes, beside the set as it stands.

        Args:
            workload: by default the one that is shown.
        """
        return charts.comparison(self.compare(workload), self._colors, self.base.name)

    @property
    def has_path(self) -> bool:
        """Whether the set has a path through time, before and after the changes."""
        return comparison.has_path(self.base) and comparison.has_path(self.case)

    def path_figure(self) -> Figure:
        """The premium over time with the changes, beside the set as it stands.

        Raises:
            ParameterError: the set states no timeline, or no demand.
        """
        if not self.has_path:
            raise ParameterError([Problem("timeline", "is not stated, so that there is no path through time")])
        # That of the unchanged set and the last one, for as long as they are these sets.
        kept = {key: self._path(case) for key, case in {id(case): case for case in (self.base, self.case)}.items()}
        self._paths = kept
        return charts.over_time(kept[id(self.base)][1], kept[id(self.case)][1], self.base.name)

    def _path(self, case: ParameterSet) -> tuple[ParameterSet, pd.DataFrame]:
        found = self._paths.get(id(case))
        draws = min(self.draws, PATH_DRAWS)
        return found or (case, comparison.premium_path(case, draws, self.base.seed))

    @property
    def _colors(self) -> dict[str, str]:
        return {**channel_colors(self.base), **channel_colors(self.case)}

    def curve(self, path: str, low: float | None = None, high: float | None = None) -> pd.DataFrame:
        """Cost of every channel while one parameter moves and all others stand at their central values.

        Args:
            path: the parameter, a number.
            low: one end, in its unit; by default the slider's.
            high: the other end.

        Returns:
            One row for each value of the parameter, one column for each channel, USD/H100e-h.
        """
        path = self._number(path).path
        found = scale(self.case, self.base, path)
        ends = None if found is None else (found.value(found.low), found.value(found.high))
        if ends is None and None in (low, high):
            raise ParameterError(
                [Problem(path, "has no range of its own; say from where to where: curve(path, low, high)")]
            )
        low, high = (end if given is None else given for end, given in zip(ends or (0, 0), (low, high), strict=True))
        return comparison.one_way(
            self.case, path, [float(x) for x in np.linspace(low, high, _CURVE_POINTS)], self.workload
        )

    def curve_figure(self, path: str, low: float | None = None, high: float | None = None) -> Figure:
        """The one-way curve of a parameter as a chart; see `curve`."""
        item = self._number(path)
        labels = {channel: self.case.label(channel) for channel in self.case.channels}
        central = now(self.case, item.path) or 0.0
        title = f"{parameter_label(self.case, item.path)} (dotted line: {shown(item, central)})"
        axis = charts.AxisWords(title, lambda value: shown(item, float(value)), central)
        return charts.curve(self.curve(path, low, high), labels, self._colors, axis)

    def _number(self, path: str) -> Parameter:
        item = self.parameter(path)
        if not isinstance(item.spec, Number) or isinstance(item.value, str | bool | tuple):
            raise ParameterError([Problem(item.path, "is no number, so it has no curve")])
        return item

    def save(
        self,
        name: str,
        title: str | None = None,
        reason: str | None = None,
        folder: str | Path | None = None,
        *,
        overwrite: bool = False,
    ) -> Path:
        """Save the changes as a new parameter set.

        Args:
            name: name of the new set, and of its file.
            title: its title; by default one made from the old title.
            reason: why the values were changed; it stands beside each of them.
            folder: where to; by default `params/`.
            overwrite: whether a set of that name may be replaced.

        Returns:
            The new file.

        Raises:
            ParameterError: nothing was changed, a name that cannot be, or one that is taken.
        """
        place = None if folder is None else Path(folder)
        return save_as(self.base, self.changes, name, title, place, reason=reason, overwrite=overwrite)

    def listen(self, callback: Callable[[], None]) -> None:
        """Have a function called after every change."""
        self._listeners.append(callback)

    def _tell(self) -> None:
        for callback in self._listeners:
            callback()

    @cached_property
    def panel(self) -> "Panel":
        """The widgets."""
        from costmodel.explore.panel import Panel  # here, since ipywidgets is only needed where they are shown

        return Panel(self)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The widgets, where Jupyter asks for a picture of the explorer."""
        return self.panel.widget._repr_mimebundle_(**options)

    def __repr__(self) -> str:
        count = len(self.changes)
        return f"Explorer of {self.base.name} with {count} change{'' if count == 1 else 's'}"


def _row(item: Parameter) -> tuple[Any, ...]:
    law = item.distribution
    ends = ("", "") if law is None else (float(law.ppf(LOW)), float(law.ppf(HIGH)))
    return item.value, *ends, item.unit or "", ", ".join(item.leaf.source), item.description


def _known(name: str, known: Sequence[str], what: str) -> str:
    if name not in known:
        raise ParameterError([Problem("", f"no {what} `{name}`; {nearest(name, known)}")])
    return name
