"""The same numbers however the draws are divided, states within their ranges, and steps that are short enough."""

import numpy as np
import pytest
from hypothesis import given, settings

from costmodel import sampling
from costmodel.analysis import going
from costmodel.analysis.path import path_result
from costmodel.dynamics.path import TOGETHER, Path
from paths import ALL, EVENTS, Along, all_at_once, small_path
from real import case as real
from strategies import seeds

NAMES = ("price", "premium", "compute_denied", "share.gray", "installed.home_made", "delay", "domestic_alone")


def numbers(found):
    """All that a result tells."""
    told = [found.delay, *(one for row in found.statistics.values() for one in row if one is not None)]
    estimates = [(each.value, each.error) for statistics in told for each in statistics.values()]
    effects = [
        (c.half_life, c.censored, c.no_effect, [c.premium_added[name].value for name in ("mean", "p05", "p50", "p95")])
        for c in found.controls
    ]
    return estimates, effects, found.domestic_date


# -- however they are divided ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_numbers_do_not_depend_on_blocks_or_workers(monkeypatch):
    case, draws = all_at_once(), 4000
    expected = numbers(path_result(case, draws, names=NAMES))
    assert numbers(path_result(case, draws, names=NAMES, workers=2)) == expected
    for block, together in ((1024, 1024), (8192, 512), (2048, 8192)):
        monkeypatch.setattr(sampling, "BLOCK", block)
        monkeypatch.setattr(going, "TOGETHER", together)
        assert numbers(path_result(case, draws, names=NAMES, workers=2)) == expected


def test_draws_are_a_prefix_of_more():
    case = all_at_once()
    few, many = Along(case, 32), Along(case, 64)
    for name in dict.fromkeys(name for name, _ in few.path.columns):
        assert np.array_equal(few[name], many[name][:, :32], equal_nan=True), name


def test_draws_do_not_depend_on_those_beside_them():
    path = Path(all_at_once(), 32, 0)
    drawn = path.block(0)
    whole = path.walked(drawn, slice(0, 32))
    parts = [path.walked(drawn, slice(first, first + 8)) for first in range(0, 32, 8)]
    assert np.array_equal(whole, np.concatenate(parts, axis=1))


def test_what_is_followed_does_not_change_it():
    whole, few = Along(all_at_once()), Along(all_at_once(), names=("price", "share.gray", "delay"))
    assert {name for name, _ in few.path.columns} == {"price", "share.gray", "delay"}
    for name in ("price", "share.gray", "delay"):
        assert np.array_equal(whole[name], few[name])


# -- ranges ------------------------------------------------------------------------------------------------------------


def within_ranges(path, block, part):
    """No state, and nothing that is followed, leaves its range at any date."""
    size = part.stop - part.start
    for date, _ in path._walk(path.regimes, block, part):
        case = path.in_force(date.quarter).case
        stated = block.stated(case, part)
        for key, state in date.state.items():
            assert np.all(np.isfinite(state)), key
            assert np.all(state >= 0), key
            if key.startswith("factor "):
                assert np.all(state > 0) or "capacity" in key, key
        used = np.zeros(size)
        for name, amount in date.played.items():
            word, _, channel = name.partition(".")
            if word not in ("premium", "implied_markup", "compute_denied", "denied", "server_ratio"):
                assert np.all(amount >= 0), name
            assert np.all(np.isfinite(amount)), name
            if word == "share":
                used = used + amount
            elif word == "interdiction":
                own, ceiling = stated[f"channels.{channel}.interdiction_probability"], stated["enforcement.ceiling"]
                assert np.all(amount <= np.maximum(ceiling, own)), name
                assert np.all(amount < 1), name
            elif word == "compute_denied":
                assert np.all(amount <= 1), name
        assert used == pytest.approx((np.asarray(date.played["used"]) > 0).astype(float), rel=1e-9), date.quarter


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "draws"), [("status_quo", 100_000), ("tightening", 8192), ("relaxation", 8192), ("domestic_push", 8192)]
)
def test_no_state_of_any_draw_leaves_its_range(name, draws):
    case = real(name)
    names = ("compute_denied", "price", *(f"{w}.{c}" for c in case.channels for w in ("share", "interdiction")))
    path = Path(case, draws, 0, names if draws > 8192 else None)
    for start in range(0, draws, sampling.BLOCK):
        block, size = path.block(start), min(sampling.BLOCK, draws - start)
        for first in range(0, size, TOGETHER):
            within_ranges(path, block, slice(first, min(first + TOGETHER, size)))


def random_rates(seed):
    """Values of all that moves, some at either bound."""
    random = np.random.default_rng(seed)

    def some(high, low=0.0):
        return float(random.choice([low, high, random.uniform(low, high)], p=[0.2, 0.1, 0.7]))

    return {
        "chips.ref.tracks_frontier": bool(random.integers(2)),
        "chips.other.tracks_frontier": bool(random.integers(2)),
        "chips.own.tracks_frontier": bool(random.integers(2)),
        "demand.growth": some(1.5, -0.6),
        "channels.cloud.capacity_growth": some(2, -0.9),
        "channels.gray.capacity_growth": some(2, -0.9),
        "domestic.learning_rate": some(0.6),
        "domestic.cumulative_output": some(1e6, 1.0),
        "domestic.performance_growth": some(1.0, -0.3),
        "domestic.capacity_growth": some(1.0, -0.5),
        "domestic.induced_growth": some(5),
        "domestic.max_growth": some(2),
        "domestic.capacity_limit": some(1e6, 1.0),
        "enforcement.ceiling": some(1, 0.5),
        "enforcement.response": some(20),
        "enforcement.tolerance": some(1),
        "adaptation.rate": some(20),
        "adaptation.decay": some(0.99),
        "adaptation.initial": some(5),
        "entry.rate": some(3),
        "entry.exit": some(1),
        "stocks.turnover": some(1),
        "channels.gray.interdiction_probability": some(0.49),
        "channels.gray.loss_hazard": some(0.9),
        "channels.drives.available": bool(random.integers(2)),
        "channels.gray.capacity": some(1e5),
        "demand.elasticity": some(2),
    }


@settings(max_examples=12)
@given(seed=seeds())
@pytest.mark.slow
def test_no_state_leaves_its_range_whatever_the_rates(seed):
    case = small_path(*EVENTS, changes=random_rates(seed), end="2028-12")
    path = Path(case, 64, 0)
    within_ranges(path, path.block(0), slice(0, 64))


# -- steps -------------------------------------------------------------------------------------------------------------

#: What a path is read for.
HEADLINES = ("price", "premium", "compute_denied", "used", "wanted", "implied_markup", "server_ratio", "delivered")
TOLD = ("p05", "p50", "p95")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["history", "status_quo"])
def test_halving_the_step_changes_less_than_the_monte_carlo_error(name):
    """At the draws that are taken where nothing else is asked for."""
    whole, half = (path_result(real(name), steps=steps) for steps in (1, 2))
    over, compared = [], 0
    for column, row in whole.statistics.items():
        for place, statistics in enumerate(row):
            for word in TOLD if statistics else ():
                estimate, other = statistics[word], half.statistics[column][place][word]
                compared += 1
                if abs(estimate.value - other.value) > (estimate.error or 0) + 1e-9 * abs(estimate.value):
                    over.append((column, place, word))
    # Where a channel sets in within a step, what has come in by then may differ by more.
    assert not [column for column, _, _ in over if column.split(".")[0] in HEADLINES]
    assert len(over) < 0.01 * compared, over


def test_halving_the_step_halves_the_difference_twice():
    """Steps are of second order: where nothing sets in or breaks off, each halving divides the error by about four."""
    smooth = {**ALL, "domestic.capacity_limit": 1e9, "domestic.max_growth": 9, "channels.drives.available": False}
    found = {steps: Along(small_path(changes=smooth), steps=steps) for steps in (1, 2, 4, 8)}
    for name in ("capacity.home_made", "capacity.gray", "installed.licensed", "interdiction.gray"):
        ends = {steps: along[name][-1] for steps, along in found.items()}
        first, second = np.abs(ends[1] - ends[2]), np.abs(ends[2] - ends[4])
        assert np.median(second / first) < 0.4, name
