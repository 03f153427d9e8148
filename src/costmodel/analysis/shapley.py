"""Shapley values of games whose worth is an array of draws: every draw is divided by itself, and adds up by itself."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import comb
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.statistics import Draw

#: What a coalition is worth in every draw; a coalition is a whole number, one bit for each player in it.
Worth: TypeAlias = Callable[[int], Draw]
#: Most coalitions that are computed: with more, permutations are sampled.
MOST_COALITIONS = 2**12

# With fewer pairs of orders their scatter does not tell the error: what matters may happen in one order of many.
_FEWEST_PAIRS = 100


def exact(worth: Worth, players: Sequence[int], base: int = 0) -> list[Draw]:
    """Shapley value of each player in every draw, from all coalitions.

    φᵢ = Σ_S |S|!(n−|S|−1)!/n! · (v(S∪i) − v(S)), over the coalitions S of the other players.

    Args:
        worth: v; called again and again for the same coalitions, which it should remember.
        players: the bits of each; a player may have several.
        base: bits of those who are in every coalition.

    References:
        Shapley (1953), "A value for n-person games", Contributions to the Theory of Games 2.

    Examples:
        >>> product = {0: 1.0, 1: 3.0, 2: 2.0, 3: 6.0}
        >>> [float(part) for part in exact(lambda coalition: np.array(product[coalition]), [1, 2])]
        [3.0, 2.0]
    """
    found = []
    for place, own in enumerate(players):
        joined = unions([*players[:place], *players[place + 1 :]], base)
        found.append(
            _averaged(lambda at, own=own, joined=joined: worth(joined[at] | own) - worth(joined[at]), len(players))  # type: ignore[misc]
        )
    return found


def within(worth: Worth, members: Sequence[int], others: Sequence[int]) -> list[Draw]:
    """Owen value of the members of one group in every draw: they add up to the group's Shapley value.

    The other groups join as a whole. For each coalition R of them the group's gain v(R∪G) − v(R) is divided among its
    members by Shapley, and these shares are averaged as the gain is.

    Args:
        worth: v.
        members: the bits of each member of the group.
        others: the bits of each other group.

    References:
        Owen (1977), "Values of games with a priori unions", Mathematical Economics and Game Theory.
    """
    joined = unions(others)
    return list(_averaged(lambda at: np.stack(exact(worth, members, joined[at])), len(others) + 1))


def _averaged(gain: Callable[[int], Draw], players: int) -> Draw:
    """A player's gain averaged over the coalitions of the others as Shapley does.

    A coalition is added to its complement first: seen from the other set the two change places, and the sign turns
    without any rounding.
    """
    last = 2 ** (players - 1) - 1
    total: Draw = np.zeros(())
    for at in range(last // 2 + 1):
        pair = gain(at) if at == last - at else gain(at) + gain(last - at)
        total = total + pair / (players * comb(players - 1, at.bit_count()))
    return total


def unions(players: Iterable[int], base: int = 0) -> list[int]:
    """Bits of every coalition of some players; the place in the list says who is in it."""
    found = [base]
    for own in players:
        found += [coalition | own for coalition in found]
    return found


@dataclass(frozen=True)
class Orders:
    """Orders in which players join, in pairs: each order and its reverse.

    Attributes:
        pairs: for each pair the first order, as bits of the players.
    """

    pairs: tuple[tuple[int, ...], ...]

    @property
    def coalitions(self) -> set[int]:
        """Bits of all coalitions that the orders pass through."""
        return {coalition for order in self._all() for coalition in _passed(order)}

    def _all(self) -> Iterator[tuple[int, ...]]:
        for order in self.pairs:
            yield from (order, order[::-1])

    def shares(self, worth: Worth, players: Sequence[int]) -> NDArray[np.float64]:
        """What each player adds when it joins, averaged over each pair, shape (pairs, players, draws).

        An order seen from the other set is its own reverse, so that there every sign turns without any rounding.

        Args:
            worth: v.
            players: bits of each.
        """
        place = {own: at for at, own in enumerate(players)}
        found = []
        for order in self.pairs:
            there, back = ({place[own]: gain for own, gain in _gains(worth, way)} for way in (order, order[::-1]))
            found.append(np.stack([0.5 * (there[at] + back[at]) for at in range(len(players))]))
        return np.stack(found)


def _passed(order: Iterable[int]) -> Iterator[int]:
    coalition = 0
    yield coalition
    for own in order:
        coalition |= own
        yield coalition


def _gains(worth: Worth, order: Sequence[int]) -> Iterator[tuple[int, Draw]]:
    coalition = 0
    for own in order:
        yield own, worth(coalition | own) - worth(coalition)
        coalition |= own


def sampled(groups: Sequence[Sequence[int]], seed: int, most: int = MOST_COALITIONS) -> Orders:
    """Random orders in which the members of a group follow one another.

    Args:
        groups: bits of the members of each group.
        seed: seed of the orders.
        most: about so many coalitions are passed through, unless that is too few orders to tell an error.

    References:
        Castro, Gómez and Tejada (2009), "Polynomial calculation of the Shapley value based on sampling", Computers &
        Operations Research 36(5); Mitchell et al. (2022), "Sampling permutations for Shapley value estimation",
        Journal of Machine Learning Research 23: orders with their reverse.
    """
    random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(len(groups),)))
    players = sum(map(len, groups))
    pairs = max(most // (2 * max(players - 1, 1)), _FEWEST_PAIRS)
    orders = []
    for _ in range(pairs):
        mixed = [groups[at] for at in random.permutation(len(groups))]
        orders.append(tuple(group[at] for group in mixed for at in random.permutation(len(group))))
    return Orders(tuple(orders))
