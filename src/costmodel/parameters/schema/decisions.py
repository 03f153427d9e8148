"""Decisions: what one may do, and what each choice is worth."""

from typing import Any, Literal

from pydantic import Field, field_validator

from costmodel.limits import MAX_ENTRIES, MAX_LABEL
from costmodel.parameters.schema.fields import Block, checked_names


class Option(Block):
    """One thing that may be done."""

    label: str | None = Field(None, max_length=MAX_LABEL)
    """Name in tables and charts; by default the channel's."""
    channel: str | None = None
    """Channel whose pay-off counts; left out, the cheapest open one."""
    set: dict[str, Any] = Field(default_factory=dict, max_length=MAX_ENTRIES)
    """Parameters that this choice changes, by path; an uncertain one only where it is uncertain in the set."""
    cost: float = Field(0.0, strict=True, allow_inf_nan=False)
    """Amount added to the pay-off, in its unit and in USD of the set's base year."""
    source: list[str] | str | None = None
    """Ids of `params/evidence/sources.csv`."""
    assumption: str | None = None
    """Reason."""


class Decision(Block):
    """A choice between options, for which the worth of better knowledge is computed."""

    title: str = Field(min_length=1, max_length=200)
    """The question, in words."""
    workload: Literal["training", "inference", "mix"] = "mix"
    """Workload whose cost counts."""
    payoff: Literal["effective_cost", "premium"] = "effective_cost"
    """What an option is judged by: its cost, or its cost over the counterfactual, less 1."""
    goal: Literal["minimize", "maximize"] = "minimize"
    """Whether a low or a high pay-off is good."""
    options: dict[str, Option] = Field(min_length=2, max_length=MAX_ENTRIES)
    """What may be done, by name; an option whose channel is closed is left out."""
    groups: dict[str, list[str]] = Field(default_factory=dict, max_length=MAX_ENTRIES)
    """Parameters that one would learn together, by name: paths, or what paths begin with."""
    source: list[str] | str | None = None
    """Ids of `params/evidence/sources.csv`; for all options."""
    assumption: str | None = None
    """Reason; for all options."""

    @field_validator("options", "groups", mode="before")
    @classmethod
    def _names(cls, table: Any) -> Any:
        return checked_names(table)
