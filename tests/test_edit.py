"""New set files, and changed values saved into them."""

import re
from pathlib import Path

import pytest

from costmodel import ParameterError, load
from costmodel.locations import params_folder
from costmodel.parameters import edit
from costmodel.parameters.differences import differences
from costmodel.parameters.documents import parse
from costmodel.parameters.edit import new_set, save_as
from costmodel.parameters.patch import flow, put

COMMENTED = """\
# A case, by hand.
name: mine   # short
title: "Mine"
extends: baseline

assumptions:
  # Block style, with a gap below.
  finance:
    discount_rate:
      value: 9 %   # the old reason
      basis: nominal
      assumption: banks say so

    price_decline: {dist: pert, min: 0.1,
                    mode: 0.2, max: 0.3,   # over two lines
                    assumption: a guess}
  channels:
    gray: {price_markup: {value: 50 %, assumption: heard}, markup_basis: delivered, assumption: by hand}  # flow
# the end
"""


@pytest.fixture
def mine(small_sets, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(COMMENTED, encoding="utf-8")
    return load(file)


# -- text --


NUMBERS = [0.1, 1e-7, -2.5e300, 3]
WORDS = ["8 %", "no", "true", "null", "~", "1.0", "a: b", "# x", "x #y", "a, b", "", "ü", "it's", '"']
OTHERS = ["2026-06-01", "0.6 CNY_2024/kWh", "{a}", "- x", "12:30", "a\nb", True, None, ["a", 1], {"a": {"b": [True]}}]


@pytest.mark.parametrize("value", [*NUMBERS, *WORDS, *OTHERS])
def test_what_is_written_on_one_line_is_read_back(value):
    assert parse(f"x: {flow(value)}\n").plain()["x"] == value
    assert parse(f"{{y: {flow(value)}, z: 1}}\n").plain() == {"y": value, "z": 1}


def test_numbers_and_words_mean_the_same_in_yaml_1_1():
    import yaml

    for value in (1e-7, 5e22, "no", "on", "y", "2026-06-01", "12:30"):
        assert yaml.safe_load(flow(value)) == value


def changed_lines(before: str, after: str) -> list[str]:
    kept = before.splitlines()
    return [line for line in after.splitlines() if line not in kept]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("name", "name: 1   # short"),
        ("assumptions.finance.discount_rate", "    discount_rate: 1"),
        ("assumptions.finance.price_decline", "    price_decline: 1"),
        ("assumptions.finance.inflation", "    inflation: 1"),
        (
            "assumptions.channels.gray.price_markup",
            "    gray: {price_markup: 1, markup_basis: delivered, assumption: by hand}  # flow",
        ),
        ("assumptions.channels.cloud.rental_price", "      rental_price: 1"),
        ("assumptions.sites.home.pue", "      pue: 1"),
        ("run.draws", "  draws: 1"),
    ],
)
def test_only_the_value_changes(path, line):
    after = put(COMMENTED, path.split("."), 1)
    assert changed_lines(COMMENTED, after)[-1] == line
    found = parse(after).plain()
    for step in path.split("."):
        found = found[step]
    assert found == 1
    for comment in ("# A case, by hand.", "# short", "# Block style, with a gap below.", "# flow", "# the end"):
        assert comment in after


@pytest.mark.parametrize(
    "text", ["a:\n", "a:", "a: {}\n", "a: # x\n", "a: null\n", "a:\n# x\nb: 1\n", "b: 1", "a:\n  c: |\n    d\n"]
)
def test_a_value_finds_its_place_in_any_text(text):
    assert parse(put(text, ["a", "x", "y"], 1)).plain()["a"]["x"] == {"y": 1}


# -- saving --


def test_a_set_keeps_its_comments_order_and_layout(mine, tmp_path):
    changes = {"channels.gray.price_markup": 0.75, "finance.discount_rate": "7 %", "channels.gray.penalty": 300}
    file = save_as(mine, changes, "other", "Other", tmp_path, reason="to see")
    text = file.read_text(encoding="utf-8")
    assert changed_lines(COMMENTED, text) == [
        "name: other   # short",
        "title: Other",
        "    discount_rate: {value: 7 %, assumption: to see}",
        "    gray: {price_markup: {value: 0.75, assumption: to see}, markup_basis: delivered, assumption: by hand, "
        "penalty: {value: 300, unit: USD, assumption: to see}}  # flow",
    ]
    saved = load(file)
    assert differences(saved, load(mine.files[-1], changes)) == []
    assert saved.parameters["channels.gray.penalty"].assumption == "to see"
    assert saved.extends == "baseline"


def test_the_root_is_not_copied(small, tmp_path):
    file = save_as(
        small, {"finance.economic_life": "60 month", "channels.gray.available": False}, "mine", folder=tmp_path
    )
    saved, text = load(file), file.read_text(encoding="utf-8")
    assert (saved.extends, saved.name, saved.title) == ("baseline", "mine", f"{small.title} (changed)")
    assert len(text.splitlines()) < 20
    assert saved.central["finance.economic_life"] == 5
    assert {item.path for item in differences(small, saved)} == {"finance.economic_life", "channels.gray.available"}
    assert re.search(r"assumption: chosen in the explorer on \d{4}-\d\d-\d\d", text)


def test_laws_blocks_removals_and_draws_can_be_saved(small, tmp_path):
    law = {"dist": "uniform", "min": "4 year", "max": "6 year", "source": ["X"]}
    changes = {"finance.economic_life": law, "channels.gray": None, "run.draws": 128}
    copied = {"kind": "rental", "role": "remote", "chip": "ref", "rental_price": "2 USD/hour", "availability": 0.9}
    copied["utilization"] = {"training": 0.4, "inference": 0.3}
    changes["channels.added"] = copied
    saved = load(save_as(small, changes, "mine", folder=tmp_path))
    assert "gray" not in saved.channels
    assert "added" in saved.channels
    assert saved.draws == 128
    assert saved.parameters["finance.economic_life"].leaf.source == ("X",)
    assert saved.parameters["finance.economic_life"].assumption is None
    assert saved.parameters["channels.added.rental_price"].assumption


def test_changes_for_one_run_are_saved_too(mine, tmp_path):
    case = load(mine.files[-1], {"finance.inflation": 0.04})
    saved = load(save_as(case, {"finance.economic_life": 4}, "other", folder=tmp_path))
    assert (saved.central["finance.inflation"], saved.central["finance.economic_life"]) == (0.04, 4)


@pytest.mark.parametrize("name", ["../../x", "/x", "a/b", "", "a b", ".x", "x.yaml", "é", "x" * 81, "a\n", "$(x)"])
def test_bad_names_are_refused(small, tmp_path, name):
    for write in (
        lambda: save_as(small, {"finance.economic_life": 4}, name, folder=tmp_path),
        lambda: new_set(name, "baseline", tmp_path),
    ):
        with pytest.raises(ParameterError, match="cannot be a set's name"):
            write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "nothing is changed"),
        ({"finance.inflatio": 0.1}, "did you mean `inflation`"),
        ({"finance.inflation": "3 kg"}, "cannot be converted"),
        ({"finance.economic_life": -1}, "out of bounds"),
        ({"channels.gray.chip": "h1"}, "no chip `h1`"),
    ],
)
def test_bad_changes_leave_no_file(mine, tmp_path, changes, message):
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ParameterError, match=message):
        save_as(mine, changes, "other", folder=tmp_path)
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_is_only_replaced_when_asked(mine, tmp_path):
    change = {"finance.economic_life": 4.5}
    with pytest.raises(ParameterError, match="exists already"):
        save_as(mine, change, "mine", folder=tmp_path)
    assert mine.files[-1].read_text(encoding="utf-8") == COMMENTED
    save_as(mine, change, "mine", "Mine", tmp_path, overwrite=True)
    assert load(mine.files[-1]).central["finance.economic_life"] == 4.5


def test_no_set_replaces_what_it_builds_on(small, small_sets):
    before = (small_sets / "baseline.yaml").read_text(encoding="utf-8")
    for case in (small, load("child")):
        with pytest.raises(ParameterError, match="builds on"):
            save_as(case, {"finance.economic_life": 4}, "baseline", folder=small_sets, overwrite=True)
    assert (small_sets / "baseline.yaml").read_text(encoding="utf-8") == before


def test_what_cannot_be_put_in_place_is_not_written(mine, tmp_path):
    text = COMMENTED.replace("value: 50 %", "value: &half 50 %").replace(
        "markup_basis: delivered", "interdiction_probability: *half"
    )
    mine.files[-1].write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=r"other\.yaml.*was not written"):
        # The alias stands for the anchor's text: to change the one would change the other.
        save_as(load(mine.files[-1]), {"channels.gray.interdiction_probability": 0.1}, "other", folder=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.yaml"]


def test_a_full_disk_leaves_the_old_file(mine, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ParameterError, match="cannot be written: No space left"):
        save_as(mine, {"finance.economic_life": 4}, "mine", folder=tmp_path, overwrite=True)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.yaml"]
    assert mine.files[-1].read_text(encoding="utf-8") == COMMENTED


def test_a_set_without_a_file_is_not_saved(small_sets, tmp_path):
    from costmodel.parameters import load_mapping

    case = load_mapping({"name": "loose", "extends": "baseline"})
    with pytest.raises(ParameterError, match="was not read from a file of its own"):
        save_as(case, {"finance.economic_life": 4}, "other", folder=tmp_path)


# -- starting files --


@pytest.mark.parametrize("parent", ["baseline", "child"])
def test_a_new_set_is_valid_and_changes_nothing(small_sets, tmp_path, parent):
    file = new_set("dear_power", parent, tmp_path)
    found = load(file)
    assert (found.name, found.title, found.extends) == ("dear_power", "Dear power", parent)
    assert differences(load(parent), found) == []


@pytest.mark.slow
def test_a_new_set_in_params_names_the_schema(small_sets, tmp_path, monkeypatch):
    folder = tmp_path / "params"
    folder.mkdir()
    (folder / "baseline.yaml").write_text((small_sets / "baseline.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("COSTMODEL_PARAMS", str(folder))
    assert (
        new_set("mine", "baseline")
        .read_text(encoding="utf-8")
        .startswith("# yaml-language-server: $schema=schema.json\n")
    )
    assert str(tmp_path) not in new_set("other", "baseline").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("real", [True, False])
def test_the_examples_of_a_new_set_are_valid(request, tmp_path, real):
    if not real:
        request.getfixturevalue("small_sets")
    file = new_set("mine", "baseline", tmp_path)
    head, examples = file.read_text(encoding="utf-8").split("  #\n")
    uncommented = re.sub(r"^  # ", "  ", examples, flags=re.MULTILINE)
    file.write_text(head + uncommented, encoding="utf-8")
    found = load(file)
    changed = {item.path for item in differences(load("baseline"), found)}
    assert {path for path in changed if path.endswith(".available") and "my_channel" not in path}
    assert "my_channel" in found.channels
    assert "dist: lognormal" in examples


def test_an_unknown_parent_or_a_taken_name_is_refused(small_sets, tmp_path):
    with pytest.raises(ParameterError, match="did you mean `baseline`"):
        new_set("mine", "baselin", tmp_path)
    new_set("mine", "baseline", tmp_path)
    with pytest.raises(ParameterError, match="exists already"):
        new_set("mine", "baseline", tmp_path)
    with pytest.raises(ParameterError, match="no such folder"):
        new_set("mine", "baseline", tmp_path / "nowhere")


@pytest.mark.slow
@pytest.mark.parametrize("file", sorted(params_folder().glob("*.yaml")), ids=lambda file: file.stem)
def test_every_set_of_the_project_can_be_changed_and_saved(file, tmp_path):
    case = load(file)
    changes = {item.path: item.value * 0.99 for item in case if item.path in case.uncertain[:2]}
    changes[f"channels.{case.channels[-1]}.available"] = not case.central[f"channels.{case.channels[-1]}.available"]
    saved = save_as(case, changes, "saved", folder=tmp_path)
    assert len(differences(case, load(saved))) == len(changes)
    own = file.read_text(encoding="utf-8")
    if case.extends:
        assert len(changed_lines(own, saved.read_text(encoding="utf-8"))) < 12
    assert edit._own_file(case) == case.files[-1]
