"""The usual ways to draw the inputs of a set, and its model over whole arrays."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import squigglepy as sq
from numpy.typing import NDArray
from scipy import stats
from scipy.stats import qmc

from costmodel.costs import WORKLOADS, Evaluation, rivals
from costmodel.distributions import laws
from costmodel.parameters import ParameterSet
from costmodel.sampling import BLOCK, Draws

Values = NDArray[np.float64]
Inputs = dict[str, Values]
PERCENTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def distributions(case: ParameterSet) -> dict[str, Any]:
    """Laws of the uncertain parameters by path."""
    return {path: case.parameters[path].distribution for path in case.uncertain}


# A draw of each law by numpy's own method. Truncated normals are drawn by SciPy, since numpy has none.
def numpy_sampler(law: Any, random: np.random.Generator) -> Callable[[int], Values]:
    """Function of a number of draws."""
    if isinstance(law, laws.Uniform):
        return lambda size: random.uniform(law.min, law.max, size)
    if isinstance(law, laws.Triangular):
        return lambda size: random.triangular(law.min, law.mode, law.max, size)
    if isinstance(law, laws.Normal):
        return lambda size: random.normal(law.mean, law.sd, size)
    if isinstance(law, laws.Lognormal):
        return lambda size: random.lognormal(law.log_mean, law.log_sd, size)
    if isinstance(law, laws.Beta):
        return lambda size: _stretched(random.beta(law.a, law.b, size), law)
    frozen = scipy_law(law)
    return lambda size: np.asarray(frozen.rvs(size, random_state=random))


def _stretched(unit: Values, law: Any) -> Values:
    if (law.min, law.max) == (0.0, 1.0):
        return unit
    unit *= law.max - law.min
    unit += law.min
    return unit


def numpy_whole(case: ParameterSet, count: int, seed: int = 0) -> Inputs:
    """All inputs as whole arrays."""
    random = np.random.default_rng(seed)
    return {path: numpy_sampler(law, random)(count) for path, law in distributions(case).items()}


def numpy_blocks(case: ParameterSet, count: int, seed: int = 0) -> Iterator[Inputs]:
    """All inputs in blocks that stay in the cache."""
    random = np.random.default_rng(seed)
    samplers = {path: numpy_sampler(law, random) for path, law in distributions(case).items()}
    for start in range(0, count, BLOCK):
        yield {path: sampler(min(BLOCK, count - start)) for path, sampler in samplers.items()}


def squigglepy_law(law: Any) -> Any:
    """The law as squigglepy's; None where it has none."""
    if isinstance(law, laws.Lognormal):
        return sq.lognorm(norm_mean=law.log_mean, norm_sd=law.log_sd)
    if isinstance(law, laws.Beta):
        return sq.beta(law.a, law.b)
    if isinstance(law, laws.Uniform):
        return sq.uniform(law.min, law.max)
    if isinstance(law, laws.Triangular):
        return sq.triangular(law.min, law.mode, law.max)
    if isinstance(law, laws.Normal):
        return sq.norm(mean=law.mean, sd=law.sd)
    return None


def squigglepy_whole(case: ParameterSet, count: int, seed: int = 0) -> Inputs:
    """All inputs as whole arrays of squigglepy, betas stretched by hand; by numpy or SciPy what it does not have."""
    random = sq.set_seed(seed)
    found = {}
    for path, law in distributions(case).items():
        own = squigglepy_law(law)
        drawn = numpy_sampler(law, random)(count) if own is None else sq.sample(own, n=count)
        found[path] = _stretched(drawn, law) if isinstance(law, laws.Beta) else drawn
    return found


def scipy_law(law: Any) -> Any:
    """The law as a frozen SciPy distribution."""
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


def scipy_sobol(case: ParameterSet, count: int, seed: int = 0) -> Inputs:
    """All inputs by SciPy's scrambled Sobol' points and frozen distributions, as whole arrays."""
    frozen = {path: scipy_law(law) for path, law in distributions(case).items()}
    points = qmc.Sobol(len(frozen), rng=np.random.default_rng(seed)).random(count)
    return {path: law.ppf(points[:, column]) for column, (path, law) in enumerate(frozen.items())}


def our_inputs(case: ParameterSet, count: int, method: str = "sobol") -> Inputs:
    """All inputs as ours, joined to whole arrays."""
    source = Draws(case, count, 0, method=method)
    blocks = [source.drawn(start) for start in source.starts()]
    return {path: np.concatenate([block[path] for block in blocks]) for path in case.uncertain}


def evaluation(case: ParameterSet, inputs: Mapping[str, Any]) -> Evaluation:
    """The model over whole arrays; what several channels share is computed once."""
    return Evaluation.of(case, {path: item.value for path, item in case.parameters.items()} | dict(inputs))


def model(case: ParameterSet, inputs: Inputs) -> dict[tuple[str, str, str], dict[str, float]]:
    """The same results as ours by the usual numpy functions: moments, percentiles, probabilities of being cheapest."""
    found, results = evaluation(case, inputs), {}
    for workload in WORKLOADS:
        costs = {channel: found.cost(workload, channel) for channel in case.channels}
        counterfactual = found.counterfactual(workload)
        results[workload, "", "counterfactual"] = _statistics(counterfactual)
        for channel, cost in costs.items():
            results[workload, channel, "cost"] = _statistics(cost)
            results[workload, channel, "premium"] = _statistics(cost / counterfactual - 1.0)
        open_ones = rivals(case)
        least = np.argmin(np.stack([costs[channel] for channel in open_ones]), axis=0)
        shares = np.bincount(least, minlength=len(open_ones)) / len(least)
        for channel, share in zip(open_ones, shares, strict=True):
            results[workload, channel, "cheapest"] = {"mean": float(share)}
    return results


def _statistics(column: Values) -> dict[str, float]:
    low, lower, middle, upper, high = np.quantile(column, PERCENTILES)
    return {
        "mean": float(np.mean(column)),
        "sd": float(np.std(column)),
        "p05": low,
        "p25": lower,
        "p50": middle,
        "p75": upper,
        "p95": high,
    }
