"""The game that divides a difference between two sets: who plays, and what each contributes in every draw."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis import shapley
from costmodel.analysis.mixture import Mixture, Pairing, Part
from costmodel.analysis.statistics import Draw
from costmodel.outcomes import Outcome

# Draws that are worked on at a time, so that results of all coalitions fit into memory.
_BLOCK = 2048


@dataclass(frozen=True)
class Division:
    """What each player contributes.

    Attributes:
        ends: outcome of A and of B, shape (2, draws).
        groups: contribution of each group, shape (groups, draws).
        members: contribution of each member of the divided group, shape (members, draws).
        group_errors: standard errors of the groups' means from sampling orders; None where none were sampled.
        member_errors: the same of the members.
    """

    ends: Draw
    groups: Draw
    members: Draw
    group_errors: Sequence[float | None]
    member_errors: Sequence[float | None]


class Game:
    """Groups of parameters as players, which move from A to B one after the other."""

    def __init__(self, pairing: Pairing, divided: Part | None, most: int, seed: int) -> None:
        """Take the groups that differ.

        Args:
            pairing: both sets.
            divided: group whose parameters are players of their own.
            most: coalitions that are computed at most.
            seed: seed of sampled orders.
        """
        self.pairing = pairing
        parts = [(pairing.members(part) if part is divided else (part,)) for part in pairing.groups]
        self.mixture = Mixture(pairing, [item for group in parts for item in group])
        bits = iter([1 << at for at in range(len(self.mixture.parts))])
        #: Bits of the members of each group; a group that is not divided is its own only member.
        self.players = [[next(bits) for _ in group] for group in parts]
        self._place = pairing.groups.index(divided) if divided else None
        self._each = [bit for group in self.players for bit in group]
        self.orders = shapley.sampled(self.players, seed, most) if 2 ** len(self._each) > most else None

    @cached_property
    def coalitions(self) -> set[int]:
        """Bits of all coalitions that are computed."""
        return self.orders.coalitions if self.orders else set(shapley.unions(self._each))

    def played(self, abouts: Sequence[Outcome]) -> list[Division]:
        """What each player contributes to the difference of each outcome.

        Args:
            abouts: the outcomes.
        """
        blocks = [self._block(abouts, block) for block in self._blocks()]
        return [self._joined(parts) for parts in zip(*blocks, strict=True)]

    def _joined(self, blocks: Sequence[tuple[Draw, ...]]) -> Division:
        ends, groups, members = (np.concatenate([block[at] for block in blocks], axis=-1) for at in range(3))
        group_errors = _errors([block[3] for block in blocks], len(groups), self.pairing.draws)
        member_errors = _errors([block[4] for block in blocks], len(members), self.pairing.draws)
        return Division(ends, groups, members, group_errors, member_errors)

    def _blocks(self) -> Iterator[slice]:
        for start in range(0, self.pairing.draws, _BLOCK):
            yield slice(start, min(start + _BLOCK, self.pairing.draws))

    def _block(self, abouts: Sequence[Outcome], block: slice) -> list[tuple[Draw, ...]]:
        """For each outcome what `_divided` gives for a block of draws; a mixed set is evaluated once for all."""
        self.mixture.begin(block)
        known: dict[int, list[Draw]] = {}

        def worth(coalition: int, at: int) -> Draw:
            coalition &= self.mixture.telling
            if coalition not in known:
                known[coalition] = self.mixture.values(coalition, abouts)
            return known[coalition][at]

        return [self._divided(partial(worth, at=at)) for at in range(len(abouts))]

    def _divided(self, worth: shapley.Worth) -> tuple[Draw, ...]:
        """Ends, groups and members, and sums of each pair of orders where orders are sampled."""
        ends = np.stack([worth(0), worth(sum(self._each))])
        found = self._exact(worth) if self.orders is None else self._sampled(worth, self.orders)
        # Without a player the shape is not known from what was found.
        groups, members = (rows.reshape(-1, ends.shape[1]) for rows in found[:2])
        return ends, groups, members, *found[2:]

    def _exact(self, worth: shapley.Worth) -> tuple[Draw, ...]:
        wholes = [sum(group) for group in self.players]
        groups = np.array(shapley.exact(worth, wholes))
        if self._place is None:
            return groups, np.empty(0), np.empty(0), np.empty(0)
        others = [whole for at, whole in enumerate(wholes) if at != self._place]
        return groups, np.array(shapley.within(worth, self.players[self._place], others)), np.empty(0), np.empty(0)

    def _sampled(self, worth: shapley.Worth, orders: shapley.Orders) -> tuple[Draw, ...]:
        shares = orders.shares(worth, self._each)
        ends = np.cumsum([len(group) for group in self.players])
        groups = np.stack([part.sum(axis=1) for part in np.split(shares, ends[:-1], axis=1)], axis=1)
        members = shares[:, :0] if self._place is None else np.split(shares, ends[:-1], axis=1)[self._place]
        return groups.mean(axis=0), members.mean(axis=0), groups.sum(axis=-1), members.sum(axis=-1)


def _errors(sums: Sequence[NDArray[np.float64]], count: int, draws: int) -> list[float | None]:
    """Standard error of each mean over pairs of orders.

    Args:
        sums: for each block of draws, sums over its draws, shape (pairs, players); empty where nothing was sampled.
        count: number of players.
        draws: number of draws.
    """
    if not sums[0].size:
        return [None] * count
    means = np.sum(sums, axis=0) / draws
    return [float(error) for error in np.std(means, axis=0, ddof=1) / np.sqrt(len(means))]
