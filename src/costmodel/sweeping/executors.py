"""Who computes the blocks: this process, several on this machine, or workers of a dask cluster."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import wait as wait_for

from costmodel.sweeping import work as workers
from costmodel.sweeping.work import Block, Done, Work

#: How often a block may be running when its worker is lost, before it is held to be the cause.
TRIES = 3
# Blocks for each worker that are under way or wait for it: a worker never waits for this process to write.
_AHEAD = 2


class SweepError(RuntimeError):
    """A sweep that cannot go on; what is done is kept."""


@dataclass(frozen=True)
class Where:
    """Where blocks are computed.

    Attributes:
        workers: processes on this machine.
        scheduler: address of a dask scheduler, such as `tcp://host:8786`; None for this machine.
    """

    workers: int = 1
    scheduler: str | None = None

    @property
    def kind(self) -> str:
        """Which of `EXECUTORS` it takes."""
        if self.scheduler is not None:
            return "dask"
        return "processes" if self.workers > 1 else "in-process"


def in_process(_: str, work: Work, blocks: Iterable[Block], __: Where) -> Iterator[Done]:
    """One block after the other, here."""
    worker = workers.Worker(work)
    for block in blocks:
        yield worker.done(block)


def processes(name: str, work: Work, blocks: Iterable[Block], where: Where) -> Iterator[Done]:
    """Several processes on this machine; those that are killed are replaced."""
    waiting, lost = iter(blocks), dict[Block, int]()
    again: list[Block] = []
    while True:
        # What was running when a process was killed comes first.
        source = _chained(again, waiting)
        running: dict[Future[Done], Block] = {}
        again = []
        try:
            yield from _pooled(name, work, source, where, running)
        except BrokenProcessPool:
            again = list(running.values())
            for block in again:
                lost[block] = lost.get(block, 0) + 1
                if lost[block] >= TRIES:
                    raise SweepError(killer(work, block)) from None
            continue
        return


def killer(work: Work, block: Block) -> str:
    """What is said of a block that its workers do not survive."""
    return (
        f"block {block.number:,} of {work.sets[block.index].name} (cells at places {block.start:,} to "
        f"{block.stop - 1:,}) was running each time that a worker was killed, and has been tried often enough; out of "
        "memory? Fewer draws, fewer workers or smaller blocks take less of it"
    )


def _chained(first: list[Block], then: Iterator[Block]) -> Iterator[Block]:
    while first:
        yield first.pop(0)
    yield from then


def _pooled(
    name: str, work: Work, blocks: Iterator[Block], where: Where, running: dict[Future[Done], Block]
) -> Iterator[Done]:
    """Run blocks until there are no more or the pool breaks; `running` then has those that were lost."""
    # Fresh processes: a fork would share this one's threads.
    pool = ProcessPoolExecutor(where.workers, multiprocessing.get_context("spawn"), _start, (name, work))
    try:
        while True:
            for block in islice(blocks, max(0, where.workers * _AHEAD - len(running))):
                _submitted(pool, name, block, running)
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                done = future.result()
                del running[future]
                yield done
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, name: str, block: Block, running: dict[Future[Done], Block]) -> None:
    try:
        running[pool.submit(workers.done, name, block)] = block
    except BrokenProcessPool:
        # It broke before it took the block, which is one of those to be run again.
        running[Future()] = block
        raise


def _start(name: str, work: Work) -> None:
    """Make a fresh process a worker: it has the work, leaves Ctrl-C to its parent, and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    workers.give(name, work)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait_for([parent.sentinel])
    os._exit(1)


def on_cluster(name: str, work: Work, blocks: Iterable[Block], where: Where) -> Iterator[Done]:
    """Workers of a dask cluster."""
    try:
        from costmodel.sweeping.cluster import clustered
    except ImportError:
        message = "a scheduler needs the package distributed; install costmodel with the extra `cluster`"
        raise SweepError(message) from None
    assert where.scheduler is not None
    return clustered(name, work, blocks, where.scheduler, _AHEAD)


#: A way to compute blocks: takes the work, its name, the blocks and where; gives results in any order.
Executor = Callable[[str, Work, Iterable[Block], Where], Iterator[Done]]
EXECUTORS: Mapping[str, Executor] = {"in-process": in_process, "processes": processes, "dask": on_cluster}
