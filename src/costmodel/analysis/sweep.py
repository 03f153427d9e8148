"""Many sets that vary a few parameters, with common draws: what does not change is computed once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.sample import Draw, sample
from costmodel.channels import term_paths
from costmodel.costs import WORKLOADS, Evaluation, rivals
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.outcomes import Outcome, outcome
from costmodel.parameters.model import ParameterSet
from costmodel.parameters.vary import check_together, numbers, varied

if TYPE_CHECKING:
    import pandas as pd

#: Values by parameter, of which every combination is a set; or the sets one by one, all with the same parameters.
Grid: TypeAlias = Mapping[str, Sequence[float | str]] | Sequence[Mapping[str, float | str]]
#: A cell's place in the grid, and its values in the order in which changes are nested.
Cell: TypeAlias = tuple[int, tuple[float, ...]]

#: Percentiles of each outcome, by the ending of their columns.
PERCENTILES = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
# Sets whose draws are summed up at a time: few enough to stay in cache.
_BATCH = 16


def sweep(
    case: ParameterSet,
    grid: Grid,
    outcomes: Sequence[str] = ("lowest_premium.mix",),
    draws: int = 4096,
    seed: int | None = None,
    *,
    cheapest: Sequence[str] = (),
) -> "pd.DataFrame":
    """Outcomes of many sets that vary a few numbers of one set, all with the same draws of the other parameters.

    Each row is, to the last bit, what `simulate` gives for the set with the row's values as overrides.

    Args:
        case: parameter set.
        grid: values by path (every combination is a set), or a list of such sets; numbers, or text such as `8 %`.
        outcomes: names of outcomes, see `costmodel.outcomes`.
        draws: number of draws of each set.
        seed: by default the set's own.
        cheapest: workloads for which the probability of being the cheapest is wanted, for each open channel.

    Returns:
        One row for each set, in the grid's order, the last parameter changing fastest: a column for each parameter (in
        its unit), `<outcome>.mean`, `.p05`, `.p50` and `.p95` (in the outcome's unit), `cheapest.<workload>.<channel>`.

    Raises:
        ParameterError: a path, a value, an outcome or a workload that cannot be.

    Examples:
        >>> from costmodel import load
        >>> table = sweep(load("baseline"), {"finance.price_decline": [0.2, 0.3]}, ["cost.mix.direct"], draws=256)
        >>> list(table.columns)[:3], bool(table["cost.mix.direct.mean"].is_monotonic_increasing)
        (['finance.price_decline', 'cost.mix.direct.mean', 'cost.mix.direct.p05'], True)
    """
    import pandas as pd  # here, since it is slow to load

    for workload in cheapest:
        if workload not in WORKLOADS:
            raise ParameterError([Problem("", f"no workload `{workload}`; {nearest(workload, WORKLOADS)}", "cheapest")])
    paths, rows = _cells(case, grid)
    base = varied(case, dict(zip(paths, rows[0], strict=True)))
    measured = [outcome(base, name) for name in outcomes]
    order = sorted(range(len(paths)), key=lambda place: _work(base, paths[place], len({row[place] for row in rows})))
    cells = [(index, tuple(row[place] for place in order)) for index, row in enumerate(rows)]
    results = _Results(measured, tuple(cheapest), rivals(base), draws, len(rows))
    for index, found in _walk(sample(base, draws, seed).evaluation, [paths[p] for p in order], cells, results.asked):
        results.add(index, found)
    return pd.DataFrame(np.column_stack([np.array(rows), results.finished()]), columns=[*paths, *results.columns])


def _cells(case: ParameterSet, grid: Grid) -> tuple[list[str], list[tuple[float, ...]]]:
    """The varied parameters, and their values in each set, checked like any override."""
    if isinstance(grid, Mapping):
        stated = {_plain(path): list(values) for path, values in grid.items()}
        combinations = list(product(*stated.values()))
    else:
        sets = [{_plain(path): value for path, value in one.items()} for one in grid]
        names = list(sets[0]) if sets else []
        for place, one in enumerate(sets):
            if one.keys() != set(names):
                differ = ", ".join(sorted(one.keys() ^ set(names)))
                raise ParameterError([Problem("", f"all sets must state the same parameters: {differ}", f"grid {place}")])
        stated = {path: [one[path] for one in sets] for path in names}
        combinations = [tuple(one[path] for path in names) for one in sets]
    if not stated or not combinations:
        raise ParameterError([Problem("", "names no parameter, or has no values; give {path: [value, …]}", "grid")])
    known = numbers(case, stated)
    rows = [tuple(known[p][value] for p, value in zip(stated, row, strict=True)) for row in combinations]
    check_together(case, list(stated), rows)
    return list(stated), rows


def _plain(path: str) -> str:
    return path.removeprefix("assumptions.")


def _work(case: ParameterSet, path: str, values: int) -> tuple[int, int]:
    """By this, changes are nested: what moves many channels outside, where it is computed for few sets."""
    moved = sum(path in term_paths(case.central, channel).values() for channel in case.channels)
    return (-len(case.channels) if path.startswith(("reference.", "workloads.")) else -moved, values)


def _walk(
    above: Evaluation, paths: Sequence[str], cells: Sequence[Cell], asked: Callable[[Evaluation], Any]
) -> Iterator[tuple[int, Evaluation]]:
    """Every cell with its costs, each change made once for all cells that share it.

    Args:
        above: costs with all earlier changes made.
        paths: parameters that are still to be changed.
        cells: the cells that share the earlier changes.
        asked: what will be asked of each cell's costs.
    """
    if not paths or len(cells) == 1:
        for index, values in cells:
            place = len(values) - len(paths)
            yield index, above.changed(dict(zip(paths, values[place:], strict=True))) if paths else above
        return
    # What further changes leave alone is then found there, instead of being computed below again and again.
    asked(above)
    groups: dict[float, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell[1][-len(paths)], []).append(cell)
    for value, members in groups.items():
        yield from _walk(above.changed({paths[0]: value}), paths[1:], members, asked)


@dataclass
class _Results:
    """Draws of some sets at a time, and the statistics of all sets so far.

    Attributes:
        outcomes, workloads, channels: what is asked: outcomes, and for the workloads how often each channel is cheapest.
        draws, sets: how many.
    """

    outcomes: Sequence[Outcome]
    workloads: Sequence[str]
    channels: Sequence[str]
    draws: int
    sets: int
    _waiting: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._draws = np.empty((_BATCH, len(self.outcomes), self.draws))
        self._statistics = np.empty((self.sets, len(self.outcomes), 1 + len(PERCENTILES)))
        self._shares = np.empty((self.sets, len(self.workloads), len(self.channels)))

    @property
    def columns(self) -> list[str]:
        """Names of the columns of `finished`."""
        names = ("mean", *PERCENTILES)
        return [f"{one.name}.{name}" for one in self.outcomes for name in names] + [
            f"cheapest.{workload}.{channel}" for workload in self.workloads for channel in self.channels
        ]

    def asked(self, found: Evaluation) -> tuple[list[Any], list[list[Any]]]:
        """The outcomes, and the costs by workload and channel that probabilities are counted from."""
        costs = [[found.cost(workload, channel) for channel in self.channels] for workload in self.workloads]
        return [one(found) for one in self.outcomes], costs

    def add(self, index: int, found: Evaluation) -> None:
        """Take a set's draws."""
        values, costs = self.asked(found)
        for row, value in zip(self._draws[len(self._waiting)], values, strict=True):
            row[:] = value
        for place, by_channel in enumerate(costs):
            self._shares[index, place] = shares_cheapest(by_channel, self.draws)
        self._waiting.append(index)
        if len(self._waiting) == _BATCH:
            self._sum_up()

    def _sum_up(self) -> None:
        some = self._draws[: len(self._waiting)]
        self._statistics[self._waiting, :, 0] = some.mean(axis=-1)
        self._statistics[self._waiting, :, 1:] = percentiles(some, tuple(PERCENTILES.values()))
        self._waiting.clear()

    def finished(self) -> Draw:
        """All statistics, shape (sets, columns)."""
        self._sum_up()
        return np.concatenate([self._statistics.reshape(self.sets, -1), self._shares.reshape(self.sets, -1)], axis=1)


def shares_cheapest(costs: Sequence[Any], draws: int) -> NDArray[np.float64]:
    """For each of some channels the share of draws in which it is the cheapest; ties share.

    Args:
        costs: cost by channel, scalars or of shape (draws,).
        draws: number of draws.
    """
    if not costs:
        return np.empty(0)
    table = np.stack([np.broadcast_to(cost, draws) for cost in costs])
    least = table == table.min(axis=0)
    found: NDArray[np.float64] = np.mean(least / least.sum(axis=0), axis=-1)
    return found


def percentiles(draws: Draw, probabilities: Sequence[float]) -> Draw:
    """Percentiles along the last axis by one partition, to the last bit those of `numpy.quantile`; reorders the draws.

    Args:
        draws: shape (…, draws).
        probabilities: from 0 to 1.

    Returns:
        Shape (…, probabilities).

    Examples:
        >>> percentiles(np.array([[3.0, 1.0, 2.0, 5.0]]), (0.5,))
        array([[2.5]])
    """
    places = np.asarray(probabilities) * (draws.shape[-1] - 1)
    below = np.floor(places).astype(int)
    above = np.minimum(below + 1, draws.shape[-1] - 1)
    draws.partition(np.unique([below, above]), axis=-1)
    low, high, part = draws[..., below], draws[..., above], places - below
    # The nearer end and a step from there, as NumPy does it.
    step = high - low
    found: Draw = np.where(part >= 0.5, high - step * (1 - part), low + step * part)
    return found
