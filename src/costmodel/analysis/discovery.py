"""Scenario discovery: under which assumptions is a channel the cheapest? Boxes of parameters, found by a shallow tree.

A tree is grown on one half of the draws; each of its leaves is a box of parameters. What a box is worth is said by
three shares, counted again on the other half, which the tree has not seen:

- coverage: of the draws in which the channel is the cheapest, the share that lies in the box;
- density: of the draws in the box, the share in which the channel is the cheapest;
- mass: of all draws, the share that lies in the box.

References:
    Bryant and Lempert (2010), "Thinking inside the box", Technological Forecasting and Social Change 77(1).
    Friedman and Fisher (1999), "Bump hunting in high-dimensional data", Statistics and Computing 9(2).
    Breiman, Friedman, Olshen and Stone (1984), "Classification and Regression Trees".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.sample import Draw, Sample
from costmodel.costs import WORKLOADS, rivals
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.parameters.model import ParameterSet
from costmodel.words import NBSP, WORKLOAD_WORDS, bounded, listed, percent

#: Splits from the root of a tree to a leaf, at most: a rule in words names no more than so many parameters.
DEPTH = 3
#: A leaf holds at least so many draws, and at least this share of those of the rarer kind.
LEAF, LEAF_SHARE = 20, 0.1
#: A split takes away at least this share of the Gini impurity of all draws, or it is not made.
GAIN = 0.01
#: In a box the odds of a draw of interest are at least so many times those in all draws.
ODDS = 2
#: Fewer draws of either kind in the tree's half tell nothing.
ENOUGH = 50

#: What came out: boxes; or that there are none, and why.
FOUND, NEVER, ALWAYS, TOO_FEW, NO_PATTERN = "found", "never", "always", "too few", "no pattern"

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Bound:
    """Range of one parameter within a box.

    Attributes:
        path: the parameter.
        low, high: ends in the parameter's unit, as the set states it; None where the box is open.
        low_probability, high_probability: the same as the probability below it; 0 and 1 where the box is open.
    """

    path: str
    low: float | None
    high: float | None
    low_probability: float
    high_probability: float


@dataclass(frozen=True)
class Worth:
    """How well a box describes the draws of interest: shares from 0 to 1; None where there is nothing to divide by."""

    coverage: float | None
    density: float | None
    mass: float


@dataclass(frozen=True)
class Box:
    """A leaf of the tree in which the channel is the cheapest clearly more often than in all draws (see `ODDS`).

    Attributes:
        bounds: the parameters that it names, in the order in which the tree split them.
        rule: the same in words.
        seen: its worth on the draws that the tree was grown on.
        unseen: its worth on the other half.
    """

    bounds: tuple[Bound, ...]
    rule: str
    seen: Worth
    unseen: Worth


@dataclass(frozen=True)
class Discovery:
    """Where a channel is the cheapest.

    Attributes:
        sample: the draws.
        workload, channel: what is asked.
        against: the one channel that it is compared with; None for all open ones.
        of_interest: the draws in which the channel is the cheapest, shape (draws,).
        verdict: `found`, `never`, `always`, `too few` (draws of one kind) or `no pattern` (no split is worth making).
        boxes: the best first: by coverage × density on the draws that the tree has seen.
        shown: the two parameters that tell most about the best box.
    """

    sample: Sample
    workload: str
    channel: str
    against: str | None
    of_interest: Flags
    verdict: str
    boxes: tuple[Box, ...] = ()
    shown: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Share of the draws in which the channel is the cheapest."""
        return float(np.mean(self.of_interest))

    @property
    def question(self) -> str:
        """What is asked, as a question."""
        return f"When is {self._who} {self._what}?"

    @property
    def is_so(self) -> str:
        """What is asked, as a statement."""
        return f"{self._who} is {self._what}"

    @property
    def _who(self) -> str:
        return self.sample.case.label(self.channel)

    @property
    def _what(self) -> str:
        return f"cheaper than {self.sample.case.label(self.against)}" if self.against else "the cheapest"

    @property
    def answer(self) -> str:
        """What came out, in a sentence or two."""
        count, draws, share = int(np.sum(self.of_interest)), self.sample.draws, percent(self.share)
        asked, among = f"{self._who} {self._what} for {WORKLOAD_WORDS[self.workload]}", f"of {draws:,}{NBSP}draws"
        if self.verdict == NEVER:
            ending = "it would take assumptions outside these ranges, or a very rare meeting of them."
            return f"Never: in none {among} is {asked}; {ending}"
        if self.verdict == ALWAYS:
            return f"Always: in each {among} is {asked}."
        if self.verdict == TOO_FEW:
            most = f"In only {count:,} {among}" if self.share < 0.5 else f"In all but {draws - count:,} {among}"
            return f"{most} is {asked}: too few to tell under which assumptions; take more draws."
        opening = f"In {share} {among} is {asked}"
        if self.verdict == NO_PATTERN:
            return f"{opening}, and no range of up to {DEPTH} parameters makes it clearly more likely."
        best = self.boxes[0]
        inside, holds = (percent(x or 0.0) for x in (best.unseen.density, best.unseen.coverage))
        return f"{opening}; in {inside} of those with {best.rule}, which hold {holds} of all draws in which it is so."

    def values(self, path: str) -> Draw:
        """A parameter in every draw, as the set states it, shape (draws,)."""
        found: Draw = _stated(self.sample.case, path, self.sample.probabilities[path])
        return found


def default_channel(case: ParameterSet) -> str | None:
    """The first gray channel among the open ones, or the first open one; None where all are closed."""
    open_ones = rivals(case)
    gray = [channel for channel in open_ones if case.text(f"channels.{channel}.role") == "gray"]
    return next(iter([*gray, *open_ones]), None)


def discover(
    sample: Sample, channel: str | None = None, workload: str = "mix", *, against: str | None = None
) -> Discovery:
    """Boxes of assumptions in which a channel is the cheapest.

    Args:
        sample: draws; every other one of the independent sequences is kept from the tree.
        channel: an open channel; by default the first gray one.
        workload: name of the workload.
        against: one other channel to be compared with; by default all open ones.

    Returns:
        Boxes, or why there are none. The same sample always gives the same.

    Raises:
        ParameterError: an unknown name, or a channel that does not compete.

    Examples:
        >>> from costmodel import load
        >>> from costmodel.analysis.sample import sample
        >>> found = discover(sample(load("baseline"), 2048), "domestic", against="direct")
        >>> found.verdict, 1 <= len(found.boxes[0].bounds) <= DEPTH
        ('found', True)
    """
    case = sample.case
    channel = _competing(case, channel or default_channel(case) or "", "--channel")
    if workload not in WORKLOADS:
        raise ParameterError([Problem("", f"no workload `{workload}`; {nearest(workload, WORKLOADS)}", "--workload")])
    others = rivals(case) if against is None else (_competing(case, against, "--against"),)
    if against == channel:
        raise ParameterError([Problem("", f"`{channel}` cannot be compared with itself", "--against")])
    cost = {c: np.broadcast_to(sample.evaluation.cost(workload, c), sample.draws) for c in {channel, *others}}
    of_interest = cost[channel] <= np.min([cost[c] for c in others], axis=0)
    seen = np.arange(sample.draws) % 2 == 0
    verdict, found, weights = boxes_of(sample.probabilities, of_interest, seen)
    named = tuple(_named(case, box) for box in found)
    return Discovery(sample, workload, channel, against, of_interest, verdict, named, _shown(named, weights))


def _competing(case: ParameterSet, channel: str, option: str) -> str:
    known = rivals(case)
    if channel in known:
        return channel
    if channel in case.channels or not channel:
        which = f"`{channel}` is closed or the counterfactual" if channel else "all channels are closed"
        message = f"{which}: it does not compete for being the cheapest"
    else:
        message = f"no channel `{channel}`; {nearest(channel, known)}"
    raise ParameterError([Problem("", message, option)])


def boxes_of(
    probabilities: Mapping[str, Draw], of_interest: Flags, seen: Flags
) -> tuple[str, tuple[Box, ...], dict[str, float]]:
    """Boxes of a tree over probabilities, not yet named in words or in the parameters' units.

    Args:
        probabilities: by parameter, from 0 to 1, shape (draws,).
        of_interest: the draws to be described, shape (draws,).
        seen: the draws that the tree is grown on, shape (draws,).

    Returns:
        The verdict, the boxes (the best first), and how much of the impurity each parameter takes away.

    Examples:
        >>> u = np.random.default_rng(0).random((2, 4000))
        >>> verdict, boxes, _ = boxes_of({"a": u[0], "b": u[1]}, u[0] < 0.3, np.arange(4000) % 2 == 0)
        >>> verdict, boxes[0].bounds[0].path, round(boxes[0].bounds[0].high_probability, 2)
        ('found', 'a', 0.3)
    """
    if not of_interest.any() or of_interest.all():
        return (ALWAYS if of_interest.any() else NEVER), (), {}
    rarer = min(np.sum(of_interest[seen]), np.sum(~of_interest[seen]))
    if rarer < ENOUGH or not probabilities:
        return TOO_FEW, (), {}
    paths = list(probabilities)
    tree = _grown(np.stack([probabilities[p][seen] for p in paths], axis=1), of_interest[seen], int(rarer))
    weights = dict(zip(paths, tree.compute_feature_importances().tolist(), strict=True))
    found = []
    for ends in _leaves(tree, paths):
        bounds = tuple(Bound(path, None, None, *end) for path, end in ends.items())
        inside = _inside(probabilities, bounds)
        worth = [_worth(inside[half], of_interest[half]) for half in (seen, ~seen)]
        if bounds and _odds(worth[0].density or 0.0) >= ODDS * _odds(float(np.mean(of_interest[seen]))):
            found.append(Box(bounds, "", *worth))
    ranked = sorted(found, key=lambda box: -(box.seen.coverage or 0.0) * (box.seen.density or 0.0))
    return (FOUND if ranked else NO_PATTERN), tuple(ranked), weights


def _grown(inputs: Draw, of_interest: Flags, rarer: int) -> Any:
    """The tree's arrays; see `DEPTH`, `LEAF` and `GAIN` for its rules."""
    from sklearn.tree import DecisionTreeClassifier  # here, since it is slow to load

    share = np.mean(of_interest)
    tree = DecisionTreeClassifier(
        max_depth=DEPTH,
        min_samples_leaf=max(LEAF, int(LEAF_SHARE * rarer)),
        min_impurity_decrease=GAIN * 2 * share * (1 - share),
        random_state=0,  # the order in which equal splits are tried
    )
    return tree.fit(inputs, of_interest).tree_


def _leaves(
    tree: Any, paths: list[str], node: int = 0, ends: Mapping[str, tuple[float, float]] | None = None
) -> Iterator[dict[str, tuple[float, float]]]:
    """Ends of each leaf by path, in the order of the splits."""
    ends = dict(ends or {})
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    if left == right:  # a leaf has no children
        yield ends
        return
    path, threshold = paths[int(tree.feature[node])], float(tree.threshold[node])
    low, high = ends.get(path, (0.0, 1.0))
    yield from _leaves(tree, paths, left, {**ends, path: (low, threshold)})
    yield from _leaves(tree, paths, right, {**ends, path: (threshold, high)})


def _inside(probabilities: Mapping[str, Draw], bounds: tuple[Bound, ...]) -> Flags:
    inside = [
        (probabilities[b.path] > b.low_probability) & (probabilities[b.path] <= b.high_probability) for b in bounds
    ]
    return np.logical_and.reduce(inside) if inside else np.ones(len(next(iter(probabilities.values()))), dtype=bool)


def _worth(inside: Flags, of_interest: Flags) -> Worth:
    both, within, wanted = (int(np.sum(x)) for x in (inside & of_interest, inside, of_interest))
    return Worth(both / wanted if wanted else None, both / within if within else None, within / len(inside))


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else np.inf


def _named(case: ParameterSet, box: Box) -> Box:
    """The box with its ends in the parameters' units, and its rule in words."""
    bounds = []
    for b in box.bounds:
        low = float(_stated(case, b.path, b.low_probability)) if b.low_probability > 0 else None
        high = float(_stated(case, b.path, b.high_probability)) if b.high_probability < 1 else None
        bounds.append(Bound(b.path, low, high, b.low_probability, b.high_probability))
    rule = listed([bounded(case, b.path, b.low, b.high) for b in bounds])
    return Box(tuple(bounds), rule, box.seen, box.unseen)


def _stated(case: ParameterSet, path: str, probabilities: Any) -> Any:
    law = case.parameters[path].distribution
    assert law is not None
    return law.ppf(probabilities)


def _shown(boxes: tuple[Box, ...], weights: Mapping[str, float]) -> tuple[str, ...]:
    """Two parameters: those of the best box first, then others of the tree, each by what it takes of the impurity."""
    if not boxes:
        return ()
    own = {bound.path for bound in boxes[0].bounds}
    used = [path for path, weight in weights.items() if weight > 0]
    return tuple(sorted(used, key=lambda path: (path not in own, -weights[path]))[:2])


def discovery_json(found: Discovery) -> dict[str, Any]:
    """A discovery with the keys of `costmodel discover --format json`."""
    sample = found.sample
    return {
        "set": sample.case.name,
        "workload": found.workload,
        "channel": found.channel,
        "against": found.against,
        "draws": sample.draws,
        "seed": sample.seed,
        "share": found.share,
        "verdict": found.verdict,
        "boxes": [
            {
                "rule": box.rule,
                "bounds": [vars(b) | {"unit": sample.case.parameters[b.path].unit} for b in box.bounds],
                "unseen": vars(box.unseen),
                "seen": vars(box.seen),
            }
            for box in found.boxes
        ],
    }
