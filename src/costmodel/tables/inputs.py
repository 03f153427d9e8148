"""Tables of parameters, changes and sources."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from costmodel.parameters import Parameter, ParameterSet
from costmodel.parameters.sources import GRADES, Source, cited, known_sources
from costmodel.tables.markup import Html, Safe, details, join, table
from costmodel.words import LAW_WORDS, digits, html, humanised, interval, owner, parameter_label, shown

if TYPE_CHECKING:
    from costmodel.parameters.differences import Difference
    from costmodel.study import Study

_MANY = 12  # changes in a table that is not folded away, so that results do not end up pages below


def source_link(name: str, known: Mapping[str, Source]) -> Safe:
    """A source by title, id and grade, linked where it has a web address."""
    row = known.get(name)
    if row is None:
        return join([name, " (not in the list of sources)"])
    title = row.title if len(row.title) <= 70 else row.title[:69].rstrip() + "…"
    return join(
        [
            _linked(title, row.url),
            Safe(f' <small title="grade: {html(GRADES.get(row.grade, ""))}">'),
            f"{name}, {row.grade}",
            Safe("</small>"),
        ]
    )


def _linked(text: str, url: str) -> Safe:
    address = url.strip()
    if not address.lower().startswith(("https://", "http://")):
        return Safe(html(text))
    return Safe(f'<a href="{html(address)}" rel="noopener noreferrer">{html(text)}</a>')


def value_cell(item: Parameter | None) -> Safe:
    """A value, and under it the law and the 5–95 % range of an uncertain one."""
    if item is None:
        return Safe("–")
    text: list[object] = [shown(item, count=3 if item.distribution else 4)]
    law = item.distribution
    if law is not None:
        low, high = (shown(item, float(law.ppf(u))) for u in (0.05, 0.95))
        text += [
            Safe('<br><small class="note">'),
            f"5–95 %: {interval(low, high)}, {LAW_WORDS.get(law.law, law.law)}",
            Safe("</small>"),
        ]
    if item.leaf.basis == "nominal":
        text.append(Safe("<br><small>nominal; the model takes off inflation</small>"))
    return join(text)


def why_cell(item: Parameter | None, known: Mapping[str, Source]) -> Safe:
    """Where a value comes from: sources, assumption, date, note."""
    if item is None:
        return Safe("left out in this set")
    parts: list[object] = (
        [Safe("<em>Scenario, not an estimate.</em>")] if item.stated and item.role == "scenario" else []
    )
    parts += [source_link(name, known) for name in item.leaf.source]
    if item.assumption:
        parts.append(join([Safe("<em>Assumption:</em> "), item.assumption]))
    if item.leaf.note:
        parts.append(item.leaf.note)
    if item.leaf.as_of and item.leaf.source:
        parts.append(f"as of {item.leaf.as_of}")
    return join(parts, "<br>") or Safe("–")


def _path_cell(case: ParameterSet, item: Parameter) -> Safe:
    label = parameter_label(case, item.path).partition(" · ")[0]
    return join([label, _code(item.path)])


def _code(path: str) -> Safe:
    """A parameter's path that may break after its dots and underscores."""
    broken = html(path).replace(".", ".<wbr>").replace("_", "_<wbr>")
    return Safe(f"<br><small><code>{broken}</code></small>")


def changes(study: "Study") -> Html:
    """What the set changes against the one that it extends, and why."""
    parent = study.parent or study.case
    return differences(parent, study.case, study.changes)


def differences(before: ParameterSet, after: ParameterSet, found: Sequence["Difference"]) -> Html:
    """What one set changes against another, and why.

    Args:
        before: the set that values are changed from.
        after: the set that changes them.
        found: what differs.
    """
    known = known_sources()
    rows = [_change_row(after if item.after else before, item, known) for item in found]
    title = f"Changes against “{before.title}”"
    folded = len(rows) > _MANY
    content = table("changes", "" if folded else title, ("Parameter", "Before", "After", "Why"), rows)
    return Html(details(f"{title} ({len(rows)})", content) if folded else content)


def _change_row(case: ParameterSet, item: "Difference", known: Mapping[str, Source]) -> list[object]:
    label, _, whose = parameter_label(case, item.path).partition(" · ")
    name = join([label, *([f" · {whose}"] if whose else []), _code(item.path)])
    return [name, value_cell(item.before), value_cell(item.after), why_cell(item.after, known)]


def _blocks(case: ParameterSet) -> dict[str, list[Parameter]]:
    """Parameters by what they belong to, in the order of the schema."""
    found: dict[str, list[Parameter]] = {}
    for item in case:
        steps = item.path.split(".")
        count = 2 if steps[0] in ("chips", "sites", "channels") else 1
        found.setdefault(".".join(steps[:count]), []).append(item)
    return found


def parameters(study: "Study") -> Html:
    """All parameters with value, distribution, meaning and origin, one block to unfold after the other."""
    known = known_sources()
    return Html("".join(_block(study.case, block, items, known) for block, items in _blocks(study.case).items()))


def _block(case: ParameterSet, block: str, items: Sequence[Parameter], known: Mapping[str, Source]) -> Safe:
    table_name, _, name = block.partition(".")
    kind = {"chips": "Chip", "sites": "Site", "channels": "Channel"}.get(table_name, humanised(table_name))
    summary = f"{kind}: {owner(case, f'{block}.x')}" if name else kind
    uncertain = sum(item.distribution is not None for item in items)
    rows = [
        [_path_cell(case, item), value_cell(item), item.description, why_cell(item, known)]
        for item in items
        if item.stated
    ]
    head = ("Parameter", "Value", "Meaning", "Source or reason")
    parts = [table(f"parameters-{block.replace('.', '-')}", "", head, rows), _left_out(items)]
    return details(f"{summary} ({len(rows)} stated, {uncertain} uncertain)", *parts)


def _left_out(items: Sequence[Parameter]) -> Safe:
    """Parameters that no file states, at their neutral values."""
    names = [f"{item.path.split('.', 2)[-1]} = {shown(item)}" for item in items if not item.stated]
    if not names:
        return Safe("")
    return join(
        [Safe('<p class="note">Left out, and so without effect or as given here: '), "; ".join(names), Safe(".</p>")]
    )


def source_list(study: "Study") -> Html:
    """The sources that this set cites, with publisher, date, grade and link."""
    known = known_sources()
    names = cited(study.case)
    rows = [
        [
            name,
            _linked(row.title, row.url),
            row.publisher,
            row.date,
            Safe(f'<span title="{html(GRADES.get(row.grade, ""))}">{html(row.grade)}</span>'),
        ]
        for name in names
        if (row := known.get(name))
    ]
    rows += [[name, "not in the list of sources", "–", "–", "–"] for name in names if name not in known]
    grades = "; ".join(f"{grade}: {words}" for grade, words in GRADES.items())
    return Html(
        table("sources", f"Sources that this set cites ({grades})", ("Id", "Title", "Publisher", "Date", "Grade"), rows)
    )


def correlations(study: "Study") -> Html:
    """Pairs of parameters that are drawn together."""
    case, known = study.case, known_sources()
    rows = [
        [
            parameter_label(case, pair.first),
            parameter_label(case, pair.second),
            digits(pair.rank, 2),
            join(
                [*(source_link(name, known) for name in pair.source), *([pair.reason] if pair.reason else [])], "<br>"
            ),
        ]
        for pair in case.correlations
    ]
    head = ("Parameter", "goes with", "Rank correlation", "Source or reason")
    return Html(details(f"Correlations ({len(rows)} pairs)", table("correlations", "", head, rows)))


def facts(name: str, title: str, rows: Mapping[str, object]) -> Html:
    """Named facts, one to a row."""
    return Html(table(name, title, ("", ""), [[key, value] for key, value in rows.items()]))
