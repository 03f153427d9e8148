"""How papermill writes parameters into a notebook of this environment: as data alone.

papermill writes names as they stand, and values of types that it does not know by their text, without escaping it. A
parameter file could so bring code: by a name (`x = 1; import os; y: 2`), or by a value (`!!binary`, which YAML reads as
bytes). papermill finds this module by this package's entry point `papermill.engine`, however it is called.
"""

import keyword
from collections.abc import Mapping
from typing import Any

from papermill.engines import NBClientEngine
from papermill.translators import PythonTranslator, papermill_translators


class DataTranslator(PythonTranslator):  # type: ignore[misc]
    """papermill's translator for Python, with names that are names and text that is escaped."""

    @classmethod
    def codify(cls, parameters: Mapping[str, Any], comment: str = "Parameters") -> str:
        """The cell of injected parameters.

        Args:
            parameters: values by name.
            comment: first line of the cell.

        Raises:
            ValueError: a name that is no name in Python.
        """
        for name in parameters:
            if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
                raise ValueError(f"{str(name)[:80]!a} cannot be the name of a parameter")
        return str(super().codify(parameters, comment))

    @classmethod
    def translate_escaped_str(cls, str_val: object) -> str:
        """Any value's text between quotes."""
        return str(super().translate_escaped_str(str(str_val)))


def register() -> None:
    """Let papermill use it wherever it would use its own for Python."""
    papermill_translators.register("python", DataTranslator)


register()

#: What the entry point names: papermill's own engine, under another name.
Engine = NBClientEngine
