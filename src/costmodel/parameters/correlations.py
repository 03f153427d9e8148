"""Rank correlations between parameters: pairs, and the matrix that they make."""

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from costmodel.errors import Problem, nearest
from costmodel.parameters.documents import Node
from costmodel.parameters.model import ParameterSet, RankCorrelation
from costmodel.parameters.schema import Correlation

# Below zero by no more than this, an eigenvalue is rounding.
_ROUNDING = 1e-9


def pairs(groups: Iterable[Correlation]) -> tuple[RankCorrelation, ...]:
    """Every pair of every group; a later statement of a pair replaces an earlier one."""
    found: dict[tuple[str, ...], RankCorrelation] = {}
    for group in groups:
        source = (group.source,) if isinstance(group.source, str) else tuple(group.source or ())
        names = [name.removeprefix("assumptions.") for name in group.parameters]
        for first, second in combinations(names, 2):
            key = tuple(sorted((first, second)))
            found[key] = RankCorrelation(first, second, group.rank, group.assumption, source)
    return tuple(found.values())


def matrix(correlations: Sequence[RankCorrelation]) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Correlated paths, and the correlation matrix of the normals behind them.

    The normals' correlation is 2·sin(π·rank/6), which gives exactly the stated rank correlation.

    Examples:
        >>> paths, normal = matrix([RankCorrelation("a", "b", 1.0)])
        >>> paths, [round(float(x), 12) for x in normal[0]]
        (('a', 'b'), [1.0, 1.0])
    """
    paths = tuple(dict.fromkeys(path for pair in correlations for path in (pair.first, pair.second)))
    place = {path: index for index, path in enumerate(paths)}
    normal = np.eye(len(paths))
    for pair in correlations:
        row, column = place[pair.first], place[pair.second]
        normal[row, column] = normal[column, row] = 2 * np.sin(np.pi * pair.rank / 6)
    return paths, normal


def correlation_problems(case: ParameterSet, stated: Sequence[Node], own: int) -> list[Problem]:
    """What is wrong with a set's correlations: names, repeated names, a matrix that cannot be.

    Args:
        case: parameter set.
        stated: the lists of correlations of all documents of its chain.
        own: depth of the set's own document; correlations from further up may meet parameters that it made certain.
    """
    problems = [problem for group in stated for problem in _name_problems(case, group, own)]
    if problems or not case.correlations:
        return problems
    paths, normal = matrix(active(case))
    values, vectors = np.linalg.eigh(normal) if paths else (np.zeros(1), np.zeros((1, 1)))
    if values[0] >= -_ROUNDING:
        return []
    weights = np.abs(vectors[:, 0])
    involved = {path for path, weight in zip(paths, weights, strict=True) if weight > 0.1 * weights.max()}
    clash = [p for p in active(case) if {p.first, p.second} <= involved]
    listed = "; ".join(f"{p.first} with {p.second}: {p.rank:g}" for p in clash[:8])
    message = f"no joint distribution has all of these rank correlations at once; bring them closer to 0: {listed}"
    return [stated[-1].problem("correlations", message)]


def active(case: ParameterSet) -> list[RankCorrelation]:
    """Correlations between parameters with random numbers of their own.

    One that a set makes certain keeps its part, so that the others are drawn as in the set that it extends.
    """
    drawn = set(case.streams)
    return [pair for pair in case.correlations if {pair.first, pair.second} <= drawn]


def groups(case: ParameterSet) -> list[tuple[str, ...]]:
    """Uncertain parameters that are drawn together: each group is independent of all others.

    Returns:
        Every uncertain parameter once, alone or with all those that it is correlated with, in the set's order.

    Examples:
        >>> from costmodel import load
        >>> max(groups(load("baseline")), key=len)[0]
        'channels.counterfactual.utilization.training'
    """
    together = {path: {path} for path in case.uncertain}
    for pair in active(case):
        if {pair.first, pair.second} <= together.keys() and pair.rank:
            joined = together[pair.first] | together[pair.second]
            together.update(dict.fromkeys(joined, joined))
    return list(dict.fromkeys(tuple(p for p in case.uncertain if p in group) for group in together.values()))


def _changed_for_this_run(case: ParameterSet, name: str) -> bool:
    steps = [path.removeprefix("assumptions.") for path in case.overrides]
    return any(f"{name}.".startswith(f"{step}.") for step in steps)


def _name_problems(case: ParameterSet, stated: Node, own: int) -> Iterable[Problem]:
    for index, group in enumerate(stated.value):
        names = [str(item.value).removeprefix("assumptions.") for item in group.value["parameters"].value]
        for place, name in enumerate(names):
            inherited = stated.depth < own or _changed_for_this_run(case, name)
            where = f"correlations.{index}.parameters.{place}"
            if name in names[:place]:
                yield group.problem(where, f"`{name}` is named twice")
            elif name not in case.parameters and not inherited:
                yield group.problem(where, f"no parameter `{name}`; {nearest(name, list(case.parameters))}")
            elif name not in case.uncertain and not inherited:
                yield group.problem(where, f"`{name}` is certain, and only uncertain parameters can be correlated")
