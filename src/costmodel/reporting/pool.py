"""Run jobs side by side, each in a process of its own that is a fork of one in which everything is imported."""

import contextlib
import itertools
import multiprocessing
import os
import tempfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, Protocol

from costmodel.reporting.manifest import Job, SetResult
from costmodel.reporting.processes import ENVIRONMENT, can_fork
from costmodel.reporting.worker import serve

_PRELOADED, _REHEARSED = ["costmodel.reporting.preload"], ["costmodel.reporting.rehearsal"]
# From so many reports on a rehearsal saves more than it takes.
_SEVERAL = 4
# Seconds that a process that was told to end gets to do so.
_GRACE = 5.0
_KILLED = "its process was killed, twice (out of memory?)"


class Listener(Protocol):
    """Whom a pool tells of its jobs."""

    def started(self, name: str) -> None:
        """A job has begun."""

    def cell(self, name: str, number: int, count: int) -> None:
        """A cell begins in it: its number, and how many there are."""

    def finished(self, result: SetResult) -> None:
        """What became of a job."""


@dataclass(frozen=True)
class _Running:
    job: Job
    process: Any
    pipe: Connection


class _Starter:
    """Starts a process for each job, with a scratch folder of its own."""

    def __init__(self, plan: list[Job], scratch: Path) -> None:
        self._context, self._scratch, self._count = _context(plan), scratch, itertools.count()

    def __call__(self, job: Job) -> _Running:
        # Numbers, since the path of a socket must be short.
        scratch = self._scratch / str(next(self._count))
        scratch.mkdir()
        ours, theirs = self._context.Pipe(duplex=False)
        # A fork of the server has the server's environment and folder, which may not be those of today.
        arguments = (job, scratch, theirs, dict(os.environ), Path.cwd())
        process = self._context.Process(target=serve, args=arguments, name=job.name)  # type: ignore[attr-defined]
        with _environment():
            process.start()
        theirs.close()
        return _Running(job, process, ours)


def _context(plan: list[Job]) -> BaseContext:
    """How processes are started: as forks of a server that has everything imported; else afresh.

    This process is not forked itself: it may have threads, and locks that they hold.
    """
    if not (can_fork() and all(job.fork for job in plan)):
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED + (_REHEARSED if len(plan) >= _SEVERAL else []))
    return context


def run(plan: list[Job], workers: int, listener: Listener) -> None:
    """Run all jobs.

    A process that is killed from outside (by the system, where memory is short) may have been the victim of another:
    its job runs a second time, alone, when all others are done.

    Args:
        plan: the jobs.
        workers: how many to run at a time.
        listener: told of what happens.
    """
    with tempfile.TemporaryDirectory(prefix="costmodel-", ignore_cleanup_errors=True) as scratch:
        start = _Starter(plan, Path(scratch))
        for job in _round(start, deque(plan), workers, listener):
            if _round(start, deque([job]), 1, listener):
                listener.finished(SetResult(job.name, "failed", error=_KILLED))


def _round(start: _Starter, queue: deque[Job], workers: int, listener: Listener) -> list[Job]:
    """Run jobs; return those whose process was killed."""
    running: list[_Running] = []
    killed: list[Job] = []
    try:
        while queue or running:
            while queue and len(running) < workers:
                running.append(start(queue[0]))
                listener.started(queue.popleft().name)
            ready = wait([source for one in running for source in (one.pipe, one.process.sentinel)])
            for one in list(running):
                if one.pipe in ready or one.process.sentinel in ready:
                    ended, result = _heard(one, listener)
                    if ended:
                        running.remove(one)
                        killed += [] if result else [one.job]
    finally:
        _stop(running)
    return killed


def _heard(one: _Running, listener: Listener) -> tuple[bool, SetResult | None]:
    """Take what a job says; whether it has ended, and its result."""
    try:
        while one.pipe.poll():
            said = one.pipe.recv()
            if isinstance(said, SetResult):
                # All is said and done: a process that cannot find its end does not hold up the build.
                _stop([one], _GRACE)
                listener.finished(said)
                return True, said
            listener.cell(one.job.name, *said)
    except (EOFError, OSError):
        one.process.join(_GRACE)
    return not one.process.is_alive(), None


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """The environment in which the fork server starts, for it must be there before anything is imported."""
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _stop(running: list[_Running], patience: float = 0.0) -> None:
    """End what still runs after some seconds; kernels end with the processes that started them."""
    for one in running:
        one.process.join(patience)
        one.process.kill()
    for one in running:
        one.process.join(_GRACE)
        one.pipe.close()
