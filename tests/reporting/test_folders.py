"""Folders are replaced whole or not at all."""

import multiprocessing
from pathlib import Path

import pytest

from costmodel.reporting import folders
from costmodel.reporting.index import write_index


def filled(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "file").write_text(text)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_new_folder_takes_the_place_of_the_old(tmp_path: Path) -> None:
    target = filled(tmp_path / "set", "old")
    (target / "gone").write_text("")
    folders.replace(filled(folders.new_folder(target), "new"), target)
    assert (target / "file").read_text() == "new"
    assert names(tmp_path) == ["set"]
    assert names(target) == ["file"]


def test_the_old_folder_is_back_if_the_move_fails(tmp_path: Path) -> None:
    target = filled(tmp_path / "set", "old")
    with pytest.raises(FileNotFoundError):
        folders.replace(tmp_path / "missing", target)
    assert (target / "file").read_text() == "old"
    assert names(tmp_path) == ["set"]


def test_a_killed_build_is_tidied_up(tmp_path: Path) -> None:
    # Killed between the two moves: the old report is under its other name, the new one is not in place.
    filled(tmp_path / ".moved.previous", "old")
    filled(tmp_path / ".moved.new", "half")
    # Killed after the second move, before the old one was removed.
    filled(tmp_path / "done", "new")
    filled(tmp_path / ".done.previous", "old")
    folders.recover(tmp_path)
    assert names(tmp_path) == ["done", "moved"]
    assert (tmp_path / "moved" / "file").read_text() == "old"
    assert (tmp_path / "done" / "file").read_text() == "new"


def _hold(folder: str, ready: "multiprocessing.synchronize.Event", leave: "multiprocessing.synchronize.Event") -> None:
    with folders.locked(Path(folder)):
        ready.set()
        leave.wait(30)


def test_two_builds_do_not_share_a_folder(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    ready, leave = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(str(tmp_path), ready, leave))
    other.start()
    assert ready.wait(30)
    with pytest.raises(folders.BuildBusyError, match="another build"), folders.locked(tmp_path):
        pass
    leave.set()
    other.join(30)
    with folders.locked(tmp_path):
        pass


@pytest.mark.parametrize("leads", [True, False], ids=["to_a_folder", "nowhere"])
def test_links_are_replaced_and_never_followed(tmp_path: Path, leads: bool) -> None:
    elsewhere = filled(tmp_path / "elsewhere", "mine") if leads else tmp_path / "nowhere"
    output = tmp_path / "reports"
    output.mkdir()
    target = output / "set"
    for name in ("set", ".set.new", ".set.previous"):
        (output / name).symlink_to(elsewhere)
    for text in ("first", "second"):
        folders.replace(filled(folders.new_folder(target), text), target)
        assert not target.is_symlink()
        assert (target / "file").read_text() == text
        assert names(output) == ["set"]
    if leads:
        assert (elsewhere / "file").read_text() == "mine"


def test_recovering_follows_no_link(tmp_path: Path) -> None:
    elsewhere = filled(tmp_path / "elsewhere", "mine")
    output = filled(tmp_path / "reports" / "done", "new").parent
    for name in (".done.previous", ".done.new"):
        (output / name).symlink_to(elsewhere)
    folders.recover(output)
    assert names(output) == ["done"]
    assert (elsewhere / "file").read_text() == "mine"


def test_files_of_a_build_are_not_written_through_a_link(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    output = tmp_path / "reports"
    output.mkdir()
    for name in (".lock", ".index.html.tmp", "index.html"):
        (output / name).symlink_to(mine)
    with folders.locked(output):
        write_index(output)
    assert mine.read_text() == "mine"
    assert "There is no report yet" in (output / "index.html").read_text()
