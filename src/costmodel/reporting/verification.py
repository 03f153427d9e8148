"""Build reports a second time, somewhere else, and compare: the same inputs must give the same results, to the byte."""

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from costmodel.reporting.folders import reports
from costmodel.reporting.manifest import MANIFEST, Manifest, outputs, sha256
from costmodel.reporting.planning import Planner, Settings, distinct
from costmodel.reporting.run import Listener, build
from costmodel.tables import STAMP

# As it stands in a page, and as the text of a notebook's output.
_STAMPED = re.compile(rf'<p class=\\?"{STAMP}[^>]*>.*?</p>', re.DOTALL)


@dataclass(frozen=True)
class Verified:
    """Whether a report can be made again.

    Attributes:
        name: name of the set.
        status: `identical`; `differs`; `stale`, where its inputs are no longer what it was made from; `failed`, where
            it could not be made again.
        reasons: which files differ, or what else is wrong.
    """

    name: str
    status: Literal["identical", "differs", "stale", "failed"]
    reasons: tuple[str, ...] = ()


def verify(
    output: Path | str = "reports",
    sets: Iterable[str | Path] | None = None,
    *,
    jobs: int | None = None,
    settings: Settings | None = None,
    on_event: Listener | None = None,
) -> list[Verified]:
    """Rebuild reports into a scratch folder and compare every file with what is there.

    Results, draws and tables must be the same bytes. Of notebooks and pages all but the stamped block is compared: the
    paragraph of when and from which revision the report was run, and papermill's times in the notebook's metadata.

    Args:
        output: folder of reports.
        sets: names or files of the sets; None takes every report of the folder.
        jobs: reports to build at the same time; None takes the number of cores.
        settings: limits of time and memory, kind of kernel; the number of draws is each report's own.
        on_event: see `build`.

    Returns:
        One for each set.

    Raises:
        ValueError: two different sets have the same name.
        FileNotFoundError: there is no report in the folder.
    """
    output, settings = Path(output), settings or Settings()
    wanted = distinct(reported(output) if sets is None else sets)
    if not wanted:
        raise FileNotFoundError(f"there is no report in {output}")
    found: dict[str, Verified] = {}
    again: dict[int | None, list[str]] = {}
    for name, item in wanted.items():
        before = Manifest.read(output / name)
        if before is None:
            found[name] = Verified(name, "failed", (f"there is no whole report {name} in {output}",))
            continue
        planned = Planner(output, replace(settings, draws=before.draws_asked)).of(name, item)
        if planned.status == "current":
            again.setdefault(before.draws_asked, []).append(name)
        else:
            found[name] = Verified(name, "failed" if planned.status == "invalid" else "stale", planned.reasons)
    for draws, names in again.items():
        files, own = [wanted[name] for name in names], replace(settings, draws=draws)
        for one in _again(output, files, jobs, own, on_event):
            found[one.name] = one
    return [found[name] for name in wanted if name in found]


def _again(
    output: Path, sets: list[str | Path], jobs: int | None, settings: Settings, on_event: Listener | None
) -> Iterator[Verified]:
    """Build sets into a scratch folder, and compare each with its report."""
    with tempfile.TemporaryDirectory(prefix="costmodel-verify-") as scratch:
        for result in build(sets, scratch, jobs=jobs, settings=settings, on_event=on_event).results:
            if result.status == "failed":
                yield Verified(result.name, "failed", tuple(part for part in (result.cell, result.error) if part))
            else:
                yield compared(output / result.name, Path(scratch) / result.name)


def reported(output: Path) -> list[str]:
    """Names of the reports of a folder.

    Args:
        output: folder of reports.
    """
    return [path.parent.name for path in reports(output, MANIFEST)]


def compared(one: Path, other: Path) -> Verified:
    """Two builds of a report, file by file.

    Args:
        one: the folder of the first.
        other: the folder of the second.

    Returns:
        Whether they are the same, and if not, which files differ.
    """
    first, second = dict(outputs(one)), dict(outputs(other))
    differing = [
        name
        for name in sorted({*first, *second})
        if name not in first or name not in second or not _same(first[name], second[name])
    ]
    return Verified(one.name, "differs" if differing else "identical", tuple(differing))


def _same(one: Path, other: Path) -> bool:
    settled = _SETTLED.get(one.suffix, sha256)
    return settled(one) == settled(other)


def _page(path: Path) -> str:
    return _STAMPED.sub("", path.read_text(encoding="utf-8"))


def _notebook(path: Path) -> str:
    document = json.loads(path.read_text(encoding="utf-8"))
    document["metadata"].pop("papermill", None)
    return _STAMPED.sub("", json.dumps(document))


#: What is compared of a file, by the ending of its name; of all others every byte.
_SETTLED: dict[str, Callable[[Path], str]] = {".html": _page, ".ipynb": _notebook}
