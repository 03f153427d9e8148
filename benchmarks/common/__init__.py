"""What the benchmarks share: interleaved timing, tables of ratios, agreement before time.

Not a benchmark itself: it is imported by the scripts beside this folder.
"""

import argparse
import json
import os
import platform
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from costmodel import kernels, load
from costmodel.parameters import ParameterSet

PACKAGES = ("numpy", "scipy", "numba", "squigglepy", "SALib")


@dataclass
class Report:
    """What a benchmark found.

    Attributes:
        title: what was measured.
        notes: lines above the table.
        rows: label, measured number and unit, and where there is one its ratio, goal and verdict.
    """

    title: str
    notes: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def times(self, seconds: Mapping[str, float], against: str | float) -> None:
        """Add rows of times with their ratio to one of them, or to a time measured in the same rounds."""
        one = seconds[against] if isinstance(against, str) else against
        self.rows += [
            {"label": label, "value": found * 1e3, "unit": "ms", "ratio": found / one}
            for label, found in seconds.items()
        ]

    def number(self, label: str, value: float, unit: str) -> None:
        """Add a row that is no time."""
        self.rows.append({"label": label, "value": value, "unit": unit})

    def goal(self, label: str, value: float, bound: float, unit: str, *, at_least: bool = False) -> None:
        """Add a row that is held against a target."""
        met = value >= bound if at_least else value <= bound
        self.rows.append(
            {"label": label, "value": value, "unit": unit, "goal": f"{'≥' if at_least else '≤'} {bound:g}", "met": met}
        )

    def show(self, *, as_json: bool) -> None:
        """Print everything, for people or as JSON."""
        if as_json:
            print(json.dumps({"title": self.title, "machine": machine(), "notes": self.notes, "rows": self.rows}))
            return
        print(self.title, machine(), *self.notes, "", sep="\n")
        width = max(len(row["label"]) for row in self.rows)
        for row in self.rows:
            ratio = f"{row['ratio']:10.3f} ×" if "ratio" in row else ""
            goal = f"   target {row['goal']}: {'met' if row['met'] else 'MISSED'}" if "goal" in row else ""
            print(f"{row['label']:{width}} {row['value']:12.2f} {row['unit']}{ratio}{goal}")
        print()


def arguments(description: str | None, **defaults: Any) -> argparse.Namespace:
    """Arguments of a script: a set, `--json`, and an option for each default."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("set", nargs="?", default="baseline")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    for name, value in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=_number, default=value, metavar=f"{value:,}")
    return parser.parse_args()


def _number(text: str) -> int:
    return int(float(text))


def interleaved(functions: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median time of each function in seconds, in rounds of all, so that what slows the machine slows all alike."""
    times: dict[str, list[float]] = {label: [] for label in functions}
    for _ in range(rounds):
        for label, function in functions.items():
            start = perf_counter()
            function()
            times[label].append(perf_counter() - start)
    return {label: median(found) for label, found in times.items()}


def agree(what: str, ours: Any, theirs: Any, tolerance: Any) -> None:
    """Stop if two results differ by more than a tolerance: a time counts only for the same result."""
    distance, allowed = np.abs(np.asarray(ours) - np.asarray(theirs)), np.asarray(tolerance)
    assert np.all(distance <= allowed), f"{what}: off by {np.max(distance - allowed):g} more than allowed"


def machine() -> str:
    """Processor, Python and versions of packages."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"no {package}")
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(found)}"


def mix(case: ParameterSet) -> str:
    """The laws of a set's uncertain parameters: they decide what drawing costs."""
    laws = Counter(str(item.distribution.law) for item in case if item.distribution)
    listed = ", ".join(f"{count} {law}" for law, count in laws.most_common())
    joined = len({path for pair in case.correlations for path in (pair.first, pair.second)})
    return f"{case.name}: {len(case.uncertain)} uncertain parameters ({listed}; {joined} of them correlated)"


def independent(name: str) -> ParameterSet:
    """A set without its rank correlations, which most peers do not know."""
    return replace(load(name), correlations=())


@contextmanager
def numpy_alone() -> Iterator[None]:
    """Everything within runs as if numba were not installed."""
    before, setting = kernels.active(), os.environ.get("COSTMODEL_COMPILED")
    os.environ["COSTMODEL_COMPILED"] = "0"
    kernels._current = kernels.plain  # noqa: SLF001 (there is no way back that a user would need)
    try:
        yield
    finally:
        kernels._current = before  # noqa: SLF001
        os.environ.pop("COSTMODEL_COMPILED")
        if setting is not None:
            os.environ["COSTMODEL_COMPILED"] = setting


def warm() -> None:
    """Load the compiled loops, as a long-running process has them, and run each of them once."""
    from costmodel import simulate

    kernels.prepare(np.inf)
    case = load("baseline")
    for found in (simulate(case, 20_000, keep=False), simulate(case, 20_000), simulate(case, 20_000, method="random")):
        everything(found)


def everything(found: Any) -> Any:
    """All results of a simulation: quantiles and moments with errors, premiums, probabilities of being cheapest."""
    return found.summaries, found.premiums, found.counterfactuals, found.probabilities
