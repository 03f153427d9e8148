"""Importing this module imports all that a report needs: the fork server does it once, and every report is its fork."""

import gc
from importlib import import_module

# Of the kernel, the notebook's cells and the export. None of these may start a thread, or a fork would lack it; nor be
# `matplotlib_inline.backend_inline`, which ties figures to the kernel in which it is first imported.
_NEEDED = """ipykernel.kernelapp matplotlib.backends.backend_svg papermill nbclient seaborn sklearn.tree
costmodel.figures costmodel.record costmodel.rows costmodel.sections costmodel.reporting.html
costmodel.reporting.worker"""

for _name in _NEEDED.split():
    import_module(_name)
# What is shared stays shared: the collector does not write into it.
gc.freeze()
