"""Made-up results, sets and notebooks for the tests of reports. None of these numbers means anything."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nbformat import v4

from costmodel.parameters.documents import read
from costmodel.parameters.schema import SetFile

CHANNELS: dict[str, tuple[str, str, str]] = {
    "counterfactual": ("No controls", "counterfactual", "#6b7280"),
    "direct": ("Licensed purchase", "licensed", "#1f77b4"),
    "gray_market": ("Gray-market servers", "gray", "#d95f02"),
    "domestic": ("Domestic chips", "domestic", "#b8336a"),
}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 4"><title>A dot</title><circle cx="2" cy="2" r="1"/></svg>'
)


def _spread(median: float) -> dict[str, float]:
    shares = {"p05": 0.7, "p25": 0.9, "p50": 1.0, "p75": 1.15, "p95": 1.5, "mean": 1.05, "sd": 0.2}
    return {name: median * share for name, share in shares.items()} | {"standard_error": 0.001}


def results(name: str, *, closed: tuple[str, ...] = (), **other: Any) -> dict[str, Any]:
    """A whole `results.json` document."""
    channels = {
        channel: {"label": label, "role": role, "kind": "purchase", "color": color, "available": channel not in closed}
        for channel, (label, role, color) in CHANNELS.items()
    }
    found = {
        channel: {
            "available": channel not in closed,
            **_spread(place + 1.0),
            "probability_cheapest": 0.25,
            "premium": {"p05": 0.1, "p50": float(place), "p95": 3.0, "mean": 1.0},
        }
        for place, channel in enumerate(channels)
    }
    workloads = {name: {"counterfactual": _spread(1.0), "channels": found} for name in ("training", "inference", "mix")}
    document = {
        "set": name, "title": f"Title of {name}", "description": "A description.", "extends": None, "as_of": "2026-06",
        "base_year": 2026, "unit": "USD/H100e-h", "draws": 64, "seed": 0, "channels": channels,
        "simulation": {"workloads": workloads}, "made": {"version": "0"},
    }  # fmt: skip
    # Through JSON, so that no two workloads share an object.
    return dict(json.loads(json.dumps(document | other)))


def write(output: Path, document: Mapping[str, Any]) -> Path:
    """A folder that looks like a finished report."""
    folder = output / str(document["set"])
    folder.mkdir(parents=True)
    (folder / "results.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "index.html").write_text("<!DOCTYPE html><title>report</title>", encoding="utf-8")
    return folder


_PARAMETERS = "\n".join(f"{name} = None" for name in SetFile.model_fields)
_CHECK = """# What the set asks for
import os, sys
if description == "raise":
    raise ValueError("the first line\\nthe last line")
if description == "leave":
    sys.exit(0)
if description == "die":
    os._exit(3)
if description == "hang":
    import time; time.sleep(60)
if description == "eat":
    eaten = []
    while True:
        eaten.append(b"x" * 50_000_000)
if description == "murder":
    import signal; os.kill(os.getppid(), signal.SIGKILL); import time; time.sleep(60)
if description == "warn":
    print("/secret/path", file=sys.stderr)"""
_SHOW = f"""from IPython.display import display
display({{"text/markdown": f"# {{title}}\\n\\n## Costs"}}, raw=True)
figure = {SVG!r}
display({{"image/svg+xml": figure, "text/plain": "x"}}, raw=True, metadata={{"image/svg+xml": {{"alt": "A dot"}}}})"""
_WRITE = """import json, os, pathlib
folder = pathlib.Path(os.environ["COSTMODEL_OUTPUT"])
document = json.loads(pathlib.Path(%r).read_text()) | {"set": name, "title": title, "draws": run["draws"]}
(folder / "results.json").write_text(json.dumps(document))
(folder / "tables").mkdir()
(folder / "tables" / "costs.csv").write_text("a,b\\n")"""


# A whole set, since builds read sets strictly; the notebook makes nothing of it.
SMALL = {
    name: node
    for name, node in read(Path(__file__).parents[1] / "sets" / "baseline.yaml", "baseline.yaml").plain().items()
    if name not in ("name", "title", "description")
} | {"run": {"draws": 64, "seed": 0}}


@dataclass(frozen=True)
class Workshop:
    """Folders of a made-up project."""

    params: Path
    notebook: Path
    output: Path

    def add(self, name: str, description: str = "", **other: Any) -> Path:
        """A set file; its description tells the notebook what to do."""
        stated = {"name": name, "title": f"Title of {name}", "description": description, "extends": "baseline", **other}
        if name == "baseline":
            stated |= SMALL
        lines = [f"{key}: {json.dumps(value)}" for key, value in stated.items()]
        file = self.params / f"{name}.yaml"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file

    def cells(self, *sources: str) -> None:
        """Let the notebook consist of these cells, and of those for parameters and results."""
        cells = [v4.new_code_cell(_PARAMETERS, metadata={"tags": ["parameters"]})]
        cells += [v4.new_code_cell(source) for source in (*sources, _WRITE % str(self.params.parent / "made_up.json"))]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        self.notebook.write_text(v4.writes(v4.new_notebook(cells=cells, metadata=kernel)), encoding="utf-8")

    def outputs(self, name: str) -> list[Any]:
        """What the cells of a report's notebook have put out."""
        document = json.loads((self.output / name / "report.ipynb").read_text(encoding="utf-8"))
        return [cell["outputs"] for cell in document["cells"] if cell["cell_type"] == "code"]


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A project with a baseline and a notebook that needs no model."""
    params, notebooks = tmp_path / "params", tmp_path / "notebooks"
    params.mkdir()
    notebooks.mkdir()
    (tmp_path / "made_up.json").write_text(json.dumps(results("any")), encoding="utf-8")
    monkeypatch.setenv("COSTMODEL_PARAMS", str(params))
    monkeypatch.setenv("COSTMODEL_NOTEBOOKS", str(notebooks))
    made = Workshop(params, notebooks / "report.ipynb", tmp_path / "reports")
    made.cells(_CHECK, _SHOW)
    made.add("baseline")
    return made


@pytest.fixture
def made_up() -> SimpleNamespace:
    """Makers of made-up results."""
    return SimpleNamespace(results=results, write=write, svg=SVG)
