"""Central results of every set are those that were last read and approved: a change of results shows in review.

`python -m tests.expected` writes them anew.
"""

import json
from pathlib import Path

import pytest

import real
from costmodel.documents import costs_json
from costmodel.locations import set_names

FOLDER = Path(__file__).parent / "expected"
AGAIN = "run `python -m tests.expected`, and read the difference"


def flat(item, path=""):
    if isinstance(item, dict):
        return {where: value for key, inner in item.items() for where, value in flat(inner, f"{path}/{key}").items()}
    return {path: item}


@pytest.mark.parametrize("name", set_names())
def test_central_results(name):
    file = FOLDER / f"{name}.json"
    assert file.is_file(), f"{file} is missing: {AGAIN}"
    found, wanted = (
        flat(costs_json(real.case(name), real.central(name))),
        flat(json.loads(file.read_text(encoding="utf-8"))),
    )
    assert found.keys() == wanted.keys(), AGAIN
    off = [
        f"{path}: {found[path]} and not {value}" for path, value in wanted.items()
        if found[path] != (pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value)
    ]  # fmt: skip
    assert not off, f"{len(off)} of {len(wanted)} results differ; if that is meant, {AGAIN}:\n" + "\n".join(off[:20])


def test_no_results_of_sets_that_are_gone():
    assert {file.stem for file in FOLDER.glob("*.json")} <= set(set_names()), AGAIN
