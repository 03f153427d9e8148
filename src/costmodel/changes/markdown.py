"""A comparison as Markdown: what a pull request shows. All text of parameter files is made harmless."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from costmodel.changes import sentences
from costmodel.changes.comparison import Changes, FileChange, SetChange
from costmodel.changes.figures import Move
from costmodel.changes.harmless import code, number, text
from costmodel.changes.inputs import both_words
from costmodel.errors import Problem
from costmodel.words import NBSP, WORKLOAD_LABELS, html

#: First line, by which a comment made by an earlier run is found again.
MARK = "<!-- costmodel diff -->"
#: Characters: GitHub takes 65,536 in a comment, of which some are for what a script adds.
MOST = 64000
# Kept for the sentence that says what was left out.
_RESERVE = 1200
# Parts of the length that tables may take, so that each part of a long summary is seen.
_SHARES = {"problems": 0.2, "inputs": 0.35, "moves": 0.2, "ranks": 0.1, "sources": 0.08}
_FEW_SETS = 3
_PER_UNIT = "US dollars per H100-equivalent hour"


class _Page:
    """Lines up to a length; what does not fit is counted and named at the end."""

    def __init__(self, most: int) -> None:
        self._most = most - _RESERVE
        self._lines: list[str] = []
        self._length = 0
        self.left_out: list[str] = []

    def add(self, *lines: str) -> bool:
        """Append lines, all or none."""
        length = sum(len(line) + 1 for line in lines)
        if self._length + length > self._most:
            return False
        self._lines += lines
        self._length += length
        return True

    def list(self, part: str, heading: Sequence[str], rows: Sequence[str], what: str) -> None:
        """Append a heading with rows below it, as many as its share of the length takes."""
        room = _SHARES[part] * self._most
        if not rows or not self.add(*heading):
            if rows:
                self.left_out.append(f"{len(rows)} {what}")
            return
        for at, row in enumerate(rows):
            room -= len(row) + 1
            if room < 0 or not self.add(row):
                self.left_out.append(f"{len(rows) - at} {what}")
                break
        self.add("")

    def whole(self, hint: str) -> str:
        """The Markdown."""
        more = [f"*Left out, since a comment on GitHub may not be longer: {'; '.join(self.left_out)}. {hint}*"]
        return "\n".join([*self._lines, *(more if self.left_out else [])]).rstrip() + "\n"


def changes_markdown(found: Changes, most: int = MOST) -> str:
    """A comparison as Markdown for GitHub.

    Args:
        found: the comparison.
        most: characters that it may have.
    """
    page = _Page(most)
    page.add(MARK, "## What these parameter changes do", "", _headline(found), "")
    if sentences.same(found):
        page.add(f"**{sentences.NOTHING}**", "")
    page.list("problems", ["### What fails", ""], list(_problems(found)), "problems")
    _inputs(page, found)
    _moves(page, found)
    page.list("ranks", ["### Rank flips", ""], list(_ranks(found)), "lines on ranks")
    _sources(page, found)
    remarks = [f"- {text(words, 1000)}" for words in sentences.remarks(found)]
    if remarks:
        page.add("### How this was computed", "", *remarks, "")
    skipped = [item.name for item in found.sets if item.moved and item.after and not page.add(*_details(item))]
    if skipped:
        page.left_out.append(f"the details of {len(skipped)} sets")
    return page.whole("`costmodel diff BASE HEAD SET…` tells all of some sets.")


def _headline(found: Changes) -> str:
    sides = [f"{code(sentences.side_name(side))} ({sentences.side_kind(side)})" for side in (found.base, found.head)]
    return f"From {sides[0]} to {sides[1]}. **{text(sentences.counts(found))}**"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _head(*cells: str) -> list[str]:
    return [_row(*cells), _row(*["---"] * len(cells))]


def _problems(found: Changes) -> Iterator[str]:
    for item in found.sets:
        for side, problems in item.problems.items():
            for problem in problems:
                yield f"- {code(item.name)} ({sentences.side_words(side)}): {_problem(problem)}"


def _problem(problem: Problem) -> str:
    place = problem.file or ""
    place += f":{problem.line}" if problem.line is not None else ""
    return ": ".join([*(code(each) for each in (place, problem.path) if each), text(problem.message, 400)])


def _inputs(page: _Page, found: Changes) -> None:
    rows = found.by_file
    if rows:
        page.add("### What was changed", "")
    for file, group in groupby(rows, key=lambda row: row.file):
        changes = list(group)
        title = f"{code(file)}: " if file else ""
        heading = [f"**{title}{len(changes)} change{'' if len(changes) == 1 else 's'}**", ""]
        head = _head("Parameter", "Before", "After", "Source or assumption", "Sets")
        page.list("inputs", [*heading, *head], [_input(row) for row in changes], f"changes of {file or 'sets'}")
    if found.others:
        page.list(
            "sources", ["Other files that changed:", ""], [f"- {code(name)}" for name in found.others], "other files"
        )
    for status, words in (("added", "Added"), ("removed", "Removed")):
        names = [f"{code(item.name)} ({text(item.title, 100)})" for item in found.having(status)]
        if names:
            page.list("sources", [f"{words} sets:", ""], [f"- {name}" for name in names], f"{status} sets")


def _input(row: FileChange) -> str:
    item = row.change
    line = f"<br>line {item.known.line}" if item.known and item.known.line is not None else ""
    same_name = text(item.label) if item.label != item.path else ""
    name = "<br>".join(filter(None, [code(item.path), same_name])) + line
    before, after = (text(words) for words in both_words(item))
    if item.kind == "origin":
        before, after = after, "the same"
    return _row(name, before, after, _origin(row), _names(row.sets))


def _origin(row: FileChange) -> str:
    item = row.change
    before, after = sentences.origins(item)
    if item.before is None or item.after is None or before == after:
        return text(after if item.after else before)
    return f"before: {text(before)}<br>after: {text(after)}"


def _names(names: Sequence[str]) -> str:
    if len(names) <= _FEW_SETS:
        return ", ".join(map(code, names))
    return f"{code(names[0])} and {len(names) - 1} more"


def _moves(page: _Page, found: Changes) -> None:
    moved = [item for item in found.sets if item.moved]
    head = _head("Set", "Cheapest open channel", "Its cost", "Market price", "Market premium", "Compute denied")
    heading = ["### What moves", "", f"Medians before → after, {_PER_UNIT}; in brackets the difference.", "", *head]
    page.list("moves", heading, [_moved(item) for item in moved], "sets that move")
    still = [item.name for item in found.having("changed") if not item.moved]
    if still:
        page.add(f"No result moves in {', '.join(map(code, still[:20]))}{', …' if len(still) > 20 else ''}.", "")


def _moved(item: SetChange) -> str:
    first, second = map(text, sentences.cheapest(item))
    channel = second if first == second else f"{first} → **{second}**"
    market = [item.moves.get(f"market.{name}") for name in ("price", "premium", "compute_denied")]
    return _row(code(item.name), channel, *map(_arrow, [item.lowest("mix"), *market]))


def _arrow(move: Move | None) -> str:
    return "–" if move is None else number(sentences.arrow(move))


def _ranks(found: Changes) -> Iterator[str]:
    for item in found.sets:
        told = list(sentences.ranks(item))
        if told:
            yield f"- {code(item.name)}: {text(' '.join(told), 1000)}"


def _sources(page: _Page, found: Changes) -> None:
    sides = [side.sources for side in (found.base, found.head)]
    changes = [row.change for row in found.by_file]
    cited = {name for c in changes for each in (c.before, c.after) if each for name in each.sources}
    rows = []
    for name in sorted(cited):
        row = sides[1].get(name) or sides[0].get(name)
        about = f"{row.title}. {row.publisher}, {row.date}. Grade {row.grade}" if row else "not in the list of sources"
        rows.append(f"- {code(name)}: {text(about)}")
    page.list("sources", ["### Sources of what was changed", ""], rows, "sources")


def _details(item: SetChange) -> list[str]:
    """All that moved in one set, or what a set gives that is there anew; to be unfolded."""
    rest = [move for name, move in item.moves.items() if name.startswith(("market.", "path."))]
    if item.both:
        lines = _costs(item) if "mix" in item.workloads else []
        lines += _tasks(item, [workload for workload in item.workloads if workload != "mix"])
        told = [_row(_RESULTS[move.name], *map(number, _three(move))) for move in rest]
        head = _head("Result", "Before", "After", "Difference")
    else:
        lines = _only(item)
        told = [_row(_RESULTS[move.name], number(sentences.band(move, move.after))) for move in rest]
        head = _head("Result", "Median (5–95 %)")
    summary = f"<code>{html(item.name)}</code>: {'all that moves' if item.both else 'all results'}"
    results = [*head, *told, ""] if told else []
    return [f"<details><summary>{summary}</summary>", "", *lines, *results, "</details>", ""]


def _three(move: Move) -> tuple[str, str, str]:
    return sentences.band(move, move.before), sentences.band(move, move.after), sentences.difference(move)


def _only(item: SetChange) -> list[str]:
    """Costs of a set that only one side has."""
    rows = [
        _row(
            _label(item, channel),
            *(number(sentences.band(move, move.after)) for move in (cost, premium)),
            number(sentences.chance(item, "mix", channel)),
        )
        for channel in item.channels
        for cost, premium in [(item.moves[f"cost.mix.{channel}"], item.moves[f"premium.mix.{channel}"])]
    ]
    return [*_cost_title(), *_head("Channel", "Cost", "Premium", "Probability of being the cheapest"), *rows, ""]


def _cost_title() -> list[str]:
    return [f"Cost on the mix of training and inference, {_PER_UNIT}: median (5–95{NBSP}%)", ""]


def _label(item: SetChange, channel: str) -> str:
    return text(", ".join(filter(None, [item.label(channel), sentences.state(item, channel)])))


def _costs(item: SetChange) -> list[str]:
    """Costs on the mix."""
    rows, still = [], []
    for channel in item.channels:
        cost, premium = (item.moves[f"{kind}.mix.{channel}"] for kind in ("cost", "premium"))
        label, chance = _label(item, channel), sentences.chance(item, "mix", channel)
        if not (cost.moved or premium.moved or "→" in chance or sentences.state(item, channel) in sentences.NEWS):
            still.append(label)
            continue
        rows.append(_row(label, *map(number, (*_three(cost), sentences.arrow(premium), chance))))
    head = _head("Channel", "Cost before", "Cost after", "Difference", "Premium", "Probability of being the cheapest")
    return [*_cost_title(), *head, *rows, "", *([f"The same: {', '.join(still)}.", ""] if still else [])]


def _tasks(item: SetChange, workloads: Sequence[str]) -> list[str]:
    """Costs on training and inference, in short; of channels that are open on a side."""
    known = [side.channels for side in item.figures if side]
    usable = [name for name in item.channels if any(name in side and side[name].open for side in known)]
    by_channel = {c: [item.moves[f"cost.{w}.{c}"] for w in workloads] for c in usable}
    rows = [
        _row(_label(item, channel), *map(_arrow, moves))
        for channel, moves in by_channel.items()
        if any(move.moved for move in moves)
    ]
    if not rows:
        return []
    return [*_head("Open channel", *(f"Cost, {WORKLOAD_LABELS[w].lower()}" for w in workloads)), *rows, ""]


_RESULTS = {
    "market.price": "Market price",
    "market.premium": "Market premium",
    "market.compute_denied": "Compute denied",
    "path.premium": "Premium at the end of the path",
    "path.delay": "Delay of compute at the end of the path",
}
