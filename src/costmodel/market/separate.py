"""Training and inference cleared apart: two prices, one stock of chips."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from costmodel.arrays import Array
from costmodel.costs import TASKS
from costmodel.formulas import market as equations
from costmodel.market import assignment, clearing
from costmodel.market.clearing import Table
from costmodel.market.offers import delivered, in_service
from costmodel.market.results import Market

# A shortfall below this share of what is wanted is rounding.
_ROUNDING = 1e-9
# The least share of the mix that either task has.
_TRACE = 1e-9


@dataclass(frozen=True)
class SeparateMarket(Market):
    """A market in which training and inference each have their demand and their price.

    An H100e of either is counted in its own unit; prices and counterfactual are those of the mix as it is wanted.

    Examples:
        >>> from costmodel import load
        >>> from costmodel.costs import Evaluation
        >>> case = load("baseline")
        >>> market = SeparateMarket(Evaluation(case, case.central))
        >>> bool(market.task_price("training") > 0), bool(market.task_price("inference") > 0)
        (True, True)
    """

    @cached_property
    def table(self) -> Table:
        """Offers as `assignment` takes them, with as many draws as demand has."""
        columns = {
            "cost": [self._hourly(offer.annual_cost) for offer in self.offers],
            "capacity": [delivered(self.found, offer) for offer in self.offers],
            "slope": [offer.slope for offer in self.offers],
        }
        columns |= {task: [in_service(self.found, offer.channel, task) for offer in self.offers] for task in TASKS}
        table = self.call(assignment.joint_table, **clearing.numbered(columns))
        found: Table = self.call(clearing.aligned, offers=table, **self._demand_of_both)
        return found

    def _hourly(self, annual: Array) -> Array:
        """An amount per year as one per hour in which the reference chip is up."""
        found: Array = self.call(_quotient, a=annual, b=self.annual(1.0))
        return found

    @cached_property
    def _demand_of_both(self) -> dict[str, Array]:
        return {f"{task}_{name}": value for task in TASKS for name, value in self.demand(task).items()}

    def demand(self, task: str) -> dict[str, Array]:
        """Terms of demand for a task; what a set leaves out follows from the mix."""
        values, without = self.found.values, self.found.counterfactual(task)
        quantity = values.get(f"demand.{task}.quantity")
        if quantity is None:
            terms = {"quantity": values["demand.quantity"], "share": values["workloads.training.share"]}
            quantity = self.call(_part_of_mix, **terms, training=task == TASKS[0])
        choke = values.get(f"demand.{task}.choke_price", values["demand.choke_price"])
        return {
            "quantity": quantity,
            "elasticity": values.get(f"demand.{task}.elasticity", values["demand.elasticity"]),
            "counterfactual": without,
            "highest_price": self.call(equations.highest_price, choke_price=choke, counterfactual=without),
        }

    @cached_property
    def assignment(self) -> Table:
        """Prices of both tasks and the accelerators that each uses, shape (2, 1 + offers, …)."""
        found: Table = self.call(assignment.assigned, offers=self.table, **self._demand_of_both)
        return found

    # -- by task ---------------------------------------------------------------------------------------------------

    def task_price(self, task: str) -> Array:
        """Clearing price of a task, USD/H100e-h."""
        found: Array = self.call(assignment.task_price, assignment=self.assignment, task=TASKS.index(task))
        return found

    def task_premium(self, task: str) -> Array:
        """Price of a task over that without controls, less 1."""
        without = self.found.counterfactual(task)
        found: Array = self.call(equations.relative_rise, price=self.task_price(task), counterfactual=without)
        return found

    def task_used(self, task: str) -> Table:
        """What a task uses of each offer, H100e in service, shape (offers, …)."""
        found: Table = self.call(
            assignment.task_used, offers=self.table, assignment=self.assignment, task=TASKS.index(task)
        )
        return found

    def task_quantity(self, task: str, channel: str | None = None) -> Array:
        """What a task uses of a channel, or in all, H100e in service."""
        return self._sum(self.task_used(task), None if channel is None else self._rows(channel))

    def task_denied(self, task: str) -> Array:
        """Share of what a task wants without controls that is not in service."""
        wanted = self.demand(task)["quantity"]
        found: Array = self.call(equations.denied, used=self.task_quantity(task), quantity=wanted)
        return found

    def task_scarce(self, task: str) -> Array:
        """1 where a task's price stands at its choke price and some of what it wants is not served; else 0."""
        terms = self.demand(task)
        highest = terms.pop("highest_price")
        price, used = self.task_price(task), self.task_quantity(task)
        wanted = self.call(equations.demanded, price=price, **terms)
        found: Array = self.call(_short, price=price, highest=highest, used=used, wanted=wanted)
        return found

    # -- of both ---------------------------------------------------------------------------------------------------

    def _weighted(self, prices: dict[str, Array]) -> Array:
        """Mean of two prices, by what is wanted of each without controls."""
        weights = {f"{task}_wanted": self.demand(task)["quantity"] for task in TASKS}
        found: Array = self.call(_mean, **prices, **weights)
        return found

    @property
    def price(self) -> Array:
        return self._weighted({task: self.task_price(task) for task in TASKS})

    @property
    def counterfactual(self) -> Array:
        return self._weighted({task: self.found.counterfactual(task) for task in TASKS})

    @cached_property
    def wanted(self) -> Array:
        return self._added([self.demand(task)["quantity"] for task in TASKS])

    @property
    def scarce(self) -> Array:
        found: Array = self.call(_higher, **{task: self.task_scarce(task) for task in TASKS})
        return found

    @cached_property
    def used(self) -> Table:
        return self._added([self.task_used(task) for task in TASKS])  # type: ignore[return-value]

    def capacity(self, channel: str) -> Array:
        """What a channel can bring into use in all: what is used, and what is not at the work that pays it better."""
        units = {f"{task}_unit": in_service(self.found, channel, task) for task in TASKS}
        prices = {f"{task}_price": self.task_price(task) for task in TASKS}
        rows = self._rows(channel)
        arriving = self._added([delivered(self.found, self.offers[row]) for row in rows])
        idle = self._difference(arriving, self._sum(self.accelerators_used, rows))
        return self._added([self.quantity(channel), self.call(_at_better_work, idle=idle, **units, **prices)])

    @cached_property
    def accelerators_used(self) -> Table:
        found: Table = self.call(assignment.accelerators, assignment=self.assignment)
        return found

    @cached_property
    def rent_by_offer(self) -> Table:
        found = self.call(assignment.rents_of_both, offers=self.table, assignment=self.assignment)
        return self.annual(found)  # type: ignore[return-value]

    @property
    def revenue_by_offer(self) -> Table:
        parts = [self._product(self.task_used(task), self.task_price(task)) for task in TASKS]
        return self.annual(self._added(parts))  # type: ignore[return-value]

    def _paid(self, prices: dict[str, Array]) -> Array:
        return self.annual(self._added([self._product(prices[task], self.task_quantity(task)) for task in TASKS]))

    @property
    def spending(self) -> Array:
        return self._paid({task: self.task_price(task) for task in TASKS})

    @property
    def spending_without_controls(self) -> Array:
        return self._paid({task: self.found.counterfactual(task) for task in TASKS})

    @property
    def surplus_loss(self) -> Array:
        parts = []
        for task in TASKS:
            terms = {name: x for name, x in self.demand(task).items() if name != "highest_price"}
            parts.append(self.call(equations.surplus_loss, price=self.task_price(task), **terms))
        return self.annual(self._added(parts))

    def earning(self, channel: str) -> Array:
        worth = {task: self._product(self.task_price(task), in_service(self.found, channel, task)) for task in TASKS}
        return self.annual(self.call(_higher, **worth))


def _quotient(a: Array, b: Array) -> Array:
    return a / b


def _part_of_mix(quantity: Array, share: Array, *, training: bool) -> Array:
    # Of work that nobody wants a trace is left: its price is what the first unit would take.
    return quantity * np.maximum(share if training else 1.0 - share, _TRACE)


def _higher(training: Array, inference: Array) -> Array:
    found: Array = np.maximum(training, inference)
    return found


def _mean(training: Array, inference: Array, training_wanted: Array, inference_wanted: Array) -> Array:
    both = training * training_wanted + inference * inference_wanted
    return both / (training_wanted + inference_wanted)


def _short(price: Array, highest: Array, used: Array, wanted: Array) -> Array:
    """1 where a price stands at its highest and less is used than wanted there, by more than rounding."""
    found: Array = np.asarray((price >= highest) & (used < wanted * (1.0 - _ROUNDING))).astype(float)
    return found


def _at_better_work(
    idle: Array, training_unit: Array, inference_unit: Array, training_price: Array, inference_price: Array
) -> Array:
    trains = np.greater_equal(training_price * training_unit, inference_price * inference_unit)
    found: Array = np.maximum(idle, 0.0) * np.where(trains, training_unit, inference_unit)
    return found
