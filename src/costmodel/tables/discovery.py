"""Tables of where a channel is the cheapest. Nothing is computed here."""

from typing import TYPE_CHECKING

from costmodel.tables.markup import Html, table
from costmodel.words import percent

if TYPE_CHECKING:
    from costmodel.analysis.discovery import Discovery, Worth


#: Rows of the table; further boxes are in the results.
_ROWS = 4


def boxes(found: "Discovery") -> Html:
    """The best boxes of assumptions in words, each with its density, coverage and mass on draws that the tree has not
    seen, and the first two on those that it has.
    """
    header = ("Assumptions", "Density", "Coverage", "Mass", "Density, tree’s half", "Coverage, tree’s half")
    rows = [
        [f"{box.rule[:1].upper()}{box.rule[1:]}", *_shares(box.unseen), *_shares(box.seen)[:2]]
        for box in found.boxes[:_ROWS]
    ]
    name = "-".join(filter(None, ("boxes", found.channel, found.against)))
    title = f"Assumptions under which {found.is_so} clearly more often than in all draws"
    return Html(table(name, title, header, rows, numbers=True))


def _shares(worth: "Worth") -> list[str]:
    return ["–" if share is None else percent(share) for share in (worth.density, worth.coverage, worth.mass)]
