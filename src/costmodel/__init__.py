"""What one unit of useful AI compute costs, through each channel, under export controls.

Examples:
    >>> import costmodel
    >>> case = costmodel.load("baseline")
    >>> result = costmodel.evaluate(case)
    >>> sorted(result.workloads)
    ['inference', 'mix', 'training']
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Public name -> module that holds it. Resolved on first use, so that `import costmodel` stays instant.
_PUBLIC = {
    "load": "costmodel.parameters",
    "ParameterSet": "costmodel.parameters",
    "ParameterError": "costmodel.errors",
    "evaluate": "costmodel.costs",
    "simulate": "costmodel.analysis.uncertainty",
    "sweep": "costmodel.analysis.sweep",
    "tornado": "costmodel.analysis.sensitivity",
}

__all__ = [
    "ParameterError",
    "ParameterSet",
    "__version__",
    "evaluate",
    "load",
    "simulate",
    "sweep",
    "tornado",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'costmodel' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
