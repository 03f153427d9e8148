"""Composing of YAML that stops at a file's limits, before the whole of a hostile file has been read."""

from typing import Any

from ruamel.yaml.composer import Composer

from costmodel.limits import MAX_DEPTH, MAX_NODES


class TooLargeError(Exception):
    """A document has too many values, or nests them too deeply.

    Attributes:
        line: line at which that was seen, counted from 1.
    """

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class BoundedComposer(Composer):
    """ruamel's composer with a count of values and of levels."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader=loader)
        self._count = self._level = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """One value, and what is below it."""
        self._count += 1
        self._level += 1
        # Names are values here too: twice as many, and a level of their own.
        if self._count > 2 * MAX_NODES or self._level > MAX_DEPTH + 2:
            raise TooLargeError(self.parser.peek_event().start_mark.line + 1)
        try:
            return super().compose_node(parent, index)
        finally:
            self._level -= 1
