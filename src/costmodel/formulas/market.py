"""Supply, demand and surplus of the market for compute in service (docs/methods.md)."""

import numpy as np

from costmodel.arrays import HOURS_PER_YEAR, Array


def in_service(*, equivalence: Array, availability: Array, reference_availability: Array) -> Array:
    """H100e in service that one accelerator is: e·A/A_ref.

    Args:
        equivalence: e, H100e per accelerator.
        availability: A, share of hours up.
        reference_availability: A_ref, share of hours in which the reference chip is up.

    Returns:
        H100e per accelerator.

    Examples:
        >>> in_service(equivalence=2.0, availability=0.5, reference_availability=1.0)
        1.0
    """
    return equivalence * availability / reference_availability


def offered(*, accelerators: Array, in_service: Array, loss_probability: Array = 0.0) -> Array:
    """Compute that accelerators bring into service, of which a part does not arrive: n·(1−p)·e·A/A_ref.

    Args:
        accelerators: n, number of accelerators sent, on offer or held.
        in_service: e·A/A_ref, H100e per accelerator.
        loss_probability: p, share that does not arrive.

    Returns:
        H100e.

    Examples:
        >>> offered(accelerators=100.0, in_service=2.0, loss_probability=0.5)
        100.0
    """
    return accelerators * (1.0 - loss_probability) * in_service


def annual_revenue(*, price: Array, reference_availability: Array) -> Array:
    """Revenue of one H100e in service in a year: π·H·A_ref.

    Args:
        price: π, USD/H100e-h.
        reference_availability: A_ref, share of hours in which the reference chip is up.

    Returns:
        USD/year.

    Examples:
        >>> annual_revenue(price=2.0, reference_availability=0.5)
        8766.0
    """
    return price * (HOURS_PER_YEAR * reference_availability)


def highest_price(*, choke_price: Array, counterfactual: Array) -> Array:
    """Price above which nothing is wanted: π_max.

    Args:
        choke_price: π_max ÷ π₀.
        counterfactual: π₀, USD/H100e-h.

    Returns:
        USD/H100e-h.

    Examples:
        >>> highest_price(choke_price=3.0, counterfactual=2.0)
        6.0
    """
    return choke_price * counterfactual


def demanded(*, price: Array, quantity: Array, elasticity: Array, counterfactual: Array) -> Array:
    """Isoelastic demand: D(π) = D₀·(π/π₀)^(−η); above the choke price nothing is wanted, which the clearing minds.

    Args:
        price: π, USD/H100e-h.
        quantity: D₀, wanted at π₀, H100e in service.
        elasticity: η.
        counterfactual: π₀, USD/H100e-h.

    Returns:
        H100e in service.

    Examples:
        >>> float(demanded(price=4.0, quantity=100.0, elasticity=1.0, counterfactual=2.0))
        50.0
    """
    return quantity * np.power(price / counterfactual, -elasticity)


def relative_rise(*, price: Array, counterfactual: Array) -> Array:
    """Price over that without controls, less 1: the premium π*/π₀ − 1.

    Args:
        price: π*, USD/H100e-h.
        counterfactual: π₀, USD/H100e-h.

    Returns:
        Share of π₀.

    Examples:
        >>> relative_rise(price=3.0, counterfactual=2.0)
        0.5
    """
    return price / counterfactual - 1.0


def denied(*, used: Array, quantity: Array) -> Array:
    """Share of the compute wanted without controls that is not in service: 1 − Σq/D₀.

    Args:
        used: Σq, H100e in service.
        quantity: D₀, H100e.

    Returns:
        Share of D₀; negative where more is used than without controls.

    Examples:
        >>> denied(used=75.0, quantity=100.0)
        0.25
    """
    return 1.0 - used / quantity


def surplus_loss(*, price: Array, quantity: Array, elasticity: Array, counterfactual: Array) -> Array:
    """Buyers' loss of surplus: the area under demand from π₀ to π*, D₀π₀·((π*/π₀)^(1−η) − 1)/(1−η).

    Args:
        price: π*, USD/H100e-h.
        quantity: D₀, H100e in service.
        elasticity: η; at 1 the power becomes a logarithm.
        counterfactual: π₀, USD/H100e-h.

    Returns:
        H100e·USD/H100e-h: to be multiplied by the hours in a year.

    References:
        Marshallian surplus; see Varian (1992), "Microeconomic Analysis", chapter 10.

    Examples:
        >>> float(surplus_loss(price=4.0, quantity=100.0, elasticity=0.0, counterfactual=2.0))
        200.0
        >>> float(surplus_loss(price=0.0, quantity=100.0, elasticity=0.0, counterfactual=2.0))
        -200.0
    """
    with np.errstate(divide="ignore", over="ignore"):
        log_rise = np.log(price / counterfactual)
        top, bottom = np.broadcast_arrays(np.expm1((1.0 - elasticity) * log_rise), 1.0 - elasticity)
    growth: Array = np.divide(top, bottom, out=np.array(np.broadcast_to(log_rise, top.shape)), where=bottom != 0.0)
    return quantity * counterfactual * growth


def implied_markup(*, price: Array, cost_without: Array, cost_doubled: Array) -> Array:
    """Price markup at which a channel's cost would be what it earns at the market's price; the cost is linear in it.

    Args:
        price: what an accelerator earns, USD a year.
        cost_without: its cost at a markup of 0, USD a year.
        cost_doubled: its cost at a markup of 1, USD a year.

    Returns:
        Markup over the street price.

    Examples:
        >>> implied_markup(price=3.0, cost_without=2.0, cost_doubled=4.0)
        0.5
    """
    return (price - cost_without) / (cost_doubled - cost_without)


def share_of(*, part: Array, whole: Array) -> Array:
    """A part of a whole as a share; 0 where there is no whole.

    Args:
        part: in the unit of the whole.
        whole: of which it is a part.

    Returns:
        Share.

    Examples:
        >>> float(share_of(part=1.0, whole=4.0)), float(share_of(part=0.0, whole=0.0))
        (0.25, 0.0)
    """
    top, bottom = np.broadcast_arrays(np.asarray(part, dtype=float), whole)
    share: Array = np.divide(top, bottom, out=np.zeros_like(top), where=bottom != 0.0)
    return share
