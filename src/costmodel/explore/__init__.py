"""Changing parameters and seeing at once what moves: in code, or with widgets in JupyterLab."""

from costmodel.explore.explorer import Explorer
from costmodel.explore.two_sets import Comparison

__all__ = ["Comparison", "Explorer"]
