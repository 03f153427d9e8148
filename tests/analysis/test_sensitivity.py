"""The tornado: one parameter at a time from its 5th to its 95th percentile, the rest at their medians."""

import numpy as np
import pytest

from costmodel import evaluate, load, tornado
from costmodel.analysis.sensitivity import HIGH, LOW


def outcome(found):
    return found.cost("mix", "gray")


def test_bars_are_runs_of_the_model(small):
    """Each end is the cost with that parameter alone moved, worked out one run at a time."""
    bars = tornado(small, outcome)
    assert {bar.path for bar in bars} == set(small.uncertain)
    medians = {path: item.value for path, item in small.parameters.items()}
    for bar in bars:
        law = small.parameters[bar.path].distribution
        assert (bar.low_input, bar.high_input) == (float(law.ppf(LOW)), float(law.ppf(HIGH)))
        for end, cost in ((bar.low_input, bar.low), (bar.high_input, bar.high)):
            one = load_at(small, medians | {bar.path: end})
            assert cost == pytest.approx(one, rel=1e-12), bar.path
        assert bar.central == pytest.approx(cost_at(small), rel=1e-12)
        assert bar.swing == pytest.approx(abs(bar.high - bar.low))


def load_at(case, stated):
    """Cost at stated values, the nominal rate deflated by hand."""
    values = dict(stated)
    values["finance.discount_rate"] = (1 + values["finance.discount_rate"]) / (1 + values["finance.inflation"]) - 1
    return cost_at(case, values)


def cost_at(case, values=None):
    """The same, by evaluating the whole model."""
    return float(evaluate(case, values).workloads["mix"].channels["gray"].total)


def test_widest_first(small):
    swings = [bar.swing for bar in tornado(small, outcome)]
    assert swings == sorted(swings, reverse=True)
    assert swings[0] > 0


def test_a_parameter_of_another_channel_does_not_move_this_one(small):
    bars = {bar.path: bar for bar in tornado(small, outcome)}
    assert bars["channels.cloud.rental_price"].swing == 0
    assert bars["channels.gray.price_markup"].swing > 0
    # On delivered basis a loss on the way moves the seller's margin and not the price.
    assert bars["channels.gray.interdiction_probability"].swing == pytest.approx(0, abs=1e-12)


def test_nothing_uncertain_nothing_to_show(small_sets):
    assert tornado(load("certain"), lambda found: found.counterfactual("mix")) == []


def test_an_outcome_that_does_not_move(small):
    bars = tornado(small, lambda _: np.float64(3.0))
    assert {bar.swing for bar in bars} == {0.0}
