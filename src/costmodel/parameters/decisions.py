"""Decisions of a set: their options as parameters, and whatever is wrong with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from costmodel.errors import Problem, nearest
from costmodel.parameters import schema
from costmodel.parameters.checks import cross_problems
from costmodel.parameters.describe import specs
from costmodel.parameters.documents import Node
from costmodel.parameters.leaf import Number, _Spec
from costmodel.parameters.model import Decision, Option, Parameter, ParameterSet
from costmodel.units import Money

#: Leaves that decide what a set is made of, or convert its other figures: the same for all options.
_FIXED = frozenset({"kind"})


@dataclass(frozen=True)
class _Reader:
    """What is needed to read the decisions of a set.

    Attributes:
        case: the set, without decisions.
        merged: its document.
        money: worth of currencies.
        own: depth of the set's own document in the chain of `extends`.
    """

    case: ParameterSet
    merged: Node
    money: Money
    own: int

    def decision(self, name: str, stated: schema.Decision) -> tuple[Decision, list[Problem]]:
        """A decision, and what is wrong with it."""
        problems: list[Problem] = []
        options = []
        for key, item in stated.options.items():
            path = ("decisions", name, "options", key)
            option, wrong = self._option(path, key, item)
            problems += [problem for problem, told in wrong if told]
            if not wrong:
                options.append(option)
        node = self.merged.at(("decisions", name))
        problems += self._group_problems(name, stated.groups)
        groups = {
            key: tuple(item.removeprefix("assumptions.") for item in names) for key, names in stated.groups.items()
        }
        source = source_ids(stated.source)
        words = (stated.title, stated.workload, stated.payoff, stated.goal)
        found = Decision(name, *words, tuple(options), groups, stated.assumption, source, node.file, node.line)
        return found, problems

    def _told(self, node: Node) -> bool:
        return told(self.case, node, self.own)

    def _option(
        self, path: tuple[str, ...], name: str, stated: schema.Option
    ) -> tuple[Option, list[tuple[Problem, bool]]]:
        """An option, and what is wrong with it, each with whether it is told."""
        wrong: list[tuple[Problem, bool]] = []
        if stated.channel is not None and stated.channel not in self.case.channels:
            message = f"no channel `{stated.channel}` under channels; {nearest(stated.channel, self.case.channels)}"
            wrong.append(self._problem((*path, "channel"), message))
        changes = {}
        for raw, value in stated.set.items():
            where = raw.removeprefix("assumptions.")
            try:
                changes[where] = self._changed(where, value)
            except ValueError as error:
                wrong.append(self._problem((*path, "set", raw), str(error)))
        if changes and not wrong:
            other = replace(self.case, parameters={**self.case.parameters, **changes})
            clashes = cross_problems(other, self.merged)
            wrong += [self._problem((*path, "set"), f"{clash.path}: {clash.message}") for clash in clashes]
        option = Option(
            name, stated.label, stated.channel, changes, stated.cost, stated.assumption, source_ids(stated.source)
        )
        return option, wrong

    def _problem(self, path: tuple[str, ...], message: str) -> tuple[Problem, bool]:
        node = self.merged.at(path)
        return node.problem(".".join(path), message), self._told(node)

    def _changed(self, path: str, value: Any) -> Parameter:
        """A parameter as an option changes it.

        Raises:
            ValueError: it cannot be.
        """
        item = self.case.parameters.get(path)
        if item is None:
            raise ValueError(f"no parameter `{path}`; {nearest(path, list(self.case.parameters))}")
        spec = leaf_spec(self.case, path)
        if path.rpartition(".")[2] in _FIXED or (isinstance(spec, Number) and spec.certain):
            raise ValueError("cannot differ between options; it is the same for the whole set")
        leaf = spec.parse(value, self.money)
        if leaf.basis != item.leaf.basis:
            raise ValueError(f"must be stated with `basis: {item.leaf.basis}`, as the set states it")
        if leaf.distribution is not None and item.distribution is None:
            raise ValueError("must be a constant here, since the set is certain of it and makes no draws")
        return replace(item, leaf=leaf, stated=True)

    def _group_problems(self, name: str, groups: Mapping[str, list[str]]) -> Iterator[Problem]:
        for group, names in groups.items():
            node = self.merged.at(("decisions", name, "groups", group))
            where = f"decisions.{name}.groups.{group}"
            for index, raw in enumerate(names if self._told(node) else []):
                item = raw.removeprefix("assumptions.")
                if not any(below(item, path) for path in self.case.parameters):
                    message = f"no parameter `{item}`, and none below it; {nearest(item, _prefixes(self.case))}"
                    yield node.problem(f"{where}.{index}", message)
                elif not any(below(item, path) for path in self.case.uncertain):
                    yield node.problem(f"{where}.{index}", f"`{item}` is certain, so that nothing is left to learn")


def decisions(
    case: ParameterSet, model: schema.SetFile, merged: Node, money: Money, own: int
) -> tuple[dict[str, Decision], list[Problem]]:
    """The decisions of a set by name, and all that is wrong with them.

    An option that a set inherits and cannot have (its channel was removed, say) is left out without a word.

    Args:
        case: the set, without decisions.
        model: its validated document.
        merged: its document.
        money: worth of currencies.
        own: depth of the set's own document in the chain of `extends`.
    """
    reader = _Reader(case, merged, money, own)
    found = {name: reader.decision(name, item) for name, item in model.decisions.items()}
    problems = [problem for _, wrong in found.values() for problem in wrong]
    return {name: decision for name, (decision, _) in found.items()}, problems


def told(case: ParameterSet, node: Node, own: int) -> bool:
    """Whether what is wrong here is told: what a set inherits may meet parameters that it changed or left out.

    Args:
        case: the set.
        node: where something is wrong.
        own: depth of the set's own document in the chain of `extends`.
    """
    return node.depth >= own and not case.overrides


def below(prefix: str, path: str) -> bool:
    """Whether a parameter is the one named, or one below it.

    Examples:
        >>> below("finance", "finance.inflation"), below("finance.inf", "finance.inflation")
        (True, False)
    """
    return f"{path}.".startswith(f"{prefix}.")


def _prefixes(case: ParameterSet) -> list[str]:
    """Paths of all parameters and of the blocks that they stand in."""
    paths = [path.split(".") for path in case.parameters]
    return list(dict.fromkeys(".".join(steps[:stop]) for steps in paths for stop in range(1, len(steps) + 1)))


def source_ids(stated: list[str] | str | None) -> tuple[str, ...]:
    """Ids of sources, of which one may be stated alone."""
    return (stated,) if isinstance(stated, str) else tuple(stated or ())


def leaf_spec(case: ParameterSet, path: str) -> _Spec:
    """What the schema says of a leaf that a set has."""
    current: Any = schema.Assumptions
    found: list[_Spec] = []
    steps = path.split(".")
    for index, step in enumerate(steps):
        if get_origin(current) is dict:
            kind = case.text(".".join([*steps[: index + 1], "kind"]))
            current = schema.CHANNELS[kind] if kind in schema.CHANNELS else get_args(current)[1]
        else:
            info = current.model_fields[step]
            found = specs(info)
            models = [
                item for item in get_args(info.annotation) if isinstance(item, type) and issubclass(item, BaseModel)
            ]
            current = models[0] if models and get_origin(info.annotation) is not dict else info.annotation
    return found[0]
