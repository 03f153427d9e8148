"""Results of the market in the analyses that take any outcome: sweeps, tornadoes, heat maps, indices, convergence."""

import numpy as np
import pytest

from costmodel import load
from costmodel.analysis.convergence import convergence
from costmodel.analysis.curves import heat_map, one_way
from costmodel.analysis.global_sensitivity import global_sensitivity, pair
from costmodel.analysis.named import outcome_draws, outcome_statistics
from costmodel.analysis.sensitivity import tornado
from costmodel.analysis.sweep import sweep
from costmodel.costs import Evaluation
from costmodel.errors import ParameterError
from costmodel.market import market
from costmodel.outcomes import OUTCOMES, names, outcome

TWO = ("channels.gray.interdiction_probability", "finance.price_decline")
SOME = ("market.price", "market.premium", "market.compute_denied", "market.share.gray", "market.rents")


@pytest.mark.parametrize("name", SOME)
def test_a_bar_of_the_tornado_ends_where_the_set_with_that_value_does(small, name):
    about = outcome(small, name)
    bars = tornado(small, about)
    central = Evaluation(small, small.central)
    assert bars[0].swing > 0
    for bar in bars[:3]:
        low = float(about(central.changed({bar.path: bar.low_input})))
        assert bar.low == pytest.approx(low, rel=1e-9)
        assert bar.central == pytest.approx(float(about(central)), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", SOME)
def test_a_heat_map_and_a_curve_hold_what_each_cell_alone_gives(small, name):
    about = outcome(small, name)
    found = heat_map(small, about, *TWO, 3)
    central = Evaluation(small, small.central)
    for i, x in enumerate(found.first_inputs):
        for j, y in enumerate(found.second_inputs):
            alone = float(about(central.changed({TWO[0]: float(x), TWO[1]: float(y)})))
            assert found.values[i, j] == pytest.approx(alone, rel=1e-9)
    middle = found.first_inputs[1]
    curve = one_way(small, about, TWO[0], 3)
    assert curve.values[1] == pytest.approx(float(about(central.changed({TWO[0]: float(middle)}))), rel=1e-9)


@pytest.mark.slow
def test_rows_of_a_sweep_equal_the_sets_loaded_with_their_values(small, small_sets):
    grid = {TWO[0]: [0.0, 0.2], "demand.quantity": [60000.0, 120000.0], "channels.cloud.capacity": [0.0, 20000.0]}
    table = sweep(small, grid, SOME, draws=128)
    assert len(table) == 8
    for _, row in table.iterrows():
        alone = load(small_sets / "baseline.yaml", {path: float(row[path]) for path in grid})
        statistics = outcome_statistics(alone, SOME, 128)
        for name in SOME:
            for statistic in ("mean", "p05", "p50", "p95"):
                assert row[f"{name}.{statistic}"] == pytest.approx(statistics[name][statistic].value, rel=1e-12)


def test_demand_moves_the_price_and_not_the_costs(small_sets):
    case = load(small_sets / "baseline.yaml", {"demand.quantity": {"dist": "uniform", "min": 60000, "max": 100000}})
    samples = pair(case, 256)

    def total(name):
        found = global_sensitivity(samples, outcome(case, name))
        return {path: item.total.value for item in found.influences for path in item.paths}

    assert total("market.price")["demand.quantity"] > 0.01
    assert total("cost.mix.gray")["demand.quantity"] == 0.0


def test_an_outcome_that_never_varies_has_no_indices(small):
    with pytest.raises(ParameterError, match="the same in all draws"):
        global_sensitivity(pair(small, 64), outcome(small, "market.capacity.drives"))


def test_convergence_counts_how_often_a_channel_is_cheapest_for_costs_alone(small):
    statistics = set(convergence(small, outcome(small, "market.share.gray"), (32, 64)).reference)
    assert statistics == {"p50", "mean", "p05", "p95"}
    assert "probability_cheapest" in convergence(small, outcome(small, "cost.mix.gray"), (32, 64)).reference


def test_every_result_of_the_market_can_be_asked_for_with_and_without_its_first_word(small):
    found = market(Evaluation(small, small.central))
    assert outcome(small, "compute_denied").name == "market.compute_denied"
    assert float(outcome(small, "market.counterfactual")(found.found)) == float(found.counterfactual)
    wanted = [name for name in names(small) if outcome(small, name).of_market]
    told = [kind for kind in OUTCOMES if kind.startswith(("market.", "separate."))]
    assert all(any(f"{name}.".startswith(f"{kind}.") for name in wanted) for kind in told)
    draws = outcome_draws(small, wanted, 64)
    assert all(np.isfinite(column).all() for column in draws.values())
