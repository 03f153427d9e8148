"""The market: what is wanted, what enforcing the rules costs, and what policy can move."""

from typing import Annotated, Any

from pydantic import Field

from costmodel.limits import MAX_ENTRIES, MAX_LABEL
from costmodel.parameters.leaf import Leaf, Number, Text
from costmodel.parameters.schema.fields import Block, Ratio, Share, neutral, scenario

Quantity = Annotated[Leaf, Number("H100e", gt=0)]
Multiple = Annotated[Leaf, Number("1", gt=0)]


class TaskDemand(Block):
    """Demand for one of the two workloads, where they are cleared apart; what is left out follows from the mix."""

    quantity: Quantity | None = neutral(None, "D₀")
    """Compute in service wanted at the cost without controls; left out, the workload's share of the mix's."""
    elasticity: Ratio | None = neutral(None, "η")
    """Price elasticity of demand, as a positive number; left out, that of the mix."""
    choke_price: Multiple | None = neutral(None)
    """Price above which nothing is wanted ÷ cost without controls; left out, that of the mix."""


class Demand(Block):
    """What buyers want, and what they would pay for it."""

    quantity: Quantity | None = neutral(None, "D₀")
    """Compute in service wanted at the cost without controls; left out, there is no market to clear."""
    elasticity: Ratio = neutral(0.0, "η")
    """Price elasticity of demand, as a positive number."""
    choke_price: Multiple | None = neutral(None)
    """Price above which nothing is wanted ÷ cost without controls."""
    growth: Annotated[Leaf, Number("1/year", gt=-1)] = neutral(0.0, "γ_D")
    """Annual growth of the compute wanted at one and the same price."""
    workloads: Annotated[Leaf, Text(("pooled", "separate"))] = neutral("pooled")
    """Whether the mix is cleared at one price, or training and inference each at their own."""
    training: TaskDemand = Field(default_factory=dict, validate_default=True)
    """Demand for training."""
    inference: TaskDemand = Field(default_factory=dict, validate_default=True)
    """Demand for inference."""


class Enforcement(Block):
    """What enforcing the rules takes, and how it responds to what gets through."""

    budget: Annotated[Leaf, Number("USD/year", ge=0)] | None = neutral(None)
    """Annual budget of the authority that enforces the controls."""
    ceiling: Annotated[Leaf, Number("1", gt=0, le=1)] = scenario(1.0)
    """Interdiction probability that no effort exceeds."""
    response: Annotated[Leaf, Number("1/year", ge=0)] = scenario(0.0)
    """Growth of effort in a year for each unit of the share of gray and courier channels above the tolerance."""
    tolerance: Share = scenario(0.0)
    """Share of gray and courier channels in what is used at which effort neither grows nor shrinks."""


class Lever(Block):
    """Something that policy can move: parameters that go together, and how far."""

    label: str | None = Field(None, max_length=MAX_LABEL)
    """Name in tables and charts; by default the parameter's."""
    paths: list[str] = Field(min_length=1, max_length=MAX_ENTRIES)
    """Parameters that are set to the lever's value."""
    range: tuple[Any, Any]
    """Lowest and highest value, in the parameters' unit or with one of their own."""
    source: list[str] | str | None = None
    """Ids of `params/evidence/sources.csv`."""
    assumption: str | None = None
    """Reason."""
