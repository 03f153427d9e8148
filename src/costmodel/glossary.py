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
    "Merit order and clearing price": (
        "Offers stacked by cost, the cheapest first, are the merit order. The clearing price is the lowest at "
        "which they meet what is wanted at that price. Where they cannot, it is the choke price, the highest that "
        "anybody pays, and compute is scarce."
    ),
    "Compute denied": (
        "The share of the compute wanted at the price without controls that is not in service, because it cannot "
        "be had or is not worth its price."
    ),
    "Price elasticity": (
        "By how many percent the quantity wanted falls where the price rises by one percent. The elasticity of the"
        " price to a policy lever is by how many percent the price changes where the lever rises by one percent."
    ),
    "Loss of consumer surplus": (
        "What the controls cost buyers: they pay more for the compute that they use, part of which suppliers earn "
        "as rents and part of which is real extra cost, and they give up uses that are not worth the higher price."
    ),
    "Rent and quasi-rent": (
        "A rent is what a supplier earns above its marginal cost: money that passes from buyers to suppliers, not "
        "something used up. Units that are in service already earn a quasi-rent above the cost of running them; it has "
        "their capital to pay for."
    ),
    "Shadow price": (
        "What one more accelerator of a channel’s capacity would earn above its cost, in US dollars a year. It is zero "
        "where some of the capacity is left over."
    ),
    "Implied markup": (
        "The price markup at which a channel would cost what the market pays. It is computed, to be compared with "
        "markups that are reported, and is not made from them."
    ),
    "Diversion ratio": (
        "Of the compute that is lost when one channel is closed, the share that another channel takes over. What is "
        "missing from 100 % is denied."
    ),
    "Pass-through": (
        "The share of a fee on the seller that the buyer ends up paying. The seller bears the rest out of its own "
        "price."
    ),
    "What the model does not say": (
        "It takes what suppliers can supply and what frictions cost as given, and does not say how likely a policy is, "
        "or how suppliers would use power over the price. Ranges hold what the parameters’ "
        "distributions hold; an error of the "
        "model’s form, or a fact that no source has published, is not in them."
    ),
}
