"""Costs, statistics and parameters as plain data, at full precision: what `--format json` prints."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from costmodel.analysis.market import MarketResult
from costmodel.analysis.perspectives import VIEWS, Line, perspectives
from costmodel.analysis.precision import largest_error
from costmodel.analysis.uncertainty import Estimate, Results
from costmodel.costs import TASKS, UNIT, WORKLOADS, Costs
from costmodel.distributions import Distribution
from costmodel.outcomes import Outcome
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


def market_json(result: MarketResult) -> dict[str, Any]:
    """The market of a set, with the keys of `costmodel market --format json`."""
    statistics = result.statistics
    return {
        "set": result.case.name,
        "unit": UNIT,
        "units": {name: each.unit for name, each in _by_kind(result).items()},
        "number_of_draws": result.draws,
        "seed": result.seed,
        "central": _nested(result, lambda name: _plain(name, result.value(name))),
        "draws": _nested(result, lambda name: _statistics(statistics[name])),
        "diversion": result.diversion,
        "perspectives": {
            view: {
                "label": label,
                "lines": {line.name: _line(line) for line in perspectives(result) if line.view == view},
            }
            for view, label in VIEWS.items()
        },
        "apart": {task: _task(result.separate, task) for task in TASKS},
    }


def _task(result: MarketResult, task: str) -> dict[str, Any]:
    """Training or inference where the two are cleared apart."""
    found: dict[str, Any] = {"number_of_draws": result.draws, "central": {"channels": {}}, "draws": {"channels": {}}}
    for name in result.outcomes:
        kind, about, *channel = name.split(".")
        if about != task:
            continue
        told = {"central": _plain(kind, result.value(name)), "draws": _statistics(result.statistics[name])}
        for part, value in told.items():
            into = found[part]["channels"].setdefault(channel[0], {}) if channel else found[part]
            into[kind] = value
    return found


def _by_kind(result: MarketResult) -> dict[str, Outcome]:
    """One outcome for each key of a market's document: by channel, that of the first channel that has it."""
    found: dict[str, Outcome] = {}
    for name, each in result.outcomes.items():
        found.setdefault(name.partition(".")[0], each)
    return found


def _nested(result: MarketResult, told: Callable[[str], Any]) -> dict[str, Any]:
    """What is told of each outcome of a market, those of channels by channel; null where a channel has none."""
    kinds = _by_kind(result)
    own = [kind for kind, each in kinds.items() if each.channel is not None]
    return {
        **{kind: told(kind) for kind in kinds if kind not in own},
        **({} if "denied_per_budget" in kinds else {"denied_per_budget": None}),
        "channels": {
            channel: {kind: told(name) if (name := f"{kind}.{channel}") in result.outcomes else None for kind in own}
            for channel in result.case.channels
        },
    }


def _plain(name: str, value: float) -> float | bool:
    return bool(value) if name == "scarce" else value


def _line(line: Line) -> dict[str, Any]:
    """A line of a perspective; its statistics are null where it cannot be told."""
    found = None if line.statistics is None else _statistics(line.statistics)
    return {
        "label": line.label,
        "unit": line.unit,
        "reading": line.reading,
        "central": line.central,
        "draws": found,
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
        "role": item.role or None,
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
