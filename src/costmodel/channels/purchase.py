"""Bought and run by the user (docs/methods.md)."""

from costmodel.channels.ownership import AVOIDABLE, RUNNING, charged, charges
from costmodel.channels.steps import Choice, Kind, Terms, Transfer, step
from costmodel.formulas import capital, hazard, trade

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


def _supply(terms: Terms) -> Terms:
    """Paid at origin with the markup that sellers need, every loss counted: what it takes, without a rent."""
    return {**terms, "markup_basis": "origin", "price_markup": terms["supply_markup"], "buyer_loss_share": 1.0}


def _transfer(name: str, label: str, to: str, paid: str, received: str) -> Transfer:
    """Outlays that buyers pay, and governments receive, as annual charges."""
    steps = (
        step(f"{name}_{end}", capital.annual_charge, outlay=of) for end, of in (("paid", paid), ("received", received))
    )
    return Transfer(name, label, to, *steps)


_TRANSFERS = (
    _transfer("export_fee", "Export fees", "exporting", paid="fee", received="fee_received"),
    _transfer("import_taxes", "Import taxes", "importing", paid="taxes", received="taxes"),
    _transfer("penalties", "Penalties", "exporting", paid="penalties", received="penalties"),
)

PURCHASE = Kind(
    name="purchase",
    label="bought and run by the user",
    steps=(
        *charges(life="economic_life"),
        step("purchase_price", trade.purchase_price),
        step("fee", trade.export_fee_paid),
        step("fee_received", trade.export_fee_received),
        step("taxes", trade.import_taxes),
        step("taxes_and_fees_outlay", trade.taxes_and_fees),
        step("waiting", trade.waiting),
        step("losses", hazard.losses_per_arrival, loss_probability="interdiction_probability"),
        step("penalties", hazard.penalties),
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
    supply=_supply,
    avoidable=AVOIDABLE,
    transfers=_TRANSFERS,
)
