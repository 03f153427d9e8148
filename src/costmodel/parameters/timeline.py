"""The timeline of a set: what each event changes, and published figures by quarter."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from costmodel.errors import ParameterError, Problem
from costmodel.limits import MAX_QUARTERS
from costmodel.parameters import schema
from costmodel.parameters.checks import cross_problems
from costmodel.parameters.decisions import leaf_spec, source_ids
from costmodel.parameters.documents import Node, cover, leaves, merge, nested
from costmodel.parameters.explain import as_in_file, shown_path
from costmodel.parameters.model import Event, Observation, Parameter, ParameterSet, Timeline
from costmodel.units import Money

_QUARTERS = 4


def quarter(date: str) -> int:
    """The quarter that contains a date, counted from the year 0.

    Args:
        date: `YYYY-MM` or `YYYY-MM-DD`.

    Examples:
        >>> quarter("2022-10-07") - quarter("2022-01")
        3
    """
    year, month = date.split("-")[:2]
    return int(year) * _QUARTERS + (int(month) - 1) // 3


def first_day(quarters: int) -> str:
    """First day of a quarter that is counted from the year 0.

    Examples:
        >>> first_day(quarter("2022-11-30"))
        '2022-10-01'
    """
    year, place = divmod(quarters, _QUARTERS)
    return f"{year:04d}-{place * 3 + 1:02d}-01"


def changes_of(event: Node) -> Iterator[Node]:
    """What an event sets, as documents that are laid over a set one after the other.

    Args:
        event: an entry of `timeline.events`; anything else gives nothing.
    """
    stated = event.value.get("set") if isinstance(event.value, dict) else None
    if stated is None or not isinstance(stated.value, dict):
        return
    provenance = {word: event.value[word] for word in ("source", "assumption") if word in event.value}
    for name, node in stated.value.items():
        found = node if node.value is None else cover(node, provenance)
        yield nested(["assumptions", *name.removeprefix("assumptions.").split(".")], found)


def events_of(document: Node) -> list[Node]:
    """Entries of `timeline.events` of a document, which need not be right."""
    timeline = document.value.get("timeline")
    events = timeline.value.get("events") if timeline is not None and isinstance(timeline.value, dict) else None
    return events.value if events is not None and isinstance(events.value, list) else []


def timeline(
    case: ParameterSet, model: schema.SetFile, merged: Node, money: Money, resolve: Callable[[Node], ParameterSet]
) -> Timeline | None:
    """The timeline of a set, with what each event changes.

    What an inherited event sets below a channel, chip or site that this set does not have is left out without a word.

    Args:
        case: the set, without its timeline.
        model: its validated document.
        merged: its document.
        money: worth of currencies.
        resolve: a set from a document.

    Raises:
        ParameterError: what an event sets cannot be.
    """
    if model.timeline is None:
        return None
    first, last = quarter(model.timeline.start), quarter(model.timeline.end)
    if last < first:
        message = f"`{model.timeline.end}` lies before the start, `{model.timeline.start}`"
        raise ParameterError([merged.at(("timeline", "end")).problem("timeline.end", message)])
    if last - first >= MAX_QUARTERS:
        message = f"the path has {last - first + 1:,} quarters; at most {MAX_QUARTERS} are possible"
        raise ParameterError([merged.at(("timeline", "end")).problem("timeline.end", message)])
    stated = list(zip(model.timeline.events, events_of(merged), range(len(model.timeline.events)), strict=True))
    own = max((node.depth for _, node, _ in stated), default=0)
    found, now, document = [], case, merged
    for event, node, at in sorted(stated, key=lambda item: item[0].date):
        changes = [change for change in changes_of(node) if node.depth == own or _has_place(change, now)]
        for change in changes:
            document = replace(merge(document, change), file=document.file, line=document.line)
        where = shown_path(as_in_file(("timeline", "events", at, "set"), merged))
        before, now = now, _restated(now, changes, document, money) or _resolved(document, resolve, event, where)
        found.append(
            Event(
                date=event.date,
                label=event.label,
                quarter=quarter(event.date),
                changes=_difference(before, now),
                assumption=event.assumption,
                source=source_ids(event.source),
                file=node.file,
                line=node.line,
            )
        )
    return Timeline(first, last, model.timeline.threshold, tuple(found))


def _restated(case: ParameterSet, changes: Sequence[Node], document: Node, money: Money) -> ParameterSet | None:
    """The set with new values of parameters that it has; None where that is not all, or something is wrong.

    To validate the whole set again for each event would take most of the time of reading it.
    """
    stated = {}
    for change in changes:
        for steps, node in leaves(change.value["assumptions"]):
            path = ".".join(steps)
            item = case.parameters.get(path)
            if item is None or node.value is None or steps[-1] == "kind":
                return None
            try:
                leaf = leaf_spec(case, path).parse(node.plain(), money)
            except (ValueError, TypeError):
                return None
            stated[path] = replace(item, leaf=leaf, stated=True, file=node.file, line=node.line)
    found = replace(case, parameters={**case.parameters, **stated})
    return None if cross_problems(found, document) else found


def _resolved(document: Node, resolve: Callable[[Node], ParameterSet], event: schema.Event, where: str) -> ParameterSet:
    try:
        return resolve(document)
    except ParameterError as error:
        when = f"as the event of {event.date} (`{event.label}`) sets it"
        raise ParameterError(
            Problem(where, f"{each.path}: {each.message}; {when}", each.file, each.line) for each in error.problems
        ) from None


def _has_place(change: Node, case: ParameterSet) -> bool:
    """Whether a set has the entry of a table that a change is about, or the change is about none."""
    inside = change.value["assumptions"]
    table, node = next(iter(inside.value.items()))
    if table not in ("channels", "chips", "sites") or not isinstance(node.value, dict):
        return True
    name, below = next(iter(node.value.items()))
    return name in case.names(table) or (isinstance(below.value, dict) and "kind" in below.value)


def _difference(before: ParameterSet, after: ParameterSet) -> Mapping[str, Parameter | None]:
    """Parameters that an event states anew or that follow from it, by path."""
    changed: dict[str, Parameter | None] = {
        path: item for path, item in after.parameters.items() if item != before.parameters.get(path)
    }
    return changed | dict.fromkeys(path for path in before.parameters if path not in after.parameters)


def observations(model: schema.SetFile, merged: Node) -> tuple[Observation, ...]:
    """Published figures of a set.

    Args:
        model: its validated document.
        merged: its document.

    Raises:
        ParameterError: one ends before it begins, or its range does not hold its value.
    """
    return tuple(_observation(item, merged, at) for at, item in enumerate(model.observations))


def _observation(item: schema.Observation, merged: Node, at: int) -> Observation:
    node, where = merged.at(("observations", at)), shown_path(as_in_file(("observations", at), merged))
    first, last = quarter(item.date), quarter(item.until or item.date)
    if last < first:
        message = f"`{item.until}` lies before its date, `{item.date}`"
        raise ParameterError([node.problem(f"{where}.until", message)])
    low = item.value if item.low is None else item.low
    high = item.value if item.high is None else item.high
    if not low <= item.value <= high:
        message = f"{item.value:g} is not between low and high, {low:g} and {high:g}"
        raise ParameterError([node.problem(f"{where}.value", message)])
    return Observation(
        first,
        last,
        item.outcome,
        item.value,
        item.low,
        item.high,
        item.label,
        item.assumption,
        item.note,
        source_ids(item.source),
        node.file,
        node.line,
    )
