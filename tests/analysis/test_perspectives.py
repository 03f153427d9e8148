"""One market as different parties see it: the figures fit together, and what is not known is said."""

import numpy as np
import pytest

from costmodel import load
from costmodel.analysis.market import market_result
from costmodel.analysis.named import outcome_draws
from costmodel.analysis.perspectives import VIEWS, perspectives
from costmodel.outcomes import OUTCOMES


@pytest.fixture
def lines(small):
    """Lines by view and name."""
    return {(line.view, line.name): line for line in perspectives(market_result(small, draws=512))}


def test_spending_is_rents_and_transfers_and_resource_cost_at_central_values_and_in_the_mean(lines):
    spending, *parts = (
        lines[view, name]
        for view, name in (
            ("buyers", "spending"),
            ("resources", "rents"),
            ("resources", "transfers"),
            ("resources", "resource_cost"),
        )
    )
    assert all(part.central > 0 for part in parts)
    assert spending.central == pytest.approx(sum(part.central for part in parts), rel=1e-12)
    mean = sum(part.statistics["mean"].value for part in parts)
    assert spending.statistics["mean"].value == pytest.approx(mean, rel=1e-12)


def test_the_same_in_every_draw_and_what_buyers_lose_adds_up_too(small):
    names = ("spending", "rents", "transfers", "resource_cost", "surplus_loss", "extra_cost", "denied_use")
    found = outcome_draws(small, [f"market.{name}" for name in names], 256)
    spending, rents, transfers, resources, loss, extra, denied = found.values()
    np.testing.assert_allclose(rents + transfers + resources, spending, rtol=1e-12)
    np.testing.assert_allclose(rents + extra + denied, loss, rtol=1e-9)


def test_what_buyers_pay_to_governments_is_what_these_receive_where_a_fee_is_passed_on_in_full(small_sets):
    case = load(small_sets / "baseline.yaml", {"channels.licensed.export_fee_pass_through": 1})
    found = market_result(case, draws=64)
    received = found.value("receipts_exporting") + found.value("receipts_importing")
    assert received > 0
    assert found.value("transfers") == pytest.approx(received, rel=1e-12)


def test_denied_per_budget_is_an_average_and_says_so(lines):
    line = lines["controlling_government", "denied_per_budget"]
    denied = lines["controlling_government", "denied_quantity"]
    assert line.central == pytest.approx(denied.central / 200, rel=1e-12)
    assert "average" in line.reading
    assert "not what one more dollar" in line.reading


@pytest.mark.parametrize("budget", [None, 0])
def test_without_a_budget_nothing_is_said_per_dollar(small_sets, tmp_path, budget):
    changes = {"enforcement.budget": 0}
    path = small_sets / "baseline.yaml"
    if budget is None:
        path, changes = tmp_path / "baseline.yaml", {}
        text = (small_sets / "baseline.yaml").read_text(encoding="utf-8")
        path.write_text(text.replace("  enforcement: {budget: 2e8}\n", ""), encoding="utf-8")
    (line,) = (
        line for line in perspectives(market_result(load(path, changes), draws=64)) if line.name == "denied_per_budget"
    )
    assert (line.central, line.statistics) == (None, None)
    assert "`enforcement.budget`" in line.reading


def test_every_line_is_of_a_known_view_in_the_unit_of_its_outcome(lines):
    assert {view for view, _ in lines} == set(VIEWS)
    for line in lines.values():
        assert line.unit == OUTCOMES[f"market.{line.name}"].unit
        assert line.statistics["p05"].value <= line.statistics["p50"].value <= line.statistics["p95"].value
        assert line.reading
