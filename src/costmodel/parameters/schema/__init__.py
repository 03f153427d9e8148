"""What a parameter set may contain: every block, every parameter, its unit, bounds and meaning.

The text under a field is its documentation: it goes into `params/schema.json`, the parameters page and reports.
"""

from costmodel.parameters.schema.channels import (
    CHANNELS,
    KINDS,
    ROLES,
    AnyChannel,
    Channel,
    Courier,
    Inventory,
    Ownership,
    Purchase,
    Rental,
)
from costmodel.parameters.schema.decisions import Decision, Option
from costmodel.parameters.schema.dynamics import Adaptation, Domestic, Entry, Event, Observation, Stocks, Timeline
from costmodel.parameters.schema.fields import Block, Utilization
from costmodel.parameters.schema.market import Demand, Enforcement, Lever, TaskDemand
from costmodel.parameters.schema.sets import (
    Assumptions,
    Chip,
    Correlation,
    Finance,
    Reference,
    Run,
    SetFile,
    Site,
    Training,
    Workload,
    Workloads,
)

__all__ = [
    "CHANNELS",
    "KINDS",
    "ROLES",
    "Adaptation",
    "AnyChannel",
    "Assumptions",
    "Block",
    "Channel",
    "Chip",
    "Correlation",
    "Courier",
    "Decision",
    "Demand",
    "Domestic",
    "Enforcement",
    "Entry",
    "Event",
    "Finance",
    "Inventory",
    "Lever",
    "Observation",
    "Option",
    "Ownership",
    "Purchase",
    "Reference",
    "Rental",
    "Run",
    "SetFile",
    "Site",
    "Stocks",
    "TaskDemand",
    "Timeline",
    "Training",
    "Utilization",
    "Workload",
    "Workloads",
]
