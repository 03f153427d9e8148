"""Results that can be asked for by name: what sensitivities, sweeps and decisions look at.

`OUTCOMES` is the table of them; a further kind of result is one row.
"""

from collections.abc import Callable
from dataclasses import dataclass

from costmodel.arrays import Array
from costmodel.costs import UNIT, WORKLOADS, Evaluation, rivals
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.parameters.model import ParameterSet


@dataclass(frozen=True)
class Outcome:
    """A named result.

    Attributes:
        name: as it is asked for, such as `cost.mix.domestic`.
        unit: unit of its values.
        workload: workload that it is about.
        channel: channel that it is about, where it is about one.
        function: its value, from an evaluation.
    """

    name: str
    unit: str
    workload: str
    channel: str | None
    function: Callable[[Evaluation], Array]

    def __call__(self, evaluation: Evaluation) -> Array:
        """The value: a float, or an array of draws."""
        return self.function(evaluation)


@dataclass(frozen=True)
class Row:
    """A row of `OUTCOMES`.

    Attributes:
        says: what it is, for the documentation and the command line.
        unit: unit of its values.
        function: its value from an evaluation, a workload and a channel ("" where it is about none).
        by_channel: whether there is one for each channel.
    """

    says: str
    unit: str
    function: Callable[[Evaluation, str, str], Array]
    by_channel: bool = False


OUTCOMES: dict[str, Row] = {
    "cost": Row("effective cost of a channel", UNIT, Evaluation.cost, by_channel=True),
    "premium": Row("premium of a channel over the counterfactual", "1", Evaluation.premium, by_channel=True),
    "counterfactual": Row("cost without controls", UNIT, lambda found, workload, _: found.counterfactual(workload)),
    "lowest": Row("cost of the cheapest open channel", UNIT, lambda found, workload, _: found.lowest(workload)),
    "lowest_premium": Row(
        "premium of the cheapest open channel", "1", lambda found, workload, _: found.lowest_premium(workload)
    ),
}
# These need an open channel.
_NEED_RIVALS = frozenset({"lowest", "lowest_premium"})


def names(case: ParameterSet) -> tuple[str, ...]:
    """Names of all outcomes of a set."""
    return tuple(
        ".".join((kind, workload, *tail))
        for kind, row in OUTCOMES.items()
        for workload in WORKLOADS
        for tail in ([(c,) for c in case.channels] if row.by_channel else [()])
        if kind not in _NEED_RIVALS or rivals(case)
    )


def outcome(case: ParameterSet, name: str) -> Outcome:
    """The outcome of that name.

    Args:
        case: parameter set.
        name: `cost.<workload>.<channel>`, `premium.<workload>.<channel>`, `counterfactual.<workload>`,
            `lowest.<workload>` or `lowest_premium.<workload>`; a channel alone is its cost on the mix.

    Raises:
        ParameterError: there is none; the message says which is nearest.

    Examples:
        >>> from costmodel import load
        >>> outcome(load("baseline"), "domestic").name
        'cost.mix.domestic'
    """
    full = f"cost.mix.{name}" if name in case.channels else name
    if full not in names(case):
        raise ParameterError([Problem("", f"no outcome `{name}`; {nearest(name, names(case))}", "--outcome")])
    kind, workload, *channel = full.split(".")
    row, about = OUTCOMES[kind], (channel[0] if channel else None)
    return Outcome(full, row.unit, workload, about, lambda found: row.function(found, workload, about or ""))
