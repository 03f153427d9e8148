"""Kernels that are forks: as fresh as any, and nothing in what they put out tells them from others."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from costmodel.reporting import build
from costmodel.reporting.planning import Settings
from costmodel.reporting.processes import can_fork, memory

pytestmark = pytest.mark.slow
forks = pytest.mark.skipif(not can_fork(), reason="kernels are forks on Linux alone")

# Everything by which a notebook can put something out; the figures are those that a careless fork loses.
VARIETY = (
    "import sys\nprint('out', name)\nprint('err', file=sys.stderr)\ntitle",
    "import pandas as pd\npd.DataFrame({'a': [1.5, 2], 'b': ['x', '<y>']})",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3], [2, 1, 4])\nplt.title('a figure')\nplt.show()",
    "import seaborn as sns\nsns.histplot(x=[1, 2, 2, 3])",
    "%matplotlib inline\n%config InlineBackend.figure_formats = ['svg']\n"
    "%config InlineBackend.print_figure_kwargs = {'metadata': {'Date': None}}\nplt.rcParams['svg.hashsalt'] = 'x'\n"
    "figure, axes = plt.subplots()\naxes.barh(['a', 'b'], [1, 2])\nfigure",
    "from IPython.display import display, HTML, Markdown\ndisplay(HTML('<b>bold</b>'), Markdown('# Head'))\n{'a': {1}}",
    "import warnings\nwarnings.warn('a warning')\nlen(_oh), In[-1][:5], __name__",
    "import logging\nlogging.warning('logged')\nget_ipython().run_line_magic('who_ls', '')",
    "import multiprocessing, threading\nmultiprocessing.current_process().name, threading.active_count() > 1",
)
MARK = """import builtins, os, sys, pathlib
import matplotlib as mpl, numpy as np, pandas as pd
seen = [
    hasattr(builtins, "mark"), "mark" in os.environ, "mark" in sys.modules, hasattr(np, "mark"),
    mpl.rcParams["lines.linewidth"] == 77, pd.get_option("display.max_rows") == 7, "mark" in sys.path,
    (pathlib.Path(os.environ["IPYTHONDIR"]) / "mark").exists(), "mark" in globals(),
]
builtins.mark = np.mark = mark = sys.modules["mark"] = 1
os.environ["mark"] = "1"
mpl.rcParams["lines.linewidth"] = 77
pd.set_option("display.max_rows", 7)
sys.path.append("mark")
(pathlib.Path(os.environ["IPYTHONDIR"]) / "mark").write_text("")
print(os.getpid(), seen)"""


def in_words(outputs: list[Any]) -> str:
    return json.dumps(outputs, indent=1, sort_keys=True)


def papermill(workshop: Any, name: str) -> list[Any]:
    """What plain papermill's own command puts out for a set."""
    target = workshop.output.parent / f"{name}.ipynb"
    command = [sys.executable, "-m", "papermill", str(workshop.notebook), str(target)]
    options = ["-f", str(workshop.params / f"{name}.yaml"), "--no-progress-bar"]
    environment = {**os.environ, "COSTMODEL_OUTPUT": str(target.with_suffix("")), "OMP_NUM_THREADS": "1"}
    target.with_suffix("").mkdir()
    subprocess.run([*command, *options], check=True, env=environment, capture_output=True)
    return [cell["outputs"] for cell in json.loads(target.read_text())["cells"] if cell["cell_type"] == "code"]


@forks
def test_all_that_is_put_out_is_that_of_plain_papermill(workshop: Any) -> None:
    workshop.cells(*VARIETY)
    summary = build(["baseline"], workshop.output)
    assert summary.ok, summary.failed
    ours = workshop.outputs("baseline")
    assert len([part for cell in ours for part in cell if "image/png" in part.get("data", {})]) == 2
    assert len([part for cell in ours for part in cell if "image/svg+xml" in part.get("data", {})]) == 2
    theirs = papermill(workshop, "baseline")
    # The two lines of a warning name the kernel's process.
    for cell in (*ours, *theirs):
        for part in cell:
            if part.get("name") == "stderr":
                part["text"] = [line for line in part["text"] if "ipykernel_" not in line]
    assert in_words(ours) == in_words(theirs)


@forks
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_report_leaves_no_mark_on_the_next(workshop: Any, jobs: int) -> None:
    workshop.cells(MARK)
    names = ["baseline", "second", "third"]
    for name in names[1:]:
        workshop.add(name)
    assert build(names, workshop.output, jobs=jobs).ok
    said = [workshop.outputs(name)[2][0]["text"][0].split(" ", 1) for name in names]
    assert len({pid for pid, _ in said}) == 3
    assert {seen.strip() for _, seen in said} == {str([False] * 9)}


@forks
def test_kernels_are_forks_and_draw_numbers_of_their_own(workshop: Any) -> None:
    workshop.cells(
        "import sys\n'sklearn' in sys.modules",
        "import numpy as np, random\nnp.random.random(), random.random()",
    )
    workshop.add("other")
    assert build(["baseline", "other"], workshop.output).ok
    first, second = workshop.outputs("baseline"), workshop.outputs("other")
    assert first[2][0]["data"]["text/plain"] == ["True"]
    assert first[3] != second[3]
    # Without forks every kernel is started afresh.
    assert build(["baseline"], workshop.output, force=True, settings=Settings(fork=False)).ok
    assert workshop.outputs("baseline")[2][0]["data"]["text/plain"] == ["False"]


@forks
def test_a_kernel_sees_the_environment_and_the_folder_of_today(
    workshop: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    workshop.cells("import os, pathlib\nos.environ.get('SAID_TODAY'), pathlib.Path.cwd().name")
    build(["baseline"], workshop.output)
    monkeypatch.setenv("SAID_TODAY", "yes")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert build(["baseline"], workshop.output, force=True).ok
    assert workshop.outputs("baseline")[2][0]["data"]["text/plain"] == ["('yes', 'elsewhere')"]


def test_the_memory_of_this_machine_is_known() -> None:
    found = memory()
    assert found is None or 2**28 < found < 2**50
