"""Sweeps for tests: a grid with every kind of value, and what is in a dataset."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from costmodel.sweeping import work

ORIGINAL = work.done

#: Every kind of value, in several blocks of two sets.
GRID = """\
sets: [baseline, child]
parameters:
  channels.gray.price_markup: [0.3, 60 %]
  finance.price_decline: {from: 0.2, to: 0.3, points: 3}
  channels.licensed.available: [true, false]
  workloads.training.share: {from: 0.2, to: 0.8, points: 4, scale: log}
outcomes: [lowest_premium.mix, cost.training.gray]
cheapest: [mix]
draws: 64
"""


def content(folder):
    """All files of a dataset by name, byte by byte."""
    files = [path for path in Path(folder).rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def blocks(folder):
    """Files of finished blocks."""
    return sorted(Path(folder).glob("cells/*/block-*.parquet"))


def command(*words, **options):
    """A `costmodel` command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-m", "costmodel", *map(str, words)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def dies(name, block):
    """What a block does that needs more memory than there is."""
    if block.number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return ORIGINAL(name, block)


def dies_once(name, block):
    """A worker that is killed for a reason of its own."""
    mark = Path(os.environ["COSTMODEL_TEST_MARK"])
    if block.number == int(os.environ["COSTMODEL_TEST_BLOCK"]) and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return ORIGINAL(name, block)
