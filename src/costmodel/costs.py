"""From parameters to effective costs: stacks, performance, premium and wedges (docs/methods.md)."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeVar

import numpy as np

from costmodel.arrays import Array
from costmodel.channels import DEFAULTS, KINDS, term_paths, total
from costmodel.errors import ParameterError, Problem
from costmodel.formulas import roofline
from costmodel.memo import Call, Memo, plainly
from costmodel.parameters.model import ParameterSet, deflated, real_rate

#: Unit of every cost.
UNIT = "USD/H100e-h"
#: Kinds of work with a roofline of their own, and the mix of both.
TASKS = ("training", "inference")
WORKLOADS = (*TASKS, "mix")

#: What a function finds out.
Found = TypeVar("Found")

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


class Evaluation:
    """Costs at some values of the parameters, computed when they are asked for and only once.

    What several channels have in common is computed once too, and `changed` gives the costs at other values of some
    parameters, of which only what depends on them is computed.

    Examples:
        >>> from costmodel import load
        >>> case = load("baseline")
        >>> central = Evaluation(case, case.central)
        >>> dearer = central.changed({"finance.discount_rate": 0.2})
        >>> bool(dearer.cost("mix", "domestic") > central.cost("mix", "domestic"))
        True
    """

    def __init__(
        self,
        case: ParameterSet,
        values: Mapping[str, Any],
        stated: Mapping[str, Any] | None = None,
        call: Call | None = None,
    ) -> None:
        """Take the values; nothing is computed yet.

        Args:
            case: parameter set.
            values: value of every parameter by path, scalars or arrays that broadcast; rates are real.
            stated: the same values as the set states them, before inflation is taken off nominal rates; by default the
                central ones.
            call: how equations are called; by default through a memo of its own.
        """
        self.case, self.values = case, values
        self._stated: dict[str, Any] = {
            path: stated[path] if stated else case.parameters[path].value for path in case.nominal
        }
        self._call: Call = call or Memo()
        self._stacks: dict[tuple[str, bool], dict[str, Array]] = {}
        # What functions have found of channels, see `of_channel`.
        self._known: dict[tuple[Any, ...], Any] = {}
        # Where this one was changed from, and whether that bears on a channel's stack, and on its cost.
        self._above: Evaluation | None = None
        self._moved: dict[str, tuple[bool, bool]] = {}

    @classmethod
    def of(cls, case: ParameterSet, stated: Mapping[str, Any], call: Call | None = None) -> "Evaluation":
        """Costs at values as the set states them: a rate that it states as nominal is nominal here.

        Args:
            case: parameter set.
            stated: value of every parameter by path, scalars or arrays that broadcast.
            call: how equations are called; by default through a memo of its own.
        """
        call = call or Memo()
        return cls(case, deflated({**stated}, case, call), stated, call)

    def changed(self, values: Mapping[str, Any]) -> "Evaluation":
        """Costs at other values of some parameters.

        Args:
            values: new values by path, as the set states them: a rate that it states as nominal is nominal here.
        """
        real = {**self.values, **values}
        other = Evaluation(self.case, real, self._stated)
        assert isinstance(self._call, Memo)
        other._call = Memo(self._call)
        other._stated |= {path: values[path] for path in self.case.nominal if path in values}
        inflation = real["finance.inflation"]
        every = "finance.inflation" in values
        rates = [path for path in self.case.nominal if every or path in values]
        for path in rates:
            item = self.case.parameters[path]
            real[path] = real_rate(item, other._stated[path], inflation, other._call)
        other._above = self
        other._moved = _moved(real, self.case.channels, {*values, *rates})
        return other

    def stated(self, path: str) -> Any:
        """A parameter's value as the set states it: a nominal rate is nominal."""
        return self._stated[path] if path in self._stated else self.values[path]

    def stack(self, channel: str, *, controls: bool = True) -> dict[str, Array]:
        """Named components of a channel in USD per accelerator-year.

        Args:
            channel: name of the channel.
            controls: whether the channel's control parameters count; otherwise they stand at their neutral value.
        """
        if self._above is not None and not self._moved[channel][0]:
            return self._above.stack(channel, controls=controls)
        if (channel, controls) not in self._stacks:
            kind = KINDS[self.values[f"channels.{channel}.kind"]]
            self._stacks[channel, controls] = kind.stack(self.terms(channel, controls=controls), self._call)
        return self._stacks[channel, controls]

    def terms(self, channel: str, *, controls: bool = True) -> dict[str, Any]:
        """Parameters that a channel's cost depends on, by the names that equations know them by.

        Args:
            channel: name of the channel.
            controls: whether the channel's control parameters count; otherwise they stand at their neutral value.
        """
        neutral = set() if controls else self.case.controls(channel)
        paths = term_paths(self.values, channel)
        found = {name: 0.0 if path in neutral else self.values[path] for name, path in paths.items()}
        return DEFAULTS | found

    @property
    def call(self) -> Call:
        """How equations are called."""
        return self._call

    def equivalences(self, channel: str, *, utilized: bool = False) -> dict[str, Array]:
        """H100e of one accelerator of a channel by workload, in use; nominal, or at its utilisation."""
        return self.of_channel(_equivalences, channel, utilized)

    def of_channel(self, function: Callable[..., Found], channel: str, *words: Hashable) -> Found:
        """What a function finds out about a channel, computed once, and not anew after changes that do not bear on it.

        Args:
            function: takes this evaluation, the channel and the words; of the parameters it may look at those that the
                channel's cost depends on, and at no others.
            channel: name of the channel.
            words: what else the function is told.
        """
        if self._above is not None and not self._moved[channel][1]:
            return self._above.of_channel(function, channel, *words)
        key = function, channel, *words
        if key not in self._known:
            self._known[key] = function(self, channel, *words)
        found: Found = self._known[key]
        return found

    def cost(self, workload: str, channel: str, *, controls: bool = True) -> Array:
        """Effective cost of a channel on a workload, USD/H100e-h.

        Args:
            workload: name of the workload.
            channel: name of the channel.
            controls: whether the channel's control parameters count.
        """
        return self.of_channel(Evaluation._cost, channel, workload, controls)

    def _cost(self, channel: str, workload: str, controls: bool) -> Array:  # noqa: FBT001
        found: Array
        if workload == "mix":
            parts = {task: self.cost(task, channel, controls=controls) for task in TASKS}
            found = self._call(roofline.mixed_cost, {**parts, "share": self.values["workloads.training.share"]})
            return found
        arguments = {
            "stack": self._call(total, self.stack(channel, controls=controls)),
            "availability": self.values[f"channels.{channel}.availability"],
            "equivalence": self.equivalences(channel, utilized=True)[workload],
        }
        found = self._call(roofline.cost_per_unit, arguments)
        return found

    def counterfactual(self, workload: str) -> Array:
        """What the buyer would pay without controls, USD/H100e-h.

        Raises:
            ParameterError: it is nothing, so that no premium over it can be told.
        """
        least = self._call(lowest, {c: self.cost(workload, c) for c in self.values["reference.counterfactual"]})
        found: Array = self._call(_priced, {"cost": least, "workload": workload})
        return found

    def lowest(self, workload: str) -> Array:
        """Cost of the cheapest open channel, the counterfactual apart, USD/H100e-h."""
        found: Array = self._call(lowest, {channel: self.cost(workload, channel) for channel in rivals(self.case)})
        return found

    def premium(self, workload: str, channel: str | None = None) -> Array:
        """Cost over the counterfactual, less 1.

        Args:
            workload: name of the workload.
            channel: name of the channel; by default the cheapest open one in each draw.
        """
        cost = self.lowest(workload) if channel is None else self.cost(workload, channel)
        found: Array = self._call(premium, {"cost": cost, "counterfactual": self.counterfactual(workload)})
        return found

    def components(self, workload: str, channel: str) -> dict[str, Array]:
        """Parts of a channel's cost at reference utilisation and availability, and the gap to the effective cost."""
        equivalence = self.equivalences(channel)[workload]
        up = self.values["reference.availability"]
        parts = {
            name: roofline.cost_per_unit(stack=amount, availability=up, equivalence=equivalence)
            for name, amount in self.stack(channel).items()
        }
        return parts | {"performance_gap": self.cost(workload, channel) - total(**parts)}


def _equivalences(found: Evaluation, channel: str, utilized: bool) -> dict[str, Array]:  # noqa: FBT001
    return equivalences(found.values, channel, utilized=utilized, call=found.call)


def _moved(values: Mapping[str, Any], channels: Iterable[str], changed: Iterable[str]) -> dict[str, tuple[bool, bool]]:
    """Whether changes bear on a channel's stack, and on its cost, by channel.

    Args:
        values: value of every parameter by path, after the change.
        channels: names of the channels.
        changed: paths of the changed parameters.
    """
    tables = {tuple(path.split(".", 2)[:2]) for path in changed}
    everywhere = any(table == "finance" for table, _ in tables)
    measure = any(table in ("reference", "workloads") for table, _ in tables)
    measure |= ("chips", values["reference.chip"]) in tables
    found = {}
    for channel in channels:
        chip, site = values.get(f"channels.{channel}.chip"), values.get(f"channels.{channel}.site")
        own = not tables.isdisjoint({("channels", channel), ("chips", chip), ("sites", site)})
        found[channel] = (everywhere or own, everywhere or own or measure)
    return found


def lowest(**costs: Array) -> Array:
    """The lowest of some costs, draw by draw."""
    found: Array = reduce(np.minimum, costs.values())
    return found


def premium(*, cost: Array, counterfactual: Array) -> Array:
    """Cost over the counterfactual, less 1."""
    return cost / counterfactual - 1.0


def _priced(cost: Array, workload: str) -> Array:
    """A counterfactual cost that premia can be measured against."""
    if not np.all(np.greater(cost, 0)):
        raise ParameterError([Problem("reference.counterfactual", _FREE.format(workload=workload))])
    return cost


def rivals(case: ParameterSet) -> tuple[str, ...]:
    """Channels that compete for being cheapest: those open, the counterfactual apart."""
    apart = case.parameters["reference.counterfactual"].value
    assert isinstance(apart, tuple)
    return tuple(c for c in case.channels if c not in apart and case.central[f"channels.{c}.available"])


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
    found = Evaluation(case, case.central if values is None else values)
    return Costs({workload: _workload(found, workload) for workload in WORKLOADS})


def _workload(found: Evaluation, workload: str) -> WorkloadCosts:
    baseline = found.counterfactual(workload)
    channels = {}
    for channel in found.case.channels:
        effective = found.cost(workload, channel)
        neutral = found.cost(workload, channel, controls=False)
        channels[channel] = ChannelCosts(
            available=bool(found.values[f"channels.{channel}.available"]),
            components=found.components(workload, channel),
            total=effective,
            premium=found.premium(workload, channel),
            control_wedge=effective - neutral,
            technology_wedge=neutral - baseline,
        )
    return WorkloadCosts(baseline, channels, None if workload == "mix" else _exaflop(found.values, workload))


def attainable(values: Mapping[str, Any], chip: str, workload: str, call: Call = plainly) -> Array:
    """FLOP/s that a chip attains at most on a workload: its roofline in the number format that it runs."""
    precision = values[f"workloads.{workload}.precision"]
    if f"chips.{chip}.{precision}_flops" not in values:
        precision = "bf16"
    arguments = {
        "peak": values[f"chips.{chip}.{precision}_flops"],
        "memory_bandwidth": values[f"chips.{chip}.memory_bandwidth"],
        "arithmetic_intensity": values[f"workloads.{workload}.arithmetic_intensity"],
        "bytes_per_number": _BYTES[precision],
    }
    found: Array = call(roofline.attainable, arguments)
    return found


def equivalences(
    values: Mapping[str, Any], channel: str, *, utilized: bool = False, call: Call = plainly
) -> dict[str, Array]:
    """H100e of one accelerator of a channel by workload, in use; nominal, or at its utilisation."""
    chip, reference = values[f"channels.{channel}.chip"], values["reference.chip"]
    found: dict[str, Array] = {}
    for task in TASKS:
        rate, reference_rate = attainable(values, chip, task, call), attainable(values, reference, task, call)
        if utilized:
            own, others = (values[f"{of}.utilization.{task}"] for of in (f"channels.{channel}", "reference"))
            rate = call(roofline.attained, {"attainable": rate, "utilization": own})
            reference_rate = call(roofline.attained, {"attainable": reference_rate, "utilization": others})
        found[task] = call(roofline.equivalence, {"rate": rate, "reference_rate": reference_rate})
    mix = call(roofline.mixed, {**found, "share": values["workloads.training.share"]})
    return found | {"mix": mix}


def _exaflop(values: Mapping[str, Any], workload: str) -> Array:
    return roofline.cost_per_exaflop(
        cost=1.0,
        reference_attainable=attainable(values, values["reference.chip"], workload),
        reference_utilization=values[f"reference.utilization.{workload}"],
    )
