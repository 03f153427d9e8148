"""What it would be worth to know each uncertain parameter (EVPPI), beside nested Monte Carlo.

    python benchmarks/value_of_information.py [SET] [--draws N] [--outer N] [--inner N] [--rounds N] [--json]

Nested Monte Carlo runs for the most valuable parameter of the first decision alone, with the same inner draws at each
outer value, and must find the same worth before its time, times the number of parameters, counts.
"""

from typing import Any

import numpy as np
from common import Report, agree, arguments, interleaved, mix, warm

from costmodel import load
from costmodel.analysis.information import information
from costmodel.analysis.sample import sample
from costmodel.analysis.value_of_information import (
    InformationValue,
    decidable,
    open_options,
    payoffs_of,
    value_of_information,
)
from costmodel.parameters import ParameterSet


def main() -> None:
    """Measure, and print the table."""
    asked = arguments(__doc__, draws=2**20, outer=256, inner=2048, rounds=3)
    case = load(asked.set)
    warm()
    decision = next(item for item in decidable(case) if not any(option.changes for option in item.options))
    ours = value_of_information(case, decision, asked.draws, 0)
    path, worth = next(iter(ours.parameters.items()))
    nested_worth = nested(case, decision, path, asked.outer, asked.inner)
    # The nested estimate's own error: that of a mean over the outer values, and its bias at few inner draws.
    allowed = 5 * nested_worth[1] + 0.02 * ours.evpi.value
    agree(f"EVPPI of {path}", worth.value, nested_worth[0], allowed)
    payoffs, probabilities = payoffs_of(case, decision, asked.draws, 0)
    gains = payoffs if decision.goal == "maximize" else -payoffs
    times = interleaved(
        {
            f"ours: EVPPI of {len(probabilities)} parameters from the sample at hand": lambda: information(
                gains, probabilities
            ),
            "ours: draws, pay-offs, EVPPI of all parameters and groups": lambda: value_of_information(
                case, decision, asked.draws, 0
            ),
            "nested Monte Carlo, one parameter": lambda: nested(case, decision, path, asked.outer, asked.inner),
        },
        asked.rounds,
    )
    show(case, ours, list(times.items()), asked)


def show(case: ParameterSet, ours: InformationValue, times: list[tuple[str, float]], asked: Any) -> None:
    """Print the table."""
    (first, at_hand), (second, whole), (_, one) = times
    label = f"nested Monte Carlo, all parameters one by one ({asked.outer} × {asked.inner} draws each)"
    report = Report(
        f"EVPPI for the decision `{ours.decision.name}` ({len(ours.options)} options), {asked.draws:,} draws", [mix(case)]
    )
    report.times({first: at_hand, second: whole, label: one * len(case.uncertain)}, at_hand)
    report.goal("EVPPI of all parameters", at_hand, 2, "s")
    report.show(as_json=asked.json)


def nested(case: ParameterSet, decision: Any, path: str, outer: int, inner: int) -> tuple[float, float]:
    """EVPPI of one parameter with a standard error: at each of its values the option that is then best is taken."""
    base = sample(case, inner, 1).evaluation
    law = case.parameters[path].distribution
    assert law is not None
    options = [option.channel for option in open_options(case, decision)]
    sign = 1.0 if decision.goal == "maximize" else -1.0
    means = []
    for u in (np.arange(outer) + 0.5) / outer:
        found = base.changed({path: float(law.ppf(u))})
        means.append([sign * float(np.mean(payoff(found, decision, channel))) for channel in options])
    table = np.array(means)
    gains = table.max(axis=1) - table[:, table.mean(axis=0).argmax()]
    return float(gains.mean()), float(gains.std() / np.sqrt(outer))


def payoff(found: Any, decision: Any, channel: str) -> Any:
    """What an option yields."""
    return (found.premium if decision.payoff == "premium" else found.cost)(decision.workload, channel)


if __name__ == "__main__":
    main()
