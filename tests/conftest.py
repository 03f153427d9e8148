"""What all tests share: the folder of small sets, and how much hypothesis tries."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).parent
# Helper modules (`reference`, `strategies`) are imported by name, whichever way pytest is started.
if str(TESTS) not in sys.path:
    sys.path.insert(0, str(TESTS))

# `HYPOTHESIS_PROFILE=long pytest` looks longer, and at other examples each time.
settings.register_profile(
    "quick",
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    database=None,
)
settings.register_profile(
    "long", max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture
def small_sets(monkeypatch):
    """`load("baseline")` reads tests/sets, not params."""
    monkeypatch.setenv("COSTMODEL_PARAMS", str(TESTS / "sets"))
    return TESTS / "sets"


@pytest.fixture
def small(small_sets):
    """The small set, with every kind of channel and every law."""
    from costmodel import load

    return load(small_sets / "baseline.yaml")


@pytest.fixture
def command_line(monkeypatch, capsys):
    """Run the command line in this process; gives exit code, standard output, standard error."""
    from costmodel import cli

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["costmodel", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        captured = capsys.readouterr()
        return stop.value.code or 0, captured.out, captured.err

    return call
