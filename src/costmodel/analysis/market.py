"""What the market says over all draws, and where the compute of a closed channel goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from costmodel import market
from costmodel.analysis.named import outcome_statistics
from costmodel.analysis.recording import recorded
from costmodel.analysis.statistics import Estimate, NotFiniteError
from costmodel.analysis.uncertainty import checked
from costmodel.arrays import Array
from costmodel.costs import Evaluation
from costmodel.errors import ParameterError, Problem
from costmodel.market import Market
from costmodel.outcomes import Outcome, names, outcome
from costmodel.parameters.model import ParameterSet
from costmodel.sampling import Draws

#: Draws that are enough to tell training from inference: clearing them apart takes some ten times as long.
SEPARATE_DRAWS = 8192


@dataclass(frozen=True)
class MarketResult:
    """The market of a set, at central values and in all draws; made when it is asked for.

    Attributes:
        case: parameter set.
        draws: number of draws.
        seed: from which seed.
        workers: threads that make and sum up draws.
        prefix: what the names of its outcomes begin with.
    """

    case: ParameterSet
    draws: int
    seed: int
    workers: int = field(default=1, kw_only=True)
    prefix: str = field(default="market.", kw_only=True)

    @cached_property
    def central(self) -> Market:
        """The market at central values."""
        return market.market(Evaluation(self.case, self.case.central))

    @cached_property
    def statistics(self) -> dict[str, dict[str, Estimate]]:
        """Statistics of all outcomes of the market, by their names without the prefix, such as `share.domestic`.

        Raises:
            ParameterError: one is infinite or no number in some draws.
        """
        wanted = [each.name for each in self.outcomes.values()]
        try:
            found = outcome_statistics(self.case, wanted, self.draws, self.seed, workers=self.workers)
        except NotFiniteError as error:
            message = f"{wanted[error.column]} is infinite or no number in some draws; look for values out of all scale"
            raise ParameterError([Problem("demand", message)]) from None
        return {name.removeprefix(self.prefix): each for name, each in found.items()}

    @cached_property
    def separate(self) -> "MarketResult":
        """The same market with training and inference apart, in the first of the draws where these are many.

        Its statistics have names such as `price.training` and `quantity.inference.domestic`.
        """
        return replace(self, draws=min(self.draws, SEPARATE_DRAWS), prefix="separate.")

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        """All outcomes of the market, by their names without the prefix."""
        found = [outcome(self.case, name) for name in names(self.case) if name.startswith(self.prefix)]
        return {each.name.removeprefix(self.prefix): each for each in found}

    def value(self, name: str) -> float:
        """An outcome at central values, by its name without the prefix."""
        return float(self.outcomes[name](self.central.found))

    @cached_property
    def diversion(self) -> dict[str, dict[str, float]]:
        """Diversion ratios over all draws, see `diversion`."""
        return diversion(self.case, self.draws, self.seed)


def market_result(
    case: ParameterSet, draws: int | None = None, seed: int | None = None, *, workers: int = 1
) -> MarketResult:
    """The market of a set.

    Args:
        case: parameter set.
        draws: number of draws; by default the set's own.
        seed: by default the set's own.
        workers: number of threads; the numbers are the same for any of them.

    Raises:
        ParameterError: the set states no demand.
        ValueError: a number of draws or a seed that cannot be.

    Examples:
        >>> from costmodel import load
        >>> result = market_result(load("baseline"), draws=256)
        >>> result.statistics["price"]["p05"].value < result.statistics["price"]["p95"].value
        True
    """
    source = checked(market.required(case), draws, seed, "sobol", workers)
    return MarketResult(case, source.draws, source.seed, workers=workers)


def diversion(case: ParameterSet, draws: int, seed: int) -> dict[str, dict[str, float]]:
    """Where the compute of a channel goes when its capacity is withdrawn.

    Args:
        case: parameter set.
        draws: number of draws.
        seed: from which seed.

    Returns:
        For each channel from which closing takes compute, the share of it that each other channel takes over: the mean
        over all draws of what is taken over, by the mean of what is lost. What is missing from 1 is denied. A channel
        whose compute all stays, since it is in service, or that supplies nothing is not in it.

    References:
        Shapiro (1996), "Mergers with differentiated products", Antitrust 10(2): diversion ratio.

    Examples:
        >>> from costmodel import load
        >>> found = diversion(load("baseline"), 256, 0)
        >>> all(sum(ratios.values()) <= 1 + 1e-9 for ratios in found.values())
        True
    """
    channels = case.channels

    def used(found: Evaluation) -> list[Array]:
        before = market.market(found)
        cleared = [before, *(market.closing(before, channel) for channel in channels)]
        return [each.quantity(channel) for each in cleared for channel in channels]

    source, tape = Draws(case, draws, seed), recorded(case, used)
    sums = np.zeros((1 + len(channels)) * len(channels))
    for start in source.starts():
        sums += [float(np.broadcast_to(row, source.size(start)).sum()) for row in tape.play(source.drawn(start))]
    before, *after = sums.reshape(-1, len(channels))
    ratios = {
        c: _ratios(c, dict(zip(channels, row - before, strict=True))) for c, row in zip(channels, after, strict=True)
    }
    return {c: found for c, found in ratios.items() if found is not None}


def _ratios(closed: str, changes: dict[str, float]) -> dict[str, float] | None:
    lost = -changes.pop(closed)
    return {c: float(change / lost) for c, change in changes.items()} if lost > 0 else None


def undiverted(ratios: Mapping[str, float]) -> float:
    """Share of what closing a channel takes that no other channel takes over: it is denied.

    Args:
        ratios: diversion ratios from the closed channel to each other one.

    Examples:
        >>> undiverted({"a": 0.5, "b": 0.25})
        0.25
    """
    return max(1.0 - sum(ratios.values()), 0.0)
