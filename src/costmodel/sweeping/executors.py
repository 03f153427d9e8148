"""Who computes the blocks: this process, several on this machine, or workers of a dask cluster."""

import multiprocessing
import pickle
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from costmodel.sweeping import work as workers
from costmodel.sweeping.work import Block, Done, Work

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

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
    """Several processes on this machine; one that is killed is replaced."""
    with TemporaryDirectory() as folder:
        # A file, and no pipe: to write into one takes until the process has started, one after the other.
        file = Path(folder) / "work"
        file.write_bytes(pickle.dumps(work))
        team = [_Process(name, file) for _ in range(where.workers)]
        try:
            yield from _gathered(work, _Queue(blocks), team)
        finally:
            for each in team:
                each.end()


class _Queue:
    """Blocks that are still to be handed out; those that were lost with a process come first."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.again: deque[Block] = deque()
        self._blocks = iter(blocks)

    def take(self, count: int) -> list[Block]:
        """At most so many of them."""
        found = [self.again.popleft() for _ in range(min(count, len(self.again)))]
        return found + list(islice(self._blocks, count - len(found)))


class _Process:
    """A worker process, and the blocks that it was handed, the first of which it is computing.

    Not `concurrent.futures`: there all blocks under way are lost with one process, none can be told to be the cause,
    and a process that dies while another is starting leaves its executor waiting for ever (Python 3.11).
    """

    def __init__(self, name: str, file: Path) -> None:
        self._name, self._file = name, file
        # Fresh processes: a fork would share this one's threads.
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, name, file, workers.done), daemon=True)
        self._process.start()
        theirs.close()
        self.blocks: deque[Block] = deque()

    def hand(self, queue: _Queue) -> None:
        """Hand it blocks, so that it never waits for one."""
        for block in queue.take(_AHEAD - len(self.blocks)):
            self.blocks.append(block)
            # One that has been killed is found out when its answer is read.
            with suppress(OSError):
                self.pipe.send(block)

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self.pipe.close()

    def successor(self) -> "_Process":
        """Another process in its place."""
        self.end()
        return _Process(self._name, self._file)


def _gathered(work: Work, queue: _Queue, team: list[_Process]) -> Iterator[Done]:
    """Hand out blocks, and take in what comes."""
    lost = Counter[Block]()
    while True:
        for each in team:
            each.hand(queue)
        busy = {each.pipe: each for each in team if each.blocks}
        if not busy:
            return
        for pipe in wait(list(busy)):
            each = busy[pipe]  # type: ignore[index] # only pipes were waited for
            try:
                answer = each.pipe.recv()
            except (EOFError, OSError):
                lost[each.blocks[0]] += 1
                if lost[each.blocks[0]] >= TRIES:
                    raise SweepError(killer(work, each.blocks[0])) from None
                queue.again += each.blocks
                team[team.index(each)] = each.successor()
                continue
            each.blocks.popleft()
            if isinstance(answer, Exception):
                raise answer
            yield answer


def _serve(pipe: "Connection[Any, Any]", name: str, file: Path, function: Callable[[str, Block], Done]) -> None:
    """What a worker process does: compute what comes through the pipe until its other end is gone."""
    # Ctrl-C is for the process that hands out blocks.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    workers.give(name, pickle.loads(file.read_bytes()))  # noqa: S301 - written a moment ago, by this program
    with suppress(EOFError, OSError):
        while True:
            block = pipe.recv()
            try:
                answer: Done | Exception = function(name, block)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the block was handed out
                answer = error
            pipe.send(answer)


def killer(work: Work, block: Block) -> str:
    """What is said of a block that its workers do not survive."""
    return (
        f"block {block.number:,} of {work.sets[block.index].name} (cells at places {block.start:,} to "
        f"{block.stop - 1:,}) was running, or next, each time that a worker was killed, and has been tried often "
        "enough; out of memory? Fewer draws, fewer workers or smaller blocks take less of it"
    )


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
