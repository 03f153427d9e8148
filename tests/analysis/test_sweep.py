"""Sweeps: every row is what the same set gives by itself, and nothing that cannot be is swept."""

import numpy as np
import pytest

from costmodel import ParameterError, load, simulate, sweep
from costmodel.analysis.sweep import PERCENTILES

GRID = {
    "channels.gray.price_markup": [0.3, "60 %"],
    "finance.price_decline": [0.2, 0.3],
    "finance.inflation": [0.01, 0.04],
    "workloads.training.share": [0.2, 0.9],
}
DRAWS = 64


def rows(table, paths):
    """Some rows, each with the same set simulated by itself."""
    for _, row in table.iloc[[0, 5, 10, len(table) - 1]].iterrows():
        yield row, simulate(load("baseline", {path: float(row[path]) for path in paths}), DRAWS)


@pytest.mark.parametrize("names", [list(GRID), list(reversed(GRID))])
def test_each_row_is_that_set_simulated_by_itself(small, names):
    """To the last bit: the same draws, the same arithmetic; a nominal rate is deflated by the swept inflation."""
    assert small.nominal
    grid = {name: GRID[name] for name in names}
    outcomes = ["lowest_premium.mix", "cost.training.gray", "cost.mix.cloud", "counterfactual.inference"]
    table = sweep(small, grid, outcomes, DRAWS, cheapest=["mix"])
    assert len(table) == 16
    for row, found in rows(table, names):
        lowest = np.min([found.totals["mix"][channel] for channel in found.rivals], axis=0)
        draws = {
            "lowest_premium.mix": lowest / found.counterfactual["mix"] - 1.0,
            "cost.training.gray": found.totals["training"]["gray"],
            "cost.mix.cloud": found.totals["mix"]["cloud"],
            "counterfactual.inference": found.counterfactual["inference"],
        }
        for name in outcomes:
            assert row[f"{name}.mean"] == draws[name].mean()
            for ending, probability in PERCENTILES.items():
                assert row[f"{name}.{ending}"] == np.quantile(draws[name], probability), (name, ending)
        for channel, share in found.cheapest("mix").items():
            assert row[f"cheapest.mix.{channel}"] == share.mean()


def test_rows_are_in_the_grids_order(small):
    table = sweep(small, {"channels.gray.price_markup": [0.5, 0.1], "finance.price_decline": [0.3, 0.2]}, draws=16)
    assert table.iloc[:, :2].to_numpy().tolist() == [[0.5, 0.3], [0.5, 0.2], [0.1, 0.3], [0.1, 0.2]]


def test_a_list_of_sets_gives_the_same_rows_as_a_product(small):
    crossed = sweep(small, {"channels.gray.price_markup": [0.5, 0.1], "finance.price_decline": [0.3, 0.2]}, draws=32)
    listed = sweep(small, crossed.iloc[::-1, :2].to_dict("records"), draws=32)
    assert listed.iloc[::-1].reset_index(drop=True).equals(crossed)


def test_text_is_converted_like_any_override(small):
    table = sweep(small, {"assumptions.chips.ref.power": ["700 W", 0.7]}, ["cost.mix.gray"], 16)
    assert table["chips.ref.power"].tolist() == pytest.approx([0.7, 0.7], rel=1e-12)


@pytest.mark.parametrize(
    ("grid", "says"),
    [
        ({"finance.discont_rate": [0.1]}, "grid: finance.discont_rate: no such parameter; did you mean `finance.disc"),
        ({"finance.price_decline": [0.1, 1.5]}, "grid: finance.price_decline: 1.5 is out of bounds"),
        ({"finance.price_decline": ["fast"]}, "grid: finance.price_decline: must be a number"),
        ({"finance.price_decline": [float("nan")]}, "grid: finance.price_decline: must be a finite number"),
        ({"finance.price_decline": [True]}, "finance.price_decline: must be a number"),
        ({"channels.gray.chip": ["ref"]}, "channels.gray.chip: is no number"),
        ({"finance.exchange_rates.CNY": [7.0]}, "converts other figures once"),
        ({"finance.economic_life": [0.1]}, "nothing is left of the economic life"),
        ({}, "names no parameter"),
        ({"finance.price_decline": []}, "names no parameter, or has no values"),
        ([{"finance.price_decline": 0.1}, {"finance.inflation": 0.1}], "grid 1: all sets must state the same"),
    ],
)
def test_what_cannot_be_swept_is_said(small, grid, says):
    with pytest.raises(ParameterError) as refused:
        sweep(small, grid, draws=16)
    assert says in str(refused.value)


def test_unknown_outcomes_and_workloads(small):
    with pytest.raises(ParameterError, match="did you mean `cost"):
        sweep(small, {"finance.price_decline": [0.1]}, ["cost.mix.grey"], 16)
    with pytest.raises(ParameterError, match="no workload `mixed`"):
        sweep(small, {"finance.price_decline": [0.1]}, draws=16, cheapest=["mixed"])
