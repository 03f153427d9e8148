"""Reports follow what is saved."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def title(folder: Path) -> str:
    try:
        return str(json.loads((folder / "results.json").read_text())["title"])
    except (OSError, ValueError):
        return ""


def wait_for(folder: Path, wanted: str, running: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + 60
    while title(folder) != wanted:
        assert running.poll() is None
        assert time.monotonic() < end, f"{title(folder)} instead of {wanted}"
        time.sleep(0.05)


def test_a_saved_set_is_built_again_until_ctrl_c(workshop: Any) -> None:
    workshop.add("other")
    command = [sys.executable, "-m", "costmodel", "build", "--watch", "--output", str(workshop.output)]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        wait_for(workshop.output / "other", "Title of other", running)
        workshop.add("other", title="Second title")
        wait_for(workshop.output / "other", "Second title", running)
        time.sleep(1)
        (workshop.params / "other.yaml").write_text("extends: nowhere\n")
        time.sleep(3)
        workshop.add("other", title="Third title")
        wait_for(workshop.output / "other", "Third title", running)
    finally:
        time.sleep(1)
        os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 0, said
    assert "Traceback" not in said
    assert said.count("built  other") == 3
    assert "failed  other" in said
    assert said.count("built  baseline") == 1
