"""What every parameter set in params/ must satisfy (issue 2; FORMAT.md)."""

import csv
import json
import math

import numpy as np
import pytest

from costmodel import simulate
from costmodel.locations import evidence_folder, params_folder, set_names, shown
from costmodel.parameters.describe import json_schema
from costmodel.parameters.sources import GRADES, sources, unknown_sources, unsourced
from costmodel.sampling import Draws
from real import case, central

NAMES = set_names()
CASES = [name for name in NAMES if name != "baseline"]
#: Sets that issue 2 names; the baseline may be the twelfth.
WANTED = {
    "baseline", "no_controls", "controls_2022_10", "controls_2023_10", "h20_ban_2025", "h200_licensing_2026",
    "cloud_access_closed", "location_verification", "enforcement_surge", "domestic_breakthrough",
    "domestic_hbm_squeeze",
    "licence_closed", "gray_market_2023",
}  # fmt: skip
CHANNELS = {
    "counterfactual",
    "direct",
    "gray_market",
    "courier_hardware",
    "courier_data",
    "third_country_cloud",
    "domestic",
    "stockpile",
}


def test_all_sets_are_there():
    assert set(NAMES) >= WANTED
    assert NAMES[0] == "baseline"


@pytest.mark.parametrize("name", NAMES)
def test_set_is_well_formed(name):
    file = params_folder() / f"{name}.yaml"
    found = case(name)
    assert file.read_text().splitlines()[0] == "# yaml-language-server: $schema=schema.json"
    assert found.name == name
    assert len(found.title) > 3
    assert len(found.description) > 40
    assert found.extends is None if name == "baseline" else found.extends in NAMES
    assert found.base_year == 2026


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_stated_leaf_is_accounted_for(name):
    """A source or an assumption for each leaf that the file itself states; it cannot lean on its parent's."""
    assert [str(problem) for problem in unsourced(case(name))] == []
    file = shown(params_folder() / f"{name}.yaml")
    own = [item for item in case(name) if item.file == file]
    # A set may leave all parameters as they are, but then it is the parent under another name, unless it has events.
    assert own or any(event.file == file for event in events(name))
    for item in own:
        assert item.leaf.source or item.leaf.assumption, item.path


def events(name):
    return case(name).timeline.events if case(name).timeline else ()


@pytest.mark.parametrize("name", NAMES)
def test_every_cited_source_exists(name):
    assert [str(problem) for problem in unknown_sources(case(name))] == []
    cited = {source for pair in case(name).correlations for source in pair.source}
    assert cited <= set(sources())
    assert all(pair.reason or pair.source for pair in case(name).correlations)


def test_sources_are_complete():
    known = sources()
    assert len(known) > 20
    with (evidence_folder() / "sources.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(known), "an id stands twice"
    for row in rows:
        assert row["id"]
        assert row["title"]
        assert row["publisher"]
        assert row["grade"] in GRADES
        assert row["url"].startswith("http") or not row["url"], row["id"]


def test_baseline_is_rich_enough():
    found = case("baseline")
    stated = [item for item in found if item.stated]
    assert len([item for item in stated if item.spec is not None]) >= 100
    assert len(found.uncertain) >= 45
    assert set(found.channels) >= CHANNELS
    assert found.extends is None
    assert found.draws >= 1024


@pytest.mark.parametrize("name", NAMES)
def test_results_make_sense(name):
    """Finite, above zero, adding up; the counterfactual at no premium; components negative only where they may be."""
    found = central(name)
    for workload, costs in found.workloads.items():
        assert 0 < float(costs.counterfactual) < 1000, workload
        premiums = [costs.channels[c].premium for c in case(name).central["reference.counterfactual"]]
        assert min(float(p) for p in premiums) == 0.0
        for channel, item in costs.channels.items():
            assert math.isfinite(float(item.total))
            assert float(item.total) > 0
            assert sum(map(float, item.components.values())) == pytest.approx(float(item.total), rel=1e-12)
            for part, cost in item.components.items():
                if part not in ("performance_gap", "markup"):
                    assert float(cost) >= 0, (workload, channel, part)


@pytest.mark.parametrize("name", NAMES)
def test_draws_are_finite_and_within_bounds(name):
    found = case(name)
    block = next(Draws(found, 2048, 0).blocks())
    for path in found.uncertain:
        spec, values = found.parameters[path].spec, block[path]
        assert np.all(np.isfinite(values))
        assert values.min() >= spec.lower, path
        assert values.max() <= spec.upper, path
    result = simulate(found, 512)
    for workload, totals in result.totals.items():
        for channel, total in totals.items():
            assert np.all(np.isfinite(total)), (workload, channel)
            assert np.all(total > 0), (workload, channel)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_case_is_paired_with_its_parent(name):
    """What both draw from the same law is the same in each draw."""
    child, parent = case(name), case(case(name).extends)
    new, old = (next(Draws(found, 32, 0).blocks()) for found in (child, parent))
    same = [
        path for path in child.uncertain
        if path in parent.uncertain and child.parameters[path].distribution == parent.parameters[path].distribution
    ]  # fmt: skip
    assert same
    nominal = {path for path in same if child.parameters[path].leaf.basis == "nominal"}
    for path in set(same) - nominal - recorrelated(child, parent):
        assert new[path] == pytest.approx(old[path], rel=1e-12), path


def recorrelated(child, parent):
    """Parameters whose draws may depend on a correlation that the child states anew, directly or through others."""
    changed = {
        path for pair in set(child.correlations) ^ set(parent.correlations) for path in (pair.first, pair.second)
    }
    while True:
        more = {
            path for pair in (*child.correlations, *parent.correlations) for path in (pair.first, pair.second)
            if {pair.first, pair.second} & changed
        }  # fmt: skip
        if more <= changed:
            return changed
        changed |= more


@pytest.mark.parametrize("name", CASES)
def test_a_case_changes_something_and_says_what(name):
    from costmodel.parameters.differences import differences

    changed = differences(case(case(name).extends), case(name))
    more_happens = len(events(name)) > len(events(case(name).extends))
    assert changed or more_happens or case(name).as_of == case("baseline").as_of
    for item in case(name):
        if item.leaf.as_of:
            assert item.leaf.as_of[:4].isdigit(), item.path


def test_schema_file_is_the_schema():
    """params/schema.json is generated: `costmodel schema > params/schema.json`."""
    assert json.loads((params_folder() / "schema.json").read_text()) == json_schema()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_set_agrees_with_the_schema_file(name):
    jsonschema = pytest.importorskip("jsonschema")
    from ruamel.yaml import YAML

    with (params_folder() / f"{name}.yaml").open() as file:
        document = YAML(typ="safe", pure=True).load(file)
    # YAML has dates and numbers as keys; JSON has text.
    document = json.loads(json.dumps(document, default=str))
    jsonschema.Draft202012Validator(json_schema()).validate(document)
