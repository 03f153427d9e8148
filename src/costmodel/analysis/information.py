"""What it would be worth to know an input of a decision before deciding: from pay-offs and probabilities alone.

Who decides knowing X may follow any rule that looks at X alone, so the value of every such rule is a lower bound of the
expected value of partial perfect information (EVPPI). Rules are learnt on 15 of the 16 sequences of draws and valued
on the one left out, so that noise cannot pass for knowledge; and a rule takes one of the options in each draw, so that
no value exceeds that of perfect information (EVPI).
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from costmodel import kernels
from costmodel.analysis.uncertainty import Estimate
from costmodel.sampling import REPLICATES

Numbers = NDArray[np.float64]

#: Fewer draws than this say nothing about a rule.
MIN_DRAWS = 16 * REPLICATES
# Bins of a parameter, at most; each must hold some draws.
_BINS, _DRAWS_IN_BIN = 128, 32
# Smoothers of a parameter's bins: degrees of polynomials of the normal score, and a number of wider bins.
_DEGREES, _WIDE = (1, 3, 5), 16
# Parameters of a group whose products, and whose squares and cubes, its rules may look at.
_PRODUCTS, _CURVED = 10, 30
# Standard errors by which a rule must have done better than the prior choice to be followed.
_NOISE = 2.0
# Draws whose features are held at a time: few, so that they stay in the processor's cache.
_ROWS = 128 * REPLICATES
# Part of the diagonal by which the normal equations are kept solvable.
_RIDGE = 1e-7


@dataclass(frozen=True)
class Information:
    """Worth of knowing before deciding, in the unit of the pay-offs.

    Attributes:
        means: expected pay-off of each option.
        best: place of the option that is chosen without further knowledge.
        chances: share of draws in which each option is the best; ties share.
        perfect: expected value of perfect information (EVPI).
        partial: that of each parameter and group (EVPPI), by name.
    """

    means: Numbers
    best: int
    chances: Numbers
    perfect: Estimate
    partial: Mapping[str, Estimate]


def information(
    payoffs: Numbers, probabilities: Mapping[str, Numbers], groups: Mapping[str, Sequence[str]] | None = None
) -> Information:
    """Expected value of perfect information, and of knowing single parameters and groups of them.

    Args:
        payoffs: what each option yields in each draw, high is good, shape (options, draws). Draw i belongs to
            sequence i % 16 of independent ones; draws beyond a multiple of 16 are left out.
        probabilities: for each parameter the probability that its value has below it, uniform, shape (draws,).
        groups: parameters that would become known together, by name.

    Returns:
        Values with their Monte Carlo errors: at least 0, at most that of perfect information, and at least that of
        every subset among the parameters and groups.

    Raises:
        ValueError: fewer than `MIN_DRAWS` draws.

    Examples:
        >>> z = special.ndtri((np.arange(4096) + 0.5) / 4096)
        >>> found = information(np.stack([0 * z, z]), {"x": special.ndtr(z)})
        >>> round(found.perfect.value, 3), round(found.partial["x"].value, 3)  # 1/√(2π) both
        (0.399, 0.399)

    References:
        Strong, Oakley and Brennan (2014), "Estimating multiparameter partial expected value of perfect information from
        a probabilistic sensitivity analysis sample", Medical Decision Making 34(3).
    """
    if payoffs.shape[1] < MIN_DRAWS:
        raise ValueError(f"the worth of information needs at least {MIN_DRAWS} draws, not {payoffs.shape[1]}")
    used = payoffs.shape[1] // REPLICATES * REPLICATES
    payoffs, known = payoffs[:, :used], {name: u[:used] for name, u in probabilities.items()}
    best = int(np.argmax(means := payoffs.mean(axis=1)))
    gains = np.ascontiguousarray((payoffs - payoffs[best]).T)
    perfect = _by_sequence(gains.max(axis=1))
    values, moved = _singles(gains, best, known)
    members: dict[str, tuple[str, ...]] = {name: (name,) for name in known}
    for name, paths in sorted((groups or {}).items(), key=lambda item: len(item[1])):
        ranked = sorted(dict.fromkeys(paths), key=lambda path: -moved[path])
        own = _group(gains, best, [known[path] for path in ranked])
        # Who knows more may still follow a rule that needs less.
        less = [values[other] for other, needs in members.items() if set(needs) <= set(ranked)]
        values[name] = max([own, *less], key=lambda each: float(each[0].mean()))
        members[name] = tuple(ranked)
    winners = payoffs == payoffs.max(axis=0)
    return Information(
        means=means,
        best=best,
        chances=(winners / winners.sum(axis=0)).mean(axis=1),
        perfect=_estimate(np.stack([perfect, perfect])),
        partial={name: _estimate(each) for name, each in values.items()},
    )


def _by_sequence(values: Numbers) -> Numbers:
    """Mean of each sequence, shape (sequences,)."""
    return np.asarray(values.reshape(-1, REPLICATES).mean(axis=0))


def _estimate(each: Numbers) -> Estimate:
    """A value from those of the sequences; at least 0, since to choose as without knowledge is a rule too.

    Args:
        each: value of the rule that is followed, and of the best one whether it is followed or not; by sequence.
    """
    return Estimate(max(float(each[0].mean()), 0.0), float(each[1].std(ddof=1) / np.sqrt(REPLICATES)))


def _chosen(values: Numbers) -> Numbers:
    """Value of the rule that did best in the other sequences, for each sequence: if it is followed, and if it were.

    The prior choice is left only for a rule that did better than it by more than noise explains: of several rules that
    look at nothing but noise, one always seems to gain.

    Args:
        values: gain of each rule over the prior choice in each sequence, shape (rules, …, sequences).

    Returns:
        Shape (2, …, sequences).
    """
    count = values.shape[-1] - 1
    mean = (values.sum(axis=-1, keepdims=True) - values) / count
    square = ((values**2).sum(axis=-1, keepdims=True) - values**2) / count
    error = np.sqrt(np.maximum(square - mean**2, 0.0) / (count - 1))
    clear = mean > _NOISE * error
    # A rule that is clearly better goes before one that is not.
    taken = np.where(clear, mean, mean - np.abs(mean).max()).argmax(axis=0)[None]
    best = np.take_along_axis(values, taken, axis=0)[0]
    return np.stack([np.where(clear.any(axis=0), best, 0.0), best])


def _singles(gains: Numbers, best: int, known: Mapping[str, Numbers]) -> tuple[dict[str, Numbers], dict[str, float]]:
    """Value of knowing each parameter, by sequence (see `_chosen`); and how much each moves the gains."""
    if not known:
        return {}, {}
    draws = len(gains)
    bins = min(_BINS, draws // _DRAWS_IN_BIN)
    columns = gains.copy()
    columns[:, best] = 1.0  # the prior choice gains nothing, so that its place is free for counting
    sums = np.empty((len(known), bins, REPLICATES, gains.shape[1]))
    loops = kernels.prepare(draws * len(known))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda u, into: loops.bin_sums(u, columns, into), known.values(), sums))
    counts = sums[..., best].copy()
    sums[..., best] = 0.0
    total, number = sums.sum(axis=2, keepdims=True), counts.sum(axis=2, keepdims=True)
    learnt = (total - sums) / np.maximum(number - counts, 1.0)[..., None]
    # Parameters first, then bins, sequences and options.
    flat = learnt.reshape(len(known), bins, -1)
    values = [_rule_value(basis @ (basis.T @ flat), sums) for basis in _smoothers(bins)]
    values.append(_rule_value(flat, sums))
    found = _chosen(np.stack(values) * REPLICATES / draws)
    expected = total[:, :, 0] / np.maximum(number, 1.0)
    moved = expected.var(axis=1).sum(axis=-1)
    return dict(zip(known, found.swapaxes(0, 1), strict=True)), dict(zip(known, moved.tolist(), strict=True))


def _rule_value(expected: Numbers, sums: Numbers) -> Numbers:
    """Sum of what is gained by taking, in each bin, the option that is expected to gain most there."""
    taken = expected.reshape(sums.shape).argmax(axis=-1)[..., None]
    gained: Numbers = np.take_along_axis(sums, taken, axis=-1)[..., 0].sum(axis=1)
    return gained


def _smoothers(bins: int) -> Iterator[Numbers]:
    """Orthonormal columns onto which means of bins are projected: polynomials of the normal score, wider bins."""
    scores = special.ndtri((np.arange(bins) + 0.5) / bins)
    for degree in _DEGREES:
        yield np.linalg.qr(np.vander(scores, min(degree, bins - 1) + 1))[0]
    step = np.arange(bins) * min(_WIDE, bins) // bins
    same = (step[:, None] == np.arange(step[-1] + 1)).astype(float)
    yield same / np.sqrt(same.sum(axis=0))


def _group(gains: Numbers, best: int, known: Sequence[Numbers]) -> Numbers:
    """Value of knowing several parameters together, by sequence.

    The gain of each option is regressed on polynomials of the parameters' normal scores: straight lines; curves; curves
    and products.

    Args:
        gains: of each option over the prior choice, shape (draws, options).
        best: place of the prior choice.
        known: probabilities of the parameters, those that move the gains most first.
    """
    sizes = _sizes(len(known))
    gram = np.zeros((REPLICATES, sizes[-1], sizes[-1]))
    moments = np.zeros((REPLICATES, sizes[-1], gains.shape[1]))
    for features, gained in _blocks(gains, known):
        transposed = features.transpose(0, 2, 1)
        gram += transposed @ features
        moments += transposed @ gained.astype(features.dtype)
    gram, moments = gram.sum(axis=0) - gram, moments.sum(axis=0) - moments
    rules = []
    for size in sizes:
        part = gram[:, :size, :size]
        ridge = _RIDGE * np.trace(part, axis1=1, axis2=2)[:, None, None] / size * np.eye(size)
        rules.append(np.linalg.solve(part + ridge, moments[:, :size]))
    values = np.zeros((len(rules), REPLICATES))
    for features, gained in _blocks(gains, known):
        for row, (size, rule) in enumerate(zip(sizes, rules, strict=True)):
            expected = features[:, :, :size] @ rule.astype(features.dtype)
            expected[..., best] = 0.0
            taken = expected.argmax(axis=-1)[..., None]
            values[row] += np.take_along_axis(gained, taken, axis=-1)[..., 0].sum(axis=1)
    return _chosen(values * REPLICATES / len(gains))


def _sizes(parameters: int) -> tuple[int, ...]:
    """Number of features that the rules of a group look at, the simplest first."""
    curved, crossed = min(parameters, _CURVED), min(parameters, _PRODUCTS)
    straight = 1 + parameters
    return straight, straight + 2 * curved, straight + 2 * curved + crossed * (crossed - 1) // 2


def _blocks(gains: Numbers, known: Sequence[Numbers]) -> Iterator[tuple[Numbers, Numbers]]:
    """Features and gains, some draws at a time: shapes (sequences, draws of it, features or options)."""
    for start in range(0, len(gains), _ROWS):
        part = slice(start, start + _ROWS)
        # Half the digits are enough for a rule; what it gains is summed with all.
        z = special.ndtri(np.stack([u[part] for u in known], axis=1)).astype(np.float32)
        curved, crossed = z[:, :_CURVED], z[:, :_PRODUCTS]
        square = curved * curved
        curves = ((square - 1) / np.float32(2) ** 0.5, curved * (square - 3) / np.float32(6) ** 0.5)
        first, second = np.triu_indices(crossed.shape[1], 1)
        features = np.column_stack([np.ones(len(z), z.dtype), z, *curves, crossed[:, first] * crossed[:, second]])
        yield _sequences(features), _sequences(gains[part])


def _sequences(rows: Numbers) -> Numbers:
    """Rows by the sequence that they belong to, shape (sequences, rows of it, columns)."""
    return rows.reshape(-1, REPLICATES, rows.shape[1]).transpose(1, 0, 2)
