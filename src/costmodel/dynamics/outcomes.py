"""What is followed along a path; a further result is one row of `FOLLOWED`."""

from collections.abc import Callable
from dataclasses import dataclass

from costmodel.arrays import Array
from costmodel.costs import UNIT
from costmodel.dynamics.cumulative import CUMULATIVE
from costmodel.formulas import dynamics
from costmodel.formulas import market as equations
from costmodel.market import Market, clearing
from costmodel.parameters.checks import EVADING
from costmodel.parameters.model import ParameterSet


@dataclass(frozen=True)
class Followed:
    """A row of `FOLLOWED`.

    Attributes:
        says: what it is, for the documentation and the command line.
        unit: unit of its values.
        function: its value from the market at a date, and a channel ("" where it is about none).
        exists: whether a set has it, of a channel.
        by_channel: whether there is one for each channel.
    """

    says: str
    unit: str
    function: Callable[[Market, str], Array]
    exists: Callable[[ParameterSet, str], bool] = lambda _, __: True
    by_channel: bool = False


def _of_market(says: str, unit: str, name: str) -> Followed:
    def value(market: Market, _: str) -> Array:
        found: Array = getattr(market, name)
        return found

    return Followed(says, unit, value)


def _of_channel(
    says: str, unit: str, function: Callable[[Market, str], Array], exists: Callable[[ParameterSet, str], bool]
) -> Followed:
    return Followed(says, unit, function, exists, by_channel=True)


def _any(_: ParameterSet, __: str) -> bool:
    return True


def _bought(case: ParameterSet, channel: str) -> bool:
    return case.text(f"channels.{channel}.kind") == "purchase"


def _evading(case: ParameterSet, channel: str) -> bool:
    return _bought(case, channel) and case.text(f"channels.{channel}.role") in EVADING


def _value(word: str) -> Callable[[Market, str], Array]:
    def found(market: Market, channel: str) -> Array:
        value: Array = market.found.values[f"channels.{channel}.{word}"]
        return value

    return found


def _server_ratio(market: Market, channel: str) -> Array:
    """Price of an accelerator and its server that the market implies, over their street price."""
    terms = market.found.terms(channel)
    markup = market.implied_markup(channel)
    found: Array = market.call(dynamics.implied_ratio, markup=markup, price=terms["price"], server=terms["server_cost"])
    return found


def domestic_alone(market: Market, threshold: float) -> Array:
    """What domestic channels offer up to a price, over what is wanted at it.

    Args:
        market: the market at a date.
        threshold: price over that without controls, less 1.
    """
    price = market.call(_raised, counterfactual=market.counterfactual, premium=threshold)
    own = [x for x in market.offers if market.found.values[f"channels.{x.channel}.role"] == "domestic"]
    if not own:
        return 0.0
    table = market.call(clearing.aligned, offers=market.mix_table(own), price=price)
    elasticity, without = market.found.values["demand.elasticity"], market.counterfactual
    supply = market.call(clearing.supplied, offers=table, price=price)
    wanted = market.call(
        equations.demanded, price=price, quantity=market.wanted, elasticity=elasticity, counterfactual=without
    )
    found: Array = market.call(equations.share_of, part=supply, whole=wanted)
    return found


def _raised(counterfactual: Array, premium: float) -> Array:
    return counterfactual * (1.0 + premium)


#: Name of what domestic supply is by itself.
ALONE = "domestic_alone"

FOLLOWED: dict[str, Followed] = {
    "price": _of_market("market price of compute", UNIT, "price"),
    "counterfactual": _of_market("cost without controls", UNIT, "counterfactual"),
    "premium": _of_market("price over the cost without controls, less 1", "1", "premium"),
    "compute_denied": _of_market("share of the compute wanted that is not in service", "1", "compute_denied"),
    "wanted": _of_market("compute wanted at the cost without controls", "H100e", "wanted"),
    "used": _of_market("compute in service", "H100e", "total"),
    "denied": _of_market("compute wanted and not in service", "H100e", "denied_quantity"),
    "share": _of_channel("a channel's share of what is used", "1", lambda m, c: m.share(c), _any),
    "quantity": _of_channel("what is used of a channel", "H100e", lambda m, c: m.quantity(c), _any),
    "implied_markup": _of_channel(
        "price markup that the market price implies", "1", lambda m, c: m.implied_markup(c), _bought
    ),
    "server_ratio": _of_channel(
        "implied price of an accelerator with its server, over their street price", "1", _server_ratio, _bought
    ),
    "delivered": _of_channel(
        "new accelerators of a channel that come into use in a year", "accelerator", lambda m, c: m.deliveries(c), _any
    ),
    "installed": _of_channel("accelerators of a channel in service", "accelerator", _value("installed"), _bought),
    "capacity": _of_channel("accelerators that a channel can bring in", "accelerator", _value("capacity"), _any),
    "interdiction": _of_channel(
        "probability that a unit sent is stopped", "1", _value("interdiction_probability"), _evading
    ),
}


def followed(case: ParameterSet, threshold: float) -> dict[str, Callable[[Market], Array]]:
    """Functions of the market at a date by the names of what is followed.

    Args:
        case: the set at that date.
        threshold: premium at or under which domestic supply alone is to hold the price.
    """
    found: dict[str, Callable[[Market], Array]] = {ALONE: lambda market: domestic_alone(market, threshold)}
    for name, row in FOLLOWED.items():
        for channel in case.channels if row.by_channel else ("",):
            if row.exists(case, channel):
                found[f"{name}.{channel}" if channel else name] = _bound(row, channel)
    return found


def _bound(row: Followed, channel: str) -> Callable[[Market], Array]:
    return lambda market: row.function(market, channel)


def meaning(name: str) -> tuple[str, str]:
    """What something followed is, and its unit.

    Examples:
        >>> meaning("share.domestic")[1], meaning("delay")[1]
        ('1', 'month')
    """
    kind = name.partition(".")[0]
    if kind == ALONE:
        return "what domestic channels offer at the threshold of the premium, over what is wanted at it", "1"
    if kind in CUMULATIVE:
        return CUMULATIVE[kind]
    return FOLLOWED[kind].says, FOLLOWED[kind].unit
