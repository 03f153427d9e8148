"""How a kind of channel is computed: an ordered table of equations whose inputs are named terms.

A step's inputs are found by name among a channel's parameters and the results of earlier steps, so that an equation
states what it needs in its signature and nowhere else.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from costmodel.arrays import Array
from costmodel.memo import Call, plainly

#: Values by name: parameters of a channel, its chip, its site and finance, and results of steps.
Terms: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One equation with the names of the terms that fill its arguments.

    Attributes:
        name: name of the result.
        function: the equation.
        inputs: name of the term for each argument; None hands over all terms, and how equations are called.
    """

    name: str
    function: Callable[..., Any]
    inputs: Mapping[str, str] | None

    def __call__(self, terms: Terms, call: Call = plainly) -> Any:
        if self.inputs is None:
            return self.function(terms, call)
        return call(self.function, {argument: terms[term] for argument, term in self.inputs.items()})


@dataclass(frozen=True)
class Choice:
    """Steps that depend on a word in the parameters, such as `markup_basis`."""

    on: str
    cases: Mapping[str, tuple[Step, ...]]


@dataclass(frozen=True)
class Component:
    """A part of a channel's annual cost.

    Attributes:
        name: public name.
        label: name in tables and charts.
        step: its equation, in USD per accelerator-year; None for a component that this kind does not have (0).
    """

    name: str
    label: str
    step: Step | None = None


@dataclass(frozen=True)
class Transfer:
    """Money that passes from buyers to a government, without anything being used up.

    Attributes:
        name: public name.
        label: name in tables and charts.
        to: which government.
        paid: part of it that buyers bear, in USD per accelerator-year.
        received: what the government gets, in USD per accelerator-year.
    """

    name: str
    label: str
    to: str
    paid: Step
    received: Step


def _as_stated(terms: Terms) -> Terms:
    return terms


@dataclass(frozen=True)
class Kind:
    """A kind of channel.

    Attributes:
        name: word under `kind`.
        label: name in documents.
        steps: equations of what the components share, in order.
        components: parts of the cost, in the order in which they are shown.
        supply: terms of what it takes to bring in a further unit, from those of the channel's cost.
        avoidable: components that are saved when a unit in service stands still.
        sunk: whether its capacity is in service already, so that only avoidable cost counts.
        transfers: money to governments among the components.
    """

    name: str
    label: str
    steps: tuple[Step | Choice, ...]
    components: tuple[Component, ...]
    supply: Callable[[Terms], Terms] = _as_stated
    avoidable: tuple[str, ...] = ()
    sunk: bool = False
    transfers: tuple[Transfer, ...] = ()

    def stack(self, terms: Terms, call: Call = plainly) -> dict[str, Array]:
        """Named components in USD per accelerator-year.

        Args:
            terms: parameters by name; scalars or arrays that broadcast.
            call: how equations are called.
        """
        terms = computed(self.steps, terms, call)
        return {part.name: part.step(terms, call) if part.step else 0.0 for part in self.components}

    def transferred(self, terms: Terms, call: Call = plainly) -> dict[str, tuple[Array, Array]]:
        """Each transfer as paid by buyers and as received, in USD per accelerator-year.

        Args:
            terms: parameters by name; scalars or arrays that broadcast.
            call: how equations are called.
        """
        terms = computed(self.steps, terms, call)
        return {item.name: (item.paid(terms, call), item.received(terms, call)) for item in self.transfers}


def total(**parts: Array) -> Array:
    """Sum of named parts, in their order."""
    found: Array = 0.0
    for part in parts.values():
        found = found + part
    return found


def step(name: str, function: Callable[..., Any], **renamed: str | None) -> Step:
    """A step whose arguments are filled by the terms of the same names, but for those renamed; None leaves one out."""
    arguments = inspect.signature(function).parameters
    unknown = set(renamed) - set(arguments)
    if unknown:
        raise TypeError(f"{function.__name__} has no argument {', '.join(sorted(unknown))}")
    inputs = {argument: renamed.get(argument, argument) for argument in arguments}
    return Step(name, function, {argument: term for argument, term in inputs.items() if term is not None})


def computed(steps: Iterable[Step | Choice], terms: Terms, call: Call = plainly) -> dict[str, Any]:
    """The terms with the results of all steps."""
    known = dict(terms)
    for item in steps:
        chosen = item.cases[known[item.on]] if isinstance(item, Choice) else (item,)
        for each in chosen:
            known[each.name] = each(known, call)
    return known
