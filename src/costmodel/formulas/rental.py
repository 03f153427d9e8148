"""What hired compute costs (docs/methods.md)."""

from costmodel.arrays import HOURS_PER_YEAR, Array


def operator_price(*, operator_cost: Array, occupancy: Array, operator_margin: Array) -> Array:
    """Hourly price of an operator who covers cost: X/H/occupancy·(1 + margin).

    Args:
        operator_cost: X, annual cost of a frictionless purchase, USD/year.
        occupancy: share of hours sold.
        operator_margin: markup on cost.

    Returns:
        USD per accelerator-hour.

    Examples:
        >>> operator_price(operator_cost=8766.0, occupancy=0.5, operator_margin=0.1)
        2.2
    """
    return operator_cost / HOURS_PER_YEAR / occupancy * (1.0 + operator_margin)


def annual_rent(*, hourly_rent: Array) -> Array:
    """Annual rent: R′·H.

    Args:
        hourly_rent: R′, USD/hour.

    Returns:
        USD/year.

    Examples:
        >>> annual_rent(hourly_rent=2.0)
        17532.0
    """
    return hourly_rent * HOURS_PER_YEAR


def intermediary_markup(*, rent: Array, price_markup: Array) -> Array:
    """The intermediary's margin: R′·m·H.

    Args:
        rent: R′·H, USD/year.
        price_markup: m.

    Returns:
        USD/year.

    Examples:
        >>> intermediary_markup(rent=1000.0, price_markup=0.2)
        200.0
    """
    return rent * price_markup


def compliance(*, rent: Array, price_markup: Array, compliance_cost: Array) -> Array:
    """Cost of complying with rules: R′(1+m)·t·H.

    Args:
        rent: R′·H, USD/year.
        price_markup: m.
        compliance_cost: t, share of what is paid.

    Returns:
        USD/year.

    Examples:
        >>> round(compliance(rent=1000.0, price_markup=0.2, compliance_cost=0.05), 6)
        60.0
    """
    return rent * (1.0 + price_markup) * compliance_cost


def payment(*, rent: Array, price_markup: Array, compliance_cost: Array) -> Array:
    """All that is paid in a year: R′(1+m)(1+t)·H.

    Args:
        rent: R′·H, USD/year.
        price_markup: m.
        compliance_cost: t.

    Returns:
        USD/year.

    Examples:
        >>> round(payment(rent=1000.0, price_markup=0.2, compliance_cost=0.05), 6)
        1260.0
    """
    return rent * (1.0 + price_markup) * (1.0 + compliance_cost)


def data_logistics(
    *, data_volume: Array, courier_share: Array, network_transfer_cost: Array, carried_cost: Array
) -> Array:
    """Annual cost of moving data: V·((1−χ)·c_n + χ·c_carried).

    Args:
        data_volume: V, TB/year per accelerator.
        courier_share: χ, share of the data carried on drives.
        network_transfer_cost: c_n, USD/TB.
        carried_cost: cost of a TB that arrives on drives, USD/TB.

    Returns:
        USD/year.

    Examples:
        >>> data_logistics(data_volume=100.0, courier_share=0.5, network_transfer_cost=20.0, carried_cost=60.0)
        4000.0
    """
    return data_volume * ((1.0 - courier_share) * network_transfer_cost + courier_share * carried_cost)


def carried_cost(*, trip_cost: Array, capacity: Array, drive_cost: Array, loss_probability: Array) -> Array:
    """Cost of a TB that arrives on drives: (C_t/T + c_d)/(1 − p_t).

    Args:
        trip_cost: C_t, USD per trip.
        capacity: T, TB per trip.
        drive_cost: c_d, USD/TB.
        loss_probability: p_t, share of trips that fail.

    Returns:
        USD/TB.

    Examples:
        >>> carried_cost(trip_cost=3000.0, capacity=100.0, drive_cost=15.0, loss_probability=0.1)
        50.0
    """
    return (trip_cost / capacity + drive_cost) / (1.0 - loss_probability)
