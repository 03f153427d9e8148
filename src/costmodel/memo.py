"""Equations called once for each set of arguments: what does not change is not computed again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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


class Tape(Memo):
    """The calls of one evaluation, to be played again with other arrays.

    What depends on no input is computed once, at the recording. A result is forgotten after its last use, so that its
    memory, which is still in the processor's cache, serves the next one.

    Examples:
        >>> def double(x):
        ...     return 2 * x
        >>> first = np.ones(2)
        >>> tape = Tape({"a": first})
        >>> tape.wanted([tape(double, {"x": tape(double, {"x": first})})])
        >>> [row.tolist() for row in tape.play({"a": np.array([1.0, 5.0])})]
        [[4.0, 20.0]]
    """

    def __init__(self, inputs: Mapping[str, Any]) -> None:
        """Begin to record.

        Args:
            inputs: arrays from which the calls start, by name.
        """
        super().__init__()
        self._slots = {id(array): slot for slot, array in enumerate(inputs.values())}
        self._alive = list(inputs.values())
        self._inputs = tuple(inputs)
        # Arrays that depend on no input.
        self._constants: dict[int, Any] = {}
        self._calls: list[_Call] = []
        self._results: list[tuple[int | None, Any]] = []

    def __call__(self, function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        """The function's value for keyword arguments; the call is recorded if it depends on the inputs."""
        known = len(self._own)
        value = super().__call__(function, arguments)
        if len(self._own) > known:
            self._record(function, arguments, value)
        return value

    def _record(self, function: Callable[..., Any], arguments: Mapping[str, Any], value: Any) -> None:
        arrays = tuple(
            (name, self._slots[id(x)])
            for name, x in arguments.items()
            if isinstance(x, np.ndarray) and id(x) not in self._constants
        )
        if not arrays:
            if isinstance(value, np.ndarray):
                self._constants[id(value)] = value
            return
        # A function that only looks at an array hands it back: there is nothing new to keep.
        into = None if id(value) in self._slots else len(self._alive)
        if into is not None:
            self._slots[id(value)] = into
            self._alive.append(value)
        self._calls.append(_Call(function, dict(arguments), arrays, into))

    def wanted(self, results: Sequence[Any]) -> None:
        """End the recording.

        Args:
            results: what `play` is to give: results of calls, inputs, or what does not depend on them.

        Raises:
            KeyError: an array that was not made by a recorded call.
        """
        self._results = [(None, x) if self._constant(x) else (self._slots[id(x)], None) for x in results]
        kept = {slot for slot, _ in self._results if slot is not None}
        needed: list[_Call] = []
        seen: set[int] = set()
        # From the last call to the first: one that nobody needs is dropped, and what no later one needs may go.
        for call in reversed(self._calls):
            if call.into is None or call.into in seen or call.into in kept:
                used = {slot for _, slot in call.arrays}
                call.last = tuple(used - seen - kept)
                call.arguments |= dict.fromkeys((name for name, _ in call.arrays), None)
                seen |= used
                needed.append(call)
        self._calls = needed[::-1]
        self._own.clear()
        self._slots, self._constants, self._size, self._alive = {}, {}, len(self._alive), []

    def _constant(self, value: Any) -> bool:
        """Whether a result depends on no input; an array that no recorded call made is none to rely on."""
        return not isinstance(value, np.ndarray) or id(value) in self._constants

    def play(self, inputs: Mapping[str, Any]) -> list[Any]:
        """The wanted results for other inputs.

        Args:
            inputs: arrays by the names that the recording had.
        """
        slots = self._played(inputs, forgetting=True)
        return [constant if slot is None else slots[slot] for slot, constant in self._results]

    def held(self, inputs: Mapping[str, Any]) -> "Held":
        """The calls played with every value kept, so that after a change only what depends on it is called again.

        Args:
            inputs: arrays by the names that the recording had.
        """
        slots = self._played(inputs, forgetting=False)
        return Held(slots, {name: place for place, name in enumerate(self._inputs)}, self._calls, self._results)

    def _played(self, inputs: Mapping[str, Any], *, forgetting: bool) -> list[Any]:
        """Values of all slots, or of those alone that are still needed in the end."""
        slots: list[Any] = [inputs[name] for name in self._inputs] + [None] * (self._size - len(self._inputs))
        for call in self._calls:
            value = call.function(**call.filled(slots))
            if call.into is not None:
                slots[call.into] = value
            if forgetting:
                for slot in call.last:
                    slots[slot] = None
        return slots


class Held:
    """A played tape, all of whose values are at hand.

    Examples:
        >>> def double(x):
        ...     return 2 * x
        >>> first = np.ones(2)
        >>> tape = Tape({"a": first, "b": first + 1})
        >>> tape.wanted([tape(double, {"x": first})])
        >>> held = tape.held({"a": np.array([1.0, 5.0]), "b": np.zeros(2)})
        >>> held.changed({"a": np.ones(2)})[0].tolist(), held.changed({"b": np.ones(2)})[0] is held.changed({})[0]
        ([2.0, 2.0], True)
    """

    def __init__(
        self,
        slots: list[Any],
        places: Mapping[str, int],
        calls: Sequence["_Call"],
        results: Sequence[tuple[int | None, Any]],
    ) -> None:
        """Take over what a tape has played."""
        self._slots, self._places, self._results = slots, places, results
        self._calls = [(call, frozenset(slot for _, slot in call.arrays)) for call in calls]

    def changed(self, inputs: Mapping[str, Any]) -> list[Any]:
        """The wanted results with some inputs changed; one that depends on none of them is the very same object.

        Args:
            inputs: changed arrays by name.
        """
        slots = self._slots.copy()
        moved = {self._places[name] for name in inputs}
        for name, array in inputs.items():
            slots[self._places[name]] = array
        for call, sources in self._calls:
            if not moved.isdisjoint(sources):
                value = call.function(**call.filled(slots))
                if call.into is not None:
                    slots[call.into] = value
                    moved.add(call.into)
        return [constant if slot is None else slots[slot] for slot, constant in self._results]


@dataclass(slots=True)
class _Call:
    """A recorded call.

    Attributes:
        function: what is called.
        arguments: its arguments by name, in order.
        arrays: names of those that depend on the inputs, with the slots they come from.
        into: slot of the value; None where the value is one of the arguments.
        last: slots that no later call needs.
    """

    function: Callable[..., Any]
    arguments: dict[str, Any]
    arrays: tuple[tuple[str, int], ...]
    into: int | None
    last: tuple[int, ...] = ()

    def filled(self, slots: Sequence[Any]) -> dict[str, Any]:
        """The arguments with the values of their slots."""
        arguments = self.arguments.copy()
        for name, slot in self.arrays:
            arguments[name] = slots[slot]
        return arguments
