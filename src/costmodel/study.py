"""One run of a parameter set: everything that a report shows, and the same numbers as JSON.

Reports, the command line and notebooks all take their numbers from here, so that they cannot disagree.
"""

import hashlib
import platform
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import costmodel
from costmodel.analysis.acceptability import Acceptability, acceptability, acceptability_json, telling
from costmodel.analysis.breakeven import BreakEven, breakevens, breakevens_json, influential
from costmodel.analysis.drivers import Drivers
from costmodel.analysis.global_sensitivity import sensitivity_json
from costmodel.analysis.information import MIN_DRAWS
from costmodel.analysis.sample import Sample, sample
from costmodel.analysis.sensitivity import Bar, tornado
from costmodel.analysis.uncertainty import (
    Estimate,
    Results,
    Simulation,
    largest_error,
    simulate,
)
from costmodel.analysis.value_of_information import (
    InformationValue,
    decidable,
    value_of_information,
    value_of_information_json,
)
from costmodel.costs import UNIT, WORKLOADS, Costs, evaluate
from costmodel.distributions import Distribution
from costmodel.outcomes import outcome
from costmodel.parameters import Parameter, ParameterSet, load
from costmodel.parameters.differences import Difference, differences
from costmodel.parameters.model import Option, real_rate

# Draws behind the worth of information: enough for two digits, and quick.
_INFORMATION_DRAWS = 4096
_PACKAGES = ("numpy", "scipy", "pandas", "matplotlib", "seaborn", "pydantic", "papermill")
# Total indices below this are not worth their place beside a report.
_LEAST = 0.001

#: Analyses that move single parameters look at so many of the draws: enough for what they tell, and quick.
FEW = 2048
# Ends and points of the curves over a parameter: what its law makes likely.
_LIKELY, _CURVE_POINTS = (0.01, 0.99), 25


@dataclass(frozen=True)
class Study:
    """A parameter set with its results.

    Attributes:
        case: parameter set.
        central: costs at central values.
        simulation: costs of every draw; where the draws were not kept, their statistics alone.
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

    @property
    def summaries(self) -> dict[str, dict[str, dict[str, Estimate]]]:
        """Statistics of the cost in all draws, by workload and channel, USD/H100e-h."""
        return self.simulation.summaries

    @property
    def counterfactuals(self) -> dict[str, dict[str, Estimate]]:
        """Statistics of the counterfactual cost, by workload, USD/H100e-h."""
        return self.simulation.counterfactuals

    @property
    def premiums(self) -> dict[str, dict[str, dict[str, Estimate]]]:
        """Statistics of the premium over the counterfactual within each draw, by workload and channel."""
        return self.simulation.premiums

    @property
    def probabilities(self) -> dict[str, dict[str, Estimate]]:
        """Probability of being the cheapest open channel, by workload and channel."""
        return self.simulation.probabilities

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
    def largest_error(self) -> tuple[float, str, str, str]:
        """The largest Monte Carlo error of a cost as a share of it, with its statistic, channel and workload."""
        return largest_error(self.simulation)

    def exaflop(self, workload: str) -> float:
        """Factor from USD/H100e-h to USD per 10¹⁸ effective FLOP at central values."""
        return float(self.central.workloads[workload].exaflop or 0.0)

    @cached_property
    def sample(self) -> Sample:
        """The first of the draws, with the costs at other values of a parameter."""
        return sample(self.case, min(self.simulation.draws, FEW), self.simulation.seed)

    @cached_property
    def influential(self) -> list[str]:
        """The ten parameters that move some open channel's cost most against another's, for the mix."""
        return influential(self.case, self.simulation.rivals)

    @cached_property
    def breakevens(self) -> list[BreakEven]:
        """Values of these parameters at which two open channels cost the same, for the mix; the most telling first."""
        return breakevens(self.sample, paths=self.influential)

    @cached_property
    def acceptabilities(self) -> list[Acceptability]:
        """Probability of being cheapest as a curve over the two parameters that move it most, for the mix."""
        found = []
        for path in telling(self.sample, self.influential):
            law = self.case.parameters[path].distribution
            assert law is not None
            low, high = (float(law.ppf(u)) for u in _LIKELY)
            found.append(acceptability(self.sample, path, points=_CURVE_POINTS, between=(low, high)))
        return found

    def tornado(self, workload: str, channel: str) -> list[Bar]:
        """Cost of a channel at the 5th and 95th percentile of each uncertain parameter."""
        return tornado(self.case, outcome(self.case, f"cost.{workload}.{channel}"))

    @cached_property
    def headline(self) -> tuple[str, ...]:
        """Channels that the sensitivities look at: the cheapest, the first gray and the first domestic one."""
        roles = {self.case.text(f"channels.{c}.role"): c for c in reversed(self.case.channels)}
        wanted = (self.cheapest("mix"), roles.get("gray"), roles.get("domestic"))
        return tuple(dict.fromkeys(filter(None, wanted))) or self.apart[:1]

    @cached_property
    def drivers(self) -> Drivers:
        """What moves results most, over the whole range of all parameters."""
        return Drivers(self.case, self.simulation.draws, self.simulation.seed)

    @cached_property
    def information(self) -> list[InformationValue]:
        """What better knowledge would be worth to each decision; none where the draws are too few to tell."""
        draws = min(self.simulation.draws, _INFORMATION_DRAWS)
        if draws < MIN_DRAWS or not self.case.uncertain:
            return []
        seed = self.simulation.seed
        return [value_of_information(self.case, decision, draws, seed) for decision in decidable(self.case)]


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


def simulation_json(sim: Results) -> dict[str, Any]:
    """Results of all draws, with the keys of `costmodel simulate --format json`."""
    return {
        "set": sim.case.name,
        "unit": UNIT,
        "draws": sim.draws,
        "seed": sim.seed,
        "method": sim.method,
        "largest_error": largest_error(sim)[0],
        "workloads": {
            workload: {
                "counterfactual": _statistics(sim.counterfactuals[workload]),
                "channels": {
                    channel: {
                        "available": channel in sim.rivals or bool(sim.case.central[f"channels.{channel}.available"]),
                        **_statistics(statistics),
                        "probability_cheapest": _value(sim.probabilities[workload].get(channel)),
                        "probability_cheapest_error": _error(sim.probabilities[workload].get(channel)),
                        "premium": _statistics(sim.premiums[workload][channel]),
                    }
                    for channel, statistics in sim.summaries[workload].items()
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
    """SHA-256 of every resolved leaf, correlations, decisions and the run: equal inputs have equal hashes."""
    inputs = [(path, repr(item.value), repr(item.distribution)) for path, item in case.parameters.items()]
    pairs = [(pair.first, pair.second, pair.rank) for pair in case.correlations]
    choices = [
        (replace(decision, options=(), file=None, line=None), [_option_inputs(option) for option in decision.options])
        for decision in case.decisions.values()
    ]
    return hashlib.sha256(repr((inputs, pairs, choices, case.draws, case.seed, case.streams)).encode()).hexdigest()


def _option_inputs(option: Option) -> tuple[object, ...]:
    changes = [(path, repr(item.value), repr(item.distribution)) for path, item in option.changes.items()]
    return option.name, option.channel, option.cost, changes


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


#: Analyses whose results stand beside a report, by name: keys as those of the command of that name.
ANALYSES: dict[str, Callable[[Study], Any]] = {
    "sensitivity": _sensitivities,
    "value_of_information": lambda result: value_of_information_json(result.case, result.information),
    "breakeven": lambda result: breakevens_json(result.breakevens),
    "acceptability": lambda result: [acceptability_json(found) for found in result.acceptabilities],
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
            "packages": {name: version(name) for name in _PACKAGES},
        },
    }
