"""The loops in numpy and the compiled ones: the same numbers, bit for bit; and when which are used."""

import inspect
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import kernels, sampling, simulate
from costmodel.distributions import distribution
from costmodel.distributions.table import normal_rows, standard_normal
from costmodel.kernels import LANES, plain

SRC = Path(__file__).parents[1] / "src"


@pytest.fixture(scope="module")
def compiled():
    pytest.importorskip("numba")
    from costmodel.kernels import compiled

    return compiled


def same(one, other):
    assert one.dtype == other.dtype
    assert one.tobytes() == other.tobytes()


def test_both_have_the_same_loops():
    wanted = {name for name, item in vars(kernels.Kernels).items() if inspect.isfunction(item) and name[0] != "_"}
    assert wanted == {
        "sobol", "invert", "draw", "normal", "correlate", "scan", "collect", "cheapest", "bin_sums"
    }  # fmt: skip


# -- points and values -------------------------------------------------------------------------------------------------


def directions(dimensions, digits, seed=0):
    return sampling._scrambled_directions(seed, 0, dimensions, digits)


@pytest.mark.parametrize(
    ("first", "points"), [(0, 1), (0, 2), (0, 512), (512, 512), (3 * 64, 64), (1023, 1), (2**19 - 256, 256)]
)
def test_sobol(compiled, first, points):
    vectors, shift = directions(5, 20)
    one, other = np.empty((2, 5, points * LANES))
    plain.sobol(first, vectors, shift, one)
    compiled.sobol(first, vectors, shift, other)
    same(one, other)


def test_sobol_points_are_scipys(compiled):
    """Without scrambling: the very sequence of SciPy, in the middle of each cell."""
    from scipy.stats import qmc

    vectors = np.repeat(sampling._directions(7, 8).T[:, :, None], LANES, axis=2)
    wanted = qmc.Sobol(7, scramble=False, bits=30).random(256)
    for loops in (plain, compiled):
        found = np.empty((7, 256 * LANES))
        loops.sobol(0, np.ascontiguousarray(vectors), np.zeros((7, LANES), np.uint32), found)
        for lane in (0, LANES - 1):
            assert np.array_equal(found[:, lane::LANES].T, wanted + 2.0**-31)


def laws():
    tables = [standard_normal(), distribution("beta", mean=0.3, sd=0.1).stretched.table]
    stacked = np.stack([table.rows for table in tables])
    which = np.array([0, -1, 1, 0, 1])
    shapes = np.array(
        [[-np.inf, np.inf, 3.0, 2.0], [0, 0, 0, 0], [0, 1, -1, 7], [-1, 0.5, 0, 1], [0, 1, 0, 1e9]], float
    )
    return stacked, which, shapes


def probabilities(size, seed=0):
    """Probabilities of all sizes, with both ends, the middle, and the ends of segments among them."""
    random = np.random.default_rng(seed)
    u = np.where(random.random((5, size)) < 0.3, 2.0 ** -(40 * random.random((5, size))), random.random((5, size)))
    special = [
        0.5,
        2.0**-31,
        1 - 2.0**-31,
        0.25,
        0.75,
        np.nextafter(0.5, 1),
        np.nextafter(0.5, 0),
        1e-300,
        1 - 2.0**-53,
    ]
    u[:, : len(special)] = special[:size]
    return np.clip(u, 5e-324, 1 - 2.0**-53)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 1000, 8192])
def test_invert(compiled, size):
    one = probabilities(size, size)
    other = one.copy()
    untouched = one[1].copy()
    plain.invert(one, *laws())
    compiled.invert(other, *laws())
    same(one, other)
    same(one[1], untouched)
    assert np.all(np.isfinite(one))
    assert one[3].min() >= -1
    assert one[3].max() <= 0.5


@pytest.mark.parametrize(("first", "points"), [(0, 1), (0, 32), (96, 32), (4096, 512)])
def test_draw(compiled, first, points):
    vectors, shift = directions(5, 13, seed=3)
    one, other, steps = np.empty((3, 5, points * LANES))
    plain.draw(first, vectors, shift, laws(), one)
    compiled.draw(first, vectors, shift, laws(), other)
    plain.sobol(first, vectors, shift, steps)
    plain.invert(steps, *laws())
    same(one, other)
    same(one, steps)


@given(size=st.integers(1, 1500), spread=st.sampled_from([1e-9, 0.5, 3.0, 20.0]))
def test_normal(compiled, size, spread):
    z = np.random.default_rng(size).normal(0, spread, size)
    z[: min(size, 6)] = [0.0, -0.0, 8.0, -8.0, 1e300, -np.inf][:size]
    one, other = np.empty(size), z.copy()
    plain.normal(z, normal_rows(), one)
    compiled.normal(other, normal_rows(), other)  # in place
    same(one, other)
    assert one.min() > 0
    assert one.max() < 1


@given(size=st.sampled_from([1, 16, 255, 256, 257, 3000]), rows=st.integers(1, 6))
def test_correlate(compiled, size, rows):
    random = np.random.default_rng(rows)
    root = np.tril(random.normal(size=(rows, rows)) * (random.random((rows, rows)) < 0.7)) + np.eye(rows)
    root /= np.linalg.norm(root, axis=1, keepdims=True)
    one = random.random((rows, size))
    other, before = one.copy(), one.copy()
    tables = (standard_normal().rows[None], normal_rows())
    plain.correlate(one, root, tables)
    compiled.correlate(other, root, tables)
    same(one, other)
    assert one[0] == pytest.approx(before[0], abs=1e-9)
    assert np.all((one > 0) & (one < 1))


# -- sums and counts ---------------------------------------------------------------------------------------------------


def column(size, kind):
    random = np.random.default_rng(size)
    if kind == "ties":
        return random.integers(0, 4, size) / 3.0
    if kind == "tails":
        return random.standard_cauchy(size) * 1e6
    if kind == "bad":
        return np.where(random.random(size) < 0.1, random.choice([np.nan, np.inf, -np.inf], size), random.random(size))
    return random.normal(2.0, 1.0, size)


GRIDS = [(0.0, 7.0, 1.5), (2.0, 0.0, 2.0), (-1e9, 1e-9, 0.0), (50.0, 1e6, -3.0)]
SIZES = st.one_of(st.sampled_from([1, 15, 16, 17, 1023, 1024, 1025, 8192]), st.integers(1, 5000))


@given(size=SIZES, kinds=st.lists(st.sampled_from(["normal", "ties", "tails", "bad"]), min_size=1, max_size=4))
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_scan_and_collect(compiled, size, kinds):
    x, bins, random = np.stack([column(size, kind) for kind in kinds]), 10, np.random.default_rng(1)
    grids, marked = np.array(GRIDS[: len(kinds)]), random.random((len(kinds), bins + 2)) < 0.5
    found = []
    for loops in (plain, compiled):
        counts = np.full((len(kinds), LANES, bins + 2), 5, dtype=np.int32)
        sums = np.full((len(kinds), 2, -(-size // plain.CHUNK), LANES), 7.0)
        sizes = np.full(len(kinds), -1)
        kept = loops.scan(x, grids, counts, sums, marked, sizes)
        found.append((counts, sums, kept, sizes))
        alone = np.full(len(kinds), -1)
        assert np.array_equal(loops.collect(x, grids, marked, alone), kept, equal_nan=True)
        assert np.array_equal(alone, sizes)
    for one, other in zip(*found, strict=True):
        if "bad" in kinds:  # the digits of what is no number differ
            assert np.array_equal(one, other, equal_nan=True)
        else:
            same(one, other)
    counts, sums, kept, sizes = found[0]
    counts = counts - 5
    lanes = [len(range(lane, size, LANES)) for lane in range(LANES)]
    assert np.array_equal(counts.sum(axis=2), [lanes] * len(kinds))
    assert np.array_equal(sizes, [own[wanted].sum() for own, wanted in zip(counts.sum(axis=1), marked, strict=True)])
    assert len(kept) == sizes.sum()
    for place, kind in enumerate(kinds):
        if kind in ("normal", "ties"):
            for lane in range(LANES):
                rest = x[place, lane::LANES] - grids[place, 2]
                assert sums[place, 0, :, lane].sum() == pytest.approx(rest.sum(), rel=1e-9, abs=1e-9)
                assert sums[place, 1, :, lane].sum() == pytest.approx((rest**2).sum(), rel=1e-9)


@given(size=st.one_of(st.sampled_from([1, 15, 255, 256, 257, 8192]), st.integers(1, 3000)), rows=st.integers(1, 9))
def test_cheapest(compiled, size, rows):
    costs = np.random.default_rng(size + rows).integers(0, 5, (rows, size)).astype(float)
    one, other = np.zeros((2, rows, rows, LANES), dtype=np.int64)
    chosen = np.arange(rows)[::-1].copy()
    among = np.concatenate([costs[::-1], np.full((1, size), -1.0)])  # a row that does not compete
    plain.cheapest(among, chosen, one)
    compiled.cheapest(among, chosen, other)
    same(one, other)
    # Those that tie share, so that the shares of each draw add up to 1.
    shares = (one / np.arange(1, rows + 1)[:, None]).sum(axis=(0, 1))
    assert shares == pytest.approx([len(range(lane, size, LANES)) for lane in range(LANES)])


# -- which are used ----------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh(monkeypatch):
    """As at the start of a process: numpy's loops, and nothing in the environment."""
    monkeypatch.setattr(kernels, "_current", plain)
    monkeypatch.delenv("COSTMODEL_COMPILED", raising=False)


def test_little_work_keeps_numpys_loops(fresh):
    assert kernels.prepare(1e6) is plain
    assert kernels.active() is plain


def test_much_work_loads_the_compiled_ones(fresh, compiled):
    assert kernels.prepare(1e9) is compiled
    assert kernels.active() is compiled
    assert kernels.prepare(1) is compiled  # once they are there


def test_the_environment_keeps_numpys_loops(fresh, monkeypatch):
    monkeypatch.setenv("COSTMODEL_COMPILED", "0")
    assert kernels.prepare(1e9) is plain


def test_without_numba_numpys_loops_do_it(fresh, monkeypatch):
    monkeypatch.setattr(kernels, "find_spec", lambda name: None)
    assert kernels.prepare(1e9) is plain


def test_a_simulation_is_the_same_with_either(small, compiled, monkeypatch):
    monkeypatch.setenv("COSTMODEL_COMPILED", "0")
    found = []
    for loops in (plain, compiled):
        monkeypatch.setattr(kernels, "_current", loops)
        for method in ("sobol", "random"):
            result = simulate(small, 9001, 5, method=method)
            found.append((result.kept.tobytes(), result.summaries, result.premiums, result.probabilities))
    assert found[:2] == found[2:]
    assert found[0] != found[1]


COMMAND = """
import sys
def slow():
    return [name for name in ("numba", "sklearn", "scipy.stats", "matplotlib", "pandas") if name in sys.modules]
import costmodel
print("import", slow(), file=sys.stderr)
from costmodel.cli import main
sys.argv = ["costmodel", "costs", "baseline"]
try:
    main()
except SystemExit as stop:
    print("costs", stop.code, slow(), file=sys.stderr)
"""


@pytest.mark.slow
def test_slow_libraries_are_not_loaded_without_need():
    environment = {**os.environ, "PYTHONPATH": str(SRC)}
    done = subprocess.run([sys.executable, "-c", COMMAND], capture_output=True, text=True, check=True, env=environment)
    assert done.stderr.splitlines() == ["import []", "costs 0 []"]


def test_numba_is_an_extra_only():
    """The compiled loops are the only ones that import it."""
    users = [
        file for file in SRC.rglob("*.py") if "import numba" in file.read_text() or "from numba" in file.read_text()
    ]
    assert [file.name for file in users] == ["compiled.py"]
    assert find_spec("costmodel.kernels.compiled") is not None
