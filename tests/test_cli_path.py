"""`costmodel path`: documented keys, rows, table, and messages."""

import csv
import io
import json

import pytest

from costmodel import load
from costmodel.analysis.path import CONTROL_DRAWS, path_json, path_result

PATH = ("path", "timeline", "--draws", 32)
QUICK = (*PATH, "--no-controls")
BANDS = {"p05", "p50", "p95"}


@pytest.fixture
def run(command_line, small_sets):
    """The command line, on the small sets."""
    return command_line


def as_json(run, *words):
    code, out, err = run(*words, "--format", "json")
    assert (code, err) == (0, "")

    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    return json.loads(out, parse_constant=refuse)


def test_json_has_the_documented_keys(run):
    found = as_json(run, *PATH)
    assert set(found) == {
        *("set", "dates", "draws", "seed", "units", "events", "paths", "delay_months", "domestic_alone", "backtest"),
        *("control_draws", "controls"),
    }
    assert (found["set"], found["draws"], found["control_draws"], found["seed"]) == ("timeline", 32, 32, 0)
    assert len(found["dates"]) == 12
    assert set(found["paths"]) == set(found["units"])
    for lists in found["paths"].values():
        assert set(lists) == {*BANDS, "mean", "standard_error"}
        assert {len(numbers) for numbers in lists.values()} == {12}
    assert [event["date"] for event in found["events"]] == [each["date"] for each in found["controls"]]
    for each in found["controls"]:
        bands = each["bands"]
        assert set(bands["half_life_months"]) == BANDS
        assert set(bands["premium_added"]) == set(bands["mean_added"]) == {*BANDS, "mean"}
        assert each["half_life_months"] == bands["half_life_months"]["p50"]
        assert each["premium_added"] == bands["premium_added"]["p50"]
    (figure,) = found["backtest"][0]["figures"]
    assert figure["published"] == {"value": 1.2, "low": 1.1, "high": 1.5}
    assert set(found["domestic_alone"]) == {"threshold", "date", "never_share"}


def test_a_channel_that_comes_later_is_null_before(run):
    found = as_json(run, *QUICK, "--outcome", "share.leased")
    shares = found["paths"]["share.leased"]["p50"]
    come = found["dates"].index("2027-10-01")
    assert shares[:come] == [None] * come
    assert all(share > 0 for share in shares[come:])
    assert list(found["paths"]) == ["share.leased"]
    assert "controls" not in found


def test_csv_is_long_and_holds_the_same_numbers(run):
    words = (*QUICK, "--outcome", "premium", "--outcome", "share.leased")
    found = as_json(run, *words)
    code, out, err = run(*words, "--format", "csv")
    assert (code, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0]) == ["date", "name", "unit", "p05", "p50", "p95", "mean"]
    premiums = [row for row in rows if row["name"] == "premium"]
    assert [row["date"] for row in premiums] == found["dates"]
    for name in ("p05", "p50", "p95", "mean"):
        assert [float(row[name]) for row in premiums] == found["paths"]["premium"][name]
    assert [row["date"] for row in rows if row["name"] == "share.leased"] == found["dates"][7:]


@pytest.mark.slow
def test_the_table_tells_years_events_delay_and_errors(run):
    code, out, err = run(*PATH)
    assert (code, err) == (0, "")
    for words in (
        *("2026-01", "2027-01", "2028-10", "Clearing price", "Compute denied", "Leased racks", "Licences end"),
        *("beyond the end", "Server price over street price · Gray", "bias", "months earlier", "Domestic supply alone"),
    ):
        assert words in out
    assert "2026-04-01" not in out


def test_the_table_tells_what_is_asked_for(run):
    code, out, _ = run(*QUICK, "--outcome", "delivered.gray")
    assert code == 0
    assert "New accelerators in a year · Gray" in out
    assert "Clearing price" not in out
    assert "What each event does" not in out


def test_a_change_moves_the_path(run):
    premium = ("--outcome", "premium")
    before, after = (as_json(run, *QUICK, *premium, *more) for more in ((), ("--set", "demand.quantity=90000")))
    assert after["paths"]["premium"]["p50"][-1] > before["paths"]["premium"]["p50"][-1]


@pytest.mark.slow
def test_events_take_fewer_draws_unless_told(small_sets):
    case = load("timeline")
    assert path_result(case).control_draws == min(case.draws, CONTROL_DRAWS)
    assert path_result(case, draws=4096).control_draws == 4096
    assert path_json(path_result(case, 16, control_draws=8))["control_draws"] == 8


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("path", "baseline"), "timeline: is not stated, so that there is no path through time"),
        (("path", "timelin"), "did you mean `timeline`?"),
        ((*QUICK, "--outcome", "prise"), "--outcome: nothing called `prise` to follow; did you mean `price`?"),
        (("path", "timeline", "--draws", "0"), "run.draws"),
        ((*QUICK, "--seed", "-1"), "run.seed"),
        ((*QUICK, "--workers", "0"), "--workers"),
        ((*QUICK, "--set", "entry.rat=1"), "did you mean `rate`?"),
    ],
)
def test_bad_usage_is_a_message_and_exit_code_2(run, words, says):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert says in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err


def test_the_command_explains_itself(run):
    code, out, _ = run("path", "--help")
    assert code == 0
    assert "--outcome" in out
