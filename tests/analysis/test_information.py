"""Worth of information from pay-offs and probabilities alone, against known answers."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import special, stats
from scipy.stats import qmc

from costmodel.analysis.information import MIN_DRAWS, information
from costmodel.kernels import plain
from costmodel.sampling import REPLICATES


def sobol(draws, parameters, seed=0):
    """Scrambled sequences that take turns, as `costmodel.sampling` makes them; shape (parameters, draws)."""
    each = [
        qmc.Sobol(parameters, scramble=True, rng=1000 * seed + k).random(draws // REPLICATES) for k in range(REPLICATES)
    ]
    return np.clip(np.stack(each, axis=1).reshape(draws, parameters).T, 1e-9, 1 - 1e-9)


def named(u):
    return {f"x{index}": column for index, column in enumerate(u)}


def unit_normal_loss(mean, sd):
    """Worth of learning a normal gain before choosing between it and nothing."""
    return sd * stats.norm.pdf(mean / sd) - abs(mean) * stats.norm.cdf(-abs(mean) / sd)


@pytest.mark.parametrize("mean", [0.2, -0.5])
def test_linear_normal_case(mean):
    """One option is worth nothing, the other a sum of normals: EVPI and every EVPPI in closed form."""
    weights = np.array([1.0, 0.5, 0.25, 0.1])
    u = sobol(2**16, 4)
    payoffs = np.stack([np.zeros(2**16), mean + weights @ special.ndtri(u)])
    groups = {"few": ["x1", "x2"], "more": ["x0", "x1", "x2"], "all": ["x0", "x1", "x2", "x3"]}
    found = information(payoffs, named(u), groups)
    exact = {f"x{index}": unit_normal_loss(mean, weight) for index, weight in enumerate(weights)}
    exact |= {"few": unit_normal_loss(mean, np.hypot(0.5, 0.25)), "more": unit_normal_loss(mean, np.sqrt(1.3125))}
    whole = unit_normal_loss(mean, np.sqrt((weights**2).sum()))
    assert found.perfect.value == pytest.approx(whole, abs=1e-3)
    for name, value in (exact | {"all": whole}).items():
        assert found.partial[name].value == pytest.approx(value, abs=1e-3), name
        assert found.partial[name].error < 1e-3
    assert found.means == pytest.approx([0, mean], abs=1e-3)
    assert found.best == int(mean > 0)
    assert found.chances[1] == pytest.approx(stats.norm.cdf(mean / np.sqrt((weights**2).sum())), abs=2e-3)


def test_correlated_parameters_tell_of_one_another():
    u = sobol(2**14, 2)
    z = special.ndtri(u)
    second = special.ndtr(0.8 * z[0] + 0.6 * z[1])
    found = information(np.stack([np.zeros(2**14), z[0]]), {"first": u[0], "second": second})
    assert found.partial["first"].value == pytest.approx(unit_normal_loss(0, 1), abs=2e-3)
    assert found.partial["second"].value == pytest.approx(unit_normal_loss(0, 0.8), abs=4e-3)


def test_a_pair_that_is_worth_something_only_together():
    """The sign of a product cannot be told from either factor."""
    u = sobol(2**14, 2)
    z = special.ndtri(u)
    found = information(np.stack([np.zeros(2**14), z[0] * z[1]]), named(u), {"both": ["x0", "x1"]})
    assert max(found.partial[name].value for name in ("x0", "x1")) < 1e-3
    assert found.partial["both"].value == pytest.approx(1 / np.pi, abs=5e-3)
    assert found.perfect.value == pytest.approx(1 / np.pi, abs=2e-3)


def test_a_step_is_found():
    """A rule need not be smooth: above a threshold the other option is better."""
    u = sobol(2**13, 3)
    found = information(np.stack([np.zeros(2**13), np.where(u[0] > 0.75, 2.0, -1.0) + u[1] - 0.5]), named(u))
    assert found.partial["x0"].value == pytest.approx(0.5, abs=2e-3)
    assert found.partial["x2"].value == 0.0


def near_ties(seed, draws=1024):
    random = np.random.default_rng(seed)
    return random.normal(size=(4, draws)), random.random((5, draws))


def in_sample(payoffs, u, bins=64):
    """The usual binned estimate, learnt and valued on the same draws."""
    place = (u * bins).astype(int)
    means = [np.bincount(place, row, bins) / len(u) for row in payoffs]
    return np.max(means, axis=0).sum() - payoffs.mean(axis=1).max()


def test_noise_does_not_pass_for_knowledge():
    """No parameter has to do with the pay-offs, and the options tie: what is worth 0 must not seem worth much."""
    cases = [near_ties(seed) for seed in range(20)]
    ours = [information(payoffs, named(u), {"all": list(named(u))}).partial for payoffs, u in cases]
    singles = np.array([[found[f"x{index}"].value for index in range(5)] for found in ours])
    naive = np.mean([in_sample(payoffs, u[0]) for payoffs, u in cases])
    assert naive > 0.15, "the estimator that this test is about would not fail it"
    assert singles.mean() < 0.01
    assert np.mean(singles == 0) > 0.85
    assert np.mean([found["all"].value for found in ours]) < 0.03


@pytest.mark.parametrize("seed", range(6))
def test_bounds_hold_in_every_sample(seed):
    """0 ≤ EVPPI ≤ EVPI, and more knowledge is never worth less, also where draws are few and options tie."""
    random = np.random.default_rng(seed)
    draws = int(random.integers(MIN_DRAWS, 700))
    u = random.random((6, draws))
    payoffs = random.normal(size=(5, 6)) @ special.ndtri(u) + random.normal(size=(5, draws))
    names = [f"x{index}" for index in range(6)]
    groups = {f"first_{count}": names[:count] for count in range(2, 7)} | {"same": names[:2][::-1]}
    found = information(payoffs, named(u), groups)
    for item in found.partial.values():
        assert 0 <= item.value <= found.perfect.value + 1e-12
    chain = [found.partial[f"first_{count}"].value for count in range(2, 7)]
    assert all(less <= more for less, more in pairwise(chain))
    for name, members in groups.items():
        assert found.partial[name].value >= max(found.partial[member].value for member in members)
    assert found.partial["same"].value >= found.partial["first_2"].value


def test_shifting_all_options_alike_changes_nothing():
    u = sobol(1024, 2)
    payoffs = np.stack([u[0], 1 - u[0], np.full(1024, 0.4)])
    plain, moved = information(payoffs, named(u)), information(payoffs + 7 * u[1], named(u))
    for name in plain.partial:
        assert moved.partial[name].value == pytest.approx(plain.partial[name].value, abs=1e-12)


def test_one_option_always_best_leaves_nothing_to_learn():
    u = sobol(512, 2)
    found = information(np.stack([u[0], u[0] + 1]), named(u), {"both": ["x0", "x1"]})
    assert found.perfect.value == 0.0
    assert {item.value for item in found.partial.values()} == {0.0}
    assert list(found.chances) == [0.0, 1.0]


def test_without_parameters_and_with_too_few_draws():
    payoffs = np.random.default_rng(0).normal(size=(2, 512))
    assert information(payoffs, {}).partial == {}
    with pytest.raises(ValueError, match=f"at least {MIN_DRAWS} draws"):
        information(payoffs[:, : MIN_DRAWS - 1], {})


def test_errors_are_as_large_as_they_should_be():
    """Over seeds, estimates scatter by about the error that each reports."""
    found = []
    for seed in range(24):
        random = np.random.default_rng(seed)
        u = random.random((1, 1024))
        payoffs = np.stack([np.zeros(1024), special.ndtri(u[0]) + random.normal(size=1024)])
        found.append(information(payoffs, named(u)).partial["x0"])
    scatter = np.std([item.value for item in found])
    assert 0.5 < scatter / np.mean([item.error for item in found]) < 2


@pytest.mark.slow
@pytest.mark.parametrize("bins", [4, 128])
def test_the_kernel_is_the_same_with_and_without_a_compiler(bins):
    random = np.random.default_rng(3)
    u, columns = random.random(1600), random.normal(size=(1600, 3))
    compiled = pytest.importorskip("costmodel.kernels.compiled")
    sums, again = np.empty((bins, 16, 3)), np.empty((bins, 16, 3))
    plain.bin_sums(u, columns, sums)
    assert sums.sum(axis=(0, 1)) == pytest.approx(columns.sum(axis=0))
    compiled.bin_sums(u, columns, again)
    assert np.array_equal(sums, again)
