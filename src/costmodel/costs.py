"""From parameters to effective costs: stacks, performance, premium and wedges (docs/methods.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from costmodel.arrays import Array
from costmodel.channels import KINDS, terms
from costmodel.errors import ParameterError, Problem
from costmodel.formulas import roofline
from costmodel.parameters.model import ParameterSet

#: Unit of every cost.
UNIT = "USD/H100e-h"
#: Kinds of work with a roofline of their own, and the mix of both.
TASKS = ("training", "inference")
WORKLOADS = (*TASKS, "mix")

_BYTES = {"bf16": 2, "fp8": 1}
_FREE = (
    "costs nothing or less than nothing on {workload}, at least in some draws, so that no premium over it can be told; "
    "look at its prices and at finance.price_decline"
)


@dataclass(frozen=True)
class ChannelCosts:
    """Cost of one unit of useful compute through one channel, in USD/H100e-h; floats or arrays of draws.

    Attributes:
        available: whether the channel is open.
        components: parts by name, `performance_gap` last; they add up to `total`.
        total: effective cost.
        premium: total over the counterfactual, less 1.
        control_wedge: part of the total that control parameters cause.
        technology_wedge: the rest of the distance to the counterfactual: another chip, another form of supply.
    """

    available: bool
    components: Mapping[str, Array]
    total: Array
    premium: Array
    control_wedge: Array
    technology_wedge: Array


@dataclass(frozen=True)
class WorkloadCosts:
    """Costs of one workload.

    Attributes:
        counterfactual: what the buyer would pay without controls, USD/H100e-h.
        channels: costs by channel.
        exaflop: factor from USD/H100e-h to USD per 10¹⁸ effective FLOP; None for the mix.
    """

    counterfactual: Array
    channels: Mapping[str, ChannelCosts]
    exaflop: Array | None = None


@dataclass(frozen=True)
class Costs:
    """Costs of a parameter set, by workload."""

    workloads: Mapping[str, WorkloadCosts]


def evaluate(case: ParameterSet, values: Mapping[str, Any] | None = None) -> Costs:
    """Effective cost of every channel on every workload.

    Args:
        case: parameter set.
        values: value of every parameter by path, scalars or arrays that broadcast; by default the central values.

    Returns:
        Costs in USD/H100e-h, of the shape to which the values broadcast.

    Raises:
        ParameterError: the counterfactual costs nothing, so that there is no premium over it.

    Examples:
        >>> from costmodel import load
        >>> gray = evaluate(load("baseline")).workloads["mix"].channels["gray_market"]
        >>> bool(abs(sum(gray.components.values()) - gray.total) < 1e-12)
        True
    """
    values = dict(case.central) if values is None else values
    stacks = {channel: _stack(values, channel) for channel in case.channels}
    uncontrolled = {channel: _stack(without_controls(case, values, channel), channel) for channel in case.channels}
    nominal = {channel: equivalences(values, channel) for channel in case.channels}
    realised = {channel: equivalences(values, channel, utilized=True) for channel in case.channels}
    workloads = {}
    for workload in WORKLOADS:
        effective = {c: _per_unit(values, stacks[c], c, realised[c][workload]) for c in case.channels}
        neutral = {c: _per_unit(values, uncontrolled[c], c, realised[c][workload]) for c in case.channels}
        listed = [effective[name] for name in values["reference.counterfactual"]]
        baseline: Array = reduce(np.minimum, listed)
        if not np.all(baseline > 0):
            raise ParameterError([Problem("reference.counterfactual", _FREE.format(workload=workload))])
        workloads[workload] = WorkloadCosts(
            counterfactual=baseline,
            channels={
                c: ChannelCosts(
                    available=bool(values[f"channels.{c}.available"]),
                    components=_components(values, stacks[c], nominal[c][workload], effective[c]),
                    total=effective[c],
                    premium=effective[c] / baseline - 1.0,
                    control_wedge=effective[c] - neutral[c],
                    technology_wedge=neutral[c] - baseline,
                )
                for c in case.channels
            },
            exaflop=None if workload == "mix" else _exaflop(values, workload),
        )
    return Costs(workloads)


def _stack(values: Mapping[str, Any], channel: str) -> dict[str, Array]:
    """Named components of a channel in USD per accelerator-year."""
    return KINDS[values[f"channels.{channel}.kind"]].stack(terms(values, channel))


def _total(parts: Mapping[str, Array]) -> Array:
    total: Array = 0.0
    for part in parts.values():
        total = total + part
    return total


def without_controls(case: ParameterSet, values: Mapping[str, Any], channel: str) -> dict[str, Any]:
    """Values in which a channel's control parameters stand at their neutral value."""
    own = f"channels.{channel}."
    return {**values, **{item.path: 0.0 for item in case if item.control and item.path.startswith(own)}}


def attainable(values: Mapping[str, Any], chip: str, workload: str) -> Array:
    """FLOP/s that a chip attains at most on a workload: its roofline in the number format that it runs."""
    precision = values[f"workloads.{workload}.precision"]
    if f"chips.{chip}.{precision}_flops" not in values:
        precision = "bf16"
    return roofline.attainable(
        peak=values[f"chips.{chip}.{precision}_flops"],
        memory_bandwidth=values[f"chips.{chip}.memory_bandwidth"],
        arithmetic_intensity=values[f"workloads.{workload}.arithmetic_intensity"],
        bytes_per_number=_BYTES[precision],
    )


def equivalences(values: Mapping[str, Any], channel: str, *, utilized: bool = False) -> dict[str, Array]:
    """H100e of one accelerator of a channel by workload, in use; nominal, or at its utilisation."""
    chip, reference = values[f"channels.{channel}.chip"], values["reference.chip"]
    found: dict[str, Array] = {}
    for task in TASKS:
        found[task] = attainable(values, chip, task) / attainable(values, reference, task)
        if utilized:
            used = values[f"channels.{channel}.utilization.{task}"]
            found[task] = found[task] * used / values[f"reference.utilization.{task}"]
    share = values["workloads.training.share"]
    return found | {"mix": roofline.mixed(training=found["training"], inference=found["inference"], share=share)}


def _per_unit(values: Mapping[str, Any], stack: Mapping[str, Array], channel: str, equivalence: Array) -> Array:
    availability = values[f"channels.{channel}.availability"]
    return roofline.cost_per_unit(stack=_total(stack), availability=availability, equivalence=equivalence)


def _components(
    values: Mapping[str, Any], stack: Mapping[str, Array], equivalence: Array, effective: Array
) -> dict[str, Array]:
    """Components at reference utilisation and availability, and the gap to the effective cost."""
    up = values["reference.availability"]
    parts = {
        name: roofline.cost_per_unit(stack=amount, availability=up, equivalence=equivalence)
        for name, amount in stack.items()
    }
    return parts | {"performance_gap": effective - _total(parts)}


def _exaflop(values: Mapping[str, Any], workload: str) -> Array:
    return roofline.cost_per_exaflop(
        cost=1.0,
        reference_attainable=attainable(values, values["reference.chip"], workload),
        reference_utilization=values[f"reference.utilization.{workload}"],
    )
