"""Many sets that vary three parameters: `sweep` against a loop over sets, in one process.

    python benchmarks/sweep.py [SET] [DRAWS]

With 4,096 draws there are 22 values of each parameter, crossed; with more draws fewer, so that the work stays the
same. The loop (`load` with overrides and `simulate`) runs over a few of the same sets, whose results must be equal
before its time counts, and its time is scaled up to all.
"""

import platform
import sys
from importlib.metadata import version
from time import perf_counter

import numpy as np
import pandas as pd

from costmodel import load, simulate, sweep

DRAWS, VALUES, LOOPED = 4096, 22, 20
OUTCOME = "lowest_premium.mix"
#: Grids by what they move: single channels; all channels once; all channels each time.
GRIDS = {
    "terms of three channels": (
        ("channels.gray_market.price_markup", 0.2, 1.0),
        ("channels.direct.export_fee", 0.0, 0.3),
        ("channels.third_country_cloud.rental_price", 2.0, 6.0),
    ),
    "the discount rate and terms of two channels": (
        ("finance.discount_rate", 0.03, 0.2),
        ("channels.direct.export_fee", 0.0, 0.3),
        ("channels.third_country_cloud.rental_price", 2.0, 6.0),
    ),
    "three parameters of all channels": (
        ("finance.discount_rate", 0.03, 0.2),
        ("finance.price_decline", 0.1, 0.4),
        ("finance.economic_life", 4.0, 7.0),
    ),
}


def main(name: str = "baseline", given: str = str(DRAWS)) -> None:
    """Print the table."""
    draws = int(given)
    values = max(2, round(VALUES * (DRAWS / draws) ** (1 / 3)))
    case = load(name)
    costs = [f"cost.mix.{c}" for c in case.channels if case.central[f"channels.{c}.available"]]
    simulate(case, draws)
    sweep(case, {"finance.discount_rate": [0.1]})
    packages = ", ".join(f"{package} {version(package)}" for package in ("numpy", "scipy"))
    print(f"{platform.machine()}, Python {platform.python_version()}, {packages}; one thread; {name}, {draws:,} draws")
    for label, ends in GRIDS.items():
        grid = {path: np.linspace(low, high, values).tolist() for path, low, high in ends}
        start = perf_counter()
        table = sweep(case, grid, [OUTCOME], draws)
        middle = perf_counter()
        sweep(case, grid, [OUTCOME, *costs], draws)
        end = perf_counter()
        loop = looped(name, table, list(grid), draws) * len(table)
        print(f"{len(table):,} sets, {label}:")
        print(f"    {OUTCOME}: {middle - start:.1f} s; with the costs of {len(costs)} channels: {end - middle:.1f} s")
        print(f"    loop over sets: {loop:.0f} s, {loop / (middle - start):.0f} × as long")


def looped(name: str, table: pd.DataFrame, paths: list[str], draws: int) -> float:
    """Seconds for one set, from some sets of the table, whose medians must be the same."""
    rows = table.iloc[:: max(1, len(table) // LOOPED)]
    start = perf_counter()
    for _, row in rows.iterrows():
        found = simulate(load(name, {path: float(row[path]) for path in paths}), draws)
        lowest = np.min([found.totals["mix"][channel] for channel in found.rivals], axis=0)
        assert row[f"{OUTCOME}.p50"] == np.median(lowest / found.counterfactual["mix"] - 1.0)
    return (perf_counter() - start) / len(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
