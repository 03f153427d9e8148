"""Importing this module warms a process up: all that a report needs is imported, and what is made once is made.

The fork server of a build imports it once; every report, and its kernel, is a fork of that.
"""

import contextlib
import gc
from importlib import import_module

from costmodel.parameters import load
from costmodel.sections import SECTIONS, title
from costmodel.study import study

# Of the kernel, the notebook's cells and the export. None of these may start a thread, or a fork would lack it.
_NEEDED = """ipykernel.kernelapp matplotlib.backends.backend_svg matplotlib_inline.backend_inline papermill nbclient
seaborn sklearn.tree costmodel.figures costmodel.record costmodel.rows costmodel.reporting.html
costmodel.reporting.worker"""
# Few are enough: this is about fonts, parsed files and compiled patterns, not about numbers.
_DRAWS = 64


def _rehearse() -> None:
    """Make one throw-away report in memory: the first of anything is slow."""
    result = study(load("baseline", {"run.draws": _DRAWS}))
    for block in (*title(result), *(block for section in SECTIONS for block in section(result))):
        repr(block)


for _name in _NEEDED.split():
    import_module(_name)
# A baseline that is wrong, or none: each report says so itself, in its place.
with contextlib.suppress(Exception):
    _rehearse()
# What is shared stays shared: the collector does not write into it.
gc.freeze()
