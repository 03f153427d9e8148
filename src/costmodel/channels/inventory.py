"""A stockpile bought before the controls (docs/methods.md)."""

from costmodel.arrays import Array
from costmodel.channels.ownership import AVOIDABLE, RUNNING, charged, charges
from costmodel.channels.steps import Choice, Component, Kind, step
from costmodel.formulas import capital, trade


def _held_at(*, value: Array) -> Array:
    return value


INVENTORY = Kind(
    name="inventory",
    label="held since before the controls",
    steps=(
        step("life_left", capital.remaining_life),
        *charges(life="life_left"),
        Choice(
            "valuation",
            {
                "opportunity": (step("held_value", _held_at, value="market_value"),),
                "book": (step("held_value", _held_at, value="book_value"),),
            },
        ),
        step(
            "total_outlay",
            trade.outlay,
            chip="held_value",
            server_and_network="server_and_network_outlay",
            logistics=None,
            interdiction=None,
            lead_time=None,
            markup=None,
            taxes_and_fees=None,
        ),
    ),
    components=(
        charged("chip", "Chip at market or book value", "held_value"),
        Component("logistics", "Transport and insurance"),
        Component("interdiction", "Losses on the way"),
        Component("lead_time", "Waiting"),
        Component("markup", "Markup"),
        Component("taxes_and_fees", "Taxes and fees"),
        charged("server_and_network", "Server and network", "server_and_network_outlay"),
        *RUNNING,
    ),
    avoidable=AVOIDABLE,
    sunk=True,
)
