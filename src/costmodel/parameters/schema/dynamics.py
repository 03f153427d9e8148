"""Time: what changes from one quarter to the next by itself, what happens when, and what was published."""

from typing import Annotated, Any

from pydantic import Field, field_validator

from costmodel.limits import MAX_ENTRIES
from costmodel.parameters.leaf import Leaf, Number
from costmodel.parameters.schema.fields import Block, Ratio, Share, ShareBelowOne, neutral, scenario

Growth = Annotated[Leaf, Number("1/year", gt=-1)]
Rate = Annotated[Leaf, Number("1/year", ge=0)]
#: A month or a day.
DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?$"
_Date = Annotated[str, Field(pattern=DATE)]
_Sources = list[str] | str | None


class Domestic(Block):
    """How domestic chips get cheaper, better and more: all channels of role `domestic`."""

    learning_rate: ShareBelowOne = neutral(0.0)
    """Share by which the price falls with each doubling of cumulative output."""
    cumulative_output: Annotated[Leaf, Number("accelerator", gt=0)] | None = neutral(None, "Y₀")
    """Accelerators made before the path begins; needed for learning."""
    performance_growth: Growth = neutral(0.0)
    """Annual growth of arithmetic and of memory bandwidth of domestic chips at the same price."""
    capacity_growth: Growth = neutral(0.0)
    """Annual growth of domestic capacity without a premium."""
    induced_growth: Ratio = scenario(0.0)
    """Rise of that growth, as a share of itself, for each point that the premium is above 0."""
    max_growth: Growth | None = neutral(None)
    """Annual growth of capacity that equipment and memory allow at most; left out, there is no bound."""
    capacity_limit: Annotated[Leaf, Number("accelerator", gt=0)] | None = neutral(None)
    """Capacity that equipment and memory allow at most; left out, there is no bound."""


class Adaptation(Block):
    """How evasion adapts to enforcement."""

    initial: Ratio = scenario(0.0, "a₀")
    """Adaptation when the path begins."""
    rate: Rate = scenario(0.0)
    """Growth of adaptation in a year for each unit of interdiction probability."""
    decay: Annotated[Leaf, Number("1/year", ge=0, lt=1)] = scenario(0.0)
    """Share of adaptation that is lost in a year."""


class Entry(Block):
    """How gray and courier channels grow where they earn rents, and shrink where they lose units."""

    rate: Rate = scenario(0.0)
    """Annual growth of capacity for each unit of rent ÷ supply cost."""
    exit: Share = scenario(0.0)
    """Share of capacity that leaves in a year at an interdiction probability of 1."""


class Stocks(Block):
    """What is installed."""

    turnover: Share = neutral(0.0)
    """Share of deliveries and retirements that is counted: 1 in full; at 0 what is installed stays as stated."""


class Event(Block):
    """What happens at a date: parameters that are at other values from then on."""

    date: _Date
    """When it takes effect: from the start of its quarter."""
    label: str = Field(min_length=1, max_length=60)
    """Name in tables and charts."""
    set: dict[str, Any] = Field(min_length=1, max_length=MAX_ENTRIES)
    """New values by parameter path: whatever a set may state there."""
    source: _Sources = None
    """Ids of `params/evidence/sources.csv`."""
    assumption: str | None = None
    """Reason."""
    note: str | None = None
    """Remark."""


class Timeline(Block):
    """The path through time."""

    start: _Date
    """Quarter in which the path begins."""
    end: _Date
    """Last quarter of the path."""
    threshold: float = Field(0.5, gt=0, strict=True, allow_inf_nan=False)
    """Premium at or under which domestic supply alone is to hold the price."""
    events: list[Event] = Field(default_factory=list, max_length=MAX_ENTRIES)
    """What happens when; a set that extends another adds its events to those that it inherits."""


class Observation(Block):
    """A published figure that the path is held against; nothing is fitted to it."""

    date: _Date
    """Date, or beginning of the time, that it is for."""
    until: _Date | None = None
    """End of the time that it is for; left out, it is for one quarter."""
    outcome: str = Field(min_length=1)
    """Result of the path that it is a figure of, such as `server_ratio.gray_market`."""
    value: float = Field(gt=0, strict=True, allow_inf_nan=False)
    """Published value, in the outcome's unit; above 0, since errors are told as shares of it."""
    low: float | None = Field(None, strict=True, allow_inf_nan=False)
    """Lower end of the published range."""
    high: float | None = Field(None, strict=True, allow_inf_nan=False)
    """Upper end of the published range."""
    label: str = Field(min_length=1, max_length=80)
    """What it is a figure of."""
    source: _Sources = None
    """Ids of `params/evidence/sources.csv`."""
    assumption: str | None = None
    """Reason."""
    note: str | None = None
    """Remark."""

    @field_validator("value", "low", "high", mode="before")
    @classmethod
    def _number(cls, stated: Any) -> Any:
        whole = isinstance(stated, int) and not isinstance(stated, bool)
        return float(stated) if whole else stated
