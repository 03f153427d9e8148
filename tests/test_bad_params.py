"""Every malformed set gives exactly the message that its first lines announce, and never another kind of exception.

A file of tests/bad_params starts with one line `# expect: LINE: PATH: MESSAGE` for each problem that it must give, as
`costmodel check` prints it after the file's name; a problem found in another file starts with that file's name.
"""

import re
from pathlib import Path

import pytest

from costmodel.errors import ParameterError
from costmodel.parameters import load

FOLDER = Path(__file__).parent / "bad_params"
FILES = sorted(FOLDER.glob("*.yaml"))
_EXPECT = re.compile(rb"^# expect: (.*)$", re.MULTILINE)


def expected(file):
    return [line.decode() for line in _EXPECT.findall(file.read_bytes())]


@pytest.fixture
def in_tests(small_sets, monkeypatch):
    monkeypatch.chdir(FOLDER.parent)


def test_there_are_many():
    assert len(FILES) >= 45


@pytest.mark.usefixtures("in_tests")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_message(file):
    announced = expected(file)
    assert announced, "says nothing of what it must give"
    own = f"bad_params/{file.name}"
    with pytest.raises(ParameterError) as caught:
        load(Path(own))
    assert type(caught.value) is ParameterError
    assert [str(problem).removeprefix(f"{own}:").strip() for problem in caught.value.problems] == announced
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    for problem in caught.value.problems:
        assert_is_there(problem)


def assert_is_there(problem):
    """The line exists, and stands at or below the block that the path begins with."""
    assert problem.file is not None
    if problem.line is None or not problem.path:
        return
    lines = Path(problem.file).read_text().splitlines()
    assert 1 <= problem.line <= len(lines)
    if "is required" not in problem.message:
        assert problem.path.split(".")[0] in "\n".join(lines[: problem.line])


NO_JARGON = re.compile(
    r"pydantic|value_error|validation|Value error|Input should|NoneType|dict\b|unhashable|Traceback|<class"
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_message_is_in_the_users_words(file):
    for message in expected(file):
        assert not NO_JARGON.search(message)
        assert len(message) < 600
