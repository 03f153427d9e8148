"""Commands that look into the draws of a set: documented keys, and messages for what cannot be."""

import csv
import io
import json

import pytest


@pytest.fixture
def run(command_line):
    """The command line."""
    return command_line


DISCOVER = ("discover", "baseline", "--channel", "domestic", "--against", "direct", "--draws", 2048)


@pytest.mark.slow
def test_discover_json_has_the_documented_keys(run):
    code, out, err = run(*DISCOVER, "--format", "json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    head = {"set": "baseline", "workload": "mix", "channel": "domestic", "against": "direct", "draws": 2048, "seed": 0}
    assert {name: found[name] for name in head} == head
    assert set(found) == {*head, "share", "verdict", "boxes"}
    assert found["verdict"] == "found"
    for box in found["boxes"]:
        assert set(box) == {"rule", "bounds", "unseen", "seen"}
        for bound in box["bounds"]:
            assert set(bound) == {"path", "low", "high", "low_probability", "high_probability", "unit"}
        for worth in (box["unseen"], box["seen"]):
            assert set(worth) == {"coverage", "density", "mass"}
            assert all(0 <= share <= 1 for share in worth.values())


def test_discover_csv_and_table_hold_the_same(run):
    _, as_json, _ = run(*DISCOVER, "--format", "json")
    _, as_csv, _ = run(*DISCOVER, "--format", "csv")
    _, as_table, _ = run(*DISCOVER)
    boxes = json.loads(as_json)["boxes"]
    rows = list(csv.DictReader(io.StringIO(as_csv)))
    assert [(row["rule"], float(row["density"])) for row in rows] == [
        (box["rule"], box["unseen"]["density"]) for box in boxes
    ]
    assert boxes[0]["rule"] in as_table


def test_discover_says_where_there_is_nothing_to_find(run):
    code, out, _ = run("discover", "baseline", "--draws", 64)
    assert code == 0
    assert out.startswith(("Never", "In only"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["discover", "basline"], "did you mean `baseline`?"),
        (
            ["discover", "baseline", "--channel", "grey_market"],
            "did you mean `gray_market`?",
        ),
        (["discover", "baseline", "--workload", "mixed"], "--workload: no workload `mixed`"),
        (["discover", "baseline", "--draws", "0"], "run.draws"),
    ],
)
def test_bad_usage_is_a_message_and_exit_code_2(run, words, says):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


def test_convergence_json_has_the_documented_keys(run):
    code, out, err = run("convergence", "baseline", "--draws", 256, "--outcome", "domestic", "--format", "json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    head = {"set": "baseline", "outcome": "cost.mix.domestic", "unit": "USD/H100e-h", "draws": 256, "seed": 0}
    assert {name: found[name] for name in head} == head
    assert set(found) == {*head, "statistics"}
    assert set(found["statistics"]) == {"p50", "mean", "p05", "p95", "probability_cheapest"}
    for statistic in found["statistics"].values():
        assert set(statistic) == {"unit", "reference", "equivalent_random_draws", "sobol", "random"}
        for method in ("sobol", "random"):
            assert [point["draws"] for point in statistic[method]["points"]] == [64, 128, 256]
            for point in statistic[method]["points"]:
                assert set(point) == {"draws", "value", "error", "deviation"}
                assert point["deviation"] == abs(point["value"] - statistic["reference"])


def test_convergence_table_and_csv(run):
    code, out, _ = run("convergence", "baseline", "--draws", 64)
    assert code == 0
    assert "cost.mix." in out
    _, out, _ = run("convergence", "baseline", "--draws", 64, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["method"] for row in rows} == {"sobol", "random"}


def test_convergence_of_no_such_outcome(run):
    code, out, err = run("convergence", "baseline", "--outcome", "cost.mix.domestik")
    assert (code, out) == (2, "")
    assert "--outcome: no outcome `cost.mix.domestik`; did you mean `cost.mix.domestic`?" in err
