"""A browser and built reports for it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from costmodel.reporting import build
from costmodel.reporting.planning import Settings
from costmodel.reporting.run import plan

_SETS = ("baseline", "no_controls")
# Nothing of a user's profile, and nothing that the browser does on its own account.
_ARGUMENTS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync"""


def _finished() -> Path | None:
    """The reports that `make reports` left, if they are of what is being tested."""
    named = os.environ.get("COSTMODEL_TEST_REPORTS")
    if named:
        return Path(named).resolve()
    output = Path(__file__).parents[2] / "reports"
    fresh = (output / "index.html").is_file() and all(item.status == "current" for item in plan(_SETS, output))
    return output if fresh else None


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with built reports; two small ones are built if there are none."""
    finished = _finished()
    if finished is not None:
        return finished
    output = tmp_path_factory.mktemp("reports")
    summary = build(_SETS, output, settings=Settings(draws=256))
    assert summary.ok, summary.failed
    return output


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An installed Chromium; without one, tests are skipped, but never in CI."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        reason = "no Chromium is installed (Debian: apt-get install chromium); Playwright's own is not used"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        profile = tmp_path_factory.mktemp("profile")
        launched = playwright.chromium.launch(
            executable_path=executable, args=_ARGUMENTS.split(), env={**os.environ, "HOME": str(profile)}
        )
        yield launched
        launched.close()
