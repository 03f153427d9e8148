"""What moves by itself: the values at a date that follow from states, and the states at the next date.

A state is a column of draws. States of a path:

    factor <path>      by how much a stated value has grown since it was stated
    installed <c>      compute in service of a channel, H100e by its chips alone; NaN where it is as stated at this date
    effort <c>         enforcement effort against a channel
    adaptation <c>     how far evasion through it has adapted
    anchor <c>         pressure of enforcement at which its interdiction probability is as stated
    output             cumulative output of domestic chips
    without <w>        cost without controls at which demand was stated, by workload; NaN where that is this date's

What a date's market says of how they move, the rates:

    deliveries <c>     compute that comes into service in a year, H100e by its chips alone
    returns <c>        rent over supply cost of what a channel sells
    caught <c>         its interdiction probability
    share              of gray and courier channels in what is used
    output             domestic chips that come into use in a year
    premium
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from costmodel.arrays import Array
from costmodel.channels import total
from costmodel.costs import TASKS, Evaluation
from costmodel.formulas import dynamics
from costmodel.market import Market, SeparateMarket, market
from costmodel.memo import Call
from costmodel.parameters.checks import EVADING
from costmodel.parameters.model import ParameterSet

State: TypeAlias = Mapping[str, Array]

# Parameters each of which moves something where it is not 0, by what it moves.
_MOVERS = {
    "prices": ("finance.price_decline",),
    "demand": ("demand.growth",),
    "learning": ("domestic.learning_rate",),
    "performance": ("domestic.performance_growth",),
    "domestic": ("domestic.capacity_growth",),
    "enforcement": ("enforcement.response", "adaptation.rate", "adaptation.initial"),
    "entry": ("entry.rate", "entry.exit"),
    "stocks": ("stocks.turnover",),
}
# What shapes demand, beside the quantity.
_CURVE = ("elasticity", "choke_price")
_PERFORMANCE = ("bf16_flops", "fp8_flops", "memory_bandwidth")


def movers(cases: Iterable[ParameterSet]) -> frozenset[str]:
    """What moves at any time of a path: names of `_MOVERS`, chips whose prices fall, channels whose capacity grows.

    Args:
        cases: the set at all times of the path.
    """
    found: set[str] = set()
    for case in cases:
        found |= {name for name, paths in _MOVERS.items() if any(_may_be_nonzero(case, path) for path in paths)}
        found |= {
            f"chips.{chip}" for chip in case.names("chips") if case.parameters[f"chips.{chip}.tracks_frontier"].value
        }
        found |= {path for c in case.channels if _may_be_nonzero(case, path := f"channels.{c}.capacity_growth")}
    return frozenset(found)


def _may_be_nonzero(case: ParameterSet, path: str) -> bool:
    item = case.parameters.get(path)
    return item is not None and (item.distribution is not None or item.value != 0)


@dataclass(frozen=True)
class Mechanisms:
    """What moves in a set at one time of a path.

    Attributes:
        case: the set at that time.
        live: what moves at any time of the path, see `movers`.
    """

    case: ParameterSet
    live: frozenset[str]

    # -- what there is ---------------------------------------------------------------------------------------------

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Names of the states."""
        return (*(f"factor {path}" for path in self.growing()), *self._other_keys())

    def _other_keys(self) -> Iterator[str]:
        yield from (f"without {workload}" for workload in self._markets)
        for channel in self.installing():
            yield f"installed {channel}"
        for channel in self.watched():
            yield from (f"effort {channel}", f"adaptation {channel}", f"anchor {channel}")
        if "learning" in self.live and "domestic.cumulative_output" in self.case.parameters:
            yield "output"

    @cached_property
    def settling(self) -> tuple[str, ...]:
        """Names of the states that are known only once a date's costs are."""
        return tuple(key for key in self.states if key.startswith(("installed ", "without ")))

    @property
    def _markets(self) -> tuple[str, ...]:
        """Workloads that have a demand of their own."""
        return TASKS if self.case.text("demand.workloads") == "separate" else ("mix",)

    def growing(self) -> tuple[str, ...]:
        """Paths of the numbers that grow or shrink by factors."""
        demand = ("demand.quantity", *(f"demand.{task}.quantity" for task in TASKS)) if "demand" in self.live else ()
        better = self.domestic_chips if "performance" in self.live else ()
        named = [
            *(f"chips.{c}.price" for c in self.case.names("chips") if self._price_moves(c)),
            *(f"chips.{c}.{word}" for c in better for word in _PERFORMANCE),
            *(f"channels.{c}.capacity" for c in self.case.channels if self._capacity_moves(c)),
        ]
        return tuple(path for path in (*demand, *named) if path in self.case.parameters)

    def _price_moves(self, chip: str) -> bool:
        tracks = "prices" in self.live and f"chips.{chip}" in self.live
        return tracks or ("learning" in self.live and chip in self.domestic_chips)

    def _capacity_moves(self, channel: str) -> bool:
        role, kind = self._word(channel, "role"), self._word(channel, "kind")
        if kind == "inventory":
            return "stocks" in self.live
        by_role = (role == "domestic" and "domestic" in self.live) or (role in EVADING and "entry" in self.live)
        return by_role or f"channels.{channel}.capacity_growth" in self.live

    def installing(self) -> tuple[str, ...]:
        """Purchase channels of which there may be accelerators in service."""
        if "stocks" not in self.live:
            return ()
        return tuple(c for c in self.case.channels if self._word(c, "kind") == "purchase" and self._supplies(c))

    def _supplies(self, channel: str) -> bool:
        own = (f"channels.{channel}.{word}" for word in ("capacity", "installed"))
        return any(self.case.parameters[path].stated for path in own)

    def watched(self) -> tuple[str, ...]:
        """Channels whose interdiction probability moves."""
        evading = self.of_role(*EVADING) if "enforcement" in self.live else ()
        return tuple(c for c in evading if self._word(c, "kind") == "purchase")

    def of_role(self, *roles: str) -> tuple[str, ...]:
        """Channels of some roles."""
        return tuple(c for c in self.case.channels if self._word(c, "role") in roles)

    @property
    def domestic_chips(self) -> tuple[str, ...]:
        """Chips of domestic channels."""
        return tuple(dict.fromkeys(self._word(c, "chip") for c in self.of_role("domestic")))

    def _word(self, channel: str, word: str) -> str:
        return str(self.case.parameters[f"channels.{channel}.{word}"].value)

    # -- at the beginning ------------------------------------------------------------------------------------------

    def anchored(self, state: State, values: Mapping[str, Any], changed: Iterable[str], draws: int) -> dict[str, Array]:
        """States at a time at which some parameters are stated anew.

        Args:
            state: states so far; none at the start of a path.
            values: value of every parameter as the set states it at that time.
            changed: paths of those that are stated anew.
            draws: how many draws there are.
        """
        found, changed = dict(state), set(changed)
        for key in self.states:
            word, _, about = key.partition(" ")
            # How far evasion has adapted does not change with the effort against it.
            if key not in found or (word != "adaptation" and not changed.isdisjoint(_starts(word, about))):
                amount = self._first(word, about, values, found)
                found[key] = np.broadcast_to(np.asarray(amount, dtype=float), draws).copy()
        return found

    def _first(self, word: str, about: str, values: Mapping[str, Any], state: State) -> Any:
        """A state where it starts."""
        if word in ("factor", "installed", "without"):
            return 1.0 if word == "factor" else np.nan
        if word == "output":
            return values[_starts(word, about)[0]]
        adaptation = state.get(f"adaptation {about}", values["adaptation.initial"])
        if word == "effort":
            caught = values[_starts(word, about)[0]]
            return dynamics.effort(probability=caught, ceiling=values["enforcement.ceiling"]) * (1.0 + adaptation)
        if word == "anchor":
            return dynamics.pressure(effort=state[f"effort {about}"], adaptation=adaptation)
        return adaptation

    # -- at a date -------------------------------------------------------------------------------------------------

    def cleared(self, stated: Mapping[str, Any], state: State, call: Call) -> tuple[Market, dict[str, Array]]:
        """The market at a date, and the states that its parameters have settled.

        Args:
            stated: value of every parameter as the set states it.
            state: states at the date.
            call: how equations are called.
        """
        values = {**stated}
        for path in self.growing():
            values[path] = call(_times, {"stated": values[path], "factor": state[f"factor {path}"]})
        for channel in self.watched():
            path = f"channels.{channel}.interdiction_probability"
            pressure = call(dynamics.pressure, {name: state[f"{name} {channel}"] for name in ("effort", "adaptation")})
            terms = {"anchor": state[f"anchor {channel}"], "ceiling": values["enforcement.ceiling"]}
            values[path] = call(dynamics.interdiction, {"stated": values[path], "pressure": pressure, **terms})
        found = Evaluation.of(self.case, values, call)
        installed, stocks = self._installed(found, state)
        demand, anchors = self._demand(found, state)
        return market(Evaluation.of(self.case, {**values, **installed, **demand}, call)), {**stocks, **anchors}

    def _installed(self, found: Evaluation, state: State) -> tuple[dict[str, Array], dict[str, Array]]:
        """Accelerators in service of each channel, told from their compute; and their compute."""
        accelerators, compute = {}, {}
        for channel in self.installing():
            path, key = f"channels.{channel}.installed", f"installed {channel}"
            terms = {"compute": state[key], "unit": found.equivalences(channel)["mix"]}
            accelerators[path] = found.call(_accelerators, {**terms, "stated": found.values[path]})
            compute[key] = found.call(_times, {"stated": accelerators[path], "factor": terms["unit"]})
        return accelerators, compute

    def _demand(self, found: Evaluation, state: State) -> tuple[dict[str, Array], dict[str, Array]]:
        """Demand that is anchored at an earlier cost without controls, told from today's; and that cost."""
        before, moved, anchors = market(found), {}, {}
        for workload in self._markets:
            place, key = ("demand" if workload == "mix" else f"demand.{workload}"), f"without {workload}"
            own = {w: found.values.get(f"{place}.{w}", found.values[f"demand.{w}"]) for w in _CURVE}
            wanted = before.demand(workload)["quantity"] if isinstance(before, SeparateMarket) else before.wanted
            today = found.counterfactual(workload)
            anchors[key] = found.call(_settled, {"earlier": state[key], "today": today})
            costs = {"counterfactual": today, "anchor": anchors[key]}
            terms = {**costs, "quantity": wanted, "elasticity": own["elasticity"]}
            moved[f"{place}.quantity"] = found.call(dynamics.quantity_at, terms)
            moved[f"{place}.choke_price"] = found.call(dynamics.choke_at, {**costs, "choke_price": own["choke_price"]})
        return moved, anchors

    def rates(self, cleared: Market) -> dict[str, Array]:
        """What a date's market says of how states move."""
        found: dict[str, Array] = {"premium": cleared.premium} if "domestic" in self.live else {}
        for channel in self.installing():
            unit = cleared.found.equivalences(channel)["mix"]
            terms = {"stated": cleared.deliveries(channel), "factor": unit}
            found[f"deliveries {channel}"] = cleared.call(_times, **terms)
        if "output" in self.states:
            found["output"] = cleared.call(total, **{c: cleared.deliveries(c) for c in self.of_role("domestic")})
        for channel in self.of_role(*EVADING) if "entry" in self.live else ():
            found[f"returns {channel}"] = cleared.return_on_supply(channel)
        for channel in self.of_role(*EVADING) if not self.live.isdisjoint({"entry", "enforcement"}) else ():
            path = f"channels.{channel}.interdiction_probability"
            found[f"caught {channel}"] = cleared.found.values.get(path, 0.0)
        if self.watched():
            found["share"] = cleared.call(total, **{c: cleared.share(c) for c in self.of_role(*EVADING)})
        return found


def _starts(word: str, about: str) -> tuple[str, ...]:
    """The parameters that a state starts from; where one is stated anew, so does the state."""
    if word == "factor":
        return (about,)
    if word == "output":
        return ("domestic.cumulative_output",)
    if word == "without":
        return ("demand.quantity", *(f"demand.{task}.quantity" for task in TASKS))
    return (f"channels.{about}.{'installed' if word == 'installed' else 'interdiction_probability'}",)


def _settled(earlier: Array, today: Array) -> Array:
    found: Array = np.where(np.isnan(earlier), today, earlier)
    return found


def _accelerators(compute: Array, unit: Array, stated: Array) -> Array:
    found: Array = np.where(np.isnan(compute), stated, compute / unit)
    return found


def _times(stated: Array, factor: Array) -> Array:
    return stated * factor
