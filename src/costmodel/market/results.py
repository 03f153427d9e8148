"""What a cleared market says: price, quantities, rents, and who gains and loses.

`Market` has what any clearing has; `pooled` and `separate` say how the price comes about.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from costmodel.arrays import Array
from costmodel.channels import KINDS, total
from costmodel.costs import Evaluation
from costmodel.formulas import dynamics
from costmodel.formulas import market as equations
from costmodel.market.clearing import Table, aligned, numbered, summed, table_of, worth_of_capacity
from costmodel.market.offers import Offer, delivered, offered, offers, transfers, unit_cost

#: Governments among which receipts are split, with their names in documents.
GOVERNMENTS = {"exporting": "Exporting government", "importing": "Importing government"}


@dataclass(frozen=True)
class Market(ABC):
    """A market at some values of the parameters, cleared when it is asked for and only once.

    Quantities are in H100e in service, prices in USD/H100e-h, amounts in USD a year.

    Attributes:
        found: costs at these values.
        closed: a channel whose capacity is withdrawn, beyond those that are closed anyway.
    """

    found: Evaluation
    closed: str | None = None

    @property
    @abstractmethod
    def price(self) -> Array:
        """Clearing price π*, USD/H100e-h; of two workloads cleared apart, that of the mix as it is wanted."""

    @property
    @abstractmethod
    def counterfactual(self) -> Array:
        """Price without controls π₀, USD/H100e-h, for the same mix."""

    @property
    @abstractmethod
    def scarce(self) -> Array:
        """1 where all that is offered is used at the choke price and some of what is wanted is not served; else 0."""

    @property
    @abstractmethod
    def used(self) -> Table:
        """What is used of each offer, H100e in service, shape (offers, …)."""

    @property
    @abstractmethod
    def accelerators_used(self) -> Table:
        """How many accelerators of each offer are used, shape (offers, …)."""

    @property
    @abstractmethod
    def rent_by_offer(self) -> Table:
        """Rent of each offer, USD a year, shape (offers, …)."""

    @property
    @abstractmethod
    def revenue_by_offer(self) -> Table:
        """What buyers pay for what is used of each offer, USD a year, shape (offers, …)."""

    @property
    @abstractmethod
    def spending(self) -> Array:
        """What buyers pay, USD a year."""

    @property
    @abstractmethod
    def spending_without_controls(self) -> Array:
        """What buyers would pay for what they still use at the price without controls, USD a year."""

    @property
    @abstractmethod
    def surplus_loss(self) -> Array:
        """Buyers' loss of surplus against the price without controls, USD a year."""

    @abstractmethod
    def earning(self, channel: str) -> Array:
        """What one accelerator of a channel earns in service at the clearing price, USD a year."""

    # -- offers ----------------------------------------------------------------------------------------------------

    @cached_property
    def all_offers(self) -> tuple[Offer, ...]:
        """Offers of all channels, those without capacity among them."""
        return offers(self.found)

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """Offers that take part; where there are none, one of nothing."""
        counting = offers(self.found, counting=True)
        open_ones = tuple(offer for offer in counting if offer.sunk or offer.channel != self.closed)
        return open_ones or (replace(self.all_offers[0], accelerators=0.0),)

    def mix_table(self, some: Sequence[Offer]) -> Table:
        """Some offers as `clearing` takes them, told for the mix."""
        columns = {
            "cost": [unit_cost(self.found, offer, "mix") for offer in some],
            "capacity": [offered(self.found, offer, "mix") for offer in some],
            "slope": [offer.slope for offer in some],
        }
        found: Table = self.call(table_of, **numbered(columns))
        return found

    def _rows(self, channel: str, *, sunk: bool | None = None) -> tuple[int, ...]:
        """Places of a channel's offers in tables."""
        return tuple(
            place
            for place, offer in enumerate(self.offers)
            if offer.channel == channel and (sunk is None or offer.sunk is sunk)
        )

    def call(self, function: Callable[..., Any], **arguments: Any) -> Any:
        """An equation's value, remembered with the evaluation."""
        return self.found.call(function, arguments)

    def _sum(self, table: Table, rows: Iterable[int] | None = None) -> Array:
        rows = range(len(self.offers)) if rows is None else rows
        found: Array = self.call(_sum_of_rows, table=table, rows=tuple(rows))
        return found

    def new_offer(self, channel: str) -> Offer:
        """The offer that a channel's `capacity` makes."""
        return [offer for offer in self.all_offers if offer.channel == channel][-1]

    # -- by channel ------------------------------------------------------------------------------------------------

    def unit_cost(self, channel: str) -> Array:
        """What it takes to bring the first unit of a channel's capacity into use, USD/H100e-h on the mix."""
        return unit_cost(self.found, self.new_offer(channel), "mix")

    def capacity(self, channel: str) -> Array:
        """What a channel can bring into use in all, H100e in service on the mix."""
        parts = [offered(self.found, self.offers[row], "mix") for row in self._rows(channel)]
        return self._added(parts)

    def quantity(self, channel: str) -> Array:
        """What is used of a channel, H100e in service."""
        return self._sum(self.used, self._rows(channel))

    def share(self, channel: str) -> Array:
        """A channel's share of what is used."""
        found: Array = self.call(equations.share_of, part=self.quantity(channel), whole=self.total)
        return found

    def rent(self, channel: str) -> Array:
        """What a channel earns above its marginal cost, USD a year; of sunk units this pays for their capital too."""
        return self._sum(self.rent_by_offer, self._rows(channel))

    def quasi_rent(self, channel: str) -> Array:
        """The part of a channel's rent that units earn which are in service already, USD a year."""
        return self._sum(self.rent_by_offer, self._rows(channel, sunk=True))

    def deliveries(self, channel: str) -> Array:
        """New accelerators of a channel that come into use within the year."""
        return self._sum(self.accelerators_used, self._rows(channel, sunk=False))

    def return_on_supply(self, channel: str) -> Array:
        """Rent of a channel's new units over what their supply takes; 0 where none is used."""
        rows = self._rows(channel, sunk=False)
        rent, revenue = (self._sum(table, rows) for table in (self.rent_by_offer, self.revenue_by_offer))
        found: Array = self.call(dynamics.return_on_supply, rent=rent, revenue=revenue)
        return found

    def implied_markup(self, channel: str) -> Array:
        """Price markup at which a purchase channel would cost what the market pays; NaN for other kinds."""
        if self.found.values[f"channels.{channel}.kind"] != "purchase":
            return np.nan
        costs = {name: self._cost_at_markup(channel, m) for name, m in (("cost_without", 0.0), ("cost_doubled", 1.0))}
        found: Array = self.call(equations.implied_markup, price=self.earning(channel), **costs)
        return found

    def _cost_at_markup(self, channel: str, markup: float) -> Array:
        """Annual cost of an accelerator if its price had a markup, USD."""
        kind = KINDS[self.found.values[f"channels.{channel}.kind"]]
        stack = kind.stack(self.found.terms(channel) | {"price_markup": markup}, self.found.call)
        cost: Array = self.call(total, **stack)
        return cost

    def shadow_price(self, channel: str) -> Array:
        """What one more accelerator of a channel's capacity would earn above its cost, USD a year."""
        offer, earning = self.new_offer(channel), self.earning(channel)
        table = self.call(table_of, cost=offer.annual_cost, capacity=1.0, slope=offer.slope)
        offers = self.call(aligned, offers=table, earning=earning)
        worth = self._sum(self.call(worth_of_capacity, offers=offers, price=earning), (0,))
        arriving = delivered(self.found, replace(offer, accelerators=1.0))
        return self._product(worth, arriving)

    # -- in all ----------------------------------------------------------------------------------------------------

    @cached_property
    def wanted(self) -> Array:
        """Compute wanted at the price without controls D₀, H100e in service."""
        found: Array = self.found.values["demand.quantity"]
        return found

    @property
    def premium(self) -> Array:
        """Price over that without controls, less 1."""
        found: Array = self.call(equations.relative_rise, price=self.price, counterfactual=self.counterfactual)
        return found

    @property
    def total(self) -> Array:
        """All that is used, H100e in service."""
        return self._sum(self.used)

    @property
    def compute_denied(self) -> Array:
        """Share of what is wanted without controls that is not in service."""
        found: Array = self.call(equations.denied, used=self.total, quantity=self.wanted)
        return found

    @property
    def denied_quantity(self) -> Array:
        """Compute wanted without controls and not in service, H100e."""
        return self._difference(self.wanted, self.total)

    @property
    def rents(self) -> Array:
        """Rents of all channels, USD a year."""
        return self._sum(self.rent_by_offer)

    @property
    def supply_cost(self) -> Array:
        """What it takes to supply all that is used, USD a year: capital of units in service already is not in it."""
        return self._difference(self.spending, self.rents)

    @property
    def average_cost(self) -> Array:
        """Supply cost of a unit, USD/H100e-h; 0 where nothing is used."""
        hours = self.annual(self.total)
        found: Array = self.call(equations.share_of, part=self.supply_cost, whole=hours)
        return found

    @property
    def extra_cost(self) -> Array:
        """Supply cost above the price without controls, of what is used, USD a year; negative where sunk units save."""
        return self._difference(self.supply_cost, self.spending_without_controls)

    @property
    def denied_use(self) -> Array:
        """Surplus of the use that is given up, USD a year."""
        paid = self._difference(self.spending, self.spending_without_controls)
        return self._difference(self.surplus_loss, paid)

    @cached_property
    def receipts(self) -> Mapping[str, tuple[Array, Array]]:
        """Fees, taxes and penalties by government: as buyers pay them and as received, USD a year.

        Of units that come in within the year, as an annual charge over their life.
        """
        parts: dict[str, list[tuple[Array, Array]]] = {name: [] for name in GOVERNMENTS}
        for row, offer in enumerate(self.offers):
            kind = KINDS[self.found.values[f"channels.{offer.channel}.kind"]]
            if offer.sunk or not kind.transfers:
                continue
            number = self.call(_row, table=self.accelerators_used, row=row)
            amounts = transfers(self.found, offer.channel)
            for item in kind.transfers:
                paid, received = (self._product(number, amount) for amount in amounts[item.name])
                parts[item.to].append((paid, received))
        return {
            name: (self._added([paid for paid, _ in found]), self._added([received for _, received in found]))
            for name, found in parts.items()
        }

    def received(self, government: str) -> Array:
        """What a government gets of fees, taxes and penalties, USD a year."""
        return self.receipts[government][1]

    @property
    def transfers(self) -> Array:
        """Fees, taxes and penalties as buyers pay them, to all governments, USD a year."""
        return self._added([paid for paid, _ in self.receipts.values()])

    @property
    def resource_cost(self) -> Array:
        """Supply cost without what buyers pay to governments, USD a year: what is used up."""
        return self._difference(self.supply_cost, self.transfers)

    @property
    def denied_per_budget(self) -> Array:
        """H100e denied for each million USD of the enforcement budget; NaN where none is stated."""
        budget = self.found.values.get("enforcement.budget")
        if budget is None:
            return np.nan
        found: Array = self.call(_per_million, quantity=self.denied_quantity, budget=budget)
        return found

    # -- small steps -----------------------------------------------------------------------------------------------

    def annual(self, amount: Array) -> Array:
        """An amount per hour as one per year: times the hours in which the reference chip is up."""
        up = self.found.values["reference.availability"]
        found: Array = self.call(equations.annual_revenue, price=amount, reference_availability=up)
        return found

    def _added(self, parts: list[Array]) -> Array:
        found: Array = self.call(total, **{f"part_{place}": part for place, part in enumerate(parts)})
        return found

    def _difference(self, a: Array, b: Array) -> Array:
        found: Array = self.call(_minus, a=a, b=b)
        return found

    def _product(self, a: Array, b: Array) -> Array:
        found: Array = self.call(_times, a=a, b=b)
        return found


def _sum_of_rows(table: Table, rows: tuple[int, ...]) -> Array:
    found: Array = summed(table[list(rows)]) if rows else np.zeros(table.shape[1:])
    return found


def _row(table: Table, row: int) -> Array:
    found: Array = table[row]
    return found


def _minus(a: Array, b: Array) -> Array:
    return a - b


def _times(a: Array, b: Array) -> Array:
    return a * b


def _per_million(quantity: Array, budget: Array) -> Array:
    return quantity / budget * 1e6
