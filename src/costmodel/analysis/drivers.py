"""What a report asks about the parameters that move its results most; each is computed once."""

from dataclasses import dataclass, field
from functools import cached_property

from costmodel.analysis.curves import Curve, HeatMap, heat_map, one_way
from costmodel.analysis.global_sensitivity import Pair, Sensitivity, global_sensitivity, pair
from costmodel.analysis.sobol import FEWEST, NOTHING, varies
from costmodel.costs import rivals
from costmodel.outcomes import outcome
from costmodel.parameters.model import ParameterSet

#: Draws of each sample at most: errors of the indices are then a few thousandths, and nobody waits.
BASE = 4096


@dataclass(frozen=True)
class Drivers:
    """Sensitivities of any outcome of a run.

    Attributes:
        case: parameter set.
        draws, seed: of the run.
    """

    case: ParameterSet
    draws: int
    seed: int
    _found: dict[str, Sensitivity | None] = field(default_factory=dict, repr=False)

    @cached_property
    def pair(self) -> Pair:
        """Two samples of as many draws as the run has, within reason."""
        return pair(self.case, min(max(self.draws, FEWEST), BASE), self.seed)

    def sensitivity(self, name: str) -> Sensitivity | None:
        """Sobol' indices of an outcome; None where no uncertain parameter moves it.

        Args:
            name: see `costmodel.outcomes.outcome`.
        """
        if name not in self._found:
            what = outcome(self.case, name)
            moved = varies(self.pair.first.value(what))
            self._found[name] = global_sensitivity(self.pair, what) if moved else None
        return self._found[name]

    def largest(self, name: str, count: int) -> list[str]:
        """The parameters that cause most of an outcome's variance; of a correlated group the one that tells most."""
        found = self.sensitivity(name)
        if found is None:
            return []
        tells = found.first_order
        moving = [item.paths for item in found.influences if item.total is not NOTHING]
        return [max(paths, key=lambda path: tells[path].value) for paths in moving[:count]]

    def curves(self, workload: str, path: str) -> dict[str, Curve]:
        """Premium of each open channel over a parameter's 5–95 % range, the rest at medians."""
        names = {channel: f"premium.{workload}.{channel}" for channel in rivals(self.case)}
        return {channel: one_way(self.case, outcome(self.case, name), path) for channel, name in names.items()}

    def heat_map(self, name: str) -> HeatMap | None:
        """An outcome over the two parameters that cause most of its variance; None where fewer than two move it."""
        first, second, *_ = [*self.largest(name, 2), None, None]
        return heat_map(self.case, outcome(self.case, name), first, second) if first and second else None
