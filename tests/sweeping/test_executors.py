"""The same bytes from one process, several, and a real dask cluster, one of whose workers is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest

from costmodel.sweeping import executors
from costmodel.sweeping.executors import SweepError, Where
from costmodel.sweeping.run import sweep
from sweeps import GRID, blocks, command, content, dies, dies_once

pytestmark = pytest.mark.slow

LONG = GRID.replace("points: 3", "points: 12").replace("points: 4", "points: 12").replace("draws: 64", "draws: 512")


def start(*words):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "1"
    return subprocess.Popen(
        [sys.executable, "-m", *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def worker(address, *, nanny=False):
    """A worker process of its own; without a nanny that would replace it."""
    options = ("--nthreads", "1", "--no-dashboard", "--memory-limit", "0", "--nanny" if nanny else "--no-nanny")
    return start("distributed.cli.dask_worker", address, *options)


@pytest.fixture
def scheduler_process(tmp_path):
    """A scheduler, which is a process of its own, and its address."""
    file = tmp_path / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    with stopped(start("distributed.cli.dask_scheduler", *options)) as process:
        yield process, wait_for(lambda: file.is_file() and address_in(file))


@pytest.fixture
def scheduler(scheduler_process):
    """Address of a scheduler."""
    return scheduler_process[1]


@pytest.fixture
def cluster(scheduler):
    """A scheduler with two workers, each a process; gives its address and the workers."""
    with stopped(worker(scheduler)) as first, stopped(worker(scheduler)) as second:
        yield scheduler, [first, second]


def address_in(file):
    with suppress(ValueError):
        return json.loads(file.read_text())["address"]
    return None


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return found


@contextmanager
def stopped(process):
    try:
        yield process
    finally:
        # A nanny ends its worker when it is asked to end.
        process.terminate()
        process.wait()


def begun(address, grid, folder, least):
    """A sweep on a cluster of which so many blocks are done; gives the process and its command."""
    grid(LONG)
    words = ("sweep", folder.parent / "grid.yaml", "--block", 6, "--output", folder, "--scheduler", address)
    running = command(*words)
    wait_for(lambda: len(blocks(folder)) >= least or running.poll() is not None)
    return running, words


def finished(running, words):
    """Wait for a sweep. On a busy machine dask may blame a block for workers that were killed beside it, and end with
    that message: then the same command must go on, as it says."""
    for _ in range(3):
        _, err = running.communicate(timeout=120)
        if running.returncode == 0:
            return
        assert running.returncode == 1, err
        assert "the same command goes on" in err
        running = command(*words)
    raise AssertionError(err)


def test_several_processes_give_the_same_bytes(swept):
    assert content(swept(where=Where(workers=2), name="two")) == content(swept())


def test_a_cluster_gives_the_same_bytes_also_when_a_worker_is_killed(cluster, swept, grid, tmp_path):
    address, workers = cluster
    folder = tmp_path / "cluster"
    running, words = begun(address, grid, folder, 10)
    assert running.poll() is None
    workers[0].send_signal(signal.SIGKILL)
    before = len(blocks(folder))
    finished(running, words)
    assert 10 <= before < len(blocks(folder)) == 2 * 12 * 12 * 4 / 6
    assert workers[1].poll() is None
    found = content(folder)
    del found["summary.md"]
    assert found == content(swept(LONG, block=6))


def test_a_worker_that_joins_late_is_given_the_work(cluster, swept, grid, tmp_path):
    address, workers = cluster
    folder = tmp_path / "cluster"
    running, words = begun(address, grid, folder, 5)
    with stopped(worker(address)):
        time.sleep(1)
        for process in workers:
            process.send_signal(signal.SIGKILL)
        finished(running, words)
    found = content(folder)
    del found["summary.md"]
    assert found == content(swept(LONG, block=6))


def test_a_scheduler_that_is_killed(scheduler_process, cluster, grid, tmp_path, monkeypatch):
    """The client gives up, says so, and what is done is kept."""
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    running, _ = begun(cluster[0], grid, tmp_path / "cluster", 5)
    scheduler_process[0].send_signal(signal.SIGKILL)
    _, err = running.communicate(timeout=120)
    assert running.returncode == 1, err
    assert f"the scheduler at {cluster[0]} was lost" in err
    assert "the same command goes on" in err
    assert "Traceback" not in err


def test_without_the_package_distributed(grid, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "costmodel.sweeping.cluster", None)
    with pytest.raises(SweepError, match="install costmodel with the extra `cluster`"):
        sweep(grid(), tmp_path / "out", Where(scheduler="tcp://127.0.0.1:1"))


def test_a_scheduler_that_does_not_answer(grid, tmp_path, command_line, monkeypatch):
    from costmodel.sweeping import cluster as module

    monkeypatch.setattr(module, "_PATIENCE", 0.2)
    grid()
    folder = tmp_path / "out"
    code, out, err = command_line(
        "sweep", tmp_path / "grid.yaml", "--scheduler", "tcp://127.0.0.1:9", "--output", folder
    )
    assert (code, out) == (1, "")
    assert "no scheduler answers at tcp://127.0.0.1:9" in err
    assert "the same command goes on" in err
    assert command_line("sweep", tmp_path / "grid.yaml", "--scheduler", "nonsense://x", "--output", folder)[0] == 1


def test_a_block_that_kills_its_process_again_and_again_fails_with_a_message(grid, tmp_path, monkeypatch):
    monkeypatch.setattr(executors.workers, "done", dies)
    with pytest.raises(SweepError, match=r"block 2 of .* was running, or next, each time that a worker was killed"):
        sweep(grid(), tmp_path / "out", Where(workers=2), block=5)
    assert len(blocks(tmp_path / "out")) >= 1


@pytest.mark.parametrize("number", [0, 2, 11])
def test_a_process_that_is_killed_once_is_replaced(grid, swept, tmp_path, monkeypatch, number):
    """Also when it has the first block, or the last."""
    monkeypatch.setenv("COSTMODEL_TEST_BLOCK", str(number))
    monkeypatch.setenv("COSTMODEL_TEST_MARK", str(tmp_path / "mark"))
    with monkeypatch.context() as patched:
        patched.setattr(executors.workers, "done", dies_once)
        assert sweep(grid(), tmp_path / "out", Where(workers=2), block=5).complete
    assert (tmp_path / "mark").exists()
    assert content(tmp_path / "out") == content(swept())


def test_a_block_that_kills_workers_of_a_cluster_fails_with_a_message(scheduler, grid, tmp_path, monkeypatch):
    with stopped(worker(scheduler, nanny=True)):
        with monkeypatch.context() as patched:
            patched.setattr(executors.workers, "done", dies)
            with pytest.raises(SweepError, match=r"block \d of baseline .* each time that a worker was killed"):
                sweep(grid(), tmp_path / "out", Where(scheduler=scheduler), block=5)
        # What went well is kept, and the cluster, whose worker was replaced, goes on with the rest.
        done = len(blocks(tmp_path / "out"))
        found = sweep(grid(), tmp_path / "out", Where(scheduler=scheduler), block=5)
        assert (found.complete, found.computed) == (True, 24 - done)
