"""What a sweep shows: the range of each outcome, where its ends are, and how each parameter moves it.

Read block by block, so that a dataset of any size takes no more memory than one of its files.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from costmodel.sweeping.dataset import CELL, SET, Dataset
from costmodel.sweeping.planning import Column

if TYPE_CHECKING:
    import pyarrow as pa

# Values of a parameter that are told one by one; more are put together in so many equal parts of their range.
_MOST_VALUES, _PARTS = 24, 8
#: The statistic of an outcome that is looked at.
MIDDLE = ".p50"


@dataclass
class _Extreme:
    """The cell in which something is the least, or the greatest."""

    sign: int
    value: float = np.inf
    cell: dict[str, Any] = field(default_factory=dict)

    def see(self, name: str, table: "pa.Table", values: NDArray[np.float64], parameters: tuple[Column, ...]) -> None:
        signed = np.where(np.isnan(values), np.inf, self.sign * values)
        row = int(np.argmin(signed))
        if signed[row] < self.value:
            self.value = float(signed[row])
            stated = {column.name: table[column.name][row].as_py() for column in parameters}
            self.cell = {SET: name, CELL: table[CELL][row].as_py(), "parameters": stated}

    def plain(self) -> dict[str, Any] | None:
        return {"value": self.sign * self.value, **self.cell} if self.cell else None


@dataclass(frozen=True)
class _Part:
    """A part of a range of values, both ends included in words."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:.4g} – {self.high:.4g}"


class _Values:
    """The values of one parameter by which means are told, and which cells have them."""

    def __init__(self, name: str, ends: tuple[float, float] | None) -> None:
        """Take a column.

        Args:
            name: name of the column.
            ends: ends of the range that is divided into parts; None where values are told one by one.
        """
        self._name, self._edges = name, None if ends is None else np.linspace(*ends, _PARTS + 1)

    def of(self, table: "pa.Table") -> tuple[list[Any], NDArray[np.intp]]:
        """Values or parts, and the place among them of each cell's."""
        if self._edges is None:
            coded = table[self._name].combine_chunks().dictionary_encode(null_encoding="encode")
            return coded.dictionary.to_pylist(), coded.indices.to_numpy()
        numbers = table[self._name].to_numpy()
        where = np.clip(np.searchsorted(self._edges, numbers, side="right") - 1, 0, _PARTS - 1)
        return [_Part(*self._edges[part : part + 2].tolist()) for part in range(_PARTS)], where


class _Effect:
    """The mean of something by the value of one parameter."""

    def __init__(self) -> None:
        self._sums: dict[Any, tuple[float, int]] = {}

    def see(self, keys: list[Any], where: NDArray[np.intp], values: NDArray[np.float64]) -> None:
        known = ~np.isnan(values)
        sums = np.bincount(where[known], values[known], len(keys))
        counts = np.bincount(where[known], minlength=len(keys))
        for key, total, count in zip(keys, sums.tolist(), counts.tolist(), strict=True):
            if count:
                before = self._sums.get(key, (0.0, 0))
                self._sums[key] = before[0] + total, before[1] + count

    def plain(self) -> list[dict[str, Any]]:
        """Means in the order of the values."""
        found = sorted(self._sums.items(), key=lambda item: _order(item[0]))
        return [_stated(key) | {"mean": total / count, "cells": count} for key, (total, count) in found]


def _order(key: Any) -> tuple[int, Any]:
    if isinstance(key, _Part):
        return 0, key.low
    return (0, key) if isinstance(key, int | float) else (1, str(key))


def _stated(key: Any) -> dict[str, Any]:
    return {"from": key.low, "to": key.high} if isinstance(key, _Part) else {"value": key}


def summarized(data: Dataset) -> dict[str, Any]:
    """Ranges and effects of all outcomes, with the keys of `costmodel sweep --format json`."""
    planned = data.planned
    looked = {column.name.removesuffix(MIDDLE): column for column in planned.results if _is_looked_at(column)}
    divided = {column.name: _Values(column.name, _ends(data, at)) for at, column in enumerate(planned.parameters)}
    several = [SET] if len(planned.work.sets) > 1 else []
    effects = {name: {path: _Effect() for path in [*divided, *several]} for name in looked}
    extremes = {name: (_Extreme(1), _Extreme(-1)) for name in looked}
    for set_name, table in data.tables():
        # What all outcomes have in common is looked at once.
        stated = {path: values.of(table) for path, values in divided.items()}
        stated[SET] = [set_name], np.zeros(len(table), dtype=np.intp)
        for name, column in looked.items():
            medians = np.array(table[column.name].to_numpy(), dtype=float)
            for extreme in extremes[name]:
                extreme.see(set_name, table, medians, planned.parameters)
            for path, effect in effects[name].items():
                effect.see(*stated[path], medians)
    return {
        name: {
            "unit": column.unit,
            "least": extremes[name][0].plain(),
            "greatest": extremes[name][1].plain(),
            "effects": {path: effect.plain() for path, effect in effects[name].items()},
        }
        for name, column in looked.items()
    }


def _is_looked_at(column: Column) -> bool:
    """Whether a column is an outcome's median, or a probability."""
    return column.name.endswith(MIDDLE) or column.name.startswith("cheapest.")


def _ends(data: Dataset, place: int) -> tuple[float, float] | None:
    """Ends of the range of a parameter with many values; None where there are few."""
    work = data.planned.work
    count = work.sets[0].design.counts[place]
    if place in work.words or (0 < count <= _MOST_VALUES):
        return None
    at = work.numbers.index(place)
    ends = [variant.numbers[at].ends for each in work.sets for variant in each.variants.values()]
    return min(low for low, _ in ends), max(high for _, high in ends)


def range_rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each end of each outcome: the cell in which it is."""
    return [
        {
            "outcome": name,
            "unit": item["unit"],
            "end": end,
            "median": item[end]["value"],
            SET: item[end][SET],
            CELL: item[end][CELL],
            **item[end]["parameters"],
        }
        for name, item in found.items()
        for end in ("least", "greatest")
        if item[end]
    ]


def effect_rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each parameter that an outcome has a mean for: at which value that is least, and greatest."""
    return list(_effect_rows(found))


def _effect_rows(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, item in found.items():
        for path, means in item["effects"].items():
            if means:
                low, high = min(means, key=lambda each: each["mean"]), max(means, key=lambda each: each["mean"])
                yield {
                    "outcome": name,
                    "parameter": path,
                    "least mean": low["mean"],
                    "least at": _at(low),
                    "greatest mean": high["mean"],
                    "greatest at": _at(high),
                    "moves by": high["mean"] - low["mean"],
                }


def _at(mean: dict[str, Any]) -> str:
    if "from" in mean:
        return str(_Part(mean["from"], mean["to"]))
    value = mean["value"]
    return _cell(value)


def markdown(data: Dataset, found: dict[str, Any]) -> str:
    """The summary as a page of Markdown."""
    work = data.planned.work
    names = ", ".join(each.name for each in work.sets)
    text = f"# Sweep\n\n{data.planned.cells:,} cells of {names}; {work.draws:,} draws each.\n"
    tables = {
        "Where the median is least and greatest": range_rows(found),
        "Mean of the median by parameter": effect_rows(found),
    }
    return text + "".join(f"\n## {title}\n\n{_table(rows)}" for title, rows in tables.items())


def _table(rows: list[dict[str, Any]]) -> str:
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([_cell(cell) for cell in row.values()] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(cell: Any) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell).replace("|", "\\|")
