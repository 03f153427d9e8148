"""Results that can be asked for by name: what sensitivities, sweeps and decisions look at.

`OUTCOMES` is the table of them; a further kind of result is one row.
"""

from collections.abc import Callable
from dataclasses import dataclass

from costmodel.arrays import Array
from costmodel.costs import TASKS, UNIT, WORKLOADS, Evaluation, rivals
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.market import GOVERNMENTS, SeparateMarket, has_market, market
from costmodel.parameters.model import ParameterSet

# What the market says may be asked for without its first word.
_MARKET, _SEPARATE = "market.", "separate."


@dataclass(frozen=True)
class Outcome:
    """A named result.

    Attributes:
        name: as it is asked for, such as `cost.mix.domestic`.
        unit: unit of its values.
        workload: workload that it is about.
        channel: channel that it is about, where it is about one.
        function: its value, from an evaluation.
    """

    name: str
    unit: str
    workload: str
    channel: str | None
    function: Callable[[Evaluation], Array]

    @property
    def of_market(self) -> bool:
        """Whether it is a result of the market, not of a channel's or workload's cost."""
        return self.name.startswith((_MARKET, _SEPARATE))

    def __call__(self, evaluation: Evaluation) -> Array:
        """The value: a float, or an array of draws."""
        return self.function(evaluation)


def _always(_: ParameterSet, __: str) -> bool:
    return True


@dataclass(frozen=True)
class Row:
    """A row of `OUTCOMES`.

    Attributes:
        says: what it is, for the documentation and the command line.
        unit: unit of its values.
        function: its value from an evaluation, a workload and a channel ("" where it is about none).
        by_channel: whether there is one for each channel.
        by_workload: whether there is one for each workload; otherwise it is about the market for the mix.
        exists: whether a set has it, of a channel ("" where it is about none).
    """

    says: str
    unit: str
    function: Callable[[Evaluation, str, str], Array]
    by_channel: bool = False
    by_workload: bool = True
    exists: Callable[[ParameterSet, str], bool] = _always


def _any_open(case: ParameterSet, _: str) -> bool:
    return bool(rivals(case))


def _cleared(case: ParameterSet, _: str) -> bool:
    return has_market(case)


def _bought(case: ParameterSet, channel: str) -> bool:
    return has_market(case) and case.text(f"channels.{channel}.kind") == "purchase"


def _budgeted(case: ParameterSet, _: str) -> bool:
    return has_market(case) and float(case.central.get("enforcement.budget", 0.0)) > 0  # type: ignore[arg-type]


def _of_market(
    says: str, unit: str, name: str, exists: Callable[[ParameterSet, str], bool] = _cleared, *arguments: str
) -> Row:
    """A result of the market: an attribute of `Market`, or a method of it with some arguments."""

    def value(found: Evaluation, _: str, __: str) -> Array:
        item = getattr(market(found), name)
        result: Array = item(*arguments) if arguments else item
        return result

    return Row(says, unit, value, by_workload=False, exists=exists)


def _of_channel(says: str, unit: str, name: str, exists: Callable[[ParameterSet, str], bool] = _cleared) -> Row:
    """A result of the market by channel: a method of `Market`."""

    def value(found: Evaluation, _: str, channel: str) -> Array:
        result: Array = getattr(market(found), name)(channel)
        return result

    return Row(says, unit, value, by_channel=True, by_workload=False, exists=exists)


def _of_task(says: str, unit: str, name: str, task: str, *, by_channel: bool = False) -> Row:
    """A result of the market with training and inference apart: a method of `SeparateMarket`."""

    def value(found: Evaluation, _: str, channel: str) -> Array:
        method = getattr(SeparateMarket(found), name)
        result: Array = method(task, channel) if by_channel else method(task)
        return result

    return Row(f"apart: {says}", unit, value, by_channel=by_channel, by_workload=False, exists=_cleared)


_TASK_ROWS = {
    "price": ("clearing price of one task", UNIT, "task_price"),
    "premium": ("its price over that without controls, less 1", "1", "task_premium"),
    "compute_denied": ("share of what it wants that is not in service", "1", "task_denied"),
    "scarce": ("whether its price stands at its choke price", "1", "task_scarce"),
    "total": ("compute that it uses", "H100e", "task_quantity"),
}

OUTCOMES: dict[str, Row] = {
    "cost": Row("effective cost of a channel", UNIT, Evaluation.cost, by_channel=True),
    "premium": Row("premium of a channel over the counterfactual", "1", Evaluation.premium, by_channel=True),
    "counterfactual": Row("cost without controls", UNIT, lambda found, workload, _: found.counterfactual(workload)),
    "lowest": Row(
        "cost of the cheapest open channel", UNIT, lambda found, workload, _: found.lowest(workload), exists=_any_open
    ),
    "lowest_premium": Row(
        "premium of the cheapest open channel",
        "1",
        lambda found, workload, _: found.premium(workload),
        exists=_any_open,
    ),
    "market.price": _of_market("clearing price", UNIT, "price"),
    "market.counterfactual": _of_market("price without controls", UNIT, "counterfactual"),
    "market.premium": _of_market("clearing price over the cost without controls, less 1", "1", "premium"),
    "market.compute_denied": _of_market("share of the compute wanted that is not in service", "1", "compute_denied"),
    "market.denied_quantity": _of_market("compute wanted and not in service", "H100e", "denied_quantity"),
    "market.total": _of_market("compute in service", "H100e", "total"),
    "market.average_cost": _of_market("supply cost of a unit used", UNIT, "average_cost"),
    "market.scarce": _of_market("whether the price stands at the choke price", "1", "scarce"),
    "market.surplus_loss": _of_market("buyers' loss of surplus", "USD/year", "surplus_loss"),
    "market.rents": _of_market("rents of all channels, a part of that loss", "USD/year", "rents"),
    "market.extra_cost": _of_market("real extra cost, a part of that loss", "USD/year", "extra_cost"),
    "market.denied_use": _of_market("surplus of denied use, a part of that loss", "USD/year", "denied_use"),
    "market.spending": _of_market("what buyers pay", "USD/year", "spending"),
    "market.supply_cost": _of_market("what supply takes, transfers included", "USD/year", "supply_cost"),
    "market.transfers": _of_market("fees, taxes and penalties as buyers pay them", "USD/year", "transfers"),
    "market.resource_cost": _of_market("what supply uses up, transfers left out", "USD/year", "resource_cost"),
    **{
        f"market.receipts_{government}": _of_market(
            f"fees, taxes and penalties: {label.lower()}", "USD/year", "received", _cleared, government
        )
        for government, label in GOVERNMENTS.items()
    },
    "market.denied_per_budget": _of_market(
        "compute denied for each million USD of enforcement budget", "H100e", "denied_per_budget", _budgeted
    ),
    **{
        f"separate.{name}.{task}": _of_task(says, unit, attribute, task)
        for name, (says, unit, attribute) in _TASK_ROWS.items()
        for task in TASKS
    },
    **{
        f"separate.quantity.{task}": _of_task(
            f"what {task} uses of a channel", "H100e", "task_quantity", task, by_channel=True
        )
        for task in TASKS
    },
    "market.unit_cost": _of_channel("what the first unit of a channel's capacity takes", UNIT, "unit_cost"),
    "market.capacity": _of_channel("what a channel can bring into service", "H100e", "capacity"),
    "market.quantity": _of_channel("what is used of a channel", "H100e", "quantity"),
    "market.share": _of_channel("a channel's share of what is used", "1", "share"),
    "market.rent": _of_channel("a channel's rent", "USD/year", "rent"),
    "market.quasi_rent": _of_channel("the part of it earned by units in service already", "USD/year", "quasi_rent"),
    "market.implied_markup": _of_channel(
        "price markup that the clearing price implies", "1", "implied_markup", _bought
    ),
    "market.shadow_price": _of_channel("worth of one more accelerator of capacity", "USD/year", "shadow_price"),
}


def names(case: ParameterSet) -> tuple[str, ...]:
    """Names of all outcomes of a set."""
    return tuple(
        ".".join(filter(None, (kind, workload, channel)))
        for kind, row in OUTCOMES.items()
        for workload in (WORKLOADS if row.by_workload else ("",))
        for channel in (case.channels if row.by_channel else ("",))
        if row.exists(case, channel)
    )


def closest(case: ParameterSet, name: str) -> str:
    """What somebody may have meant who asked for an outcome that a set does not have, short names among it."""
    known = names(case)
    short = [each.removeprefix(_MARKET) for each in known if each.startswith(_MARKET)]
    return nearest(name, [*known, *short, *case.channels])


def outcome(case: ParameterSet, name: str) -> Outcome:
    """The outcome of that name.

    Args:
        case: parameter set.
        name: `cost.<workload>.<channel>`, `premium.<workload>.<channel>`, `counterfactual.<workload>`,
            `lowest.<workload>`, `lowest_premium.<workload>`, or a result of the market such as `market.price` or
            `market.share.<channel>`, where `market.` may be left out; a channel alone is its cost on the mix.

    Raises:
        ParameterError: there is none; the message says which is nearest.

    Examples:
        >>> from costmodel import load
        >>> outcome(load("baseline"), "domestic").name
        'cost.mix.domestic'
    """
    for full in (name, f"cost.mix.{name}", f"{_MARKET}{name}"):
        if found := _named(case, full):
            return found
    raise ParameterError([Problem("", f"no outcome `{name}`; {closest(case, name)}", "--outcome")])


def _named(case: ParameterSet, full: str) -> Outcome | None:
    """The outcome of that full name, one of `names`; None where there is none."""
    kind = max((kind for kind in OUTCOMES if f"{full}.".startswith(f"{kind}.")), key=len, default=None)
    if kind is None:
        return None
    row, tail = OUTCOMES[kind], full.removeprefix(kind).split(".")[1:]
    if len(tail) != row.by_workload + row.by_channel:
        return None
    workload = tail.pop(0) if row.by_workload else "mix"
    about = tail[0] if tail else None
    if workload not in WORKLOADS or (about is not None and about not in case.channels):
        return None
    if not row.exists(case, about or ""):
        return None
    return Outcome(full, row.unit, workload, about, lambda found: row.function(found, workload, about or ""))
