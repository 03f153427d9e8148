"""What running an accelerator takes: server and network, building, energy, upkeep (docs/methods.md)."""

from costmodel.arrays import HOURS_PER_YEAR, Array


def server_and_network(*, price: Array, server_cost: Array, network_share: Array) -> Array:
    """Outlay on server and network: S + (P + S)·n/(1 − n).

    Args:
        price: P, USD.
        server_cost: S, USD per accelerator.
        network_share: n, share of the network in the IT cost of a cluster, below 1.

    Returns:
        USD per accelerator.

    Examples:
        >>> server_and_network(price=80.0, server_cost=10.0, network_share=0.1)
        20.0
    """
    return server_cost + (price + server_cost) * network_share / (1.0 - network_share)


def it_power(*, power: Array, server_power_factor: Array) -> Array:
    """IT power of an accelerator with its share of the server.

    Args:
        power: power of the accelerator alone, kW.
        server_power_factor: power of the server per accelerator ÷ power of the accelerator.

    Returns:
        kW.

    Examples:
        >>> it_power(power=0.5, server_power_factor=2.0)
        1.0
    """
    return power * server_power_factor


def facility(*, building_charge: Array, datacenter_capex: Array, it_power: Array) -> Array:
    """Annual rent of the data centre: κ(ρ, N_dc, 0)·k_dc·kW.

    Args:
        building_charge: κ(ρ, N_dc, 0), 1/year.
        datacenter_capex: k_dc, USD per kW of IT load.
        it_power: kW.

    Returns:
        USD/year.

    Examples:
        >>> facility(building_charge=0.1, datacenter_capex=10_000.0, it_power=1.5)
        1500.0
    """
    return building_charge * datacenter_capex * it_power


def energy(*, it_power: Array, load_factor: Array, pue: Array, electricity_price: Array) -> Array:
    """Annual cost of electricity: kW·load·PUE·H·z.

    Args:
        it_power: kW.
        load_factor: mean load ÷ IT power.
        pue: power usage effectiveness, total power ÷ IT power.
        electricity_price: z, USD/kWh.

    Returns:
        USD/year.

    Examples:
        >>> round(energy(it_power=1.0, load_factor=0.5, pue=1.2, electricity_price=0.1), 6)
        525.96
    """
    return it_power * load_factor * pue * HOURS_PER_YEAR * electricity_price


def maintenance(
    *,
    maintenance_rate: Array,
    price: Array,
    server_and_network: Array,
    failure_rate: Array,
    repair_cost_share: Array,
    warranty_coverage: Array,
) -> Array:
    """Annual upkeep and repairs: μ·(P + S + (P+S)·n/(1−n)) + q_f·c_f·P·(1−w).

    Args:
        maintenance_rate: μ, share of the IT cost, 1/year.
        price: P, USD.
        server_and_network: S + (P+S)·n/(1−n), USD.
        failure_rate: q_f, repairable failures, 1/year.
        repair_cost_share: c_f, cost of a repair ÷ P.
        warranty_coverage: w, share of repairs that the warranty pays.

    Returns:
        USD/year.

    Examples:
        >>> maintenance(
        ...     maintenance_rate=0.05, price=80.0, server_and_network=20.0,
        ...     failure_rate=0.1, repair_cost_share=0.5, warranty_coverage=0.75,
        ... )
        6.0
    """
    upkeep = maintenance_rate * (price + server_and_network)
    return upkeep + failure_rate * repair_cost_share * price * (1.0 - warranty_coverage)
