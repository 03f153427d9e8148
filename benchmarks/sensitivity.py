"""First-order and total Sobol' indices of all uncertain parameters, beside SciPy and SALib.

    python benchmarks/sensitivity.py [SET] [--base N] [--rounds N] [--json]

The same model for all three, vectorised over points; rank correlations are left out, since the peers know independent
inputs alone. SALib knows no beta: it samples the unit cube, and our inverse distribution functions do the rest.
"""

import warnings
from typing import Any

import numpy as np
from common import Report, agree, arguments, independent, interleaved, mix, warm
from common.peers import distributions, evaluation, scipy_law
from SALib.analyze import sobol as salib_analyze
from SALib.sample import sobol as salib_sample
from scipy.stats import sobol_indices

from costmodel.analysis.global_sensitivity import Sensitivity, global_sensitivity, pair
from costmodel.outcomes import outcome
from costmodel.parameters import ParameterSet

OUTCOME = "lowest_premium.mix"
# The points differ: at 8,192 of them indices may differ by this, and by what SALib's intervals explain.
_TOLERANCE = 0.03


def main() -> None:
    """Measure, and print the table."""
    asked = arguments(__doc__, base=8192, rounds=3)
    case = independent(asked.set)
    warm()
    found: dict[str, Any] = {}

    def keep(label: str, function: Any) -> Any:
        def run() -> None:
            found[label] = function(case, asked.base)

        return run

    runs = {label: keep(label, function) for label, function in LABELS.items()}
    times = interleaved(runs, asked.rounds)
    ours, scipy, salib = (found[label] for label in LABELS)
    same(case, ours, scipy, salib)
    report = Report(
        f"S1 and ST of {OUTCOME}, {asked.base:,} base points, one thread",
        [mix(case), f"ours computes the outcome again for {ours.recomputed} parameters, which alone move it"],
    )
    mine, theirs, others = times.values()
    report.times(times, mine)
    report.goal("SciPy over ours", theirs / mine, 30, "×", at_least=True)
    report.goal("SALib over ours", others / mine, 100, "×", at_least=True)
    report.show(as_json=asked.json)


def ours(case: ParameterSet, base: int) -> Sensitivity:
    """Both samples, all indices and their intervals."""
    return global_sensitivity(pair(case, base, 0), outcome(case, OUTCOME), given_data=False)


def by_scipy(case: ParameterSet, base: int) -> Any:
    """SciPy's indices, without intervals."""
    wanted = outcome(case, OUTCOME)

    def function(points: Any) -> Any:
        return wanted(evaluation(case, dict(zip(case.uncertain, points, strict=True))))

    laws = [scipy_law(law) for law in distributions(case).values()]
    return sobol_indices(func=function, n=base, dists=laws, rng=np.random.default_rng(1))


def by_salib(case: ParameterSet, base: int) -> Any:
    """SALib's indices, with its bootstrapped intervals (100 resamples, its default)."""
    wanted = outcome(case, OUTCOME)
    problem = {
        "num_vars": len(case.uncertain),
        "names": list(case.uncertain),
        "bounds": [[0.0, 1.0]] * len(case.uncertain),
    }
    cube = salib_sample.sample(problem, base, calc_second_order=False, seed=1)
    # Its points may be exactly 0, where some laws have no value.
    cube = np.clip(cube, 2.0**-31, 1 - 2.0**-31)
    inputs = {path: law.ppf(cube[:, place]) for place, (path, law) in enumerate(distributions(case).items())}
    values = wanted(evaluation(case, inputs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return salib_analyze.analyze(problem, values, calc_second_order=False, seed=1)


LABELS = {
    "ours, with intervals": ours,
    "scipy.stats.sobol_indices, no intervals": by_scipy,
    "SALib sample and analyze, with intervals": by_salib,
}


def same(case: ParameterSet, ours: Sensitivity, scipy: Any, salib: Any) -> None:
    """Stop unless all indices agree."""
    mine = {item.paths[0]: item for item in ours.influences}
    assert set(mine) == set(case.uncertain)
    items = [mine[path] for path in case.uncertain]
    first, total = ([getattr(item, kind).value for item in items] for kind in ("first", "total"))
    allowed = _TOLERANCE * (8192 / ours.base) ** 0.5
    agree("SciPy, S1", first, scipy.first_order, allowed)
    agree("SciPy, ST", total, scipy.total_order, allowed)
    agree("SALib, S1", first, salib["S1"], allowed + 2 * np.asarray(salib["S1_conf"]))
    agree("SALib, ST", total, salib["ST"], allowed + 2 * np.asarray(salib["ST_conf"]))


if __name__ == "__main__":
    main()
