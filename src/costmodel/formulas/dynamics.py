"""How prices, volumes, enforcement and evasion move from one date to the next (docs/methods.md).

Rates are effective annual ones; each function takes the years that pass, and does nothing where its rate is 0.
"""

import numpy as np

from costmodel.arrays import Array


def growth(*, rate: Array, years: Array) -> Array:
    """Factor by which something grows: (1 + g)^Δt.

    Args:
        rate: g, effective annual growth, above −1.
        years: Δt, time that passes.

    Returns:
        Factor, above 0.

    Examples:
        >>> float(growth(rate=0.21, years=0.5))
        1.1
    """
    found: Array = np.power(1.0 + rate, years)
    return found


def frontier_fall(*, price_decline: Array, years: Array) -> Array:
    """Factor by which the price of equivalent new hardware falls: (1 − γ)^Δt.

    Args:
        price_decline: γ, effective annual fall, below 1.
        years: Δt, time that passes.

    Returns:
        Factor, above 0.

    Examples:
        >>> float(frontier_fall(price_decline=0.36, years=0.5))
        0.8
    """
    found: Array = np.power(1.0 - price_decline, years)
    return found


def learning(*, before: Array, after: Array, learning_rate: Array) -> Array:
    """Factor by which a price falls as output accumulates: (Y′/Y)^(−b), b = −log₂(1 − learning rate).

    Args:
        before: Y, cumulative output before, above 0.
        after: Y′, cumulative output after.
        learning_rate: share by which the price falls with each doubling, below 1.

    Returns:
        Factor.

    References:
        Wright (1936), "Factors affecting the cost of airplanes", Journal of the Aeronautical Sciences 3(4).

    Examples:
        >>> float(learning(before=10.0, after=40.0, learning_rate=0.2))
        0.64
    """
    found: Array = np.power(after / before, np.log2(1.0 - learning_rate))
    return found


def induced_growth(*, growth: Array, induced: Array, premium: Array, most: Array) -> Array:
    """Annual growth of capacity that a premium speeds up: min(g·(1 + ι·max(premium, 0)), g_max).

    Args:
        growth: g, annual growth without a premium; a premium does not speed up a decline.
        induced: ι, rise of that growth as a share of itself for each point of the premium.
        premium: market premium.
        most: g_max, bound; infinite for none.

    Returns:
        Effective annual growth.

    Examples:
        >>> [float(induced_growth(growth=0.2, induced=0.5, premium=premium, most=0.25)) for premium in (1.0, -1.0)]
        [0.25, 0.2]
    """
    faster = np.where(np.greater(growth, 0), induced, 0.0)
    found: Array = np.minimum(growth * (1.0 + faster * np.maximum(premium, 0.0)), most)
    return found


def within_limit(*, factor: Array, capacity: Array, limit: Array) -> Array:
    """Factor by which a capacity grows that has a limit; one that stands above it does not grow.

    Args:
        factor: factor by which it would grow.
        capacity: where it stands.
        limit: most that it can be.

    Returns:
        Factor.

    Examples:
        >>> [float(within_limit(factor=1.5, capacity=capacity, limit=100.0)) for capacity in (80.0, 120.0)]
        [1.25, 1.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(np.greater(capacity, 0), np.maximum(np.divide(limit, capacity), 1.0), factor)
    found: Array = np.minimum(factor, room)
    return found


def quantity_at(*, quantity: Array, counterfactual: Array, anchor: Array, elasticity: Array) -> Array:
    """Compute wanted at today's cost without controls, of demand that is anchored at an earlier one: D₀·(π₀/π₀ₛ)^(−η).

    Args:
        quantity: D₀, compute wanted at the cost it is anchored at, H100e.
        counterfactual: π₀, today's cost without controls, USD/H100e-h.
        anchor: π₀ₛ, cost at which demand is anchored, USD/H100e-h.
        elasticity: η.

    Returns:
        H100e.

    Examples:
        >>> float(quantity_at(quantity=100.0, counterfactual=0.5, anchor=1.0, elasticity=1.0))
        200.0
    """
    found: Array = quantity * np.power(counterfactual / anchor, -elasticity)
    return found


def choke_at(*, choke_price: Array, counterfactual: Array, anchor: Array) -> Array:
    """Choke price over today's cost without controls, where it stays the same amount of money: c·π₀ₛ/π₀.

    Args:
        choke_price: c, choke price over the cost it is anchored at.
        counterfactual: π₀, today's cost without controls, USD/H100e-h.
        anchor: π₀ₛ, cost at which demand is anchored, USD/H100e-h.

    Returns:
        Ratio.

    Examples:
        >>> choke_at(choke_price=5.0, counterfactual=0.5, anchor=1.0)
        10.0
    """
    return choke_price * (anchor / counterfactual)


def retirement(*, hazard: Array, life: Array) -> Array:
    """Continuous annual rate at which accelerators are lost or scrapped: d = h + 1/N.

    Args:
        hazard: h, continuous annual rate of losses for good.
        life: N, economic life in years.

    Returns:
        1/year.

    Examples:
        >>> retirement(hazard=0.05, life=5.0)
        0.25
    """
    return hazard + 1.0 / life


def turned_over(
    *, installed: Array, deliveries: Array, growth: Array, retirement: Array, turnover: Array, years: Array
) -> Array:
    """What is installed after deliveries and retirements: K′ = Ke^(−dΔt) + a(e^(gΔt) − e^(−dΔt))/(g + d).

    Args:
        installed: K, accelerators in service.
        deliveries: a, accelerators that arrive in a year, at the beginning.
        growth: factor by which that rate grows over the time, e^(gΔt), above 0.
        retirement: d, continuous annual rate at which accelerators are lost or scrapped.
        turnover: share of both that is counted.
        years: Δt, time that passes, above 0.

    Returns:
        Accelerators.

    Examples:
        >>> flow = {"deliveries": 10.0, "growth": 1.0, "turnover": 1.0, "years": 1.0}
        >>> float(turned_over(installed=100.0, retirement=0.0, **flow))
        110.0
    """
    exponent = retirement * turnover * years
    # (e^x − 1)/x at x = gΔt + dΔt, which is 1 at 0: by then a delivery is worth e^(−dΔt) of itself.
    over = np.log(growth) + exponent
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(over == 0, 1.0, np.expm1(over) / over)
    found: Array = np.exp(-exponent) * (installed + turnover * years * deliveries * mean)
    return found


def effort(*, probability: Array, ceiling: Array) -> Array:
    """Enforcement pressure at which a share is caught: x = −ln(1 − p/c).

    Args:
        probability: p, share that is caught.
        ceiling: c, share that no effort exceeds; at or above it the pressure is as good as infinite.

    Returns:
        Pressure, effort over 1 + adaptation; 0 or more.

    Examples:
        >>> round(float(effort(probability=0.25, ceiling=0.5)), 6)
        0.693147
    """
    found: Array = -np.log(np.maximum(1.0 - probability / ceiling, np.finfo(float).tiny))
    return found


def pressure(*, effort: Array, adaptation: Array) -> Array:
    """What is left of enforcement effort as evasion adapts: x = E/(1 + a).

    Args:
        effort: E, effort of enforcement.
        adaptation: a, adaptation of evasion.

    Returns:
        Pressure.

    Examples:
        >>> pressure(effort=3.0, adaptation=0.5)
        2.0
    """
    return effort / (1.0 + adaptation)


def interdiction(*, stated: Array, ceiling: Array, pressure: Array, anchor: Array) -> Array:
    """Share that is caught, p = c·(1 − e^(−x)), told from where it is stated: p₀ + (c − p₀)(1 − e^(−(x − x₀))).

    Args:
        stated: p₀, share that is caught at the pressure x₀.
        ceiling: c, share that no effort exceeds; a stated share above it stays.
        pressure: x, pressure of enforcement.
        anchor: x₀, pressure at which the share is as stated.

    Returns:
        Probability; below 1, and not below 0.

    Examples:
        >>> round(float(interdiction(stated=0.0, ceiling=0.5, pressure=0.6931471805599453, anchor=0.0)), 12)
        0.25
    """
    room = np.maximum(ceiling - stated, 0.0)
    found: Array = np.maximum(stated - room * np.expm1(anchor - pressure), 0.0)
    return found


def responded(*, effort: Array, response: Array, share: Array, tolerance: Array, years: Array) -> Array:
    """Enforcement effort after it has responded to what gets through: E′ = max(E + r·(share − tolerance)·Δt, 0).

    Args:
        effort: E, effort of enforcement.
        response: r, growth of effort in a year for each unit of the share above the tolerance.
        share: share of gray and courier channels in what is used.
        tolerance: share at which effort neither grows nor shrinks.
        years: Δt, time that passes.

    Returns:
        Effort, 0 or more.

    Examples:
        >>> float(responded(effort=0.0, response=2.0, share=0.75, tolerance=0.25, years=0.5))
        0.5
    """
    found: Array = np.maximum(effort + response * (share - tolerance) * years, 0.0)
    return found


def adapted(*, adaptation: Array, rate: Array, decay: Array, probability: Array, years: Array) -> Array:
    """Adaptation of evasion: da/dt = r·p − k·a over a time in which p stays the same, k = −ln(1 − decay).

    Args:
        adaptation: a, at the beginning.
        rate: r, growth of adaptation in a year for each unit of p.
        decay: share of adaptation that is lost in a year, below 1.
        probability: p, share that is caught.
        years: Δt, time that passes, above 0.

    Returns:
        Adaptation, 0 or more.

    Examples:
        >>> float(adapted(adaptation=1.0, rate=0.0, decay=0.5, probability=0.1, years=1.0))
        0.5
        >>> float(adapted(adaptation=1.0, rate=2.0, decay=0.0, probability=0.1, years=0.5))
        1.1
    """
    kept = np.power(1.0 - decay, years)
    lost = -np.log1p(-np.asarray(decay, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        time = np.where(lost == 0, years, (1.0 - kept) / lost)
    found: Array = adaptation * kept + rate * probability * time
    return found


def return_on_supply(*, rent: Array, revenue: Array) -> Array:
    """Rent over what supply takes, of what is sold; 0 where nothing is sold.

    Args:
        rent: USD/year above marginal cost.
        revenue: USD/year that is paid for it.

    Returns:
        Ratio, 0 or more.

    Examples:
        >>> [float(return_on_supply(rent=rent, revenue=3 * rent)) for rent in (50.0, 0.0)]
        [0.5, 0.0]
    """
    cost = np.subtract(revenue, rent)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.where(cost > 0, np.maximum(rent, 0.0) / cost, 0.0)
    return found


def entered(*, rate: Array, leaving: Array, returns: Array, probability: Array, years: Array) -> Array:
    """Factor by which a trade grows with its rents and shrinks with its losses: ((1 + ε·r)·(1 − ξ·p))^Δt.

    Args:
        rate: ε, annual growth for each unit of the return on supply.
        leaving: ξ, share that leaves in a year where everything is caught.
        returns: r, rent over supply cost.
        probability: p, share that is caught.
        years: Δt, time that passes.

    Returns:
        Factor, 0 or more.

    Examples:
        >>> float(entered(rate=0.5, leaving=1.0, returns=2.0, probability=0.25, years=1.0))
        1.5
    """
    found: Array = np.power((1.0 + rate * returns) * (1.0 - leaving * probability), years)
    return found


def implied_ratio(*, markup: Array, price: Array, server: Array) -> Array:
    """Price of an accelerator with its server over that without a markup: (P(1 + m) + S)/(P + S).

    Args:
        markup: m, markup over the chip's street price.
        price: P, street price of the chip, USD.
        server: S, cost of the server for each accelerator, USD.

    Returns:
        Ratio.

    Examples:
        >>> implied_ratio(markup=1.0, price=30.0, server=10.0)
        1.75
    """
    return 1.0 + markup * price / (price + server)
