"""A comparison as plain data, at full precision: what `costmodel diff --format json` and `--format csv` print."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import costmodel
from costmodel.changes.comparison import Changes, FileChange, SetChange
from costmodel.changes.figures import Move
from costmodel.changes.inputs import input_json
from costmodel.changes.sides import Side
from costmodel.costs import WORKLOADS
from costmodel.reporting.results import Interval

_WHEN = ("before", "after")


def changes_json(found: Changes) -> dict[str, Any]:
    """A comparison, with the keys of `costmodel diff --format json`."""
    return {
        "base": _side(found.base),
        "head": _side(found.head),
        "version": costmodel.__version__,
        "code_files": list(found.code),
        "other_files": list(found.others),
        "draws": found.sampling.draws,
        "seed": found.sampling.seed,
        "path_draws": found.sampling.path_draws,
        "failed": [item.name for item in found.failed],
        "changes": [_file_change(row) for row in found.by_file],
        "sets": {item.name: _set(item) for item in found.sets},
    }


def _side(side: Side) -> dict[str, Any]:
    return {"name": side.word, "kind": side.kind, "commit": side.commit}


def _file_change(row: FileChange) -> dict[str, Any]:
    change = row.change
    return {
        "file": row.file or None,
        "line": change.known.line if change.known else None,
        "path": change.path,
        "label": change.label,
        "kind": change.kind,
        "before": input_json(change.before),
        "after": input_json(change.after),
        "sets": list(row.sets),
    }


def _set(item: SetChange) -> dict[str, Any]:
    told: dict[str, Any] = {
        "title": item.title,
        "status": item.status,
        "problems": {side: [each.plain() for each in found] for side, found in item.problems.items()},
        "changes": None if item.changes is None else [change.path for change in item.changes],
        "remark": item.remark or None,
        "results": None,
    }
    return told | {"results": _results(item)} if item.moves else told


def _results(item: SetChange) -> dict[str, Any]:
    sides = dict(zip(_WHEN, item.figures, strict=True))
    return {
        "moved": item.moved,
        "draws": {side: figures and figures.number for side, figures in sides.items()},
        "opened": list(item.opened),
        "closed": list(item.closed),
        "workloads": {workload: _workload(item, workload) for workload in WORKLOADS},
        "market": _group(item, "market"),
        "path": _path(item),
    }


def _workload(item: SetChange, workload: str) -> dict[str, Any]:
    before, after = item.order(workload)
    return {
        "counterfactual": _move(item.moves[f"counterfactual.{workload}"]),
        "channels": {channel: _channel(item, workload, channel) for channel in item.channels},
        "cheapest": dict(zip(_WHEN, item.cheapest(workload), strict=True)),
        "order": {"before": list(before), "after": list(after)},
        "flips": [[flip.now_first, flip.now_second] for flip in item.flips(workload)],
    }


def _channel(item: SetChange, workload: str, channel: str) -> dict[str, Any]:
    sides = dict(zip(_WHEN, item.figures, strict=True))
    known = {side: figures.channels.get(channel) if figures else None for side, figures in sides.items()}
    chances = {side: figures.chances.get((workload, channel)) if figures else None for side, figures in sides.items()}
    return {
        "label": item.label(channel),
        "available": {side: found.open if found else None for side, found in known.items()},
        "cost": _move(item.moves[f"cost.{workload}.{channel}"]),
        "premium": _move(item.moves[f"premium.{workload}.{channel}"]),
        "probability_cheapest": chances,
    }


def _group(item: SetChange, kind: str) -> dict[str, Any] | None:
    found = {n.partition(".")[2]: _move(move) for n, move in item.moves.items() if n.startswith(f"{kind}.")}
    return found or None


def _path(item: SetChange) -> dict[str, Any] | None:
    found = _group(item, "path")
    if found is None:
        return None
    sides = dict(zip(_WHEN, item.figures, strict=True))
    return {
        "draws": {side: figures.path_number if figures else None for side, figures in sides.items()},
        "end": {side: figures.end if figures else None for side, figures in sides.items()},
        **found,
    }


def _move(move: Move) -> dict[str, Any]:
    return {
        "unit": move.unit,
        "before": _band(move.before),
        "after": _band(move.after),
        "change": move.change,
        "paired": move.paired and asdict(move.paired),
    }


def _band(band: Interval | None) -> dict[str, float] | None:
    return None if band is None else {"p05": band.p05, "p50": band.p50, "p95": band.p95}


def change_rows(found: Changes) -> list[dict[str, Any]]:
    """One row for each result of each set that was computed, on both sides."""
    return [
        {
            "set": item.name,
            "status": item.status,
            "result": name,
            "unit": move.unit,
            **_columns("before", _band(move.before)),
            **_columns("after", _band(move.after)),
            "change": move.change,
            **{f"paired_{end}": getattr(move.paired, end, None) for end in ("mean", "p05", "p50", "p95")},
        }
        for item in found.sets
        for name, move in item.moves.items()
    ]


def _columns(side: str, band: Mapping[str, float] | None) -> dict[str, float | None]:
    return {f"{side}_{end}": band[end] if band else None for end in ("p05", "p50", "p95")}
