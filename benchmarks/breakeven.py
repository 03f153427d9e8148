"""The value of a parameter at which two channels cost the same, in every draw, beside a loop of `brentq` over draws.

    python benchmarks/breakeven.py [SET] [--draws N] [--looped N] [--rounds N] [--json]

The loop computes the same two costs from the draw's numbers, and of these only what depends on the parameter; it runs
over some of the draws, must find the same values, and is scaled up.
"""

from collections.abc import Callable

import numpy as np
from common import Report, agree, arguments, interleaved, mix
from scipy.optimize import brentq

from costmodel import load
from costmodel.analysis.breakeven import BreakEven, breakeven
from costmodel.analysis.sample import Sample, sample
from costmodel.costs import Evaluation

PATH, FIRST, SECOND, WORKLOAD = "channels.gray_market.price_markup", "gray_market", "domestic", "mix"


def main() -> None:
    """Measure, and print the table."""
    asked = arguments(__doc__, draws=16_384, looped=200, rounds=3)
    case = load(asked.set)
    draws = sample(case, asked.draws, 0)
    found = breakeven(draws, PATH, FIRST, SECOND)
    looped = np.flatnonzero(found.found & (found.crossings == 1))[: asked.looped]
    assert looped.size, f"{FIRST} and {SECOND} break even in no draw"
    agree(f"break-even in {PATH}", found.thresholds[looped], loop(draws, found, looped)(), 1e-6 * found.high)
    times = interleaved(
        {
            "ours": lambda: breakeven(draws, PATH, FIRST, SECOND),
            "brentq": loop(draws, found, looped),
        },
        asked.rounds,
    )
    mine, theirs = times["ours"], times["brentq"] * asked.draws / looped.size
    report = Report(f"Break-even of {FIRST} and {SECOND} in {PATH}, {asked.draws:,} draws, one thread", [mix(case)])
    report.times({"ours": mine, f"brentq, {looped.size} draws, scaled up": theirs}, mine)
    report.number("ours, each draw", mine / asked.draws * 1e6, "µs")
    report.number("brentq, each draw", theirs / asked.draws * 1e6, "µs")
    report.show(as_json=asked.json)


def loop(draws: Sample, found: BreakEven, looped: np.ndarray) -> Callable[[], list[float]]:
    """The roots in some draws, one by one."""
    case = draws.case
    numbers = {path: draws.evaluation.stated(path) for path in case.parameters}

    def root(draw: int) -> float:
        stated = {path: float(x[draw]) if isinstance(x, np.ndarray) else x for path, x in numbers.items()}
        base = Evaluation.of(case, stated)

        def gap(value: float) -> float:
            run = base.changed({PATH: value})
            return float(run.cost(WORKLOAD, FIRST) - run.cost(WORKLOAD, SECOND))

        gap(found.low)
        return float(brentq(gap, found.low, found.high, xtol=1e-9))

    return lambda: [root(draw) for draw in looped]


if __name__ == "__main__":
    main()
