"""Importing this module makes one throw-away report in memory: the first of anything is slow.

Worth its time in the fork server of a build of several reports.
"""

import contextlib
import gc

from costmodel.parameters import load
from costmodel.sections import SECTIONS, title
from costmodel.study import study

# Few are enough: this is about fonts, parsed files and compiled patterns, not about numbers.
_DRAWS = 64

# A baseline that is wrong, or none: each report says so itself, in its place.
with contextlib.suppress(Exception):
    _result = study(load("baseline", {"run.draws": _DRAWS}))
    for _block in (*title(_result), *(block for section in SECTIONS for block in section(_result))):
        repr(_block)
    del _result, _block
gc.freeze()
