"""Decisions of sets: pay-offs of their options, and the worth of knowing."""

import json

import numpy as np
import pytest

from costmodel import load
from costmodel.analysis.sample import sample
from costmodel.analysis.value_of_information import (
    decidable,
    decision_of,
    groups_of,
    open_options,
    payoffs_of,
    value_of_information,
    value_of_information_json,
)
from costmodel.costs import lowest
from costmodel.errors import ParameterError
from costmodel.parameters.load import load_mapping

OPTIONS = {
    "gray": {"channel": "gray"},
    "cloud": {"channel": "cloud", "cost": 0.25},
    "drives": {"channel": "drives"},
    "opened": {"channel": "drives", "set": {"channels.drives.available": True}},
    "dearer": {"set": {"channels.cloud.rental_price": {"dist": "uniform", "min": 4, "max": 5}}},
}
DRAWS = 512


def case_with(**words):
    stated = {"title": "What to buy?", "options": OPTIONS, "groups": {"money": ["finance"]}} | words
    return load_mapping({"name": "x", "extends": "baseline", "decisions": {"buy": stated}})


@pytest.fixture
def case(small_sets):
    return case_with()


def test_payoffs_of_options(case):
    """Those of the channel, or of the cheapest open one where the option's changes hold, plus the option's cost."""
    payoffs, u = payoffs_of(case, case.decisions["buy"], DRAWS, 0)
    base = sample(case, DRAWS)
    gray, cloud, opened, dearer = payoffs
    assert gray == pytest.approx(base.evaluation.cost("mix", "gray"), rel=1e-12)
    assert cloud == pytest.approx(base.evaluation.cost("mix", "cloud") + 0.25, rel=1e-12)
    assert opened == pytest.approx(base.evaluation.cost("mix", "drives"), rel=1e-12)
    changed = base.evaluation.changed({"channels.cloud.rental_price": 4 + u["channels.cloud.rental_price"]})
    rivals = [c for c in case.channels if c not in ("counterfactual", "drives")]
    assert dearer == pytest.approx(lowest(**{c: changed.cost("mix", c) for c in rivals}), rel=1e-9)
    for path, column in base.probabilities.items():
        assert np.array_equal(u[path], column)


def test_blocks_leave_payoffs_as_they_are(case, monkeypatch):
    from costmodel import sampling

    whole, _ = payoffs_of(case, case.decisions["buy"], 500, 0)
    monkeypatch.setattr(sampling, "BLOCK", 64)
    parts, _ = payoffs_of(case, case.decisions["buy"], 500, 0)
    assert np.array_equal(whole, parts)


def test_premium_of_one_workload(small_sets):
    case = case_with(payoff="premium", workload="training", goal="maximize")
    payoffs, _ = payoffs_of(case, case.decisions["buy"], DRAWS, 0)
    assert payoffs[0] == pytest.approx(sample(case, DRAWS).evaluation.premium("training", "gray"), rel=1e-9)
    found = value_of_information(case, case.decisions["buy"], DRAWS)
    assert found.mean(found.choice) == pytest.approx(payoffs.mean(axis=1).max())


def test_goal_decides_what_is_chosen(small_sets):
    for goal, pick in (("minimize", min), ("maximize", max)):
        case = case_with(goal=goal)
        found = value_of_information(case, case.decisions["buy"], DRAWS)
        means = {option.name: found.mean(option) for option in found.options}
        assert means[found.choice.name] == pick(means.values())
        payoffs, _ = payoffs_of(case, case.decisions["buy"], DRAWS, 0)
        best = payoffs.min(axis=0) if goal == "minimize" else payoffs.max(axis=0)
        assert found.evpi.value == pytest.approx(abs(best.mean() - means[found.choice.name]), abs=1e-12)
        assert sum(found.chance(option) for option in found.options) == pytest.approx(1)


def test_closed_options_are_left_out(case):
    names = [option.name for option in open_options(case, case.decisions["buy"])]
    assert names == ["gray", "cloud", "opened", "dearer"]
    closed = load_mapping(
        {
            "name": "x",
            "extends": "baseline",
            "assumptions": {"channels": {c: {"available": False} for c in case.channels if c != "counterfactual"}},
            "decisions": {"buy": {"title": "x", "options": OPTIONS}},
        }
    )
    assert [option.name for option in open_options(closed, closed.decisions["buy"])] == ["opened"]
    assert decidable(closed) == ()
    with pytest.raises(ParameterError, match=r"decisions\.buy: leaves no choice in this set"):
        value_of_information(closed, closed.decisions["buy"], DRAWS)


def test_groups(case):
    groups = groups_of(case, case.decisions["buy"])
    assert groups["money"] == tuple(path for path in case.uncertain if path.startswith("finance."))
    assert [len(groups[name]) for name in ("correlated_1", "correlated_2")] in ([2, 2], [2, 3], [3, 2])
    found = value_of_information(case, case.decisions["buy"], DRAWS)
    assert set(found.together) == set(groups)
    assert set(found.parameters) == set(case.uncertain)
    assert list(found.parameters.values()) == sorted(found.parameters.values(), key=lambda item: -item.value)


def test_a_set_without_uncertainty_leaves_nothing_to_learn(small_sets):
    case = load("certain")
    top = {"title": "x", "options": {"a": {"channel": case.channels[0]}, "b": {"channel": case.channels[0], "cost": 1}}}
    case = load_mapping({"name": "x", "extends": "certain", "decisions": {"buy": top}})
    found = value_of_information(case, case.decisions["buy"], DRAWS)
    assert (found.evpi.value, found.parameters) == (0.0, {})
    assert found.share(found.evpi) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["buy", "restrict"])
def test_the_baselines_decisions(name):
    case = load("baseline")
    found = value_of_information(case, case.decisions[name], 1024)
    worths = [*found.parameters.values(), *found.together.values()]
    assert all(0 <= item.value <= found.evpi.value + 1e-12 for item in worths)
    for group, paths in found.groups.items():
        assert found.together[group].value >= max(found.parameters[path].value for path in paths)
    assert found.evpi.value > 5 * found.evpi.error > 0
    assert "finance.price_decline" in list(found.parameters)[:3]


def test_json_keys(case):
    found = value_of_information(case, case.decisions["buy"], DRAWS)
    data = json.loads(json.dumps(value_of_information_json(case, [found]), allow_nan=False))
    assert set(data) == {"set", "draws", "seed", "decisions"}
    item = data["decisions"]["buy"]
    assert set(item) == {
        "title", "workload", "payoff", "goal", "unit", "options", "left_out", "choice", "evpi", "evpi_error",
        "parameters", "groups",
    }  # fmt: skip
    assert item["left_out"] == ["drives"]
    assert all(set(option) == {"label", "mean", "probability_best"} for option in item["options"].values())
    assert all(set(worth) == {"evppi", "error", "share_of_evpi"} for worth in item["parameters"].values())
    assert all(set(g) == {"parameters", "evppi", "error", "share_of_evpi"} for g in item["groups"].values())
    empty = value_of_information_json(case, [])
    assert (empty["draws"], empty["decisions"]) == (None, {})


def test_names_and_draws_that_cannot_be(case):
    with pytest.raises(ParameterError, match=r"--decision: no decision `by`; did you mean `buy`\?"):
        decision_of(case, "by")
    with pytest.raises(ParameterError, match=r"run\.draws: must be at least 256 to value information, not 64"):
        value_of_information(case, case.decisions["buy"], 64)
