"""Terms that reports use, in plain words."""

#: Explanation by term, in the order of a report.
TERMS: dict[str, str] = {
    "H100-equivalent hour": (
        "The work that one NVIDIA H100 (SXM) accelerator does in one hour at the reference utilisation. "
        "Other chips count by how much "
        "of this work they do: on a given kind of work a chip is limited either by its arithmetic or by its "
        "memory (the roofline)."
    ),
    "Effective cost": (
        "All costs of a channel in a year, divided by the H100-equivalent hours of useful work that come out "
        "of it: a chip that is half "
        "as well used costs twice as much."
    ),
    "Cost without controls (counterfactual)": (
        "What the same buyer would pay for the same work if there were no export controls, with the ordinary "
        "taxes, freight and waiting "
        "that all buyers have."
    ),
    "Premium": "A channel's cost over the cost without controls in the same draw, less 1. It can be negative.",
    "Control wedge and technology wedge": (
        "The two parts of a channel's distance to the cost without controls: what the controls cause "
        "directly, and what another chip or "
        "another form of supply does."
    ),
    "Draw, median, 5–95 % range": (
        "A draw takes every uncertain parameter at random from its distribution. Half of all draws lie below "
        "the median; one in twenty lies "
        "below the 5 % end of a range, one in twenty above its 95 % end."
    ),
    "Coverage, density and mass": (
        "Three shares by which a range of assumptions is judged. Coverage: of all draws in which a channel is the "
        "cheapest, the share that lies in the range. Density: of the draws in the range, the share in which it is the "
        "cheapest. Mass: of all draws, the share in the range."
    ),
    "Central value": (
        "The median of one parameter. The result with all parameters at their central values is not the "
        "median of the results: costs are "
        "products and ratios, and high values pull further than low ones."
    ),
    "Share of the variance (Sobol’ index)": (
        "The variance measures how far draws scatter. The share that a figure causes alone would vanish, on average, "
        "if the figure became known. "
        "Together with others it may cause more: where two figures are multiplied, knowing only one of them leaves "
        "part of the scatter. Shares of "
        "single figures therefore need not add up to 100 %."
    ),
    "Threshold (break-even)": (
        "The value of one parameter at which two channels cost the same, with all else as in a draw. Draws in which "
        "one of the two is cheaper whatever the value have none."
    ),
    "Frontier": (
        "The channel with the lowest cost on average over all draws. It need not be the one that is cheapest in most "
        "of them: a channel may be cheaper often by little, and dearer seldom by much."
    ),
    "Clearing price": (
        "The lowest price at which as much compute is offered as is wanted. All buyers pay it, whichever channel "
        "serves them; channels whose units cost less to supply earn the difference. A channel is at the margin where "
        "its next unit costs just that price."
    ),
    "Compute wanted, choke price, compute denied": (
        "What buyers would have in service at the cost without controls is what is wanted. The dearer compute is, the "
        "less of it they take; beyond the choke price they take none. Denied is the share of the compute wanted "
        "without controls that is not in service."
    ),
    "In service already, further units": (
        "Units in service already need only their running cost (energy, upkeep) to be kept on, since their capital is "
        "spent. Further units have to be worth all that bringing them in takes. An H100-equivalent in service is as "
        "many accelerators as do the work of one H100 that is up as often as the reference."
    ),
    "Rent, scarcity rent, quasi-rent": (
        "What a supplier gets above the cost of supplying. Further units earn a scarcity rent where too few of them "
        "can be had at their cost. Units in service earn a quasi-rent above their running cost, which has to pay for "
        "the capital spent on them."
    ),
    "Loss of surplus": (
        "Surplus is what buyers would have paid at most for what they use, less what they pay. Against a market at the "
        "cost without controls they lose what they pay more, and what the use that they give up would have been worth."
    ),
    "Implied markup": (
        "The markup on the street price at which a channel's compute would cost just the clearing price. It comes from "
        "supply and demand alone, and can therefore be held against markups that are observed."
    ),
    "Diversion": (
        "The share of the compute lost by closing one channel that others supply instead. What none of them supplies "
        "is denied."
    ),
    "Lever, elasticity": (
        "A lever is a figure that policy can set or move. The elasticity says by how many percent the price over the "
        "cost without controls changes where the lever is one percent higher."
    ),
    "Half-life of a control, censored": (
        "The time from a control until half of the largest change that it makes to the premium is gone. Where that has "
        "not happened when the path ends the half-life is censored: it is longer than could be seen."
    ),
    "Delay": (
        "How many months earlier as much compute, added up since the path began, would have been in service without "
        "controls."
    ),
    "Back-test": (
        "Published figures beside what the model gives for their time. The model is not fitted to them; the error is "
        "the model’s median over the published value, less 1."
    ),
    "Learning rate": (
        "The share by which the price of domestic chips falls with each doubling of all that was ever made."
    ),
    "Induced growth": (
        "How much faster domestic capacity grows where the premium is high: as a share of its growth without a "
        "premium, for a premium of 100 %."
    ),
    "Interdiction ceiling, adaptation": (
        "The probability of interdiction rises with enforcement towards a ceiling, which is as far as enforcement can "
        "get. Evasion adapts where it is interdicted, which makes the same enforcement stop less; part of the "
        "adaptation is lost each year."
    ),
    "Entry": ("Capacity of gray and courier channels grows where they earn rents, and shrinks where units are lost."),
    "Today’s rent": (
        "Hardware falls in price, so what an owner can earn with it falls too. Costs here are what a unit "
        "must earn today; a flat rent over its "
        "whole life, as most published levelised costs are, would be lower today and higher later."
    ),
    "Seller’s margin": (
        "Where a price is observed on arrival, its markup also pays for transport, losses and waiting. What "
        "remains is shown as markup; if it is "
        "negative, the price does not cover these costs as they are assumed here."
    ),
    "Utilisation and downtime": (
        "The part of the cost that comes from using chips less fully, or having them up less often, than the "
        "reference chip. It is negative "
        "where they are better used."
    ),
    "Value of perfect information": (
        "How much better a decision would turn out on average if the decision maker knew, before choosing, "
        "what is uncertain: everything (EVPI), or one "
        "parameter or group (EVPPI). It is zero where the same option would be chosen whatever one learns, "
        "however uncertain the costs are. It is the most that finding out could be worth."
    ),
    "Contribution (Shapley value)": (
        "What one group of parameters contributes to the difference between two sets. The groups move from their "
        "values in one set to those in the other, one after the other; what one adds depends on which moved before it, "
        "so it is averaged over all orders. The contributions add up to the whole difference."
    ),
    "Price elasticity": (
        "By how many percent the quantity wanted falls where the price rises by one percent. The elasticity of the"
        " price to a policy lever is by how many percent the price changes where the lever rises by one percent."
    ),
    "Shadow price": (
        "What one more accelerator of a channel’s capacity would earn above its cost, in US dollars a year. It is zero "
        "where some of the capacity is left over."
    ),
    "Pass-through": (
        "The share of a fee on the seller that the buyer ends up paying. The seller bears the rest out of its own "
        "price."
    ),
    "What the model does not say": (
        "It takes each channel’s frictions and volumes as given for one year, and does not say how they come about, "
        "what the computing is worth to others than its buyers, or how likely a policy is. How much compute is wanted, "
        "how that answers to the price, and how fast unit costs rise with volume are scenarios, not estimates. "
        "Ranges hold what the parameters’ distributions hold; an error of the "
        "model’s form, or a fact that no source has published, is not in them."
    ),
}
