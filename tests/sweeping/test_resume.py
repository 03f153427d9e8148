"""Nothing is lost and nothing is done twice, whatever ends a sweep; other inputs never mix with it."""

import json
import os
import signal
import time

import pytest

from costmodel import disk
from costmodel.errors import ParameterError
from costmodel.sweeping import run as runs
from costmodel.sweeping.executors import Where
from sweeps import GRID, blocks, command, content


@pytest.fixture
def computed(monkeypatch):
    """Blocks that were computed and written, in order."""
    found, original = [], runs.Dataset.write

    def noted(self, done):
        found.append(done.block)
        original(self, done)

    monkeypatch.setattr(runs.Dataset, "write", noted)
    return found


def test_what_is_there_is_kept_and_the_rest_computed_once(swept, computed):
    folder = swept()
    whole, count = content(folder), len(blocks(folder))
    assert count == len(computed) == 24
    computed.clear()
    missing = blocks(folder)[3::5]
    for file in missing:
        file.unlink()
    # A file cut short, one that is no Parquet file, one that never got its name, and one that is none.
    left = [file for file in blocks(folder) if file not in missing]
    left[0].write_bytes(left[0].read_bytes()[:-20])
    left[1].write_bytes(whole["sweep.json"])
    left[2].write_bytes(b"")
    (left[3].parent / f".{left[3].name}.tmp").write_bytes(b"half")
    before = {file: file.stat().st_mtime_ns for file in left[3:]}
    swept()
    assert len(computed) == len(set(computed)) == len(missing) + 3
    assert content(folder) == whole
    assert {file: file.stat().st_mtime_ns for file in left[3:]} == before


@pytest.mark.slow
def test_a_block_of_another_plan_does_not_count(swept, computed):
    folder, other = swept(), swept(GRID.replace("draws: 64", "draws: 32"), name="other")
    whole = content(folder)
    blocks(folder)[0].write_bytes(blocks(other)[0].read_bytes())
    computed.clear()
    swept()
    assert len(computed) == 1
    assert content(folder) == whole


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("0.3, 60 %", "0.3, 61 %", "parameters.channels.gray.price_markup"),
        ("draws: 64", "draws: 65", "draws: 64 → 65"),
        ("cheapest: [mix]", "cheapest: []", 'cheapest: ["mix"] → []'),
        ("sets: [baseline, child]", "sets: [baseline]", "sets.child: removed"),
        ("draws: 64", "draws: 64\nseed: 1", "seed: null → 1"),
    ],
)
def test_another_grid_is_refused_and_changes_nothing(swept, old, new, says):
    folder = swept()
    whole = content(folder)
    with pytest.raises(ParameterError) as refused:
        swept(GRID.replace(old, new), block=None)
    assert says in str(refused.value)
    assert "--force" in str(refused.value)
    assert content(folder) == whole
    swept(GRID.replace(old, new), block=5, force=True)
    assert content(folder) == content(swept(GRID.replace(old, new), name="fresh"))


def test_changed_parameters_of_a_set_are_refused(swept, monkeypatch, small_sets, tmp_path):
    folder = swept()
    whole = content(folder)
    changed = tmp_path / "sets"
    changed.mkdir()
    for file in small_sets.glob("*.yaml"):
        (changed / file.name).write_text(file.read_text().replace("price_decline: 0.2", "price_decline: 0.21"))
    monkeypatch.setenv("COSTMODEL_PARAMS", str(changed))
    # What is swept has other values in each cell, whatever the set states of it.
    assert content(swept()) == whole
    (changed / "child.yaml").write_text((small_sets / "child.yaml").read_text().replace("22000", "22001"))
    with pytest.raises(ParameterError) as refused:
        swept()
    assert "sets.child.inputs_sha256" in str(refused.value)
    assert "sets.baseline" not in str(refused.value)


def test_a_folder_of_something_else_is_left_alone(swept, tmp_path):
    folder = tmp_path / "swept"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    for force in (False, True):
        with pytest.raises(ParameterError, match="is no folder of a sweep"):
            swept(force=force)
    assert [file.name for file in folder.iterdir()] == ["thesis.txt"]
    with pytest.raises(ParameterError, match="is a file"):
        swept(name="swept/thesis.txt")


@pytest.mark.slow
def test_a_plan_that_cannot_be_read(swept):
    folder = swept()
    whole = content(folder)
    (folder / "sweep.json").write_text("{")
    with pytest.raises(ParameterError, match="start anew by --force"):
        swept()
    swept(force=True)
    assert content(folder) == whole


def test_two_sweeps_do_not_share_a_folder(swept, command_line, tmp_path):
    folder = swept()
    with disk.locked(folder, "sweep"):
        code, out, err = command_line("sweep", tmp_path / "grid.yaml", "--output", folder)
    assert (code, out) == (1, "")
    assert "another sweep is writing into" in err


@pytest.mark.slow
def test_ctrl_c_keeps_whole_blocks_and_says_how_to_go_on(swept, grid, tmp_path, command_line, monkeypatch):
    whole = content(swept())
    grid()
    original, count = runs.Dataset.write, iter(range(100))

    def write(self, done):
        if next(count) == 4:
            raise KeyboardInterrupt
        original(self, done)

    words = ("sweep", tmp_path / "grid.yaml", "--output", tmp_path / "stopped", "--block", 5)
    with monkeypatch.context() as patched:
        patched.setattr(runs.Dataset, "write", write)
        code, out, err = command_line(*words)
    assert (code, out) == (1, "")
    assert "20 of 24 blocks are left, and the same command goes on" in err
    assert len(blocks(tmp_path / "stopped")) == 4
    assert command_line(*words)[0] == 0
    found = content(tmp_path / "stopped")
    assert found.pop("summary.md")
    assert found == whole


def test_values_of_which_nothing_follows_are_told_with_exit_code_2(grid, tmp_path, command_line):
    text = "sets: [baseline]\nparameters: {channels.counterfactual.resale_recovery: [0.5, 9]}\ndraws: 8\n"
    grid(text.replace("channels.counterfactual.resale_recovery: [0.5, 9]", "finance.price_decline: [0.1, -50]"))
    code, _, err = command_line("sweep", tmp_path / "grid.yaml", "--output", tmp_path / "out")
    assert code == 2
    assert "set baseline, block 0: reference.counterfactual: costs nothing" in err


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_sweep_is_gone_on_with(grid, tmp_path, workers):
    """Killed by SIGKILL in the middle, twice; the dataset is, byte by byte, that of an undisturbed run."""
    text = GRID.replace("points: 3", "points: 12").replace("points: 4", "points: 12")
    words = ("sweep", tmp_path / "grid.yaml", "--block", 4, "--workers", workers, "--output", tmp_path / "killed")
    whole = tmp_path / "whole"
    assert runs.sweep(grid(text), whole, Where(), block=4).complete
    for _ in range(2):
        before, process = len(blocks(tmp_path / "killed")), command(*words, start_new_session=True)
        deadline = time.monotonic() + 60
        while len(blocks(tmp_path / "killed")) < before + 5 and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    kept = {file: file.stat().st_mtime_ns for file in blocks(tmp_path / "killed")}
    assert 0 < len(kept) < len(blocks(whole))
    process = command(*words, "--format", "json")
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert json.loads(out)["computed_blocks"] == len(blocks(whole)) - len(kept)
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
    found = content(tmp_path / "killed")
    del found["summary.md"]
    assert found == content(whole)
