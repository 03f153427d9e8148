"""The command about what a change of parameter files changes."""

import sys
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costmodel.cli.common import FAILED, SetNames, app, keep

if TYPE_CHECKING:
    from costmodel.changes import Changes, SetChange
    from costmodel.changes.comparison import FileChange


class DiffFormat(StrEnum):
    """How a comparison is printed."""

    table = "table"
    json = "json"
    markdown = "markdown"
    csv = "csv"


@app.command()
def diff(
    base: Annotated[
        str, typer.Argument(metavar="BASE", help="Git revision, folder of parameter files, or folder of reports.")
    ],
    head: Annotated[str, typer.Argument(metavar="HEAD", help="The same of what is compared with BASE.")],
    sets: SetNames = None,
    draws: Annotated[int | None, typer.Option(min=1, help="Number of draws of each side; 4,096 by default.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of both sides.")] = 0,
    paths: Annotated[bool, typer.Option(help="Tell also where the paths of sets with a timeline lead.")] = True,
    form: Annotated[DiffFormat, typer.Option("--format", help="How it is printed.")] = DiffFormat.table,
    output: Annotated[Path | None, typer.Option(help="Write to FILE instead.", metavar="FILE")] = None,
) -> None:
    """What changes from BASE to HEAD: parameters with their sources, costs, market, ranks, and what fails."""
    from costmodel.changes import compared, side
    from costmodel.changes.comparison import DRAWS, PATH_DRAWS
    from costmodel.changes.figures import Sampling

    wanted = sets or []
    few = min(draws or PATH_DRAWS, PATH_DRAWS) if paths else 0
    with side(base, "BASE", wanted) as before, side(head, "HEAD", wanted) as after:
        found = compared(before, after, Sampling(draws or DRAWS, seed, few), wanted)
    _put(_FORMS[form](found), output)
    for item in found.failed:
        print(f"{item.name} fails: {'; '.join(map(str, item.problems['head']))}", file=sys.stderr)
    if found.failed:
        raise typer.Exit(FAILED)


def _put(text: str, output: Path | None) -> None:
    if output is None:
        print(text, end="")
    else:
        path = output

        def write() -> None:
            path.write_text(text, encoding="utf-8")

        keep(write, path)


def _json(found: "Changes") -> str:
    import json

    from costmodel.changes.document import changes_json

    return json.dumps(changes_json(found), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _csv(found: "Changes") -> str:
    from costmodel.changes.document import change_rows
    from costmodel.printing import write_csv

    into = StringIO()
    write_csv(change_rows(found), into)
    return into.getvalue()


def _markdown(found: "Changes") -> str:
    from costmodel.changes.markdown import changes_markdown

    return changes_markdown(found)


def _table(found: "Changes") -> str:
    """Tables and sentences; on a terminal without colours, so that a file holds the same."""
    from contextlib import redirect_stdout

    into = StringIO()
    with redirect_stdout(into):
        _print(found)
    return into.getvalue()


def _print(found: "Changes") -> None:
    from costmodel import printing
    from costmodel.changes import sentences

    print(sentences.counts(found))
    if sentences.same(found):
        print(sentences.NOTHING)
    for line in _failures(found):
        print(line)
    if found.by_file:
        printing.print_rows([_change(row) for row in found.by_file], "What was changed")
    for name in found.others:
        print(f"other file that changed: {name}")
    moved = [item for item in found.sets if item.moved]
    if moved:
        printing.print_rows(
            [_moved(item) for item in moved], "What moves: medians, US dollars per H100-equivalent hour"
        )
    for line in [f"{item.name}: {words}" for item in found.sets for words in sentences.ranks(item)]:
        print(line)
    for line in sentences.remarks(found):
        print(line)


def _failures(found: "Changes") -> list[str]:
    from costmodel.changes import sentences

    return [
        f"{item.name} fails {sentences.side_words(side)}: {problem}"
        for item in found.sets
        for side, problems in item.problems.items()
        for problem in problems
    ]


def _change(row: "FileChange") -> dict[str, str]:
    from costmodel.changes import sentences
    from costmodel.changes.inputs import both_words

    known = row.change.known
    place = row.file + (f":{known.line}" if known and known.line is not None else "")
    before, after = both_words(row.change)
    return {
        "file": place,
        "parameter": row.change.path,
        "before": before,
        "after": after,
        "source or assumption": " → ".join(dict.fromkeys(sentences.origins(row.change))),
        "sets": str(len(row.sets)),
    }


def _moved(item: "SetChange") -> dict[str, str]:
    from costmodel.changes import sentences

    found = {"its cost": item.lowest("mix")}
    found |= {
        label: item.moves.get(f"market.{name}")
        for name, label in (("price", "market price"), ("premium", "premium"), ("compute_denied", "compute denied"))
    }
    return {
        "set": item.name,
        "cheapest channel": " → ".join(dict.fromkeys(sentences.cheapest(item))),
        **{label: sentences.arrow(move) if move else "–" for label, move in found.items()},
    }


_FORMS = {DiffFormat.json: _json, DiffFormat.csv: _csv, DiffFormat.markdown: _markdown, DiffFormat.table: _table}
