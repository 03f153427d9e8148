"""What each channel offers: units in service at avoidable cost, and new ones at what it takes to bring them in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from costmodel.arrays import Array
from costmodel.channels import KINDS, total
from costmodel.costs import Evaluation
from costmodel.errors import ParameterError, Problem
from costmodel.formulas import market, roofline
from costmodel.parameters.checks import supply_markup_missing

_NO_SUPPLY_MARKUP = (
    "must be stated before the channel's capacity can count: its price_markup is not 0, and nothing says how much of "
    "it is what bringing a unit in takes"
)


@dataclass(frozen=True)
class Offer:
    """Accelerators that a channel can bring into use.

    Attributes:
        channel: name of the channel.
        sunk: whether they are in service already.
        counts: whether there may be any at all; of others the cost is still of interest.
        annual_cost: of the first unit, USD per accelerator-year.
        accelerators: how many are sent, on offer or held.
        slope: by how much the unit cost rises along the offer, as a share of that of the first unit.
        loss_probability: share of them that does not arrive.
    """

    channel: str
    sunk: bool
    counts: bool
    annual_cost: Array
    accelerators: Array
    slope: Array = 0.0
    loss_probability: Array = 0.0


def offers(found: Evaluation, *, counting: bool = False) -> tuple[Offer, ...]:
    """All offers of a set: of each channel what is installed, where it states that, and its capacity.

    Args:
        found: costs of the set at some values of its parameters.
        counting: whether to leave out those of which there cannot be any, and not to work out what they would cost.

    Raises:
        ParameterError: a channel's capacity counts and nothing says what bringing a unit in takes.
    """
    by_channel = (found.of_channel(_of_channel, channel, counting) for channel in found.case.channels)
    return tuple(offer for own in by_channel for offer in own)


def _of_channel(found: Evaluation, channel: str, counting: bool) -> tuple[Offer, ...]:  # noqa: FBT001
    return tuple(_each(found, channel, counting=counting))


def _each(found: Evaluation, channel: str, *, counting: bool) -> Iterator[Offer]:
    own = f"channels.{channel}."
    kind, capacity = KINDS[found.values[f"{own}kind"]], found.values[f"{own}capacity"]
    held = capacity if kind.sunk else found.values.get(f"{own}installed")
    if held is not None and (_any(held) or not counting):
        yield _in_service(found, channel, held)
    counts = bool(found.values[f"{own}available"]) and _any(capacity)
    if kind.sunk or (counting and not counts):
        return
    if counts and supply_markup_missing(found.case, channel):
        raise ParameterError([Problem(f"{own}supply_markup", _NO_SUPPLY_MARKUP)])
    slope, lost = found.values[f"{own}supply_slope"], found.values.get(f"{own}interdiction_probability", 0.0)
    cost = _supply(found, channel)
    yield Offer(
        channel, sunk=False, counts=counts, annual_cost=cost, accelerators=capacity, slope=slope, loss_probability=lost
    )


def _in_service(found: Evaluation, channel: str, accelerators: Array) -> Offer:
    cost = _avoidable(found, channel)
    return Offer(channel, sunk=True, counts=_any(accelerators), annual_cost=cost, accelerators=accelerators)


def _any(accelerators: Any) -> bool:
    """Whether there may be any: not where the number is certain to be 0."""
    return isinstance(accelerators, np.ndarray) or accelerators != 0


def _avoidable(found: Evaluation, channel: str) -> Array:
    kind = KINDS[found.values[f"channels.{channel}.kind"]]
    cost: Array = found.call(total, {name: found.stack(channel)[name] for name in kind.avoidable})
    return cost


def _supply(found: Evaluation, channel: str) -> Array:
    kind = KINDS[found.values[f"channels.{channel}.kind"]]
    cost: Array = found.call(total, kind.stack(kind.supply(found.terms(channel)), found.call))
    return cost


def transfers(found: Evaluation, channel: str) -> dict[str, tuple[Array, Array]]:
    """What governments get of a further unit, as paid by buyers and as received, USD per accelerator-year."""
    kind = KINDS[found.values[f"channels.{channel}.kind"]]
    return kind.transferred(kind.supply(found.terms(channel)), found.call)


def in_service(found: Evaluation, channel: str, workload: str) -> Array:
    """H100e in service that one accelerator of a channel is on a workload."""
    arguments = {
        "equivalence": found.equivalences(channel, utilized=True)[workload],
        "availability": found.values[f"channels.{channel}.availability"],
        "reference_availability": found.values["reference.availability"],
    }
    units: Array = found.call(market.in_service, arguments)
    return units


def unit_cost(found: Evaluation, offer: Offer, workload: str) -> Array:
    """Cost of the first unit of an offer, USD/H100e-h."""
    arguments = {
        "stack": offer.annual_cost,
        "availability": found.values[f"channels.{offer.channel}.availability"],
        "equivalence": found.equivalences(offer.channel, utilized=True)[workload],
    }
    cost: Array = found.call(roofline.cost_per_unit, arguments)
    return cost


def delivered(found: Evaluation, offer: Offer) -> Array:
    """Accelerators of an offer that arrive."""
    arguments = {"accelerators": offer.accelerators, "in_service": 1.0, "loss_probability": offer.loss_probability}
    number: Array = found.call(market.offered, arguments)
    return number


def offered(found: Evaluation, offer: Offer, workload: str) -> Array:
    """Compute that an offer can bring into service, H100e."""
    arguments = {
        "accelerators": offer.accelerators,
        "in_service": in_service(found, offer.channel, workload),
        "loss_probability": offer.loss_probability,
    }
    compute: Array = found.call(market.offered, arguments)
    return compute
