"""The mix cleared at one price: all channels compete for all work."""

from dataclasses import dataclass
from functools import cached_property

from costmodel.arrays import Array
from costmodel.formulas import market as equations
from costmodel.market import clearing
from costmodel.market.clearing import Table
from costmodel.market.offers import in_service
from costmodel.market.results import Market


@dataclass(frozen=True)
class PooledMarket(Market):
    """A market for the mix of training and inference.

    Examples:
        >>> from costmodel import load
        >>> from costmodel.costs import Evaluation
        >>> case = load("baseline")
        >>> market = PooledMarket(Evaluation(case, case.central))
        >>> bool(abs(sum(market.share(channel) for channel in case.channels) - 1.0) < 1e-12)
        True
    """

    @cached_property
    def table(self) -> Table:
        """Offers as `clearing` takes them, with as many draws as demand has."""
        table = self.mix_table(self.offers)
        found: Table = self.call(clearing.aligned, offers=table, **self.demand, highest_price=self.highest_price)
        return found

    @cached_property
    def demand(self) -> dict[str, Array]:
        """Terms of demand."""
        elasticity = self.found.values["demand.elasticity"]
        return {"quantity": self.wanted, "elasticity": elasticity, "counterfactual": self.counterfactual}

    @property
    def counterfactual(self) -> Array:
        return self.found.counterfactual("mix")

    @property
    def highest_price(self) -> Array:
        """Price above which nothing is wanted π_max, USD/H100e-h."""
        choke = self.found.values["demand.choke_price"]
        found: Array = self.call(equations.highest_price, choke_price=choke, counterfactual=self.counterfactual)
        return found

    @cached_property
    def price(self) -> Array:
        found: Array = self.call(
            clearing.clearing_price, offers=self.table, **self.demand, highest_price=self.highest_price
        )
        return found

    @property
    def wanted_at_price(self) -> Array:
        """Demand at the clearing price, H100e in service."""
        found: Array = self.call(equations.demanded, price=self.price, **self.demand)
        return found

    @property
    def scarce(self) -> Array:
        found: Array = self.call(
            clearing.is_scarce,
            offers=self.table,
            price=self.price,
            wanted=self.wanted_at_price,
            highest_price=self.highest_price,
        )
        return found

    @cached_property
    def used(self) -> Table:
        found: Table = self.call(clearing.quantities, offers=self.table, price=self.price, wanted=self.wanted_at_price)
        return found

    @cached_property
    def accelerators_used(self) -> Table:
        units = {f"unit_{row}": in_service(self.found, offer.channel, "mix") for row, offer in enumerate(self.offers)}
        found: Table = self.call(clearing.each_divided, table=self.used, **units)
        return found

    @cached_property
    def rent_by_offer(self) -> Table:
        per_hour = self.call(clearing.rents, offers=self.table, quantities=self.used, price=self.price)
        return self.annual(per_hour)  # type: ignore[return-value]

    @property
    def revenue_by_offer(self) -> Table:
        return self.annual(self._product(self.used, self.price))  # type: ignore[return-value]

    @property
    def spending(self) -> Array:
        return self.annual(self._product(self.price, self.total))

    @property
    def spending_without_controls(self) -> Array:
        return self.annual(self._product(self.counterfactual, self.total))

    @property
    def surplus_loss(self) -> Array:
        found: Array = self.call(equations.surplus_loss, price=self.price, **self.demand)
        return self.annual(found)

    def earning(self, channel: str) -> Array:
        return self.annual(self._product(self.price, in_service(self.found, channel, "mix")))
