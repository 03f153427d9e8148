"""The market over all draws: statistics, and where the compute of a closed channel goes."""

import numpy as np
import pytest

from costmodel import ParameterError, load
from costmodel.analysis.market import MarketResult, diversion, market_result
from costmodel.costs import Evaluation
from costmodel.market import closing, market
from costmodel.sampling import BLOCK, Draws

DRAWS = 512


def drawn(case, count=DRAWS):
    source = Draws(case, count, 0)
    blocks = [source.drawn(start) for start in source.starts()]
    inputs = {path: np.concatenate([block[path] for block in blocks]) for path in case.uncertain}
    return market(Evaluation.of(case, {path: item.value for path, item in case.parameters.items()} | inputs))


def mean(values, count=DRAWS):
    return float(np.mean(np.broadcast_to(values, count)))


def test_what_is_lost_is_diverted_or_denied(small):
    """The ratios and the share that nobody serves make 1; here with each draw's markets side by side."""
    found, before = diversion(small, DRAWS, 0), drawn(small)
    assert {"licensed", "gray", "cloud", "operator"} == set(found)
    for closed, ratios in found.items():
        assert set(ratios) == set(small.channels) - {closed}
        after = closing(before, closed)
        lost = mean(before.quantity(closed) - after.quantity(closed))
        denied = mean(before.total - after.total) / lost
        assert sum(ratios.values()) + denied == pytest.approx(1.0, abs=1e-12)
        assert 0 <= denied <= 1
        for channel, ratio in ratios.items():
            assert ratio == pytest.approx(mean(after.quantity(channel) - before.quantity(channel)) / lost, abs=1e-12)
            assert ratio >= -1e-12


def test_with_inelastic_demand_and_enough_of_one_channel_all_is_diverted_to_it(small_sets):
    """It sets the price before and after, so that no other sells more."""
    case = load(small_sets / "baseline.yaml", {"demand.elasticity": 0, "channels.operator.capacity": 1e7})
    expected = dict.fromkeys(case.channels, 0.0) | {"operator": 1.0}
    for closed, ratios in diversion(case, DRAWS, 0).items():
        if closed != "operator":
            assert {closed: 0.0, **ratios} == pytest.approx(expected, abs=1e-9), closed


def test_closing_an_inventory_or_what_is_closed_takes_nothing(small):
    found = diversion(small, 64, 0)
    assert not {"stock", "stock_book", "drives", "counterfactual"} & set(found)
    before = drawn(small, 64)
    for channel in ("stock", "stock_book", "drives", "counterfactual"):
        assert np.array_equal(closing(before, channel).price, before.price)


def test_diversion_over_several_blocks(small):
    """More draws than a block has, of which the last is a short one."""
    count = BLOCK + 100
    before = drawn(small, count)
    after = closing(before, "gray")
    lost = mean(before.quantity("gray") - after.quantity("gray"), count)
    gained = mean(after.quantity("licensed") - before.quantity("licensed"), count)
    assert diversion(small, count, 0)["gray"]["licensed"] == pytest.approx(gained / lost, rel=1e-9)


def test_market_result(small):
    found, direct = market_result(small, DRAWS), drawn(small)
    assert (found.draws, found.seed) == (DRAWS, small.seed)
    assert found.statistics["price"]["mean"].value == pytest.approx(mean(direct.price), rel=1e-12)
    assert found.statistics["share.gray"]["mean"].value == pytest.approx(mean(direct.share("gray")), rel=1e-12)
    median = found.statistics["compute_denied"]["p50"].value
    assert median == pytest.approx(float(np.quantile(direct.compute_denied, 0.5)), rel=1e-3)
    assert found.statistics["price"]["mean"].error > 0
    assert float(found.central.price) == float(market(Evaluation(small, small.central)).price)
    assert found.diversion == diversion(small, DRAWS, small.seed)


@pytest.mark.slow
def test_market_result_for_any_number_of_workers(small):
    results = [MarketResult(small, 2 * BLOCK, 0, workers=workers).statistics for workers in (1, 2)]
    assert results[0] == results[1]


def test_market_result_needs_demand(small_sets):
    with pytest.raises(ParameterError, match=r"demand\.quantity"):
        market_result(load(small_sets / "hand.yaml"))
