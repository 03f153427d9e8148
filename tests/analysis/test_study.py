"""One run as data: the numbers of the command line, the reports and the notebooks."""

import json

import pytest

from costmodel import evaluate, load
from costmodel.documents import costs_json, parameters_json, simulation_json
from costmodel.record import inputs_hash
from costmodel.study import study


@pytest.fixture
def result(small):
    return study(small, 256)


def test_costs(small):
    data = json.loads(json.dumps(costs_json(small, evaluate(small))))
    assert (data["set"], data["unit"]) == ("baseline", "USD/H100e-h")
    assert set(data["workloads"]) == {"training", "inference", "mix"}
    for workload in data["workloads"].values():
        for channel in workload["channels"].values():
            assert sum(channel["components"].values()) == pytest.approx(channel["total"], rel=1e-12)
            assert channel["control_wedge"] + channel["technology_wedge"] == pytest.approx(
                channel["total"] - workload["counterfactual"], rel=1e-9, abs=1e-12
            )
    assert data["workloads"]["mix"]["channels"]["drives"]["available"] is False


def test_simulation(result):
    data = json.loads(json.dumps(simulation_json(result.simulation)))
    found = data["workloads"]["mix"]["channels"]
    assert (data["draws"], data["seed"]) == (256, 0)
    for name, channel in found.items():
        assert channel["p05"] <= channel["p25"] <= channel["p50"] <= channel["p75"] <= channel["p95"]
        assert channel["standard_error"] >= 0
        assert (channel["probability_cheapest"] is None) == (name in ("counterfactual", "drives"))
    assert found["drives"]["available"] is False
    assert found["counterfactual"]["available"] is True
    assert found["counterfactual"]["premium"]["mean"] == 0
    shares = [
        channel["probability_cheapest"] for channel in found.values() if channel["probability_cheapest"] is not None
    ]
    assert sum(shares) == pytest.approx(1.0)


def test_simulation_without_rivals(small_sets):
    """A set whose only channel is the counterfactual has no cheapest other one."""
    only = study(load("certain"), 32)
    assert only.cheapest("mix") is None
    assert simulation_json(only.simulation)["workloads"]["mix"]["channels"]["own"]["probability_cheapest"] is None


def test_parameters(small):
    found = json.loads(json.dumps(parameters_json(small)))["parameters"]
    assert found.keys() == small.parameters.keys()
    assert found["chips.ref.power"]["value"] == pytest.approx(0.7)
    assert found["chips.ref.power"]["unit"] == "kW"
    assert found["channels.gray.markup_basis"]["value"] == "delivered"
    assert found["channels.drives.available"]["value"] is False
    assert found["chips.ref.price"]["sources"] == ["X"]
    law = found["chips.ref.price"]["distribution"]
    assert law["dist"] == "lognormal"
    assert (law["p05"], law["p95"]) == (pytest.approx(20000), pytest.approx(33000))
    # Nominal rates come out real, as the model uses them.
    assert found["finance.discount_rate"]["value"] == pytest.approx(small.central["finance.discount_rate"])


def test_hash_of_inputs(small_sets):
    """Equal inputs, equal hash; any change of a number, a law, a correlation, the draws or the seed shows."""
    base = inputs_hash(load("baseline"))
    assert inputs_hash(load("baseline")) == base
    changes = [
        {"finance.inflation": 0.02},
        {"channels.gray.available": False},
        {"run.seed": 1},
        {"run.draws": 2048},
        {"finance.price_decline": "{dist: pert, min: 0.1, mode: 0.25, max: 0.41}"},
    ]
    hashes = [inputs_hash(load("baseline", change)) for change in changes]
    assert len({base, *hashes}) == len(changes) + 1


def test_cheapest_is_an_open_rival(result):
    for workload in ("training", "inference", "mix"):
        found = result.cheapest(workload)
        medians = {c: result.summaries[workload][c]["p50"].value for c in result.simulation.rivals}
        assert found == min(medians, key=medians.get)
        assert found not in ("counterfactual", "drives")
