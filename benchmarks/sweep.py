"""Many sets that vary three parameters: `sweep` beside a loop over sets.

    python benchmarks/sweep.py [SET] [--values N] [--looped N] [--rounds N] [--json]

VALUES of each parameter are crossed; the loop (`load` with overrides and `simulate`) runs over a few of the same sets,
whose medians must be equal before its time counts, and is scaled up to all.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from common import Report, arguments, interleaved, mix

from costmodel import load, simulate, sweep

DRAWS, OUTCOME = 4096, "lowest_premium.mix"
#: Grids by what they move: single channels; all channels once; all channels each time.
GRIDS = {
    "terms of three channels": {
        "channels.gray_market.price_markup": (0.2, 1.0),
        "channels.direct.export_fee": (0.0, 0.3),
        "channels.third_country_cloud.rental_price": (2.0, 6.0),
    },
    "the discount rate and terms of two channels": {
        "finance.discount_rate": (0.03, 0.2),
        "channels.direct.export_fee": (0.0, 0.3),
        "channels.third_country_cloud.rental_price": (2.0, 6.0),
    },
    "three parameters of all channels": {
        "finance.discount_rate": (0.03, 0.2),
        "finance.price_decline": (0.1, 0.4),
        "finance.economic_life": (4.0, 7.0),
    },
}


def main() -> None:
    """Measure, and print a table for each grid."""
    asked = arguments(__doc__, values=22, looped=10, rounds=1)
    case = load(asked.set)
    simulate(case, DRAWS)
    sweep(case, {"finance.discount_rate": [0.1]})
    for label, ends in GRIDS.items():
        grid = {path: np.linspace(low, high, asked.values).tolist() for path, (low, high) in ends.items()}
        table = sweep(case, grid, [OUTCOME], DRAWS)
        some = table.iloc[:: max(1, len(table) // asked.looped)]
        times = interleaved(
            {"sweep": lambda grid=grid: sweep(case, grid, [OUTCOME], DRAWS), "loop": loop(asked.set, some, list(grid))},
            asked.rounds,
        )
        mine, theirs = times["sweep"], times["loop"] * len(table) / len(some)
        report = Report(f"{len(table):,} sets × {DRAWS:,} draws, {OUTCOME}, one thread: {label}", [mix(case)])
        report.times({"sweep": mine, f"loop over sets, {len(some)} of them, scaled up": theirs}, mine)
        report.goal("loop over sweep", theirs / mine, 10, "×", at_least=True)
        report.show(as_json=asked.json)


def loop(name: str, rows: Any, paths: list[str]) -> Callable[[], None]:
    """Some sets one by one, each of which must give the median that the sweep gave."""

    def run() -> None:
        for row in rows.to_dict("records"):
            found = simulate(load(name, {path: row[path] for path in paths}), DRAWS)
            lowest = np.min([found.totals["mix"][channel] for channel in found.rivals], axis=0)
            median = float(np.median(lowest / found.counterfactual["mix"] - 1.0))
            assert abs(row[f"{OUTCOME}.p50"] - median) <= 1e-12 * abs(median), row

    return run


if __name__ == "__main__":
    main()
