"""A small repository with two revisions of a folder of parameter files."""

import os
import shutil
import subprocess
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from costmodel.changes import compared, side
from costmodel.changes.figures import Sampling
from costmodel.locations import params_folder

#: Few draws: what is tested is what is told, not how exactly.
FEW = Sampling(draws=256, seed=0, path_draws=64)
KEPT = ("baseline", "cloud_cost_plus", "enforcement_surge", "licence_closed", "location_verification")
HOSTILE = "<img src=x onerror=alert(1)> [here](https://evil.example) ![x](http://e.example/x.png) @octocat #1 `a` | b"


@dataclass(frozen=True)
class Repository:
    """Where the repository is, and its two revisions; `head` is what is checked out."""

    folder: Path
    base: str = "before"
    head: str = "after"

    @property
    def params(self) -> Path:
        return self.folder / "params"


def git(folder, *words):
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = {f"GIT_{role}_{what}": "t@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | quiet | who).stdout


def commit(folder, tag):
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", tag)
    git(folder, "tag", tag)


def replaced(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path.name, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def fill(params):
    """The folder as it was."""
    (params / "evidence").mkdir(parents=True)
    for name in KEPT:
        shutil.copy(params_folder() / f"{name}.yaml", params)
    shutil.copy(params_folder() / "evidence" / "sources.csv", params / "evidence")


def change(params):
    """What the pull request does to it."""
    # A number with its source; a note; both are inherited by all that extend the baseline.
    replaced(
        params / "baseline.yaml",
        "inflation: {value: 0.025, assumption:",
        "inflation: {value: 0.03, source: [cost-319], assumption:",
    )
    # A channel closes, so that another becomes the cheapest.
    closed = f"direct: {{available: {{value: false, source: [PT_2026_01_21], assumption: {HOSTILE!r}}}}}"
    replaced(params / "cloud_cost_plus.yaml", "    third_country_cloud:\n", f"    {closed}\n    third_country_cloud:\n")
    (params / "enforcement_surge.yaml").unlink()
    (params / "mine.yaml").write_text(f"extends: baseline\ntitle: {HOSTILE!r}\n", encoding="utf-8")
    (params / "wrong.yaml").write_text(
        "extends: baseline\nassumptions:\n  finance:\n    discont_rate: 0.1\n", encoding="utf-8"
    )


def compare(folder, base, head, only=(), sampling=FEW):
    with chdir(folder), side(str(base), "BASE", only) as one, side(str(head), "HEAD", only) as other:
        return compared(one, other, sampling, only)
