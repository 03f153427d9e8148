"""A path of 40 quarters beside static markets of the same set: the same draws, the same results with statistics.

    python benchmarks/path.py [SET] [--draws N] [--quarters N] [--rounds N] [--json]

Price, premium, compute denied and the channels' shares are summed up on both sides, on the path in each quarter. Its
first quarter must give what the static market does. What is in force differs from quarter to quarter, and so does what
its market takes to clear; the path is held against the mean of every fourth quarter's, and told against the first's, in
which next to nothing is for sale in `status_quo`. Memory is measured in processes of their own, with the draws asked
for and with twice as many: the peak resident set, less the resident set after a run with few draws.
"""

import resource
import subprocess
import sys
from dataclasses import replace

GOAL = 60
#: Quarters of which the static market of what is in force then is measured: one in so many.
EVERY = 4


def main() -> None:
    """Measure, and print the tables."""
    if sys.argv[1:2] == ["--measure"]:
        name, quarters, draws = sys.argv[2:]
        print(peak(name, int(quarters), int(draws)))
        return
    from common import arguments

    asked = arguments(__doc__, draws=100_000, quarters=40, rounds=3)
    # A set without a timeline is what the scripts beside this one are about.
    asked.set = "status_quo" if asked.set == "baseline" else asked.set
    # Before this process has grown: the peak of one that it starts is at least its own.
    memory = {count: fresh(asked.set, asked.quarters, count) for count in (asked.draws, 2 * asked.draws)}
    report = times(asked)
    for count, found in memory.items():
        report.number(f"memory over that of few draws, {count:,} draws", found, "MB")
    report.show(as_json=asked.json)


def cut(name: str, quarters: int):
    """A set whose path has so many quarters."""
    from costmodel import load

    case = load(name)
    # Published figures are no part of what is compared.
    line = replace(case.timeline, last=case.timeline.first + quarters - 1)
    return replace(case, timeline=line, observations=())


def in_force(case) -> list:
    """The set as it is in force in some of the path's quarters, with the draws of the path."""
    from costmodel.dynamics.path import Path

    path = Path(case, 1, 0)
    return [replace(path.in_force(quarter).case, streams=case.streams) for quarter in path.quarters[::EVERY]]


def names(case) -> list[str]:
    """What is followed, of channels that there are from the beginning."""
    return ["price", "premium", "compute_denied", *(f"share.{channel}" for channel in case.channels)]


def along(case, draws: int, workers: int = 1):
    """Statistics of each quarter."""
    from costmodel.analysis.path import path_result

    return path_result(case, draws, names=names(case), workers=workers).statistics


def static(case, draws: int):
    """Statistics of the static market."""
    from costmodel.analysis.named import outcome_statistics

    return outcome_statistics(case, [f"market.{name}" for name in names(case)], draws)


def times(asked):
    """Time of the path over that of the static market."""
    from common import Report, agree, interleaved, mix

    case = cut(asked.set, asked.quarters)
    path, market = along(case, asked.draws), static(case, asked.draws)
    for name in names(case):
        first, other = path[name][0], market[f"market.{name}"]
        agree(name, [first[word].value for word in other], [each.value for each in other.values()], 0.0)
    cases = in_force(case)
    found = interleaved(
        {
            "static market": lambda: [static(each, asked.draws) for each in cases],
            "that of the first quarter": lambda: [static(case, asked.draws) for _ in cases],
            f"path of {asked.quarters} quarters": lambda: along(case, asked.draws),
            "the same on two threads": lambda: along(case, asked.draws, 2),
        },
        asked.rounds,
    )
    for word in ("static market", "that of the first quarter"):
        found[word] /= len(cases)
    report = Report(f"Path, {asked.draws:,} draws, {len(names(case))} results", [mix(case)])
    report.times(found, "static market")
    one, first, whole, *_ = found.values()
    report.goal("path over static market", whole / one, GOAL, "×")
    report.number("path over that of the first quarter", whole / first, "×")
    report.number("each quarter of each draw", whole / asked.quarters / asked.draws * 1e6, "µs")
    return report


def peak(name: str, quarters: int, draws: int) -> float:
    """Peak memory over that of a run with few draws, MB; runs in a process of its own."""
    import numpy as np
    import psutil

    from costmodel import kernels

    case = cut(name, quarters)
    kernels.prepare(np.inf)
    along(case, 256)
    before = psutil.Process().memory_info().rss
    along(case, draws)
    unit = 1 if sys.platform == "darwin" else 1024
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before) / 1e6


def fresh(name: str, quarters: int, draws: int) -> float:
    """`peak` in a fresh process."""
    command = [sys.executable, __file__, "--measure", name, str(quarters), str(draws)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
