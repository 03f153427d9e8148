"""How exact laws are that are used through tables: probability, moments and percentiles; and the copula."""

import math

import numpy as np
import pytest
from scipy import stats

from costmodel import kernels, load
from costmodel.distributions import LAWS, PERCENTILES, distribution
from costmodel.distributions.table import normal_rows
from costmodel.parameters.correlations import matrix
from costmodel.sampling import Draws

#: What is stated of a law in each form; those not named here take the percentiles alone.
STATED = {
    "uniform": [{"min": -2, "max": 5}],
    "triangular": [{"min": -1, "mode": 0.5, "max": 4}, {"min": 2, "mode": 2, "max": 4}],
    "pert": [{"min": 10, "mode": 12, "max": 40}, {"min": 10, "mode": 10, "max": 40}, {"min": 0, "mode": 1, "max": 1}],
    "normal": [{"mean": -3, "sd": 2}],
    "truncated_normal": [
        {"mean": 1, "sd": 2, "min": 0, "max": 5},
        {"mean": 1, "sd": 2, "max": 0},
        {"mean": 1, "sd": 2, "min": 3},
        {"mean": 1, "sd": 2},
        {"p05": 0.1, "p95": 0.7, "min": 0, "max": 1},
        {"p05": 0.1, "p50": 0.4, "min": 0},
    ],
    "lognormal": [
        {"mean": 20000, "sd": 5000},
        {"mean": 1, "sd": 2},
        {"mean": 1, "sd": 30},
        {"mean": 1, "sd": 0.01},
        {"mean": 1, "sd": 2.91},
    ],
    "beta": [
        {"mean": 0.3, "sd": 0.1},
        {"mean": 0.02, "sd": 0.03},
        {"mean": 0.5, "sd": 0.4},
        {"mean": 0.98, "sd": 0.001},
        {"mean": 0.0086, "sd": 0.0165},
        {"mean": 30, "sd": 4, "min": 20, "max": 60},
        {"p05": 0.3, "p95": 0.45},
        {"p05": 12, "p50": 20, "min": 10, "max": 50},
    ],
}
_BY_PERCENTILES = {"p05": 2.0, "p50": 4.0, "p95": 7.0}


def _agreeing(name):
    """Three percentiles that a law has, from two where two pin it down."""
    bounds = {"min": 0.0, "max": 10.0} if name in ("beta", "truncated_normal") else {}
    if name in ("triangular", "pert"):
        return _BY_PERCENTILES, bounds
    law = distribution(name, p05=2.0, p95=7.0, **bounds)
    return {"p05": 2.0, "p50": float(law.ppf(0.5)), "p95": 7.0}, bounds


def forms():
    """Every law in every form in which it can be stated, with bounds where it takes any."""
    for name, law in LAWS.items():
        for stated in STATED[name]:
            yield name, {word: float(number) for word, number in stated.items()}
        three, bounds = _agreeing(name)
        for needed, _ in law.forms:
            if needed <= three.keys():
                yield name, {word: three[word] for word in sorted(needed)} | bounds


FORMS = list(forms())
IDS = [f"{name}-{'-'.join(f'{word}={x:.4g}' for word, x in stated.items())}" for name, stated in FORMS]


def scipys(law):
    """The same law in SciPy, from the numbers that pin it down inside."""
    if law.law == "uniform":
        return stats.uniform(law.min, law.max - law.min)
    if law.law == "triangular":
        return stats.triang((law.mode - law.min) / (law.max - law.min), law.min, law.max - law.min)
    if law.law in ("pert", "beta"):
        return stats.beta(law.a, law.b, law.min, law.max - law.min)
    if law.law == "lognormal":
        return stats.lognorm(law.log_sd, 0, math.exp(law.log_mean))
    if law.law == "normal":
        return stats.norm(law.mean, law.sd)
    edges = [(edge - law.location) / law.scale for edge in (law.min, law.max)]
    return stats.truncnorm(*edges, law.location, law.scale)


_TAIL = np.geomspace(1e-9, 0.5, 601)
U = np.unique(np.concatenate([_TAIL, 1 - _TAIL, np.linspace(1e-3, 1 - 1e-3, 400), 2.0 ** -np.arange(1, 30)]))


def test_every_form_is_tested():
    for name, law in LAWS.items():
        for needed, _ in law.forms:
            tested = [words for other, stated in FORMS if other == name for words in [stated.keys()]]
            assert any(needed <= words <= needed | law.optional for words in tested), (name, needed)


@pytest.mark.parametrize(("name", "stated"), FORMS, ids=IDS)
def test_probability_of_a_quantile(name, stated):
    """The probability at which a quantile really lies is off by at most 10⁻¹⁰, and by 10⁻⁶ of itself in the tails.

    But for the last digits of the quantile: next to a bound they may be worth more.
    """
    law = distribution(name, **stated)
    x, exact = law.ppf(U.copy()), scipys(law)
    low, high = x - 4e-15 * np.abs(x), x + 4e-15 * np.abs(x)
    below, reached = exact.cdf(low), exact.cdf(high)
    assert np.all(below - 1e-10 <= U)
    assert np.all(reached + 1e-10 >= U)
    assert np.all(below * (1 - 1e-6) <= U)
    assert np.all(reached * (1 + 1e-6) >= U)
    # 1 − u itself is known to some 10⁻¹⁶ only.
    assert np.all(exact.sf(high) * (1 - 1e-6) <= 1 - U + 1e-15)
    assert np.all(exact.sf(low) * (1 + 1e-6) >= 1 - U - 1e-15)


@pytest.mark.parametrize(("name", "stated"), FORMS, ids=IDS)
def test_moments(name, stated):
    """Stated or derived, they are those of the quantiles that draws take."""
    law = distribution(name, **stated)
    mean, sd = integrated(law)
    first, second = beyond(law)
    assert mean == pytest.approx(law.mean, rel=first, abs=1e-7 * law.sd)
    assert sd == pytest.approx(law.sd, rel=1e-6 + second)
    if name != "truncated_normal":  # whose stated moments are those before the cut
        assert law.mean == pytest.approx(stated.get("mean", law.mean), rel=1e-12)
        assert law.sd == pytest.approx(stated.get("sd", law.sd), rel=1e-9)


def beyond(law):
    """Shares of the first and second moment that lie further out than `integrated` looks."""
    if law.law != "lognormal":
        return 0.0, 0.0
    end = stats.norm.isf(2.0**-31)
    return stats.norm.cdf(law.log_sd - end), stats.norm.cdf(2 * law.log_sd - end)


def integrated(law):
    """Mean and standard deviation from quantiles alone: Gauss–Legendre in pieces that shrink towards both ends."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    edges = 2.0 ** -np.arange(31, 0.75, -0.25)
    width = np.diff(edges)[:, None] / 2
    v = ((edges[:-1] + edges[1:])[:, None] / 2 + width * nodes).ravel()
    weight = (width * weights).ravel()
    total = 2 * weight.sum()
    x = np.concatenate([law.ppf(v), law.ppf(1 - v)])
    weight = np.concatenate([weight, weight]) / total
    # Around what is near the mean, so that no digits are lost.
    centre = law.mean
    first = (weight * (x - centre)).sum()
    return centre + first, math.sqrt((weight * (x - centre) ** 2).sum() - first**2)


@pytest.mark.parametrize(("name", "stated"), [f for f in FORMS if f[1].keys() & PERCENTILES.keys()])
def test_stated_percentiles_come_out_of_the_table(name, stated):
    law = distribution(name, **stated)
    for word in stated.keys() & PERCENTILES.keys():
        found = law.ppf(np.array([PERCENTILES[word]]))[0]
        # A third percentile that was not needed may be stated to three digits.
        assert found == pytest.approx(stated[word], rel=1e-8), word


def test_probability_of_a_normal():
    z = np.linspace(-7.9, 7.9, 20001)
    # Never closer to 0 and 1 than the points themselves.
    found = np.empty_like(z)
    kernels.active().normal(z, normal_rows(), found)
    exact = np.clip(stats.norm.cdf(z), 2.0**-31, 1 - 2.0**-31)
    assert np.abs(found - exact).max() < 1e-13
    assert np.all(np.diff(found) >= -1e-15)


# -- copula -----------------------------------------------------------------------------------------------------------

A, B, C, D = (
    "finance.price_decline",
    "finance.economic_life",
    "channels.gray.logistics_cost",
    "workloads.training.share",
)
BLOCKS = {
    "nearly together": [((A, B), 0.95)],
    "nearly opposed": [((A, B), -0.95)],
    "chain": [((A, B), 0.6), ((B, C), -0.4)],
    "block of four": [((A, B, C, D), 0.7)],
    "four, all different": [
        ((A, B), 0.9), ((A, C), -0.5), ((A, D), 0.2), ((B, C), -0.3), ((B, D), 0.1), ((C, D), -0.6),
    ],
    "singular": [((A, B), 1.0), ((A, C), -0.5), ((B, C), -0.5)],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("method", ["sobol", "random"])
@pytest.mark.parametrize("name", BLOCKS)
def test_copula_gives_the_stated_rank_correlations(name, method, small_sets, tmp_path):
    file = tmp_path / "c.yaml"
    lines = [f"  - {{parameters: [{', '.join(paths)}], rank: {rank}, assumption: x}}" for paths, rank in BLOCKS[name]]
    file.write_text("\n".join(["extends: baseline", "correlations:", *lines]) + "\n")
    case, draws = load(file), 2**15
    source = Draws(case, draws, seed=11, method=method)
    blocks = [source.drawn(start) for start in source.starts()]
    columns = np.stack([np.concatenate([block[path] for block in blocks]) for path in (A, B, C, D)])
    found = stats.spearmanr(columns, axis=1).statistic
    wanted = stated_matrix(case)
    # Pseudo-random draws scatter by 1/√draws where two are not correlated.
    assert found == pytest.approx(wanted, abs=0.01 if method == "sobol" else 3.5 / math.sqrt(draws))


def stated_matrix(case):
    paths, normal = matrix([pair for pair in case.correlations if {pair.first, pair.second} <= {A, B, C, D}])
    ranks = 6 / np.pi * np.arcsin(normal / 2)
    found = np.eye(4)
    for i, one in enumerate((A, B, C, D)):
        for j, other in enumerate((A, B, C, D)):
            if i != j and one in paths and other in paths:
                found[i, j] = ranks[paths.index(one), paths.index(other)]
    return found


def test_margins_stay_uniform_under_the_copula(small):
    """Joined parameters are spread as evenly as those that stand alone."""
    source = Draws(small, 8192, seed=5)
    joined = {path for pair in small.correlations for path in (pair.first, pair.second)} & set(small.uncertain)
    for path in joined:
        assert stats.kstest(source.probabilities(0)[path], "uniform").statistic < 0.005, path
