"""Sobol' indices of parameter sets: against brute force, grouped, and what is refused."""

import json

import numpy as np
import pytest

from costmodel import ParameterError, load
from costmodel.analysis.global_sensitivity import global_sensitivity, pair, sensitivity_json
from costmodel.analysis.sobol import NOTHING, sobol
from costmodel.costs import evaluate
from costmodel.outcomes import names, outcome
from costmodel.parameters.correlations import groups
from costmodel.parameters.model import deflated


@pytest.fixture
def samples(small):
    return pair(small, 512)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cost.mix.gray", "premium.training.cloud", "lowest.mix", "lowest_premium.mix"])
def test_indices_are_those_of_the_whole_model_evaluated_again(small, samples, name):
    """What is reused changes nothing: the same numbers come from evaluating the plain model for each group."""
    workload = name.split(".")[1]

    def model(values):
        full = {path: item.value for path, item in small.parameters.items()} | values
        found = evaluate(small, deflated(full, small)).workloads[workload]
        rivals = [x.total for c, x in found.channels.items() if x.available and c != "counterfactual"]
        least = np.minimum.reduce(rivals)
        plain = {
            "cost.mix.gray": lambda: found.channels["gray"].total,
            "premium.training.cloud": lambda: found.channels["cloud"].premium,
            "lowest.mix": lambda: least,
            "lowest_premium.mix": lambda: least / found.counterfactual - 1,
        }
        return np.broadcast_to(plain[name](), 512)

    a, b = ({p: s.evaluation.stated(p) for p in small.uncertain} for s in (samples.first, samples.second))
    expected = {item.paths: item for item in sobol(model, a, b, groups(small))}
    found = global_sensitivity(samples, outcome(small, name))
    assert {item.paths for item in found.influences} == set(expected)
    for item in found.influences:
        for mine, theirs in ((item.first, expected[item.paths].first), (item.total, expected[item.paths].total)):
            assert mine.value == pytest.approx(theirs.value, abs=1e-12)
            assert mine.error == pytest.approx(theirs.error, abs=1e-12)


@pytest.mark.slow
def test_every_outcome_that_varies_has_indices_and_the_others_a_clear_message(small, samples):
    for name in names(small):
        what = outcome(small, name)
        if np.ptp(samples.first.value(what)) > 0:
            found = global_sensitivity(samples, what)
            totals = [item.total.value for item in found.influences]
            assert totals == sorted(totals, reverse=True)
            assert totals[0] > 0
            assert found.recomputed == sum(item.total is not NOTHING for item in found.influences)
        else:
            with pytest.raises(ParameterError, match=f"{name} is the same in all draws"):
                global_sensitivity(samples, what)


def test_a_parameter_of_another_channel_costs_nothing(small, samples):
    found = global_sensitivity(samples, outcome(small, "cost.mix.gray"))
    by = {path: item for item in found.influences for path in item.paths}
    assert by["channels.cloud.rental_price"].total is NOTHING
    assert found.recomputed < len(found.influences)


def test_the_samples_are_independent_and_the_first_is_that_of_a_simulation(small, samples):
    path = small.uncertain[0]
    a, b = (s.probabilities[path] for s in (samples.first, samples.second))
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.15
    assert np.array_equal(a, pair(small, 1024).first.probabilities[path][:512])


def test_correlated_parameters_are_grouped_with_the_reason_or_refused(small, samples):
    joined = [group for group in groups(small) if len(group) > 1]
    assert joined
    what = outcome(small, "cost.mix.gray")
    data = json.loads(json.dumps(sensitivity_json(small, global_sensitivity(samples, what))))
    for item in data["groups"]:
        assert (tuple(item["parameters"]) in joined) == (item["reason"] is not None)
    assert set(data["parameters"]) == set(small.uncertain)
    with pytest.raises(ParameterError, match=joined[0][0]):
        global_sensitivity(samples, what, refuse=True)


def test_binned_indices_agree_with_those_of_two_samples(small):
    found = global_sensitivity(pair(small, 8192), outcome(small, "cost.mix.gray"))
    for item in found.influences:
        if len(item.paths) == 1:
            free = found.first_order[item.paths[0]]
            spread = np.hypot(item.first.error, free.error)
            assert abs(item.first.value - free.value) < 5 * spread + 0.005, item.paths
    assert abs(found.together) < 0.2


def test_sets_without_uncertainty_and_too_few_draws(small_sets, small):
    certain = load("certain")
    with pytest.raises(ParameterError, match="the same in all draws"):
        global_sensitivity(pair(certain, 64), outcome(certain, "counterfactual.mix"))
    with pytest.raises(ParameterError, match="at least 32, not 31"):
        pair(small, 31)
