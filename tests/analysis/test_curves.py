"""Curves over one parameter and maps over two: each point is a run of the model."""

import json

import numpy as np
import pytest

from costmodel import ParameterError, evaluate, load, tornado
from costmodel.analysis.curves import heat_map, heat_map_json, one_way, one_way_json
from costmodel.outcomes import outcome
from costmodel.parameters.model import deflated

MARKUP, RATE = "channels.gray.price_markup", "finance.discount_rate"


def run_at(case, stated):
    full = {path: item.value for path, item in case.parameters.items()} | stated
    return evaluate(case, deflated(full, case)).workloads["mix"]


@pytest.mark.parametrize("path", [MARKUP, RATE, "channels.cloud.rental_price"])
def test_points_of_a_curve_are_runs_of_the_model(small, path):
    curve = one_way(small, outcome(small, "cost.mix.gray"), path, 5)
    for x, y in zip(curve.inputs, curve.values, strict=True):
        assert y == pytest.approx(float(run_at(small, {path: x}).channels["gray"].total), rel=1e-12)
    bar = next(bar for bar in tornado(small, curve.outcome) if bar.path == path)
    assert (curve.inputs[0], curve.inputs[-1]) == (bar.low_input, bar.high_input)
    assert (curve.values[0], curve.values[-1]) == pytest.approx((bar.low, bar.high), rel=1e-12)
    assert curve.central == pytest.approx(bar.central, rel=1e-12)
    assert set(json.loads(json.dumps(one_way_json(small, curve)))) >= {"inputs", "values", "central"}


def test_cells_of_a_map_are_runs_of_the_model(small):
    found = heat_map(small, outcome(small, "premium.mix.gray"), MARKUP, RATE, 4)
    for i, x in enumerate(found.first_inputs):
        for j, y in enumerate(found.second_inputs):
            run = run_at(small, {MARKUP: x, RATE: y})
            assert found.values[i, j] == pytest.approx(float(run.channels["gray"].premium), rel=1e-10)
            open_ones = {c: float(run.channels[c].total) for c in found.costs}
            assert found.cheapest[i, j] == min(open_ones, key=open_ones.__getitem__)
    data = json.loads(json.dumps(heat_map_json(small, found)))
    assert np.array(data["values"]).shape == np.array(data["cheapest"]).shape == (4, 4)


def test_with_all_closed_no_channel_is_the_cheapest(small_sets):
    case = load("baseline")
    shut = load("baseline", {f"channels.{c}.available": False for c in case.channels if c != "counterfactual"})
    found = heat_map(shut, outcome(shut, "cost.mix.gray"), MARKUP, RATE, 3)
    assert set(found.cheapest.flat) == {""}
    assert heat_map_json(shut, found)["cheapest"] == [[None] * 3] * 3


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("channels.gray.price_markp", "did you mean `channels.gray.price_markup`"),
        ("channels.gray.kind", "is certain here"),
        ("channels.gray.markup_basis", "is certain here"),
    ],
)
def test_parameters_without_a_range_are_refused(small, path, says):
    what = outcome(small, "cost.mix.gray")
    with pytest.raises(ParameterError, match=says):
        one_way(small, what, path)
    with pytest.raises(ParameterError, match=says):
        heat_map(small, what, MARKUP, path)


def test_a_map_needs_two_parameters(small):
    with pytest.raises(ParameterError, match="named twice"):
        heat_map(small, outcome(small, "cost.mix.gray"), RATE, RATE)
