"""Going along a path with block after block of draws, and summing up what is seen."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from costmodel import sampling
from costmodel.analysis.kept import PILOT
from costmodel.analysis.statistics import Estimate
from costmodel.analysis.streaming import summaries
from costmodel.dynamics.path import TOGETHER, Path
from costmodel.dynamics.regimes import Block

Draw = NDArray[np.float64]
Statistics = dict[str, Estimate]


def streamed(
    path: Path,
    walked: Callable[[Block, slice], Draw],
    tally: Callable[[Draw], NDArray[np.int64]],
    workers: int,
) -> tuple[list[Statistics], NDArray[np.int64]]:
    """Statistics of columns that follow from going along a path, block by block.

    Args:
        path: the path.
        walked: columns from draws of all parameters, and which of them.
        tally: whole numbers from a block, of which the sum is wanted too.
        workers: number of threads.
    """

    def blocks(part: range) -> Iterator[Draw]:
        for start in part[:: sampling.BLOCK]:
            drawn, size = path.block(start), min(sampling.BLOCK, part.stop - start)
            for first in range(0, size, TOGETHER):
                yield walked(drawn, slice(first, min(first + TOGETHER, size)))

    head = np.concatenate(list(blocks(range(min(path.draws, PILOT)))), axis=1)
    found, counts = summaries(blocks, head, path.draws, tally, workers)
    return found, np.asarray(counts)


def ends(path: Path) -> dict[str, Draw]:
    """What is followed, in every draw, in the last quarter of a path.

    Args:
        path: the path.

    Returns:
        Shape (draws,) by name, in the outcomes' units.
    """
    last = {row: name for row, (name, quarter) in enumerate(path.columns) if quarter == path.quarters[-1]}
    found = np.empty((len(last), path.draws))
    for start in range(0, path.draws, sampling.BLOCK):
        drawn, size = path.block(start), min(sampling.BLOCK, path.draws - start)
        for first in range(0, size, TOGETHER):
            part = slice(first, min(first + TOGETHER, size))
            found[:, start + part.start : start + part.stop] = path.walked(drawn, part)[list(last)]
    return dict(zip(last.values(), found, strict=True))
