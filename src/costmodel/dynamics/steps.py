"""From one date to the next: how each mechanism moves its states (docs/methods.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from costmodel.arrays import Array
from costmodel.channels import total
from costmodel.dynamics.mechanisms import Mechanisms, State
from costmodel.formulas import dynamics, hazard
from costmodel.market import Market
from costmodel.parameters.checks import EVADING


@dataclass(frozen=True)
class Step:
    """A step of a path.

    Attributes:
        mechanisms: what moves.
        cleared: the market at the date at which the step begins.
        state: states at that date.
        years: time that passes.
    """

    mechanisms: Mechanisms
    cleared: Market
    state: State
    years: float

    def advanced(self) -> dict[str, Array]:
        """States at the next date."""
        found = {f"factor {path}": self._grown(path) for path in self.mechanisms.growing()}
        for channel in self.mechanisms.installing():
            found[f"installed {channel}"] = self._installed(channel)
            found[f"units {channel}"] = self.cleared.found.equivalences(channel)["mix"]
        for key in self.mechanisms.states:
            word, _, workload = key.partition(" ")
            if word == "without":
                found[key] = self.mechanisms.anchor(self.cleared.found, self.state, workload)
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
        if self._values[f"chips.{chip}.tracks_frontier"]:
            parts.append(self._over(dynamics.frontier_fall, price_decline="finance.price_decline"))
        if "output" in self.mechanisms.states and chip in self.mechanisms.domestic_chips:
            terms = {"before": self.state["output"], "after": self._output}
            parts.append(self._call(dynamics.learning, **terms, learning_rate=self._values["domestic.learning_rate"]))
        return parts

    def _capacity(self, channel: str) -> Array:
        """Factor by which a channel's capacity grows over the step."""
        own, role = f"channels.{channel}.", self._values[f"channels.{channel}.role"]
        if self._values[f"{own}kind"] == "inventory":
            return self._survival(channel)
        parts = [self._over(dynamics.growth, rate=f"{own}capacity_growth")]
        if role in EVADING:
            parts.append(self._entered(channel))
        if role != "domestic":
            return self._product(*parts)
        factor = self._product(*parts, self._call(dynamics.growth, rate=self._domestic_growth, years=self.years))
        limit = self._values.get("domestic.capacity_limit")
        terms = {"factor": factor, "capacity": self._values[f"{own}capacity"], "limit": limit}
        return factor if limit is None else self._call(dynamics.within_limit, **terms)

    @cached_property
    def _domestic_growth(self) -> Array:
        """Annual growth of domestic capacity at today's premium."""
        most = self._values.get("domestic.max_growth", float("inf"))
        terms = {name: self._values[f"domestic.{name}_growth"] for name in ("capacity", "induced")}
        return self._call(
            dynamics.induced_growth,
            growth=terms["capacity"],
            induced=terms["induced"],
            premium=self.cleared.premium,
            most=most,
        )

    def _entered(self, channel: str) -> Array:
        return self._call(
            dynamics.entered,
            rate=self._values["entry.rate"],
            leaving=self._values["entry.exit"],
            returns=self.cleared.return_on_supply(channel),
            probability=self._values.get(f"channels.{channel}.interdiction_probability", 0.0),
            years=self.years,
        )

    # -- stocks ----------------------------------------------------------------------------------------------------

    def _retirement(self, channel: str) -> Array:
        """Continuous annual rate at which accelerators of a channel are lost or scrapped."""
        loss = self._call(hazard.hazard_rate, probability=self._values[f"channels.{channel}.loss_hazard"])
        return self._call(dynamics.retirement, hazard=loss, life=self._values["finance.economic_life"])

    def _turned_over(self, installed: Array, deliveries: Array, growth: Array, retirement: Array) -> Array:
        turnover = self._values["stocks.turnover"]
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
        installed = self._values[f"channels.{channel}.installed"]
        growth = self._capacity(channel)
        return self._turned_over(installed, self.cleared.deliveries(channel), growth, self._retirement(channel))

    @cached_property
    def _output(self) -> Array:
        """Cumulative output of domestic chips at the next date."""
        found = self.state["output"]
        for channel in self.mechanisms.of_role("domestic"):
            terms = {"deliveries": self.cleared.deliveries(channel), "growth": self._capacity(channel)}
            found = self._call(
                dynamics.turned_over, installed=found, **terms, retirement=0.0, turnover=1.0, years=self.years
            )
        return found

    # -- enforcement and evasion -----------------------------------------------------------------------------------

    def _enforced(self, channel: str) -> dict[str, Array]:
        """Effort against a channel and how far evasion has adapted; the anchor stays."""
        share = self._call(total, **{c: self.cleared.share(c) for c in self.mechanisms.of_role(*EVADING)})
        effort = self._call(
            dynamics.responded,
            effort=self.state[f"effort {channel}"],
            response=self._values["enforcement.response"],
            share=share,
            tolerance=self._values["enforcement.tolerance"],
            years=self.years,
        )
        adaptation = self._call(
            dynamics.adapted,
            adaptation=self.state[f"adaptation {channel}"],
            rate=self._values["adaptation.rate"],
            decay=self._values["adaptation.decay"],
            probability=self._values[f"channels.{channel}.interdiction_probability"],
            years=self.years,
        )
        names = (f"effort {channel}", f"adaptation {channel}", f"anchor {channel}")
        return dict(zip(names, (effort, adaptation, self.state[names[2]]), strict=True))

    # -- small steps -----------------------------------------------------------------------------------------------

    @property
    def _values(self) -> dict[str, Any]:
        """Value of every parameter at the date; rates are real."""
        return self.cleared.found.values  # type: ignore[return-value]

    def _call(self, function: Callable[..., Array], **arguments: Any) -> Array:
        found: Array = self.cleared.call(function, **arguments)
        return found

    def _over(self, function: Callable[..., Any], **paths: str) -> Array:
        """A rate's effect over the step."""
        return self._call(function, **{name: self._values[path] for name, path in paths.items()}, years=self.years)

    def _product(self, *parts: Array) -> Array:
        """Product of all parts, of which some may be 1."""
        return self._call(_product, **{f"part_{place}": part for place, part in enumerate(parts)})


def _product(**parts: Array) -> Array:
    found: Array = 1.0
    for part in parts.values():
        found = found * part
    return found
