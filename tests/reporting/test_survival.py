"""Whatever happens to a build: what was built before is whole, the index links to nothing missing, the next goes on."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from costmodel.reporting import build
from costmodel.reporting.manifest import Manifest, sha256
from costmodel.reporting.planning import Settings
from costmodel.reporting.processes import can_fork

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not can_fork(), reason="processes and signals of Linux")]

NAMES = ("baseline", "second", "third")


def whole(output: Path) -> set[str]:
    """Names of the reports in a folder, each of which must be whole; and all that the index links to must be there."""
    found = {path.name for path in output.iterdir() if path.is_dir() and not path.name.startswith(".")}
    for name in found:
        manifest = Manifest.read(output / name)
        assert manifest is not None, name
        assert {each: sha256(output / name / each) for each in manifest.outputs} == {
            each: stored["sha256"] for each, stored in manifest.outputs.items()
        }
        assert json.loads((output / name / "results.json").read_text())["set"] == name
    index = output / "index.html"
    if index.is_file():
        page = index.read_text()
        assert page.endswith(("</html>\n", "</html>"))
        for link in re.findall(r'href="([^"#:]+)"', page):
            assert (output / link).is_file(), link
    return found


def children() -> set[int]:
    """Processes of builds that are still there."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ")
        except OSError:
            continue
        if b"forkserver" in words or b"costmodel build" in words:
            found.add(int(path.parent.name))
    return found


def gone(before: set[int]) -> bool:
    """Whether no process outlives the build, after a moment."""
    for _ in range(100):
        if children() <= before:
            return True
        time.sleep(0.1)
    return False


def start(workshop: Any, *options: str, **more: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "costmodel", "build", "--output", str(workshop.output), "--jobs", "2", *options]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True, **more)


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.01)


@pytest.fixture
def built(workshop: Any) -> Any:
    """A workshop whose three sets were built, and then changed."""
    for name in NAMES[1:]:
        workshop.add(name)
    assert build(None, workshop.output, jobs=2).ok
    for name in NAMES[1:]:
        workshop.add(name, "changed")
    return workshop


def test_kill_9_at_any_moment(built: Any) -> None:
    before = children()
    started = built.output / ".second.new"
    moments: list[Callable[[], bool]] = [
        lambda: True,
        started.is_dir,
        (started / "results.json").is_file,
        (started / "index.html").is_file,
        (started / "manifest.json").is_file,
        lambda: "changed" in (built.output / "second" / "report.ipynb").read_text(),
    ]
    for moment in moments:
        running = start(built)
        wait_for(lambda moment=moment, running=running: moment() or running.poll() is not None)  # type: ignore[misc]
        running.kill()
        running.wait()
        assert whole(built.output) == set(NAMES)
        assert gone(before)
        assert whole(built.output) == set(NAMES)
    summary = build(None, built.output)
    assert summary.ok
    assert "changed" in (built.output / "third" / "report.ipynb").read_text()
    assert not list(built.output.glob(".*.new"))


def test_ctrl_c_keeps_what_is_done_and_says_what_is_not(built: Any) -> None:
    before = children()
    for name in ("x1", "x2", "x3", "x4"):
        built.add(name, "hang")
    running = start(built)
    wait_for((built.output / ".x2.new").is_dir)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 1
    assert "interrupted: 4 of 7 sets not reached; the same command goes on with them" in said
    assert "Traceback" not in said
    assert whole(built.output) == set(NAMES)
    assert not list(built.output.glob(".*.new"))
    assert gone(before)
    assert "changed" in (built.output / "second" / "report.ipynb").read_text()


def test_a_hanging_cell_is_stopped_and_named(built: Any) -> None:
    built.add("hangs", "hang")
    summary = build(None, built.output, settings=Settings(timeout=2))
    (failed,) = summary.failed
    assert (failed.name, failed.cell) == ("hangs", "cell 2 (`import os, sys`)")
    assert "Timeout" in str(failed.error)
    assert whole(built.output) == set(NAMES)


def test_a_kernel_that_eats_all_memory_fails_alone(built: Any) -> None:
    built.add("eats", "eat")
    summary = build(None, built.output, settings=Settings(memory=2**30))
    (failed,) = summary.failed
    assert failed.name == "eats"
    assert failed.cell == 'cell 2, line 14 (`eaten.append(b"x" * 50_000_000)`)'
    assert "MemoryError" in str(failed.error)
    assert whole(built.output) == set(NAMES)


def test_a_report_whose_process_is_killed_is_tried_again_and_fails_alone(built: Any) -> None:
    built.add("murders", "murder")
    summary = build(None, built.output)
    (failed,) = summary.failed
    assert failed.name == "murders"
    assert "was killed, twice" in str(failed.error)
    assert whole(built.output) == set(NAMES)
    assert not list(built.output.glob(".*.new"))


def test_a_killed_kernel_is_named_with_its_cell(built: Any) -> None:
    built.cells("import os, signal\nif name == 'third':\n    os.kill(os.getpid(), signal.SIGKILL)")
    summary = build(None, built.output)
    (failed,) = summary.failed
    assert (failed.name, failed.cell) == ("third", "cell 2 (`import os, signal`)")
    assert "DeadKernelError" in str(failed.error)
    assert whole(built.output) == set(NAMES)


@contextmanager
def full_disk(output: Path) -> Iterator[int | None]:
    """A disk of one megabyte as root; for others a limit on the size of files, which fails writes just so."""
    kept = output.with_name("kept")
    shutil.copytree(output, kept)
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(output)], capture_output=True, check=False
        ).returncode
    )
    if not mounted:
        yield 100_000
        return
    try:
        shutil.copytree(kept, output, dirs_exist_ok=True)
        yield None
        shutil.copytree(output, kept, dirs_exist_ok=True)
    finally:
        subprocess.run(["umount", str(output)], check=True)


def test_a_full_disk(built: Any) -> None:
    built.cells("print('x' * 2_000_000)")
    before = {name: (built.output / name / "report.ipynb").read_bytes() for name in NAMES}
    with full_disk(built.output) as size:

        def limited() -> None:
            if size is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        running = start(built, preexec_fn=limited)
        _, said = running.communicate(timeout=100)
        assert running.returncode == 1
        assert "No space left" in said or "File too large" in said
        assert "Traceback" not in said
        assert whole(built.output) == set(NAMES)
        assert {name: (built.output / name / "report.ipynb").read_bytes() for name in NAMES} == before
    built.cells("print('enough room')")
    assert build(None, built.output).ok


def test_a_folder_that_cannot_be_written(workshop: Any, command_line: Any) -> None:
    # Of /proc not even root can make a folder.
    code, out, said = command_line("build", "--output", "/proc/reports")
    assert (code, out) == (1, "")
    assert "/proc/reports: cannot be written" in said
    occupied = workshop.output
    occupied.write_text("a file, and no folder")
    code, _, said = command_line("build", "--output", occupied)
    assert code == 1
    assert "cannot be written" in said
    assert occupied.read_text() == "a file, and no folder"


def test_a_folder_that_vanishes(built: Any) -> None:
    def vanish(event: Any) -> None:
        if event.kind == "cell" and event.cell[0] == 2:
            shutil.rmtree(built.output, ignore_errors=True)

    try:
        summary = build(None, built.output, jobs=1, on_event=vanish)
    except OSError:
        pass
    else:
        assert not summary.ok
    assert build(None, built.output).ok
    assert whole(built.output) == set(NAMES)


def test_of_two_builds_at_once_one_builds_and_one_says_so(built: Any) -> None:
    first, second = start(built), start(built)
    said = [running.communicate(timeout=100)[1] for running in (first, second)]
    assert sorted((first.returncode, second.returncode)) in ([0, 1], [0, 0])
    refused = [text for text in said if "another build is writing into" in text]
    assert len(refused) == first.returncode + second.returncode
    assert whole(built.output) == set(NAMES)
