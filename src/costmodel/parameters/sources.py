"""The sources that leaves cite, and whether every leaf says where it comes from."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from itertools import islice
from pathlib import Path

from costmodel.errors import FORMULA, HIDDEN, ParameterError, Problem, nearest
from costmodel.limits import MAX_EVIDENCE, MAX_PROBLEMS
from costmodel.locations import evidence_folder, shown
from costmodel.parameters.model import Decision, Event, Lever, Observation, ParameterSet

GRADES = {"A": "primary, official or data set", "B": "major press or think tank", "C": "secondary or aggregator"}


@dataclass(frozen=True)
class Source:
    """A row of `params/evidence/sources.csv`."""

    id: str
    title: str
    publisher: str
    url: str
    date: str
    grade: str


def sources() -> dict[str, Source]:
    """All sources by id.

    Raises:
        ParameterError: the file is missing, or lacks a column.
    """
    path = evidence_folder() / "sources.csv"
    try:
        state = path.stat()
    except OSError:
        state = None
    # Read again when it was saved again: a notebook, or a build that watches, outlives an edit.
    return _read(path, state and (state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=4)
def _read(path: Path, _state: tuple[int, int] | None) -> dict[str, Source]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            columns = Source.__dataclass_fields__
            text = file.read(MAX_EVIDENCE + 1)
        if len(text) > MAX_EVIDENCE:
            raise ParameterError([Problem("", f"is longer than {MAX_EVIDENCE:,} characters", shown(path))])
        if found := HIDDEN.search(text.removeprefix("\ufeff").replace("\r\n", "\n")):
            line = text.count("\n", 0, found.start()) + 1
            message = f"holds the character U+{ord(found[0]):04X}, which nobody sees; take it out"
            raise ParameterError([Problem("", message, shown(path), line)])
        reader = csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), restval="")
        rows = [Source(**{name: row[name] or "" for name in columns}) for row in reader]
    except OSError as error:
        raise ParameterError([Problem("", f"cannot be read: {error.strerror}", shown(path))]) from None
    except UnicodeDecodeError:
        raise ParameterError([Problem("", "is not text in UTF-8", shown(path))]) from None
    except csv.Error as error:
        raise ParameterError([Problem("", f"is no CSV: {error}", shown(path))]) from None
    except KeyError as error:
        raise ParameterError([Problem("", f"has no column {error}", shown(path), 1)]) from None
    for row in rows:
        _refuse(row, path)
    return {row.id: row for row in rows}


def _refuse(row: Source, path: Path) -> None:
    """Raise where a cell would be a formula in a spreadsheet, or an address would be no web page."""
    cell = next((text for text in vars(row).values() if text.startswith(FORMULA)), None)
    if cell is not None:
        message = f"`{cell[:60]}` would be a formula in a spreadsheet; begin it with another character"
        raise ParameterError([Problem(row.id, message, shown(path))])
    if row.url and not row.url.startswith(("https://", "http://")):
        raise ParameterError(
            [Problem(row.id, f"`{row.url[:60]}` is no web address: begin it with https://", shown(path))]
        )


def known_sources() -> Mapping[str, Source]:
    """All sources by id; none where the evidence is not at hand."""
    try:
        return sources()
    except (ParameterError, FileNotFoundError):
        return {}


def cited(case: ParameterSet) -> list[str]:
    """Ids of all sources that a set cites, in alphabetical order.

    Args:
        case: parameter set.
    """
    return sorted({name for _, names, _, _ in _citations(case) for name in names})


def _citations(case: ParameterSet) -> Iterator[tuple[str, Sequence[str], str | None, int | None]]:
    """Everything that cites sources: its path, the ids, and the file and line where it is stated."""
    yield from ((item.path, item.leaf.source, item.file, item.line) for item in case)
    yield from ((f"correlations ({pair.first}, {pair.second})", pair.source, None, None) for pair in case.correlations)
    for decision in case.decisions.values():
        names = [*decision.source, *(name for option in decision.options for name in option.source)]
        yield f"decisions.{decision.name}", names, decision.file, decision.line
    for lever in case.levers.values():
        yield f"levers.{lever.name}", lever.source, lever.file, lever.line
    for path, entry in _dated(case):
        changed = entry.changes.values() if isinstance(entry, Event) else ()
        below = [name for item in changed if item for name in item.leaf.source]
        yield path, list(dict.fromkeys([*entry.source, *below])), entry.file, entry.line


def unknown_sources(case: ParameterSet) -> Iterator[Problem]:
    """Whatever cites an id that is not in `sources.csv`."""
    known = sources()
    cited = ((path, name, file, line) for path, names, file, line in _citations(case) for name in names)
    for path, name, file, line in islice((each for each in cited if each[1] not in known), MAX_PROBLEMS):
        message = f"cites `{name}`, which is no id of sources.csv; {nearest(name, list(known))}"
        yield Problem(path, message, file, line)


def unsourced(case: ParameterSet) -> Iterator[Problem]:
    """What the set's own file states with neither a source nor an assumption: leaves, decisions, levers, events."""
    own = shown(case.files[-1]) if case.files else None
    for item in case:
        if item.stated and item.file == own and not item.leaf.source and not item.leaf.assumption:
            yield Problem(item.path, "brings neither a `source` nor an `assumption`", item.file, item.line)
    tables: dict[str, Mapping[str, Decision | Lever]] = {"decisions": case.decisions, "levers": case.levers}
    named: list[tuple[str, Decision | Lever | Event | Observation]] = [
        (f"{table}.{name}", entry) for table, entries in tables.items() for name, entry in entries.items()
    ]
    for path, entry in [*named, *_dated(case)]:
        if entry.file == own and not entry.source and not entry.assumption:
            yield Problem(path, "brings neither a `source` nor an `assumption`", entry.file, entry.line)


def _dated(case: ParameterSet) -> Iterator[tuple[str, Event | Observation]]:
    """Events and published figures of a set, with where they stand."""
    for event in case.timeline.events if case.timeline else ():
        yield f"timeline.events ({event.date}, {event.label})", event
    for item in case.observations:
        yield f"observations ({item.label})", item
