"""`costmodel breakeven` and `costmodel acceptability`: documented keys, rows, and messages."""

import csv
import io
import json

import pytest


@pytest.fixture
def run(command_line, small_sets):
    """The command line, on the small sets."""
    return command_line


BREAKEVEN = (
    "breakeven",
    "ties",
    "--parameter",
    "channels.near.availability",
    "--between",
    "near",
    "far",
    "--draws",
    64,
)
CURVE = ("acceptability", "ties", "--parameter", "channels.near.rental_price", "--points", 3, "--draws", 64)


def test_breakeven_json_has_the_documented_keys(run):
    code, out, err = run(*BREAKEVEN, "--format", "json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert set(found) == {
        *("set", "parameter", "unit", "central", "workload", "between", "range", "draws", "sentence", "moves"),
        *("cheaper_above", "share", "none_in_range", "equal_throughout", "several", "other_way"),
        *("threshold", "threshold_of_all"),
    }
    assert (found["between"], found["draws"]) == (["near", "far"], 64)
    assert set(found["threshold"]) == set(found["threshold_of_all"]) == {"p05", "p25", "p50", "p75", "p95"}
    assert set(found["threshold"]["p50"]) == set(found["share"]) == {"value", "error"}
    assert set(found["threshold_of_all"]["p50"]) == {"value", "beyond"}


def test_breakeven_says_its_result_in_a_sentence_and_keeps_to_its_options(run):
    code, out, _ = run(*BREAKEVEN, "--range", "60 %", "0.7", "--seed", 3, "--set", "channels.far.price_markup=0.1")
    assert code == 0
    assert out.startswith("Near would cost less than Far once availability of Near exceeds 6")
    found = json.loads(run(*BREAKEVEN, "--range", "60 %", "0.7", "--format", "json")[1])
    assert found["range"] == [0.6, 0.7]
    rows = list(csv.DictReader(io.StringIO(run(*BREAKEVEN, "--range", "60 %", "0.7", "--format", "csv")[1])))
    assert float(rows[0]["value"]) == found["share"]["value"]
    assert list(rows[0]) == ["item", "value", "error", "unit", "note"]


def test_acceptability_json_has_the_documented_keys(run):
    code, out, err = run(*CURVE, "--format", "json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert set(found) == {
        *("set", "parameter", "unit", "central", "workload", "draws", "cost_unit", "values", "channels"),
        *("frontier", "frontier_probability", "switches"),
    }
    for channel in found["channels"].values():
        assert set(channel) == {"probability_cheapest", "probability_cheapest_error", "expected_cost"}
        assert all(len(column) == 3 for column in channel.values())
    assert all(set(switch) == {"value", "before", "after"} for switch in found["switches"])


def test_acceptability_as_rows(run):
    code, out, _ = run(*CURVE, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (code, len(rows)) == (0, 3)
    assert rows[0]["frontier"] == "near"
    assert run(*CURVE)[1].startswith("lowest expected cost: near up to ")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((*BREAKEVEN[:3], "channels.near.avail", *BREAKEVEN[4:]), "did you mean `channels.near.available`?"),
        ((*BREAKEVEN, "--range", "0.5", "1.5"), "--range: channels.near.availability: 1.5 is out of bounds"),
        ((*BREAKEVEN, "--range", "0.5", "lots"), "must be a number"),
        ((*BREAKEVEN, "--workload", "mxi"), "did you mean `mix`?"),
        ((*BREAKEVEN[:5], "near", "near"), "cannot be compared with itself"),
        ((*BREAKEVEN[:5], "near", "farr"), "did you mean `far`?"),
        ((*BREAKEVEN, "--draws", "0"), "run.draws"),
        (("breakeven", "ties"), "--parameter"),
        ((*CURVE, "--points", "0"), "--points: must be from 1"),
    ],
)
def test_bad_usage_is_a_message_and_exit_code_2(run, words, says):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert says in err.replace("\n", " ")
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["breakeven", "acceptability"])
def test_every_command_explains_itself(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "--parameter" in out
