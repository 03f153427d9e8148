"""Every law and every way to state it, against SciPy."""

import math
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from costmodel.distributions import LAWS, PERCENTILES, SHAPE_WORDS, distribution

#: (law, numbers stated, the same law in SciPy), for laws stated by their parameters.
STATED = [
    ("uniform", {"min": -2, "max": 5}, stats.uniform(-2, 7)),
    ("uniform", {"min": 1e6, "max": 1.5e6}, stats.uniform(1e6, 0.5e6)),
    ("triangular", {"min": -1, "mode": 0.5, "max": 4}, stats.triang(0.3, -1, 5)),
    ("triangular", {"min": 2, "mode": 2, "max": 4}, stats.triang(0, 2, 2)),
    ("triangular", {"min": 2, "mode": 4, "max": 4}, stats.triang(1, 2, 2)),
    ("pert", {"min": 0, "mode": 0.2, "max": 1}, stats.beta(1.8, 4.2)),
    ("pert", {"min": 10, "mode": 25, "max": 40}, stats.beta(3, 3, 10, 30)),
    ("pert", {"min": 10, "mode": 10, "max": 40}, stats.beta(1, 5, 10, 30)),
    ("pert", {"min": 10, "mode": 40, "max": 40}, stats.beta(5, 1, 10, 30)),
    ("normal", {"mean": -3, "sd": 2}, stats.norm(-3, 2)),
    ("truncated_normal", {"mean": 1, "sd": 2, "min": 0, "max": 5}, stats.truncnorm(-0.5, 2, 1, 2)),
    ("truncated_normal", {"mean": 1, "sd": 2, "min": 0}, stats.truncnorm(-0.5, np.inf, 1, 2)),
    ("truncated_normal", {"mean": 1, "sd": 2, "max": 0}, stats.truncnorm(-np.inf, -0.5, 1, 2)),
    ("truncated_normal", {"mean": 1, "sd": 2}, stats.norm(1, 2)),
    ("truncated_normal", {"mean": 0.5, "sd": 10, "min": 0, "max": 1}, stats.truncnorm(-0.05, 0.05, 0.5, 10)),
    ("lognormal", {"mean": 20000, "sd": 5000}, stats.lognorm(math.log(17 / 16) ** 0.5, 0, 20000 / (17 / 16) ** 0.5)),
    ("lognormal", {"mean": 1, "sd": 3}, stats.lognorm(math.sqrt(math.log(10)), 0, 1 / math.sqrt(10))),
    ("beta", {"mean": 0.3, "sd": 0.1}, stats.beta(6, 14)),
    ("beta", {"mean": 0.5, "sd": 0.4}, stats.beta(0.28125, 0.28125)),
    ("beta", {"mean": 0.5, "sd": 0.45}, stats.beta(0.5 * (0.25 / 0.2025 - 1), 0.5 * (0.25 / 0.2025 - 1))),
    ("beta", {"mean": 30, "sd": 4, "min": 20, "max": 60}, stats.beta(*[x * (18.75 - 1) for x in (0.25, 0.75)], 20, 40)),
    ("beta", {"mean": 0.02, "sd": 0.01}, stats.beta(*[x * (0.02 * 0.98 / 1e-4 - 1) for x in (0.02, 0.98)])),
]  # fmt: skip
#: So steep at their ends that the nearest floating-point number has another probability.
STEEP = [("beta", {"mean": 0.5, "sd": 0.4}), ("beta", {"mean": 0.5, "sd": 0.45})]
TAILS = np.concatenate(
    [10.0 ** np.arange(-9, -1.5, 0.5), np.linspace(0.05, 0.95, 37), 1 - 10.0 ** np.arange(-9, -1.5, 0.5)]
)


def label(row):
    return f"{row[0]}-{'-'.join(row[1])}-{'-'.join(f'{x:g}' for x in row[1].values())}"


def span(scipys):
    """A length by which errors in the law's middle are judged."""
    return float(scipys.ppf(0.95) - scipys.ppf(0.05))


@pytest.mark.parametrize("row", STATED, ids=label)
def test_quantiles(row):
    name, stated, scipys = row
    law, wanted = distribution(name, **stated), scipys.ppf(TAILS)
    assert law.law == name
    found = law.ppf(TAILS)
    # As exact as the law is wide, or as the value itself where tails reach far.
    assert np.all(np.abs(found - wanted) <= 2e-9 * np.maximum(span(scipys), np.abs(wanted)))
    one_by_one = np.array([float(law.ppf(float(u))) for u in TAILS])
    assert np.all(np.abs(found - one_by_one) <= 2e-9 * np.maximum(span(scipys), np.abs(wanted)))


@pytest.mark.parametrize("row", STATED, ids=label)
def test_distribution_function(row):
    name, stated, scipys = row
    law = distribution(name, **stated)
    x = np.concatenate(
        [
            scipys.ppf(np.linspace(0.001, 0.999, 97)),
            [scipys.ppf(0.5) - 30 * span(scipys), scipys.ppf(0.5) + 30 * span(scipys)],
        ]
    )
    assert law.cdf(x) == pytest.approx(scipys.cdf(x), abs=1e-11)
    assert float(law.cdf(float(x[5]))) == pytest.approx(float(scipys.cdf(x[5])), abs=1e-11)


@pytest.mark.parametrize("row", STATED, ids=label)
def test_moments(row):
    name, stated, scipys = row
    law = distribution(name, **{word: float(number) for word, number in stated.items()})
    assert law.mean == pytest.approx(scipys.mean(), rel=1e-9)
    assert law.sd == pytest.approx(scipys.std(), rel=1e-6)


@pytest.mark.parametrize("row", STATED, ids=label)
def test_quantiles_rise_and_are_finite(row):
    name, stated, scipys = row
    law = distribution(name, **stated)
    u = np.unique(np.concatenate([TAILS, np.linspace(2.0**-31, 1 - 2.0**-31, 20001)]))
    x = law.ppf(u)
    assert np.all(np.isfinite(x))
    # A table of a beta law may step back by its own error where two segments meet.
    assert np.all(np.diff(x) >= -1e-9 * span(scipys))
    assert np.all(x >= stated.get("min", -np.inf))
    assert np.all(x <= stated.get("max", np.inf))


@pytest.mark.parametrize("row", [row for row in STATED if row[:2] not in STEEP], ids=label)
@given(u=st.floats(1e-9, 1 - 1e-9))
def test_distribution_function_undoes_quantile(row, u):
    law = distribution(row[0], **row[1])
    back = float(law.cdf(law.ppf(np.array([u]))[0]))
    # At the ends a quantile cannot be told from the bound any more, and its probability moves with its last digit.
    assert back == pytest.approx(u, rel=1e-5, abs=2e-8)


# -- percentiles -----------------------------------------------------------------------------------------------------

#: Bounded laws need numbers within their bounds.
PERCENTILE_FORMS = [
    ("uniform", {"p05": 2, "p95": 9}),
    ("uniform", {"p05": 2, "p50": 5.5, "p95": 9}),
    ("triangular", {"p05": 2, "p50": 4.7, "p95": 9}),
    ("triangular", {"p05": 2, "p50": 5.5, "p95": 9}),
    ("triangular", {"p05": -9, "p50": -4.8, "p95": -2}),
    ("pert", {"p05": 2, "p50": 4, "p95": 9}),
    ("pert", {"p05": 0.3, "p50": 0.5, "p95": 0.9}),
    ("pert", {"p05": 20000, "p50": 31000, "p95": 36000}),
    ("normal", {"p05": -2, "p95": 9}),
    ("normal", {"p05": -2, "p50": 3.5, "p95": 9}),
    ("normal", {"p05": -2, "p50": 3}),
    ("normal", {"p50": 3, "p95": 9}),
    ("truncated_normal", {"p05": 0.1, "p95": 0.7, "min": 0, "max": 1}),
    ("truncated_normal", {"p05": 0.5, "p95": 3, "min": 0}),
    ("truncated_normal", {"p05": 1.8, "p95": 2.9, "min": 1, "max": 5}),
    ("truncated_normal", {"p05": 2, "p95": 9}),
    ("lognormal", {"p05": 2, "p95": 9}),
    ("lognormal", {"p05": 2, "p50": math.sqrt(18), "p95": 9}),
    ("lognormal", {"p05": 2, "p50": 4}),
    ("lognormal", {"p50": 4, "p95": 1000}),
    ("beta", {"p05": 0.3, "p95": 0.45}),
    ("beta", {"p05": 0.01, "p95": 0.2}),
    ("beta", {"p05": 0.8, "p95": 0.999}),
    ("beta", {"p05": 0.02, "p95": 0.97}),
    ("beta", {"p05": 0.1, "p50": 0.3}),
    ("beta", {"p50": 0.3, "p95": 0.6}),
    ("beta", {"p05": 12, "p95": 30, "min": 10, "max": 50}),
]  # fmt: skip


@pytest.mark.parametrize("row", PERCENTILE_FORMS, ids=label)
def test_stated_percentiles_come_out(row):
    name, stated = row
    law = distribution(name, **stated)
    for word, probability in PERCENTILES.items():
        if word in stated:
            assert float(law.ppf(probability)) == pytest.approx(stated[word], rel=1e-7)
            assert float(law.cdf(float(stated[word]))) == pytest.approx(probability, abs=1e-7)
    drawn = law.ppf((np.arange(200_000) + 0.5) / 200_000)
    if law.sd < 2 * abs(law.mean):  # a wilder one is beyond 200 000 draws
        assert drawn.mean() == pytest.approx(law.mean, rel=1e-3)
        assert drawn.std() == pytest.approx(law.sd, rel=1e-2)
    assert drawn.min() >= stated.get("min", -np.inf)
    assert drawn.max() <= stated.get("max", np.inf)


def test_every_form_of_every_law_is_tested():
    tested = {(name, frozenset(stated)) for name, stated, *_ in [*STATED, *PERCENTILE_FORMS]}
    for name, law in LAWS.items():
        for needed, _ in law.forms:
            pairs = {"p05", "p50", "p95"} >= needed
            if pairs and name in ("truncated_normal", "uniform", "beta") and len(needed) > 1:
                assert any(n == name and words & {"p05", "p95"} for n, words in tested)
            else:
                assert any(n == name and needed <= words for n, words in tested), (name, needed)


@given(
    low=st.floats(-1e3, 1e3),
    width=st.floats(1, 1e5),
    place=st.floats(0, 1),
    name=st.sampled_from(["triangular", "pert"]),
)
def test_three_percentiles_pin_down_a_three_point_law(low, width, place, name):
    """Made from its own percentiles, a law is itself again."""
    law = distribution(name, min=low, mode=low + place * width, max=low + width)
    p05, p50, p95 = (float(law.ppf(u)) for u in PERCENTILES.values())
    if not p05 < p50 < p95:
        return
    again = distribution(name, p05=p05, p50=p50, p95=p95)
    # A triangle's percentiles do not tell where in its outermost twentieth the mode lies.
    told = name == "pert" or 0.06 < place < 0.94
    for u in (0.001, 0.05, 0.3, 0.5, 0.8, 0.95, 0.999) if told else PERCENTILES.values():
        assert float(again.ppf(u)) == pytest.approx(float(law.ppf(u)), abs=1e-5 * width)


@given(mean=st.floats(0.02, 0.98), spread=st.floats(0.05, 0.6))
def test_two_percentiles_pin_down_a_beta(mean, spread):
    law = distribution("beta", mean=mean, sd=spread * math.sqrt(mean * (1 - mean)))
    p05, p95 = float(law.ppf(0.05)), float(law.ppf(0.95))
    if not 1e-3 < p05 < p95 < 1 - 1e-3:
        return
    again = distribution("beta", p05=p05, p95=p95)
    assert (again.mean, again.sd) == pytest.approx((law.mean, law.sd), rel=1e-4)


# -- what cannot be --------------------------------------------------------------------------------------------------

WRONG = [
    ("uniform", {"min": 2, "max": 2}, "min = 2 must be below max = 2"),
    ("uniform", {"p05": 3, "p95": 2}, "p05 = 3 must be below p95 = 2"),
    ("triangular", {"min": 1, "mode": 4, "max": 3}, "mode = 4 is outside the range from min = 1 to max = 3"),
    ("pert", {"min": 3, "mode": 2, "max": 1}, "min = 3 must be below max = 1"),
    ("normal", {"mean": 1, "sd": 0}, "sd = 0 must be above 0"),
    ("normal", {"mean": 1, "sd": float("nan")}, "sd = nan must be above 0"),
    ("normal", {"p05": 1, "p50": 5, "p95": 7}, "two percentiles pin down a normal, and this one has p50 = 4, not 5"),
    ("lognormal", {"mean": -1, "sd": 1}, "mean = -1 must be above 0"),
    ("lognormal", {"p05": 0, "p95": 1}, "a lognormal has no value at or below 0, but p05 = 0"),
    ("beta", {"mean": 0.5, "sd": 0.5}, "sd = 0.5 is too large for a beta with mean = 0.5 between 0 and 1"),
    ("beta", {"mean": 1.0, "sd": 0.1}, "mean = 1 must be below max = 1"),
    ("beta", {"p05": 0.0, "p95": 0.5}, "p05 = 0 must lie between min = 0 and max = 1 of the beta"),
    ("truncated_normal", {"mean": 0, "sd": 1, "min": 9, "max": 10}, "has no mass between 9 and 10"),
    ("truncated_normal", {"p05": 0.01, "p95": 0.99, "min": 0, "max": 1}, "no truncated normal has p05 = 0.01"),
    ("pert", {"p05": 1, "p50": 1.1, "p95": 9}, "for more skew use lognormal"),
    ("pert", {"mean": 1, "sd": 1}, "a pert is stated by min, mode, max | p05, p50, p95; given: mean, sd"),
    ("uniform", {}, "given: nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "stated", "message"), WRONG, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(WRONG)])
def test_what_cannot_be_is_said(name, stated, message):
    with pytest.raises(ValueError, match=r".") as caught:
        distribution(name, **stated)
    assert message in str(caught.value)


@given(
    name=st.sampled_from(sorted(LAWS)),
    stated=st.dictionaries(
        st.sampled_from(sorted(SHAPE_WORDS)), st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0]), max_size=5
    ),
)
def test_any_numbers_make_a_law_or_a_message(name, stated):
    """Whatever is stated, there is either a law with finite quantiles or a ValueError with a message."""
    law = None
    with suppress(ValueError):
        law = distribution(name, **stated)
    if law is None:
        return
    assert np.all(np.isfinite(law.ppf(np.array([1e-9, 0.5, 1 - 1e-9]))))
    for word, probability in PERCENTILES.items():
        if word in stated:
            values = [value for other, value in stated.items() if other in PERCENTILES]
            assert float(law.ppf(probability)) == pytest.approx(stated[word], abs=2e-3 * (max(values) - min(values)))
