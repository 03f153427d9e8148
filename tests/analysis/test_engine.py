"""Simulation as a whole: no digit depends on blocks, workers or memory; errors cover; precision is reached."""

import gc
import tracemalloc

import numpy as np
import pytest
from scipy import stats

from costmodel import kernels, load, sampling, simulate
from costmodel.analysis import precision, streaming
from costmodel.analysis.named import outcome_draws, outcome_statistics
from costmodel.analysis.precision import largest_error, precise
from costmodel.analysis.recording import recorded
from costmodel.analysis.statistics import chances
from costmodel.analysis.streaming import summary
from costmodel.costs import WORKLOADS
from costmodel.kernels import LANES
from costmodel.outcomes import outcome
from costmodel.sampling import Draws


def numbers(result):
    """All that a simulation tells in numbers."""
    return result.summaries, result.premiums, result.counterfactuals, result.probabilities


EVERY = [(block, workers) for block in (1024, 2048, 8192, 16384) for workers in (1, 2, 3)]


@pytest.mark.parametrize(
    ("method", "pairs"),
    [
        ("sobol", [(2048, 3)]),
        ("random", [(16384, 2)]),
        pytest.param("sobol", EVERY, marks=pytest.mark.slow),
        pytest.param("random", EVERY, marks=pytest.mark.slow),
    ],
    ids=["sobol", "random", "sobol-every", "random-every"],
)
@pytest.mark.slow
def test_neither_blocks_nor_workers_nor_memory_change_a_digit(small, method, pairs, monkeypatch):
    # Stretches so short that three workers have some.
    monkeypatch.setattr(streaming, "STRETCH", 16 * 1024)
    draws, name = 33_001, "lowest_premium.mix"
    whole = simulate(small, draws, 4, method=method)
    wanted, outcomes = numbers(whole), outcome_draws(small, [name], draws, 4)[name].tobytes()
    for block, workers in pairs:
        monkeypatch.setattr(sampling, "BLOCK", block)
        stored = simulate(small, draws, 4, method=method, workers=workers)
        assert stored.kept.tobytes() == whole.kept.tobytes()
        assert numbers(stored) == wanted, (block, workers)
        assert numbers(simulate(small, draws, 4, method=method, workers=workers, keep=False)) == wanted, (
            block,
            workers,
        )
        assert outcome_draws(small, [name], draws, 4, workers=workers)[name].tobytes() == outcomes


@pytest.mark.slow
@pytest.mark.parametrize("method", ["sobol", "random"])
def test_real_stretches_are_shared_among_workers(small, method):
    draws = 2 * streaming.STRETCH + 1000
    alone = simulate(small, draws, 4, method=method, keep=False)
    assert numbers(simulate(small, draws, 4, method=method, workers=3, keep=False)) == numbers(alone)
    assert numbers(simulate(small, draws, 4, method=method, workers=2)) == numbers(alone)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["sobol", "random"])
@pytest.mark.parametrize("draws", [1, 5000, 8192, 20_000])
def test_fewer_draws_are_the_first_of_more(small, method, draws):
    few, more = simulate(small, draws, 1, method=method), simulate(small, 2 * draws, 1, method=method)
    assert np.array_equal(few.kept, more.kept[:, :draws])


def test_statistics_are_those_of_the_draws(small):
    result = simulate(small, 10_000, 2)
    for workload in WORKLOADS:
        for channel in small.channels:
            found = result.summaries[workload][channel]
            draws = result.totals[workload][channel]
            assert found["p95"].value == np.quantile(draws, 0.95)
            assert found["mean"].value == pytest.approx(draws.mean(), rel=1e-12)
            premium = result.premiums[workload][channel]
            assert premium["p05"].value == np.quantile(result.premium(workload, channel), 0.05)
        shares = result.cheapest(workload)
        for channel, item in result.probabilities[workload].items():
            assert item.value == pytest.approx(shares[channel].mean(), abs=1e-12)
            by_lane = [shares[channel][lane::LANES].mean() for lane in range(LANES)]
            assert item.error == pytest.approx(np.std(by_lane, ddof=1) / np.sqrt(LANES), abs=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["sobol", "random"])
@pytest.mark.parametrize("draws", [1, 2, 17, 31, 32])
def test_very_few_draws(small, method, draws):
    result = simulate(small, draws, 0, method=method, workers=2, keep=False)
    kept = simulate(small, draws, 0, method=method)
    assert numbers(result) == numbers(kept)
    for by in result.summaries.values():
        for channel, found in by.items():
            assert np.isfinite([item.value for item in found.values()]).all(), channel
            assert all((item.error is None) == (draws < 2 * LANES) for item in found.values())
    for by in result.probabilities.values():
        assert sum(item.value for item in by.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("draws", [1, 40, 9000])
def test_nothing_uncertain(small_sets, draws):
    case = load("certain")
    result = simulate(case, draws, workers=2, keep=False)
    assert numbers(result) == numbers(simulate(case, draws))
    for workload, by in result.summaries.items():
        for channel, found in by.items():
            value = simulate(case, 1).totals[workload][channel][0]
            assert found["p50"].value == found["p05"].value == value
            assert found["mean"].value == pytest.approx(value, rel=1e-15)
            assert draws < 2 * LANES or found["p50"].error == 0


def test_all_channels_closed(small_sets):
    base = load("baseline")
    changes = {f"channels.{c}.available": False for c in base.channels if c != "counterfactual"}
    result = simulate(load("baseline", changes), 100, keep=False)
    assert result.rivals == ()
    assert result.probabilities == {workload: {} for workload in WORKLOADS}
    assert result.summaries["mix"]["gray"] == simulate(base, 100, keep=False).summaries["mix"]["gray"]


# -- memory -----------------------------------------------------------------------------------------------------------


def peak(case, draws):
    # The more objects other tests have left in this process, the later the collector looks for what is lost.
    gc.collect()
    gc.freeze()
    gc.collect()
    tracemalloc.start()
    try:
        _ = simulate(case, draws, keep=False).summaries
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.unfreeze()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["baseline", "certain"])
def test_memory_does_not_grow_with_the_draws(small_sets, name):
    """With columns that are the same in all draws, too, whose bins all draws fall into."""
    kernels.prepare(1e9)  # what a library takes is no draw's memory
    case = load(name)
    _ = simulate(case, 1000, keep=False).summaries
    assert peak(case, 2_000_000) - peak(case, 100_000) < 20e6


# -- coverage ---------------------------------------------------------------------------------------------------------

RIVALS = ("licensed", "gray", "cloud", "operator", "stock")
T = stats.t.ppf(0.975, LANES - 1)


@pytest.fixture(scope="module", params=["sobol", "random"])
def runs(request):
    """Statistics of some costs and who is cheapest: the truth, and what 200 seeds estimate."""
    from conftest import TESTS

    # Without the channel that is always the cheapest.
    case = load(TESTS / "sets" / "baseline.yaml", {"channels.stock_book.available": False})
    assert set(simulate(case, 1).rivals) == set(RIVALS)
    tape = recorded(case, lambda found: [outcome(case, f"cost.mix.{c}")(found) for c in RIVALS])

    def estimates(draws, seed, method):
        source = Draws(case, draws, seed, method=method)
        costs = np.concatenate([np.stack(tape.play(source.drawn(start))) for start in source.starts()], axis=1)
        counts = np.zeros((len(RIVALS), len(RIVALS), LANES), dtype=np.int64)
        kernels.active().cheapest(costs, np.arange(len(RIVALS)), counts)
        by_channel = {c: summary(row) for c, row in zip(RIVALS, costs, strict=True)}
        return by_channel, dict(zip(RIVALS, chances(counts, draws), strict=True))

    return estimates(2**19, 10**6, "sobol"), [estimates(4096, seed, request.param) for seed in range(200)]


def covered(truth, found):
    return np.mean([abs(item.value - truth.value) <= T * item.error for item in found])


@pytest.mark.slow
@pytest.mark.parametrize("statistic", ["mean", "p05", "p25", "p50", "p75", "p95"])
def test_intervals_of_costs_hold_the_truth(runs, statistic):
    """Of 200 intervals at 95 % in 90 to 99 %; on average over channels close to it, as chance shares out there."""
    (truth, _), found = runs
    shares = [
        covered(truth[c][statistic], [costs[c][statistic] for costs, _ in found]) for c in ("gray", "cloud", "stock")
    ]
    assert all(0.9 <= share <= 0.99 for share in shares), shares


@pytest.mark.slow
def test_intervals_of_the_probability_of_being_cheapest_hold_the_truth(runs):
    (_, truth), found = runs
    contested = [c for c in RIVALS if 0.02 < truth[c].value < 0.98]
    assert len(contested) >= 2
    for channel in contested:
        assert 0.9 <= covered(truth[channel], [chance[channel] for _, chance in found]) <= 0.99, channel


# -- precision --------------------------------------------------------------------------------------------------------


def test_precision_is_reached_with_no_more_draws_than_needed(small):
    found = precise(small, 0.004)
    assert largest_error(found)[0] <= 0.004
    assert found.draws > 1024
    assert np.log2(found.draws / 1024) % 1 == 0
    assert largest_error(simulate(small, found.draws // 2, keep=False))[0] > 0.004
    assert numbers(found) == numbers(simulate(small, found.draws, keep=False))


def test_the_largest_error_is_that_of_the_named_number(small):
    result = simulate(small, 2048, keep=False)
    error, statistic, channel, workload = largest_error(result)
    item = result.summaries[workload][channel][statistic]
    assert error == item.error / item.value
    assert statistic != "sd"
    for by in result.summaries.values():
        for found in by.values():
            assert all(x.error / abs(x.value) <= error for name, x in found.items() if name != "sd")


def test_what_is_not_reached_ends_at_the_most_draws(small, monkeypatch):
    monkeypatch.setattr(precision, "MAX_DRAWS", 3000)
    found = precise(small, 1e-6)
    assert found.draws == 3000
    assert largest_error(found)[0] > 1e-6


def test_a_certain_set_is_as_precise_as_can_be(small_sets):
    assert precise(load("certain"), 1e-12).draws == 1024


@pytest.mark.parametrize("wanted", [0.0, -1.0, float("nan")])
def test_a_precision_that_cannot_be(small, wanted):
    with pytest.raises(ValueError, match="precision must be above 0"):
        precise(small, wanted)


@pytest.fixture
def run(command_line, small_sets):
    """The command line, on the small sets."""
    return command_line


def test_command_reaches_a_precision(run):
    code, out, err = run("simulate", "baseline", "--precision", "2%", "--format", "json")
    assert (code, err) == (0, "")
    assert '"draws": ' in out


def test_command_tells_of_a_precision_that_is_not_reached(run, monkeypatch):
    monkeypatch.setattr(precision, "MAX_DRAWS", 2000)
    code, out, err = run("simulate", "baseline", "--precision", "0.0001%", "--format", "json")
    assert code == 1
    assert '"draws": 2000' in out
    assert err.startswith("not reached after 2,000 draws: ")


@pytest.mark.slow
@pytest.mark.parametrize("text", ["0", "-1%", "x", "nan", "inf", "1", "100%", ""])
def test_command_refuses_a_precision_that_cannot_be(run, text):
    code, out, err = run("simulate", "baseline", "--precision", text)
    assert (code, out) == (2, "")
    assert "--precision" in err
    assert "must be a share above 0, such as 0.5% or 0.005" in err


def test_command_refuses_draws_beside_a_precision(run):
    code, _, err = run("simulate", "baseline", "--precision", "1%", "--draws", "100")
    assert code == 2
    assert "leave out --draws" in err


@pytest.mark.parametrize("workers", ["0", "-1", "x"])
def test_command_refuses_workers_that_cannot_be(run, workers):
    assert run("simulate", "baseline", "--workers", workers)[0] == 2


def test_outcomes_by_name_have_the_statistics_of_their_draws(small):
    names = ["cost.mix.gray", "premium.training.gray", "lowest.mix"]
    found = outcome_statistics(small, names, 20_000, 4)
    drawn = outcome_draws(small, names, 20_000, 4)
    assert {name: summary(draws) for name, draws in drawn.items()} == found
    assert found["cost.mix.gray"] == simulate(small, 20_000, 4, keep=False).summaries["mix"]["gray"]
    assert found == outcome_statistics(small, names, 20_000, 4, workers=2)


@pytest.mark.slow
def test_processes_give_the_same_as_threads(small):
    from joblib import parallel_config

    draws = streaming.STRETCH + 1000
    alone = simulate(small, draws, 4)
    with parallel_config(backend="loky"):
        kept, forgotten = (simulate(small, draws, 4, keep=keep, workers=2) for keep in (True, False))
        assert numbers(kept) == numbers(forgotten) == numbers(alone)
    assert kept.kept.tobytes() == alone.kept.tobytes()
