"""Tables of break-evens. Nothing is computed here."""

from typing import TYPE_CHECKING

from costmodel.analysis.thresholds import rounded
from costmodel.tables.markup import Html, channel_cell, details, table
from costmodel.words import NBSP, interval, parameter_label, percent

if TYPE_CHECKING:
    from costmodel.analysis.breakeven import BreakEven
    from costmodel.study import Study


def breakevens(study: "Study") -> Html:
    """The values at which two channels cost the same: one table for each parameter, one row for each pair."""
    found = study.breakevens
    paths = [path for path in study.influential if any(item.path == path for item in found)]
    tables = [_of(study, path, [item for item in found if item.path == path]) for path in paths]
    title = f"All {len(found)} pairs of a parameter and two channels with a threshold in one draw in twenty or more"
    return Html(details(title, *tables))


def _of(study: "Study", path: str, found: list["BreakEven"]) -> str:
    item = study.case.parameters[path]
    header = ("Cheaper below", "Cheaper above", "Threshold", f"5–95{NBSP}%", "None in range")
    title = f"{parameter_label(study.case, path)}: now {rounded(item)}"
    searched = interval(rounded(item, found[0].low), rounded(item, found[0].high))
    rows = [_row(study, each) for each in found]
    return table(f"breakeven-{path}", f"{title}, searched in {searched}", header, rows, numbers=True)


def _row(study: "Study", found: "BreakEven") -> list[object]:
    item = study.case.parameters[found.path]
    return [
        channel_cell(study, found.cheaper_below or found.first),
        channel_cell(study, found.cheaper_above or found.second),
        rounded(item, found.quantile(0.5)),
        interval(*(rounded(item, found.quantile(p)) for p in (0.05, 0.95))),
        percent(1 - found.share.value),
    ]
