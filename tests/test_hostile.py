"""Files that a stranger might propose end in a message: soon, in little memory, and without their code.

A file of tests/hostile starts like those of tests/bad_params, with one line `# expect: LINE: PATH: MESSAGE` for each
problem. What cannot be kept as a text file (links, pipes, megabytes, other encodings) is made here.
"""

import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from costmodel.errors import HIDDEN, ParameterError
from costmodel.limits import MAX_BYTES, MAX_CHAIN, MAX_DRAWS, MAX_NODES
from costmodel.parameters import load

TESTS = Path(__file__).parent
FILES = sorted((TESTS / "hostile").glob("*.yaml"))
_EXPECT = re.compile(r"^# expect: (.*)$", re.MULTILINE)
# Far above what any of them takes on a busy machine; without a limit some would take hours.
_SECONDS = 20.0
_MEMORY = 3 * 2**30
_MARK = "ran"


@pytest.fixture
def params(tmp_path, monkeypatch):
    """A folder `params/` with the small sets, a set outside it, and a place where code would leave a mark."""
    folder = tmp_path / "params"
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "sources.csv").write_text("id,title,publisher,url,date,grade\n")
    for file in (TESTS / "sets").glob("*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    (tmp_path / "outside.yaml").write_bytes((folder / "baseline.yaml").read_bytes())
    monkeypatch.setenv("COSTMODEL_PARAMS", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


def problems(name):
    """The problems of a set, which must be found soon."""
    start = time.perf_counter()
    with pytest.raises(ParameterError) as caught:
        load(name)
    assert time.perf_counter() - start < _SECONDS
    assert not Path(_MARK).exists()
    told = [str(problem) for problem in caught.value.problems]
    assert all(len(text) < 2000 and "\n" not in text and not HIDDEN.search(text) for text in told)
    return told


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_message(params, file):
    (params / file.name).write_bytes(file.read_bytes())
    announced = _EXPECT.findall(file.read_text(encoding="utf-8"))
    assert announced
    assert [text.removeprefix(f"params/{file.name}:").strip() for text in problems(file.stem)] == announced


BASE = "extends: baseline\n"
LARGE = {
    "bytes": (f"title: '{'x' * MAX_BYTES}'\n", "is larger than 1,000,000 bytes"),
    "names": ("".join(f"k{i}: 1\n" for i in range(90_000)), "too many values"),
    "names_below_names": ("a: {" + ",".join(f"k{i}" for i in range(100_000)) + "}\n", "too many values"),
    "nested_lists": ("a: " + "[" * 10_000 + "]" * 10_000, "too deeply nested"),
    "lists_left_open": ("a: " + "[" * 100_000, "too deeply nested"),
    "nested_mappings": ("a: " + "{a: " * 10_000 + "1" + "}" * 10_000, "too deeply nested"),
    "nested_lines": ("\n".join(" " * level + "a:" for level in range(1_300)), "too deeply nested"),
    "long_key": (f"? {'k' * 900_000}\n: 1\n", "is no name"),
    "long_decimal": (f"{BASE}run: {{draws: {'9' * 900_000}}}\n", "too long for a number"),
    "long_with_signs": (f"{BASE}run: {{draws: {'1_' * 400_000}1}}\n", "too long for a number"),
    "long_hexadecimal": (f"{BASE}run: {{draws: 0x{'f' * 900_000}}}\n", "too long for a number"),
    "long_octal": (f"{BASE}run: {{seed: 0o{'7' * 900_000}}}\n", "too long for a number"),
    "long_description": (f"{BASE}description: {'a ' * 400_000}\n", "description: must have at most 10,000 characters"),
    "many_channels": (
        BASE + "assumptions:\n  channels:\n" + "".join(f"    c{i}: {{kind: rental}}\n" for i in range(4_000)),
        "channels",
    ),
    "many_unknown_names": (
        BASE + "assumptions:\n  finance:\n" + "".join(f"    discount_rat{i}: 1\n" for i in range(9_000)),
        "unknown name",
    ),
    "many_sources": (f"{BASE}assumptions: {{finance: {{inflation: {{value: 0, source: [{'x, ' * 9_000}x]}}}}}}", "ids"),
    "many_events": (
        "extends: timeline\ntimeline:\n  events:\n"
        + "    - {date: 2026-01, label: x, set: {finance.inflation: 0.1}}\n" * 1_500,
        "timeline.events: must have at most 200 entries",
    ),
    "many_correlated": (
        f"{BASE}correlations: [{{rank: 0.1, parameters: [{'finance.inflation, ' * 9_000}x]}}]",
        "must have at most 100 entries",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_large(params, name):
    text, says = LARGE[name]
    (params / "large.yaml").write_text(text, encoding="utf-8")
    told = problems("large")
    assert says in told[0], told[0]
    assert told[0].startswith("params/large.yaml")
    assert len(told) <= 100


BYTES = {
    "latin": (b"extends: baseline\ntitle: \xe9\n", "large.yaml:2: is not text in UTF-8"),
    "utf16": ("extends: baseline\n".encode("utf-16"), "large.yaml:1: is not text in UTF-8"),
    "long_form": (b"extends: baseline\ntitle: \xc0\xaf\n", "large.yaml:2: is not text in UTF-8"),
    "nul": (b"extends: baseline\ntitle: a\0b\n", "large.yaml:2: holds the character U+0000"),
    "escape": (b"extends: baseline\n# \x1b[2J\n", "large.yaml:2: holds the character U+001B"),
    "mark_inside": ("extends: baseline\ntitle: a\ufeffb\n".encode(), "large.yaml:2: holds the character U+FEFF"),
    "tags": ("extends: baseline\ntitle: a\U000e0041b\n".encode(), "large.yaml:2: holds the character U+E0041"),
}


@pytest.mark.parametrize("name", BYTES)
def test_bytes(params, name):
    raw, says = BYTES[name]
    (params / "large.yaml").write_bytes(raw)
    assert says in problems("large")[0]


def test_a_byte_order_mark_and_a_table_s_characters_do_no_harm(params):
    (params / "mine.yaml").write_bytes("\ufeffextends: baseline\ntitle: 电力 – à la carte, العربية\r\n".encode())
    assert load("mine").title == "电力 – à la carte, العربية"


def test_links_lead_nowhere_else(params, tmp_path):
    (params / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    assert problems("link") == ["params/link.yaml: is a link that leads out of params/; put the file itself here"]
    assert problems(Path("params/link.yaml")) == problems("link")
    (params / "below.yaml").write_text("extends: link\n")
    assert problems("below") == ["params/below.yaml:1: extends: `link` leads out of params/"]
    (params / "folder").symlink_to(tmp_path)
    (params / "below.yaml").write_text("extends: folder/outside.yaml\n")
    assert problems("below") == ["params/below.yaml:1: extends: `folder/outside.yaml` leads out of params/"]
    (params / "inside.yaml").symlink_to("baseline.yaml")
    assert load("inside").files


def test_what_is_no_file_is_not_read(params):
    os.mkfifo(params / "pipe.yaml")
    (params / "folder.yaml").mkdir()
    (params / "endless.yaml").symlink_to("/dev/zero")
    (params / "round.yaml").symlink_to("round.yaml")
    for name in ("pipe", "folder", "endless", "round"):
        assert f"no parameter set `{name}`" in problems(name)[0]
        assert f"no file `params/{name}.yaml`" in problems(f"params/{name}.yaml")[0]
        (params / "below.yaml").write_text(f"extends: {name}\n")
        assert "extends: no parameter set" in problems("below")[0]


def test_a_file_elsewhere_may_extend_what_its_user_names(params, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "case.yaml").write_text("extends: ../outside.yaml\n")
    assert load(mine / "case.yaml").extends == "outside"


def test_chains_end(params):
    for place in range(MAX_CHAIN + 8):
        (params / f"chain{place}.yaml").write_text(f"extends: chain{place + 1}\n")
    assert f"is a chain of more than {MAX_CHAIN} sets" in problems("chain0")[0]


def test_names_that_differ_in_capitals_alone(params, command_line):
    for name in ("mine", "Mine"):
        (params / f"{name}.yaml").write_text(BASE)
    if not {"mine.yaml", "Mine.yaml"} <= {file.name for file in params.iterdir()}:
        pytest.skip("this file system takes both for one name")
    code, out, _ = command_line("check")
    assert code == 1
    assert "`mine` differs from `Mine` in capital letters alone" in out


def test_file_names_cannot_speak_to_a_terminal(params, command_line):
    (params / "\x1b[2J\x1b]0;x\x07.yaml").write_text(BASE)
    code, out, err = command_line("check")
    assert code == 1
    assert not HIDDEN.search(out + err)
    _, out, err = command_line("costs", "nothing")
    assert "no parameter set `nothing`" in err
    assert not HIDDEN.search((out + err).replace("\n", " "))


@pytest.mark.slow
def test_all_at_once_from_the_command_line(params):
    for file in FILES:
        (params / file.name).write_bytes(file.read_bytes())
    for name, (text, _) in LARGE.items():
        (params / f"large_{name}.yaml").write_text(text, encoding="utf-8")
    for name, (raw, _) in BYTES.items():
        (params / f"bytes_{name}.yaml").write_bytes(raw)
    (params / "link.yaml").symlink_to("/etc/hostname")
    os.mkfifo(params / "pipe.yaml")
    found = subprocess.run(
        [sys.executable, "-m", "costmodel", "check"],
        capture_output=True, text=True, timeout=120, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY)),
    )  # fmt: skip
    assert found.returncode == 1, found.stderr[-1000:]
    assert "Traceback" not in found.stdout + found.stderr
    assert not HIDDEN.search(found.stdout)
    assert not Path(_MARK).exists()
    good = {file.stem for file in (TESTS / "sets").glob("*.yaml")}
    for file in params.glob("*.yaml"):
        if file.stem not in good:
            assert f"{file.stem}" in found.stdout


COUNTS = [
    ("simulate baseline --draws 1000000000", f"run.draws: must be at most {MAX_DRAWS:,}, not `1000000000`"),
    ("simulate baseline --set run.draws=1e9", "run.draws"),
    ("simulate baseline --draws 16 --workers 1000000", "--workers"),
    ("path timeline --draws 1000000000", "run.draws: must be at most"),
    ("attribute baseline child --draws 1000000000", "--draws"),
    ("attribute baseline child --draws 9000000", "keeps all draws in memory"),
    ("discover baseline --draws 9000000", "keeps all draws in memory"),
    ("sensitivity baseline --outcome lowest.mix --base 1000000000", "--base"),
    ("tornado baseline --outcome lowest.mix --parameter finance.discount_rate --points 100000000", "--points"),
    ("heatmap baseline --outcome lowest.mix --points 100000000", "--points"),
    ("acceptability baseline --parameter finance.discount_rate --points 100000000", "--points: must be from 1 to"),
    ("build --jobs 1000000", "--jobs"),
]


@pytest.mark.parametrize(("words", "says"), COUNTS, ids=[words.replace(" ", "_")[:50] for words, _ in COUNTS])
def test_counts_have_limits(small_sets, command_line, words, says):
    code, out, err = command_line(*words.split())
    assert (code, out) == (2, "")
    assert says in err


@pytest.mark.slow
def test_nodes_are_counted_before_they_are_kept(params):
    """The composer stops at the limit: what is left of the file is not even looked at."""
    (params / "large.yaml").write_text("".join(f"k{i}: 1\n" for i in range(MAX_NODES + 10)) + "!!tag [")
    assert "too many values" in problems("large")[0]
