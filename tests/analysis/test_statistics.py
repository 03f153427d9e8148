"""Percentiles, moments and their errors from two passes: those of numpy on all draws at once."""

import numpy as np
import pytest

from costmodel.analysis import streaming
from costmodel.analysis.statistics import PERCENTILES, NotFiniteError
from costmodel.analysis.streaming import PILOT, summaries, summaries_of, summary
from costmodel.kernels import LANES
from costmodel.kernels.plain import CHUNK

SIZES = (1, 2, 15, 16, 17, 1023, 1025, 8192, 8193, 20_000)


def outlier(random, size):
    """Beyond all that the pilot has seen, on both sides."""
    x = random.normal(size=size)
    x[PILOT:] *= 1e12
    return x


COLUMNS = {
    "constant": lambda random, size: np.full(size, 0.1),
    "two values": lambda random, size: np.where(random.random(size) < 0.3, -1.5, 7.0),
    "normal": lambda random, size: random.normal(size=size),
    "negative": lambda random, size: -5.0 - random.random(size),
    "far from zero": lambda random, size: 1e9 + random.random(size),
    "heavy tail": lambda random, size: random.lognormal(0.0, 3.0, size),
    "cauchy": lambda random, size: random.standard_cauchy(size),
    "atom at an end": lambda random, size: np.maximum(random.normal(size=size), 0.0),
    "atom inside": lambda random, size: np.where(random.random(size) < 0.4, 0.25, random.random(size)),
    "rounded": lambda random, size: np.round(random.normal(size=size), 1),
    "outliers after the pilot": outlier,
    "one outlier": lambda random, size: np.append(random.random(size - 1), 1e15),
    "constant in the pilot": lambda random, size: np.where(np.arange(size) < PILOT, 3.0, random.normal(size=size)),
    "tiny": lambda random, size: random.random(size) * 5e-324 * 10,
    "trend": lambda random, size: np.arange(size, dtype=float),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_percentiles_are_numpys(kind):
    for size in SIZES:
        x = COLUMNS[kind](np.random.default_rng(size), size)
        found = summary(x)
        for name, probability in PERCENTILES.items():
            assert found[name].value == np.quantile(x, probability), (size, name)


@pytest.mark.parametrize("kind", COLUMNS)
def test_moments_are_numpys(kind):
    for size in SIZES:
        x = COLUMNS[kind](np.random.default_rng(size), size)
        found, largest = summary(x), np.abs(x - x.mean()).max()
        assert found["mean"].value == pytest.approx(x.mean(), rel=1e-13, abs=1e-13 * largest)
        assert found["sd"].value == pytest.approx(x.std(), rel=1e-9, abs=1e-15 + 1e-15 * np.abs(x).max())


def lane_errors(x, statistic):
    parts = [statistic(x[lane::LANES]) for lane in range(LANES)]
    return np.std(parts, ddof=1) / np.sqrt(LANES)


CONTINUOUS = ("normal", "negative", "far from zero", "cauchy", "lognormal")


@pytest.mark.parametrize("size", [32, 512, 4096, 8192, 8193, 40_000])
@pytest.mark.parametrize("kind", CONTINUOUS)
def test_errors_are_the_disagreement_of_the_sequences(kind, size):
    random = np.random.default_rng(size)
    x = random.lognormal(size=size) if kind == "lognormal" else COLUMNS[kind](random, size)
    found = summary(x)
    assert found["mean"].error == pytest.approx(lane_errors(x, np.mean), rel=1e-5)
    assert found["sd"].error == pytest.approx(lane_errors(x, np.std), rel=1e-4)
    for name, probability in PERCENTILES.items():
        wanted = lane_errors(x, lambda part, p=probability: np.quantile(part, p))
        # To the digit while all draws are at hand, from straight lines within bins for more.
        assert found[name].error == pytest.approx(wanted, rel=1e-8 if size <= PILOT else 0.1), name


@pytest.mark.parametrize("kind", ["heavy tail", "atom inside", "rounded", "two values"])
def test_errors_of_few_draws_are_exact_whatever_the_law(kind):
    x = COLUMNS[kind](np.random.default_rng(4), 4096)
    found = summary(x)
    for name, probability in PERCENTILES.items():
        wanted = lane_errors(x, lambda part, p=probability: np.quantile(part, p))
        assert found[name].error == pytest.approx(wanted, rel=1e-9, abs=1e-15), name


def test_a_few_huge_draws_do_not_make_the_bins_coarse():
    """Bins from the lowest to the highest draw would all but one be empty, and errors of percentiles anything."""
    x = np.random.default_rng(0).normal(size=20_000)
    honest = summary(x)
    x[100] = 1e9
    found = summary(x)
    for name in PERCENTILES:
        assert found[name].error == pytest.approx(honest[name].error, rel=0.1)


def test_a_constant_has_no_error():
    for size in (32, 8192, 20_000):
        found = summary(np.full(size, 0.1))
        assert all(item.error == pytest.approx(0, abs=1e-16) for item in found.values())


@pytest.mark.slow
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 9000, 9999])
@pytest.mark.parametrize("name", ["plain", "compiled"])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_what_is_no_finite_number_is_told(bad, place, name, monkeypatch):
    if name == "compiled":
        pytest.importorskip("numba")
    module = pytest.importorskip(f"costmodel.kernels.{name}")
    monkeypatch.setattr(streaming.kernels, "_current", module)
    x = np.random.default_rng(0).normal(size=(2, 10_000))
    x[1, place] = bad
    with pytest.raises(NotFiniteError) as caught:
        summaries(lambda part: iter([x[:, part.start : part.stop].copy()]), x[:, :PILOT], 10_000)
    assert caught.value.column == 1


# -- blocks, stretches, workers ---------------------------------------------------------------------------------------


def test_neither_blocks_nor_workers_change_a_digit(monkeypatch):
    # So few draws to a stretch that every worker has several.
    monkeypatch.setattr(streaming, "STRETCH", 4 * CHUNK)
    x = np.random.default_rng(5).lognormal(size=(2, 50_001))
    x[1] = np.round(x[1], 1)
    seen = []
    for workers in (1, 2, 3, 7):
        for block in (CHUNK, 2 * CHUNK, 4 * CHUNK):

            def blocks(part, block=block):
                for start in part[::block]:
                    yield x[:, start : min(start + block, part.stop)].copy()

            found, tallied = summaries(blocks, x[:, :PILOT], 50_001, lambda part: (part[0] > 1).sum(), workers)
            seen.append((found, int(tallied)))
    assert all(item == seen[0] for item in seen)
    assert seen[0][1] == (x[0] > 1).sum()
    for column, found in zip(x, seen[0][0], strict=True):
        for name, probability in PERCENTILES.items():
            assert found[name].value == np.quantile(column, probability)


@pytest.mark.parametrize("count", [1, 1024, 65_536, 65_537, 200_000, 1_000_000])
@pytest.mark.parametrize("workers", [1, 2, 3, 64])
def test_shares_are_whole_stretches_in_order(count, workers):
    found = streaming.shares(count, workers)
    assert [i for part in found for i in (part.start, part.stop)][1:-1:2] == [part.start for part in found[1:]]
    assert (found[0].start, found[-1].stop) == (0, count)
    assert all(part.start % streaming.STRETCH == 0 and len(part) > 0 for part in found)
    assert len(found) <= workers


@pytest.mark.parametrize("size", [1, LANES, 100, PILOT])
def test_columns_at_hand_are_summed_up_together_as_each_by_itself_and_as_in_bins(size):
    columns = np.random.default_rng(3).lognormal(size=(5, size))
    columns[1] = np.round(columns[1])
    together = summaries_of(list(columns))
    assert together == [summary(column) for column in columns]
    binned = streaming.Columns(columns, size)
    marked = np.ones((5, binned.counts.shape[2]), dtype=np.bool_)
    kept = streaming.Kept(binned, marked)
    kept.add(binned.scan(columns, marked), size)
    binned.close()
    wanted, binned._whole = binned._whole, None
    percentiles = binned._percentiles(kept.within(binned.marked()))
    binned._whole = wanted
    assert np.array_equal(binned._percentiles(()), percentiles)
