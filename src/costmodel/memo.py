"""Equations called once for each set of arguments: what does not change is not computed again."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

#: How an equation is called with its arguments: plainly, or through a `Memo`.
Call: TypeAlias = Callable[[Callable[..., Any], Mapping[str, Any]], Any]


def plainly(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    """The function's value."""
    return function(**arguments)


class Memo:
    """Remembers the value of a pure function for the arguments it was called with.

    Arrays count as equal only where they are the same array; numbers and words where they are equal. So results that
    several channels share are computed once, and after a change of one parameter only what depends on it is computed.

    Examples:
        >>> def double(x):
        ...     return 2 * x
        >>> memo, array = Memo(), np.ones(2)
        >>> first = memo(double, {"x": array})
        >>> first.tolist(), memo(double, {"x": array}) is first, Memo(memo)(double, {"x": array}) is first
        ([2.0, 2.0], True, True)
    """

    def __init__(self, below: "Memo | None" = None) -> None:
        """Start with nothing.

        Args:
            below: a memo that is looked into first, and not added to.
        """
        # The arguments are kept with the value: an array's id is its own only as long as the array lives.
        self._own: dict[tuple[Any, ...], tuple[Mapping[str, Any], Any]] = {}
        self.layers: tuple[dict[tuple[Any, ...], tuple[Mapping[str, Any], Any]], ...] = (
            self._own,
            *(below.layers if below else ()),
        )

    def __call__(self, function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        """The function's value for keyword arguments."""
        key = (function, *arguments, *[(id(x),) if isinstance(x, np.ndarray) else x for x in arguments.values()])
        for layer in self.layers:
            found = layer.get(key)
            if found is not None:
                return found[1]
        value = function(**arguments)
        self._own[key] = arguments, value
        return value
