"""What stands beside a report: all results of a run, what they were made from, and by which code."""

import hashlib
import platform
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import costmodel
from costmodel.analysis.acceptability import acceptability_json
from costmodel.analysis.attribution import attribution_json
from costmodel.analysis.breakeven import breakevens_json
from costmodel.analysis.convergence import convergence_json
from costmodel.analysis.discovery import discovery_json
from costmodel.analysis.frontier import frontier_json
from costmodel.analysis.global_sensitivity import sensitivity_json
from costmodel.analysis.path import path_json
from costmodel.analysis.value_of_information import value_of_information_json
from costmodel.costs import UNIT
from costmodel.documents import costs_json, market_json, simulation_json
from costmodel.parameters import ParameterSet
from costmodel.parameters.model import Option, Parameter
from costmodel.study import Study

#: Packages whose versions a report states.
PACKAGES = ("numpy", "scipy", "pandas", "matplotlib", "seaborn", "pydantic", "papermill")
# Total indices below this are not worth their place beside a report.
_LEAST = 0.001


def inputs_hash(case: ParameterSet) -> str:
    """SHA-256 of all that results follow from, such as every resolved leaf: equal inputs have equal hashes."""
    inputs = _leaves(case.parameters)
    pairs = [(pair.first, pair.second, pair.rank) for pair in case.correlations]
    choices = [
        (replace(decision, options=(), file=None, line=None), [_option_inputs(option) for option in decision.options])
        for decision in case.decisions.values()
    ]
    movable = [replace(lever, file=None, line=None) for lever in case.levers.values()]
    published = [replace(item, file=None, line=None) for item in case.observations]
    everything = (inputs, pairs, choices, movable, _path_inputs(case), published, case.draws, case.seed, case.streams)
    return hashlib.sha256(repr(everything).encode()).hexdigest()


def _leaves(items: Mapping[str, Parameter | None]) -> list[tuple[str, str, str]]:
    return [(path, repr(item and item.value), repr(item and item.distribution)) for path, item in items.items()]


def _option_inputs(option: Option) -> tuple[object, ...]:
    return option.name, option.channel, option.cost, _leaves(option.changes)


def _path_inputs(case: ParameterSet) -> tuple[object, ...]:
    path = case.timeline
    events = [(event.date, event.label, _leaves(event.changes)) for event in path.events] if path else []
    return (path.first, path.last, path.threshold, events) if path else ()


def revision() -> str | None:
    """Git revision of this package's checkout, with `+` where files were changed since; None outside a checkout."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(Path(__file__).parent), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)  # noqa: S603
        return done.stdout.strip()

    try:
        return git("rev-parse", "--short=12", "HEAD") + ("+" if git("status", "--porcelain") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _sensitivities(result: Study) -> dict[str, Any]:
    """Indices of the cost of each headline channel on the mix; null where nothing uncertain moves it."""
    found = {name: result.drivers.sensitivity(name) for name in (f"cost.mix.{channel}" for channel in result.headline)}
    return {name: item and sensitivity_json(result.case, item, _LEAST) for name, item in found.items()}


def _attributions(result: Study) -> dict[str, Any] | None:
    """Why the set differs from the one that it extends, by outcome; null where it extends none."""
    if result.parent is None:
        return None
    return {found.outcome.name: attribution_json(found) for found in result.attributions}


#: Analyses whose results stand beside a report, by name: keys as those of the command of that name.
ANALYSES: dict[str, Callable[[Study], Any]] = {
    "sensitivity": _sensitivities,
    "value_of_information": lambda result: value_of_information_json(result.case, result.information),
    "breakeven": lambda result: breakevens_json(result.breakevens),
    "acceptability": lambda result: [acceptability_json(found) for found in result.acceptabilities],
    "discovery": lambda result: [discovery_json(found) for found in result.discoveries],
    "attribution": _attributions,
    "market": lambda result: result.market and market_json(result.market),
    "frontier": lambda result: frontier_json(result.frontiers) if result.frontiers else None,
    "path": lambda result: result.path and path_json(result.path),
    "convergence": lambda result: convergence_json(result.convergence),
}


def results_json(result: Study, colors: Mapping[str, str]) -> dict[str, Any]:
    """All results of a run: what `results.json` beside a report holds.

    Args:
        result: the run.
        colors: colour of each channel in charts, so that pages about several sets agree with the report.
    """
    case = result.case
    return {
        "set": case.name,
        "title": case.title,
        "description": case.description,
        "extends": case.extends,
        "as_of": case.as_of,
        "base_year": case.base_year,
        "unit": UNIT,
        "draws": result.simulation.draws,
        "seed": result.simulation.seed,
        "channels": {
            channel: {
                "label": case.label(channel),
                "role": case.text(f"channels.{channel}.role"),
                "kind": case.text(f"channels.{channel}.kind"),
                "chip": case.text(f"channels.{channel}.chip"),
                "color": colors[channel],
                "available": bool(case.central[f"channels.{channel}.available"]),
            }
            for channel in case.channels
        },
        "costs": {"workloads": costs_json(case, result.central)["workloads"]},
        "simulation": {"workloads": simulation_json(result.simulation)["workloads"]},
        "analyses": {name: analysis(result) for name, analysis in ANALYSES.items()},
        "made": {
            "version": costmodel.__version__,
            "parameters_sha256": inputs_hash(case),
            "python": platform.python_version(),
            "packages": {name: version(name) for name in PACKAGES},
        },
    }
