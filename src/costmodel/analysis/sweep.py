"""Many sets that vary a few parameters, with common draws: what does not change is computed once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

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
#: What is told of each outcome, by the ending of its columns.
STATISTICS = ("mean", *PERCENTILES)


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
    ready = SweptSet(base, paths, [outcome(base, name) for name in outcomes], draws, seed, cheapest=cheapest)
    return pd.DataFrame(np.column_stack([np.array(rows), ready.results(rows)]), columns=[*paths, *ready.columns])


class SweptSet:
    """A set with its draws, ready to be looked at with many values of some numbers.

    Examples:
        >>> from costmodel import load
        >>> base = varied(load("baseline"), {"finance.price_decline": 0.2})
        >>> ready = SweptSet(base, ["finance.price_decline"], [outcome(base, "cost.mix.direct")], 256)
        >>> ready.results([(0.2,), (0.3,)]).shape, ready.columns[0]
        ((2, 4), 'cost.mix.direct.mean')
    """

    def __init__(
        self,
        base: ParameterSet,
        paths: Sequence[str],
        outcomes: Sequence[Outcome],
        draws: int,
        seed: int | None = None,
        *,
        cheapest: Sequence[str] = (),
    ) -> None:
        """Draw the parameters that stay uncertain.

        Args:
            base: parameter set in which the varied numbers are certain; which values they have is the same.
            paths: the varied parameters.
            outcomes: what is summed up.
            draws: number of draws.
            seed: by default the set's own.
            cheapest: workloads for which the probability of being the cheapest is wanted, for each open channel.
        """
        self._base, self._paths, self._outcomes, self._draws = base, tuple(paths), tuple(outcomes), draws
        self._cheapest, self._rivals = tuple(cheapest), rivals(base)
        self._evaluation = sample(base, draws, seed).evaluation

    @property
    def columns(self) -> list[str]:
        """Names of the columns of `results`."""
        return [f"{one.name}.{name}" for one in self._outcomes for name in STATISTICS] + [
            f"cheapest.{workload}.{channel}" for workload in self._cheapest for channel in self._rivals
        ]

    def results(self, rows: Sequence[tuple[float, ...]]) -> Draw:
        """Statistics of each cell, shape (cells, columns).

        Args:
            rows: values of the varied parameters in each cell, in the schema's units.
        """
        order = nesting(self._base, self._paths, [len({row[place] for row in rows}) for place in range(len(rows[0]))])
        cells = [(index, tuple(row[place] for place in order)) for index, row in enumerate(rows)]
        found = _Results(self._outcomes, self._cheapest, self._rivals, self._draws)
        for index, each in _walk(self._evaluation, [self._paths[place] for place in order], cells, found.asked):
            found.add(index, each)
        return found.finished()


def nesting(case: ParameterSet, paths: Sequence[str], counts: Sequence[int]) -> list[int]:
    """Places of some parameters in the order in which changes are nested, the outermost first.

    Args:
        case: parameter set.
        paths: the varied parameters.
        counts: how many values each of them takes.
    """
    return sorted(range(len(paths)), key=lambda place: _work(case, paths[place], counts[place]))


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
                message = f"all sets must state the same parameters: {', '.join(sorted(one.keys() ^ set(names)))}"
                raise ParameterError([Problem("", message, f"grid {place}")])
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
    # What further changes leave alone is then found there, instead of being computed below again and again. No cell
    # need have these values: if no result follows from them, that is told where a cell has them.
    with suppress(ParameterError):
        asked(above)
    groups: dict[float, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell[1][-len(paths)], []).append(cell)
    for value, members in groups.items():
        yield from _walk(above.changed({paths[0]: value}), paths[1:], members, asked)


class _Results:
    """Statistics of all sets so far; those of draws that a set has in common with the one before are taken over."""

    def __init__(
        self, outcomes: Sequence[Outcome], workloads: Sequence[str], channels: Sequence[str], draws: int
    ) -> None:
        """Start with nothing.

        Args:
            outcomes: outcomes that are summed up.
            workloads: workloads for which it is counted how often each channel is the cheapest.
            channels: the channels that compete.
            draws: number of draws.
        """
        self._outcomes, self._workloads, self._channels, self._draws = outcomes, workloads, channels, draws
        self._rows: dict[int, list[float]] = {}
        self._last: dict[int, tuple[list[Any], list[float]]] = {}

    def asked(self, found: Evaluation) -> tuple[list[Any], list[list[Any]]]:
        """The outcomes, and the costs by workload and channel that probabilities are counted from."""
        costs = [[found.cost(workload, channel) for channel in self._channels] for workload in self._workloads]
        return [one(found) for one in self._outcomes], costs

    def add(self, index: int, found: Evaluation) -> None:
        """Take a set's draws."""
        values, costs = self.asked(found)
        jobs = [(statistics, [value]) for value in values] + [(shares_cheapest, by_channel) for by_channel in costs]
        row: list[float] = []
        for place, (function, arrays) in enumerate(jobs):
            before = self._last.get(place)
            if before is None or any(old is not new for old, new in zip(before[0], arrays, strict=True)):
                before = self._last[place] = arrays, function([np.broadcast_to(x, self._draws) for x in arrays])
            row += before[1]
        self._rows[index] = row

    def finished(self) -> Draw:
        """All statistics in the order of the sets, shape (sets, columns)."""
        return np.array([self._rows[index] for index in sorted(self._rows)])


def statistics(columns: Sequence[Draw]) -> list[float]:
    """Mean and percentiles of one column of draws, to the last bit those of NumPy.

    Examples:
        >>> statistics([np.array([3.0, 1.0, 2.0, 5.0])])[0::2]
        [2.75, 2.5]
    """
    (column,) = columns
    # Sorting 4,096 numbers takes half the time of finding six of them by a partition, or less.
    ordered = np.sort(column)
    found = [float(column.mean())]
    for probability in PERCENTILES.values():
        place = probability * (len(ordered) - 1)
        below, part = int(place), place % 1
        low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
        # From the nearer end, as NumPy does it.
        found.append(high - (high - low) * (1 - part) if part >= 0.5 else low + (high - low) * part)
    return found


def shares_cheapest(costs: Sequence[Draw]) -> list[float]:
    """For each of some channels the share of draws in which it is the cheapest; ties share.

    Args:
        costs: cost by channel, each of shape (draws,).
    """
    if not costs:
        return []
    table = np.stack(costs)
    least = table == table.min(axis=0)
    return [float(share) for share in np.mean(least / least.sum(axis=0), axis=-1)]
