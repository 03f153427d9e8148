"""What tests of sweeps share: grids in a folder of their own."""

import pytest

from costmodel.sweeping.executors import Where
from costmodel.sweeping.grid import read_grid
from costmodel.sweeping.run import sweep
from sweeps import GRID


@pytest.fixture
def grid(tmp_path, small_sets):
    """Read a grid from its text."""

    def made(text=GRID):
        file = tmp_path / "grid.yaml"
        file.write_text(text, encoding="utf-8")
        return read_grid(file)

    return made


@pytest.fixture
def swept(grid, tmp_path):
    """Run a sweep; gives its folder."""

    def run(text=GRID, name="swept", where=None, block=5, **options):
        folder = tmp_path / name
        found = sweep(grid(text), folder, where or Where(), block=block, **options)
        assert found.complete
        return folder

    return run
