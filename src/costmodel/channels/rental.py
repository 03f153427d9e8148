"""Hired by the hour (docs/methods.md)."""

from costmodel.arrays import Array
from costmodel.channels.purchase import PURCHASE
from costmodel.channels.steps import Choice, Component, Kind, Step, Terms, step, total
from costmodel.formulas import capital, hazard, rental
from costmodel.memo import Call
from costmodel.parameters import schema

#: What an operator who buys without any friction does not bear: all that a purchase states and a hire does not.
FRICTIONLESS = {
    name: field.default
    for name, field in schema.Purchase.model_fields.items()
    if name not in schema.Ownership.model_fields and not field.is_required()
}


def _operator_cost(terms: Terms, call: Call) -> Array:
    """Annual cost of a frictionless purchase of the same chip at the same site, USD."""
    cost: Array = call(total, PURCHASE.stack({**terms, **FRICTIONLESS}, call))
    return cost


RENTAL = Kind(
    name="rental",
    label="hired by the hour",
    steps=(
        step("discount", capital.continuous_rate, rate="discount_rate"),
        step("decline", capital.decline_rate),
        Choice(
            "pricing",
            {
                "market": (step("hourly_rent", capital.falling_rent, flat_price="rental_price"),),
                "cost_plus": (
                    Step("operator_cost", _operator_cost, None),
                    step("hourly_rent", rental.operator_price),
                ),
            },
        ),
        step("annual_rent", rental.annual_rent),
        step("annual_payment", rental.payment, rent="annual_rent"),
        step(
            "carried_cost",
            rental.carried_cost,
            trip_cost="courier_trip_cost",
            capacity="courier_capacity",
            drive_cost="courier_drive_cost",
            loss_probability="courier_loss_probability",
        ),
        step("disruption_rate", hazard.hazard_rate, probability="disruption_hazard"),
    ),
    components=(
        Component("rent", "Rent", step("rent", rental.annual_rent)),
        Component("markup", "Markup", step("markup", rental.intermediary_markup, rent="annual_rent")),
        Component("taxes_and_fees", "Taxes and fees", step("taxes_and_fees", rental.compliance, rent="annual_rent")),
        Component("data_logistics", "Moving data", step("data_logistics", rental.data_logistics)),
        Component("disruption", "Loss of access", step("disruption", hazard.disruption)),
    ),
)
