"""Cells from their numbers: each exactly once, whatever the blocks."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from costmodel.sampling import points_at
from costmodel.sweeping.design import CELLS, Design, Ranged


@st.composite
def grids(draw):
    counts = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    order = draw(st.permutations(range(len(counts))))
    return Design("grid", tuple(counts), tuple(order), math.prod(counts))


@given(grids(), st.integers(1, 40))
def test_a_grid_has_every_cell_once_under_its_number(design, size):
    numbers, cells = [], []
    for start in range(0, design.cells, size):
        levels = design.levels(start, min(start + size, design.cells))
        numbers += design.numbers(levels, start).tolist()
        cells += list(zip(*(level.tolist() for level in levels), strict=True))
    assert sorted(numbers) == list(range(design.cells))
    every = list(product(*(range(count) for count in design.counts)))
    assert [cells[numbers.index(number)] for number in range(design.cells)] == every


@given(grids(), st.integers(1, 200))
def test_inner_parameters_change_fastest_and_blocks_end_with_them(design, wanted):
    size = design.block_size(wanted)
    assert 1 <= size <= min(wanted, design.cells)
    outer = np.stack([design.levels(0, design.cells)[axis] for axis in design.order], axis=1).tolist()
    assert outer == sorted(outer)
    # As many of the innermost parameters as fit are gone through whole.
    inner = math.prod(design.counts[axis] for axis in design.order[1:])
    if inner <= wanted:
        assert size % inner == 0


def test_a_zip_takes_values_together():
    levels = Design("zip", (4, 4), (0, 1), CELLS["zip"]((4, 4), 0)).levels(1, 3)
    assert [level.tolist() for level in levels] == [[1, 2], [1, 2]]


@given(st.integers(1, 300), st.integers(1, 50), st.integers(0, 5))
def test_sobol_points_are_the_same_in_any_blocks(count, size, seed):
    design = Design("sobol", (0, 3), (0, 1), count, seed)
    whole = design.levels(0, count)
    parts = [design.levels(start, min(start + size, count)) for start in range(0, count, size)]
    for axis in range(2):
        assert np.array_equal(np.concatenate([part[axis] for part in parts]), whole[axis])
    assert 0 < whole[0].min() <= whole[0].max() < 1
    assert set(whole[1].tolist()) <= {0, 1, 2}


def test_sobol_points_are_even():
    """Each dimension hits each of 1,024 equal parts once, and the points are as even as SciPy's."""
    points = points_at(np.arange(1024), 5, seed=3, count=1024)
    assert np.array_equal(np.sort(points * 1024 // 1, axis=0), np.arange(1024.0)[:, None] * np.ones(5))
    theirs = qmc.Sobol(5, rng=1).random(1024)
    assert qmc.discrepancy(points) < 2 * qmc.discrepancy(theirs)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_ends_of_a_range_are_what_was_stated(scale):
    numbers = Ranged(0.1, 0.7, scale).at(np.arange(8), 8)
    assert (numbers[0], numbers[-1]) == (0.1, 0.7)
    steps = np.diff(numbers) if scale == "linear" else numbers[1:] / numbers[:-1]
    assert steps == pytest.approx(steps[0])
