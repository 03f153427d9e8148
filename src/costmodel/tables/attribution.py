"""Table of why one set costs more than another. Nothing is computed here."""

from typing import TYPE_CHECKING

from costmodel.analysis.attribution import ranked
from costmodel.palette import channel_colors
from costmodel.tables.markup import Html, Safe, dot, join, table
from costmodel.words import change, html, interval, level, outcome_label, unit_words

if TYPE_CHECKING:
    from costmodel.analysis.attribution import Attribution, Contribution

# Paths of parameters that are listed; of more the number is said.
_LISTED = 6


def attribution(found: "Attribution") -> Html:
    """What each group of parameters contributes, the largest first, between the mean of A and that of B."""
    unit, dash = found.outcome.unit, "–"
    rows: list[list[object]] = [[_set_cell(found.before.title, "A"), level(found.a["mean"], unit), dash, dash, dash]]
    rows += [[_name(found, item), *_cells(item, unit)] for item in ranked(found.groups)]
    rows.append([_set_cell(found.after.title, "B"), level(found.b["mean"], unit), dash, dash, dash])
    title = f"{outcome_label(found.after, found.outcome)}: what makes B differ from A, {unit_words(unit)}"
    return Html(table(f"attribution-{found.outcome.name.replace('.', '-')}", title, _HEADER, rows, numbers=True))


def members(found: "Attribution") -> Html:
    """How the contribution of the divided group splits among its parameters."""
    rows = [[item.part.label, *_cells(item, found.outcome.unit)] for item in ranked(found.members)]
    whole = next(item for item in found.groups if item.part.name == found.within)
    rows.append([Safe(f"<strong>{html(whole.part.label)}</strong>"), *_cells(whole, found.outcome.unit)])
    title = f"{outcome_label(found.after, found.outcome)}: within {whole.part.label}, {unit_words(found.outcome.unit)}"
    return Html(table(f"attribution-within-{found.within}", title, _HEADER, rows, numbers=True))


_HEADER = ("Moved from A to B", "Mean", "Standard error", "5th–95th percentile", "Parameters that differ")


def _set_cell(title: str, letter: str) -> Safe:
    return Safe(f"<strong>{letter}: {html(title)}</strong>")


def _name(found: "Attribution", item: "Contribution") -> Safe:
    """A group with its colour, where it is a channel, and the parameters that differ."""
    channel = item.part.name.removeprefix("channels.")
    colors = {**channel_colors(found.before), **channel_colors(found.after)}
    label = join([dot(colors[channel]), item.part.label]) if channel != item.part.name else join([item.part.label])
    words = [path.removeprefix(f"{item.part.name}.") for path in item.part.paths]
    shown = (
        ", ".join(words) if len(words) <= _LISTED else f"{', '.join(words[:_LISTED])} and {len(words) - _LISTED} more"
    )
    return join([label, Safe("<br><small><code>"), shown, Safe("</code></small>")])


def _cells(item: "Contribution", unit: str) -> list[object]:
    errors = [error for error in (item.mean.error, item.sampling_error) if error]
    band = interval(change(item.band["p05"], unit), change(item.band["p95"], unit))
    error = change(max(errors), unit).removeprefix("+") if errors else "–"
    return [change(item.mean.value, unit), error, band, str(len(item.part.paths))]
