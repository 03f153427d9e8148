"""What owners of accelerators have in common, whether they bought them now or before."""

from costmodel.channels.steps import Component, Step, step
from costmodel.formulas import capital, facility, hazard


def charges(life: str) -> tuple[Step, ...]:
    """Annual charges per USD of outlay on an accelerator with `life` years to go, and what it draws and carries.

    Args:
        life: name of the term with the years left.
    """
    return (
        step("discount", capital.continuous_rate, rate="discount_rate"),
        step("risky_discount", capital.risky_rate),
        step("decline", capital.decline_rate),
        step("hazard", hazard.hazard_rate, probability="loss_hazard"),
        step("safe_rate", capital.total_rate, hazard=None),
        step("risky_total_rate", capital.total_rate, discount="risky_discount"),
        step("porting_charge", capital.annuity, rate="safe_rate", life=life),
        step("capital_charge", capital.with_resale, annuity="porting_charge", rate="safe_rate"),
        step("risky_annuity", capital.annuity, rate="risky_total_rate", life=life),
        step("risky_charge", capital.with_resale, annuity="risky_annuity", rate="risky_total_rate"),
        step("building_charge", capital.annuity, rate="discount", life="datacenter_life"),
        step("it_power", facility.it_power),
        step("server_and_network_outlay", facility.server_and_network),
    )


def charged(name: str, label: str, outlay: str) -> Component:
    """A component that recovers an outlay over the accelerator's life."""
    return Component(name, label, step(name, capital.annual_charge, outlay=outlay))


#: Costs of ownership beyond the outlay, in order.
RUNNING = (
    Component(
        "porting",
        "Porting software",
        step("porting", capital.annual_charge, outlay="porting_cost", capital_charge="porting_charge"),
    ),
    Component("risk", "Risk in service", step("risk", capital.risk_charge, outlay="total_outlay")),
    Component("facility", "Data centre", step("facility", facility.facility)),
    Component("energy", "Electricity", step("energy", facility.energy)),
    Component(
        "maintenance",
        "Maintenance and repair",
        step("maintenance", facility.maintenance, server_and_network="server_and_network_outlay"),
    ),
)

#: What an owner saves who lets an accelerator stand still.
AVOIDABLE = ("energy", "maintenance")
