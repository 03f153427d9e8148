"""Monte Carlo: totals of every draw, their summaries, and errors that are as large as they should be."""

from pathlib import Path

import numpy as np
import pytest

from costmodel import evaluate, load, sampling, simulate
from costmodel.analysis import streaming
from costmodel.analysis.uncertainty import PERCENTILES, STATISTICS, Estimate, estimate, probability_cheapest, summary
from costmodel.limits import MAX_DRAWS
from costmodel.sampling import REPLICATES, Draws

SETS = Path(__file__).parents[1] / "sets"


def test_totals_are_those_of_the_draws(small):
    result = simulate(small, 100, 5)
    block = next(Draws(small, 100, 5).blocks())
    found = evaluate(small, block)
    for workload, costs in found.workloads.items():
        assert np.array_equal(result.counterfactual[workload], np.broadcast_to(costs.counterfactual, 100))
        for channel, item in costs.channels.items():
            assert np.array_equal(result.totals[workload][channel], np.broadcast_to(item.total, 100))
            assert result.premium(workload, channel) == pytest.approx(
                np.broadcast_to(item.premium, 100), rel=1e-12, abs=1e-15
            )
            for name, part in item.components.items():
                mean = float(np.mean(np.broadcast_to(part, 100)))
                assert result.components[workload][channel][name] == pytest.approx(mean, rel=1e-12, abs=1e-15)


def test_blocks_leave_the_result_as_it_is(small, monkeypatch):
    whole = simulate(small, 333, 2)
    monkeypatch.setattr(sampling, "BLOCK", 64)
    parts = simulate(small, 333, 2)
    for workload, by in whole.totals.items():
        for channel, totals in by.items():
            assert np.array_equal(totals, parts.totals[workload][channel])
            for name, mean in whole.components[workload][channel].items():
                assert parts.components[workload][channel][name] == pytest.approx(mean, rel=1e-12, abs=1e-15)


def test_mean_components_add_up_to_the_mean_total(small):
    result = simulate(small, 500)
    for workload, by in result.components.items():
        for channel, parts in by.items():
            assert sum(parts.values()) == pytest.approx(result.totals[workload][channel].mean(), rel=1e-12)


def test_draws_and_seed_are_the_sets_own(small):
    result = simulate(small)
    assert (result.draws, result.seed) == (small.draws, small.seed) == (1024, 0)
    assert len(result.totals["mix"]["gray"]) == 1024


def test_seeds(small):
    one, again, other = (simulate(small, 64, seed).totals["mix"]["gray"] for seed in (0, 0, 1))
    assert np.array_equal(one, again)
    assert not np.any(one == other)


@pytest.mark.parametrize(("draws", "seed"), [(0, 0), (-1, 0), (MAX_DRAWS + 1, 0), (16, -1)])
def test_numbers_that_cannot_be(small, draws, seed):
    with pytest.raises(ValueError, match=r"draws must be from 1 to|seed must be 0 or more"):
        simulate(small, draws, seed)


@pytest.mark.parametrize("draws", [1, 2, 15, 31])
def test_few_draws_have_no_error(small, draws):
    found = summary(simulate(small, draws).totals["mix"]["gray"])
    assert all(item.error is None for item in found.values())
    assert all(np.isfinite(item.value) for item in found.values())


def test_nothing_uncertain(small_sets):
    case = load("certain")
    result = simulate(case, 64)
    assert np.ptp(result.totals["mix"]["own"]) == 0
    assert result.totals["mix"]["own"][0] == evaluate(case).workloads["mix"].counterfactual
    found = summary(result.totals["mix"]["own"])
    assert found["sd"].value == pytest.approx(0, abs=1e-15)
    assert found["mean"].error == pytest.approx(0, abs=1e-15)
    assert result.rivals == ()
    assert probability_cheapest(result, "mix") == {}


def test_closed_channels_are_no_rivals(small_sets):
    result = simulate(load("baseline", {"channels.cloud.available": False}), 256)
    assert set(result.rivals) == {"licensed", "gray", "operator", "stock", "stock_book"}
    assert "cloud" in result.totals["mix"]


def test_probability_of_being_cheapest(small):
    result = simulate(small, 512)
    for workload in ("training", "inference", "mix"):
        costs = np.stack([result.totals[workload][c] for c in result.rivals])
        counts = np.bincount(costs.argmin(axis=0), minlength=len(result.rivals)) / 512
        found = probability_cheapest(result, workload)
        assert list(found) == list(result.rivals)
        assert [item.value for item in found.values()] == pytest.approx(counts)
        assert sum(item.value for item in found.values()) == pytest.approx(1.0, rel=1e-12)


def test_ties_share(small_sets):
    twin = load("baseline").central
    changes = {
        f"channels.twin.{path.removeprefix('channels.stock_book.')}": value
        for path, value in twin.items()
        if path.startswith("channels.stock_book.")
    }
    result = simulate(load("baseline", changes), 64)
    found = probability_cheapest(result, "training")
    assert found["twin"].value == found["stock_book"].value > 0
    assert sum(item.value for item in found.values()) == pytest.approx(1.0)


def test_statistics():
    draws = np.random.default_rng(1).normal(3, 2, 1600)
    found = summary(draws)
    assert list(found) == list(STATISTICS) == ["mean", "sd", *PERCENTILES]
    assert found["mean"].value == pytest.approx(draws.mean())
    assert found["sd"].value == pytest.approx(draws.std())
    for name, probability in PERCENTILES.items():
        assert found[name].value == pytest.approx(np.quantile(draws, probability))
    values = [found[name].value for name in PERCENTILES]
    assert values == sorted(values)


def test_error_is_the_disagreement_of_the_sequences():
    draws = np.arange(REPLICATES * 10.0)
    found = estimate(draws, STATISTICS["mean"])
    # Draw i belongs to sequence i mod 16, so the means of sequences are 1 apart.
    means = np.arange(REPLICATES) + draws.mean() - (REPLICATES - 1) / 2
    assert found == Estimate(pytest.approx(draws.mean()), pytest.approx(means.std(ddof=1) / np.sqrt(REPLICATES)))


def test_error_falls_with_more_draws(small):
    """Faster than for pseudo-random numbers, where four times the draws halve the error."""
    few, many = (summary(simulate(small, n).totals["mix"]["gray"])["mean"].error for n in (1024, 16384))
    assert many < few / 4


@pytest.mark.slow
@pytest.mark.parametrize("statistic", ["mean", "p05", "p50", "p95", "sd"])
def test_errors_are_honest(small, statistic, long_run):
    """Twice the stated error holds the truth in about 95 of 100 seeds; less than 85 would be a lie."""
    truth, estimates = long_run
    inside = [abs(found[statistic].value - truth[statistic].value) <= 2 * found[statistic].error for found in estimates]
    assert np.mean(inside) >= 0.85


@pytest.mark.slow
@pytest.mark.parametrize("statistic", ["mean", "p50", "p95"])
def test_errors_are_not_timid(statistic, long_run):
    """The stated error is of the size of the error made: not some large number that holds always."""
    truth, estimates = long_run
    made = np.sqrt(np.mean([(found[statistic].value - truth[statistic].value) ** 2 for found in estimates]))
    stated = np.sqrt(np.mean([found[statistic].error ** 2 for found in estimates]))
    assert 0.5 < stated / made < 2.5


@pytest.fixture(scope="module")
def long_run():
    case = load(SETS / "baseline.yaml")
    truth = summary(simulate(case, 2**17, seed=999).totals["mix"]["gray"])
    return truth, [summary(simulate(case, 512, seed).totals["mix"]["gray"]) for seed in range(60)]


def test_median_of_draws_is_near_the_central_value_for_a_monotone_cost(small):
    """The result at medians is not the median result, but the two are not far apart where one parameter rules."""
    changes = {
        path: value
        for path, value in small.central.items()
        if path in small.uncertain and path != "channels.cloud.rental_price"
    }
    case = load(SETS / "baseline.yaml", changes)
    assert case.uncertain == ("channels.cloud.rental_price",)
    totals = simulate(case, 4096).totals["mix"]["cloud"]
    assert np.median(totals) == pytest.approx(float(evaluate(case).workloads["mix"].channels["cloud"].total), rel=1e-3)


def test_inputs_can_be_made_again(small):
    result = simulate(small, 48, 3)
    (block,) = result.inputs()
    again = evaluate(small, block).workloads["mix"].channels["gray"].total
    assert np.array_equal(again, result.totals["mix"]["gray"])


def test_a_constant_column_keeps_one_value():
    found = summary(np.full(20_000, 0.1))
    assert {found[name].value for name in PERCENTILES} == {0.1}
    assert found["mean"].value == pytest.approx(0.1, rel=1e-15)
    assert found["sd"].value == pytest.approx(0.0, abs=1e-15)


def test_a_column_that_only_begins_as_a_constant():
    draws = np.concatenate([np.full(streaming.PILOT, 0.1), np.linspace(0.0, 1.0, 2 * streaming.PILOT)])
    found = summary(draws)
    for name, probability in streaming.PERCENTILES.items():
        assert found[name].value == pytest.approx(np.quantile(draws, probability), abs=1e-15)


@pytest.mark.parametrize("width", [0.0, 5.0])
def test_percentiles_are_exact_wherever_the_draws_begin(width, monkeypatch):
    # In ascending order the first draws say nothing of where the percentiles lie: a second pass finds them.
    monkeypatch.setattr(streaming, "_WIDTH", width)
    random = np.random.default_rng(1)
    for draws in (np.linspace(-1.0, 3.0, 70_001), random.normal(size=70_001), np.round(random.normal(size=70_001))):
        found = summary(draws)
        for name, statistic in STATISTICS.items():
            assert found[name].value == pytest.approx(statistic(draws), rel=1e-12, abs=1e-15)


def test_one_pass_is_enough_for_draws_that_are_alike(monkeypatch):
    passes = []
    draws = np.random.default_rng(2).lognormal(size=(1, 100_000))

    def blocks(part):
        passes.append(part)
        for start in part[:: sampling.BLOCK]:
            yield draws[:, start : min(start + sampling.BLOCK, part.stop)]

    once, _ = streaming.summaries(blocks, draws[:, : streaming.PILOT], draws.shape[1])
    assert len(passes) == 1
    monkeypatch.setattr(streaming, "_MANY", 0)
    twice, _ = streaming.summaries(blocks, draws[:, : streaming.PILOT], draws.shape[1])
    assert len(passes) == 3
    for name in streaming.PERCENTILES:
        assert once[0][name].value == twice[0][name].value
