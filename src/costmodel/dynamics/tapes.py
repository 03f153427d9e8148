"""What a regime's dates and steps compute, recorded once to be played for block after block of draws."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.costs import Evaluation
from costmodel.dynamics.mechanisms import Mechanisms
from costmodel.dynamics.outcomes import followed
from costmodel.dynamics.steps import Step
from costmodel.memo import Tape

Draw = NDArray[np.float64]


@dataclass(frozen=True)
class Tapes:
    """Recordings of a regime.

    Attributes:
        mechanisms: what moves in it.
        names: what is followed.
        rates: names of the rates.
        market: a date: what is followed, states that it settles, and rates.
        ahead, mean: a step at the rates of its beginning, and at those of its mean.
    """

    mechanisms: Mechanisms
    names: tuple[str, ...]
    rates: tuple[str, ...]
    market: Tape
    ahead: Tape
    mean: Tape


def recorded(mechanisms: Mechanisms, names: tuple[str, ...], threshold: float, years: float) -> Tapes:
    """Recordings of a regime.

    Args:
        mechanisms: what moves in it.
        names: what is followed.
        threshold: premium at or under which domestic supply alone is to hold the price.
        years: length of a step.
    """
    stated, drawn, state = _examples(mechanisms)
    market = Tape({**drawn, **state})
    cleared, settled = mechanisms.cleared(stated, state, market)
    rates, functions = mechanisms.rates(cleared), followed(mechanisms.case, threshold)
    told = [functions[name](cleared) for name in names]
    market.wanted([*told, *(settled[key] for key in mechanisms.settling), *rates.values()])
    ahead, mean = (_recorded_step(mechanisms, tuple(rates), years, in_mean=in_mean) for in_mean in (False, True))
    return Tapes(mechanisms, names, tuple(rates), market, ahead, mean)


def _examples(mechanisms: Mechanisms) -> tuple[dict[str, Any], dict[str, Draw], dict[str, Draw]]:
    """Values of parameters, those among them that are drawn, and states; any will do, since calls are recorded."""
    case = mechanisms.case
    drawn = {path: np.array([case.parameters[path].value], dtype=float) for path in case.uncertain}
    stated = {path: item.value for path, item in case.parameters.items()} | drawn
    return stated, drawn, {key: np.ones(1) for key in mechanisms.states}


def _recorded_step(mechanisms: Mechanisms, rates: tuple[str, ...], years: float, *, in_mean: bool) -> Tape:
    """A tape of a step: states at its end from draws, states at its beginning, and rates."""
    stated, drawn, state = _examples(mechanisms)
    given = {name: np.ones(1) for name in rates}
    tape = Tape({**drawn, **state, **{f"rate {name}": rate for name, rate in given.items()}})
    values = Evaluation.of(mechanisms.case, stated, tape).values
    after = Step(mechanisms, values, state, given, years, tape, in_mean).advanced()
    tape.wanted([after[key] for key in mechanisms.states])
    return tape
