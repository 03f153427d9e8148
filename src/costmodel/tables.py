"""Tables of a report as HTML. All text of parameter sets and sources is escaped; nothing is computed here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costmodel.channels import COMPONENTS
from costmodel.errors import ParameterError
from costmodel.palette import channel_colors, component_colors, families
from costmodel.parameters import Parameter, ParameterSet
from costmodel.parameters.sources import GRADES, Source, sources
from costmodel.words import (
    LAW_WORDS,
    NBSP,
    UNIT_WORDS,
    WORKLOAD_LABELS,
    WORKLOAD_WORDS,
    digits,
    html,
    humanised,
    interval,
    millions,
    money,
    owner,
    parameter_label,
    percent,
    shown,
)

if TYPE_CHECKING:
    from costmodel.analysis.uncertainty import Estimate
    from costmodel.arrays import Array
    from costmodel.parameters.differences import Difference
    from costmodel.study import Study

# Notebooks' MathJax must not take amounts of dollars for formulas.
NO_MATH = "tex2jax_ignore mathjax_ignore"
_MANY = 12  # changes in a table that is not folded away, so that results do not end up pages below
_HALF_A_CENT = 0.005
_NUMBER = ' class="num" style="text-align:right;white-space:nowrap"'
_HEAD = ' class="num" style="text-align:right;white-space:normal"'
_DOT = "display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.45em"


class Safe(str):
    """HTML made here; any other text is escaped when it goes into a table."""

    __slots__ = ()


@dataclass(frozen=True, repr=False)
class Html:
    """HTML that Jupyter shows as it is."""

    source: str

    def __repr__(self) -> str:
        return "HTML"

    def _repr_html_(self) -> str:
        return self.source


def _cell(content: object) -> str:
    return content if isinstance(content, Safe) else html(content)


def _join(parts: Iterable[object], between: str = "") -> Safe:
    return Safe(between.join(_cell(part) for part in parts))


def table(
    name: str, title: str, header: Sequence[object], rows: Iterable[Sequence[object]], *, numbers: bool = False
) -> Safe:
    """A table with a caption; the first cell of each row is its heading.

    Args:
        name: identifier in the page, the same in every run.
        title: caption.
        header: heading of each column.
        rows: cells of each row; text is escaped, `Safe` is not.
        numbers: whether all columns but the first hold numbers: to the right, on one line.
    """
    mark = _NUMBER if numbers else ""
    head = "".join(
        f'<th scope="col"{_HEAD if numbers and at else ""}>{_cell(cell)}</th>' for at, cell in enumerate(header)
    )
    lines = []
    for first, *rest in rows:
        cells = "".join(f"<td{mark}>{_cell(cell)}</td>" for cell in rest)
        lines.append(f'<tr><th scope="row">{_cell(first)}</th>{cells}</tr>\n')
    body = "".join(lines)
    caption = f"<caption>{_cell(title)}</caption>" if title else ""
    return Safe(
        f'<table id="table-{html(name)}" class="{NO_MATH}">{caption}\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody></table>"
    )


def details(summary: object, *contents: str, opened: bool = False) -> Safe:
    """Content that the reader unfolds."""
    state = " open" if opened else ""
    return Safe(f'<details{state} class="{NO_MATH}"><summary>{_cell(summary)}</summary>\n{"".join(contents)}</details>')


def _dot(color: str) -> Safe:
    return Safe(f'<span class="swatch" style="background:{color};{_DOT}"></span>')


def channel_cell(study: "Study", channel: str) -> Safe:
    """A channel's name with its colour, and a mark where it is closed."""
    mark = Safe(' <span class="closed">closed</span>') if channel in study.closed else ""
    return _join([_dot(channel_colors(study.case)[channel]), study.case.label(channel), mark])


# -- results --------------------------------------------------------------------------------------------------------


def costs(study: "Study", workload: str) -> Html:
    """Effective cost of each channel with its interval, premium and probability of being cheapest."""
    header = (
        "Channel",
        "Median",
        f"5–95{NBSP}%",
        "At central values",
        "Premium",
        f"Premium, 5–95{NBSP}%",
        "Cheapest in",
    )
    rows = [_cost_row(study, workload, channel) for channel in study.ranked(workload)]
    title = f"Effective cost, {WORKLOAD_LABELS[workload].lower()}, {UNIT_WORDS}"
    return Html(table(f"costs-{workload}", title, header, rows, numbers=True))


def _cost_row(study: "Study", workload: str, channel: str) -> list[object]:
    found, above = study.summaries[workload][channel], study.premiums[workload][channel]
    chance = study.probabilities[workload].get(channel)
    return [
        channel_cell(study, channel),
        money(found["p50"].value),
        _range(found, signed=None),
        money(float(study.central.workloads[workload].channels[channel].total)),
        *(
            ("–", "–")
            if channel in study.apart
            else (percent(above["p50"].value, signed=True), _range(above, signed=True))
        ),
        percent(chance.value) if chance else "–",
    ]


def _range(found: Mapping[str, "Estimate"], *, signed: bool | None) -> str:
    """The 5–95 % range, of money or of a share with its sign."""
    ends = found["p05"].value, found["p95"].value
    if signed is None:
        return interval(*map(money, ends))
    return interval(*(percent(end, signed=signed) for end in ends))


def exaflops(study: "Study", workload: str) -> Html:
    """Cost of each channel per 10¹⁸ effective operations, at central values."""
    factor = study.exaflop(workload)
    costs = study.central.workloads[workload].channels
    amounts = {c: factor * float(costs[c].total) for c in study.ranked(workload)}
    rows = [[channel_cell(study, c), money(amount), millions(amount)] for c, amount in amounts.items()]
    title = f"Cost of effective operations in {WORKLOAD_WORDS[workload]}, US dollars, at central values"
    return Html(table(f"exaflop-{workload}", title, ("Channel", "per 10¹⁸ FLOP", "per 10²⁴ FLOP"), rows, numbers=True))


def components(study: "Study", workload: str) -> Html:
    """What each channel's cost consists of, at central values; one row for each component."""
    channels, colors = study.ranked(workload), component_colors()
    found = study.central.workloads[workload].channels
    used = [n for members in families().values() for n in members if any(found[c].components.get(n) for c in channels)]
    rows: list[list[object]] = [
        [_join([_dot(colors[name]), COMPONENTS[name]]), *(_amount(found[c].components.get(name)) for c in channels)]
        for name in used
    ]
    rows.append([Safe("<strong>Total</strong>"), *(money(float(found[c].total)) for c in channels)])
    header = ["Component", *(channel_cell(study, c) for c in channels)]
    title = f"Components, {WORKLOAD_LABELS[workload].lower()}, {UNIT_WORDS}, at central values"
    return Html(
        details(
            f"The same in numbers: {title[:1].lower()}{title[1:]}",
            table(f"components-{workload}", "", header, rows, numbers=True),
        )
    )


def _amount(part: "Array | None") -> str:
    """A part of the cost; a dash where the channel has none."""
    amount = 0.0 if part is None else float(part)
    if amount == 0:
        return "–"
    return money(amount) if abs(amount) >= _HALF_A_CENT else "< $0.01"


def wedges(study: "Study", workload: str) -> Html:
    """Distance of each channel to the counterfactual at central values, and its two parts."""
    found = study.central.workloads[workload].channels
    rows = [
        [
            channel_cell(study, c),
            _plus(float(found[c].control_wedge)),
            _plus(float(found[c].technology_wedge)),
            _plus(float(found[c].control_wedge) + float(found[c].technology_wedge)),
            percent(float(found[c].premium), signed=True),
        ]
        for c in study.ranked(workload)
        if c not in study.apart
    ]
    header = ("Channel", "Controls", "Other chip or supply", "Both", "In percent")
    what = f"Above (+) or below the cost without controls, {WORKLOAD_LABELS[workload].lower()}"
    title = f"{what}, {UNIT_WORDS}, at central values"
    return Html(table(f"wedges-{workload}", title, header, rows, numbers=True))


def _plus(value: float) -> str:
    return ("+" if value > 0 else "") + money(value)


# -- inputs ---------------------------------------------------------------------------------------------------------


def known_sources() -> Mapping[str, Source]:
    """All sources by id; none where the evidence is not at hand."""
    try:
        return sources()
    except (ParameterError, FileNotFoundError):
        return {}


def source_link(name: str, known: Mapping[str, Source]) -> Safe:
    """A source by title, id and grade, linked where it has a web address."""
    row = known.get(name)
    if row is None:
        return _join([name, " (not in the list of sources)"])
    title = row.title if len(row.title) <= 70 else row.title[:69].rstrip() + "…"
    return _join(
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
    return _join(text)


def why_cell(item: Parameter | None, known: Mapping[str, Source]) -> Safe:
    """Where a value comes from: sources, assumption, date, note."""
    if item is None:
        return Safe("left out in this set")
    parts: list[object] = [source_link(name, known) for name in item.leaf.source]
    if item.assumption:
        parts.append(_join([Safe("<em>Assumption:</em> "), item.assumption]))
    if item.leaf.note:
        parts.append(item.leaf.note)
    if item.leaf.as_of and item.leaf.source:
        parts.append(f"as of {item.leaf.as_of}")
    return _join(parts, "<br>") or Safe("–")


def _path_cell(case: ParameterSet, item: Parameter) -> Safe:
    label = parameter_label(case, item.path).partition(" · ")[0]
    return _join([label, _code(item.path)])


def _code(path: str) -> Safe:
    """A parameter's path that may break after its dots and underscores."""
    broken = html(path).replace(".", ".<wbr>").replace("_", "_<wbr>")
    return Safe(f"<br><small><code>{broken}</code></small>")


def changes(study: "Study") -> Html:
    """What the set changes against the one that it extends, and why."""
    known = known_sources()
    rows = [_change_row(study, item, known) for item in study.changes]
    title = f"Changes against “{study.parent.title if study.parent else ''}”"
    folded = len(rows) > _MANY
    found = table("changes", "" if folded else title, ("Parameter", "Before", "After", "Why"), rows)
    return Html(details(f"{title} ({len(rows)})", found) if folded else found)


def _change_row(study: "Study", item: "Difference", known: Mapping[str, Source]) -> list[object]:
    case = study.case if item.after or not study.parent else study.parent
    label, _, whose = parameter_label(case, item.path).partition(" · ")
    name = _join([label, *([f" · {whose}"] if whose else []), _code(item.path)])
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
    return _join(
        [Safe('<p class="note">Left out, and so without effect or as given here: '), "; ".join(names), Safe(".</p>")]
    )


def source_list(study: "Study") -> Html:
    """The sources that this set cites, with publisher, date, grade and link."""
    known = known_sources()
    correlated = [name for pair in study.case.correlations for name in pair.source]
    cited = sorted({*(name for item in study.case for name in item.leaf.source), *correlated})
    rows = [
        [
            name,
            _linked(row.title, row.url),
            row.publisher,
            row.date,
            Safe(f'<span title="{html(GRADES.get(row.grade, ""))}">{html(row.grade)}</span>'),
        ]
        for name in cited
        if (row := known.get(name))
    ]
    rows += [[name, "not in the list of sources", "–", "–", "–"] for name in cited if name not in known]
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
            _join(
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
