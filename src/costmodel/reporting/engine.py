"""papermill's engine with a faster end, kernels that cannot take each other's ports, and the name of a dying cell."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from papermill.engines import NBClientEngine, papermill_engines
from traitlets.config import Config

#: Called as a cell begins, with its number and how many there are.
CellListener = Callable[[int, int], None]


class DeadCellError(Exception):
    """A cell during which the kernel died or the time was up.

    Attributes:
        source: the cell's code.
        cause: what was raised.
    """

    def __init__(self, source: str, cause: Exception) -> None:
        super().__init__(str(cause))
        self.source, self.cause = source, cause


class ReportEngine(NBClientEngine):  # type: ignore[misc]
    """Runs a report's notebook."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, scratch: str = "", on_cell: CellListener | None = None, **options: Any
    ) -> Any:
        """Run all cells.

        Args:
            nb_man: papermill's view of the notebook.
            kernel_name: the kernel.
            scratch: folder for the kernel's sockets.
            on_cell: told of each cell that begins.
            **options: papermill's and nbclient's options.

        Raises:
            DeadCellError: the kernel died, or a cell took too long.
        """
        options.pop("autosave_cell_every", None)
        count = len(nb_man.nb.cells)

        def begins(cell: Any, cell_index: int) -> None:
            del cell
            if on_cell is not None:
                on_cell(cell_index + 1, count)

        try:
            return super().execute_managed_notebook(
                nb_man,
                kernel_name,
                shutdown_kernel="immediate",
                config=_sockets(Path(scratch)),
                on_cell_start=begins,
                **options,
            )
        except Exception as error:
            begun = [
                cell.source
                for cell in nb_man.nb.cells
                if cell.metadata.get("papermill", {}).get("status") != nb_man.PENDING
            ]
            if not begun:
                raise
            raise DeadCellError(begun[-1], error) from error


def _sockets(scratch: Path) -> Config:
    """Kernels over sockets in a private folder: free TCP ports, found first and bound later, are a race."""
    connection = scratch / "kernel.json"
    # The longest path of a socket is about 100 bytes on all systems that have them.
    if os.name != "posix" or len(str(connection)) > 80:
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "connection_file": str(connection)}})


def register(name: str) -> None:
    """Make the engine known to papermill.

    Args:
        name: by which it is called.
    """
    papermill_engines.register(name, ReportEngine)
