"""Costs after a change of some parameters: to the last bit those of an evaluation from scratch."""

import numpy as np
import pytest

from costmodel import load
from costmodel.analysis.sample import sample
from costmodel.costs import WORKLOADS, Evaluation
from costmodel.market import SeparateMarket, market
from costmodel.parameters.model import deflated
from costmodel.sampling import Draws

DRAWS = 16


def stated(case):
    source = Draws(case, DRAWS, 0)
    return source.stated(source.probabilities(0))


def afresh(case, values):
    return Evaluation(case, deflated(dict(values), case), values)


def assert_same(found, wanted, about):
    for workload in WORKLOADS:
        assert np.array_equal(found.counterfactual(workload), wanted.counterfactual(workload)), about
        for channel in found.case.channels:
            for controls in (True, False):
                costs = [x.cost(workload, channel, controls=controls) for x in (found, wanted)]
                assert np.array_equal(*costs), (about, workload, channel, controls)
                stacks = [x.stack(channel, controls=controls) for x in (found, wanted)]
                for part, amount in stacks[0].items():
                    assert np.array_equal(amount, stacks[1][part]), (about, channel, part)


@pytest.mark.slow
@pytest.mark.parametrize(("asked_before", "every"), [(True, 1), (False, 6)])
def test_a_change_of_any_number(small, asked_before, every):
    """Whatever it bears on: no channel may keep a cost that the changed parameter would move."""
    base, values = sample(small, DRAWS, 0).evaluation, stated(small)
    if asked_before:
        assert_same(base, afresh(small, values), "base")
    numbers = [path for path, item in small.parameters.items() if item.spec is not None and not item.spec.certain]
    assert len(numbers) > 100
    for path in numbers[::every]:
        changed = {path: np.asarray(values[path]) * 0.9 + 0.01}
        assert_same(base.changed(changed), afresh(small, values | changed), path)


def test_changes_of_changes_of_words_and_numbers(small):
    base, values = sample(small, DRAWS, 0).evaluation, stated(small)
    steps = [
        {"channels.gray.chip": "other"},
        {"chips.other.price": 12000.0},
        {"finance.inflation": 0.05},
        {"chips.ref.price": 40000.0, "finance.discount_rate": 0.11},
        {"reference.chip": "other"},
        {"chips.other.memory_bandwidth": 2e12},
    ]
    found = base
    for step in steps:
        found, values = found.changed(step), values | step
        found.cost("mix", "gray")
        assert_same(found, afresh(small, values), step)


@pytest.mark.slow
def test_the_market_after_a_change_of_any_number():
    """No offer may be kept that the changed parameter would move."""
    case = load("baseline")
    base, values = sample(case, DRAWS, 0).evaluation, stated(case)
    market(base).price, SeparateMarket(base).price
    for path in [path for path, item in case.parameters.items() if item.spec is not None and not item.spec.certain]:
        changed = {path: np.asarray(values[path]) * 0.9 + 0.01}
        found, wanted = base.changed(changed), afresh(case, values | changed)
        for name in ("table", "price", "used", "accelerators_used", "counterfactual"):
            assert np.array_equal(getattr(market(found), name), getattr(market(wanted), name)), (path, name)
        assert np.array_equal(SeparateMarket(found).table, SeparateMarket(wanted).table), path
