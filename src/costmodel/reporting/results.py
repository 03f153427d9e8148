"""Reading `results.json` for the index: what is there and whole; anything else is no result."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costmodel.reporting.folders import reports
from costmodel.reporting.manifest import PAGE, RESULTS

WORKLOADS = {"mix": "Mix of both", "training": "Training", "inference": "Inference"}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_GREY = "#808080"


@dataclass(frozen=True)
class Interval:
    """A median with its 5th and 95th percentile."""

    p05: float
    p50: float
    p95: float


@dataclass(frozen=True)
class ChannelResult:
    """One channel of a set, for one workload.

    Attributes:
        name: name of the channel.
        label: short name for readers.
        color: `#rrggbb`.
        role: role in the model.
        available: False if the channel is closed in this set.
        cost: effective cost, USD/H100e-h.
        premium: share above the counterfactual in the same draw.
        probability_cheapest: among the available channels; None if it was not given.
    """

    name: str
    label: str
    color: str
    role: str
    available: bool
    cost: Interval
    premium: Interval
    probability_cheapest: float | None


@dataclass(frozen=True)
class WorkloadResult:
    """One workload of a set.

    Attributes:
        counterfactual: cost without controls, USD/H100e-h.
        channels: all channels, in the set's order.
    """

    counterfactual: Interval
    channels: tuple[ChannelResult, ...]

    @property
    def compared(self) -> list[ChannelResult]:
        """Open channels that a buyer under controls chooses among: all but the counterfactual."""
        return [channel for channel in self.channels if channel.available and channel.role != "counterfactual"]

    @property
    def cheapest(self) -> ChannelResult | None:
        """The open channel with the lowest median cost; None if all are closed."""
        return min(self.compared, key=lambda channel: channel.cost.p50, default=None)


@dataclass(frozen=True)
class MarketResult:
    """What the market of a set yields.

    Attributes:
        price: clearing price, USD/H100e-h.
        premium: share above the cost without controls in the same draw.
        denied: share of the compute wanted without controls that is not in service.
    """

    price: Interval
    premium: Interval
    denied: Interval


@dataclass(frozen=True)
class PathEnd:
    """Where the path of a set leads.

    Attributes:
        date: first day of its last quarter.
        premium: share above the cost without controls then, in the same draw.
        delay: months by which the compute in service, added up, lags behind by then.
    """

    date: str
    premium: Interval
    delay: Interval


@dataclass(frozen=True)
class Results:
    """What the index shows of one set.

    Attributes:
        name: name of the set, and of its folder.
        title: title for readers.
        description: a short paragraph.
        extends: name of the parent set, or None.
        as_of: date of the set.
        unit: unit of all costs.
        draws: number of draws.
        seed: seed of the draws.
        workloads: results by workload.
        made: how the report was made, as it stands in the file.
        market: what the market yields; None where the set states no demand, or the file says nothing of it.
        path: where its path leads; None where the set states no timeline, or the file says nothing of it.
    """

    name: str
    title: str
    description: str
    extends: str | None
    as_of: str
    unit: str
    draws: int
    seed: int
    workloads: Mapping[str, WorkloadResult]
    made: Mapping[str, Any]
    market: MarketResult | None = None
    path: PathEnd | None = None


def _interval(found: Mapping[str, Any]) -> Interval:
    values = [float(found[name]) for name in ("p05", "p50", "p95")]
    if not all(map(math.isfinite, values)):
        raise ValueError("a quantile is not a number")
    return Interval(*values)


def _channel(name: str, described: Mapping[str, Any], found: Mapping[str, Any]) -> ChannelResult:
    color = str(described.get("color", ""))
    likely = found.get("probability_cheapest")
    return ChannelResult(
        name=name,
        label=str(described.get("label") or name),
        color=color if _COLOUR.fullmatch(color) else _GREY,
        role=str(described.get("role", "")),
        available=bool(found["available"]),
        cost=_interval(found),
        premium=_interval(found["premium"]),
        probability_cheapest=None if likely is None else float(likely),
    )


def _workload(found: Mapping[str, Any], described: Mapping[str, Any]) -> WorkloadResult:
    channels = [_channel(name, described[name], value) for name, value in found["channels"].items()]
    return WorkloadResult(_interval(found["counterfactual"]), tuple(channels))


def _market(document: Mapping[str, Any]) -> MarketResult | None:
    found = ((document.get("analyses") or {}).get("market") or {}).get("draws")
    if found is None:
        return None
    return MarketResult(*(_interval(found[name]) for name in ("price", "premium", "compute_denied")))


def _path(document: Mapping[str, Any]) -> PathEnd | None:
    found = (document.get("analyses") or {}).get("path")
    if found is None:
        return None
    last = {name: numbers[-1] for name, numbers in found["paths"]["premium"].items()}
    return PathEnd(str(found["dates"][-1]), _interval(last), _interval(found["delay_months"]))


def parse(document: Mapping[str, Any]) -> Results:
    """The results in a document of the form of `results.json`.

    Args:
        document: the parsed file.

    Returns:
        What the index shows.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the document is not whole.
    """
    simulated = document["simulation"]["workloads"]
    workloads = {name: _workload(simulated[name], document["channels"]) for name in WORKLOADS}
    return Results(
        name=str(document["set"]),
        title=str(document["title"] or document["set"]),
        description=str(document.get("description") or ""),
        extends=None if document.get("extends") is None else str(document["extends"]),
        as_of=str(document.get("as_of") or ""),
        unit=str(document["unit"]),
        draws=int(document["draws"]),
        seed=int(document["seed"]),
        workloads=workloads,
        made=document["made"],
        market=_market(document),
        path=_path(document),
    )


def read(path: Path) -> Results | None:
    """The results in a file.

    Args:
        path: a `results.json`.

    Returns:
        The results, or None if the file is missing, half-written, or of another form.
    """
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def read_all(output: Path) -> list[Results]:
    """All whole reports of a folder: the baseline first, then by date and name.

    Args:
        output: folder of reports.

    Returns:
        The results of every set that has both a whole `results.json` and its page.
    """
    found = [(page.parent.name, read(page.with_name(RESULTS))) for page in reports(output, PAGE)]
    whole = [results for folder, results in found if results is not None and results.name == folder]
    return sorted(whole, key=lambda results: (results.name != "baseline", results.as_of, results.name))
