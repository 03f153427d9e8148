"""Paths of the small set: a timeline and some values, and what comes of them as arrays over quarters and draws."""

from functools import cache
from pathlib import Path as File

import numpy as np

from costmodel.costs import Evaluation
from costmodel.dynamics.path import Path
from costmodel.market import market
from costmodel.parameters import load_mapping
from costmodel.parameters.model import deflated

SETS = File(__file__).parent / "sets"
DRAWS = 16

#: A domestic maker beside the channels of the small set.
DOMESTIC = {
    "chips": {"own": {"bf16_flops": 4e14, "memory_bandwidth": 1.6e12, "power": 0.55, "price": 9000}},
    "channels": {
        "home_made": {
            "kind": "purchase",
            "role": "domestic",
            "chip": "own",
            "site": "home",
            "utilization": {"training": 0.3, "inference": 0.25},
            "availability": 0.9,
            "resale_recovery": 0.4,
            "server_cost": 4000,
            "loss_hazard": 0.01,
            "installed": 6000,
            "capacity": {"dist": "lognormal", "p05": 12000, "p95": 20000},
            "supply_slope": 0.2,
        }
    },
}


def small_path(*events, changes=None, start="2026-01", end="2027-12", extra=DOMESTIC, **keys):
    """The small set with a domestic maker, a timeline, and values by path.

    Args:
        events: (date, {path: value}), or whole entries of `timeline.events`.
        changes: values by path from the beginning.
        start, end: of the timeline.
        extra: assumptions beside those of the small set.
        keys: other top-level keys.
    """
    entries = [
        item if isinstance(item, dict) else {"date": item[0], "label": f"Event {at}", "set": item[1]}
        for at, item in enumerate(events)
    ]
    top = {"name": "path", "extends": str(SETS / "baseline.yaml"), "assumptions": extra}
    timeline = {"start": start, "end": end, "events": [{"assumption": "made up", **entry} for entry in entries]}
    return load_mapping({**top, "timeline": timeline, **keys}, changes)


class Along:
    """A path gone along in some draws.

    Attributes:
        path: the path.
        drawn: draws of all parameters.
    """

    def __init__(self, case, draws=DRAWS, steps=1, seed=0, names=None):
        self.path, self.draws = Path(case, draws, seed, names, steps), draws
        self.drawn = self.path.block(0)
        rows = self.path.walked(self.drawn, slice(0, draws))
        self._rows = dict(zip(self.path.columns, rows, strict=True))

    def __getitem__(self, name):
        """Shape (quarters, draws); NaN where there is no such thing."""
        nothing = np.full(self.draws, np.nan)
        return np.stack([self._rows.get((name, quarter), nothing) for quarter in self.path.quarters])

    def __contains__(self, column):
        return column in self._rows

    @property
    def years(self):
        """Years since the beginning, shape (quarters, 1)."""
        return np.arange(len(self.path.quarters))[:, None] / 4

    def stated(self, place=0):
        """Values of all parameters as stated in a quarter; rates are real."""
        case = self.path.in_force(self.path.quarters[place]).case
        return deflated(self.drawn.stated(case, slice(0, self.draws)), case)

    def static(self, place=0, **changes):
        """The market of the set as it stands in a quarter, at its stated values but for some."""
        case = self.path.in_force(self.path.quarters[place]).case
        values = self.stated(place)
        return market(Evaluation(case, values | {path.replace("__", "."): x for path, x in changes.items()}))

    def states(self, key):
        """A state at the first date of each quarter, shape (quarters, draws)."""
        walk = self.path._walk(self.path.regimes, self.drawn, slice(0, self.draws))
        return np.stack([date.state[key] for date, _ in walk if date.within == 0])


#: Everything that moves, at once.
ALL = {
    "chips.ref.tracks_frontier": True,
    "chips.other.tracks_frontier": True,
    "demand.growth": 0.2,
    "channels.cloud.capacity_growth": 0.15,
    "domestic.learning_rate": 0.2,
    "domestic.cumulative_output": 20000,
    "domestic.performance_growth": 0.15,
    "domestic.capacity_growth": 0.2,
    "domestic.induced_growth": 0.8,
    "domestic.max_growth": 0.6,
    "domestic.capacity_limit": 60000,
    "enforcement.ceiling": 0.9,
    "enforcement.response": 0.8,
    "enforcement.tolerance": 0.02,
    "adaptation.rate": 1.0,
    "adaptation.decay": 0.2,
    "adaptation.initial": 0.1,
    "entry.rate": 0.4,
    "entry.exit": 0.5,
    "stocks.turnover": 1,
    "channels.drives.available": True,
}

EVENTS = (
    ("2026-05", {"channels.gray.capacity": {"dist": "lognormal", "p05": 8000, "p95": 20000}, "chips.ref.price": 26000}),
    ("2026-10", {"channels.licensed.chip": "ref", "demand.quantity": 110000}),
    ("2027-04", {"channels.gray.interdiction_probability": 0.2, "channels.gray.installed": 12000}),
)


@cache
def all_at_once():
    """The small set with everything that moves, and some events."""
    return small_path(*EVENTS, changes=ALL)
