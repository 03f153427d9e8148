"""What a sweep will take, measured on its first cells in this process."""

from dataclasses import dataclass

from costmodel.sweeping.dataset import Dataset
from costmodel.sweeping.work import Block, Done, Work, Worker

#: Cells of a block at most, so that few of them fit into memory whatever they take.
MOST_CELLS = 100_000
# Seconds of computing after which a rate is told, for all sets and for each.
_ALL, _EACH = 1.0, 0.1


@dataclass(frozen=True)
class Probe:
    """What was measured.

    Attributes:
        done: the first cells of each set.
    """

    done: tuple[Done, ...]

    @property
    def cells_per_second(self) -> tuple[float, ...]:
        """By set, without what is done once."""
        return tuple(len(done.results) / done.seconds for done in self.done)

    def size(self, data: Dataset) -> int:
        """Bytes of all files of a dataset."""
        total = 0.0
        for done, cells, size in zip(self.done, data.planned.work.sets, data.sizes, strict=True):
            count, few = len(done.results), max(len(done.results) // 2, 1)
            block = Block(done.block.index, 0, 0, few)
            small, large = data.encoded(Done(block, done.results[:few], 0.0)).size, data.encoded(done).size
            # What each cell adds, and what a file takes whatever is in it.
            each = (large - small) / (count - few) if count > few else 0.0
            blocks = -(-cells.design.cells // size)
            total += blocks * (large - each * count) + each * cells.design.cells
        return round(total)


def probe(work: Work) -> Probe:
    """Compute the first cells of each set, until the time that they take tells something."""
    worker, found = Worker(work), []
    for index, each in enumerate(work.sets):
        most = min(each.design.cells, MOST_CELLS)
        worker.done(Block(index, 0, 0, 1))
        done = worker.done(Block(index, 0, 0, min(8, most)))
        while done.seconds < max(_ALL / len(work.sets), _EACH) and done.block.stop < most:
            done = worker.done(Block(index, 0, 0, min(4 * done.block.stop, most)))
        found.append(done)
    return Probe(tuple(found))
