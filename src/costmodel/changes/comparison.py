"""Two sides, set by set: what was changed, what moves, whose rank flips, and what fails."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from costmodel.analysis.mixture import common_streams
from costmodel.changes.figures import Figures, Move, Sampling, moves, paired, simulated
from costmodel.changes.inputs import Input, InputChange, input_changes
from costmodel.changes.revisions import changed_code
from costmodel.changes.sides import REVISION, Side
from costmodel.changes.states import SetState
from costmodel.costs import WORKLOADS
from costmodel.errors import ParameterError, Problem, nearest
from costmodel.limits import MAX_DRAWS
from costmodel.parameters import ParameterSet

#: What may have become of a set. `mended` failed before; of `reworded` only words and sources differ.
STATUSES = ("failed", "changed", "mended", "added", "removed", "reworded", "unchanged")
#: Draws and seed of both sides, where nothing else is said: two digits of every band, in a blink.
DRAWS, PATH_DRAWS, SEED = 4096, 512, 0
_SIDES = ("base", "head")


@dataclass(frozen=True)
class Flip:
    """Two channels that are open on both sides and change places: `now_first` is the cheaper one afterwards."""

    now_first: str
    now_second: str


@dataclass(frozen=True)
class SetChange:
    """One set on both sides.

    Attributes:
        name: name of the set.
        before, after: the set; None where a side does not have it.
        status: one of `STATUSES`.
        problems: why it fails, by side: `base` or `head`.
        changes: what it states differently; None where a side does not say what it states.
        figures_before, figures_after: results; None where a set is the same, does not exist, or fails.
        remark: why differences are not paired, in words; empty where they are.
    """

    name: str
    before: SetState | None
    after: SetState | None
    status: str
    problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    changes: tuple[InputChange, ...] | None = ()
    figures_before: Figures | None = None
    figures_after: Figures | None = None
    remark: str = ""

    @property
    def title(self) -> str:
        """Title for readers, of the later side if it has one."""
        return next((state.title for state in (self.after, self.before) if state), self.name)

    @property
    def figures(self) -> tuple[Figures | None, Figures | None]:
        """Results before and after."""
        return self.figures_before, self.figures_after

    @cached_property
    def moves(self) -> dict[str, Move]:
        """Every result by name; empty where nothing was computed."""
        return moves(*self.figures)

    @property
    def moved(self) -> bool:
        """Whether any result is another."""
        return bool(self.workloads) or any(move.moved for move in self.moves.values())

    @property
    def workloads(self) -> tuple[str, ...]:
        """Workloads on which a cost, a premium, or the probability of being the cheapest is another."""
        return tuple(workload for workload in WORKLOADS if self._moves_on(workload))

    def _moves_on(self, workload: str) -> bool:
        if any(move.moved for name, move in self.moves.items() if name.split(".")[1] == workload):
            return True
        sides = [side.chances if side else {} for side in self.figures]
        before, after = ({name: x for name, x in chances.items() if name[0] == workload} for chances in sides)
        return before != after

    @property
    def both(self) -> tuple[Figures, Figures] | None:
        """Results of both sides; None where one has none."""
        before, after = self.figures
        return (before, after) if before and after else None

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels of both sides."""
        found = [side.channels for side in (self.figures_after, self.figures_before) if side]
        return tuple(dict.fromkeys(name for channels in found for name in channels))

    def label(self, channel: str) -> str:
        """Short name of a channel."""
        sides = [side for side in (self.figures_after, self.figures_before) if side and channel in side.channels]
        return sides[0].channels[channel].label if sides else channel

    def order(self, workload: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Open channels that compete, by median cost, before and after."""
        pair = [side.order(workload) if side else () for side in self.figures]
        return pair[0], pair[1]

    def cheapest(self, workload: str) -> tuple[str | None, str | None]:
        """The channel with the lowest median cost, before and after; None where none is open."""
        before, after = self.order(workload)
        return next(iter(before), None), next(iter(after), None)

    def lowest(self, workload: str) -> Move | None:
        """Cost of the channel with the lowest median, which need not be the same before and after."""
        names = [channel and f"cost.{workload}.{channel}" for channel in self.cheapest(workload)]
        sides = [
            (side.bands[name], side.draws.get(name)) if side and name else (None, None)
            for side, name in zip(self.figures, names, strict=True)
        ]
        (before, drawn), (after, drawn_after) = sides
        return Move(f"cost.{workload}", before, after, paired(drawn, drawn_after)) if before or after else None

    def flips(self, workload: str) -> tuple[Flip, ...]:
        """Pairs of channels that change places in the order of medians."""
        before, after = self.order(workload)
        place = {name: at for at, name in enumerate(before)}
        kept = [name for name in after if name in place]
        return tuple(
            Flip(one, other) for at, one in enumerate(kept) for other in kept[at + 1 :] if place[one] > place[other]
        )

    def _open(self) -> tuple[set[str], set[str]]:
        pair = [
            {name for name, channel in side.channels.items() if channel.open} if side else set()
            for side in self.figures
        ]
        return pair[0], pair[1]

    @property
    def opened(self) -> tuple[str, ...]:
        """Channels that are open now and were not."""
        before, after = self._open()
        return tuple(sorted(after - before)) if self.both else ()

    @property
    def closed(self) -> tuple[str, ...]:
        """Channels that were open and are not any more."""
        before, after = self._open()
        return tuple(sorted(before - after)) if self.both else ()


@dataclass(frozen=True)
class FileChange:
    """One change of one file, and the sets that it reaches.

    Attributes:
        file: name of the file in the folder of parameter files; empty where that is not known.
        change: what differs.
        sets: names of the sets that have it.
    """

    file: str
    change: InputChange
    sets: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """Everything that differs between two sides.

    Attributes:
        base, head: the sides.
        sets: every set of either, in the order of names, `baseline` first.
        sampling: how draws were made.
        code: files of the package that differ between two revisions.
        others: other files of the folder that differ; empty where a side does not say.
    """

    base: Side
    head: Side
    sets: tuple[SetChange, ...]
    sampling: Sampling
    code: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def having(self, *statuses: str) -> list[SetChange]:
        """Sets of some statuses."""
        return [item for item in self.sets if item.status in statuses]

    @property
    def failed(self) -> list[SetChange]:
        """Sets that do not work on the later side."""
        return self.having("failed")

    @cached_property
    def by_file(self) -> tuple[FileChange, ...]:
        """What was changed in which file, each change once, whichever sets inherit it."""
        found: dict[tuple[object, ...], tuple[FileChange, list[str]]] = {}
        for item in self.sets:
            for change in item.changes or () if item.before and item.after else ():
                file = _file(item, change)
                # Not by label: a set may call the channel that it inherits by another name.
                stated = [each and (each.content, each.origin) for each in (change.before, change.after)]
                key = (file, change.path, repr(stated))
                found.setdefault(key, (FileChange(file, change, ()), []))[1].append(item.name)
        rows = [replace(row, sets=tuple(names)) for row, names in found.values()]
        order = {name: at for at, name in enumerate(dict.fromkeys(row.file for row in rows))}
        return tuple(sorted(rows, key=lambda row: order[row.file]))


def _file(item: SetChange, change: InputChange) -> str:
    """The file whose change it is: of the two that state it, the one that is further from the root."""
    placed = [
        (_depth(state, stated), stated.file)
        for state, stated in ((item.before, change.before), (item.after, change.after))
        if state and stated and stated.file
    ]
    if placed:
        file = max(placed, key=lambda each: each[0])[1]
        return file.replace("\\", "/").rpartition("/")[2]
    known = item.after if item.after and item.after.files else item.before
    # What belongs to the set alone, such as its title, and what a report tells.
    return known.files[-1] if known and known.files else ""


def _depth(state: SetState, stated: Input) -> int:
    name = (stated.file or "").replace("\\", "/").rpartition("/")[2]
    return state.files.index(name) if name in state.files else len(state.files)


def compared(base: Side, head: Side, sampling: Sampling | None = None, only: Sequence[str] = ()) -> Changes:
    """Compare two sides.

    Args:
        base: the earlier side.
        head: the later one.
        sampling: how draws are made, of both sides alike.
        only: names of the sets to compare; all by default.

    Raises:
        ParameterError: neither side has a set of such a name; more draws than there can be.
    """
    known = sorted({*base.sets, *head.sets}, key=lambda name: (name != "baseline", name))
    names = sorted({*base.names, *head.names})
    wrong = [name for name in only if name not in names]
    if wrong:
        raise ParameterError(Problem("", f"neither side has a set `{n}`; {nearest(n, names)}", "SET") for n in wrong)
    how = sampling or Sampling(DRAWS, SEED, PATH_DRAWS)
    if how.draws > MAX_DRAWS:
        raise ParameterError([Problem("", f"must be at most {MAX_DRAWS:,}, not {how.draws:,}", "--draws")])
    sets = [_set(name, base, head, how) for name in known if not only or name in only]
    code = changed_code(base.commit, head.commit) if base.commit and head.commit else ()
    return Changes(base, head, tuple(sets), how, code, _others(base, head))


def _others(base: Side, head: Side) -> tuple[str, ...]:
    if not (base.others or base.kind == REVISION) or not (head.others or head.kind == REVISION):
        return ()
    names = sorted({*base.others, *head.others})
    return tuple(name for name in names if base.others.get(name) != head.others.get(name))


def _set(name: str, base: Side, head: Side, sampling: Sampling) -> SetChange:
    before, after = base.sets.get(name), head.sets.get(name)
    problems = {side: state.problems for side, state in zip(_SIDES, (before, after), strict=True) if state}
    problems = {side: found for side, found in problems.items() if found}
    changes = _changes(before, after)
    found = SetChange(name, before, after, _status(before, after, changes), problems, changes)
    return found if found.status in ("reworded", "unchanged") else _with_figures(found, sampling)


def _changes(before: SetState | None, after: SetState | None) -> tuple[InputChange, ...] | None:
    if before is None or after is None or before.problems or after.problems:
        return ()
    if before.inputs is None or after.inputs is None:
        # Equal hashes: nothing that results follow from differs; words and sources are not known.
        return () if before.inputs_sha256 and before.inputs_sha256 == after.inputs_sha256 else None
    return input_changes(before.inputs, after.inputs)


def _status(before: SetState | None, after: SetState | None, changes: tuple[InputChange, ...] | None) -> str:
    if after is not None and after.problems:
        return "failed"
    if before is None or after is None:
        return "added" if before is None else "removed"
    if before.problems:
        return "mended"
    if before.inputs_sha256 != after.inputs_sha256 or before.inputs_sha256 is None:
        return "changed"
    return "reworded" if changes else "unchanged"


def _with_figures(item: SetChange, sampling: Sampling) -> SetChange:
    """The same with results of both sides, from draws in common where both can be drawn."""
    cases = dict(zip(_SIDES, _paired(item.before, item.after), strict=True))
    found: dict[str, Figures | None] = {}
    problems = dict(item.problems)
    for side, state in zip(_SIDES, (item.before, item.after), strict=True):
        try:
            case = cases[side]
            found[side] = simulated(case, sampling) if case else state.reported if state else None
        except (ParameterError, ValueError, ArithmeticError) as error:
            file = state.files[-1] if state and state.files else None
            problems[side] = tuple(_placed(error, file))
            found[side] = None
    remark = _remark(item)
    if remark:
        found = {side: figures and replace(figures, draws={}) for side, figures in found.items()}
    status = "failed" if "head" in problems else "mended" if "base" in problems and item.after else item.status
    return replace(
        item,
        status=status,
        problems=problems,
        # Nothing to compare a set with that fails.
        figures_before=None if "head" in problems else found["base"],
        figures_after=found["head"],
        remark=remark,
    )


def _placed(error: Exception, file: str | None) -> Iterator[Problem]:
    if isinstance(error, ParameterError):
        yield from (replace(problem, file=problem.file or file) for problem in error.problems)
    else:
        yield Problem("", f"cannot be computed: {error}", file)


def _paired(before: SetState | None, after: SetState | None) -> tuple[ParameterSet | None, ParameterSet | None]:
    """The sets of both sides, with dimensions of random numbers in common."""
    first, second = (state.case if state else None for state in (before, after))
    streams = common_streams(first, second) if first and second else None
    return first and replace(first, streams=streams or first.streams), second and replace(
        second, streams=streams or second.streams
    )


def _remark(item: SetChange) -> str:
    if item.before is None or item.after is None or item.problems:
        return ""
    first, second = item.before.case, item.after.case
    if first is None or second is None:
        return "One side is a report, whose draws are not paired: small differences may be chance."
    if first.base_year != second.base_year:
        years = f"{first.base_year} before, {second.base_year} after"
        return f"The two sides count in US dollars of different years ({years}): amounts cannot be compared."
    return ""
