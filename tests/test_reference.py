"""The package against tests/reference.py, a second reading of docs/methods.md, on random values and every real set."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

import real
import reference
from costmodel import evaluate, load
from costmodel.locations import set_names
from costmodel.sampling import Draws
from strategies import random_values, seeds

SMALL = Path(__file__).parent / "sets" / "baseline.yaml"


@cache
def small_case():
    return load(SMALL)


def row(values, index):
    """One draw of a block of draws."""
    return {path: float(v[index]) if isinstance(v, np.ndarray) else v for path, v in values.items()}


def plain(found, index=None):
    """A result of `evaluate` as nested dicts of floats, at one draw."""

    def number(x):
        return float(x if index is None or np.ndim(x) == 0 else x[index])

    return {
        workload: {
            "counterfactual": number(costs.counterfactual),
            "channels": {
                channel: {
                    "components": {name: number(part) for name, part in item.components.items()},
                    "total": number(item.total),
                    "premium": number(item.premium),
                    "control_wedge": number(item.control_wedge),
                    "technology_wedge": number(item.technology_wedge),
                }
                for channel, item in costs.channels.items()
            },
        }
        for workload, costs in found.workloads.items()
    }


def assert_same(found, wanted, rel=1e-11):
    for workload, costs in wanted.items():
        assert found[workload]["counterfactual"] == pytest.approx(costs["counterfactual"], rel=rel)
        assert found[workload]["channels"].keys() == costs["channels"].keys()
        for channel, numbers in costs["channels"].items():
            mine = found[workload]["channels"][channel]
            # Sums of parts that cancel are compared on the scale of the parts.
            scale = max(abs(x) for x in [*numbers["components"].values(), numbers["total"], costs["counterfactual"]])
            assert list(mine["components"]) == list(numbers["components"])
            for name, cost in numbers["components"].items():
                assert mine["components"][name] == pytest.approx(cost, rel=rel, abs=1e-13 * scale), (
                    workload,
                    channel,
                    name,
                )
            for name in ("total", "control_wedge", "technology_wedge"):
                assert mine[name] == pytest.approx(numbers[name], rel=rel, abs=1e-12 * scale), (workload, channel, name)
            assert mine["premium"] == pytest.approx(
                numbers["premium"], rel=rel, abs=1e-12 * scale / costs["counterfactual"]
            )


@given(seed=seeds())
def test_random_values(seed):
    case = small_case()
    values = random_values(case, seed)
    assert_same(plain(evaluate(case, values)), reference.costs(values, case.channels))


def test_random_values_differ():
    """Guard of the test above: the random values do reach the costs."""
    case = small_case()
    totals = {evaluate(case, random_values(case, seed)).workloads["mix"].channels["gray"].total for seed in range(5)}
    assert len(totals) == 5


def test_small_set_draws():
    case = small_case()
    block = next(Draws(case, 24, 0).blocks())
    found = evaluate(case, block)
    for index in range(24):
        assert_same(plain(found, index), reference.costs(row(block, index), case.channels))


@pytest.mark.parametrize("name", set_names())
def test_real_sets_at_central_values(name):
    case = real.case(name)
    assert_same(plain(real.central(name)), reference.costs(case.central, case.channels))


@pytest.mark.slow
@pytest.mark.parametrize("count", [8, pytest.param(64, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", set_names())
def test_real_sets_in_draws(name, count):
    case = real.case(name)
    block = next(Draws(case, count, 7).blocks())
    found = evaluate(case, block)
    for index in range(count):
        assert_same(plain(found, index), reference.costs(row(block, index), case.channels))
