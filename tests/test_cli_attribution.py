"""The command `attribute`: documented keys, a table that ends with the total, messages for what cannot be."""

import csv
import io
import json

import pytest

from costmodel.analysis.mixture import group_of


@pytest.fixture
def run(command_line):
    """The command line."""
    return command_line


ASK = ("attribute", "baseline", "h20_ban_2025", "--draws", 256)
STATISTICS = {"mean", "error", "p05", "p50", "p95"}


def test_json_has_the_documented_keys(run):
    code, out, err = run(*ASK, "--outcome", "cost.mix.gray_market", "--within", "chips", "--format", "json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    head = {
        "from": "baseline", "to": "h20_ban_2025", "outcome": "cost.mix.gray_market", "unit": "USD/H100e-h",
        "draws": 256, "seed": 0,
    }  # fmt: skip
    assert {name: found[name] for name in head} == head
    rest = {"method", "coalitions", "sign", "a", "b", "difference", "groups", "within"}
    assert set(found) == {*head, *rest}
    assert found["method"] == "exact"
    assert found["sign"].startswith("positive: raises B over A")
    for side in ("a", "b", "difference"):
        assert set(found[side]) == STATISTICS
    for item in found["groups"]:
        assert set(item) == {*STATISTICS, "group", "label", "sampling_error", "parameters"}
        assert {group_of(path) for path in item["parameters"]} == {item["group"]}
    total = sum(item["mean"] for item in found["groups"])
    assert total == pytest.approx(found["b"]["mean"] - found["a"]["mean"], rel=1e-12)
    assert total == pytest.approx(found["difference"]["mean"], rel=1e-12)
    assert found["within"]["group"] == "chips"
    chips = next(item for item in found["groups"] if item["group"] == "chips")
    parts = found["within"]["parameters"]
    assert [item["parameter"] for item in parts] == chips["parameters"]
    assert sum(item["mean"] for item in parts) == pytest.approx(chips["mean"], rel=1e-12)


@pytest.mark.slow
def test_table_ends_with_the_total_and_says_the_sign(run):
    code, out, _ = run(*ASK)
    _, as_json, _ = run(*ASK, "--format", "json")
    found = json.loads(as_json)
    assert code == 0
    lines = [line.split() for line in out.splitlines() if line.strip()]
    last = next(line for line in lines if line[:3] == ["B", "less", "A"])
    assert float(last[3]) == pytest.approx(found["difference"]["mean"], abs=1e-4)
    groups = [line[0] for line in lines if line[0] in {item["group"] for item in found["groups"]}]
    assert len(groups) == len(found["groups"])
    assert lines.index(last) > max(lines.index(line) for line in lines if line[0] in groups)
    assert "positive: raises B over A" in out
    assert "USD/H100e-h" in out


@pytest.mark.slow
def test_csv_has_groups_parameters_and_totals(run):
    _, out, _ = run(*ASK, "--within", "chips", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["kind"] for row in rows} == {"group", "parameter", "total"}
    groups = [float(row["mean"]) for row in rows if row["kind"] == "group"]
    (difference,) = (float(row["mean"]) for row in rows if row["name"] == "difference")
    assert sum(groups) == pytest.approx(difference, rel=1e-12)


def test_a_change_for_this_run_changes_both(run):
    _, out, _ = run(*ASK, "--set", "finance.discount_rate=0.3", "--format", "json")
    assert "finance" not in {item["group"] for item in json.loads(out)["groups"]}


def test_the_same_set_twice(run):
    code, out, err = run("attribute", "baseline", "baseline", "--draws", 32)
    assert (code, err) == (0, "")
    assert out == "A = baseline, B = baseline: they do not differ in any parameter, so there is nothing to attribute.\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["basline", "no_controls"], "did you mean `baseline`?"),
        (["baseline", "no_controls", "--outcome", "cost.mix.domestik"], "did you mean `cost.mix.domestic`?"),
        (["baseline", "no_controls", "--within", "channels.grey_market"], "did you mean `channels.gray_market`?"),
        (["baseline", "no_controls", "--within", "finance"], "no group `finance` differs between baseline and no_con"),
    ],
)
def test_bad_usage_is_a_message_and_exit_code_2(run, words, says):
    code, out, err = run("attribute", *words, "--draws", 32)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err
