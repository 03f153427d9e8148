"""Published figures beside a path: means over quarters, errors and bands by hand, and what cannot be compared."""

import numpy as np
import pytest

from costmodel import ParameterError
from costmodel.analysis.path import path_json, path_result
from paths import Along, small_path

DRAWS = 128
CHANGES = {"demand.growth": 0.5, "stocks.turnover": 1}


def figure(date, outcome, value, **more):
    return {"date": date, "outcome": outcome, "value": value, "label": f"{outcome} {date}", **more}


def result(*figures, **keys):
    case = small_path(changes=CHANGES, observations=[{"assumption": "made up", **item} for item in figures], **keys)
    return path_result(case, DRAWS, names=["price"])


def test_a_figure_is_held_against_the_quarter_of_its_date():
    (series,) = result(figure("2026-08", "premium", 2.0, low=1.0, high=3.0)).backtest.series
    (found,) = series.comparisons
    premium = Along(small_path(changes=CHANGES), DRAWS)["premium"][2]
    for name, share in (("p05", 5), ("p50", 50), ("p95", 95)):
        assert found.model[name].value == pytest.approx(np.percentile(premium, share), rel=1e-12)
    assert found.error == pytest.approx(np.median(premium) / 2.0 - 1, rel=1e-12)


def test_a_figure_of_a_longer_time_is_held_against_the_mean_of_each_draw():
    (series,) = result(figure("2026-02", "delivered.gray", 5000.0, until="2026-12")).backtest.series
    (found,) = series.comparisons
    rows = Along(small_path(changes=CHANGES), DRAWS)["delivered.gray"][:4]
    assert found.model["p50"].value == pytest.approx(np.median(rows.mean(axis=0)), rel=1e-12)


def test_measures_of_error():
    along = Along(small_path(changes=CHANGES), DRAWS)["price"]
    middle = np.median(along, axis=1)
    shares = (0.8, 1.25, 2.0, 1.0)
    dates = ("2026-01", "2026-04", "2026-07", "2027-01")
    places = (0, 1, 2, 4)
    figures = [
        figure(date, "price", float(middle[place] * share))
        for date, place, share in zip(dates, places, shares, strict=True)
    ]
    (series,) = result(*reversed(figures)).backtest.series
    assert [x.observation.first - series.comparisons[0].observation.first for x in series.comparisons] == [0, 1, 2, 4]
    errors = [1 / share - 1 for share in shares]
    assert [each.error for each in series.comparisons] == pytest.approx(errors)
    assert series.bias == pytest.approx(np.mean(errors))
    assert series.mean_error == pytest.approx(np.mean(np.abs(errors)))
    low, high = np.percentile(along, [5, 95], axis=1)
    inside = [low[p] <= middle[p] * share <= high[p] for p, share in zip(places, shares, strict=True)]
    assert 0 < sum(inside) < 4
    assert series.inside == sum(inside) / 4
    # The model's prices rise; the published ones stand in the order 1, 2, 4, 3 of theirs.
    ranks = np.argsort(np.argsort([middle[p] * share for p, share in zip(places, shares, strict=True)]))
    expected = 1 - 6 * np.sum((ranks - np.arange(4)) ** 2) / (4 * 15)
    assert np.all(np.diff(middle[list(places)]) > 0)
    assert series.rank_correlation == pytest.approx(expected)


def test_too_few_figures_have_no_rank_correlation():
    (series,) = result(
        *(figure(f"2026-{month}", "price", value) for month, value in (("01", 2), ("07", 3)))
    ).backtest.series
    assert series.rank_correlation is None


def test_figures_outside_the_path_are_told_apart():
    found = result(
        figure("2025-11", "price", 2.0),
        figure("2027-11", "price", 2.0, until="2028-02"),
        figure("2026-05", "price", 2.0),
    )
    assert [item.first - found.path.quarters[0] for item in found.backtest.outside] == [-1, 7]
    assert len(found.backtest.series) == 1


def test_what_is_followed_does_not_change_a_comparison():
    """Figures are compared though their results are not asked for; and nothing is fitted to them."""
    one = figure("2026-05", "installed.gray", 2.0)
    with_it, without = result(one), result()
    assert list(with_it.statistics) == ["price"]
    assert with_it.statistics == without.statistics
    other = result(figure("2026-05", "installed.gray", 99.0))
    assert other.statistics == with_it.statistics
    assert other.backtest.series[0].comparisons[0].model == with_it.backtest.series[0].comparisons[0].model


def test_a_figure_of_nothing_that_is_followed_is_refused():
    case = small_path(observations=[{"assumption": "made up", **figure("2026-05", "share.grey", 0.2)}])
    found = path_result(case, 16)
    with pytest.raises(ParameterError, match=r"nothing called `share\.grey` is followed; did you mean `share\.gray`"):
        found.backtest  # noqa: B018 (made when it is asked for)


def test_json():
    found = path_json(result(figure("2026-08", "premium", 2.0, low=1.0)))
    (entry,) = found["backtest"]
    assert entry["outcome"] == "premium"
    assert entry["figures"][0]["published"] == {"value": 2.0, "low": 1.0, "high": None}
    assert entry["figures"][0]["date"] == "2026-07-01"
    assert set(found["paths"]) == {"price"}
    assert len(found["paths"]["price"]["p50"]) == len(found["dates"]) == 8
    assert found["controls"] == []
