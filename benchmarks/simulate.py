"""Simulation of a set beside the usual ways to draw its inputs and to evaluate it.

    python benchmarks/simulate.py [SET] [--draws N] [--rounds N] [--json]

Four tables from one process. The yardstick is the time in which numpy draws the inputs and does nothing else, the
faster of blocks and whole arrays. A peer's time counts only after its results were found to agree with ours.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from common import Report, agree, arguments, everything, independent, interleaved, mix, numpy_alone, warm
from common.peers import (
    Inputs,
    distributions,
    model,
    numpy_blocks,
    numpy_whole,
    our_inputs,
    scipy_sobol,
    squigglepy_law,
    squigglepy_whole,
)

from costmodel import load, simulate
from costmodel.analysis.named import outcome_statistics
from costmodel.costs import WORKLOADS
from costmodel.parameters import ParameterSet
from costmodel.printing import simulation_rows
from costmodel.sampling import Draws

YARDSTICK = "numpy draws the inputs, in blocks"
WHOLE = "numpy draws the inputs, whole arrays"
# The cost of the cheapest open channel: one result of the whole model.
ONE = ["lowest.mix"]


def main() -> None:
    """Measure, and print a table for each comparison."""
    asked = arguments(__doc__, draws=1_000_000, rounds=3, plain_draws=100_000, scipy_draws=65_536, table_draws=20_000)
    case = load(asked.set)
    warm()
    agreements(asked.set, min(asked.draws, 100_000))
    for report in (
        yardstick(case, asked.draws, asked.rounds),
        without_numba(case, asked.plain_draws, asked.rounds),
        squigglepy(case, asked.draws, asked.rounds),
        scipy(case, asked.scipy_draws, asked.rounds),
        table(asked.set, asked.table_draws, 5 * asked.rounds),
    ):
        report.show(as_json=asked.json)


def agreements(name: str, count: int) -> None:
    """Stop where a peer draws other laws or computes other costs: within sampling error, of independent inputs."""
    case = independent(name)
    ours = our_inputs(case, count)
    peers: dict[str, Callable[[ParameterSet, int], Inputs]] = {
        "numpy": numpy_whole,
        "squigglepy": squigglepy_whole,
        "SciPy": lambda case, count: scipy_sobol(case, 2 ** int(np.log2(count))),
    }
    found = simulate(case, count, 0)
    for peer, draw in peers.items():
        theirs = draw(case, count)
        for path, law in distributions(case).items():
            error = law.sd / np.sqrt(len(theirs[path]))
            agree(f"{peer}, mean of {path}", ours[path].mean(), theirs[path].mean(), 6 * error)
            agree(f"{peer}, spread of {path}", ours[path].std(), theirs[path].std(), 0.1 * law.sd)
        same_results(peer, found, model(case, theirs), count)
    # On the same inputs the two ways to evaluate must give the same numbers.
    for (workload, channel, kind), theirs in model(case, ours).items():
        if kind == "cost":
            mine = found.summaries[workload][channel]
            for statistic, value in theirs.items():
                agree(f"{statistic} of {channel}", mine[statistic].value, value, 1e-9 * abs(value))


def same_results(peer: str, found: Any, theirs: dict[tuple[str, str, str], dict[str, float]], count: int) -> None:
    """Compare means, quartiles and probabilities, each within six standard errors of independent draws."""
    for (workload, channel, kind), values in theirs.items():
        if kind == "cheapest":
            mine = found.probabilities[workload][channel].value
            agree(f"{peer}, {channel} cheapest", mine, values["mean"], 6 * (0.25 / count) ** 0.5)
        elif kind == "cost":
            ours = found.summaries[workload][channel]
            error = 6 * ours["sd"].value / np.sqrt(count)
            for statistic, wider in {"mean": 2, "p25": 4, "p50": 4, "p75": 4}.items():
                agree(f"{peer}, {statistic} of {channel}", ours[statistic].value, values[statistic], wider * error)


def ours(case: ParameterSet, draws: int, workers: int = 1, *, keep: bool = False, method: str = "sobol") -> Any:
    """Every result of the set."""
    return everything(simulate(case, draws, 0, keep=keep, workers=workers, method=method))


def exhaust(blocks: Any) -> None:
    """Make all blocks, and forget each."""
    for _ in blocks:
        pass


def yardstick(case: ParameterSet, draws: int, rounds: int) -> Report:
    """Ours against numpy that only draws, with the parts of ours."""
    source, kept = Draws(case, draws, 0), simulate(case, draws, 0)
    rows: dict[str, Callable[[], Any]] = {
        YARDSTICK: lambda: exhaust(numpy_blocks(case, draws)),
        WHOLE: lambda: numpy_whole(case, draws),
        "ours: everything, draws kept, one thread": lambda: ours(case, draws, keep=True),
        "ours: everything, draws kept, two threads": lambda: ours(case, draws, 2, keep=True),
        "ours: everything, streamed, one thread": lambda: ours(case, draws),
        "ours: everything, streamed, two threads": lambda: ours(case, draws, 2),
        "ours: one outcome of all channels, streamed, one thread": lambda: outcome_statistics(case, ONE, draws, 0),
        "ours: one outcome of all channels, streamed, two threads": lambda: outcome_statistics(
            case, ONE, draws, 0, workers=2
        ),
        "    draws alone": lambda: exhaust(source.drawn(start) for start in source.starts()),
        "    draws, model and premiums": lambda: exhaust(simulate(case, draws, 0, keep=False).blocks(range(draws))),
        "    statistics of costs that are kept": lambda: everything(replace(kept)),
    }
    times = interleaved(rows, rounds)
    least = min(times[YARDSTICK], times[WHOLE])
    report = Report(f"Against drawing the inputs alone, {draws:,} draws", [mix(case), _results(case)])
    report.times(times, least)
    one, two = (
        min(times[f"ours: everything, {how}, {threads}"] for how in ("draws kept", "streamed"))
        for threads in ("one thread", "two threads")
    )
    report.goal("one thread", one / least, 0.35, "× the yardstick")
    report.goal("two threads", two / least, 0.25, "× the yardstick")
    for threads, goal in (("one thread", 0.35), ("two threads", 0.25)):
        single = times[f"ours: one outcome of all channels, streamed, {threads}"]
        report.goal(f"{ONE[0]} alone, {threads}", single / least, goal, "× the yardstick")
    whole = times["ours: everything, draws kept, one thread"]
    draw, costs, statistics = list(times.values())[-3:]
    for label, part in {
        "draws": draw,
        "model": costs - draw,
        "statistics": statistics,
        "keeping the costs": whole - costs - statistics,
    }.items():
        report.number(f"share of {label} (draws kept, one thread)", 100 * part / whole, "%")
    return report


def _results(case: ParameterSet) -> str:
    count = len(case.channels)
    return (
        f"everything: cost and premium of {count} channels and the counterfactual for {len(WORKLOADS)} workloads, "
        "each with mean, standard deviation, five percentiles and their errors; probabilities of being cheapest. "
        "Yardstick: the faster of blocks and whole arrays; numpy draws without the rank correlations, ours has them"
    )


def without_numba(case: ParameterSet, draws: int, rounds: int) -> Report:
    """The same with numpy's loops."""

    def plain() -> None:
        with numpy_alone():
            ours(case, draws)

    rows = {
        YARDSTICK: lambda: exhaust(numpy_blocks(case, draws)),
        "ours with numba": lambda: ours(case, draws),
        "ours without numba": plain,
    }
    report = Report(f"Without a compiler, {draws:,} draws")
    report.times(interleaved(rows, rounds), YARDSTICK)
    return report


def squigglepy(case: ParameterSet, draws: int, rounds: int) -> Report:
    """Pseudo-random draws on both sides, the same model."""
    rows: dict[str, Callable[[], Any]] = {
        "ours: everything, pseudo-random draws": lambda: ours(case, draws, method="random"),
        "squigglepy: everything, whole arrays": lambda: model(case, squigglepy_whole(case, draws)),
        "squigglepy: the inputs alone": lambda: squigglepy_whole(case, draws),
    }
    times = interleaved(rows, rounds)
    mine, theirs, _ = times.values()
    lacking = sorted({law.law for law in distributions(case).values() if squigglepy_law(law) is None})
    note = f"it lacks {', '.join(lacking)}: numpy or SciPy draws these" if lacking else "it has all laws"
    stretched = "betas between other ends than 0 and 1 are stretched by hand; percentiles by numpy.quantile, no errors"
    report = Report(f"Against squigglepy, one thread, {draws:,} draws", [f"squigglepy: {note}; {stretched}"])
    report.times(times, mine)
    report.goal("squigglepy over ours", theirs / mine, 4, "×", at_least=True)
    return report


def scipy(case: ParameterSet, draws: int, rounds: int) -> Report:
    """Sobol' points on both sides."""
    source = Draws(case, draws, 0)
    rows: dict[str, Callable[[], Any]] = {
        "ours: the inputs alone": lambda: exhaust(source.drawn(start) for start in source.starts()),
        "ours: everything": lambda: ours(case, draws),
        "SciPy qmc.Sobol and .ppf: the inputs alone": lambda: scipy_sobol(case, draws),
        "SciPy qmc.Sobol and .ppf: everything, whole arrays": lambda: model(case, scipy_sobol(case, draws)),
    }
    times = interleaved(rows, rounds)
    our_draws, our_all, their_draws, their_all = times.values()
    report = Report(f"Against SciPy's Sobol' points, one thread, {draws:,} draws")
    report.times(times, our_all)
    report.goal("the inputs alone, SciPy over ours", their_draws / our_draws, 100, "×", at_least=True)
    report.goal("everything, SciPy over ours", their_all / our_all, 100, "×", at_least=True)
    return report


def table(name: str, draws: int, rounds: int) -> Report:
    """From the file to the rows of the table of results."""

    def rows() -> None:
        simulation_rows(simulate(load(name), draws, keep=False))

    def plain() -> None:
        with numpy_alone():
            rows()

    times = interleaved(
        {"compiled loops at hand": rows, "numpy's loops": plain, "of which load": lambda: load(name)}, rounds
    )
    report = Report(f"From `load` to the table of results in a warm process, one thread, {draws:,} draws")
    report.times(times, "compiled loops at hand")
    report.goal("load to table", times["compiled loops at hand"] * 1e3, 60, "ms")
    return report


if __name__ == "__main__":
    main()
