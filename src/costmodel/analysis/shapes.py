"""Shapes of results that figures and tables show, whichever analysis makes them."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from costmodel.analysis.statistics import Estimate
from costmodel.parameters.model import Lever

Statistics: TypeAlias = Mapping[str, Estimate]


class Line(Protocol):
    """One figure of one view of a market.

    Attributes:
        view: whose view it is, by name.
        label: what it is.
        unit: unit of its values.
        reading: how to read it, in one line.
        central: at central values; None where it cannot be told.
        statistics: over all draws; None where it cannot be told.
    """

    @property
    def view(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def reading(self) -> str: ...
    @property
    def central(self) -> float | None: ...
    @property
    def statistics(self) -> Statistics | None: ...


class Frontier(Protocol):
    """The market along the range of a policy lever.

    Attributes:
        lever: what is moved.
        values: values to which its parameters are set, rising.
        curves: for `premium` and `compute_denied` what all draws say at each value.
        current: where each of its parameters stands.
        swing: change of each outcome from the low to the high end, within draws.
        near: change over the tenth of the range about where it stands; None for a channel that is open or closed.
        elasticity: relative change of the price over that without controls by relative change of the lever, about
            where it stands; None where that cannot be told.
    """

    @property
    def lever(self) -> Lever: ...
    @property
    def values(self) -> Sequence[float]: ...
    @property
    def curves(self) -> Mapping[str, Sequence[Statistics]]: ...
    @property
    def current(self) -> Mapping[str, float]: ...
    @property
    def swing(self) -> Mapping[str, Statistics]: ...
    @property
    def near(self) -> Mapping[str, Statistics] | None: ...
    @property
    def elasticity(self) -> Statistics | None: ...


class Apart(Protocol):
    """A market whose workloads are cleared apart, over all draws.

    Attributes:
        statistics: by names such as `price.training`, `premium.training`, `compute_denied.training` and
            `quantity.training.<channel>`, the statistics of each.
    """

    @property
    def statistics(self) -> Mapping[str, Statistics]: ...
