"""Simulation of a parameter set, side by side with the usual ways to draw its inputs, in one process.

    python benchmarks/simulate.py [SET] [DRAWS]

Every row is the median of interleaved rounds, and its ratio to the first row. Peers draw the same laws; before their
time counts, the means of what they drew are compared with ours.
"""

import platform
import sys
from collections import Counter
from collections.abc import Callable
from importlib.metadata import version
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from scipy import stats
from scipy.stats import qmc

from costmodel import load, simulate
from costmodel.distributions import laws
from costmodel.parameters import ParameterSet
from costmodel.sampling import Draws

ROUNDS = 5


def scipy_law(law: Any) -> Any:
    """The same law as a frozen SciPy distribution."""
    if isinstance(law, laws.Uniform):
        return stats.uniform(law.min, law.max - law.min)
    if isinstance(law, laws.Triangular):
        return stats.triang((law.mode - law.min) / (law.max - law.min), law.min, law.max - law.min)
    if isinstance(law, laws.Beta):
        return stats.beta(law.a, law.b, law.min, law.max - law.min)
    if isinstance(law, laws.Normal):
        return stats.norm(law.mean, law.sd)
    if isinstance(law, laws.TruncatedNormal):
        ends = [(edge - law.location) / law.scale for edge in (law.min, law.max)]
        return stats.truncnorm(*ends, law.location, law.scale)
    return stats.lognorm(law.log_sd, scale=np.exp(law.log_mean))


def main(name: str = "baseline", draws: str = "16384") -> None:
    """Print the table."""
    count = int(draws)
    case = load(name)
    frozen = {path: scipy_law(case.parameters[path].distribution) for path in case.uncertain}

    def ours_inputs() -> dict[str, Any]:
        blocks = list(Draws(case, count, 0).blocks())
        return {path: np.concatenate([block[path] for block in blocks]) for path in case.uncertain}

    def pseudo_random() -> dict[str, Any]:
        random = np.random.default_rng(0)
        return {path: law.rvs(count, random_state=random) for path, law in frozen.items()}

    def sobol_ppf() -> dict[str, Any]:
        points = qmc.Sobol(len(frozen), rng=np.random.default_rng(0)).random(count)
        return {path: law.ppf(points[:, column]) for column, (path, law) in enumerate(frozen.items())}

    agree(case, ours_inputs(), pseudo_random(), count)
    agree(case, ours_inputs(), sobol_ppf(), count)
    rows: dict[str, Callable[[], Any]] = {
        "simulate: all channels and workloads": lambda: simulate(case, count, 0),
        "our inputs alone": ours_inputs,
        "SciPy's .rvs, inputs alone": pseudo_random,
        "SciPy's Sobol' and .ppf, inputs alone": sobol_ppf,
        "load": lambda: load(name),
    }
    times: dict[str, list[float]] = {label: [] for label in rows}
    for _ in range(ROUNDS):
        for label, function in rows.items():
            start = perf_counter()
            function()
            times[label].append(perf_counter() - start)
    report(case, count, {label: median(found) for label, found in times.items()})


def agree(case: ParameterSet, ours: dict[str, Any], theirs: dict[str, Any], count: int) -> None:
    """Stop where a peer draws something else."""
    stated_as_drawn = [path for path in case.uncertain if case.parameters[path].leaf.basis == "real"]
    for path in stated_as_drawn:
        law = case.parameters[path].distribution
        assert law is not None
        tolerance = 6 * law.sd / np.sqrt(count)
        assert abs(np.mean(ours[path]) - np.mean(theirs[path])) < tolerance, path


def report(case: ParameterSet, count: int, medians: dict[str, float]) -> None:
    """Machine, versions, mix of laws and the table."""
    mix = Counter(str(item.distribution.law) for item in case if item.distribution)
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    print(f"{platform.machine()}, Python {platform.python_version()}, {packages}; one thread")
    print(f"{case.name}: {count:,} draws of {', '.join(f'{n} {law}' for law, n in mix.most_common())}")
    first = next(iter(medians.values()))
    for label, seconds in medians.items():
        print(f"{label:40} {seconds * 1e3:8.1f} ms   {seconds / first:6.2f} × the first row")


if __name__ == "__main__":
    main(*sys.argv[1:])
