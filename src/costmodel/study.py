"""One run of a parameter set: everything that a report shows.

Reports, the command line and notebooks all take their numbers from here, so that they cannot disagree.
"""

from dataclasses import dataclass
from functools import cached_property

from costmodel.analysis.acceptability import Acceptability, acceptability, telling
from costmodel.analysis.attribution import DEFAULT_OUTCOME, Attribution, attributed
from costmodel.analysis.breakeven import BreakEven, breakevens, influential
from costmodel.analysis.convergence import Convergence, convergence, counts_up_to, default_outcome
from costmodel.analysis.discovery import NEVER, TOO_FEW, Discovery, default_channel, discover
from costmodel.analysis.drivers import Drivers
from costmodel.analysis.frontier import Frontier, frontiers
from costmodel.analysis.information import MIN_DRAWS
from costmodel.analysis.market import MarketResult, market_result
from costmodel.analysis.path import CONTROL_DRAWS, DRAWS, PathResult, path_result
from costmodel.analysis.precision import largest_error
from costmodel.analysis.sample import Sample, sample
from costmodel.analysis.sensitivity import Bar, tornado
from costmodel.analysis.uncertainty import (
    Estimate,
    Simulation,
    simulate,
)
from costmodel.analysis.value_of_information import (
    InformationValue,
    decidable,
    value_of_information,
)
from costmodel.costs import Costs, evaluate
from costmodel.errors import ParameterError
from costmodel.market import has_market
from costmodel.outcomes import names, outcome
from costmodel.parameters import ParameterSet, load
from costmodel.parameters.differences import Difference, differences

# Draws behind the worth of information: enough for two digits, and quick.
_INFORMATION_DRAWS = 4096
#: Draws that are enough to find where a channel is the cheapest.
DISCOVERY_DRAWS = 4096
#: Draws up to which a report shows how errors fall.
CONVERGENCE_DRAWS = 8192

#: Analyses that move single parameters look at so many of the draws: enough for what they tell, and quick.
FEW = 2048
# Outcomes whose difference to the set extended is explained, where both sets have them.
_EXPLAINED = (DEFAULT_OUTCOME, "market.price")
# Ends and points of the curves over a parameter: what its law makes likely.
_LIKELY, _CURVE_POINTS = (0.01, 0.99), 25


@dataclass(frozen=True)
class Study:
    """A parameter set with its results.

    Attributes:
        case: parameter set.
        central: costs at central values.
        simulation: costs of every draw; where the draws were not kept, their statistics alone.
    """

    case: ParameterSet
    central: Costs
    simulation: Simulation

    @cached_property
    def parent(self) -> ParameterSet | None:
        """The set that this one extends."""
        return load(self.case.parent) if self.case.parent else None

    @cached_property
    def changes(self) -> list[Difference]:
        """What this set changes against the one that it extends."""
        return differences(self.parent, self.case) if self.parent else []

    @property
    def summaries(self) -> dict[str, dict[str, dict[str, Estimate]]]:
        """Statistics of the cost in all draws, by workload and channel, USD/H100e-h."""
        return self.simulation.summaries

    @property
    def counterfactuals(self) -> dict[str, dict[str, Estimate]]:
        """Statistics of the counterfactual cost, by workload, USD/H100e-h."""
        return self.simulation.counterfactuals

    @property
    def premiums(self) -> dict[str, dict[str, dict[str, Estimate]]]:
        """Statistics of the premium over the counterfactual within each draw, by workload and channel."""
        return self.simulation.premiums

    @property
    def probabilities(self) -> dict[str, dict[str, Estimate]]:
        """Probability of being the cheapest open channel, by workload and channel."""
        return self.simulation.probabilities

    def cheapest(self, workload: str) -> str | None:
        """The open channel with the lowest median cost, the counterfactual apart; None where all are closed."""
        rivals = self.simulation.rivals
        return min(rivals, key=lambda c: self.summaries[workload][c]["p50"].value) if rivals else None

    @cached_property
    def apart(self) -> tuple[str, ...]:
        """The channels that `reference.counterfactual` lists."""
        value = self.case.parameters["reference.counterfactual"].value
        assert isinstance(value, tuple)
        return value

    @cached_property
    def closed(self) -> tuple[str, ...]:
        """The channels that are not available."""
        return tuple(c for c in self.case.channels if not self.case.central[f"channels.{c}.available"])

    def ranked(self, workload: str) -> list[str]:
        """All channels as reports list them: the counterfactual, the open ones by median cost, the closed ones."""
        medians = self.summaries[workload]
        order = {c: (c not in self.apart, c in self.closed, medians[c]["p50"].value) for c in self.case.channels}
        return sorted(order, key=order.__getitem__)

    @cached_property
    def largest_error(self) -> tuple[float, str, str, str]:
        """The largest Monte Carlo error of a cost as a share of it, with its statistic, channel and workload."""
        return largest_error(self.simulation)

    def exaflop(self, workload: str) -> float:
        """Factor from USD/H100e-h to USD per 10¹⁸ effective FLOP at central values."""
        return float(self.central.workloads[workload].exaflop or 0.0)

    @cached_property
    def sample(self) -> Sample:
        """The first of the draws, with the costs at other values of a parameter."""
        return sample(self.case, min(self.simulation.draws, FEW), self.simulation.seed)

    @cached_property
    def influential(self) -> list[str]:
        """The ten parameters that move some open channel's cost most against another's, for the mix."""
        return influential(self.case, self.simulation.rivals)

    @cached_property
    def breakevens(self) -> list[BreakEven]:
        """Values of these parameters at which two open channels cost the same, for the mix; the most telling first."""
        return breakevens(self.sample, paths=self.influential)

    @cached_property
    def acceptabilities(self) -> list[Acceptability]:
        """Probability of being cheapest as a curve over the two parameters that move it most, for the mix."""
        found = []
        for path in telling(self.sample, self.influential):
            law = self.case.parameters[path].distribution
            assert law is not None
            low, high = (float(law.ppf(u)) for u in _LIKELY)
            found.append(acceptability(self.sample, path, points=_CURVE_POINTS, between=(low, high)))
        return found

    def tornado(self, workload: str, channel: str) -> list[Bar]:
        """Cost of a channel at the 5th and 95th percentile of each uncertain parameter."""
        return tornado(self.case, outcome(self.case, f"cost.{workload}.{channel}"))

    @cached_property
    def headline(self) -> tuple[str, ...]:
        """Channels that the sensitivities look at: the cheapest, the first gray and the first domestic one."""
        roles = {self.case.text(f"channels.{c}.role"): c for c in reversed(self.case.channels)}
        wanted = (self.cheapest("mix"), roles.get("gray"), roles.get("domestic"))
        return tuple(dict.fromkeys(filter(None, wanted))) or self.apart[:1]

    @cached_property
    def drivers(self) -> Drivers:
        """What moves results most, over the whole range of all parameters."""
        return Drivers(self.case, self.simulation.draws, self.simulation.seed)

    @cached_property
    def market(self) -> MarketResult | None:
        """The market, at central values and in all draws; None where the set states no demand."""
        if not has_market(self.case):
            return None
        return market_result(self.case, self.simulation.draws, self.simulation.seed)

    @cached_property
    def frontiers(self) -> tuple[Frontier, ...]:
        """What each policy lever of the set does; none where it states no levers, or no demand."""
        return frontiers(self.sample) if has_market(self.case) else ()

    @cached_property
    def path(self) -> PathResult | None:
        """The path through time; None where the set states no timeline, or no demand."""
        if self.case.timeline is None or not has_market(self.case):
            return None
        draws = min(self.simulation.draws, DRAWS)
        return path_result(self.case, draws, self.simulation.seed, control_draws=min(draws, CONTROL_DRAWS))

    @cached_property
    def information(self) -> list[InformationValue]:
        """What better knowledge would be worth to each decision; none where the draws are too few to tell."""
        draws = min(self.simulation.draws, _INFORMATION_DRAWS)
        if draws < MIN_DRAWS or not self.case.uncertain:
            return []
        seed = self.simulation.seed
        return [value_of_information(self.case, decision, draws, seed) for decision in decidable(self.case)]

    @cached_property
    def convergence(self) -> Convergence:
        """Estimates of the cheapest channel's cost on the mix against the number of draws."""
        best = self.cheapest("mix")
        about = outcome(self.case, f"cost.mix.{best}" if best else default_outcome(self.case))
        counts = counts_up_to(min(self.simulation.draws, CONVERGENCE_DRAWS))
        return convergence(self.case, about, counts, self.simulation.seed)

    @cached_property
    def discoveries(self) -> tuple[Discovery, ...]:
        """Where the first gray channel, and the one that is most often the cheapest, are the cheapest.

        Where the gray one hardly ever is, also where it is cheaper than the first domestic one.
        """
        gray, best = default_channel(self.case), self.cheapest("mix")
        if gray is None or best is None:
            return ()
        few = sample(self.case, min(self.simulation.draws, DISCOVERY_DRAWS), self.simulation.seed)
        found = [discover(few, gray)]
        domestic = [c for c in self.simulation.rivals if self.case.text(f"channels.{c}.role") == "domestic"]
        if found[0].verdict in (NEVER, TOO_FEW) and domestic and domestic[0] != gray:
            found.append(discover(few, gray, against=domestic[0]))
        return (*found, discover(few, best)) if best != gray else tuple(found)

    @cached_property
    def attributions(self) -> tuple[Attribution, ...]:
        """Why this set costs more or less than the one that it extends, by groups of parameters; none where it extends
        none, or changes nothing that counts.
        """
        return self._attributed[0]

    @property
    def unattributed(self) -> str | None:
        """Why the two cannot be compared so; None where they can."""
        return self._attributed[1]

    @cached_property
    def _attributed(self) -> tuple[tuple[Attribution, ...], str | None]:
        parent = self.parent
        if parent is None:
            return (), None
        wanted = [name for name in _EXPLAINED if name in names(parent) and name in names(self.case)]
        draws, seed = min(self.simulation.draws, FEW), self.simulation.seed
        try:
            found = attributed(parent, self.case, wanted, draws=draws, seed=seed)
        except ParameterError as error:
            return (), error.problems[0].message
        return tuple(item for item in found if item.groups), None


def study(case: ParameterSet, draws: int | None = None, seed: int | None = None) -> Study:
    """Evaluate a parameter set at its central values and in all draws.

    Args:
        case: parameter set.
        draws: number of draws, instead of the set's own.
        seed: seed, instead of the set's own.

    Examples:
        >>> result = study(load("baseline"), draws=256)
        >>> result.cheapest("mix") in result.case.channels
        True
    """
    return Study(case, evaluate(case), simulate(case, draws, seed))
