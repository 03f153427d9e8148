"""Shapes of results that figures and tables show, whichever analysis makes them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from costmodel.analysis.statistics import Draw, Estimate
from costmodel.parameters.model import Lever


class Perspective(Protocol):
    """One way to look at a market, with its number.

    Attributes:
        title: whose view it is.
        quantity: what is counted.
        unit: unit of the numbers.
        central: at central values.
        mean: over all draws.
        band: 5th and 95th percentile over all draws.
        reading: what it says, in words.
    """

    @property
    def title(self) -> str: ...
    @property
    def quantity(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def central(self) -> float: ...
    @property
    def mean(self) -> float: ...
    @property
    def band(self) -> Sequence[float]: ...
    @property
    def reading(self) -> str: ...


class LeverFrontier(Protocol):
    """The market along the range of a lever.

    Attributes:
        lever: what is moved.
        paths: parameters that are set to each value.
        values: values of the lever, from low to high, shape (points,).
        current: where the lever stands; None where its parameters differ.
        statistics: for `premium` and `compute_denied`, each statistic at each value, shape (points,).
    """

    @property
    def lever(self) -> Lever: ...
    @property
    def paths(self) -> tuple[str, ...]: ...
    @property
    def values(self) -> Draw: ...
    @property
    def current(self) -> float | None: ...
    @property
    def statistics(self) -> Mapping[str, Mapping[str, Draw]]: ...


class Apart(Protocol):
    """A market whose workloads are cleared apart, over all draws.

    Attributes:
        statistics: by names such as `price.training`, `premium.training`, `compute_denied.training` and
            `quantity.training.<channel>`, the statistics of each.
    """

    @property
    def statistics(self) -> Mapping[str, Mapping[str, Estimate]]: ...
