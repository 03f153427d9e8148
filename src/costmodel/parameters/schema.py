"""What a parameter set may contain: every block, every parameter, its unit, bounds and meaning.

The text under a field is its documentation: it goes into `params/schema.json`, the parameters page and reports.
"""

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator, model_validator

from costmodel.parameters.leaf import LEAF_MARKS, LEAF_WORDS, Leaf, Names, Number, Text, YesNo

KINDS = ("purchase", "rental", "inventory")
ROLES = ("counterfactual", "licensed", "gray", "courier", "remote", "domestic", "stockpile")
MAX_DRAWS = 10_000_000

Usd = Annotated[Leaf, Number("USD", ge=0)]
Share = Annotated[Leaf, Number("1", ge=0, le=1)]
PositiveShare = Annotated[Leaf, Number("1", gt=0, le=1)]
ShareBelowOne = Annotated[Leaf, Number("1", ge=0, lt=1)]
AnnualProbability = Annotated[Leaf, Number("1/year", ge=0, lt=1)]
AnnualRate = Annotated[Leaf, Number("1/year", ge=0)]
Years = Annotated[Leaf, Number("year", ge=0)]
PositiveYears = Annotated[Leaf, Number("year", gt=0)]
Markup = Annotated[Leaf, Number("1", gt=-1)]
Ratio = Annotated[Leaf, Number("1", ge=0)]
Words = Annotated[Leaf, Text()]


def _field(default: Any, symbol: str, **extra: Any) -> Any:
    return Field(default, validate_default=default is not None, json_schema_extra={"symbol": symbol, **extra})


def required(symbol: str = "") -> Any:
    """A field that must be stated."""
    return Field(json_schema_extra={"symbol": symbol})


def neutral(value: Any, symbol: str = "") -> Any:
    """A field that may be left out, and then has no effect (or that value)."""
    return _field(value, symbol)


def control(value: float, symbol: str = "") -> Any:
    """A field that measures what controls do: `control_wedge` is the cost of its not being at this neutral value."""
    return _field(value, symbol, control=True)


class Block(BaseModel):
    """Base of all blocks: unknown names are refused, and nothing changes after validation."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _no_leaf(cls, block: Any) -> Any:
        if isinstance(block, dict) and LEAF_MARKS & block.keys() - cls.model_fields.keys():
            names = list(cls.model_fields)
            shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
            raise ValueError(f"must be a block with {shown}, not a single value")
        return block


class Utilization(Block):
    """Attained fraction of the roofline, by workload."""

    training: PositiveShare = required("u")
    """Attained fraction of the roofline in training (model FLOP utilisation)."""
    inference: PositiveShare = required("u")
    """Attained fraction of the roofline in inference."""


class Reference(Block):
    """What one unit of useful compute is measured against."""

    chip: Words = required()
    """Chip whose hour is the unit."""
    utilization: Utilization
    """Utilisation of the reference chip."""
    availability: PositiveShare = required("A_ref")
    """Share of hours in which the reference chip is up."""
    counterfactual: Annotated[Leaf, Names()] = neutral(["counterfactual"])
    """Channels of which the cheapest is what the buyer would do without controls."""


class Workload(Block):
    """What a kind of work asks of a chip."""

    arithmetic_intensity: Annotated[Leaf, Number("FLOP/byte", gt=0)] = required("I")
    """Operations for each byte moved from memory, in bf16."""
    precision: Annotated[Leaf, Text(("bf16", "fp8"))] = neutral("bf16")
    """Number format; a chip without fp8 runs in bf16."""


class Training(Workload):
    """Training, and its part in the mix."""

    share: Share = required("s")
    """Share of the mix's work that is training."""


class Workloads(Block):
    """The two workloads; their mix is derived."""

    training: Training
    """Training of models."""
    inference: Workload
    """Use of trained models."""


def _entries(table: Any) -> list[str]:
    """Names of the entries of a table; what is no table at all is left to pydantic."""
    if isinstance(table, dict) and LEAF_MARKS & table.keys():
        raise ValueError("must be a block of entries by name, not a single value")
    return [str(name) for name in table] if isinstance(table, dict) else []


class Finance(Block):
    """Rates, lives and the worth of money, common to all channels."""

    discount_rate: Annotated[Leaf, Number("1/year", gt=-1, nominal="rate")] = neutral(0.0, "ρ")
    """Real annual discount rate of the buyer."""
    inflation: Annotated[Leaf, Number("1/year", gt=-1)] = neutral(0.0, "i")
    """Annual inflation by which rates stated as nominal are deflated."""
    price_decline: Annotated[Leaf, Number("1/year", lt=1, nominal="decline")] = neutral(0.0, "γ")
    """Share by which the real price of equivalent new hardware falls in a year."""
    economic_life: PositiveYears = required("N")
    """Years after which an accelerator is sold or scrapped."""
    datacenter_life: PositiveYears = required("N_dc")
    """Years over which a data centre is written off."""
    exchange_rates: dict[str, Annotated[Leaf, Number("1", gt=0, certain=True)]] = Field(default_factory=dict)
    """Units of each currency per USD."""
    price_index: dict[str, Annotated[Leaf, Number("1", gt=0, certain=True)]] = Field(default_factory=dict)
    """US price level by year, on any base; converts money of other years."""

    @field_validator("exchange_rates", mode="before")
    @classmethod
    def _currencies(cls, table: Any) -> Any:
        for name in _entries(table):
            if not re.fullmatch("[A-Z]{3}", name):
                raise ValueError(f"`{name}` is no currency: use three capital letters, such as CNY")
        return table

    @field_validator("price_index", mode="before")
    @classmethod
    def _years(cls, table: Any) -> Any:
        for name in _entries(table):
            if not re.fullmatch("[0-9]{4}", name):
                raise ValueError(f"`{name}` is no year: use four digits, such as 2024")
        return table


class Chip(Block):
    """An accelerator as its maker states it."""

    label: Words | None = neutral(None)
    """Name in tables and charts."""
    bf16_flops: Annotated[Leaf, Number("FLOP/s", gt=0)] = required("F")
    """Dense peak in bf16."""
    fp8_flops: Annotated[Leaf, Number("FLOP/s", gt=0)] | None = neutral(None, "F")
    """Dense peak in fp8; left out where the chip has none."""
    memory_bandwidth: Annotated[Leaf, Number("byte/s", gt=0)] = required("B")
    """Bandwidth of its memory."""
    power: Annotated[Leaf, Number("kW", ge=0)] = required("kW")
    """Design power of the accelerator alone."""
    price: Usd | None = neutral(None, "P")
    """Street price where it is sold freely."""


class Site(Block):
    """A place where chips run."""

    label: Words | None = neutral(None)
    """Name in tables and charts."""
    import_duty: Ratio = neutral(0.0, "τ")
    """Duty as a share of the customs value."""
    vat: Ratio = neutral(0.0, "ν")
    """Tax on value added at import."""
    vat_creditable: Share = neutral(0.0, "c_v")
    """Share of the tax on value added that the buyer reclaims."""
    datacenter_capex: Annotated[Leaf, Number("USD/kW", ge=0)] = neutral(0.0, "k_dc")
    """Cost of building a data centre per kW of IT load, without IT."""
    pue: Annotated[Leaf, Number("1", ge=1)] = neutral(1.0, "PUE")
    """Power usage effectiveness: total power ÷ IT power."""
    electricity_price: Annotated[Leaf, Number("USD/kWh", ge=0)] = neutral(0.0, "z")
    """Price of electricity at the site."""


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


class Assumptions(Block):
    """All parameters."""

    reference: Reference
    """What the unit is measured against."""
    workloads: Workloads
    """What the compute is used for."""
    finance: Finance
    """Rates, lives and the worth of money."""
    chips: dict[str, Chip]
    """Accelerators by name."""
    sites: dict[str, Site]
    """Places by name."""
    channels: dict[str, AnyChannel] = Field(min_length=1)
    """Ways by which compute can be had, by name."""

    @field_validator("chips", "sites", "channels", mode="before")
    @classmethod
    def _names(cls, table: Any) -> Any:
        for name in _entries(table):
            if not name.isidentifier() or name != name.lower() or name in LEAF_WORDS:
                raise ValueError(
                    f"`{name}` is no name: use lower-case letters, digits and _, and none of the leaf words"
                )
        return table


class Correlation(Block):
    """Rank correlation of every pair of some uncertain parameters."""

    parameters: list[str] = Field(min_length=2)
    """Paths of uncertain parameters."""
    rank: float = Field(ge=-1, le=1, strict=True, allow_inf_nan=False)
    """Spearman's rank correlation."""
    source: list[str] | str | None = None
    """Ids of `params/evidence/sources.csv`."""
    assumption: str | None = None
    """Reason."""


class Run(Block):
    """How the draws are made."""

    draws: int = Field(16384, ge=1, le=MAX_DRAWS, strict=True)
    """Number of draws; a power of two uses the points best."""
    seed: int = Field(0, ge=0, lt=2**63, strict=True)
    """Seed; 0 is a seed like any other."""


class SetFile(Block):
    """A parameter set: these keys are also the parameters cell of the report notebook."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=80)
    """Short name; names the report's folder."""
    title: str = Field(min_length=1, max_length=200)
    """Title of the report."""
    description: str = ""
    """What the set stands for, in a short paragraph."""
    extends: str | None = None
    """Set from which everything is taken that is not stated here."""
    base_year: int = Field(ge=1990, le=2100, strict=True)
    """Year whose USD all money is expressed in."""
    as_of: str = Field(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")
    """Date for which the set holds."""
    assumptions: Assumptions
    """All parameters."""
    correlations: list[Correlation] = Field(default_factory=list)
    """Rank correlations between uncertain parameters."""
    run: Run = Field(default_factory=Run)
    """How the draws are made."""
