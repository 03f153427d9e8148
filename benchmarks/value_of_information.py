"""What it would be worth to know each uncertain parameter (EVPPI), beside nested Monte Carlo.

    python benchmarks/value_of_information.py [SET] [--draws N] [--outer N] [--inner N] [--rounds N] [--json]

Nested Monte Carlo runs for the most valuable parameter of the first decision alone, with the same inner draws at each
outer value, and must find the same worth before its time, times the number of parameters, counts.
"""

from typing import Any

import numpy as np
from common import Report, agree, arguments, interleaved, mix, warm

from costmodel import load
from costmodel.analysis.information import Information, information
from costmodel.analysis.sample import sample
from costmodel.analysis.value_of_information import (
    decidable,
    open_options,
    payoffs_of,
    value_of_information,
)
from costmodel.parameters import ParameterSet


def main() -> None:
    """Measure, and print the table."""
    asked = arguments(__doc__, draws=2**20, group_draws=2**16, outer=256, inner=2048, rounds=3)
    case = load(asked.set)
    warm()
    decision = next(item for item in decidable(case) if not any(option.changes for option in item.options))
    sign = 1.0 if decision.goal == "maximize" else -1.0
    payoffs, probabilities = payoffs_of(case, decision, asked.draws, 0)

    def at_hand() -> Information:
        return information(sign * payoffs, probabilities)

    found = at_hand()
    path, worth = max(found.partial.items(), key=lambda item: item[1].value)
    nested_worth, error = nested(case, decision, path, asked.outer, asked.inner)
    # Few inner draws bias the nested estimate upwards by a little.
    agree(f"EVPPI of {path}", worth.value, nested_worth, 5 * error + 0.02 * found.perfect.value)
    times = interleaved(
        {
            "ours: EVPPI of all parameters, from the sample at hand": at_hand,
            "ours: the sample, draws and pay-offs": lambda: payoffs_of(case, decision, asked.draws, 0),
            "ours: everything": lambda: value_of_information(case, decision, asked.group_draws, 0),
            "nested": lambda: nested(case, decision, path, asked.outer, asked.inner),
        },
        asked.rounds,
    )
    groups = f"ours: {asked.group_draws:,} draws alone, but everything: draws, pay-offs, EVPPI of parameters and groups"
    peer = f"nested Monte Carlo, all parameters one by one ({asked.outer} × {asked.inner:,} draws each)"
    first, second, third, fourth = times
    report = Report(
        f"EVPPI for the decision `{decision.name}` ({len(payoffs)} options), {asked.draws:,} draws", [mix(case)]
    )
    report.times(
        {
            first: times[first],
            second: times[second],
            groups: times[third],
            peer: times[fourth] * len(case.uncertain),
        },
        first,
    )
    report.goal("EVPPI of all parameters, from the sample at hand", times[first], 2, "s")
    report.number("the same with the draws and pay-offs", times[first] + times[second], "s")
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
