"""Reports: run the notebook for each parameter set, export it, and list all results on one page.

Nothing heavy is imported here: papermill, nbconvert and matplotlib load when a report is built.
"""

from importlib import import_module
from typing import Any

# Public name -> module that holds it, resolved on first use.
_PUBLIC = {
    "build": "costmodel.reporting.run",
    "plan": "costmodel.reporting.run",
    "Event": "costmodel.reporting.run",
    "Planned": "costmodel.reporting.planning",
    "Settings": "costmodel.reporting.planning",
    "verify": "costmodel.reporting.verification",
    "Verified": "costmodel.reporting.verification",
    "BuildBusyError": "costmodel.reporting.folders",
    "SetResult": "costmodel.reporting.manifest",
    "Summary": "costmodel.reporting.manifest",
    "export": "costmodel.reporting.html",
    "NotebookError": "costmodel.reporting.html",
    "write_index": "costmodel.reporting.index",
}

__all__ = [
    "BuildBusyError",
    "Event",
    "NotebookError",
    "Planned",
    "SetResult",
    "Settings",
    "Summary",
    "Verified",
    "build",
    "export",
    "plan",
    "verify",
    "write_index",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'costmodel.reporting' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)
