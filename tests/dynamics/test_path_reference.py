"""The path beside the same path written down a second time, one draw at a time (tests/reference_path.py)."""

import numpy as np
import pytest

import reference_path
from costmodel.dynamics.outcomes import followed
from paths import Along, all_at_once
from real import case as real

ALLOWED = 1e-9


def compare(case, draws, steps=1):
    along = Along(case, steps=steps)
    for draw in range(draws):
        plain = reference_path.walk(along.path, draw, steps)
        for place, (cleared, sums) in enumerate(plain):
            quarter = along.path.quarters[place]
            told = followed(along.path.in_force(quarter).case, along.path.timeline.threshold)
            expected = sums | {name: float(function(cleared)) for name, function in told.items()}
            for name, value in expected.items():
                found = along[name][place, draw]
                assert found == pytest.approx(value, rel=ALLOWED, abs=ALLOWED, nan_ok=True), (name, place, draw)


@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.slow
def test_small_set(steps):
    compare(all_at_once(), 3, steps)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["history", "status_quo"])
def test_real_set(name):
    compare(real(name), 2)


def test_everything_that_is_compared_moves():
    """Else the comparison would say nothing of it."""
    along = Along(all_at_once())
    for name in ("price", "counterfactual", "wanted", "installed.licensed", "installed.gray", "installed.home_made"):
        assert np.all(np.ptp(along[name], axis=0) > 0), name
    for name in ("capacity.home_made", "capacity.gray", "capacity.cloud", "capacity.stock", "interdiction.gray"):
        assert np.all(np.ptp(along[name], axis=0) > 0), name
