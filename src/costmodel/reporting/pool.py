"""Run jobs side by side, each in a process of its own that is a fork of one in which everything is imported."""

import contextlib
import multiprocessing
import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

from costmodel.reporting.manifest import Job, SetResult
from costmodel.reporting.processes import ENVIRONMENT, can_fork
from costmodel.reporting.worker import serve

_PRELOADED = ["costmodel.reporting.preload"]
# Seconds that a report's process gets to stop its kernel and remove its scratch folders.
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


def run(plan: list[Job], workers: int, listener: Listener) -> None:
    """Run all jobs.

    A process that is killed from outside (by the system, where memory is short) may have been the victim of another:
    its job runs a second time, alone, when all others are done.

    Args:
        plan: the jobs.
        workers: how many to run at a time.
        listener: told of what happens.
    """
    again = _round(deque(plan), workers, listener)
    for job in again:
        if _round(deque([job]), 1, listener):
            listener.finished(SetResult(job.name, "failed", error=_KILLED))


def _round(queue: deque[Job], workers: int, listener: Listener) -> list[Job]:
    """Run jobs; return those whose process was killed."""
    running: list[_Running] = []
    killed: list[Job] = []
    try:
        while queue or running:
            while queue and len(running) < workers:
                running.append(_start(queue[0]))
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
                one.process.join()
                listener.finished(said)
                return True, said
            listener.cell(one.job.name, *said)
    except (EOFError, OSError):
        one.process.join(_GRACE)
    return not one.process.is_alive(), None


def _start(job: Job) -> _Running:
    context = _context(job)
    ours, theirs = context.Pipe(duplex=False)
    # A fork of the server has the server's environment and folder, which may not be those of today.
    process = context.Process(target=serve, args=(job, theirs, dict(os.environ), os.getcwd()), name=job.name)
    with _environment():
        process.start()
    theirs.close()
    return _Running(job, process, ours)


def _context(job: Job) -> Any:
    """How processes are started: as forks of a server that has everything imported; else afresh.

    This process is not forked itself: it may have threads, and locks that they hold.
    """
    if not (job.fork and can_fork()):
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


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


def _stop(running: list[_Running]) -> None:
    """End what still runs: asked first, so that kernels stop and scratch folders go; then made to."""
    for one in running:
        one.process.terminate()
    for one in running:
        one.process.join(_GRACE)
        one.process.kill()
