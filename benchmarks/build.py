"""Many reports: `costmodel build` beside a loop of plain `papermill` and `nbconvert` commands.

    python benchmarks/build.py [SET] [--sets N] [--looped N] [--jobs N] [--json]

SETS sets that extend SET with another discount rate each are built. The loop runs over a few of the same sets, whose
`results.json` must be the same bytes before its time counts, and is scaled up to all.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from common import Report, arguments

from costmodel.locations import notebooks_folder, params_folder
from costmodel.reporting import build
from costmodel.reporting.run import Event


def main() -> None:
    """Measure, and print a table."""
    asked = arguments(__doc__, sets=50, looped=5, jobs=2)
    with tempfile.TemporaryDirectory() as scratch:
        params, output, plain = (Path(scratch, name) for name in ("params", "reports", "plain"))
        shutil.copytree(params_folder(), params)
        plain.mkdir()
        os.environ["COSTMODEL_PARAMS"] = str(params)
        names = [variant(params, asked.set, number, asked.sets) for number in range(asked.sets)]
        cells: list[float] = []

        def on_event(event: Event) -> None:
            if event.kind == "cell":
                cells.append(perf_counter())

        start = perf_counter()
        summary = build(names, output, jobs=asked.jobs, on_event=on_event)
        mine, first = perf_counter() - start, cells[0] - start
        assert summary.ok, summary.failed
        start = perf_counter()
        build(names, output, jobs=asked.jobs)
        nothing = perf_counter() - start
        looped = names[:: max(1, len(names) // asked.looped)]
        start = perf_counter()
        for name in looped:
            usual(params / f"{name}.yaml", plain / name)
        theirs = (perf_counter() - start) * len(names) / len(looped)
        for name in looped:
            same = (plain / name / "results.json").read_bytes() == (output / name / "results.json").read_bytes()
            assert same, f"{name}: other results"
    report = Report(f"{len(names)} reports of sets that extend {asked.set}, {asked.jobs} at a time")
    loop = f"loop of papermill and nbconvert, {len(looped)} sets, scaled up"
    report.times({"costmodel build": mine, loop: theirs, "the same build again, nothing changed": nothing}, mine)
    report.number("reports a minute", 60 * len(names) / mine, "")
    report.number("until the first cell begins", first, "s")
    report.goal("loop over build", theirs / mine, 8, "×", at_least=True)
    report.show(as_json=asked.json)


def variant(params: Path, base: str, number: int, count: int) -> str:
    """A set that extends another with a discount rate of its own; its name."""
    name = f"variant_{number:03}"
    rate = 4 + 10 * number / count
    leaf = f"{{value: {rate:.2f} %, assumption: a number of this benchmark}}"
    text = f"extends: {base}\ntitle: Discount rate {rate:.2f} %\nassumptions: {{finance: {{discount_rate: {leaf}}}}}\n"
    (params / f"{name}.yaml").write_text(text)
    return name


def usual(file: Path, target: Path) -> None:
    """A report by the two commands."""
    target.mkdir()
    environment = {**os.environ, "COSTMODEL_OUTPUT": str(target)}
    notebook, template = str(target / "report.ipynb"), str(notebooks_folder() / "report.ipynb")
    # The file does not state its name, which is that of the file; a notebook has none to take it from.
    run = ["papermill", template, notebook, "-f", str(file), "-p", "name", file.stem]
    for words in (run, ["nbconvert", "--to", "html", notebook]):
        subprocess.run([sys.executable, "-m", *words], check=True, capture_output=True, env=environment)


if __name__ == "__main__":
    main()
