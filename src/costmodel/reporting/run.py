"""Build reports: many sets at once, each in its own process; a set that fails harms no other."""

import multiprocessing
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from costmodel.errors import ParameterError
from costmodel.locations import set_file, set_names
from costmodel.reporting import folders
from costmodel.reporting.index import write_index
from costmodel.reporting.manifest import Job, SetResult, Summary, is_current
from costmodel.reporting.plan import default_jobs, prepare, surroundings
from costmodel.reporting.worker import build_one


@dataclass(frozen=True)
class Event:
    """Something that happened in a build, for a progress bar.

    Attributes:
        kind: `planned` (once, with the total), `started`, `finished` (also for sets that needed no work), `indexed`.
        name: the set; empty for `planned` and `indexed`.
        done: sets finished so far.
        total: sets in all.
        result: what became of the set, with `finished`.
    """

    kind: Literal["planned", "started", "finished", "indexed"]
    name: str
    done: int
    total: int
    result: SetResult | None = None


Listener = Callable[[Event], None]


class _Progress:
    """Collects results and tells the listener."""

    def __init__(self, total: int, listener: Listener | None) -> None:
        self.results: dict[str, SetResult] = {}
        self._total, self._listener = total, listener

    def tell(self, kind: Literal["planned", "started", "finished", "indexed"], name: str = "") -> None:
        if self._listener is not None:
            self._listener(Event(kind, name, len(self.results), self._total, self.results.get(name)))

    def finish(self, result: SetResult) -> None:
        self.results[result.name] = result
        self.tell("finished", result.name)


def build(
    sets: Iterable[str | Path] | None = None,
    output: Path | str = "reports",
    *,
    jobs: int | None = None,
    force: bool = False,
    draws: int | None = None,
    timeout: float = 900.0,
    on_event: Listener | None = None,
) -> Summary:
    """Build one report for each set, and the index of all.

    A report is written to a new folder and moved into place when it is whole, so that what was built before
    stays until then. Sets whose inputs have not changed are skipped.

    Args:
        sets: names or files of parameter sets; None builds all in `params/`.
        output: folder of reports.
        jobs: reports to build at the same time; None takes the number of cores.
        force: build also what is up to date.
        draws: number of draws instead of each set's own.
        timeout: seconds that one notebook cell may take.
        on_event: called with every event, in this process.

    Returns:
        What became of each set; `ok` is False if any failed.

    Raises:
        BuildBusyError: another build is writing into the same folder.
        ValueError: two different sets have the same name.
    """
    clock, output = time.perf_counter(), Path(output)
    wanted = _distinct(set_names() if sets is None else sets)
    progress = _Progress(len(wanted), on_event)
    with folders.locked(output):
        folders.recover(output)
        progress.tell("planned")
        _run(
            _plan(wanted, output, progress, force=force, draws=draws, timeout=timeout), jobs or default_jobs(), progress
        )
        ordered = tuple(progress.results[name] for name in wanted)
        summary = Summary(ordered, output, time.perf_counter() - clock)
        write_index(output, summary)
    progress.tell("indexed")
    return summary


def _name(wanted: str | Path) -> str:
    path = Path(wanted)
    return path.stem if path.suffix in {".yaml", ".yml"} else str(wanted)


def _distinct(sets: Iterable[str | Path]) -> dict[str, str | Path]:
    """The sets by name; a set that is named twice is built once."""
    found: dict[str, str | Path] = {}
    for item in sets:
        first = found.setdefault(_name(item), item)
        if first != item and set_file(first) != set_file(item):
            raise ValueError(
                f"two sets are called `{_name(item)}`: {first} and {item}; build them into different folders"
            )
    return found


def _plan(
    wanted: Mapping[str, str | Path],
    output: Path,
    progress: _Progress,
    *,
    force: bool,
    draws: int | None,
    timeout: float,
) -> list[Job]:
    """The jobs to run; sets that are up to date or not valid are finished here."""
    common, plan = surroundings(), []
    for name, item in wanted.items():
        try:
            file = set_file(item)
            if file is None:
                raise FileNotFoundError(f"there is no parameter set `{item}`; known: {', '.join(set_names())}")
            job = prepare(file, output, common, draws=draws, timeout=timeout)
        except (ParameterError, OSError) as error:
            progress.finish(SetResult(name, "failed", error=str(error)))
            continue
        if not force and is_current(job):
            progress.finish(SetResult(job.name, "current"))
        else:
            plan.append(job)
    return plan


def _run(plan: list[Job], workers: int, progress: _Progress) -> None:
    """Run the jobs, at most `workers` at a time.

    A worker process that is killed breaks its pool and all that is running in it. Those jobs get a second run, one
    by one, so that only the guilty one fails.
    """
    again = _pool(deque(plan), workers, progress)
    for job in again:
        for dead in _pool(deque([job]), 1, progress):
            progress.finish(
                SetResult(dead.name, "failed", error="the worker process was killed, twice (out of memory?)")
            )


def _pool(queue: deque[Job], workers: int, progress: _Progress) -> list[Job]:
    """Run jobs until all are done or the pool breaks; return those that were not finished."""
    if not queue:
        return []
    running: dict[Future[SetResult], Job] = {}
    # Fresh processes: a fork would share this one's threads and event loops.
    pool = ProcessPoolExecutor(min(workers, len(queue)), multiprocessing.get_context("spawn"))
    try:
        while queue or running:
            while queue and len(running) < workers:
                # Taken from the queue only once it is submitted: a pool that has just broken refuses.
                future = pool.submit(build_one, queue[0])
                running[future] = queue.popleft()
                progress.tell("started", running[future].name)
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                progress.finish(future.result())
                del running[future]
    except BrokenProcessPool:
        return [*running.values(), *queue]
    finally:
        pool.shutdown(cancel_futures=True)
    return []
