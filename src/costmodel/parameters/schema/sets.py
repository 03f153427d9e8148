"""A whole set: the unit, the uses, money, chips, places and channels, and how draws are made."""

import re
from typing import Annotated, Any

from pydantic import Field, field_validator

from costmodel.limits import MAX_CORRELATED, MAX_DRAWS, MAX_ENTRIES, MAX_OBSERVATIONS, MAX_PARAGRAPH, MAX_TITLE
from costmodel.parameters.leaf import Leaf, Names, Number, Text, YesNo
from costmodel.parameters.schema.channels import AnyChannel
from costmodel.parameters.schema.decisions import Decision
from costmodel.parameters.schema.dynamics import Adaptation, Domestic, Entry, Observation, Stocks, Timeline
from costmodel.parameters.schema.fields import (
    Block,
    PositiveShare,
    PositiveYears,
    Ratio,
    Share,
    Usd,
    Utilization,
    Words,
    checked_names,
    entries,
    neutral,
    required,
)
from costmodel.parameters.schema.market import Demand, Enforcement, Lever

# Names that Windows keeps for devices.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})


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
    exchange_rates: dict[str, Annotated[Leaf, Number("1", gt=0, certain=True)]] = Field(
        default_factory=dict, max_length=MAX_ENTRIES
    )
    """Units of each currency per USD."""
    price_index: dict[str, Annotated[Leaf, Number("1", gt=0, certain=True)]] = Field(
        default_factory=dict, max_length=MAX_ENTRIES
    )
    """US price level by year, on any base; converts money of other years."""

    @field_validator("exchange_rates", mode="before")
    @classmethod
    def _currencies(cls, table: Any) -> Any:
        for name in entries(table):
            if not re.fullmatch("[A-Z]{3}", name):
                raise ValueError(f"`{name}` is no currency: use three capital letters, such as CNY")
        return table

    @field_validator("price_index", mode="before")
    @classmethod
    def _years(cls, table: Any) -> Any:
        for name in entries(table):
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
    tracks_frontier: Annotated[Leaf, YesNo()] = neutral(value=False)
    """Whether its price falls along a path as that of equivalent new hardware does."""


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


class Assumptions(Block):
    """All parameters."""

    reference: Reference
    """What the unit is measured against."""
    workloads: Workloads
    """What the compute is used for."""
    finance: Finance
    """Rates, lives and the worth of money."""
    chips: dict[str, Chip] = Field(max_length=MAX_ENTRIES)
    """Accelerators by name."""
    sites: dict[str, Site] = Field(max_length=MAX_ENTRIES)
    """Places by name."""
    channels: dict[str, AnyChannel] = Field(min_length=1, max_length=MAX_ENTRIES)
    """Ways by which compute can be had, by name."""
    demand: Demand = Field(default_factory=dict, validate_default=True)
    """What buyers want, and what they would pay for it."""
    enforcement: Enforcement = Field(default_factory=dict, validate_default=True)
    """What enforcing the rules takes, and how it responds to what gets through."""
    adaptation: Adaptation = Field(default_factory=dict, validate_default=True)
    """How evasion adapts to enforcement."""
    entry: Entry = Field(default_factory=dict, validate_default=True)
    """How gray and courier channels grow and shrink."""
    domestic: Domestic = Field(default_factory=dict, validate_default=True)
    """How domestic chips get cheaper, better and more."""
    stocks: Stocks = Field(default_factory=dict, validate_default=True)
    """What is installed."""

    @field_validator("chips", "sites", "channels", mode="before")
    @classmethod
    def _names(cls, table: Any) -> Any:
        return checked_names(table)


class Correlation(Block):
    """Rank correlation of every pair of some uncertain parameters."""

    parameters: list[str] = Field(min_length=2, max_length=MAX_CORRELATED)
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
    title: str = Field(min_length=1, max_length=MAX_TITLE)
    """Title of the report."""
    description: str = Field("", max_length=MAX_PARAGRAPH)
    """What the set stands for, in a short paragraph."""
    extends: str | None = None
    """Set from which everything is taken that is not stated here."""
    base_year: int = Field(ge=1990, le=2100, strict=True)
    """Year whose USD all money is expressed in."""
    as_of: str = Field(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$")
    """Date for which the set holds."""
    assumptions: Assumptions
    """All parameters."""
    correlations: list[Correlation] = Field(default_factory=list, max_length=MAX_ENTRIES)
    """Rank correlations between uncertain parameters."""
    decisions: dict[str, Decision] = Field(default_factory=dict, max_length=MAX_ENTRIES)
    """Decisions for which the worth of better knowledge is computed, by name."""
    levers: dict[str, Lever] = Field(default_factory=dict, max_length=MAX_ENTRIES)
    """What policy can move, by name."""
    timeline: Timeline | None = None
    """The path through time: from when to when, and what happens on the way."""
    observations: list[Observation] = Field(default_factory=list, max_length=MAX_OBSERVATIONS)
    """Published figures that the path is held against."""
    run: Run = Field(default_factory=Run)
    """How the draws are made."""

    @field_validator("name")
    @classmethod
    def _folder(cls, name: str) -> str:
        if name.lower() in _DEVICES:
            raise ValueError(f"`{name}` cannot be the name of a folder on Windows; choose another")
        return name

    @field_validator("decisions", "levers", mode="before")
    @classmethod
    def _names(cls, table: Any) -> Any:
        return checked_names(table)
