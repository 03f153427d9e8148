"""Peak memory of many draws beyond what is in use after imports and a run with few draws.

    python benchmarks/memory.py [SET] [--draws N] [--peer-draws N] [--json]

Each is measured in a fresh process: the peak resident set, less the resident set after the warm-up. Whole arrays are
drawn by numpy for fewer draws and scaled up.
"""

import resource
import subprocess
import sys

# The peak of a process is at least that of the one that started it, until it loads another program: this one has to
# stay small, so that everything large is imported in the processes that are measured.
CASES = ("stored", "streamed", "everything", "simulate", "numpy")
LABELS = {
    "stored": "ours, one outcome stored (lowest_premium.mix)",
    "streamed": "ours, the same outcome streamed",
    "everything": "ours, everything streamed (simulate with keep=False)",
    "simulate": "ours, all costs stored (simulate)",
    "numpy": "numpy, inputs as whole arrays",
}
GOALS = {"stored": 100, "streamed": 20}


def measure(which: str, name: str, draws: int) -> float:
    """Peak memory over that after a warm-up, MB; runs in a process of its own."""
    import numpy as np
    import psutil
    from common import everything
    from common.peers import numpy_whole

    from costmodel import kernels, load, simulate
    from costmodel.analysis.named import outcome_draws, outcome_statistics

    case = load(name)
    # All loops are compiled or loaded here; a long-running process has them.
    kernels.prepare(np.inf)
    run = {
        "stored": lambda count: outcome_draws(case, ["lowest_premium.mix"], count),
        "streamed": lambda count: outcome_statistics(case, ["lowest_premium.mix"], count),
        "everything": lambda count: everything(simulate(case, count, keep=False)),
        "simulate": lambda count: everything(simulate(case, count)),
        "numpy": lambda count: numpy_whole(case, count),
    }[which]
    run(256)
    before = psutil.Process().memory_info().rss
    run(draws)
    unit = 1 if sys.platform == "darwin" else 1024
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before) / 1e6


def fresh(which: str, name: str, draws: int) -> float:
    """`measure` in a fresh process."""
    command = [sys.executable, __file__, "--measure", which, name, str(draws)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Measure all, and print a table."""
    if sys.argv[1:2] == ["--measure"]:
        which, name, draws = sys.argv[2:]
        print(measure(which, name, int(draws)))
        return
    # Numbers before the imports: these make this process large.
    import argparse

    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("set", nargs="?", default="baseline")
    for option, default in (("--draws", "1e7"), ("--peer-draws", "1e6")):
        parser.add_argument(option, type=float, default=float(default))
    asked, _ = parser.parse_known_args()
    draws = {which: int(asked.draws if which != "numpy" else asked.peer_draws) for which in CASES}
    # All costs of all draws are meant to be large: at a tenth, scaled up, as numpy's.
    draws["simulate"] = draws["numpy"]
    found = {which: fresh(which, asked.set, count) for which, count in draws.items()}

    from common import Report, arguments, mix

    from costmodel import load

    shown = arguments(__doc__, draws=10_000_000, peer_draws=1_000_000)
    report = Report(f"Peak memory over import, {shown.draws:,} draws", [mix(load(shown.set))])
    for which, megabytes in found.items():
        scale = shown.draws / draws[which]
        label = LABELS[which] + (f"; {draws[which]:,} draws × {scale:g}" if scale != 1 else "")
        if which in GOALS:
            report.goal(label, megabytes * scale, GOALS[which], "MB")
        else:
            report.number(label, megabytes * scale, "MB")
    report.show(as_json=shown.json)


if __name__ == "__main__":
    main()
