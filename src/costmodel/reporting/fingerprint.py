"""What the index page was made from, as one hash that stands in it: with nothing new it is not drawn again."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from costmodel.reporting.folders import reports
from costmodel.reporting.manifest import PAGE, RESULTS, Summary

#: How the hash stands in the page's head.
MARK = '<meta name="costmodel-made-from" content="{}">'
# The head of the page is at its beginning.
_HEAD = 8192


def of(output: Path, summary: Summary | None, code: Mapping[str, str]) -> str:
    """Hash of all that the index shows.

    Args:
        output: folder of reports.
        summary: what became of a build; None if there was none.
        code: hashes of the package's files.
    """
    found = {path.parent.name: _results(path) for path in reports(output, RESULTS)}
    failed = [(one.name, one.cell, one.error) for one in summary.failed] if summary else []
    return hashlib.sha256(json.dumps([found, failed, dict(code)], sort_keys=True).encode()).hexdigest()


def _results(path: Path) -> list[object]:
    """A state of a report that changes whenever its results do."""
    try:
        state = path.stat()
        return [state.st_size, state.st_mtime_ns, *sorted(found.name for found in path.parent.iterdir())]
    except OSError:
        return []


def is_current(output: Path, made_from: str) -> bool:
    """Whether the index page was made from just that.

    Args:
        output: folder of reports.
        made_from: the hash.
    """
    try:
        with (output / PAGE).open(encoding="utf-8") as page:
            return MARK.format(made_from) in page.read(_HEAD)
    except (OSError, ValueError):
        return False
