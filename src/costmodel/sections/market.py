"""Sections about the market: who supplies, who gains, what closing a channel does. They compute nothing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from costmodel import figures, tables
from costmodel.analysis.perspectives import VIEWS, perspectives
from costmodel.market import PooledMarket
from costmodel.market.merit_order import marginal, merit_order
from costmodel.sections.blocks import Block, heading, text
from costmodel.words import NBSP, interval, large, large_money, listed, money, percent, shown

if TYPE_CHECKING:
    from costmodel.analysis.market import MarketResult
    from costmodel.analysis.statistics import Estimate
    from costmodel.study import Study

# A premium or a share smaller than this is none worth naming.
_ABOUT = 0.005


def _found(study: "Study") -> "MarketResult":
    assert study.market is not None
    return study.market


# -- who supplies, at what price ------------------------------------------------------------------------------------


def supply(study: "Study") -> Iterable[Block]:
    """Clearing price, premium, what is denied, and who supplies."""
    found = _found(study)
    yield text(
        "So far each channel stood alone, as if as much of it could be had as anybody wants. Here all compete: each "
        "supplies what it can at what bringing it in takes, the cheapest first, until what is supplied meets what is "
        "wanted. The cost at which the two meet is the clearing price, which all buyers pay.",
    )
    yield text(*price_words(found), *_scarce(found))
    yield from map(text, filter(None, [" ".join(_margin(found)), " ".join(_markups(study))]))
    if isinstance(found.central, PooledMarket):
        price = found.statistics["price"]
        yield figures.supply_curve(study.case, found.central, (price["p05"].value, price["p95"].value))
        yield text(
            "Each bar is as wide as what the channel can bring into service and as high as what that takes; it slopes "
            "where the last unit takes more than the first. Units in service already need only their running cost to "
            "be kept on, so they come first. Left of the dot is what the market uses.",
        )
    else:
        yield text(
            "In this set training and inference are cleared apart, each at a price of its own (see “Training and "
            "inference apart”). The price here is that of the mix as it is wanted, an H100-equivalent is one of the "
            "work that a chip does, and there is no single supply curve.",
        )
    yield heading("Who supplies")
    yield figures.shares(found)
    yield tables.market(study)
    yield tables.market_totals(study)
    yield text(
        "Estimates are costs, losses and volumes by channel, each with its source below. Scenarios are how much is "
        "wanted, how that answers to the price, the price beyond which nothing is wanted (the choke price) and how "
        "fast unit costs rise along a channel's capacity: nothing published says what they are, so their ranges are "
        "wide by choice. The median over all draws is not the result at central values.",
    )


def price_words(found: "MarketResult") -> Iterator[str]:
    """Price, premium and what is denied, a statement to a line.

    Args:
        found: the market of a set.
    """
    central, draws = found.central, found.statistics
    yield (
        f"With all parameters at their central values the market clears at {money(float(central.price))} per "
        f"H100-equivalent hour; without controls it would be {money(float(central.counterfactual))}."
    )
    yield (
        f"Over all draws the median price is {money(draws['price']['p50'].value)} ({_span(draws['price'], money)}), "
        f"{_above(draws['premium'])}."
    )
    yield _denied_words(draws["compute_denied"])


def _denied_words(denied: Mapping[str, "Estimate"]) -> str:
    middle = denied["p50"].value
    if abs(middle) < _ABOUT:
        ends = _ends(denied, percent)
        return f"In the median draw all that would be wanted without controls is in service (denied: {ends})."
    if middle < 0:
        return (
            f"In the median draw {percent(-middle)} more is in service than would be wanted without controls (denied: "
            f"{_ends(denied, percent)}): units in service already cost less to keep on than new ones would."
        )
    return (
        f"Of the compute that would be wanted without controls, {_share_words(denied)} is not in service: its users "
        "would not pay the clearing price, or cannot be served."
    )


def _span(found: Mapping[str, "Estimate"], words: object) -> str:
    return f"5–95{NBSP}% range: {_ends(found, words)}"


def _ends(found: Mapping[str, "Estimate"], words: object) -> str:
    assert callable(words)
    return interval(words(found["p05"].value), words(found["p95"].value))


def _above(premium: Mapping[str, "Estimate"]) -> str:
    middle = premium["p50"].value
    ends = _ends(premium, lambda value: percent(value, signed=True))
    if abs(middle) < _ABOUT:
        return f"about the cost without controls in the same draw (premium: {ends})"
    side = "above" if middle > 0 else "below"
    return f"{percent(abs(middle))} {side} the cost without controls in the same draw ({ends})"


def _share_words(found: Mapping[str, "Estimate"]) -> str:
    return f"{percent(found['p50'].value)} ({_ends(found, percent)})"


def _scarce(found: "MarketResult") -> Iterator[str]:
    scarce = found.statistics["scarce"]["mean"].value
    if scarce > 0:
        yield (
            f"In {percent(scarce)} of draws supply is short even at the choke price, so that the price is what the "
            "keenest buyers would bear and says nothing about costs."
        )
    else:
        yield "In no draw is supply short at the choke price, beyond which nothing would be wanted."


def _margin(found: "MarketResult") -> Iterator[str]:
    """Whose cost sets the price, at central values."""
    if not isinstance(found.central, PooledMarket):
        return
    steps, case = merit_order(found.central), found.case
    at = [case.label(channel) for channel in marginal(steps)]
    if at:
        verb = "are at the margin: their" if len(at) > 1 else "is at the margin: its"
        yield f"At central values {listed(at)} {verb} next unit costs just the clearing price and sets it."
        return
    yield "At central values all that costs less than the clearing price is used in full, and demand sets the price."
    dearer = [step for step in steps if not step.used]
    if dearer:
        yield f"The next unit would come from {case.label(dearer[0].channel)} and take {money(dearer[0].low)}."


def _markups(study: "Study") -> Iterator[str]:
    """The markup that the price implies beside the one that is observed, where it is observed on delivery."""
    found, case = _found(study), study.case
    for channel in case.channels:
        own = f"channels.{channel}."
        bought = case.text(f"{own}kind") == "purchase" and case.text(f"{own}markup_basis") == "delivered"
        if not bought or channel in (*study.apart, *study.closed):
            continue
        implied, item = found.statistics[f"implied_markup.{channel}"], case.parameters[f"{own}price_markup"]
        law = item.distribution
        span = "" if law is None else f" ({interval(*(shown(item, float(law.ppf(p))) for p in (0.05, 0.95)))})"
        yield (
            f"For {case.label(channel)} the market's price implies a markup on the street price of "
            f"{percent(implied['p50'].value, signed=True)} ({_ends(implied, lambda v: percent(v, signed=True))}); what "
            f"is observed is {shown(item)}{span}. The observed markup is not used to set the price, so the two may "
            "be held against each other."
        )


# -- who gains and who loses ----------------------------------------------------------------------------------------


def gains(study: "Study") -> Iterable[Block]:
    """Buyers' loss and its parts, rents by channel, receipts of governments."""
    found = _found(study)
    yield text(*_loss_words(found))
    yield figures.losses(found)
    yield text(
        "The loss has three parts, which add up. Rents are what suppliers get above their cost. Real extra cost is "
        "what supply uses up beyond the cost without controls; it is below zero where units in service already, whose "
        "capital is spent, cost less to keep on than new ones would. Use that is given up is what compute not in "
        "service would have been worth beyond its cost.",
    )
    yield heading("Who receives what buyers pay above cost")
    yield text(*_rent_words(found))
    yield figures.gains(found)
    yield text(
        "A scarcity rent is earned by units that come in within the year, above all that bringing them in takes. A "
        "quasi-rent is earned by units in service already, above their running cost: it has to pay for the capital "
        "spent on them, and much of it would be there without controls too.",
    )
    yield heading("The same market from three sides")
    yield tables.perspectives_table(perspectives(found), VIEWS)


def _loss_words(found: "MarketResult") -> Iterator[str]:
    loss, spending = found.statistics["surplus_loss"], found.statistics["spending"]["mean"].value
    mean = loss["mean"].value
    much = f"lose {large_money(mean)}" if mean >= 0 else f"gain {large_money(-mean)}"
    much = f"{much} a year" if abs(mean) >= _ABOUT * spending else "lose about nothing"
    ends = interval(large_money(loss["p05"].value), large_money(loss["p95"].value))
    yield (
        f"Against a market without controls buyers {much} on average over all draws (5–95{NBSP}% range of the loss: "
        f"{ends} a year; median {large_money(loss['p50'].value)})."
    )
    yield (
        "That is their loss of surplus: surplus is what they would have paid at most for the compute, less what they "
        "pay."
    )


def _rent_words(found: "MarketResult") -> Iterator[str]:
    case, statistics = found.case, found.statistics
    rents = {c: statistics[f"rent.{c}"]["mean"].value for c in case.channels}
    quasi = sum(statistics[f"quasi_rent.{c}"]["mean"].value for c in case.channels)
    most = max(rents, key=lambda c: rents[c])
    if rents[most] <= 0:
        yield "No supplier earns more than its cost."
        return
    total = statistics["rents"]["mean"].value
    yield (
        f"On average over all draws suppliers earn {large_money(total)} a year above their cost, "
        f"{percent(quasi / total)} of it with units in service already; the most goes to {case.label(most)} "
        f"({large_money(rents[most])})."
    )


# -- diversion ------------------------------------------------------------------------------------------------------


def diversion(study: "Study") -> Iterable[Block]:
    """Where the compute of a closed channel goes."""
    found = _found(study)
    yield text(
        "If one channel were closed, how much of the compute that it supplies would others supply instead, at a higher "
        "price, and how much would be denied? Closing withdraws what could still come in; what is in service stays, so "
        "channels without further supply are not shown. Shares are of what closing takes: that may be much or little.",
    )
    yield figures.diversion(found)
    yield text(*_closing_words(found))


def _closing_words(found: "MarketResult") -> Iterator[str]:
    from costmodel.analysis.market import undiverted

    case, ratios = found.case, found.diversion
    most = max(ratios, key=lambda c: found.statistics[f"quantity.{c}"]["mean"].value)
    taker = max(ratios[most], key=lambda c: ratios[most][c])
    used = found.statistics[f"quantity.{most}"]["mean"].value
    taken = (
        f"; the most, {percent(ratios[most][taker])}, would come from {case.label(taker)}"
        if ratios[most][taker] >= _ABOUT
        else ""
    )
    yield (
        f"Of the channels that can be closed, {case.label(most)} supplies the most ({large(used)} H100-equivalents on "
        f"average). Of what closing it takes, {percent(undiverted(ratios[most]))} would be denied{taken}."
    )
