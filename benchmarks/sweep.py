"""Many sets that vary three parameters: `sweep` beside a loop over sets.

    python benchmarks/sweep.py [SET] [--values N] [--looped N] [--json]

VALUES of each parameter are crossed; the loop (`load` with overrides and `simulate`) runs over a few of the same sets,
whose medians must be equal before its time counts, and is scaled up to all.
"""

from time import perf_counter

import numpy as np
from common import Report, agree, arguments, mix

from costmodel import load, simulate, sweep

DRAWS, OUTCOME, LAST = 4096, "lowest_premium.mix", "three parameters of all channels"
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
    LAST: {
        "finance.discount_rate": (0.03, 0.2),
        "finance.price_decline": (0.1, 0.4),
        "finance.economic_life": (4.0, 7.0),
    },
}


def main() -> None:
    """Measure, and print a table for each grid."""
    asked = arguments(__doc__, values=22, looped=10)
    case = load(asked.set)
    simulate(case, DRAWS)
    sweep(case, {"finance.discount_rate": [0.1]})
    for label, ends in GRIDS.items():
        # Nothing is shared in the last grid, so that all that counts is the time of one set: fewer will do.
        values = asked.values if label != LAST else max(2, asked.values // 2)
        grid = {path: np.linspace(low, high, values).tolist() for path, (low, high) in ends.items()}
        start = perf_counter()
        table = sweep(case, grid, [OUTCOME], DRAWS)
        mine = perf_counter() - start
        rows = table.iloc[:: max(1, len(table) // asked.looped)].to_dict("records")
        start = perf_counter()
        medians = [single(asked.set, {path: row[path] for path in grid}) for row in rows]
        theirs = (perf_counter() - start) * len(table) / len(rows)
        agree(f"medians, {label}", [row[f"{OUTCOME}.p50"] for row in rows], medians, 1e-12)
        report = Report(f"{len(table):,} sets × {DRAWS:,} draws, {OUTCOME}, one thread: {label}", [mix(case)])
        report.times({"sweep": mine, f"loop over sets, {len(rows)} of them, scaled up": theirs}, mine)
        report.goal("loop over sweep", theirs / mine, 10, "×", at_least=True)
        report.show(as_json=asked.json)


def single(name: str, overrides: dict[str, float]) -> float:
    """The median of the outcome in one set, the usual way."""
    found = simulate(load(name, overrides), DRAWS)
    lowest = np.min([found.totals["mix"][channel] for channel in found.rivals], axis=0)
    return float(np.median(lowest / found.counterfactual["mix"] - 1.0))


if __name__ == "__main__":
    main()
