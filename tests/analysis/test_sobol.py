"""Sobol' indices, binned indices and rank correlations of functions whose answers are known."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import qmc, spearmanr

from costmodel.analysis.given_data import first_order, rank_correlation
from costmodel.analysis.sobol import NOTHING, estimated, sobol
from costmodel.sampling import REPLICATES


def cube(dimensions, each=256, seed=0):
    """Points of 16 independently scrambled sequences that take turns."""
    sequences = [qmc.Sobol(dimensions, rng=np.random.default_rng([seed, r])).random(each) for r in range(REPLICATES)]
    return np.stack(sequences, axis=1).reshape(-1, dimensions)


def two_samples(names, law=lambda u: u, **options):
    points = law(cube(2 * len(names), **options))
    return (
        {name: points[:, index] for index, name in enumerate(names)},
        {name: points[:, len(names) + index] for index, name in enumerate(names)},
    )


def ishigami(x):
    return np.sin(x["x1"]) + 7 * np.sin(x["x2"]) ** 2 + 0.1 * x["x3"] ** 4 * np.sin(x["x1"])


ISHIGAMI = {"x1": (0.313905, 0.557589), "x2": (0.442411, 0.442411), "x3": (0.0, 0.243684)}
A = {"g1": 0.0, "g2": 1.0, "g3": 4.5, "g4": 9.0, "g5": 99.0}


def g_function(x):
    return np.prod([(np.abs(4 * x[name] - 2) + a) / (1 + a) for name, a in A.items()], axis=0)


def g_answers():
    parts = {name: 1 / (3 * (1 + a) ** 2) for name, a in A.items()}
    variance = np.prod([1 + part for part in parts.values()]) - 1
    return {name: (part / variance, part * (variance + 1) / (1 + part) / variance) for name, part in parts.items()}


def onto_circle(u):
    return np.pi * (2 * u - 1)


CASES = {
    "ishigami": (ishigami, ISHIGAMI, onto_circle),
    "g-function": (g_function, g_answers(), lambda u: u),
    "linear": (
        lambda x: 3.0 + 1.0 * x["a"] + 2.0 * x["b"] - 3.0 * x["c"] + 0.0 * x["d"],
        {"a": (1 / 14, 1 / 14), "b": (4 / 14, 4 / 14), "c": (9 / 14, 9 / 14), "d": (0.0, 0.0)},
        ndtri,
    ),
}


@pytest.mark.parametrize(("model", "answers", "law"), CASES.values(), ids=CASES)
def test_known_answers(model, answers, law):
    """Within 0.01 at 8,192 points, and within what the reported errors allow."""
    found = sobol(model, *two_samples(list(answers), law, each=512))
    for item, (first, total) in zip(found, answers.values(), strict=True):
        for index, truth in ((item.first, first), (item.total, total)):
            assert index.value == pytest.approx(truth, abs=0.01), item.paths
            assert abs(index.value - truth) <= 5 * index.error + 1e-12
            assert index.low <= index.value <= index.high


def test_intervals_hold_what_they_say():
    """95 % intervals of the 6 indices of the Ishigami function hold the truth in 90 to 99 % of 40 seeds."""
    hits = []
    for seed in range(40):
        found = sobol(ishigami, *two_samples(list(ISHIGAMI), onto_circle, each=64, seed=seed))
        for item, truths in zip(found, ISHIGAMI.values(), strict=True):
            hits += [i.low <= t <= i.high for i, t in zip((item.first, item.total), truths, strict=True)]
    assert 0.90 <= np.mean(hits) <= 0.99


def test_correlated_inputs_share_an_index():
    """y = x + y + 2z with correlated normals x, y: their group causes (2 + 2r) / (6 + 2r) of the variance."""
    rank = 0.6
    a, b = two_samples(["x", "y", "z"], ndtri)
    for sample in (a, b):
        sample["y"] = rank * sample["x"] + np.sqrt(1 - rank**2) * sample["y"]
    joined, alone = sobol(lambda v: v["x"] + v["y"] + 2 * v["z"], a, b, [("x", "y"), ("z",)])
    assert joined.paths == ("x", "y")
    assert joined.first.value == pytest.approx((2 + 2 * rank) / (6 + 2 * rank), abs=0.01)
    assert alone.total.value == pytest.approx(4 / (6 + 2 * rank), abs=0.01)


def test_what_the_result_does_not_depend_on_has_no_influence_at_all():
    values, other = cube(2).T
    (item,) = estimated(values, other, [(("x",), values)])
    assert item.first == item.total == NOTHING
    # Equal numbers in another array are only measured to be 0.
    (item,) = estimated(values, other, [(("x",), values.copy())])
    assert (item.first.value, item.total.value) == (0.0, 0.0)


def test_no_variance_and_too_few_draws_are_refused():
    a, b = two_samples(["x"])
    with pytest.raises(ValueError, match="does not vary"):
        sobol(lambda v: np.full_like(v["x"], 0.1) * 3, a, b)
    with pytest.raises(ValueError, match="at least 32 draws, not 16"):
        sobol(lambda v: v["x"], *two_samples(["x"], each=1))


@pytest.mark.parametrize(("model", "answers", "law"), CASES.values(), ids=CASES)
def test_binned_indices_know_the_answers(model, answers, law):
    """Within 0.01 at 16,384 points; inputs without influence within noise of 0."""
    points = cube(len(answers), each=1024)
    u = {name: points[:, index] for index, name in enumerate(answers)}
    found = first_order(u, model({name: law(x) for name, x in u.items()}))
    for name, (first, _) in answers.items():
        assert found[name].value == pytest.approx(first, abs=0.01), name
    assert all(abs(found[name].value) <= 5 * found[name].error for name, (first, _) in answers.items() if not first)


@pytest.mark.parametrize("draws", [500, 4096, 5000])
def test_binned_indices_are_not_biased_by_the_number_of_bins(draws):
    """Of noise alone the mean index of 60 inputs is 0; plain bins would give bins/draws. Errors are honest."""
    random = np.random.default_rng(1)
    found = first_order({str(i): u for i, u in enumerate(random.random((60, draws)))}, random.lognormal(size=draws))
    values, errors = np.array([[i.value, i.error] for i in found.values()]).T
    bins = max(2, min(64, draws // 128))
    assert abs(np.mean(values)) < 0.35 * bins / draws
    assert 0.5 < np.std(values) / np.mean(errors) < 2


def test_rank_correlations_are_spearmans():
    random = np.random.default_rng(2)
    u, noise = random.random((2, 4096))
    found = rank_correlation({"u": u, "none": random.random(4096)}, np.exp(3 * u) + 5 * noise)
    assert found["u"].value == pytest.approx(spearmanr(u, np.exp(3 * u) + 5 * noise).statistic, abs=2e-3)
    assert abs(found["none"].value) < 4 * found["none"].error
    assert rank_correlation({"u": u}, -(u**3))["u"].value == pytest.approx(-1, abs=1e-3)


def test_rank_correlations_with_ties():
    u = (np.arange(4096) * 0.6180339887) % 1
    steps = np.floor(4 * u)
    assert rank_correlation({"u": u}, steps)["u"].value == pytest.approx(spearmanr(u, steps).statistic, abs=1e-3)


def test_nothing_is_free_of_a_result_that_does_not_vary():
    u = {"u": np.linspace(0.01, 0.99, 64)}
    assert first_order(u, np.ones(64)) == rank_correlation(u, np.ones(64)) == {"u": NOTHING}
    for free in (first_order, rank_correlation):
        with pytest.raises(ValueError, match="at least 32"):
            free(u, np.ones(8))
