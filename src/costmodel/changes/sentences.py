"""A comparison in words: values with their bands, sources, ranks, how it was made; plain text, not yet harmless."""

from collections.abc import Iterator
from pathlib import Path

import costmodel
from costmodel.changes.comparison import Changes, SetChange
from costmodel.changes.figures import Move
from costmodel.changes.inputs import Input, InputChange
from costmodel.changes.sides import PARAMETERS, REPORTS, REVISION, Side
from costmodel.costs import UNIT, WORKLOADS
from costmodel.locations import shown
from costmodel.outcome_words import change, level, months
from costmodel.reporting.results import Interval
from costmodel.words import NBSP, interval, listed, percent

KINDS = {REVISION: "git revision", PARAMETERS: "folder of parameter files", REPORTS: "folder of reports"}
_STATUS = {
    "failed": ("fails", "fail"),
    "changed": ("changed", "changed"),
    "mended": ("mended", "mended"),
    "added": ("added", "added"),
    "removed": ("removed", "removed"),
    "reworded": ("with other words or sources only", "with other words or sources only"),
    "unchanged": ("unchanged", "unchanged"),
}
NOTHING = "Nothing changed: all sets state the same, and so give the same results."
# Differences that round to nothing beside values as they are shown.
_NEXT_TO_NOTHING = {UNIT: 5e-4, "1": 5e-5, "month": 0.05}
_SIDE_WORDS = {"base": "before", "head": "after"}


def side_words(problem_side: str) -> str:
    """When a set fails, by side: `before` or `after`."""
    return _SIDE_WORDS[problem_side]


def side_name(side: Side) -> str:
    """A side as it was asked for; a folder below the working folder by the way to it."""
    if side.commit is None:
        return shown(Path(side.word))
    return side.commit[:12] if side.word == side.commit else side.word


def side_kind(side: Side) -> str:
    """What a side is, beside its name."""
    known = side.commit and side.commit[:12]
    return f"{KINDS[side.kind]} {known}" if known and known != side_name(side) else KINDS[side.kind]


def counts(found: Changes) -> str:
    """How many sets became what."""
    parts = []
    for status, words in _STATUS.items():
        number = len(found.having(status))
        if number:
            parts.append(f"{number} {words[number > 1]}")
    return f"{_sets(len(found.sets))}: {', '.join(parts)}." if parts else "No sets."


def _sets(number: int) -> str:
    return f"{number} set{'' if number == 1 else 's'}"


def same(found: Changes) -> bool:
    """Whether nothing at all differs."""
    return len(found.having("unchanged")) == len(found.sets) and not found.others


def remarks(found: Changes) -> Iterator[str]:
    """What a reader must know of how the comparison was made."""
    yield from _how(found)
    if found.code:
        some = ", ".join(found.code[:3]) + (", …" if len(found.code) > 3 else "")
        yield (
            f"The code of the package differs between the two revisions too ({len(found.code)} files: {some}). "
            "Both sides are computed by the code that runs now, so that only what the parameters do is shown here."
        )
    unknown = [item.name for item in found.sets if item.changes is None]
    if unknown:
        yield (
            f"Which parameters changed is not known of {_sets(len(unknown))}: a report without inputs.json does not "
            f"say ({_few(unknown)})."
        )
    yield from dict.fromkeys(item.remark for item in found.sets if item.remark)


def _how(found: Changes) -> Iterator[str]:
    how = found.sampling
    results = [move for item in found.sets for move in item.moves.values()]
    if any(move.paired for move in results):
        paths = f", {how.path_draws:,} along paths" if how.path_draws else ""
        yield (
            f"{how.draws:,} draws of each side from the same random numbers (seed {how.seed}){paths}. Brackets hold "
            f"nine draws in ten (5–95{NBSP}%). A difference is taken within each draw, so that it is not that of "
            f"the two medians. Computed by costmodel {costmodel.__version__} as it is here, both sides alike."
        )
    elif results:
        yield f"Brackets hold nine draws in ten (5–95{NBSP}%)."


def _few(names: list[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def band(move: Move, side: Interval | None) -> str:
    """A median with its band."""
    if side is None:
        return "–"
    low, middle, high = (value_words(move, value) for value in (side.p05, side.p50, side.p95))
    return middle if low == high else f"{middle} ({interval(low, high)})"


def value_words(move: Move, value: float) -> str:
    """A value of a result."""
    if move.unit == "month":
        return months(value)
    return percent(value, signed=True) if "premium" in move.name else level(value, move.unit)


def difference(move: Move, *, range_too: bool = True) -> str:
    """By how much a result moved: the median and band over draws where these are paired, else that of the medians."""
    if move.change is None:
        return "new" if move.before is None else "gone"
    if not move.moved:
        return "the same"
    if move.paired is None:
        return _change(move, move.change)
    low, middle, high = (_change(move, value) for value in (move.paired.p05, move.paired.p50, move.paired.p95))
    return f"{middle} ({interval(low, high)})" if range_too and low != high else middle


def _change(move: Move, value: float) -> str:
    if 0 < abs(value) < _NEXT_TO_NOTHING.get(move.unit, 0.0):
        return f"≈ {_change(move, 0.0)}"
    if move.unit != "month":
        return change(value, move.unit)
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + months(abs(value))


def arrow(move: Move) -> str:
    """A median before and after, and the difference; one value where nothing moved."""
    if move.before is None or move.after is None:
        return f"{band(move, move.after or move.before)} ({'new' if move.before is None else 'gone'})"
    before, after = value_words(move, move.before.p50), value_words(move, move.after.p50)
    return f"{before} → {after} ({difference(move, range_too=False)})" if move.moved else f"{after}, the same"


def cheapest(item: SetChange) -> tuple[str, str]:
    """The cheapest open channel before and after; twice the same where one side has no results."""
    names = [item.label(name) if name else "none" for name in item.cheapest("mix")]
    if item.both is None:
        names = [names[item.figures_after is not None]] * 2
    return names[0], names[1]


def chance(item: SetChange, workload: str, channel: str) -> str:
    """Probability of a channel of being the cheapest, before and after."""
    words = []
    for side in item.figures:
        if side is not None:
            found = side.chances.get((workload, channel))
            words.append("–" if found is None else percent(found))
    return " → ".join(dict.fromkeys(words))


#: What may have become of a channel; a closed one was so before.
NEWS = ("new", "removed", "opened", "closed now")


def state(item: SetChange, channel: str) -> str:
    """One of `NEWS`; `closed` of a channel that is so on both sides; else nothing."""
    before, after = (s.channels.get(channel) if s else None for s in item.figures)
    if item.both and before is None:
        return "new"
    if item.both and after is None:
        return "removed"
    if before and after and before.open != after.open:
        return "opened" if after.open else "closed now"
    known = after or before
    return "closed" if known and not known.open else ""


def ranks(item: SetChange) -> Iterator[str]:
    """Channels that opened or closed, and whose places changed, a sentence each."""
    for words, names in (("Open now", item.opened), ("Closed now", item.closed)):
        if names:
            yield f"{words}: {listed([item.label(name) for name in names])}."
    if item.both is None:
        return
    told: dict[str, list[str]] = {}
    for workload in sorted(item.workloads, key=lambda name: name != "mix"):
        sentence = " ".join(_order(item, workload))
        if sentence:
            told.setdefault(sentence, []).append("the mix" if workload == "mix" else workload)
    for sentence, workloads in told.items():
        where = "all workloads" if len(workloads) == len(WORKLOADS) else listed(workloads)
        yield f"On {where}: {sentence}"


def _order(item: SetChange, workload: str) -> Iterator[str]:
    first, second = (item.label(name) if name else "none" for name in item.cheapest(workload))
    if first != second:
        yield f"the cheapest channel is {second}, not {first}."
    beaten: dict[str, list[str]] = {}
    for flip in item.flips(workload):
        beaten.setdefault(item.label(flip.now_first), []).append(item.label(flip.now_second))
    for winner, losers in beaten.items():
        yield f"{winner} is now cheaper than {listed(losers)}."


def origin(stated: Input | None, *, note: bool) -> str:
    """Where a value comes from, without titles of sources.

    Args:
        stated: the input; None for one that is not there.
        note: whether its note and date are told too.
    """
    if stated is None:
        return "–"
    parts = [f"source {', '.join(stated.sources)}"] if stated.sources else []
    parts += [f"assumption: {stated.assumption}"] if stated.assumption else []
    parts += [f"as of {stated.as_of}"] if stated.as_of and note else []
    parts += [f"note: {stated.note}"] if stated.note and note else []
    return "; ".join(parts) or ("neither source nor assumption" if stated.parameter else "–")


def origins(item: InputChange) -> tuple[str, str]:
    """Where both values come from; dates and notes are told where they make the difference."""
    plain = [origin(side, note=False) for side in (item.before, item.after)]
    if item.kind != "origin" or plain[0] != plain[1]:
        return plain[0], plain[1]
    return origin(item.before, note=True), origin(item.after, note=True)
