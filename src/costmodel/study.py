"""One run of a parameter set: everything that a report shows, and the same numbers as JSON.

Reports, the command line and notebooks all take their numbers from here, so that they cannot disagree.
"""

import hashlib
import platform
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import costmodel
from costmodel.analysis.convergence import Convergence, convergence, convergence_json, counts_up_to, default_outcome
from costmodel.analysis.discovery import NEVER, TOO_FEW, Discovery, default_channel, discover, discovery_json
from costmodel.analysis.sample import sample
from costmodel.analysis.sensitivity import Bar, tornado
from costmodel.analysis.uncertainty import Estimate, Simulation, probability_cheapest, simulate, summary
from costmodel.arrays import Array
from costmodel.costs import UNIT, WORKLOADS, Costs, evaluate
from costmodel.distributions import Distribution
from costmodel.outcomes import outcome
from costmodel.parameters import Parameter, ParameterSet, load
from costmodel.parameters.differences import Difference, differences
from costmodel.parameters.model import real_rate

#: Draws that are enough to find where a channel is the cheapest.
DISCOVERY_DRAWS = 4096
#: Draws up to which a report shows how errors fall.
CONVERGENCE_DRAWS = 8192

_PACKAGES = ("numpy", "scipy", "pandas", "matplotlib", "seaborn", "pydantic", "papermill")


@dataclass(frozen=True)
class Study:
    """A parameter set with its results.

    Attributes:
        case: parameter set.
        central: costs at central values.
        simulation: costs of every draw.
    """

    case: ParameterSet
    central: Costs
    simulation: Simulation

    @cached_property
    def parent(self) -> ParameterSet | None:
        """The set that this one extends."""
        return load(self.case.parent) if self.case.parent else None

    @cached_property
    def changes(self) -> list[Difference]:
        """What this set changes against the one that it extends."""
        return differences(self.parent, self.case) if self.parent else []

    @cached_property
    def summaries(self) -> dict[str, dict[str, dict[str, Estimate]]]:
        """Statistics of the cost in all draws, by workload and channel, USD/H100e-h."""
        return {w: {c: summary(x) for c, x in by.items()} for w, by in self.simulation.totals.items()}

    @cached_property
    def counterfactuals(self) -> dict[str, dict[str, Estimate]]:
        """Statistics of the counterfactual cost, by workload, USD/H100e-h."""
        return {w: summary(x) for w, x in self.simulation.counterfactual.items()}

    @cached_property
    def premiums(self) -> dict[str, dict[str, dict[str, Estimate]]]:
        """Statistics of the premium over the counterfactual within each draw, by workload and channel."""
        sim = self.simulation
        return {w: {c: summary(sim.premium(w, c)) for c in by} for w, by in sim.totals.items()}

    @cached_property
    def probabilities(self) -> dict[str, dict[str, Estimate]]:
        """Probability of being the cheapest open channel, by workload and channel."""
        return {w: probability_cheapest(self.simulation, w) for w in WORKLOADS}

    def cheapest(self, workload: str) -> str | None:
        """The open channel with the lowest median cost, the counterfactual apart; None where all are closed."""
        rivals = self.simulation.rivals
        return min(rivals, key=lambda c: self.summaries[workload][c]["p50"].value) if rivals else None

    @cached_property
    def apart(self) -> tuple[str, ...]:
        """The channels that `reference.counterfactual` lists."""
        value = self.case.parameters["reference.counterfactual"].value
        assert isinstance(value, tuple)
        return value

    @cached_property
    def closed(self) -> tuple[str, ...]:
        """The channels that are not available."""
        return tuple(c for c in self.case.channels if not self.case.central[f"channels.{c}.available"])

    def ranked(self, workload: str) -> list[str]:
        """All channels as reports list them: the counterfactual, the open ones by median cost, the closed ones."""
        medians = self.summaries[workload]
        order = {c: (c not in self.apart, c in self.closed, medians[c]["p50"].value) for c in self.case.channels}
        return sorted(order, key=order.__getitem__)

    @cached_property
    def largest_error(self) -> tuple[float, str, str]:
        """The largest Monte Carlo error of a median cost as a share of it, with its channel and workload."""
        errors = [
            ((found["p50"].error or 0.0) / abs(found["p50"].value), channel, workload)
            for workload, by in self.summaries.items()
            for channel, found in by.items()
            if found["p50"].value
        ]
        return max(errors)

    def exaflop(self, workload: str) -> float:
        """Factor from USD/H100e-h to USD per 10¹⁸ effective FLOP at central values."""
        return float(self.central.workloads[workload].exaflop or 0.0)

    def tornado(self, workload: str, channel: str) -> list[Bar]:
        """Cost of a channel at the 5th and 95th percentile of each uncertain parameter."""
        outcome: Callable[[Costs], Array] = lambda costs: costs.workloads[workload].channels[channel].total  # noqa: E731
        return tornado(self.case, outcome)

    @cached_property
    def convergence(self) -> Convergence:
        """Estimates of the cheapest channel's cost on the mix against the number of draws."""
        best = self.cheapest("mix")
        about = outcome(self.case, f"cost.mix.{best}" if best else default_outcome(self.case))
        counts = counts_up_to(min(self.simulation.draws, CONVERGENCE_DRAWS))
        return convergence(self.case, about, counts, self.simulation.seed)

    @cached_property
    def discoveries(self) -> tuple[Discovery, ...]:
        """Where the first gray channel, and the one that is most often the cheapest, are the cheapest.

        Where the gray one hardly ever is, also where it is cheaper than the first domestic one.
        """
        gray, best = default_channel(self.case), self.cheapest("mix")
        if gray is None or best is None:
            return ()
        few = sample(self.case, min(self.simulation.draws, DISCOVERY_DRAWS), self.simulation.seed)
        found = [discover(few, gray)]
        domestic = [c for c in self.simulation.rivals if self.case.text(f"channels.{c}.role") == "domestic"]
        if found[0].verdict in (NEVER, TOO_FEW) and domestic and domestic[0] != gray:
            found.append(discover(few, gray, against=domestic[0]))
        return (*found, discover(few, best)) if best != gray else tuple(found)


def study(case: ParameterSet, draws: int | None = None, seed: int | None = None) -> Study:
    """Evaluate a parameter set at its central values and in all draws.

    Args:
        case: parameter set.
        draws: number of draws, instead of the set's own.
        seed: seed, instead of the set's own.

    Examples:
        >>> result = study(load("baseline"), draws=256)
        >>> result.cheapest("mix") in result.case.channels
        True
    """
    return Study(case, evaluate(case), simulate(case, draws, seed))


def costs_json(case: ParameterSet, costs: Costs) -> dict[str, Any]:
    """Central costs, with the keys of `costmodel costs --format json`."""
    return {
        "set": case.name,
        "unit": UNIT,
        "workloads": {
            workload: {
                "counterfactual": float(result.counterfactual),
                **({} if result.exaflop is None else {"usd_per_1e18_flop_factor": float(result.exaflop)}),
                "channels": {
                    channel: {
                        "available": item.available,
                        "components": {name: float(part) for name, part in item.components.items()},
                        "total": float(item.total),
                        "premium": float(item.premium),
                        "control_wedge": float(item.control_wedge),
                        "technology_wedge": float(item.technology_wedge),
                    }
                    for channel, item in result.channels.items()
                },
            }
            for workload, result in costs.workloads.items()
        },
    }


def _statistics(estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    """Statistics with the Monte Carlo error of each; `standard_error` is that of the mean."""
    return {
        **{name: item.value for name, item in estimates.items()},
        "standard_error": estimates["mean"].error,
        "standard_errors": {name: item.error for name, item in estimates.items()},
    }


def simulation_json(result: Study) -> dict[str, Any]:
    """Results of all draws, with the keys of `costmodel simulate --format json`."""
    sim = result.simulation
    return {
        "set": result.case.name,
        "unit": UNIT,
        "draws": sim.draws,
        "seed": sim.seed,
        "workloads": {
            workload: {
                "counterfactual": _statistics(result.counterfactuals[workload]),
                "channels": {
                    channel: {
                        "available": channel in sim.rivals
                        or bool(result.case.central[f"channels.{channel}.available"]),
                        **_statistics(statistics),
                        "probability_cheapest": _value(result.probabilities[workload].get(channel)),
                        "probability_cheapest_error": _error(result.probabilities[workload].get(channel)),
                        "premium": _statistics(result.premiums[workload][channel]),
                    }
                    for channel, statistics in result.summaries[workload].items()
                },
            }
            for workload in WORKLOADS
        },
    }


def _value(item: Estimate | None) -> float | None:
    return item.value if item else None


def _error(item: Estimate | None) -> float | None:
    return item.error if item else None


def described(law: Distribution | None) -> dict[str, Any] | None:
    """A law as plain data: its name, mean, standard deviation and percentiles, in the parameter's unit."""
    if law is None:
        return None
    percentiles = {name: float(law.ppf(u)) for name, u in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95))}
    return {"dist": law.law, "mean": float(law.mean), "sd": float(law.sd), **percentiles}


def parameter_json(item: Parameter) -> dict[str, Any]:
    """One parameter with the keys of `costmodel params --format json`."""
    return {
        "value": list(item.value) if isinstance(item.value, tuple) else item.value,
        "unit": item.unit,
        "distribution": described(item.distribution),
        "sources": list(item.leaf.source),
        "assumption": item.assumption,
        "as_of": item.leaf.as_of,
        "note": item.leaf.note,
        "description": item.description,
        "stated": item.stated,
    }


def parameters_json(case: ParameterSet) -> dict[str, Any]:
    """Every resolved leaf, with the keys of `costmodel params --format json`.

    A rate stated as nominal is shown as the model uses it: real, its law at central inflation.
    """
    found = {path: parameter_json(item) for path, item in case.parameters.items()}
    inflation: Any = case.central["finance.inflation"]
    for path, item in case.parameters.items():
        if item.leaf.basis == "nominal":
            found[path]["value"] = case.central[path]
            law = found[path]["distribution"] or {}
            law |= {word: real_rate(item, law[word], inflation) for word in law.keys() - {"dist", "sd"}}
            law |= {"sd": law["sd"] / (1 + inflation)} if law else {}
    return {"set": case.name, "parameters": found}


def inputs_hash(case: ParameterSet) -> str:
    """SHA-256 of every resolved leaf, the correlations and the run: equal inputs have equal hashes."""
    inputs = [(path, repr(item.value), repr(item.distribution)) for path, item in case.parameters.items()]
    pairs = [(pair.first, pair.second, pair.rank) for pair in case.correlations]
    return hashlib.sha256(repr((inputs, pairs, case.draws, case.seed, case.streams)).encode()).hexdigest()


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
        "simulation": {"workloads": simulation_json(result)["workloads"]},
        "analyses": {
            "discovery": [discovery_json(found) for found in result.discoveries],
            "convergence": convergence_json(result.convergence),
        },
        "made": {
            "version": costmodel.__version__,
            "parameters_sha256": inputs_hash(case),
            "python": platform.python_version(),
            "packages": {name: version(name) for name in _PACKAGES},
        },
    }
