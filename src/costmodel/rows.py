"""Rows of the CSV tables that lie beside a report, at full precision."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from costmodel.analysis.market import undiverted
from costmodel.channels import COMPONENTS
from costmodel.costs import UNIT
from costmodel.documents import parameters_json
from costmodel.dynamics.outcomes import meaning
from costmodel.outcomes import outcome
from costmodel.parameters.timeline import first_day
from costmodel.printing import Rows, path_rows, simulation_rows

if TYPE_CHECKING:
    from costmodel.study import Study

_TOLD = ("mean", "p05", "p50", "p95")


def costs(study: "Study") -> Rows:
    """Cost by workload and channel: all statistics, and at central values."""
    return [
        row | {"label": study.case.label(row["channel"]), "central": _central(study, row).total}
        for row in simulation_rows(study.simulation)
    ]


def _central(study: "Study", row: dict[str, Any]) -> Any:
    return study.central.workloads[row["workload"]].channels[row["channel"]]


def components(study: "Study") -> Rows:
    """Parts of the cost by workload and channel: at central values, and their means."""
    return [
        {
            "set": study.case.name,
            "workload": workload,
            "channel": channel,
            "component": name,
            "label": COMPONENTS.get(name, name),
            "central": float(part),
            "mean": study.simulation.components[workload][channel][name],
            "unit": UNIT,
        }
        for workload, result in study.central.workloads.items()
        for channel, item in result.channels.items()
        for name, part in item.components.items()
    ]


def premium(study: "Study") -> Rows:
    """Premium over the counterfactual by workload and channel, and its two parts at central values."""
    return [
        {
            "set": study.case.name,
            "workload": workload,
            "channel": channel,
            "available": channel not in study.closed,
            **{name: item.value for name, item in study.premiums[workload][channel].items()},
            "central": float(costs.premium),
            "control_wedge_usd": float(costs.control_wedge),
            "technology_wedge_usd": float(costs.technology_wedge),
        }
        for workload, result in study.central.workloads.items()
        for channel, costs in result.channels.items()
    ]


def parameters(study: "Study") -> Rows:
    """Every parameter with its distribution and where it comes from."""
    shapes = ("dist", "mean", "sd", "p05", "p50", "p95")
    return [
        {
            "parameter": path,
            "value": ", ".join(item["value"]) if isinstance(item["value"], list) else item["value"],
            "unit": item["unit"] or "",
            **{name: (item["distribution"] or {}).get(name, "") for name in shapes},
            **{name: item[name] or "" for name in ("assumption", "as_of", "note", "description")},
            "sources": " ".join(item["sources"]),
            "stated": item["stated"],
        }
        for path, item in parameters_json(study.case)["parameters"].items()
    ]


def market(study: "Study") -> Rows:
    """The market as a whole and by channel: each result at central values, and its statistics; none without demand."""
    found = study.market
    if found is None:
        return []
    return [
        {
            "set": study.case.name,
            "channel": channel,
            "label": study.case.label(channel) if channel else "",
            "result": kind,
            "unit": outcome(study.case, f"market.{name}").unit,
            "central": float(outcome(study.case, f"market.{name}")(found.central.found)),
            **{each: item.value for each, item in statistics.items()},
        }
        for name, statistics in found.statistics.items()
        for kind, _, channel in (name.partition("."),)
    ]


def diversion(study: "Study") -> Rows:
    """Where the compute of a closed channel goes: shares of what closing it takes, means over all draws."""
    found = study.market
    return [
        {"set": study.case.name, "closed": closed, "to": to or "denied", "share": share}
        for closed, ratios in (found.diversion if found else {}).items()
        for to, share in {**ratios, "": undiverted(ratios)}.items()
    ]


def path(study: "Study") -> Rows:
    """What is followed along the path, in every quarter; none without a timeline."""
    return path_rows(study.path) if study.path else []


def controls(study: "Study") -> Rows:
    """What each event of the path does to the premium and how long that lasts; none without a timeline."""
    return [
        {
            "set": study.case.name,
            "date": each.event.date,
            "label": each.event.label,
            "sources": " ".join(each.event.source),
            "raises": each.raises,
            **{f"premium_added_{name}": each.premium_added[name].value for name in _TOLD},
            **{f"mean_added_{name}": each.mean_added[name].value for name in _TOLD},
            **{f"half_life_months_{name}": months for name, months in each.half_life.items()},
            "censored_share": each.censored,
            "no_effect_share": each.no_effect,
        }
        for each in (study.path.controls if study.path else ())
    ]


def backtest(study: "Study") -> Rows:
    """Published figures beside what the path gives for their time; none without a timeline."""
    found = study.path
    return [
        {
            "set": study.case.name,
            "outcome": series.outcome,
            "unit": meaning(series.outcome)[1],
            "date": first_day(each.observation.first),
            "until": first_day(each.observation.last),
            "label": each.observation.label,
            "sources": " ".join(each.observation.source),
            **{f"published_{name}": getattr(each.observation, name) for name in ("value", "low", "high")},
            **{f"model_{name}": each.model[name].value for name in ("p05", "p50", "p95")},
            "error": each.error,
            "inside": each.inside,
        }
        for series in (found.backtest.series if found else ())
        for each in series.comparisons
    ]


#: Table by the name of its file.
TABLES: dict[str, Callable[["Study"], Rows]] = {
    "costs": costs,
    "backtest": backtest,
    "components": components,
    "controls": controls,
    "diversion": diversion,
    "market": market,
    "parameters": parameters,
    "path": path,
    "premium": premium,
}
