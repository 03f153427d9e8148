"""Sensitivities that a sample at hand gives for free: binned first-order indices, and rank correlations."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.sobol import FEWEST, NOTHING, Draw, Index, by_sequence, varies
from costmodel.sampling import REPLICATES

#: Most bins of equal probability. More would follow a curve more closely, and leave fewer draws for each.
BINS = 64
# Draws of each sequence in a bin, on average: with fewer the disagreement of the sequences is not well known.
_IN_EACH = 8


def first_order(probabilities: Mapping[str, Draw], values: Draw) -> dict[str, Index]:
    """First-order index of each input from one sample: the variance of the result's mean within bins of the input.

    Bins have equal probability by the known u of each input. Each bin's mean has an error, which adds to the variance
    of the means; how far the independently scrambled sequences disagree within the bin tells how much, and that is
    taken off. So the index of an input without influence is 0 but for noise, which may be negative. For correlated
    inputs the index counts what an input shares with those that it is correlated with: indices then do not add up.

    Args:
        probabilities: u of each input by name, shape (draws,), draw i of sequence i % 16.
        values: the result, shape (draws,).

    Returns:
        Index of each input, with its jackknife error over the sequences; 0 for all where the result does not vary.

    References:
        Plischke, Borgonovo & Smith (2013), "Global sensitivity measures from given data", European Journal of
        Operational Research 226(3). The rank estimator of Gamboa, Gremaud, Klein & Lagnoux (2022) is not used: it is
        wrong on Sobol' points.

    Examples:
        >>> u = np.random.default_rng(0).random((2, 4096))
        >>> found = first_order({"x": u[0], "y": u[1]}, u[0])
        >>> round(found["x"].value, 2), abs(found["y"].value) < 0.01
        (1.0, True)
    """
    if len(values) < FEWEST:
        raise ValueError(f"first-order indices need at least {FEWEST} draws, not {len(values)}")
    if not varies(values):
        return dict.fromkeys(probabilities, NOTHING)
    kept = len(values) // REPLICATES * REPLICATES
    bins = max(2, min(BINS, kept // (_IN_EACH * REPLICATES)))
    off = values[:kept] - np.mean(values[:kept])
    variance = _less_one(np.mean(by_sequence(off) ** 2, axis=0) / REPLICATES)
    places = np.arange(kept) % REPLICATES
    return {name: _binned(u[:kept], off, places, bins, variance) for name, u in probabilities.items()}


def _binned(u: Draw, off: Draw, places: NDArray[np.int64], bins: int, variance: Draw) -> Index:
    """Variance of the means of bins, less what their errors add to it, over the variance.

    Args:
        u: the input's probabilities.
        off: the result, its mean taken off.
        places: sequence of each draw.
        bins: number of bins.
        variance: that of the result: of all draws first, then without each sequence.
    """
    cells = np.minimum((u * bins).astype(np.int64), bins - 1) * REPLICATES + places
    counts = np.bincount(cells, minlength=bins * REPLICATES).reshape(bins, REPLICATES).astype(float)
    sums = np.bincount(cells, off, minlength=bins * REPLICATES).reshape(bins, REPLICATES).astype(float)
    found = _between(counts, sums) / variance
    spread = found[1:] - np.mean(found[1:])
    return Index(float(found[0]), float(np.sqrt((REPLICATES - 1) / REPLICATES * np.sum(spread**2))))


def _less_one(parts: Draw) -> Draw:
    """Mean over all sequences, then over all but each, from each sequence's part of the mean of all."""
    whole = np.sum(parts)
    return np.concatenate([[whole], (whole - parts) * (REPLICATES / (REPLICATES - 1))])


def _between(counts: Draw, sums: Draw) -> Draw:
    """Variance between bins, bias taken off, from all sequences and then without each; shape (1 + sequences,).

    Args:
        counts: number of the draws in each bin by sequence, shape (bins, sequences).
        sums: their sum.
    """
    # One column for all sequences, one without each: weights of the sequences, shape (sequences, 1 + sequences).
    use = np.concatenate([np.ones((REPLICATES, 1)), 1.0 - np.eye(REPLICATES)], axis=1)
    number, total = counts @ use, sums @ use
    mean = total / np.maximum(number, 1.0)
    # Variance of each bin's mean, a ratio of sums over independent sequences.
    squares = (sums**2) @ use - 2 * mean * ((sums * counts) @ use) + mean**2 * ((counts**2) @ use)
    sequences = np.sum(use, axis=0)
    noise = squares / np.maximum(number, 1.0) ** 2 * sequences / (sequences - 1.0)
    weight = number / np.sum(number, axis=0)
    centre = np.sum(weight * mean, axis=0)
    found: Draw = np.sum(weight * ((mean - centre) ** 2 - noise), axis=0)
    return found


def rank_correlation(probabilities: Mapping[str, Draw], values: Draw) -> dict[str, Index]:
    """Spearman's rank correlation of a result with each input: the known u stands for the input's ranks.

    Args:
        probabilities: u of each input by name, shape (draws,), draw i of sequence i % 16.
        values: the result, shape (draws,).

    Returns:
        Correlation with each input, and its error; 0 for all where the result does not vary.

    Examples:
        >>> u = (np.arange(64) + 0.5) / 64
        >>> round(rank_correlation({"x": u}, -np.exp(u))["x"].value, 6)
        -1.0
    """
    from scipy.stats import rankdata  # here, since it is slow to load

    if len(values) < FEWEST:
        raise ValueError(f"rank correlations need at least {FEWEST} draws, not {len(values)}")
    if not varies(values):
        return dict.fromkeys(probabilities, NOTHING)
    ranks = (rankdata(values) - 0.5) / len(values) - 0.5
    ranks /= np.std(ranks)
    found = {}
    for name, u in probabilities.items():
        products = (u - 0.5) * ranks / np.std(u)
        parts = np.mean(by_sequence(products), axis=0)
        error = float(np.std(parts, ddof=1) / np.sqrt(REPLICATES))
        found[name] = Index(float(np.mean(products)), error)
    return found
