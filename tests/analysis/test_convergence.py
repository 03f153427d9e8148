"""Errors against the number of draws: they fall as theory says, and say how far estimates really are."""

import json
from pathlib import Path

import numpy as np
import pytest

from costmodel import ParameterError, figures, load, simulate, tables
from costmodel.analysis.convergence import (
    CHEAPEST,
    FOLLOWED,
    METHODS,
    convergence,
    convergence_json,
    counts_up_to,
    default_outcome,
    drawn,
)
from costmodel.outcomes import outcome
from costmodel.study import study

COUNTS = tuple(2**power for power in range(6, 14))


@pytest.fixture(scope="module")
def found():
    case = load(Path(__file__).parents[1] / "sets" / "baseline.yaml")
    return convergence(case, outcome(case, "cost.mix.gray"), COUNTS, 5)


def test_errors_fall_as_theory_says(found):
    """As N^(-1/2) with independent draws; faster for a smooth mean with Sobol' draws."""
    for statistic in ("mean", "p50"):
        assert found.curve(statistic, "random").rate == pytest.approx(-0.5, abs=0.12)
    assert found.curve("mean", "sobol").rate < -0.65
    assert found.equivalent("mean") > 10 * found.draws
    assert found.equivalent("p50") > found.draws


def test_errors_are_honest(found):
    """Estimates lie about one error from the reference, as root mean square, and none lies very far out."""
    for method in METHODS:
        ratios = [
            point.deviation / point.error
            for curve in found.curves
            if curve.method == method and found.curve(curve.statistic, method).points[-1].error
            for point in curve.points[:-1]
            if point.error
        ]
        assert 0.4 < np.sqrt(np.mean(np.square(ratios))) < 1.7
        assert max(ratios) < 5


def test_estimates_are_those_of_a_simulation(small):
    found = convergence(small, outcome(small, "premium.training.cloud"), (64, 512))
    for point in found.curve("p50", "sobol").points:
        draws = simulate(small, point.draws).premium("training", "cloud")
        assert point.value == pytest.approx(np.median(draws), rel=1e-12)
    share = simulate(small, 512).cheapest("training")["cloud"].mean()
    assert found.curve(CHEAPEST, "sobol").points[-1].value == pytest.approx(share, abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_draws_are_a_prefix_of_more_draws(small, method):
    columns = drawn(small, outcome(small, "gray"))
    few, many = columns(method, 100, 3), columns(method, 9000, 3)
    assert many["outcome"][:100] == pytest.approx(few["outcome"], rel=1e-12)


def test_counts():
    assert counts_up_to(256) == (64, 128, 256)
    assert counts_up_to(1000)[-2:] == (512, 1000)
    assert counts_up_to(16) == (16,)


def test_an_outcome_of_no_channel_has_no_probability(small):
    found = convergence(small, outcome(small, "lowest.mix"), (64, 128))
    assert set(found.reference) == set(FOLLOWED)
    assert found.curve("mean", "sobol").rate is None


def test_few_draws_and_certain_sets_have_no_errors(small_sets):
    case = load("certain")
    found = convergence(case, outcome(case, default_outcome(case)), (16,))
    data = json.loads(json.dumps(convergence_json(found), allow_nan=False))
    assert data["statistics"]["mean"]["sobol"]["points"][0]["error"] is None
    assert data["statistics"]["mean"]["equivalent_random_draws"] is None


def test_the_default_outcome_is_the_cheapest_channels_cost(small):
    from costmodel.costs import evaluate, rivals

    costs = evaluate(small).workloads["mix"].channels
    assert default_outcome(small) == f"cost.mix.{min(rivals(small), key=lambda c: float(costs[c].total))}"


def test_the_report_shows_estimates_and_errors(small):
    run = study(small, 256)
    drawn_figure = figures.convergence(run.convergence)
    assert "Number of draws" in drawn_figure.svg
    assert "64 to 256 draws" in drawn_figure.alt
    source = tables.convergence(run.convergence).source
    for words in ("Median", "Mean", "Standard error", "about"):
        assert words in source


def test_no_such_outcome(small):
    with pytest.raises(ParameterError, match="no outcome"):
        outcome(small, "cost.mix.grey")
