"""Blocks on the workers of a dask cluster. Workers need this package installed, and nothing else: no shared disk."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any

from distributed import Client, Future, KilledWorker, WorkerPlugin, as_completed
from distributed.client import FutureCancelledError
from distributed.comm.core import CommClosedError

from costmodel.errors import ParameterError
from costmodel.sweeping import work as workers
from costmodel.sweeping.executors import SweepError, killer
from costmodel.sweeping.work import Block, Done, Work

# Seconds to wait for the scheduler, and for a first worker.
_PATIENCE = 30


class Given(WorkerPlugin):
    """Hands a worker its work when it starts: also to one that joins late, or replaces one that was killed."""

    def __init__(self, name: str, work: Work) -> None:
        self.name, self._sweep, self._work = f"costmodel-{name}", name, work

    def setup(self, worker: Any) -> None:  # noqa: ARG002
        workers.give(self._sweep, self._work)

    def teardown(self, worker: Any) -> None:  # noqa: ARG002
        workers.take_back(self._sweep)


def clustered(name: str, work: Work, blocks: Iterable[Block], address: str, ahead: int) -> Iterator[Done]:
    """Results in the order in which they come.

    Args:
        name: name of the work.
        work: what each worker is given once.
        blocks: what is to be computed.
        address: address of the scheduler.
        ahead: blocks for each thread of a worker that are under way or wait for it.

    Raises:
        SweepError: no scheduler, no worker, workers of another version, a block that kills its workers.
    """
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise SweepError(f"no scheduler answers at {address}: {error}") from None
    plugin = Given(name, work)
    with _quiet():
        try:
            _ready(client, plugin)
            yield from _computed(client, name, work, iter(blocks), ahead)
        except (CommClosedError, FutureCancelledError, TimeoutError) as error:
            reason = str(error).partition("\n")[0]
            raise SweepError(f"the scheduler at {address} was lost: {reason}") from None
        finally:
            _closed(client, plugin)


@contextmanager
def _quiet() -> Iterator[None]:
    """The client logs a lost scheduler with tracebacks; it is told in one line here."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _ready(client: Any, plugin: Given) -> None:
    """Wait for a worker, and see that all would compute the same numbers as this process."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        raise SweepError(f"the scheduler has no worker after {_PATIENCE} s; start some by `dask worker`") from None
    own = versions()
    for worker, found in client.run(versions, on_error="return").items():
        if found != own:
            told = found if isinstance(found, dict) else "none that can be imported"
            raise SweepError(f"worker {worker} has other packages than this process: {told} instead of {own}")
    client.register_plugin(plugin)


def versions() -> dict[str, str]:
    """Versions of what numbers come from."""
    from importlib.metadata import version

    import costmodel

    return {"costmodel": costmodel.__version__} | {name: version(name) for name in ("numpy", "scipy")}


def _computed(client: Any, name: str, work: Work, blocks: Iterator[Block], ahead: int) -> Iterator[Done]:
    running: dict[Future[Done], Block] = {}
    arrived: Any = as_completed(loop=client.loop)  # type: ignore[no-untyped-call]

    def submit() -> None:
        wanted = max(1, ahead * sum(client.nthreads().values())) - len(running)
        for block in islice(blocks, max(0, wanted)):
            key = f"costmodel-{name}-{block.index}-{block.number}"
            running[future := client.submit(workers.done, name, block, key=key, pure=False)] = block
            arrived.add(future)

    submit()
    for future in arrived:
        block = running.pop(future)
        try:
            done: Done = future.result()
        except KilledWorker:
            raise SweepError(killer(work, block)) from None
        except ParameterError:
            raise
        future.release()
        submit()
        yield done


def _closed(client: Any, plugin: Given) -> None:
    """Leave the cluster as it was, if it is still there."""
    # Whatever is the matter with a cluster that is left: the results are kept. A client that has lost its scheduler
    # would wait for it.
    with suppress(Exception):
        if client.status == "running":
            client.unregister_worker_plugin(plugin.name)
    with suppress(Exception):
        client.close(timeout=1)
