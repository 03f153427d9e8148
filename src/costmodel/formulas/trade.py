"""What a delivered unit costs: price, fee, taxes, waiting, and the seller's margin (docs/methods.md)."""

import numpy as np

from costmodel.arrays import Array


def purchase_price(*, price: Array, price_markup: Array) -> Array:
    """Price paid: P(1 + m).

    Args:
        price: P, USD.
        price_markup: m, markup over P.

    Returns:
        USD.

    Examples:
        >>> purchase_price(price=100.0, price_markup=0.5)
        150.0
    """
    return price * (1.0 + price_markup)


def export_fee_paid(*, purchase_price: Array, export_fee: Array, export_fee_pass_through: Array) -> Array:
    """Part of a fee on the seller's revenue that the buyer pays: F = P(1+m)·fφ/(1 − fφ).

    Args:
        purchase_price: P(1+m), USD.
        export_fee: f, share of the seller's revenue.
        export_fee_pass_through: φ, share of the fee that is passed on to the buyer.

    Returns:
        USD.

    Examples:
        >>> export_fee_paid(purchase_price=75.0, export_fee=0.25, export_fee_pass_through=1.0)
        25.0
    """
    passed_on = export_fee * export_fee_pass_through
    return purchase_price * (passed_on / (1.0 - passed_on))


def export_fee_received(*, purchase_price: Array, export_fee: Array, export_fee_pass_through: Array) -> Array:
    """Fee on the seller's revenue, whoever bears it: f·P(1+m)/(1 − fφ).

    Args:
        purchase_price: P(1+m), USD.
        export_fee: f, share of the seller's revenue.
        export_fee_pass_through: φ, share of the fee that is passed on to the buyer.

    Returns:
        USD.

    Examples:
        >>> export_fee_received(purchase_price=75.0, export_fee=0.25, export_fee_pass_through=1.0)
        25.0
    """
    return export_fee * purchase_price / (1.0 - export_fee * export_fee_pass_through)


def import_taxes(
    *,
    purchase_price: Array,
    fee: Array,
    logistics_cost: Array,
    server_cost: Array,
    import_duty: Array,
    vat: Array,
    vat_creditable: Array,
    pays_import_taxes: bool,
) -> Array:
    """Duty, and the tax on value added that is not reclaimed: T = (P(1+m) + F + ℓ + S)·(τ + (1+τ)·ν·(1−c_v)).

    Args:
        purchase_price: P(1+m), USD.
        fee: F, export fee paid, USD.
        logistics_cost: ℓ, USD.
        server_cost: S, USD.
        import_duty: τ, share of the customs value.
        vat: ν, share.
        vat_creditable: c_v, share of the tax on value added that is reclaimed.
        pays_import_taxes: whether this channel passes customs at all.

    Returns:
        USD.

    Examples:
        >>> round(import_taxes(
        ...     purchase_price=100.0, fee=0.0, logistics_cost=0.0, server_cost=0.0,
        ...     import_duty=0.1, vat=0.2, vat_creditable=0.5, pays_import_taxes=True,
        ... ), 6)
        21.0
    """
    if not pays_import_taxes:
        return 0.0
    customs_value = purchase_price + fee + logistics_cost + server_cost
    return customs_value * (import_duty + (1.0 + import_duty) * vat * (1.0 - vat_creditable))


def waiting(*, decline: Array, risky_discount: Array, lead_time: Array, prepayment_share: Array) -> Array:
    """Cost of waiting per USD of outlay: z_L = e^(γL)·(1 + θ(e^(ρ′L) − 1)) − 1.

    A unit in service now was ordered L years ago at that time's higher price, and the prepaid share was financed.

    Args:
        decline: γ, continuous, 1/year.
        risky_discount: ρ′, continuous, 1/year.
        lead_time: L, years.
        prepayment_share: θ, share paid at the order.

    Returns:
        Share of the outlay.

    Examples:
        >>> round(float(waiting(decline=0.2, risky_discount=0.1, lead_time=0.5, prepayment_share=1.0)), 6)
        0.161834
    """
    financed = 1.0 + prepayment_share * np.expm1(risky_discount * lead_time)
    return np.exp(decline * lead_time) * financed - 1.0


def lead_time_borne_by_buyer(
    *, waiting: Array, purchase_price: Array, taxes_and_fees: Array, logistics_cost: Array, interdiction: Array
) -> Array:
    """Cost of waiting where the buyer pays at origin: z_L·(P(1+m) + F + T + ℓ + interdiction).

    Args:
        waiting: z_L, share of the outlay.
        purchase_price: P(1+m), USD.
        taxes_and_fees: F + T, USD.
        logistics_cost: ℓ, USD.
        interdiction: expected loss for each delivered unit, USD.

    Returns:
        USD.

    Examples:
        >>> lead_time_borne_by_buyer(
        ...     waiting=0.125, purchase_price=100.0, taxes_and_fees=20.0, logistics_cost=10.0, interdiction=30.0
        ... )
        20.0
    """
    return waiting * (purchase_price + taxes_and_fees + logistics_cost + interdiction)


def lead_time_borne_by_seller(*, waiting: Array, price: Array, logistics_cost: Array, interdiction: Array) -> Array:
    """Cost of waiting where the seller delivers: z_L·(P + ℓ + interdiction).

    Args:
        waiting: z_L, share of the outlay.
        price: P, USD.
        logistics_cost: ℓ, USD.
        interdiction: expected loss for each delivered unit, USD.

    Returns:
        USD.

    Examples:
        >>> lead_time_borne_by_seller(waiting=0.125, price=100.0, logistics_cost=30.0, interdiction=30.0)
        20.0
    """
    return waiting * (price + logistics_cost + interdiction)


def markup_paid(*, price: Array, price_markup: Array) -> Array:
    """Markup in money: P·m.

    Args:
        price: P, USD.
        price_markup: m.

    Returns:
        USD.

    Examples:
        >>> markup_paid(price=100.0, price_markup=0.5)
        50.0
    """
    return price * price_markup


def taxes_and_fees(*, fee: Array, taxes: Array) -> Array:
    """Paid to governments: F + T.

    Args:
        fee: F, USD.
        taxes: T, USD.

    Returns:
        USD.

    Examples:
        >>> taxes_and_fees(fee=25.0, taxes=15.0)
        40.0
    """
    return fee + taxes


def outlay(
    *,
    chip: Array,
    logistics: Array = 0.0,
    interdiction: Array = 0.0,
    lead_time: Array = 0.0,
    markup: Array = 0.0,
    taxes_and_fees: Array = 0.0,
    server_and_network: Array = 0.0,
) -> Array:
    """All that is laid out for a unit in service: the sum of the seven outlays.

    Args:
        chip: street price, or what a held unit is worth, USD.
        logistics: transport and insurance, USD.
        interdiction: expected losses on the way, USD.
        lead_time: cost of waiting, USD.
        markup: markup or the seller's margin, USD.
        taxes_and_fees: paid to governments, USD.
        server_and_network: USD.

    Returns:
        USD.

    Examples:
        >>> outlay(chip=100.0, markup=50.0, server_and_network=30.0)
        180.0
    """
    return chip + logistics + interdiction + lead_time + markup + taxes_and_fees + server_and_network


def sellers_margin(*, markup_paid: Array, logistics: Array, interdiction: Array, lead_time: Array) -> Array:
    """What is left to the seller of a markup paid on arrival: P·m − (logistics + interdiction + lead time).

    Negative where the reported markup does not cover the seller's estimated costs.

    Args:
        markup_paid: P·m, USD.
        logistics: the seller's cost of transport, USD.
        interdiction: the seller's expected losses, USD.
        lead_time: the seller's cost of waiting, USD.

    Returns:
        USD.

    Examples:
        >>> sellers_margin(markup_paid=50.0, logistics=5.0, interdiction=10.0, lead_time=15.0)
        20.0
    """
    return markup_paid - (logistics + interdiction + lead_time)
