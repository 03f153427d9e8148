"""Numbers behind the explorer: a changed set beside the unchanged one, draw by draw."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from costmodel.analysis.named import outcome_statistics
from costmodel.analysis.path import path_result
from costmodel.analysis.sensitivity import tornado
from costmodel.analysis.uncertainty import Simulation
from costmodel.costs import Evaluation, evaluate
from costmodel.market import has_market, market
from costmodel.outcomes import outcome
from costmodel.parameters.model import ParameterSet, deflated

# Results of the market that stand beside the channels' shares, and the columns of their statistics.
_CLEARED = ("price", "premium", "compute_denied")
_COLUMNS = {"p05": "p05", "p50": "median", "p95": "p95"}
_QUANTILES = {"p05": 0.05, "cost": 0.5, "p95": 0.95}
# Channels whose drivers are worth a slider from the start.
_CHANNELS_LOOKED_AT = 3


def compared(before: Simulation, after: Simulation, workload: str) -> pd.DataFrame:
    """Cost and premium of every channel before and after a change.

    Args:
        before: draws of the unchanged set.
        after: draws of the changed set, with the same seed, so that the difference is not noise.
        workload: which workload.

    Returns:
        One row for each channel: its label, whether it is open, median cost and 5–95 % range in USD/H100e-h, and median
        premium over the counterfactual of the same draw, each before and after. A channel that only one of the sets
        has is missing (NaN) in the other.
    """
    first, second = _summary(before, workload).add_suffix("_before"), _summary(after, workload).add_suffix("_after")
    frame = first.join(second, how="outer")
    names = list(dict.fromkeys([*before.case.channels, *after.case.channels]))
    labels = {c: (after.case if c in after.case.channels else before.case).label(c) for c in names}
    frame = frame.reindex(names)
    frame.insert(0, "label", pd.Series(labels))
    frame["cost_change"] = frame["cost_after"] / frame["cost_before"] - 1
    frame.index.name = "channel"
    return frame


def _summary(simulation: Simulation, workload: str) -> pd.DataFrame:
    totals = simulation.totals[workload]
    costs = np.quantile(np.stack(list(totals.values())), list(_QUANTILES.values()), axis=1)
    columns = dict(zip(_QUANTILES, costs, strict=True))
    columns["premium"] = np.array([np.median(simulation.premium(workload, channel)) for channel in totals])
    frame = pd.DataFrame(columns, index=list(totals))
    frame["open"] = [bool(simulation.case.central[f"channels.{channel}.available"]) for channel in totals]
    return frame


def central_market(case: ParameterSet) -> dict[str, float]:
    """Price (USD/H100e-h), premium and share denied of a set's market at central values; empty without demand."""
    if not has_market(case):
        return {}
    found = market(Evaluation(case, case.central))
    return {name: float(getattr(found, name)) for name in _CLEARED}


def markets(before: ParameterSet, after: ParameterSet, draws: int) -> pd.DataFrame:
    """What the market yields before and after a change.

    Args:
        before: the unchanged set.
        after: the changed set.
        draws: number of draws, from the unchanged set's seed for both.

    Returns:
        One row for each result (clearing price in USD/H100e-h, premium and compute denied as shares, and each channel's
        share of what is used): median and 5–95 % range before and after. Of a set without demand there is none.
    """
    found: dict[str, dict[str, float]] = {}
    for case, side in ((before, "before"), (after, "after")):
        if has_market(case):
            names = [*_CLEARED, *(f"share.{channel}" for channel in case.channels)]
            statistics = outcome_statistics(case, [f"market.{name}" for name in names], draws, before.seed)
            for name, numbers in statistics.items():
                row = found.setdefault(name.removeprefix("market."), {})
                row |= {f"{column}_{side}": numbers[p].value for p, column in _COLUMNS.items()}
    frame = pd.DataFrame(list(found.values()), index=list(found))
    frame.index.name = "result"
    return frame


def has_path(case: ParameterSet) -> bool:
    """Whether a set has a path through time."""
    return case.timeline is not None and has_market(case)


def premium_path(case: ParameterSet, draws: int, seed: int) -> pd.DataFrame:
    """The premium in every quarter of a set's path.

    Args:
        case: parameter set with a timeline and a demand.
        draws: number of draws.
        seed: their seed.

    Returns:
        One row for each quarter, by its first day: p05, p50 and p95 as shares.
    """
    # What was published is not looked at here.
    found = path_result(replace(case, observations=()), draws, seed, names=["premium"])
    columns = {name: found.band("premium", name) for name in _COLUMNS}
    return pd.DataFrame(columns, index=pd.Index(found.dates, name="quarter"), dtype=float)


def ranked(frame: pd.DataFrame, apart: Sequence[str]) -> list[str]:
    """Channels in the order of charts, which no change moves: the counterfactual, the open ones, the closed ones.

    Args:
        frame: see `compared`.
        apart: channels of the counterfactual.
    """
    cost = frame["cost_before"].fillna(frame["cost_after"])
    shut = frame["open_before"].eq(False)  # noqa: FBT003 - a comparison
    order = {c: (c not in apart, bool(shut[c]), cost[c]) for c in frame.index}
    return sorted(order, key=order.__getitem__)


def movers(case: ParameterSet, workload: str, count: int) -> list[str]:
    """The uncertain parameters that move the cheapest open channels most, relative to their cost.

    Args:
        case: parameter set.
        workload: which workload.
        count: how many.
    """
    costs = evaluate(case).workloads[workload].channels
    rivals = [c for c in case.channels if costs[c].available and c not in apart(case)] or list(case.channels)
    swings: dict[str, float] = {}
    for channel in sorted(rivals, key=lambda c: float(costs[c].total))[:_CHANNELS_LOOKED_AT]:
        for bar in tornado(case, outcome(case, f"cost.{workload}.{channel}")):
            swings[bar.path] = max(swings.get(bar.path, 0.0), bar.swing / max(abs(bar.central), 1e-12))
    return sorted(swings, key=lambda path: -swings[path])[:count]


def apart(case: ParameterSet) -> tuple[str, ...]:
    """The channels that `reference.counterfactual` lists."""
    value = case.parameters["reference.counterfactual"].value
    return value if isinstance(value, tuple) else ()


def one_way(case: ParameterSet, path: str, inputs: Sequence[float], workload: str) -> pd.DataFrame:
    """Cost of every channel while one parameter takes other values and all others stand at their central ones.

    Args:
        case: parameter set.
        path: the parameter.
        inputs: its values, in its unit.
        workload: which workload.

    Returns:
        One row for each value, one column for each channel, USD/H100e-h.
    """
    values: dict[str, Any] = {name: item.value for name, item in case.parameters.items()}
    moved = {path: np.asarray(inputs, dtype=float)}
    # What is moved is a real rate, also where the set states a nominal one; moved inflation deflates the others anew.
    nominal = case.parameters[path].leaf.basis == "nominal"
    values = deflated(values, case) | moved if nominal else deflated(values | moved, case)
    found = evaluate(case, values).workloads[workload].channels
    columns = {channel: np.broadcast_to(item.total, len(inputs)) for channel, item in found.items()}
    return pd.DataFrame(columns, index=pd.Index(inputs, name=path))
