"""Identities that hold whatever the numbers are."""

from functools import cache
from math import exp, expm1, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import evaluate, load
from costmodel.channels import COMPONENTS, KINDS
from costmodel.formulas import capital, hazard
from costmodel.formulas.capital import bernoulli, capital_recovery, falling_rent
from costmodel.parameters import schema
from costmodel.parameters.differences import differences
from strategies import random_draws, random_values, seeds

SETS = Path(__file__).parent / "sets"


@cache
def case(name="baseline"):
    return load(SETS / f"{name}.yaml")


def everything(found):
    """(workload, channel, costs, counterfactual) of all channels."""
    return [(w, c, x, by.counterfactual) for w, by in found.workloads.items() for c, x in by.channels.items()]


def draws(seed, count=8):
    """Several random values of every parameter at once, as arrays, and one by one."""
    return random_draws(case(), seed, count)


# -- adding up -------------------------------------------------------------------------------------------------------


@given(seed=seeds())
def test_components_add_up_to_the_total(seed):
    found = evaluate(case(), draws(seed)[1])
    for _, _, costs, _ in everything(found):
        parts = sum(costs.components.values())
        scale = sum(np.abs(part) for part in costs.components.values())
        assert np.all(np.abs(parts - costs.total) <= 1e-13 * scale)


@given(seed=seeds())
def test_wedges_add_up_to_the_distance_from_the_counterfactual(seed):
    for _, _, costs, pi0 in everything(evaluate(case(), draws(seed)[1])):
        distance = costs.total - pi0
        wedges = costs.control_wedge + costs.technology_wedge
        scale = np.abs(costs.total) + pi0 + np.abs(costs.control_wedge)
        assert np.all(np.abs(wedges - distance) <= 1e-13 * scale)


@given(seed=seeds())
def test_premium_of_the_counterfactual_is_zero(seed):
    found = evaluate(case(), draws(seed)[1])
    for by in found.workloads.values():
        assert np.all(by.channels["counterfactual"].premium == 0.0)
        assert np.all(by.channels["counterfactual"].total == by.counterfactual)


@given(seed=seeds())
def test_cheapest_of_several_counterfactuals_counts_in_each_draw(seed):
    _, values = draws(seed)
    listed = ("counterfactual", "cloud", "gray")
    found = evaluate(case(), values | {"reference.counterfactual": listed})
    for by in found.workloads.values():
        totals = np.array([by.channels[c].total for c in listed])
        assert np.array_equal(by.counterfactual, totals.min(axis=0))
        assert min(float(np.min(by.channels[c].premium)) for c in listed) == 0.0


@given(seed=seeds())
def test_mix_lies_between_the_workloads(seed):
    """The cost of the mix is the mean of both costs weighted by work, since 1/e_mix is that of 1/e."""
    _, values = draws(seed)
    found = evaluate(case(), values)
    share = values["workloads.training.share"]
    for channel in case().channels:
        training, inference, mix = (
            found.workloads[w].channels[channel].total for w in ("training", "inference", "mix")
        )
        assert np.allclose(mix, share * training + (1 - share) * inference, rtol=1e-12, atol=0)


# -- arrays ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(seed=seeds())
def test_arrays_give_the_numbers_of_scalars(seed):
    rows, arrays = draws(seed, 4)
    together = evaluate(case(), arrays)
    for index, row in enumerate(rows):
        alone = {(w, c): x for w, c, x, _ in everything(evaluate(case(), row))}
        for w, c, x, _ in everything(together):
            one = alone[w, c]
            assert float(np.broadcast_to(x.total, 4)[index]) == pytest.approx(float(one.total), rel=1e-14)
            for name, part in x.components.items():
                mine = float(np.broadcast_to(part, 4)[index])
                assert mine == pytest.approx(float(one.components[name]), rel=1e-13, abs=1e-14 * abs(float(one.total)))


@given(seed=seeds())
def test_values_are_left_as_they_are(seed):
    _, arrays = draws(seed, 4)
    before = {path: np.array(value, copy=True) for path, value in arrays.items() if isinstance(value, np.ndarray)}
    evaluate(case(), arrays)
    assert all(np.array_equal(arrays[path], value) for path, value in before.items())


# -- money -----------------------------------------------------------------------------------------------------------


def money_paths():
    return [item.path for item in case() if item.unit and item.unit.startswith("USD")]


def test_money_inputs_are_known():
    """Guard of the scaling test: it would hold trivially if no unit named USD."""
    assert len(money_paths()) > 40
    assert {item.unit for item in case() if item.unit and "USD" in item.unit} == {
        "USD", "USD/kW", "USD/kWh", "USD/hour", "USD/TB", "USD/year",
    }  # fmt: skip


@given(seed=seeds(), k=st.floats(0.01, 100))
def test_costs_scale_with_all_money(seed, k):
    values = random_values(case(), seed)
    scaled = values | {path: k * values[path] for path in money_paths()}
    for (w, c, x, pi0), (_, _, y, _) in zip(
        everything(evaluate(case(), values)), everything(evaluate(case(), scaled)), strict=True
    ):
        scale = sum(abs(part) for part in x.components.values()) + pi0
        for name, part in x.components.items():
            assert float(y.components[name]) == pytest.approx(k * float(part), rel=1e-11, abs=1e-12 * k * scale), (
                w,
                c,
                name,
            )
        assert float(y.total) == pytest.approx(k * float(x.total), rel=1e-11)
        assert float(y.control_wedge) == pytest.approx(k * float(x.control_wedge), rel=1e-10, abs=1e-11 * k * scale)
        assert float(y.premium) == pytest.approx(float(x.premium), rel=1e-10, abs=1e-11 * scale / pi0)


# -- neutral frictions -----------------------------------------------------------------------------------------------

#: What is no friction: names, words, and what is set equal to the counterfactual's below.
APART = ("label", "kind", "role", "chip", "site", "available", "utilization", "availability", "resale_recovery")
FRICTIONS = [name for name in schema.Purchase.model_fields if name not in (*schema.Ownership.model_fields, *APART)]
SAME = [*schema.Ownership.model_fields, "chip", "site", "resale_recovery", "availability", "utilization.training",
        "utilization.inference"]  # fmt: skip


@given(seed=seeds())
def test_purchases_without_frictions_cost_what_the_counterfactual_does(seed):
    values = random_values(case(), seed)
    purchases = [c for c in case().channels if values[f"channels.{c}.kind"] == "purchase"]
    assert len(purchases) == 3
    for channel in purchases:
        for name in SAME:
            values[f"channels.{channel}.{name}"] = values[f"channels.counterfactual.{name}"]
        for name in FRICTIONS:
            default = schema.Purchase.model_fields[name].default
            # Either basis: without frictions and without a markup there is nothing to decompose.
            values[f"channels.{channel}.{name}"] = (
                values[f"channels.{channel}.{name}"] if name == "markup_basis" else default
            )
    for by in evaluate(case(), values).workloads.values():
        for channel in purchases:
            costs = by.channels[channel]
            assert float(costs.total) == pytest.approx(float(by.counterfactual), rel=1e-13)
            assert float(costs.control_wedge) == 0.0
            assert all(
                costs.components[name] == 0 for name in ("logistics", "interdiction", "lead_time", "markup", "risk")
            )


@given(seed=seeds())
def test_controls_at_neutral_have_no_wedge(seed):
    values = random_values(case(), seed)
    values |= {item.path: 0.0 for item in case() if item.control}
    for _, _, costs, _ in everything(evaluate(case(), values)):
        assert float(costs.control_wedge) == 0.0


def test_control_parameters_are_those_of_the_model():
    names = {item.path.rsplit(".", 1)[1] for item in case() if item.control}
    # Those that docs/methods.md names under premium and wedges.
    assert names == {
        "price_markup", "supply_markup", "export_fee", "interdiction_probability", "penalty", "risk_premium",
        "loss_hazard", "compliance_cost", "disruption_hazard",
    }  # fmt: skip


# -- capital recovery ------------------------------------------------------------------------------------------------

rates = st.floats(-0.3, 1.5)
lives = st.floats(0.1, 40)
shares = st.floats(0, 1)


@given(x=rates, life=lives)
def test_perfect_resale_makes_life_irrelevant(x, life):
    assert float(capital_recovery(rate=x, life=life, resale_recovery=1.0)) == x


@given(seed=seeds(), life=st.floats(3.2, 40))
def test_economic_life_is_irrelevant_with_perfect_resale_and_no_loss(seed, life):
    values = random_values(case(), seed)
    values |= {item.path: 1.0 for item in case() if item.path.endswith(".resale_recovery")}
    values |= {item.path: 0.0 for item in case() if item.path.endswith((".loss_hazard", ".porting_cost"))}
    other = evaluate(case(), values | {"finance.economic_life": life})
    for (_, _, x, _), (_, _, y, _) in zip(everything(evaluate(case(), values)), everything(other), strict=True):
        assert float(x.total) == pytest.approx(float(y.total), rel=1e-13)


@given(x=st.floats(0.001, 1.5), life=lives, share=shares)
def test_capital_recovery_is_the_formula(x, life, share):
    formula = x * (1 - share * exp(-x * life)) / -expm1(-x * life)
    assert float(capital_recovery(rate=x, life=life, resale_recovery=share)) == pytest.approx(formula, rel=1e-12)


@given(x=st.floats(0.001, 1.5), life=lives)
def test_without_loss_or_decline_it_is_the_capital_recovery_factor(x, life):
    """In continuous time: what pays back 1 with interest at a constant rate over the life."""
    factor = float(capital_recovery(rate=x, life=life))
    present_worth = factor * -expm1(-x * life) / x
    assert present_worth == pytest.approx(1.0, rel=1e-12)


@given(life=lives, share=shares, x=st.floats(1e-300, 1e-4), sign=st.sampled_from([-1, 1]))
def test_capital_recovery_is_continuous_at_zero(life, share, x, sign):
    limit = (1 - share) / life + sign * x * (1 + share) / 2
    found = float(capital_recovery(rate=sign * x, life=life, resale_recovery=share))
    # The next term of the series is (1−σ)·x²N/12.
    assert found == pytest.approx(limit, rel=1e-12, abs=x * x * life)
    assert float(capital_recovery(rate=0.0, life=life, resale_recovery=share)) == pytest.approx(
        (1 - share) / life, rel=1e-15
    )


@given(x=rates, step=st.floats(1e-6, 0.5), life=lives, share=shares)
def test_capital_recovery_rises_with_the_rate(x, step, life, share):
    low, high = (float(capital_recovery(rate=r, life=life, resale_recovery=share)) for r in (x, x + step))
    assert high > low


@given(x=st.floats(0, 1.5), life=lives, more=st.floats(1e-3, 20), share=st.floats(0, 0.99))
def test_capital_recovery_falls_with_life_and_resale(x, life, more, share):
    here = float(capital_recovery(rate=x, life=life, resale_recovery=share))
    assert float(capital_recovery(rate=x, life=life + more, resale_recovery=share)) < here + 1e-15
    assert float(capital_recovery(rate=x, life=life, resale_recovery=share + 0.01)) < here + 1e-15


@given(x=st.lists(st.floats(-700, 700), min_size=1, max_size=9))
def test_bernoulli_function(x):
    found = bernoulli(np.array(x))
    assert np.all(np.isfinite(found))
    assert np.all(found >= 0)
    # B(y) − B(−y) = y
    assert np.allclose(found - bernoulli(-np.array(x)), x, rtol=1e-12, atol=1e-12)


@given(flat=st.floats(0.1, 10), rho=st.floats(0.001, 0.3), gamma=st.floats(-0.2, 0.8), years=st.floats(0.05, 10))
def test_a_flat_contract_is_worth_the_falling_rent(flat, rho, gamma, years):
    """Both payments have the same present value; on demand they are the same."""
    rent = float(falling_rent(flat_price=flat, discount=rho, decline=gamma, contract_length=years))
    x = rho + gamma
    falling = years if abs(x) < 1e-12 else -expm1(-x * years) / x
    assert rent * falling == pytest.approx(flat * -expm1(-rho * years) / rho, rel=1e-9)
    assert float(falling_rent(flat_price=flat, discount=rho, decline=gamma, contract_length=0.0)) == flat


# -- direction -------------------------------------------------------------------------------------------------------


def dearer(path, seed, *, channel, fixed=None, factor=0.5):
    """Totals of a channel before and after a parameter rises towards its upper bound."""
    values = random_values(case(), seed) | (fixed or {})
    item = case().parameters[path]
    high = item.spec.upper if np.isfinite(item.spec.upper) else values[path] + 10.0
    more = values | {path: values[path] + factor * (high - values[path])}
    before, after = (evaluate(case(), v) for v in (values, more))
    return [
        (float(b.channels[channel].total), float(after.workloads[w].channels[channel].total))
        for w, b in before.workloads.items()
    ]


RAISES = ["penalty", "logistics_cost", "lead_time", "risk_premium", "loss_hazard", "server_cost", "network_share",
          "porting_cost", "server_power_factor", "maintenance_rate", "failure_rate", "export_fee",
          "price_markup"]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", RAISES)
@given(seed=seeds())
def test_frictions_never_make_an_origin_purchase_cheaper(name, seed):
    fixed = {"channels.licensed.markup_basis": "origin", "finance.price_decline": 0.25, "finance.discount_rate": 0.08}
    if name == "lead_time":
        fixed["channels.licensed.lead_time"] = 0.2
    for before, after in dearer(f"channels.licensed.{name}", seed, channel="licensed", fixed=fixed):
        assert after >= before * (1 - 1e-12)


@given(seed=seeds())
def test_interdiction_never_lowers_cost_at_origin(seed):
    fixed = {"channels.licensed.markup_basis": "origin", "finance.price_decline": 0.25, "finance.discount_rate": 0.08}
    for before, after in dearer("channels.licensed.interdiction_probability", seed, channel="licensed", fixed=fixed):
        assert after >= before * (1 - 1e-12)


@given(seed=seeds())
def test_interdiction_never_moves_a_delivered_price(seed):
    """A price paid on arrival is what it is: losses on the way only divide the markup otherwise."""
    fixed = {"channels.gray.markup_basis": "delivered"}
    for before, after in dearer("channels.gray.interdiction_probability", seed, channel="gray", fixed=fixed):
        assert after == pytest.approx(before, rel=1e-10)


@pytest.mark.parametrize(
    "name", ["disruption_hazard", "compliance_cost", "price_markup", "migration_cost", "disruption_duration"]
)
@pytest.mark.slow
@given(seed=seeds())
def test_frictions_never_make_hire_cheaper(name, seed):
    fixed = {"channels.cloud.price_markup": 0.1}
    for before, after in dearer(f"channels.cloud.{name}", seed, channel="cloud", fixed=fixed):
        assert after >= before * (1 - 1e-12)


@given(seed=seeds())
def test_utilisation_and_availability_divide(seed):
    values = random_values(case(), seed)
    half = values | {"channels.gray.availability": values["channels.gray.availability"] / 2}
    half["channels.gray.utilization.training"] = values["channels.gray.utilization.training"] / 2
    before = evaluate(case(), values).workloads["training"].channels["gray"]
    after = evaluate(case(), half).workloads["training"].channels["gray"]
    assert float(after.total) == pytest.approx(4 * float(before.total), rel=1e-12)
    for name, part in before.components.items():
        if name != "performance_gap":
            assert after.components[name] == part


# -- signs -----------------------------------------------------------------------------------------------------------


@given(seed=seeds())
def test_components_are_not_negative_where_they_cannot_be(seed):
    """Only a seller's margin and the gap may be negative; with prices that fall and a rate above 0 nothing else is."""
    values = random_values(case(), seed)
    values["finance.price_decline"] = abs(values["finance.price_decline"])
    values |= {p: abs(v) for p, v in values.items() if p.endswith(".price_markup")}
    for _, channel, costs, _ in everything(evaluate(case(), values)):
        kind = KINDS[values[f"channels.{channel}.kind"]]
        for part in kind.components:
            margin = part.name == "markup" and values.get(f"channels.{channel}.markup_basis") == "delivered"
            if not margin:
                assert float(costs.components[part.name]) >= 0.0, (channel, part.name)
        assert float(costs.total) > 0


@given(seed=seeds())
def test_everything_is_finite(seed):
    with np.errstate(all="raise", under="ignore"):
        found = evaluate(case(), draws(seed)[1])
    for _, _, costs, pi0 in everything(found):
        assert np.all(np.isfinite(costs.total))
        assert all(np.all(np.isfinite(part)) for part in costs.components.values())
        assert set(costs.components) <= set(COMPONENTS)
        assert np.all(np.isfinite(pi0))


# -- two sets --------------------------------------------------------------------------------------------------------


def test_swapping_two_sets_flips_the_signs_of_their_differences():
    one, other = case(), case("child")
    there, back = differences(one, other), differences(other, one)
    turned = {d.path: (d.after, d.before) for d in back}
    assert {d.path: (d.before, d.after) for d in there} == turned
    assert {"finance.price_decline", "chips.ref.price", "channels.gray.porting_cost"} == set(turned)
    assert differences(one, one) == []


def test_continuous_rates_are_logs():
    assert float(capital.continuous_rate(rate=0.08)) == pytest.approx(log(1.08), rel=1e-15)
    assert float(capital.decline_rate(price_decline=0.25)) == pytest.approx(-log(0.75), rel=1e-15)
    assert float(capital.risky_rate(discount_rate=0.05, risk_premium=0.03)) == pytest.approx(log(1.08), rel=1e-15)
    assert float(hazard.hazard_rate(probability=0.02)) == pytest.approx(-log(0.98), rel=1e-15)
