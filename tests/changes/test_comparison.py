"""Two revisions, two folders, and the two the other way round: statuses, values with sources, moves, ranks."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from costmodel import load, simulate
from costmodel.changes import figures
from costmodel.changes.document import change_rows, changes_json
from costmodel.changes.inputs import inputs, inputs_json, read_inputs
from costmodel.errors import ParameterError
from costmodel.limits import MAX_DRAWS
from costmodel.outcomes import outcome
from pull_request import FEW, KEPT, change, commit, compare, fill, git, replaced


def by_name(found):
    return {item.name: item for item in found.sets}


def test_every_set_of_either_side_has_its_status(found):
    statuses = {item.name: item.status for item in found.sets}
    assert statuses == {
        "baseline": "changed",
        "cloud_cost_plus": "changed",
        "enforcement_surge": "removed",
        "licence_closed": "changed",
        "location_verification": "changed",
        "mine": "added",
        "wrong": "failed",
    }
    assert [item.name for item in found.failed] == ["wrong"]


def test_what_changed_in_a_file_is_told_once_with_all_sets_that_it_reaches(found):
    rows = {row.change.path: row for row in found.by_file}
    inflation = rows["finance.inflation"]
    assert (inflation.file, inflation.change.before.value, inflation.change.after.value) == (
        "baseline.yaml",
        0.025,
        0.03,
    )
    assert inflation.change.after.sources == ("cost-319",)
    assert set(inflation.sets) == set(KEPT) - {"enforcement_surge"}
    # An override in a set's own file is a change of that file, though the value before was the baseline's.
    closed = rows["channels.direct.available"]
    assert (closed.file, closed.sets) == ("cloud_cost_plus.yaml", ("cloud_cost_plus",))
    assert closed.change.before.sources
    assert len(rows) == len(found.by_file) == 2


def test_a_failing_set_tells_file_and_line_as_of_its_revision(found):
    (problem,) = by_name(found)["wrong"].problems["head"]
    assert (problem.file, problem.line, problem.path) == ("params/wrong.yaml", 4, "finance.discont_rate")
    assert "did you mean `discount_rate`?" in problem.message


@pytest.mark.slow
def test_results_are_those_of_a_simulation_and_differences_are_paired(repository, found):
    before = simulate(load(repository.params / "baseline.yaml", {"finance.inflation": 0.025}), FEW.draws, FEW.seed)
    after = simulate(load(repository.params / "baseline.yaml"), FEW.draws, FEW.seed)
    move = by_name(found)["baseline"].moves["cost.mix.direct"]
    assert move.before.p50 == pytest.approx(before.summaries["mix"]["direct"]["p50"].value)
    assert move.after.p95 == pytest.approx(after.summaries["mix"]["direct"]["p95"].value)
    difference = after.totals["mix"]["direct"] - before.totals["mix"]["direct"]
    assert move.paired.mean == pytest.approx(np.mean(difference))
    assert move.paired.p05 == pytest.approx(np.quantile(difference, 0.05))
    assert move.unit == outcome(load(repository.params / "baseline.yaml"), "cost.mix.direct").unit


def test_a_closed_channel_flips_ranks(found):
    item = by_name(found)["cloud_cost_plus"]
    assert item.closed == ("direct",)
    assert item.opened == ()
    assert item.cheapest("mix") == ("direct", "third_country_cloud")
    chances = [side.chances.get(("mix", "direct")) for side in item.both]
    assert chances[0] > 0
    assert chances[1] is None
    assert item.moves["market.price"].change > 0


@pytest.mark.slow
def test_channels_that_change_places_are_told_in_pairs(repository, tmp_path):
    fill(tmp_path / "params")
    replaced(tmp_path / "params" / "licence_closed.yaml", "p05: 1.5, p95: 2.7", "p05: 0.1, p95: 0.2")
    (item,) = compare(repository.folder, repository.base, tmp_path / "params", ["licence_closed"]).sets
    before, after = item.order("mix")
    assert before != after
    flipped = {(flip.now_first, flip.now_second) for flip in item.flips("mix")}
    assert flipped
    for winner, loser in flipped:
        assert winner == "gray_market"
        assert before.index(winner) > before.index(loser)
        assert after.index(winner) < after.index(loser)


@pytest.mark.slow
def test_the_other_way_round_every_sign_flips(repository, found):
    back = by_name(compare(repository.folder, repository.head, repository.base))
    opposite = {"added": "removed", "removed": "added", "failed": "removed"}
    for name, item in by_name(found).items():
        assert back[name].status == opposite.get(item.status, item.status)
        assert (item.opened, item.closed) == (back[name].closed, back[name].opened)
        assert {(f.now_first, f.now_second) for f in item.flips("mix")} == {
            (f.now_second, f.now_first) for f in back[name].flips("mix")
        }
        for result, move in item.moves.items():
            other = back[name].moves[result]
            assert (move.before, move.after) == (other.after, other.before)
            if move.change is not None:
                assert move.change == -other.change
            if move.paired is not None:
                assert move.paired.mean == -other.paired.mean
                assert move.paired.p05 == pytest.approx(-other.paired.p95)
    assert any(move.change for item in back.values() for move in item.moves.values())


@pytest.mark.slow
def test_differences_are_paired_where_a_parameter_becomes_uncertain(repository, tmp_path):
    """A new dimension of random numbers before others must not shift theirs, whichever side has it."""
    fill(tmp_path / "params")
    law = "inflation: {dist: uniform, min: 0.0249999, max: 0.0250001, assumption:"
    replaced(tmp_path / "params" / "baseline.yaml", "inflation: {value: 0.025, assumption:", law)
    sides = (repository.base, tmp_path / "params")
    there, back = (
        by_name(compare(repository.folder, *pair, ["baseline"]))["baseline"] for pair in (sides, sides[::-1])
    )
    move = there.moves["cost.mix.direct"]
    assert abs(move.paired.p95 - move.paired.p05) < 1e-4 * move.before.p50
    assert move.paired.mean == -back.moves["cost.mix.direct"].paired.mean


@pytest.mark.slow
def test_folders_tell_the_same_as_revisions(repository, found, tmp_path):
    fill(tmp_path / "one" / "params")
    fill(tmp_path / "other" / "params")
    change(tmp_path / "other" / "params")
    folders = compare(tmp_path, tmp_path / "one" / "params", tmp_path / "other" / "params")
    one, other = changes_json(found), changes_json(folders)
    assert [one.pop(side)["kind"] for side in ("base", "head")] == ["revision"] * 2
    assert [other.pop(side)["kind"] for side in ("base", "head")] == ["parameters"] * 2
    assert one == other


def test_neither_the_working_tree_nor_the_index_is_touched(repository, tmp_path):
    (repository.folder / "untracked.txt").write_text("mine")
    (repository.folder / "staged.txt").write_text("mine")
    git(repository.folder, "add", "staged.txt")
    try:
        index = (repository.folder / ".git" / "index").read_bytes()
        state = git(repository.folder, "status", "--porcelain", "--branch")
        compare(repository.folder, repository.base, repository.head, ["mine"])
        assert (repository.folder / ".git" / "index").read_bytes() == index
        assert git(repository.folder, "status", "--porcelain", "--branch") == state
    finally:
        git(repository.folder, "rm", "-q", "--cached", "staged.txt")
        for name in ("untracked.txt", "staged.txt"):
            (repository.folder / name).unlink()


def test_a_set_cannot_borrow_from_the_folder_that_is_checked_out(tmp_path, repository):
    """A revision without its baseline does not work, even where the working folder has one."""
    params = tmp_path / "params"
    params.mkdir()
    (params / "alone.yaml").write_text("extends: baseline\ntitle: Alone\n")
    (item,) = compare(repository.folder, params, params).sets
    assert item.status == "failed"
    assert "no parameter set `baseline`" in item.problems["head"][0].message


@pytest.mark.slow
def test_nothing_changed(repository):
    found = compare(repository.folder, repository.base, repository.base)
    assert {item.status for item in found.sets} == {"unchanged"}
    assert not found.by_file
    assert not any(item.moves for item in found.sets)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("title: Licences closed again", "title: Licences end", "title"),
        ("source: GM035, as_of", "source: GM082, as_of", "channels.stockpile.market_value"),
        ('"a little above the baseline"', '"a bit above the baseline"', "channels.courier_hardware.price_markup"),
    ],
)
def test_other_words_and_sources_alone_move_nothing(repository, tmp_path, old, new, path):
    fill(tmp_path / "params")
    replaced(tmp_path / "params" / "licence_closed.yaml", old, new)
    found = compare(repository.folder, repository.base, tmp_path / "params")
    assert {item.name: item.status for item in found.sets if item.status != "unchanged"} == {
        "licence_closed": "reworded"
    }
    (row,) = found.by_file
    assert (row.file, row.change.path) == ("licence_closed.yaml", path)
    assert row.change.kind == ("changed" if path == "title" else "origin")
    assert not found.failed


@pytest.mark.slow
def test_other_files_of_the_folder_are_named(repository, tmp_path):
    fill(tmp_path / "params")
    with (tmp_path / "params" / "evidence" / "sources.csv").open("a", encoding="utf-8") as file:
        file.write("new-1,A title,A publisher,https://example.org,2026-01,A\n")
    assert compare(repository.folder, repository.base, tmp_path / "params").others == ("evidence/sources.csv",)


def test_changed_code_of_the_package_is_noticed(tmp_path):
    fill(tmp_path / "params")
    git(tmp_path, "init", "-q")
    commit(tmp_path, "before")
    (tmp_path / "src" / "costmodel").mkdir(parents=True)
    (tmp_path / "src" / "costmodel" / "new.py").write_text("x = 1\n")
    (tmp_path / "other.txt").write_text("no code of the package\n")
    commit(tmp_path, "after")
    assert compare(tmp_path, "before", "after", ["baseline"]).code == ("src/costmodel/new.py",)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("befor", "did you mean `before`?"),
        ("--help", "neither a folder of parameter files"),
        (".", "did you mean `params`?"),
    ],
)
def test_a_side_that_is_none_is_refused_with_what_would_be_right(repository, word, told):
    with pytest.raises(ParameterError) as error:
        compare(repository.folder, word, repository.head)
    assert told in str(error.value)
    assert "BASE" in str(error.value)


def test_a_set_that_neither_side_has_is_refused(repository):
    with pytest.raises(ParameterError, match="did you mean `licence_closed`"):
        compare(repository.folder, repository.base, repository.head, ["licence_close"])


def test_results_that_are_no_numbers_are_a_failure_of_the_set(repository, monkeypatch):
    real = figures.outcome_draws

    def infinite_afterwards(case, names, draws, seed):
        scale = np.inf if case.central["finance.inflation"] == 0.03 else 1.0
        return {name: found * scale for name, found in real(case, names, draws, seed).items()}

    monkeypatch.setattr(figures, "outcome_draws", infinite_afterwards)
    (item,) = compare(repository.folder, repository.base, repository.head, ["licence_closed"]).sets
    assert (item.status, item.moves, set(item.problems)) == ("failed", {}, {"head"})
    (problem,) = item.problems["head"]
    assert problem.file == "licence_closed.yaml"
    assert problem.message.startswith("market.price is infinite or no number in some draws")


def test_more_draws_than_there_can_be_are_refused(repository):
    with pytest.raises(ParameterError, match="at most"):
        compare(repository.folder, repository.base, repository.head, ["mine"], replace(FEW, draws=MAX_DRAWS + 1))


def test_the_document_is_json_and_rows_hold_the_same(found):
    document = changes_json(found)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    row = next(r for r in change_rows(found) if r["set"] == "baseline" and r["result"] == "cost.mix.direct")
    cost = document["sets"]["baseline"]["results"]["workloads"]["mix"]["channels"]["direct"]["cost"]
    assert (row["before_p50"], row["change"], row["paired_mean"]) == (
        cost["before"]["p50"],
        cost["change"],
        cost["paired"]["mean"],
    )
    assert document["sets"]["wrong"]["problems"]["head"][0]["line"] == 4
    assert document["failed"] == ["wrong"]


@pytest.mark.slow
def test_where_a_path_leads_is_told_and_paired(tmp_path):
    from costmodel.locations import params_folder

    for name in ("one", "other"):
        fill(tmp_path / name)
        for needed in ("history", "controls_2022_10"):
            shutil.copy(params_folder() / f"{needed}.yaml", tmp_path / name)
    replaced(tmp_path / "other" / "baseline.yaml", "inflation: {value: 0.025,", "inflation: {value: 0.035,")
    (item,) = compare(tmp_path, tmp_path / "one", tmp_path / "other", ["history"]).sets
    for name in ("path.premium", "path.delay"):
        move = item.moves[name]
        assert move.moved
        assert move.paired.p05 <= move.paired.p50 <= move.paired.p95
    assert item.figures_after.path_number == FEW.path_draws
    (without,) = compare(tmp_path, tmp_path / "one", tmp_path / "other", ["history"], replace(FEW, path_draws=0)).sets
    assert "path.premium" not in without.moves


@pytest.mark.slow
def test_inputs_survive_their_file():
    case = load("status_quo")
    document = json.loads(json.dumps(inputs_json(case), allow_nan=False))
    assert read_inputs(document) == inputs(case)
    assert "line" not in document["inputs"]["finance.inflation"]
