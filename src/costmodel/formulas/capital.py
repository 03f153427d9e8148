"""Capital recovery: what a durable machine must earn in a year (docs/methods.md)."""

import numpy as np

from costmodel.arrays import Array

_SMALLEST = np.finfo(float).tiny


def real_rate(*, nominal: Array, inflation: Array) -> Array:
    """A nominal annual rate in real terms: (1 + r)/(1 + i) − 1.

    Args:
        nominal: r, 1/year.
        inflation: i, 1/year, above −1.

    Returns:
        Effective annual rate, 1/year.

    Examples:
        >>> real_rate(nominal=0.875, inflation=0.25)
        0.5
    """
    return (1 + nominal) / (1 + inflation) - 1


def real_decline(*, nominal: Array, inflation: Array) -> Array:
    """The nominal annual fall of a price in real terms: 1 − (1 − g)/(1 + i).

    Args:
        nominal: g, share by which the price falls in a year, 1/year.
        inflation: i, 1/year, above −1.

    Returns:
        Share by which the real price falls in a year, 1/year.

    Examples:
        >>> real_decline(nominal=0.25, inflation=0.25)
        0.4
    """
    return 1 - (1 - nominal) / (1 + inflation)


def continuous_rate(*, rate: Array) -> Array:
    """Effective annual rate as a continuous one: ρ = ln(1 + r).

    Args:
        rate: effective annual rate, 1/year, above −1.

    Returns:
        Continuous rate, 1/year.

    Examples:
        >>> round(float(continuous_rate(rate=0.1)), 6)
        0.09531
    """
    return np.log1p(rate)


def decline_rate(*, price_decline: Array) -> Array:
    """Annual fall of a price as a continuous rate: γ = −ln(1 − g).

    Args:
        price_decline: share by which the price falls in a year, 1/year, below 1; negative where it rises.

    Returns:
        Continuous rate of decline, 1/year.

    Examples:
        >>> round(float(decline_rate(price_decline=0.3)), 6)
        0.356675
    """
    return -np.log1p(np.negative(price_decline))


def risky_rate(*, discount_rate: Array, risk_premium: Array) -> Array:
    """Continuous discount rate with a premium for risk: ρ′ = ln(1 + r + premium); annual rates add before ln.

    Args:
        discount_rate: r, effective annual rate, 1/year.
        risk_premium: addition for risk beyond expected losses, 1/year.

    Returns:
        Continuous rate, 1/year.

    Examples:
        >>> round(float(risky_rate(discount_rate=0.06, risk_premium=0.04)), 6)
        0.09531
    """
    return np.log1p(discount_rate + risk_premium)


def total_rate(*, discount: Array, decline: Array, hazard: Array = 0.0) -> Array:
    """Rate that capital must earn if it is never sold at a loss: x = ρ + h + γ.

    Args:
        discount: ρ or ρ′, continuous, 1/year.
        decline: γ, continuous, 1/year.
        hazard: h, hazard rate of loss, 1/year.

    Returns:
        x, 1/year.

    Examples:
        >>> total_rate(discount=0.0625, decline=0.25, hazard=0.125)
        0.4375
    """
    return discount + decline + hazard


def bernoulli(y: Array) -> Array:
    """The function y / (1 − e^(−y)), which is 1 at y = 0.

    Args:
        y: any real number.

    Returns:
        The same shape as y.

    Examples:
        >>> float(bernoulli(0.0)), round(float(bernoulli(1.0)), 6)
        (1.0, 1.581977)
    """
    # Where y is 0 the smallest number stands for it: both sides of the fraction are then the same.
    x = np.where(np.equal(y, 0.0), -_SMALLEST, np.negative(y))
    return x / np.expm1(x)


def capital_recovery(*, rate: Array, life: Array, resale_recovery: Array = 0.0) -> Array:
    """Today's annual rent per USD of capital: κ = x(1 − σe^(−xN)) / (1 − e^(−xN)), x → 0: (1−σ)/N + x(1+σ)/2.

    With σ = 1 it is x, the Hall–Jorgenson user cost of capital, for every life; with x = ρ and σ = 0 the capital
    recovery factor of levelized-cost work, in continuous time. Computed as (1−σ)·B(xN)/N + σx with
    B(y) = y/(1 − e^(−y)), the same function without 0/0.

    Args:
        rate: x = ρ + h + γ: discount, loss and price decline, continuous, 1/year.
        life: N, years until the machine is sold, above 0.
        resale_recovery: σ, share of an equivalent survivor's worth that the sale brings.

    Returns:
        Rent at the start, 1/year.

    References:
        Hall and Jorgenson (1967), "Tax Policy and Investment Behavior", American Economic Review 57(3).

    Examples:
        >>> float(capital_recovery(rate=0.4, life=5.0, resale_recovery=1.0))
        0.4
        >>> round(float(capital_recovery(rate=0.1, life=10.0)), 6)
        0.158198
        >>> float(capital_recovery(rate=0.0, life=5.0, resale_recovery=0.5))
        0.1
    """
    return with_resale(annuity=annuity(rate=rate, life=life), rate=rate, resale_recovery=resale_recovery)


def annuity(*, rate: Array, life: Array) -> Array:
    """Annual rent per USD of capital that is worth nothing in the end: κ(x, N, 0) = x/(1 − e^(−xN)).

    Args:
        rate: x, continuous, 1/year.
        life: N, years, above 0.

    Returns:
        Rent at the start, 1/year.

    Examples:
        >>> round(float(annuity(rate=0.1, life=10.0)), 6), float(annuity(rate=0.0, life=4.0))
        (0.158198, 0.25)
    """
    return bernoulli(rate * life) / life


def with_resale(*, annuity: Array, rate: Array, resale_recovery: Array) -> Array:
    """Annual rent per USD of capital that is sold in the end: κ(x, N, σ) = (1−σ)·κ(x, N, 0) + σx.

    Args:
        annuity: κ(x, N, 0), 1/year.
        rate: x, continuous, 1/year.
        resale_recovery: σ, share of an equivalent survivor's worth that the sale brings.

    Returns:
        Rent at the start, 1/year.

    Examples:
        >>> with_resale(annuity=0.25, rate=0.125, resale_recovery=0.5)
        0.1875
    """
    return (1.0 - resale_recovery) * annuity + resale_recovery * rate


def falling_rent(*, flat_price: Array, discount: Array, decline: Array, contract_length: Array) -> Array:
    """Falling rent that is worth today what a flat price over a contract is: R′ = R·κ(ρ+γ, T, 0)/κ(ρ, T, 0).

    The ratio of the two κ is B((ρ+γ)T)/B(ρT), which is 1 for a contract of length 0.

    Args:
        flat_price: R, flat price over the contract, USD/hour.
        discount: ρ, continuous, 1/year.
        decline: γ, continuous, 1/year.
        contract_length: T, years; 0 for hire on demand.

    Returns:
        Rent at the start, USD/hour.

    Examples:
        >>> float(falling_rent(flat_price=2.0, discount=0.08, decline=0.3, contract_length=0.0))
        2.0
        >>> bool(falling_rent(flat_price=2.0, discount=0.08, decline=0.3, contract_length=3.0) > 2.0)
        True
    """
    return flat_price * bernoulli((discount + decline) * contract_length) / bernoulli(discount * contract_length)


def annual_charge(*, outlay: Array, capital_charge: Array) -> Array:
    """Annual rent of an outlay: κ·K.

    Args:
        outlay: K, USD.
        capital_charge: κ, 1/year.

    Returns:
        USD/year.

    Examples:
        >>> annual_charge(outlay=100.0, capital_charge=0.25)
        25.0
    """
    return capital_charge * outlay


def risk_charge(*, outlay: Array, capital_charge: Array, risky_charge: Array) -> Array:
    """Annual cost of risk to an installed outlay: (κ(ρ′ + h + γ, N, σ) − κ₀)·K.

    Args:
        outlay: K, USD.
        capital_charge: κ₀, without risk, 1/year.
        risky_charge: κ(ρ′ + h + γ, N, σ), 1/year.

    Returns:
        USD/year.

    Examples:
        >>> risk_charge(outlay=100.0, capital_charge=0.25, risky_charge=0.375)
        12.5
    """
    return (risky_charge - capital_charge) * outlay


def remaining_life(*, economic_life: Array, age: Array) -> Array:
    """Years of life that a unit in service has left: N − age.

    Args:
        economic_life: N, years.
        age: years in service, below N.

    Returns:
        Years.

    Examples:
        >>> remaining_life(economic_life=5.0, age=3.0)
        2.0
    """
    return economic_life - age
