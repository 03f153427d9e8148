"""The commands about what moves an outcome: keys of their JSON, rows of their CSV, and bad input."""

import csv
import io
import json

import pytest


@pytest.fixture
def run(command_line, small_sets):
    """The command line, on the small sets."""
    return command_line


MARKUP, RATE = "channels.gray.price_markup", "finance.discount_rate"
INDEX = {"value", "error", "low", "high"}


def as_json(run, *words):
    code, out, err = run(*words, "--format", "json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_sensitivity_has_the_documented_keys(run):
    found = as_json(run, "sensitivity", "baseline", "--outcome", "gray", "--base", 64, "--seed", 3)
    assert list(found) == [
        "set", "outcome", "unit", "base", "seed", "mean", "sd", "recomputed", "not_alone", "groups", "parameters",
    ]  # fmt: skip
    assert (found["outcome"], found["unit"], found["base"], found["seed"]) == ("cost.mix.gray", "USD/H100e-h", 64, 3)
    for item in found["groups"]:
        assert set(item) == {"parameters", "reason", "first_order", "total"}
        assert set(item["first_order"]) == set(item["total"]) == INDEX
    for item in found["parameters"].values():
        assert {kind: set(index) for kind, index in item.items()} == {
            "first_order_binned": INDEX,
            "rank_correlation": INDEX,
        }


def test_seeds_differ_and_repeat(run):
    words = ("sensitivity", "baseline", "--outcome", "gray", "--base", 64)
    assert as_json(run, *words, "--seed", 0) == as_json(run, *words)
    assert as_json(run, *words, "--seed", 0)["mean"] != as_json(run, *words, "--seed", 1)["mean"]


def test_tornado_and_curve_have_the_documented_keys(run):
    found = as_json(run, "tornado", "baseline", "--outcome", "premium.mix.gray")
    assert list(found) == ["set", "outcome", "unit", "bars"]
    assert set(found["bars"][0]) == {
        "parameter", "parameter_unit", "low_input", "high_input", "low", "high", "central", "swing",
    }  # fmt: skip
    curve = as_json(run, "tornado", "baseline", "--outcome", "gray", "--parameter", MARKUP, "--points", 5)
    assert list(curve) == [
        "set", "outcome", "unit", "parameter", "parameter_unit", "central_input", "central", "inputs", "values",
    ]  # fmt: skip
    assert len(curve["inputs"]) == len(curve["values"]) == 5


def test_heatmap_has_the_documented_keys(run):
    found = as_json(run, "heatmap", "baseline", "--outcome", "gray", "--parameters", MARKUP, RATE, "--points", 3)
    assert list(found) == ["set", "outcome", "unit", "parameters", "parameter_units", "inputs", "values", "cheapest"]
    assert found["parameters"] == [MARKUP, RATE]
    bars = as_json(run, "tornado", "baseline", "--outcome", "gray")["bars"]
    default = as_json(run, "heatmap", "baseline", "--outcome", "gray")
    assert default["parameters"] == [bar["parameter"] for bar in bars[:2]]


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        (("sensitivity", "--base", "64"), None),
        (("tornado",), None),
        (("tornado", "--parameter", MARKUP, "--points", "4"), 4),
        (("heatmap", "--points", "3"), 9),
    ],
)
def test_csv_and_tables(run, small, words, rows):
    command, *options = words
    asked = (command, "baseline", "--outcome", "gray", *options)
    code, out, _ = run(*asked, "--format", "csv")
    assert code == 0
    assert len(list(csv.DictReader(io.StringIO(out)))) == (rows or len(small.uncertain))
    code, out, _ = run(*asked)
    assert code == 0
    assert out.strip()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("sensitivity", "--outcome", "cost.mix.grey"), "did you mean `cost.mix.gray`"),
        (("sensitivity", "--outcome", "premium.mix.counterfactual"), "the same in all draws"),
        (("sensitivity", "--outcome", "gray", "--base", "8"), "32"),
        (("sensitivity", "--outcome", "gray", "--seed", "-1"), "at least 0"),
        (("sensitivity", "--outcome", "gray", "--refuse-correlated"), "cannot be told"),
        (("sensitivity",), "--outcome"),
        (("tornado", "--outcome", "gray", "--parameter", "finance.discount_rat"), "did you mean"),
        (("heatmap", "--outcome", "gray", "--parameters", RATE, RATE), "named twice"),
        (("heatmap", "--outcome", "gray", "--parameters", RATE, "channels.gray.chip"), "is certain here"),
        (("heatmap", "--outcome", "gray", "--points", "1"), "points"),
    ],
)
def test_bad_input_is_a_message_and_exit_code_2(run, words, says):
    command, *options = words
    code, out, err = run(command, "baseline", *options)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


def test_a_map_of_a_certain_set_is_refused(run):
    code, _, err = run("heatmap", "certain", "--outcome", "counterfactual.mix")
    assert code == 2
    assert "two uncertain parameters" in err
