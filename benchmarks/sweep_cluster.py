"""Sweeps as datasets: what it takes to hand out blocks, in one process, several, and on a local dask cluster.

    python benchmarks/sweep_cluster.py [SET] [--seconds N] [--json]

One grid is swept in each way, for about N seconds of one core each, and the files must be the same byte by byte before
a time counts. Overhead is the share of the workers' time that is not spent in blocks: 1 − Σ block seconds ÷ (seconds ×
workers); without start and end, from the arrival of each worker's first block to that of its last. Rates by outcome and
draws, with what 10⁸ cells take at that rate, come from single blocks in this process.
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, process_time, sleep

from common import Report, arguments, mix

from costmodel import load
from costmodel.sweeping.dataset import Dataset
from costmodel.sweeping.executors import Where
from costmodel.sweeping.grid import read_grid
from costmodel.sweeping.planning import planned
from costmodel.sweeping.run import sweep
from costmodel.sweeping.work import Block, Worker

WORKERS, CELLS = 2, 10**8
#: What varies: terms of single channels; rates that move all channels in each cell.
GRIDS = {
    "terms of three channels": """\
  channels.gray_market.price_markup: {from: 0.2, to: 1.0, points: 100}
  channels.direct.export_fee: {from: 0, to: 0.3, points: 100}
  channels.third_country_cloud.rental_price: {from: 2, to: 6, points: 100}
""",
    "rates of all channels": """\
  finance.discount_rate: {from: 0.03, to: 0.2, points: 100}
  finance.price_decline: {from: 0.1, to: 0.4, points: 100}
  finance.economic_life: {from: 4, to: 7, points: 100}
""",
}
ASKED = {"lowest_premium.mix": [1024, 4096], "lowest_premium.mix, market.price, market.compute_denied": [1024, 4096]}


def main() -> None:
    """Measure, and print two tables."""
    asked = arguments(__doc__, seconds=60)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rates = rated(asked, folder)
        overheads(asked, folder, rates)


def grid(folder: Path, name: str, values: str, outcomes: str, draws: int):
    """A grid file, read."""
    file = folder / "grid.yaml"
    text = f"sets: [{name}]\nparameters:\n{values}outcomes: [{outcomes}]\ndraws: {draws}\n"
    file.write_text(text, encoding="utf-8")
    return read_grid(file)


def rated(asked, folder: Path) -> float:
    """Cells a second of one core, and what 10⁸ cells would take; gives the first rate."""
    case, rates = load(asked.set), []
    report = Report(f"one core, {asked.set}: cells a second, and what {CELLS:,} cells take", [mix(case)])
    for label, values in GRIDS.items():
        for outcomes, counts in ASKED.items():
            for draws in counts:
                plan = planned(grid(folder, asked.set, values, outcomes, draws))
                data, worker = Dataset(folder, plan, {}, (1,)), Worker(plan.work)
                worker.done(Block(0, 0, 0, 1))
                cells, seconds = 50, 0.0
                # Seconds of the processor, which others that use the machine do not lengthen.
                while seconds < asked.seconds / 20:
                    cells, start = 2 * cells, process_time()
                    done = worker.done(Block(0, 0, 0, cells))
                    seconds = process_time() - start
                rates.append(cells / seconds)
                what = f"{label}; {outcomes}; {draws:,} draws"
                report.number(what, rates[-1], "cells/s")
                report.number("    core-hours", CELLS / rates[-1] / 3600, "h")
                report.number("    on disk", data.encoded(done).size / cells * CELLS / 1e9, "GB")
    report.show(as_json=asked.json)
    return rates[1]


def overheads(asked, folder: Path, rate: float) -> None:
    """One sweep in each way, and the share of the workers' time that is not spent in blocks."""
    cells = int(rate * asked.seconds)
    values = GRIDS["terms of three channels"].replace("points: 100", "points: 20", 1)
    values = values.replace("points: 100", f"points: {max(cells // 2000, 2)}", 1)
    read = grid(folder, asked.set, values, "lowest_premium.mix", 4096)
    ways = {
        "in this process": (Where(), 1),
        f"{WORKERS} processes": (Where(WORKERS), WORKERS),
    }
    report = Report(f"{read.file.sets[0]}: a sweep of about {asked.seconds} core-seconds, block by block")
    with cluster(folder) as address:
        if address:
            ways[f"dask, {WORKERS} worker processes"] = (Where(scheduler=address), WORKERS)
        else:
            report.notes.append("without dask: the package distributed is not installed here")
        files = []
        for label, (where, workers) in ways.items():
            output = folder / label
            # Blocks of about two seconds, as a sweep would choose them, but the same in each way.
            arrived: dict[str, list[tuple[float, float]]] = {}

            def note(each, arrived=arrived):
                if each.last:
                    arrived.setdefault(each.last.worker, []).append((perf_counter(), each.last.seconds))

            found = sweep(read, output, where, block=int(2 * rate), listener=note)
            files.append({path.name: path.read_bytes() for path in sorted(output.glob("cells/*/*.parquet"))})
            assert files[0] == files[-1], f"{label}: other bytes"
            tell(report, label, found, workers, list(arrived.values()))
    report.show(as_json=asked.json)


def tell(report: Report, label: str, found, workers: int, arrived) -> None:
    """Rows of one way."""
    report.number(f"{label}: blocks", found.computed, "")
    report.number("    seconds of a block", found.task_seconds / found.computed, "s")
    report.number("    cells a second", found.cells / found.seconds, "cells/s")
    report.number(
        "    overhead, start of workers included", 100 * (1 - found.task_seconds / (found.seconds * workers)), "%"
    )
    spent = sum(seconds for blocks in arrived for _, seconds in blocks[1:])
    share = 1 - spent / sum(blocks[-1][0] - blocks[0][0] for blocks in arrived)
    report.goal("    overhead without start and end", 100 * share, 5, "%")


@contextmanager
def cluster(folder: Path):
    """A scheduler and its workers, each a process of its own; gives the address, or None without dask."""
    if find_spec("distributed") is None:
        yield None
        return
    file = folder / "scheduler.json"
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    processes = [start("distributed.cli.dask_scheduler", *options)]
    try:
        while not file.exists() or not file.read_text():
            sleep(0.05)
        address = json.loads(file.read_text())["address"]
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard"]
        processes += [start("distributed.cli.dask_worker", address, *options) for _ in range(WORKERS)]
        yield address
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


def start(*words: str) -> subprocess.Popen:
    """A Python module as a process."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-m", *words], env=dict(os.environ), **quiet)


if __name__ == "__main__":
    main()
