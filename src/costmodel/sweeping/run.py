"""A sweep from its grid to its dataset: planned, measured, computed block by block, and gone on with after a crash."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import costmodel
from costmodel.disk import locked
from costmodel.errors import ParameterError, Problem
from costmodel.locations import shown
from costmodel.sweeping import dataset as datasets
from costmodel.sweeping.dataset import Dataset
from costmodel.sweeping.executors import EXECUTORS, Where
from costmodel.sweeping.grid import Grid
from costmodel.sweeping.planning import Planned, planned
from costmodel.sweeping.probe import MOST_CELLS, Probe, probe
from costmodel.sweeping.work import Block, Done

#: Seconds that a block is meant to take: long beside what it takes to hand it out, short beside what a crash may lose.
BLOCK_SECONDS = 2.0
#: Packages whose version bears on the numbers, or on the files' bytes.
PACKAGES = ("numpy", "scipy", "pyarrow")


@dataclass(frozen=True)
class Prospect:
    """A sweep that is about to run.

    Attributes:
        dataset: where its results go.
        probe: what was measured; None where the plan of an earlier run is gone on with.
        missing: blocks that have still to be computed.
    """

    dataset: Dataset
    probe: Probe | None
    missing: tuple[Block, ...]

    @property
    def seconds(self) -> float | None:
        """What is left takes so long in one process like this one, by the probe."""
        if self.probe is None:
            return None
        rates = self.probe.cells_per_second
        return sum((block.stop - block.start) / rates[block.index] for block in self.missing)

    @property
    def bytes(self) -> int | None:
        """Size of all files together, by the probe."""
        return None if self.probe is None else self.probe.size(self.dataset)


@dataclass
class Swept:
    """A sweep that has run.

    Attributes:
        prospect: what it set out from.
        computed, cells: number of blocks that were computed, and of cells in them.
        seconds: what that took.
        task_seconds: what the workers spent on it, all together.
        last: the block that has come last.
        workers: who has computed blocks.
        complete: whether all blocks are there.
    """

    prospect: Prospect
    computed: int = 0
    seconds: float = 0.0
    task_seconds: float = 0.0
    last: Done | None = None
    workers: set[str] = field(default_factory=set)
    complete: bool = False
    cells: int = 0


def sweep(
    grid: Grid,
    folder: Path,
    where: Where,
    *,
    block: int | None = None,
    force: bool = False,
    dry: bool = False,
    listener: Callable[[Swept], None] | None = None,
) -> Swept:
    """Run a sweep, or go on with one.

    Args:
        grid: the grid.
        folder: folder of the dataset; made if it does not exist.
        where: where blocks are computed.
        block: cells of a block at most; by default as many as take some two seconds.
        force: start anew, whatever sweep is in the folder.
        dry: only plan and measure; nothing is written.
        listener: called when the sweep is planned, and after each block.

    Returns:
        What was done; not complete after Ctrl-C, or where `dry`.

    Raises:
        ParameterError: a grid that cannot be, or a folder of another sweep.
        BusyError: another sweep is writing into the folder.
        SweepError: workers or the scheduler fail; what is done is kept.
    """
    datasets.check_folder(folder)
    plan = planned(grid)
    if dry:
        return Swept(_prospect(grid, plan, folder, block, dry=True, force=force))
    with locked(folder, "sweep"):
        if force:
            datasets.cleared(folder)
        found = Swept(_prospect(grid, plan, folder, block))
        found.prospect.dataset.begin()
        _run(found, where, listener)
    return found


def _run(found: Swept, where: Where, listener: Callable[[Swept], None] | None) -> None:
    """Compute what is missing; Ctrl-C ends it between two blocks."""
    prospect, began = found.prospect, perf_counter()
    data = prospect.dataset
    # Of its own for each run, since two may share a cluster.
    name = f"{data.key[:12]}-{os.getpid()}-{os.urandom(3).hex()}"
    if listener:
        listener(found)
    try:
        if prospect.missing:
            made = EXECUTORS[where.kind](name, data.planned.work, prospect.missing, where)
            with closing(made):  # type: ignore[type-var] # all of them are generators
                _collect(found, made, began, listener)
        found.complete = found.computed == len(prospect.missing)
    except KeyboardInterrupt:
        pass
    found.seconds = perf_counter() - began


def _collect(found: Swept, made: Iterator[Done], began: float, listener: Callable[[Swept], None] | None) -> None:
    for done in made:
        found.prospect.dataset.write(done)
        found.computed += 1
        found.last = done
        found.workers.add(done.worker)
        found.cells += done.block.stop - done.block.start
        found.task_seconds += done.seconds
        found.seconds = perf_counter() - began
        if listener:
            listener(found)


def _prospect(
    grid: Grid, plan: Planned, folder: Path, block: int | None, *, dry: bool = False, force: bool = False
) -> Prospect:
    """The sweep as it will be stored: in a folder that has its plan already, with the blocks of that plan."""
    stored = None if force else datasets.stored_plan(folder)
    measured = probe(plan.work) if dry or not stored else None
    if block is None and stored:
        wanted: list[float] = [_stored_size(stored, each.name) for each in plan.work.sets]
    elif block is None and measured:
        wanted = [min(rate * BLOCK_SECONDS, MOST_CELLS) for rate in measured.cells_per_second]
    else:
        wanted = [block or 1] * len(plan.work.sets)
    sizes = tuple(each.design.block_size(max(int(most), 1)) for each, most in zip(plan.work.sets, wanted, strict=True))
    data = Dataset(folder, plan, json.loads(json.dumps(_plan(grid, plan, sizes))), sizes)
    if stored and stored != data.plan:
        told = "\n".join(f"  {line}" for line in datasets.changed(stored, data.plan))
        message = f"has another sweep, or one of other inputs; start anew by --force, or name another folder\n{told}"
        raise ParameterError([Problem("", message, shown(folder))])
    return Prospect(data, measured, tuple(data.blocks() if force else data.missing()))


def _stored_size(stored: Mapping[str, Any], name: str) -> int:
    """Cells of a block of a set, as an earlier run has stored them; 1 for a set that it does not have."""
    found = stored["sets"].get(name, {}).get("block_cells")
    return found if isinstance(found, int) and found > 0 else 1


def _plan(grid: Grid, plan: Planned, sizes: tuple[int, ...]) -> dict[str, Any]:
    """What a sweep's results follow from, and how they are stored: the content of `sweep.json`."""
    work, file = plan.work, grid.file
    sets = {
        each.name: {
            "cells": each.design.cells,
            "block_cells": size,
            "nesting": [work.paths[place] for place in each.design.order],
            "inputs_sha256": plan.hashes[each.name],
        }
        for each, size in zip(work.sets, sizes, strict=True)
    }
    columns = [(datasets.CELL, None), *((column.name, column.unit) for column in (*plan.parameters, *plan.results))]
    return {
        "design": file.design,
        "points": file.points,
        "draws": file.draws,
        "seed": file.seed,
        "parameters": grid.document.at(("parameters",)).plain(),
        "outcomes": list(work.outcomes),
        "cheapest": list(work.cheapest),
        "sets": sets,
        "columns": [{"name": name, "unit": unit} for name, unit in columns],
        "versions": {"costmodel": costmodel.__version__} | {name: version(name) for name in PACKAGES},
    }
