"""Costs, statistics and parameters as plain data, at full precision: what `--format json` prints."""

import math
from collections.abc import Mapping
from typing import Any

from costmodel.analysis.precision import largest_error
from costmodel.analysis.uncertainty import Estimate, Results
from costmodel.costs import UNIT, WORKLOADS, Costs
from costmodel.distributions import Distribution
from costmodel.parameters import Parameter, ParameterSet
from costmodel.parameters.model import real_rate


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
        "largest_error": _known(largest_error(sim)[0]),
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


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


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
