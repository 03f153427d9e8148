"""Channels: what every one states, and what each kind adds."""

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from costmodel.parameters.leaf import Leaf, Number, Text, YesNo
from costmodel.parameters.schema.fields import (
    Accelerators,
    AnnualProbability,
    AnnualRate,
    Block,
    Markup,
    PositiveShare,
    Ratio,
    Share,
    ShareBelowOne,
    Usd,
    Utilization,
    Words,
    Years,
    control,
    neutral,
    required,
)

KINDS = ("purchase", "rental", "inventory")
ROLES = ("counterfactual", "licensed", "gray", "courier", "remote", "domestic", "stockpile")


class Channel(Block):
    """What every channel states, whatever its kind."""

    label: Words | None = neutral(None)
    """Name in tables and charts."""
    kind: Annotated[Leaf, Text(KINDS)] = required()
    """How compute is had: bought, hired, or held in stock."""
    role: Annotated[Leaf, Text(ROLES)] = required()
    """What the channel is to policy; decides its colour."""
    chip: Words = required()
    """Name of the chip, under `chips`."""
    available: Annotated[Leaf, YesNo()] = neutral(value=True)
    """Whether the channel is open; a closed one is still costed, and shown as closed."""
    utilization: Utilization
    """Attained fraction of the roofline on this channel."""
    availability: PositiveShare = required("A")
    """Share of hours in which the accelerator is up."""


class Ownership(Block):
    """What it takes to own and run an accelerator."""

    server_cost: Usd = neutral(0.0, "S")
    """Server per accelerator, without the accelerator."""
    network_share: ShareBelowOne = neutral(0.0, "n")
    """Share of the network in the IT cost of a cluster."""
    server_power_factor: Annotated[Leaf, Number("1", ge=0)] = neutral(1.0)
    """Power of the server per accelerator ÷ power of the accelerator."""
    load_factor: Share = neutral(1.0, "load")
    """Mean load ÷ IT power."""
    maintenance_rate: AnnualRate = neutral(0.0, "μ")
    """Annual upkeep as a share of the IT cost."""
    failure_rate: AnnualRate = neutral(0.0, "q_f")
    """Repairable failures of an accelerator in a year."""
    repair_cost_share: Ratio = neutral(0.0, "c_f")
    """Cost of a repair ÷ price of the chip."""
    warranty_coverage: Share = neutral(0.0, "w")
    """Share of repairs that the warranty pays."""


class Risk(Block):
    """What threatens an owner's accelerators in service."""

    site: Words = required()
    """Name of the site, under `sites`."""
    resale_recovery: Share = required("σ")
    """Share of an equivalent survivor's worth that its sale brings."""
    porting_cost: Usd = neutral(0.0, "Q")
    """Cost of moving software to the chip, once, per accelerator."""
    risk_premium: AnnualRate = control(0.0, "ρ′−ρ")
    """Addition to the discount rate for risk beyond the expected losses counted elsewhere."""
    loss_hazard: AnnualProbability = control(0.0, "h")
    """Annual probability of losing an installed accelerator for good, beyond repair."""


class Purchase(Channel, Ownership, Risk):
    """New accelerators bought and run by the user."""

    price_markup: Markup = control(0.0, "m")
    """Markup over the street price, as observed."""
    markup_basis: Annotated[Leaf, Text(("origin", "delivered"))] = neutral("origin")
    """Whether the marked-up price is paid abroad or on arrival."""
    export_fee: ShareBelowOne = control(0.0, "f")
    """Fee on the seller's revenue."""
    export_fee_pass_through: Share = neutral(1.0, "φ")
    """Share of the fee that the buyer pays."""
    pays_import_taxes: Annotated[Leaf, YesNo()] = neutral(value=False)
    """Whether the channel passes customs."""
    logistics_cost: Usd = neutral(0.0, "ℓ")
    """Transport, insurance and handling of one accelerator."""
    interdiction_probability: ShareBelowOne = control(0.0, "p")
    """Probability that a unit that was sent does not arrive."""
    buyer_loss_share: Share = neutral(1.0, "ω")
    """Share of an interdicted unit's cost that the buyer bears."""
    penalty: Usd = control(0.0, "Π")
    """Expected penalty for each interdicted unit."""
    lead_time: Years = neutral(0.0, "L")
    """Time from order to service."""
    prepayment_share: Share = neutral(1.0, "θ")
    """Share of the outlay paid at the order."""
    supply_markup: Markup = control(0.0)
    """Markup without which nobody would bring a unit in: sellers' work and risk, without a rent of scarcity."""
    installed: Accelerators = neutral(0.0)
    """Accelerators already in service, which stay when the channel closes."""
    capacity: Accelerators = neutral(0.0)
    """Accelerators that can be sent within the year; those that are lost on the way do not arrive."""
    capacity_growth: Annotated[Leaf, Number("1/year", gt=-1)] = neutral(0.0)
    """Annual growth of the capacity by itself, beside what rents, learning or losses do to it."""
    supply_slope: Ratio = neutral(0.0)
    """Rise of the unit cost along the capacity, as a share of that of the first unit."""


class Inventory(Channel, Ownership, Risk):
    """A stockpile bought before the controls."""

    market_value: Usd = required()
    """What a unit would sell for today."""
    book_value: Usd = required()
    """What a unit stands at in the accounts."""
    valuation: Annotated[Leaf, Text(("opportunity", "book"))] = neutral("opportunity")
    """Which of the two values counts: the economist's or the accountant's."""
    age: Years = neutral(0.0)
    """Years for which the units have been in service."""
    capacity: Accelerators = neutral(0.0)
    """Accelerators in the stock, which stays when the channel closes."""


class Courier(Block):
    """Data carried on drives."""

    trip_cost: Usd = neutral(0.0, "C_t")
    """Cost of one trip."""
    capacity: Annotated[Leaf, Number("TB", gt=0)] | None = neutral(None, "T")
    """Data carried on one trip."""
    loss_probability: ShareBelowOne = neutral(0.0, "p_t")
    """Share of trips that fail."""
    drive_cost: Annotated[Leaf, Number("USD/TB", ge=0)] = neutral(0.0, "c_d")
    """Cost of drives."""


class Rental(Channel, Ownership):
    """Accelerators hired by the hour."""

    site: Words | None = neutral(None)
    """Name of the site, under `sites`; needed for cost-plus pricing."""
    pricing: Annotated[Leaf, Text(("market", "cost_plus"))] = neutral("market")
    """Whether the price is observed, or built up from an operator's cost."""
    rental_price: Annotated[Leaf, Number("USD/hour", ge=0)] | None = neutral(None, "R")
    """Price of an accelerator-hour."""
    contract_length: Years = neutral(0.0, "T_c")
    """Length of a flat-price contract; 0 on demand."""
    occupancy: PositiveShare = neutral(1.0)
    """Share of hours that a cost-plus operator sells."""
    operator_margin: Ratio = neutral(0.0)
    """Margin of a cost-plus operator over cost."""
    resale_recovery: Share | None = neutral(None, "σ")
    """Share of an equivalent survivor's worth that the operator's sale brings; needed for cost-plus pricing."""
    price_markup: Markup = control(0.0, "m")
    """Intermediary's margin."""
    compliance_cost: Ratio = control(0.0, "t")
    """Cost of complying with rules as a share of what is paid."""
    data_volume: Annotated[Leaf, Number("TB/year", ge=0)] = neutral(0.0, "V")
    """Data moved per accelerator."""
    network_transfer_cost: Annotated[Leaf, Number("USD/TB", ge=0)] = neutral(0.0, "c_n")
    """Cost of moving data by network."""
    courier_share: Share = neutral(0.0, "χ")
    """Share of the data carried on drives."""
    courier: Courier = Field(default_factory=dict, validate_default=True)
    """Cost of carrying data."""
    disruption_hazard: AnnualProbability = control(0.0, "λ")
    """Annual probability of losing access."""
    disruption_duration: Years = neutral(0.0, "d")
    """Paid time without use after losing access."""
    migration_cost: Usd = neutral(0.0, "M")
    """Cost of moving elsewhere, per accelerator."""
    capacity: Accelerators = neutral(0.0)
    """Accelerators on offer to this buyer."""
    capacity_growth: Annotated[Leaf, Number("1/year", gt=-1)] = neutral(0.0)
    """Annual growth of the capacity by itself, beside what rents, learning or losses do to it."""
    supply_slope: Ratio = neutral(0.0)
    """Rise of the unit cost along the capacity, as a share of that of the first unit."""


def _kind(raw: Any) -> str:
    """The channel's kind, for choosing its block; `none` and unknown words are refused by pydantic."""
    kind = raw.get("kind") if isinstance(raw, dict) else getattr(raw, "kind", None)
    if isinstance(kind, dict):
        kind = kind.get("value")
    return str(kind.value if isinstance(kind, Leaf) else kind)


CHANNELS: dict[str, type[Channel]] = {"purchase": Purchase, "rental": Rental, "inventory": Inventory}

AnyChannel = Annotated[
    Annotated[Purchase, Tag("purchase")] | Annotated[Rental, Tag("rental")] | Annotated[Inventory, Tag("inventory")],
    Discriminator(_kind),
]
