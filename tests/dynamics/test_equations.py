"""Equations of what moves: values by hand, limits, and the differential equations that they solve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from costmodel.formulas import dynamics

shares = st.floats(0, 0.95)
rates = st.floats(0, 3)
spans = st.floats(0.05, 3)


def solved(slope, start, years):
    """What a differential equation comes to."""
    found = solve_ivp(lambda t, x: [slope(t, x[0])], (0, years), [start], rtol=1e-10, atol=1e-12)
    return found.y[0, -1]


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("growth", {"rate": 0.44, "years": 0.5}, 1.2),
        ("growth", {"rate": -0.75, "years": 0.5}, 0.5),
        ("frontier_fall", {"price_decline": 0.19, "years": 0.5}, 0.9),
        ("learning", {"before": 100, "after": 200, "learning_rate": 0.3}, 0.7),
        ("learning", {"before": 100, "after": 800, "learning_rate": 0.5}, 0.125),
        ("induced_growth", {"growth": 0.2, "induced": 2.0, "premium": 0.5, "most": np.inf}, 0.4),
        ("induced_growth", {"growth": 0.2, "induced": 2.0, "premium": -0.5, "most": np.inf}, 0.2),
        ("induced_growth", {"growth": 0.2, "induced": 2.0, "premium": 0.5, "most": 0.3}, 0.3),
        ("induced_growth", {"growth": -0.5, "induced": 9.0, "premium": 0.5, "most": np.inf}, -0.5),
        ("within_limit", {"factor": 2.0, "capacity": 100.0, "limit": 150.0}, 1.5),
        ("within_limit", {"factor": 2.0, "capacity": 100.0, "limit": 500.0}, 2.0),
        ("within_limit", {"factor": 2.0, "capacity": 0.0, "limit": 150.0}, 2.0),
        ("within_limit", {"factor": 0.5, "capacity": 300.0, "limit": 150.0}, 0.5),
        ("quantity_at", {"quantity": 10.0, "counterfactual": 1.0, "anchor": 4.0, "elasticity": 0.5}, 20.0),
        ("choke_at", {"choke_price": 4.0, "counterfactual": 2.0, "anchor": 1.0}, 2.0),
        ("retirement", {"hazard": 0.1, "life": 4.0}, 0.35),
        ("effort", {"probability": 0.0, "ceiling": 0.5}, 0.0),
        ("effort", {"probability": 0.5 - 0.5 / np.e, "ceiling": 0.5}, 1.0),
        ("pressure", {"effort": 1.0, "adaptation": 3.0}, 0.25),
        ("interdiction", {"stated": 0.1, "ceiling": 0.5, "pressure": 2.0, "anchor": 2.0}, 0.1),
        ("interdiction", {"stated": 0.1, "ceiling": 0.5, "pressure": 2.0 + np.log(2), "anchor": 2.0}, 0.3),
        ("interdiction", {"stated": 0.1, "ceiling": 0.5, "pressure": np.inf, "anchor": 2.0}, 0.5),
        ("interdiction", {"stated": 0.6, "ceiling": 0.5, "pressure": 9.0, "anchor": 2.0}, 0.6),
        ("responded", {"effort": 1.0, "response": 4.0, "share": 0.3, "tolerance": 0.1, "years": 0.5}, 1.4),
        ("responded", {"effort": 0.1, "response": 4.0, "share": 0.0, "tolerance": 0.1, "years": 0.5}, 0.0),
        ("adapted", {"adaptation": 2.0, "rate": 0.0, "decay": 0.75, "probability": 0.5, "years": 0.5}, 1.0),
        ("adapted", {"adaptation": 2.0, "rate": 3.0, "decay": 0.0, "probability": 0.5, "years": 2.0}, 5.0),
        ("return_on_supply", {"rent": 20.0, "revenue": 60.0}, 0.5),
        ("return_on_supply", {"rent": -1.0, "revenue": 60.0}, 0.0),
        ("return_on_supply", {"rent": 0.0, "revenue": 0.0}, 0.0),
        ("entered", {"rate": 2.0, "leaving": 0.5, "returns": 0.5, "probability": 0.2, "years": 2.0}, 3.24),
        ("entered", {"rate": 2.0, "leaving": 1.0, "returns": 0.5, "probability": 1.0, "years": 0.25}, 0.0),
        ("implied_ratio", {"markup": 0.5, "price": 20.0, "server": 20.0}, 1.25),
    ],
)
def test_by_hand(name, arguments, expected):
    assert float(getattr(dynamics, name)(**arguments)) == pytest.approx(expected, rel=1e-12, abs=1e-15)


@given(rate=st.floats(-0.9, 5), first=spans, second=spans)
def test_growth_over_two_times_is_that_over_both(rate, first, second):
    parts = dynamics.growth(rate=rate, years=first) * dynamics.growth(rate=rate, years=second)
    assert parts == pytest.approx(dynamics.growth(rate=rate, years=first + second), rel=1e-12)


@given(rate=shares, before=st.floats(1, 1e6), made=st.floats(0, 1e6), more=st.floats(0, 1e6))
def test_learning_does_not_depend_on_the_way(rate, before, made, more):
    ends = [before, before + made, before + made + more]
    one, two, whole = (
        dynamics.learning(before=ends[a], after=ends[b], learning_rate=rate) for a, b in ((0, 1), (1, 2), (0, 2))
    )
    assert one * two == pytest.approx(whole, rel=1e-9)
    assert whole <= 1


@given(
    installed=st.floats(0, 1e6),
    deliveries=st.floats(0, 1e6),
    growth=st.floats(0.3, 3),
    wear=st.floats(0, 1),
    turnover=st.floats(0, 1),
    years=st.floats(0.1, 1),
)
def test_stocks_solve_their_equation(installed, deliveries, growth, wear, turnover, years):
    """dK/dt = turnover · (a·e^(gt) − d·K)."""
    g = np.log(growth) / years
    expected = solved(lambda t, k: turnover * (deliveries * np.exp(g * t) - wear * k), installed, years)
    found = dynamics.turned_over(
        installed=installed, deliveries=deliveries, growth=growth, retirement=wear, turnover=turnover, years=years
    )
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_stocks_are_smooth_where_growth_and_wear_cancel():
    at = {"installed": 10.0, "deliveries": 4.0, "turnover": 1.0, "years": 0.5, "retirement": 0.2}
    found = dynamics.turned_over(growth=np.exp(-0.1) * (1 + np.array([-1e-9, 0.0, 1e-9])), **at)
    assert found == pytest.approx(np.exp(-0.1) * 12.0, rel=1e-8)


@given(adaptation=rates, rate=rates, decay=shares, probability=shares, years=spans)
def test_adaptation_solves_its_equation(adaptation, rate, decay, probability, years):
    k = -np.log(1 - decay)
    expected = solved(lambda _, a: rate * probability - k * a, adaptation, years)
    terms = {"adaptation": adaptation, "rate": rate, "decay": decay, "probability": probability}
    assert dynamics.adapted(**terms, years=years) == pytest.approx(expected, rel=1e-6, abs=1e-8)


@given(probability=shares, ceiling=st.floats(0.05, 1), effort=st.floats(0, 30), adaptation=rates)
def test_interdiction_is_the_ceiling_times_what_pressure_catches(probability, ceiling, effort, adaptation):
    """Told from wherever it is stated it is c·(1 − e^(−x)), between 0 and the ceiling."""
    stated = probability * ceiling * 0.99
    anchor = dynamics.effort(probability=stated, ceiling=ceiling)
    assert ceiling * -np.expm1(-anchor) == pytest.approx(stated, rel=1e-9, abs=1e-12)
    pressure = dynamics.pressure(effort=effort, adaptation=adaptation)
    found = dynamics.interdiction(stated=stated, ceiling=ceiling, pressure=pressure, anchor=anchor)
    assert found == pytest.approx(ceiling * -np.expm1(-pressure), rel=1e-9, abs=1e-12)
    assert 0 <= found <= ceiling


@given(elasticity=rates, today=st.floats(0.1, 5), price=st.floats(0.1, 20), choke=st.floats(1, 10))
def test_anchored_demand_is_the_same_curve(elasticity, today, price, choke):
    """What is wanted at a price, and above which one nothing is, do not depend on the cost they are told from."""
    costs = {"counterfactual": today, "anchor": 1.0}
    moved = dynamics.quantity_at(quantity=100.0, elasticity=elasticity, **costs)
    assert moved * (price / today) ** -elasticity == pytest.approx(100.0 * price**-elasticity, rel=1e-9)
    assert dynamics.choke_at(choke_price=choke, **costs) * today == pytest.approx(choke, rel=1e-12)


def test_neutral_rates_do_nothing():
    draws = np.array([0.1, 1.0, 3.0])
    assert np.array_equal(dynamics.growth(rate=0.0, years=draws), np.ones(3))
    assert np.array_equal(dynamics.frontier_fall(price_decline=0.0, years=draws), np.ones(3))
    assert np.array_equal(dynamics.learning(before=draws, after=2 * draws, learning_rate=0.0), np.ones(3))
    entered = dynamics.entered(rate=0.0, leaving=0.0, returns=draws, probability=0.3, years=0.25)
    assert np.array_equal(entered, np.ones(3))
    assert np.array_equal(dynamics.adapted(adaptation=draws, rate=0.0, decay=0.0, probability=0.3, years=0.25), draws)
    flow = {"deliveries": 5.0, "growth": 2.0, "retirement": 0.3, "years": 0.25}
    assert np.array_equal(dynamics.turned_over(installed=draws, turnover=0.0, **flow), draws)
