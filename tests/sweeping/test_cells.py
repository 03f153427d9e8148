"""Every cell is, to the last bit, what its set gives by itself; the dataset can be read as one table."""

import json

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet

from costmodel import load
from costmodel import sweep as in_memory
from costmodel.analysis.sample import sample
from costmodel.analysis.sweep import PERCENTILES
from costmodel.outcomes import names, outcome
from costmodel.sweeping.design import Design
from costmodel.sweeping.summary import effect_rows, range_rows
from sweeps import GRID

DRAWS = 64
#: Values that are more than a number, in every design; money in a currency that is swept, a law, a missing channel.
WORDS = """\
sets: [baseline, child]
parameters:
  finance.exchange_rates.CNY: {from: 6, to: 8, points: 2}
  channels.gray.available: [true, false]
  channels.gray.price_markup: [0.3, {dist: uniform, min: 0.2, max: 0.9}]
  channels.cloud: [null, {label: Cloud}]
  sites.home.electricity_price: [0.3 CNY/kWh, 0.6 CNY/kWh]
  finance.inflation: [0.01, 0.04]
outcomes: [lowest_premium.mix, market.price, cost.mix.cloud, market.share.gray, market.scarce]
cheapest: [training]
draws: 64
"""


def read(folder):
    return pd.read_parquet(folder / "cells").sort_values(["set", "cell"], ignore_index=True)


def alone(name, overrides, asked):
    """Statistics of one set by itself."""
    case = load(name, overrides)
    found = sample(case, DRAWS).evaluation
    row = {}
    for each in set(asked) & set(names(case)):
        draws = np.broadcast_to(np.asarray(outcome(case, each)(found), dtype=float), DRAWS)
        row[f"{each}.mean"] = draws.mean()
        row |= {f"{each}.{ending}": np.quantile(draws, share) for ending, share in PERCENTILES.items()}
    return row


@pytest.mark.slow
def test_a_grid_is_what_the_sweep_in_memory_gives(swept):
    text = """\
sets: [baseline]
parameters:
  channels.gray.price_markup: [0.3, 60 %]
  finance.price_decline: {from: 0.2, to: 0.3, points: 3}
  finance.inflation: [0.01, 0.04]
  workloads.training.share: {from: 0.2, to: 0.8, points: 4, scale: log}
outcomes: [lowest_premium.mix, cost.training.gray, market.price]
cheapest: [mix]
draws: 64
"""
    table = read(swept(text, block=7))
    grid = {
        "channels.gray.price_markup": [0.3, "60 %"],
        "finance.price_decline": np.linspace(0.2, 0.3, 3).tolist(),
        "finance.inflation": [0.01, 0.04],
        "workloads.training.share": table["workloads.training.share"][:4].tolist(),
    }
    expected = in_memory(
        load("baseline"), grid, ["lowest_premium.mix", "cost.training.gray", "market.price"], DRAWS, cheapest=["mix"]
    )
    assert table["cell"].tolist() == list(range(48))
    pd.testing.assert_frame_equal(table[expected.columns], expected, check_exact=True)


SLOW = [pytest.param(design, marks=pytest.mark.slow) for design in ("grid", "sobol")]


@pytest.mark.parametrize("design", ["zip", *SLOW])
def test_each_cell_is_that_set_by_itself(swept, grid, design):
    text = WORDS + {"grid": "", "zip": "design: zip\n", "sobol": "design: sobol\npoints: 23\n"}[design]
    if design == "sobol":
        text = text.replace("{from: 6, to: 8, points: 2}", "[6, 8]").replace("[0.01, 0.04]", "{from: 1 %, to: 4 %}")
    table = read(swept(text, block=6))
    paths = list(grid(text).file.parameters)
    assert len(table) == 2 * {"grid": 64, "zip": 2, "sobol": 23}[design]
    for _, row in table.iloc[:: max(1, len(table) // 9)].iterrows():
        # Text as it is stored is what an override may state.
        changes = {path: row[path] for path in paths}
        changes = {path: None if pd.isna(value) else value for path, value in changes.items()}
        changes = {path: value.item() if hasattr(value, "item") else value for path, value in changes.items()}
        # A number with a unit is stored in the schema's unit.
        expected = alone(str(row["set"]), changes, grid(text).file.outcomes)
        for name in [column for column in table if column.rpartition(".")[2] in ("mean", *PERCENTILES)]:
            assert (row[name] == expected[name]) if name in expected else pd.isna(row[name]), (name, changes)
        open_ones = [name for name in table if name.startswith("cheapest.") and not pd.isna(row[name])]
        assert sum(row[name] for name in open_ones) == pytest.approx(1)
        assert ("cheapest.training.gray" in open_ones) == bool(row["channels.gray.available"])


def test_files_say_their_units_and_name_no_folder(swept, tmp_path):
    folder = swept()
    plan = json.loads((folder / "sweep.json").read_text())
    units = {column["name"]: column["unit"] for column in plan["columns"]}
    schema = parquet.read_schema(next(folder.glob("cells/*/*.parquet")))
    assert schema.names == list(units)
    told = {field.name: (field.metadata or {}).get(b"unit", b"").decode() or None for field in schema}
    assert told == units
    assert units["cost.training.gray.p50"] == "USD/H100e-h"
    assert str(tmp_path) not in json.dumps(plan)


@pytest.mark.slow
@pytest.mark.parametrize(("text", "cells", "count"), [(GRID, 96, 24), (WORDS, 128, 32)])
def test_summary_is_that_of_the_whole_table(command_line, tmp_path, grid, text, cells, count):
    grid(text)
    folder = tmp_path / "out"
    code, out, _ = command_line("sweep", tmp_path / "grid.yaml", "--output", folder, "--block", 5, "--format", "json")
    assert code == 0
    found, table = json.loads(out), read(folder)
    assert (found["cells"], found["blocks"], found["computed_blocks"]) == (cells, count, count)
    for name, item in found["outcomes"].items():
        median = table[name if name.startswith("cheapest") else f"{name}.p50"]
        plain = table.astype(object).where(table.notna(), None)
        for end, at in (("least", median.idxmin()), ("greatest", median.idxmax())):
            assert item[end]["value"] == median[at]
            same = table[(table["set"] == item[end]["set"]) & (table["cell"] == item[end]["cell"])]
            assert same[median.name].item() == median[at]
            assert {path: plain[path][same.index[0]] for path in item[end]["parameters"]} == item[end]["parameters"]
        for path, means in item["effects"].items():
            expected = median.groupby(plain[path].map(str)).mean()
            assert {str(mean["value"]): mean["mean"] for mean in means} == pytest.approx(expected.dropna().to_dict())
    assert len(range_rows(found["outcomes"])) == 2 * len(found["outcomes"])
    assert {row["parameter"] for row in effect_rows(found["outcomes"])} == {
        *found["outcomes"]["lowest_premium.mix"]["effects"]
    }
    assert "| lowest_premium.mix | 1 | least |" in (folder / "summary.md").read_text()
    again = json.loads(command_line("sweep", tmp_path / "grid.yaml", "--output", folder, "--format", "json")[1])
    assert (again["computed_blocks"], again["outcomes"]) == (0, found["outcomes"])


def test_many_values_are_told_by_parts_of_their_range(swept, command_line, tmp_path, grid):
    text = (
        "sets: [baseline]\ndesign: sobol\npoints: 64\nparameters: {finance.inflation: {from: 0 %, to: 8 %}}\ndraws: 8\n"
    )
    grid(text)
    folder = tmp_path / "out"
    out = command_line("sweep", tmp_path / "grid.yaml", "--output", folder, "--format", "json")[1]
    means = json.loads(out)["outcomes"]["lowest_premium.mix"]["effects"]["finance.inflation"]
    assert [mean["cells"] for mean in means] == [8] * 8
    table = read(folder)
    first = table["finance.inflation"] < means[0]["to"]
    assert means[0]["mean"] == pytest.approx(table["lowest_premium.mix.p50"][first].mean())


def test_a_dry_run_writes_nothing(command_line, tmp_path, grid):
    grid()
    folder = tmp_path / "out"
    code, out, _ = command_line(
        "sweep", tmp_path / "grid.yaml", "--output", folder, "--block", 5, "--dry-run", "--format", "json"
    )
    found = json.loads(out)
    assert code == 0
    assert not folder.exists()
    assert (found["cells"], found["blocks"], found["missing_blocks"]) == (96, 24, 24)
    assert found["core_seconds"] > 0
    assert found["bytes"] > 0


def test_blocks_of_billions_of_cells_are_made_from_their_numbers():
    design = Design("grid", (1000, 1000, 1000), (2, 0, 1), 10**9)
    levels = design.levels(10**9 - 3, 10**9)
    assert [level.tolist() for level in levels] == [[999] * 3, [997, 998, 999], [999] * 3]
    assert design.numbers(levels, 10**9 - 3).tolist() == [999_997_999, 999_998_999, 999_999_999]
