"""Changing parameters and seeing at once what moves: in code, or with widgets in JupyterLab."""

from costmodel.explore.explorer import Explorer

__all__ = ["Explorer"]
