"""Bought and run by the user (docs/methods.md)."""

from costmodel.channels.ownership import RUNNING, charged, charges
from costmodel.channels.steps import Choice, Kind, step
from costmodel.formulas import hazard, trade

# The price is paid abroad: the buyer bears transport, losses and waiting, and pays the markup on top.
_AT_ORIGIN = (
    step("interdiction_outlay", hazard.interdiction_borne_by_buyer),
    step(
        "lead_time_outlay",
        trade.lead_time_borne_by_buyer,
        taxes_and_fees="taxes_and_fees_outlay",
        interdiction="interdiction_outlay",
    ),
    step("markup_outlay", trade.markup_paid),
)

# The price is paid on arrival: transport, losses and waiting are the seller's, and part of the reported markup.
_DELIVERED = (
    step("interdiction_outlay", hazard.interdiction_borne_by_seller),
    step("lead_time_outlay", trade.lead_time_borne_by_seller, interdiction="interdiction_outlay"),
    step("markup_paid", trade.markup_paid),
    step(
        "markup_outlay",
        trade.sellers_margin,
        logistics="logistics_cost",
        interdiction="interdiction_outlay",
        lead_time="lead_time_outlay",
    ),
)

PURCHASE = Kind(
    name="purchase",
    label="bought and run by the user",
    steps=(
        *charges(life="economic_life"),
        step("purchase_price", trade.purchase_price),
        step("fee", trade.export_fee_paid),
        step("taxes", trade.import_taxes),
        step("taxes_and_fees_outlay", trade.taxes_and_fees),
        step("waiting", trade.waiting),
        step("losses", hazard.losses_per_arrival, loss_probability="interdiction_probability"),
        Choice("markup_basis", {"origin": _AT_ORIGIN, "delivered": _DELIVERED}),
        step(
            "total_outlay",
            trade.outlay,
            chip="price",
            logistics="logistics_cost",
            interdiction="interdiction_outlay",
            lead_time="lead_time_outlay",
            markup="markup_outlay",
            taxes_and_fees="taxes_and_fees_outlay",
            server_and_network="server_and_network_outlay",
        ),
    ),
    components=(
        charged("chip", "Chip at street price", "price"),
        charged("logistics", "Transport and insurance", "logistics_cost"),
        charged("interdiction", "Losses on the way", "interdiction_outlay"),
        charged("lead_time", "Waiting", "lead_time_outlay"),
        charged("markup", "Markup", "markup_outlay"),
        charged("taxes_and_fees", "Taxes and fees", "taxes_and_fees_outlay"),
        charged("server_and_network", "Server and network", "server_and_network_outlay"),
        *RUNNING,
    ),
)
