"""Where results are kept: one Parquet file for each block, whole or not there, and the plan beside them."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.disk import write_whole
from costmodel.errors import ParameterError, Problem
from costmodel.locations import shown
from costmodel.sweeping.planning import Column, Planned
from costmodel.sweeping.work import Block, Done

if TYPE_CHECKING:
    import pyarrow as pa

#: The plan's file, the summary's, and the folder of Parquet files, which can be read as one table.
PLAN, SUMMARY, CELLS = "sweep.json", "summary.md", "cells"
#: The column with a cell's number in its set, and that with the set's name, which is that of a folder.
CELL, SET = "cell", "set"
_KEY = b"costmodel.plan"


@dataclass(frozen=True)
class Dataset:
    """The folder of one sweep.

    Attributes:
        folder: the folder.
        planned: the sweep.
        plan: what `sweep.json` states: what the results follow from, and how they are stored.
        sizes: cells of each block, by set.
    """

    folder: Path
    planned: Planned
    plan: Mapping[str, Any]
    sizes: tuple[int, ...]

    @cached_property
    def key(self) -> str:
        """Hash of the plan; every file of the dataset has it."""
        return hashlib.sha256(_text(self.plan).encode()).hexdigest()

    @cached_property
    def schema(self) -> "pa.Schema":
        """Columns of the files, with the unit of each."""
        import pyarrow as pa

        fields = [pa.field(CELL, pa.int64())]
        for column in (*self.planned.parameters, *self.planned.results):
            metadata = {"unit": column.unit} if column.unit else None
            fields.append(pa.field(column.name, _type(column), metadata=metadata))
        return pa.schema(fields, metadata={_KEY: self.key.encode()})

    def path(self, block: Block) -> Path:
        """File of a block."""
        name = self.planned.work.sets[block.index].name
        return self.folder / CELLS / f"{SET}={name}" / f"block-{block.number:06d}.parquet"

    def blocks(self) -> Iterator[Block]:
        """All blocks, set by set."""
        for index, (cells, size) in enumerate(zip(self.planned.work.sets, self.sizes, strict=True)):
            for number, start in enumerate(range(0, cells.design.cells, size)):
                yield Block(index, number, start, min(start + size, cells.design.cells))

    def count(self) -> int:
        """Number of blocks."""
        return sum(-(-each.design.cells // size) for each, size in zip(self.planned.work.sets, self.sizes, strict=True))

    def is_whole(self, block: Block) -> bool:
        """Whether a block's file is there, can be read, belongs to this plan and has all rows."""
        import pyarrow as pa
        from pyarrow import parquet

        try:
            found = parquet.read_metadata(self.path(block))
        except (OSError, pa.ArrowException):
            return False
        return bool(found.num_rows == block.stop - block.start and found.schema.to_arrow_schema().metadata == {
            _KEY: self.key.encode()
        })  # fmt: skip

    def missing(self) -> list[Block]:
        """Blocks that have still to be computed."""
        return [block for block in self.blocks() if not self.is_whole(block)]

    def begin(self) -> None:
        """Make the folder ready: the plan is in it, and nothing that was left half-written."""
        for name in self.planned.work.sets:
            (self.folder / CELLS / f"{SET}={name.name}").mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob(f"{CELLS}/*/.*.tmp"):
            left.unlink(missing_ok=True)
        if not (self.folder / PLAN).exists():
            write_whole(self.folder / PLAN, _text(self.plan).encode())

    def write(self, done: Done) -> None:
        """Put a block's file in its place at once."""
        write_whole(self.path(done.block), self.encoded(done))

    def encoded(self, done: Done) -> "pa.Buffer":
        """A block's file."""
        import pyarrow as pa
        from pyarrow import parquet

        # Everything that decides the bytes of a file is stated, and nothing of when or by whom it was written.
        plain = [field.name for field in self.schema if pa.types.is_floating(field.type)]
        results = [column.name for column in self.planned.results]
        buffer = pa.BufferOutputStream()
        parquet.write_table(
            self._table(done),
            buffer,
            version="2.6",
            data_page_version="1.0",
            compression="zstd",
            compression_level=3,
            row_group_size=done.block.stop - done.block.start,
            use_dictionary=[name for name in self.schema.names if name not in {CELL, *results}],
            column_encoding={name: "BYTE_STREAM_SPLIT" for name in plain if name in results}
            | {CELL: "DELTA_BINARY_PACKED"},
        )
        return buffer.getvalue()

    def _table(self, done: Done) -> "pa.Table":
        import pyarrow as pa

        block, work = done.block, self.planned.work
        design = work.sets[block.index].design
        levels = design.levels(block.start, block.stop)
        arrays = [pa.array(design.numbers(levels, block.start))]
        varied = np.empty((block.stop - block.start, len(work.numbers)))
        for _, where, values in work.by_variant(block.index, levels):
            varied[where] = np.stack(values, axis=1) if values else np.empty((len(where), 0))
        for place, column in enumerate(self.planned.parameters):
            if column.values is None:
                arrays.append(pa.array(varied[:, work.numbers.index(place)]))
            else:
                arrays.append(pa.array([column.values[level] for level in levels[place]], _type(column)))
        arrays += [pa.array(column, mask=np.isnan(column)) for column in done.results.T]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def tables(self) -> Iterator[tuple[str, "pa.Table"]]:
        """All blocks, one at a time, each with the name of its set."""
        from pyarrow import parquet

        for block in self.blocks():
            yield self.planned.work.sets[block.index].name, parquet.read_table(self.path(block), partitioning=None)

    def keep_summary(self, text: str) -> None:
        """Write the summary beside the cells."""
        write_whole(self.folder / SUMMARY, text.encode())

    def bytes(self) -> int:
        """Size of all files of cells."""
        return sum(self.path(block).stat().st_size for block in self.blocks())


def check_folder(folder: Path) -> None:
    """Raise where a folder is something else than that of a sweep: nothing is put there, and nothing removed."""
    if folder.exists() and not folder.is_dir():
        raise ParameterError([Problem("", "is a file; a sweep needs a folder", shown(folder))])
    if folder.is_dir() and not (folder / PLAN).is_file() and any(item.name != ".lock" for item in folder.iterdir()):
        message = f"is no folder of a sweep (it has no {PLAN}), and not empty; name another by --output"
        raise ParameterError([Problem("", message, shown(folder))])


def stored_plan(folder: Path) -> dict[str, Any] | None:
    """The plan of the sweep in a folder; None where there is none.

    Raises:
        ParameterError: it cannot be read.
    """
    file = folder / PLAN
    if not file.is_file():
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        found["sets"].items()  # what every plan states
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        message = "cannot be read as the plan of a sweep; start anew by --force"
        raise ParameterError([Problem("", message, shown(file))]) from None
    assert isinstance(found, dict)
    return found


def changed(before: Mapping[str, Any], now: Mapping[str, Any], path: str = "") -> list[str]:
    """What of a plan is not what it was, in words.

    Examples:
        >>> changed({"draws": 64, "sets": {"a": 1}}, {"draws": 128, "sets": {"a": 1, "b": 2}})
        ['draws: 64 → 128', 'sets.b: added']
    """
    found = []
    for name in dict.fromkeys([*before, *now]):
        where = f"{path}.{name}" if path else name
        old, new = before.get(name), now.get(name)
        if name not in before or name not in now:
            found.append(f"{where}: {'added' if name in now else 'removed'}")
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            found += changed(old, new, where)
        elif old != new:
            found.append(f"{where}: {_brief(old)} → {_brief(new)}")
    return found


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return f"{text[:60]}…" if len(text) > 60 else text


def cleared(folder: Path) -> None:
    """Remove a sweep from a folder, and nothing else that may lie there."""
    for name in (PLAN, SUMMARY):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / CELLS, ignore_errors=True)


def _type(column: Column) -> "pa.DataType":
    import pyarrow as pa

    values = column.values or ()
    if any(isinstance(value, bool) for value in values):
        return pa.bool_()
    return pa.string() if any(value is None or isinstance(value, str) for value in values) else pa.float64()


def _text(plan: Mapping[str, Any]) -> str:
    return json.dumps(plan, indent=1, ensure_ascii=False) + "\n"
