"""From one date to the next: how each mechanism moves its states (docs/methods.md)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from costmodel.arrays import Array
from costmodel.dynamics.mechanisms import Mechanisms, State
from costmodel.formulas import dynamics, hazard
from costmodel.memo import Call
from costmodel.parameters.checks import EVADING


@dataclass(frozen=True)
class Step:
    """A step of a path.

    Attributes:
        mechanisms: what moves.
        values: value of every parameter as stated; rates are real.
        state: states at the date at which the step begins.
        rates: what markets say of how states move, at its beginning or in its mean.
        years: time that passes.
        call: how equations are called.
        in_mean: whether the rates are those in the mean of the step.
    """

    mechanisms: Mechanisms
    values: Mapping[str, Any]
    state: State
    rates: Mapping[str, Array]
    years: float
    call: Call
    in_mean: bool

    def advanced(self) -> dict[str, Array]:
        """States at the next date."""
        found = dict(self.state)
        found |= {f"factor {path}": self._grown(path) for path in self.mechanisms.growing()}
        found |= {f"installed {channel}": self._installed(channel) for channel in self.mechanisms.installing()}
        for channel in self.mechanisms.watched():
            found |= self._enforced(channel)
        if "output" in self.mechanisms.states:
            found["output"] = self._output
        return found

    # -- growing and shrinking -------------------------------------------------------------------------------------

    def _grown(self, path: str) -> Array:
        table, name, *_ = path.split(".")
        if table == "demand":
            parts = [self._over(dynamics.growth, rate="demand.growth")]
        elif table == "channels":
            parts = [self._capacity(name)]
        elif path.endswith(".price"):
            parts = self._price(name)
        else:
            parts = [self._over(dynamics.growth, rate="domestic.performance_growth")]
        return self._product(self.state[f"factor {path}"], *parts)

    def _price(self, chip: str) -> list[Array]:
        parts = []
        if self.values[f"chips.{chip}.tracks_frontier"]:
            parts.append(self._over(dynamics.frontier_fall, price_decline="finance.price_decline"))
        if "output" in self.mechanisms.states and chip in self.mechanisms.domestic_chips:
            terms = {"before": self.state["output"], "after": self._output}
            parts.append(self._call(dynamics.learning, **terms, learning_rate=self.values["domestic.learning_rate"]))
        return parts

    def _capacity(self, channel: str) -> Array:
        """Factor by which a channel's capacity grows over the step."""
        own, role = f"channels.{channel}.", self.values[f"channels.{channel}.role"]
        if self.values[f"{own}kind"] == "inventory":
            return self._survival(channel)
        parts = [self._over(dynamics.growth, rate=f"{own}capacity_growth")]
        if role in EVADING and "entry" in self.mechanisms.live:
            parts.append(self._entered(channel))
        if role == "domestic" and "domestic" in self.mechanisms.live:
            parts.append(self._call(dynamics.growth, rate=self._domestic_growth, years=self.years))
        factor = self._product(*parts)
        if role != "domestic":
            return factor
        limit = self.values.get("domestic.capacity_limit")
        stated, grown = self.values[f"{own}capacity"], self.state.get(f"factor {own}capacity", 1.0)
        terms = {"factor": factor, "capacity": self._product(stated, grown), "limit": limit}
        return factor if limit is None else self._call(dynamics.within_limit, **terms)

    @cached_property
    def _domestic_growth(self) -> Array:
        """Annual growth of domestic capacity at today's premium."""
        most = self.values.get("domestic.max_growth", float("inf"))
        terms = {name: self.values[f"domestic.{name}_growth"] for name in ("capacity", "induced")}
        return self._call(
            dynamics.induced_growth,
            growth=terms["capacity"],
            induced=terms["induced"],
            premium=self.rates["premium"],
            most=most,
        )

    def _entered(self, channel: str) -> Array:
        return self._call(
            dynamics.entered,
            rate=self.values["entry.rate"],
            leaving=self.values["entry.exit"],
            returns=self.rates[f"returns {channel}"],
            probability=self.rates[f"caught {channel}"],
            years=self.years,
        )

    # -- stocks ----------------------------------------------------------------------------------------------------

    def _retirement(self, channel: str) -> Array:
        """Continuous annual rate at which accelerators of a channel are lost or scrapped."""
        loss = self._call(hazard.hazard_rate, probability=self.values[f"channels.{channel}.loss_hazard"])
        return self._call(dynamics.retirement, hazard=loss, life=self.values["finance.economic_life"])

    def _turned_over(self, installed: Array, deliveries: Array, growth: Array, retirement: Array) -> Array:
        turnover = self.values["stocks.turnover"]
        return self._call(
            dynamics.turned_over,
            installed=installed,
            deliveries=deliveries,
            growth=growth,
            retirement=retirement,
            turnover=turnover,
            years=self.years,
        )

    def _survival(self, channel: str) -> Array:
        """Share of a stock that is left after the step."""
        return self._turned_over(1.0, 0.0, 1.0, self._retirement(channel))

    def _installed(self, channel: str) -> Array:
        deliveries, growth = self.rates[f"deliveries {channel}"], self._growing(channel)
        return self._turned_over(self.state[f"installed {channel}"], deliveries, growth, self._retirement(channel))

    def _growing(self, channel: str) -> Array:
        """Factor by which deliveries grow over the step beside what their mean says."""
        return 1.0 if self.in_mean else self._capacity(channel)

    @cached_property
    def _output(self) -> Array:
        """Cumulative output of domestic chips at the next date."""
        terms = {"installed": self.state["output"], "deliveries": self.rates["output"], "growth": 1.0}
        return self._call(dynamics.turned_over, **terms, retirement=0.0, turnover=1.0, years=self.years)

    # -- enforcement and evasion -----------------------------------------------------------------------------------

    def _enforced(self, channel: str) -> dict[str, Array]:
        """Effort against a channel, and how far evasion has adapted."""
        effort = self._call(
            dynamics.responded,
            effort=self.state[f"effort {channel}"],
            response=self.values["enforcement.response"],
            share=self.rates["share"],
            tolerance=self.values["enforcement.tolerance"],
            years=self.years,
        )
        adaptation = self._call(
            dynamics.adapted,
            adaptation=self.state[f"adaptation {channel}"],
            rate=self.values["adaptation.rate"],
            decay=self.values["adaptation.decay"],
            probability=self.rates[f"caught {channel}"],
            years=self.years,
        )
        return {f"effort {channel}": effort, f"adaptation {channel}": adaptation}

    # -- small steps -----------------------------------------------------------------------------------------------

    def _call(self, function: Callable[..., Array], **arguments: Any) -> Array:
        found: Array = self.call(function, arguments)
        return found

    def _over(self, function: Callable[..., Any], **paths: str) -> Array:
        """A rate's effect over the step."""
        return self._call(function, **{name: self.values[path] for name, path in paths.items()}, years=self.years)

    def _product(self, *parts: Array) -> Array:
        """Product of all parts, of which some may be 1."""
        return self._call(_product, **{f"part_{place}": part for place, part in enumerate(parts)})


def _product(**parts: Array) -> Array:
    found: Array = 1.0
    for part in parts.values():
        found = found * part
    return found
