"""What no single leaf can tell: names that must exist, and values that must fit one another."""

from collections.abc import Callable, Iterator

import numpy as np

from costmodel.errors import Problem, nearest
from costmodel.parameters.documents import Node
from costmodel.parameters.explain import shown_path
from costmodel.parameters.model import Parameter, ParameterSet

# No draw lies further out in the tails of a law than this probability (half a cell of costmodel.sampling's points).
_TAIL = 2.0**-31


def cross_problems(case: ParameterSet, merged: Node) -> list[Problem]:
    """All problems between the leaves of a set."""
    return [problem for check in _CHECKS for problem in check(case, merged)]


def _at(case: ParameterSet, merged: Node, path: str, message: str) -> Problem:
    """A problem at a parameter, or at the nearest block above one that is left out."""
    item = case.parameters.get(path)
    if item is not None and item.stated:
        return Problem(path, message, item.file, item.line)
    steps: tuple[str | int, ...] = ("assumptions", *path.split("."))
    return merged.at(steps).problem(shown_path(steps), message)


def _chips_and_sites(case: ParameterSet, merged: Node) -> Iterator[Problem]:
    known = {"chip": case.names("chips"), "site": case.names("sites")}
    places = [f"channels.{channel}.{word}" for channel in case.channels for word in known]
    for path in ["reference.chip", *places]:
        word = path.rsplit(".", 1)[1]
        name = case.text(path)
        if name is not None and name not in known[word]:
            yield _at(case, merged, path, f"no {word} `{name}` under {word}s; {nearest(name, known[word])}")


def _counterfactual(case: ParameterSet, merged: Node) -> Iterator[Problem]:
    names = case.parameters["reference.counterfactual"].value
    for name in names if isinstance(names, tuple) else ():
        if name not in case.channels:
            message = f"no channel `{name}` under channels; {nearest(name, case.channels)}"
            yield _at(case, merged, "reference.counterfactual", message)


def _owns(case: ParameterSet, channel: str) -> bool:
    """Whether a channel's cost is that of owning its chip."""
    path = f"channels.{channel}"
    return case.text(f"{path}.kind") != "rental" or case.text(f"{path}.pricing") == "cost_plus"


def _needed_where_owned(case: ParameterSet, merged: Node) -> Iterator[Problem]:
    for channel in case.channels:
        if not _owns(case, channel):
            continue
        chip = case.text(f"channels.{channel}.chip")
        if chip in case.names("chips") and f"chips.{chip}.price" not in case.parameters:
            yield _at(case, merged, f"chips.{chip}.price", f"is required, since channel `{channel}` owns this chip")
        for word in ("site", "resale_recovery"):
            if f"channels.{channel}.{word}" not in case.parameters:
                yield _at(case, merged, f"channels.{channel}.{word}", "is required with `pricing: cost_plus`")


def _needed_for_hire(case: ParameterSet, merged: Node) -> Iterator[Problem]:
    for channel in case.channels:
        path = f"channels.{channel}"
        if case.text(f"{path}.kind") != "rental":
            continue
        if not _owns(case, channel) and f"{path}.rental_price" not in case.parameters:
            message = "is required with `pricing: market` (price of an accelerator-hour, in `USD/hour`)"
            yield _at(case, merged, f"{path}.rental_price", message)
        if _owns(case, channel) and f"{path}.rental_price" in case.parameters:
            yield _at(case, merged, f"{path}.rental_price", "has no effect with `pricing: cost_plus`; leave it out")
        carried = case.parameters[f"{path}.courier_share"]
        if _most(carried) > 0 and f"{path}.courier.capacity" not in case.parameters:
            message = "is required where courier_share is above 0 (data carried on one trip, in `TB`)"
            yield _at(case, merged, f"{path}.courier.capacity", message)


def _most(item: Parameter) -> float:
    return float(item.distribution.ppf(1 - _TAIL)) if item.distribution else float(item.value)  # type: ignore[arg-type]


def _least(item: Parameter) -> float:
    return float(item.distribution.ppf(_TAIL)) if item.distribution else float(item.value)  # type: ignore[arg-type]


def _life_left(case: ParameterSet, merged: Node) -> Iterator[Problem]:
    life = case.parameters["finance.economic_life"]
    for channel in case.channels:
        age = case.parameters.get(f"channels.{channel}.age")
        if age is not None and _most(age) >= _least(life):
            message = (
                f"nothing is left of the economic life: age reaches {_most(age):.3g} years, and finance.economic_life "
            )
            yield _at(case, merged, age.path, message + f"may be as short as {_least(life):.3g} years")


def _rates_that_add(case: ParameterSet, merged: Node) -> Iterator[Problem]:
    rate = case.parameters["finance.discount_rate"]
    for channel in case.channels:
        if case.text(f"channels.{channel}.kind") == "purchase":
            fee = case.parameters[f"channels.{channel}.export_fee"]
            passed = case.parameters[f"channels.{channel}.export_fee_pass_through"]
            if _most(fee) * _most(passed) >= 1:
                yield _at(case, merged, fee.path, "leaves nothing to the seller: export_fee × pass-through reaches 1")
    if not np.isfinite(_least(rate)):
        yield _at(case, merged, rate.path, "must be finite")


def _market(case: ParameterSet, merged: Node) -> Iterator[Problem]:
    """What has to be known of demand and supply where there is a market to clear."""
    if "demand.quantity" not in case.parameters:
        for path in ("demand.choke_price", "demand.training.quantity", "demand.inference.quantity"):
            if path in case.parameters:
                message = "has no effect without demand.quantity (compute in service wanted, in `H100e`)"
                yield _at(case, merged, path, message)
        return
    if "demand.choke_price" not in case.parameters:
        message = "is required beside demand.quantity (price above which nothing is wanted ÷ cost without controls)"
        yield _at(case, merged, "demand.choke_price", message)
    for channel in case.channels:
        if case.parameters[f"channels.{channel}.capacity"].stated and supply_markup_missing(case, channel):
            message = "is required beside a capacity and a price_markup that is not 0, since there is a market to clear"
            yield _at(case, merged, f"channels.{channel}.supply_markup", message)


def _dynamics(case: ParameterSet, merged: Node) -> Iterator[Problem]:
    """What has to be known of where a path begins."""
    learning = case.parameters["domestic.learning_rate"]
    if _most(learning) > 0 and "domestic.cumulative_output" not in case.parameters:
        message = "is required where domestic.learning_rate is above 0 (accelerators made before the path begins)"
        yield _at(case, merged, "domestic.cumulative_output", message)
    ceiling = case.parameters["enforcement.ceiling"]
    for channel in case.channels if ceiling.stated else ():
        caught = case.parameters.get(f"channels.{channel}.interdiction_probability")
        role = case.text(f"channels.{channel}.role")
        if caught is not None and role in EVADING and caught.value >= ceiling.value:  # type: ignore[operator]
            message = f"must be below enforcement.ceiling, {ceiling.value:g}, which no effort exceeds"
            yield _at(case, merged, caught.path, message)


#: Roles of channels that controls are enforced against.
EVADING = frozenset({"gray", "courier"})


def supply_markup_missing(case: ParameterSet, channel: str) -> bool:
    """Whether nothing says what it takes to bring a unit in: of the observed markup, part may be a rent of scarcity."""
    supply = case.parameters.get(f"channels.{channel}.supply_markup")
    if supply is None or supply.stated:
        return False
    markup = case.parameters[f"channels.{channel}.price_markup"]
    return markup.distribution is not None or markup.value != 0


#: Last words of the paths of all numbers that the checks below look at.
JOINT = frozenset(
    {
        *("age", "economic_life", "courier_share", "export_fee", "export_fee_pass_through", "discount_rate"),
        *("learning_rate", "interdiction_probability", "ceiling"),
    }
)

_CHECKS: tuple[Callable[[ParameterSet, Node], Iterator[Problem]], ...] = (
    _chips_and_sites,
    _counterfactual,
    _needed_where_owned,
    _needed_for_hire,
    _life_left,
    _rates_that_add,
    _market,
    _dynamics,
)
