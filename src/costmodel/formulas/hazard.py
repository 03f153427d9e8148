"""Losses on the way and in service (docs/methods.md)."""

import numpy as np

from costmodel.arrays import Array


def hazard_rate(*, probability: Array) -> Array:
    """Annual probability of an event as a continuous hazard rate: h = −ln(1 − q).

    Args:
        probability: q, annual probability, below 1.

    Returns:
        Hazard rate, 1/year.

    Examples:
        >>> round(float(hazard_rate(probability=0.2)), 6)
        0.223144
    """
    return -np.log1p(np.negative(probability))


def losses_per_arrival(*, loss_probability: Array) -> Array:
    """Units lost for each unit that arrives: p / (1 − p).

    Args:
        loss_probability: p, probability that a unit sent does not arrive, below 1.

    Returns:
        Lost units for each delivered unit.

    Examples:
        >>> losses_per_arrival(loss_probability=0.2)
        0.25
    """
    return loss_probability / (1.0 - loss_probability)


def interdiction_borne_by_buyer(
    *, losses: Array, purchase_price: Array, logistics_cost: Array, buyer_loss_share: Array, penalty: Array
) -> Array:
    """Expected loss for each delivered unit where the buyer pays at origin: p/(1−p)·(ω(P(1+m) + ℓ) + Π).

    Args:
        losses: p/(1−p), lost units for each delivered one.
        purchase_price: P(1+m), USD.
        logistics_cost: ℓ, USD.
        buyer_loss_share: ω, share of an interdicted unit's cost that the buyer bears.
        penalty: Π for each interdicted unit, USD.

    Returns:
        USD for each delivered unit.

    Examples:
        >>> interdiction_borne_by_buyer(
        ...     losses=0.25, purchase_price=100.0, logistics_cost=20.0, buyer_loss_share=0.5, penalty=40.0
        ... )
        25.0
    """
    return losses * (buyer_loss_share * (purchase_price + logistics_cost) + penalty)


def penalties(*, losses: Array, penalty: Array) -> Array:
    """Expected penalties for each delivered unit: p/(1−p)·Π.

    Args:
        losses: p/(1−p), lost units for each delivered one.
        penalty: Π for each interdicted unit, USD.

    Returns:
        USD for each delivered unit.

    Examples:
        >>> penalties(losses=0.25, penalty=40.0)
        10.0
    """
    return losses * penalty


def interdiction_borne_by_seller(*, losses: Array, price: Array, logistics_cost: Array, penalty: Array) -> Array:
    """Expected loss for each delivered unit where the seller delivers: p/(1−p)·(P + ℓ + Π).

    Args:
        losses: p/(1−p), lost units for each delivered one.
        price: P, USD.
        logistics_cost: ℓ, USD.
        penalty: Π for each interdicted unit, USD.

    Returns:
        USD for each delivered unit.

    Examples:
        >>> interdiction_borne_by_seller(losses=0.25, price=100.0, logistics_cost=20.0, penalty=40.0)
        40.0
    """
    return losses * (price + logistics_cost + penalty)


def disruption(
    *,
    disruption_rate: Array,
    disruption_duration: Array,
    annual_payment: Array,
    migration_cost: Array,
) -> Array:
    """Expected annual cost of losing access: h_λ·(d·payment + M).

    Args:
        disruption_rate: h_λ, hazard rate of losing access, 1/year.
        disruption_duration: d, time without use that is still paid for, years.
        annual_payment: what is paid for a year, USD/year.
        migration_cost: M, cost of moving once, USD.

    Returns:
        USD/year.

    Examples:
        >>> disruption(disruption_rate=0.1, disruption_duration=0.5, annual_payment=1000.0, migration_cost=500.0)
        100.0
    """
    return disruption_rate * (disruption_duration * annual_payment + migration_cost)
