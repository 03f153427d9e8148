"""The market cleared in all draws at once, beside a loop of SciPy's `linprog` (HiGHS) over draws.

    python benchmarks/market.py [SET] [--draws N] [--most N] [--looped N] [--rounds N] [--json]

Without slopes and elasticity the market is a linear programme, in which doing without costs the choke price. Both are
given each draw's unit costs and capacities of all offers, and find price, quantities and rents; the loop runs over some
of the draws, must find the same, and is scaled up. Drawing and the costs of channels are on neither side.
"""

from argparse import Namespace
from collections.abc import Callable
from typing import Any

import numpy as np
from common import Report, agree, arguments, interleaved, mix
from numpy.typing import NDArray
from scipy.optimize import linprog

from costmodel import load
from costmodel.analysis.recording import recorded
from costmodel.arrays import Array
from costmodel.costs import TASKS, Evaluation
from costmodel.formulas.market import demanded
from costmodel.market import PooledMarket, SeparateMarket, assignment, clearing
from costmodel.parameters import ParameterSet
from costmodel.sampling import BLOCK, Draws

#: Offers, demand and the highest price of a block of draws.
Block = tuple[NDArray[np.float64], dict[str, Array], Array]
Result = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
ALLOWED = 1e-7


def main() -> None:
    """Measure, and print the tables."""
    asked = arguments(__doc__, draws=100_000, most=1_000_000, looped=200, rounds=3)
    steps = linear(asked.set)
    against_a_loop(steps, asked).show(as_json=asked.json)
    growth(steps, asked.draws, asked.most, asked.rounds).show(as_json=asked.json)
    apart(steps, asked).show(as_json=asked.json)


def against_a_loop(steps: ParameterSet, asked: Namespace) -> Report:
    """Time beside that of the loop, once both were found to agree."""
    drawn = blocks(steps, asked.draws)
    looped = one_by_one(drawn[0], min(asked.looped, BLOCK, asked.draws))
    compare(cleared(drawn[0]), [loop(*draw) for draw in looped])
    as_it_is = blocks(load(asked.set), asked.draws)
    times = interleaved(
        {
            "ours": lambda: [cleared(block) for block in drawn],
            "with slopes and elastic demand": lambda: [cleared(block) for block in as_it_is],
            "linprog": lambda: [loop(*draw) for draw in looped],
        },
        asked.rounds,
    )
    mine, theirs = times["ours"], times["linprog"] * asked.draws / len(looped)
    offers = drawn[0][0].shape[1]
    report = Report(f"Clearing {offers} offers, {asked.draws:,} draws, one thread", [mix(steps)])
    report.times({"ours": mine, f"linprog, {len(looped)} draws, scaled up": theirs}, mine)
    report.number("ours, each draw", mine / asked.draws * 1e6, "µs")
    report.number("the set as it stands, each draw", times["with slopes and elastic demand"] / asked.draws * 1e6, "µs")
    report.number("linprog, each draw", theirs / asked.draws * 1e6, "µs")
    report.goal("linprog over ours", theirs / mine, 1000, "×", at_least=True)
    return report


def linear(name: str) -> ParameterSet:
    """A set without slopes, whose demand is what it is at any price up to the choke price."""
    slopes = {f"channels.{channel}.supply_slope": 0.0 for channel in load(name).channels}
    known = load(name).parameters
    return load(name, {"demand.elasticity": 0.0} | {path: x for path, x in slopes.items() if path in known})


def blocks(case: ParameterSet, count: int) -> list[Block]:
    """What is on offer and wanted in all draws, by block."""

    def terms(found: Evaluation) -> list[Array]:
        market = PooledMarket(found)
        return [market.table, *market.demand.values(), market.highest_price]

    source, tape = Draws(case, count, 0), recorded(case, terms)
    found = []
    for start in source.starts():
        table, quantity, elasticity, counterfactual, highest = tape.play(source.drawn(start))
        demand = {"quantity": quantity, "elasticity": elasticity, "counterfactual": counterfactual}
        found.append((table, demand, highest))
    return found


def cleared(block: Block) -> Result:
    """Price, quantities and rents of a block."""
    offers, demand, highest = block
    price = clearing.clearing_price(offers=offers, **demand, highest_price=highest)
    wanted = demanded(price=price, **demand)
    used = clearing.quantities(offers=offers, price=price, wanted=wanted)
    return np.asarray(price), used, clearing.rents(offers=offers, quantities=used, price=price)


def one_by_one(block: Block, count: int) -> list[tuple[Any, ...]]:
    """Draws as `loop` takes them: costs and capacities of all offers, what is wanted, and the highest price."""
    offers, demand, highest = block
    draws = offers.shape[2]
    wanted, highest = (np.broadcast_to(values, draws) for values in (demand["quantity"], highest))
    return [(*offers[:2, :, draw], float(wanted[draw]), float(highest[draw])) for draw in range(count)]


def loop(costs: NDArray[np.float64], capacities: NDArray[np.float64], wanted: float, highest: float) -> Result:
    """Price, quantities and rents of one draw by HiGHS; the last variable is what is not served."""
    found = linprog(
        [*costs, highest],
        A_eq=np.ones((1, len(costs) + 1)),
        b_eq=[wanted],
        bounds=[*((0.0, most) for most in capacities), (0.0, None)],
        method="highs",
    )
    price, used = found.eqlin.marginals[0], found.x[:-1]
    return price, used, used * (price - costs)


def compare(ours: Result, theirs: list[Result]) -> None:
    """Stop unless price, quantities and rents are the same."""
    for what, mine, his in zip(("price", "quantities", "rents"), ours, zip(*theirs, strict=True), strict=True):
        other = np.stack(his, axis=-1)
        agree(what, mine[..., : other.shape[-1]], other, ALLOWED * np.max(np.abs(other)))


def growth(case: ParameterSet, draws: int, most: int, rounds: int) -> Report:
    """Time per draw for more and more draws."""
    report = Report("Time of clearing by number of draws", [])
    counts = sorted({draws // 10, draws, most})
    drawn = blocks(case, counts[-1])

    def clear(count: int) -> Callable[[], None]:
        whole, rest = divmod(count, BLOCK)

        def run() -> None:
            for block in drawn[:whole]:
                cleared(block)
            if rest:
                offers, demand, highest = drawn[whole]
                few = {name: first(values, rest) for name, values in demand.items()}
                cleared((offers[..., :rest], few, first(highest, rest)))

        return run

    times = interleaved({f"{count}": clear(count) for count in counts}, rounds)
    each = {count: times[f"{count}"] / count * 1e6 for count in counts}
    for count, found in each.items():
        report.number(f"{count:,} draws, each", found, "µs")
    report.goal("dearest draw over cheapest", max(each.values()) / min(each.values()), 1.25, "×")
    return report


def apart(case: ParameterSet, asked: Namespace) -> Report:
    """Training and inference cleared apart, beside a linear programme with two demands."""

    def terms(found: Evaluation) -> list[Array]:
        market = SeparateMarket(found)
        return [market.table, *(each for task in TASKS for each in market.demand(task).values())]

    tape, source = recorded(case, terms), Draws(case, asked.draws, 0)
    names = [
        f"{task}_{name}" for task in TASKS for name in ("quantity", "elasticity", "counterfactual", "highest_price")
    ]
    drawn = [
        (table, dict(zip(names, demand, strict=True)))
        for table, *demand in (tape.play(source.drawn(start)) for start in source.starts())
    ]
    table, demand = drawn[0]
    looped = range(min(asked.looped, table.shape[2]))
    wanted = np.stack([np.broadcast_to(demand[f"{task}_quantity"], table.shape[2]) for task in TASKS])
    highest = np.stack([np.broadcast_to(demand[f"{task}_highest_price"], table.shape[2]) for task in TASKS])

    def loop_apart() -> list[NDArray[np.float64]]:
        return [two_demands(table[..., draw], wanted[:, draw], highest[:, draw]) for draw in looped]

    prices = assignment.assigned(offers=table, **demand)[:, 0, : len(looped)]
    agree("prices", prices, np.stack(loop_apart(), axis=-1), ALLOWED * np.max(highest))
    run = {"ours": lambda: [assignment.assigned(offers=o, **d) for o, d in drawn], "linprog": loop_apart}
    times = interleaved(run, asked.rounds)
    mine, theirs = times["ours"], times["linprog"] * asked.draws / len(looped)
    report = Report(f"Training and inference apart, {asked.draws:,} draws, one thread", [])
    report.times({"ours": mine, f"linprog, {len(looped)} draws, scaled up": theirs}, mine)
    report.number("ours, each draw", mine / asked.draws * 1e6, "µs")
    report.number("linprog over ours", theirs / mine, "×")
    return report


def two_demands(
    offers: NDArray[np.float64], wanted: NDArray[np.float64], highest: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Both prices of one draw by HiGHS; the last two variables are what is not served."""
    costs, numbers, _, *yields = offers
    count = len(costs)
    serves = np.zeros((2, 2 * count + 2))
    for task, each in enumerate(yields):
        serves[task, task * count : (task + 1) * count] = each
        serves[task, 2 * count + task] = 1.0
    found = linprog(
        [*costs, *costs, *highest],
        A_ub=np.hstack([np.eye(count), np.eye(count), np.zeros((count, 2))]),
        b_ub=numbers,
        A_eq=serves,
        b_eq=wanted,
        method="highs",
    )
    prices: NDArray[np.float64] = found.eqlin.marginals
    return prices


def first(values: Array, count: int) -> Array:
    """The first of some draws; a number is the same in all."""
    return values[:count] if np.ndim(values) else values


if __name__ == "__main__":
    main()
