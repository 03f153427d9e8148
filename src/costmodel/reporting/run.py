"""Build reports: many sets at once, each in its own process; a set that fails harms no other."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from costmodel.locations import set_names
from costmodel.reporting import folders
from costmodel.reporting.manifest import SetResult, Summary
from costmodel.reporting.planning import Planned, Planner, Settings, distinct
from costmodel.reporting.processes import cores, memory

Kind = Literal["planned", "started", "cell", "finished", "indexed"]


@dataclass(frozen=True)
class Event:
    """Something that happened in a build, for a progress bar.

    Attributes:
        kind: `planned` (once, with the total), `started`, `cell` (one begins), `finished` (also for sets that needed
            no work), `indexed`.
        name: the set; empty for `planned` and `indexed`.
        done: sets finished so far.
        total: sets in all.
        result: what became of the set, with `finished`.
        cell: number of the cell that begins, and how many there are, with `cell`.
    """

    kind: Kind
    name: str
    done: int
    total: int
    result: SetResult | None = None
    cell: tuple[int, int] | None = None


Listener = Callable[[Event], None]


class _Progress:
    """Collects results and tells the listener."""

    def __init__(self, wanted: Mapping[str, str | Path], listener: Listener | None) -> None:
        self.results: dict[str, SetResult] = {}
        self._wanted, self._listener = wanted, listener

    def tell(self, kind: Kind, name: str = "", cell: tuple[int, int] | None = None) -> None:
        if self._listener is not None:
            found = self.results.get(name)
            self._listener(Event(kind, name, len(self.results), len(self._wanted), found, cell))

    def started(self, name: str) -> None:
        self.tell("started", name)

    def cell(self, name: str, number: int, count: int) -> None:
        self.tell("cell", name, (number, count))

    def finished(self, result: SetResult) -> None:
        self.results[result.name] = result
        self.tell("finished", result.name)

    def summary(self, output: Path, seconds: float, *, interrupted: bool) -> Summary:
        """What became of the sets, in the order asked for; those that were not reached are left out."""
        ordered = tuple(self.results[name] for name in self._wanted if name in self.results)
        return Summary(ordered, output, seconds, len(self._wanted), interrupted)


def plan(
    sets: Iterable[str | Path] | None = None,
    output: Path | str = "reports",
    *,
    force: bool = False,
    settings: Settings | None = None,
) -> Iterator[Planned]:
    """What a build would do, and why; nothing is run.

    Args:
        sets: names or files of parameter sets; None plans for all in `params/`.
        output: folder of reports.
        force: as for `build`.
        settings: as for `build`.

    Returns:
        One for each set, as they are found.

    Raises:
        ValueError: two different sets have the same name.
    """
    planner = Planner(Path(output), settings or Settings())
    for name, item in distinct(set_names() if sets is None else sets).items():
        yield planner.of(name, item, force=force)


def build(
    sets: Iterable[str | Path] | None = None,
    output: Path | str = "reports",
    *,
    jobs: int | None = None,
    force: bool = False,
    settings: Settings | None = None,
    on_event: Listener | None = None,
) -> Summary:
    """Build one report for each set, and the index of all.

    A report is written to a new folder and moved into place when it is whole, so that what was built before
    stays until then. Sets whose inputs have not changed are skipped. Ctrl-C ends what runs and keeps what is done.

    Args:
        sets: names or files of parameter sets; None builds all in `params/`.
        output: folder of reports.
        jobs: reports to build at the same time; None takes the number of cores.
        force: build also what is up to date.
        settings: number of draws, limits of time and memory, kind of kernel.
        on_event: called with every event, in this process.

    Returns:
        What became of each set; `ok` is False if any failed.

    Raises:
        BuildBusyError: another build is writing into the same folder.
        ValueError: two different sets have the same name.
        OSError: the folder cannot be written.
    """
    clock, output, interrupted = time.perf_counter(), Path(output), False
    wanted = distinct(set_names() if sets is None else sets)
    workers = jobs or cores()
    progress = _Progress(wanted, on_event)
    with folders.locked(output):
        folders.recover(output)
        progress.tell("planned")
        planner = Planner(output, _limited(settings or Settings(), workers), holds=True)
        try:
            _run([planner.of(name, item, force=force) for name, item in wanted.items()], workers, progress)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            folders.recover(output)
        summary = progress.summary(output, time.perf_counter() - clock, interrupted=interrupted)
        _index(output, summary, planner.code)
    progress.tell("indexed")
    return replace(summary, seconds=time.perf_counter() - clock)


def _limited(settings: Settings, workers: int) -> Settings:
    """Settings under which no kernel can take the memory of the others."""
    found = memory()
    return settings if settings.memory or not found else replace(settings, memory=found // workers)


def _run(planned: list[Planned], workers: int, progress: _Progress) -> None:
    for item in planned:
        if item.status == "current":
            progress.finished(SetResult(item.name, "current"))
        elif item.status == "invalid":
            progress.finished(SetResult(item.name, "failed", error="\n".join(item.reasons)))
    jobs = [item.job for item in planned if item.job is not None]
    if jobs:
        from costmodel.reporting import pool  # here, since it is slow to load, and nothing may be stale

        pool.run(jobs, workers, progress)


def _index(output: Path, summary: Summary, code: Mapping[str, str]) -> None:
    from costmodel.reporting.fingerprint import is_current, of

    made_from = of(output, summary, code)
    if not is_current(output, made_from):
        from costmodel.reporting.index import write_index

        write_index(output, summary, made_from)
