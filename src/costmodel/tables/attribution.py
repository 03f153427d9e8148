"""Table of why one set costs more than another. Nothing is computed here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from costmodel.analysis.attribution import ranked
from costmodel.outcome_words import change, level, outcome_label, unit_words
from costmodel.palette import channel_colors
from costmodel.tables.markup import Html, Safe, dot, join, table
from costmodel.words import html, interval, parameter_label

if TYPE_CHECKING:
    from costmodel.analysis.attribution import Attribution, Contribution

# Paths of parameters that are listed; of more the number is said.
_LISTED = 6


_HEADER = ("Moved from A to B", "Mean", "Standard error", "5th–95th percentile", "Parameters that differ")


def attribution(found: "Attribution") -> Html:
    """What each group of parameters contributes, the largest first, and the means of A and of B."""
    unit = found.outcome.unit
    rows = [
        _end("A", found.before.title, found.a, unit),
        *([_name(found, item), *_cells(item, unit)] for item in ranked(found.groups)),
        [_strong(found.whole.part.label), *_cells(found.whole, unit)],
        _end("B", found.after.title, found.b, unit),
    ]
    title = f"{outcome_label(found.after, found.outcome)}: what makes B differ from A, {unit_words(unit)}{_how(found)}"
    return Html(table(f"attribution-{found.outcome.name.replace('.', '-')}", title, _HEADER, rows, numbers=True))


def members(found: "Attribution") -> Html:
    """How the contribution of the divided group splits among its parameters."""
    unit = found.outcome.unit
    whole = next(item for item in found.groups if item.part.name == found.within)
    rows = [[item.part.label, *_cells(item, unit)] for item in ranked(found.members)]
    rows.append([_strong(whole.part.label), *_cells(whole, unit)])
    of = f"{outcome_label(found.after, found.outcome)}: within {whole.part.label}"
    name = f"attribution-within-{whole.part.name.replace('.', '-')}"
    return Html(table(name, f"{of}, {unit_words(unit)}{_how(found)}", _HEADER, rows, numbers=True))


def _how(found: "Attribution") -> str:
    """What the errors hold, where it is not the draws alone."""
    sampled = found.method != "exact"
    return f"; errors from draws, and from looking at {found.count} orders and not at all" if sampled else ""


def _end(letter: str, title: str, found: Mapping[str, float], unit: str) -> list[object]:
    """The outcome of a set by itself."""
    band = interval(level(found["p05"], unit), level(found["p95"], unit))
    return [_strong(f"{letter}: {title}"), level(found["mean"], unit), "–", band, "–"]


def _strong(words: str) -> Safe:
    return Safe(f"<strong>{html(words)}</strong>")


def _name(found: "Attribution", item: "Contribution") -> Safe:
    """A group with its colour, where it is a channel, and the parameters that differ."""
    colors = {**channel_colors(found.before), **channel_colors(found.after)}
    channel = item.part.name.partition("channels.")[2]
    mark = [dot(colors[channel])] if channel else []
    words = [_short(found, item, path) for path in item.part.paths]
    more = f" and {len(words) - _LISTED} more" if len(words) > _LISTED else ""
    listed = "; ".join(words[:_LISTED]) + more
    return join([*mark, item.part.label, Safe('<br><small class="note">'), listed, Safe("</small>")])


def _short(found: "Attribution", item: "Contribution", path: str) -> str:
    """A parameter's name, and whose it is where the group does not say."""
    case = found.after if path in found.after.parameters else found.before
    name, _, whose = parameter_label(case, path).partition(" · ")
    return name if item.part.name.startswith("channels.") or not whose else f"{name}, {whose}"


def _cells(item: "Contribution", unit: str) -> list[object]:
    band = interval(change(item.band["p05"], unit), change(item.band["p95"], unit))
    error = "–" if item.error is None else change(item.error, unit).removeprefix("+")
    return [change(item.mean.value, unit), error, band, str(len(item.part.paths))]
