"""Break-evens in words."""

from typing import TYPE_CHECKING

from costmodel.parameters.model import Parameter, ParameterSet
from costmodel.words import humanised, interval, owner, percent, shown

if TYPE_CHECKING:
    from costmodel.analysis.breakeven import BreakEven

# Shares of draws below this are not worth a word.
_WORTH_NAMING = 0.005
_DIGITS = 2
_OWNED = ("channels", "chips", "sites")


def named(case: ParameterSet, path: str) -> str:
    """A parameter within a sentence, such as `price markup of Gray market`.

    Examples:
        >>> from costmodel import load
        >>> named(load("baseline"), "finance.discount_rate")
        'discount rate'
        >>> named(load("baseline"), "channels.domestic.utilization.training")
        'utilisation in training of Domestic (Ascend 910C)'
    """
    table, _, rest = path.partition(".")
    steps = rest.split(".")
    own = steps[1:] if table in _OWNED or table == "workloads" else steps
    first = humanised(own[0])
    first = first if first[1:2].isupper() else first[:1].lower() + first[1:]
    words = (" in " if own[0] == "utilization" else ", ").join([first, *(humanised(step).lower() for step in own[1:])])
    whose = owner(case, path)
    if table == "workloads":
        return words if whose and words.startswith(whose) else f"{words} of {whose}"
    return f"{words} of {whose}" if table in _OWNED else f"{words} of the {whose}" if whose else words


def rounded(item: Parameter, value: float | None = None) -> str:
    """A value of a parameter, by default its central one, to the digits that a threshold is worth.

    Examples:
        >>> from costmodel import load
        >>> rounded(load("baseline").parameters["chips.b300.price"], 56382.4)
        '$56,000'
    """
    number = item.value if value is None else value
    return shown(item, float(f"{number:.{_DIGITS}g}"), _DIGITS)


def sentence(found: "BreakEven") -> str:
    """What a break-even says, for readers.

    The channel that is dearer in most draws as they are is the one that is said to become the cheaper one.
    """
    case, item = found.case, found.case.parameters[found.path]
    labels = {-1: case.label(found.first), 1: case.label(found.second)}
    what = named(case, found.path)
    if not found.moves:
        return f"{_upper(what)} does not move the difference between {labels[-1]} and {labels[1]}. {_throughout(found)}"
    reach = interval(rounded(item, found.low), rounded(item, found.high))
    if not found.found.any():
        return (
            f"No {what} in {reach} makes {labels[-1]} and {labels[1]} cost the same in any draw. {_throughout(found)}"
        )
    median = rounded(item, found.quantile(0.5))
    ends = interval(*(rounded(item, found.quantile(p)) for p in (0.05, 0.95)))
    now = rounded(item)
    dearer = 1 if found.ahead.sum() <= 0 else -1
    if not found.direction:
        same = f"{labels[-1]} and {labels[1]} cost the same where {what} is {median}"
        return f"{same} (5–95 %: {ends}; now {now}{_rest(found, dearer)})."
    verb = "exceeds" if found.direction == dearer else "falls below"
    change = f"{labels[dearer]} would cost less than {labels[-dearer]} once {what} {verb} {median}"
    return f"{change} (5–95 %: {ends}; now {now}{_rest(found, dearer)})."


def _rest(found: "BreakEven", dearer: int) -> str:
    """The draws that have no threshold, more than one, or one that works the other way."""
    parts = (
        (found.throughout(dearer * -1).value, "never in {}"),
        (found.throughout(dearer).value, "at any value in {}"),
        (found.throughout(0).value, "no difference at any value in {}"),
        (found.against.value if found.direction else 0.0, "the other way round in {}"),
        (found.several.value, "more than one threshold in {}"),
    )
    said = [words.format(percent(share)) for share, words in parts if share >= _WORTH_NAMING]
    return "".join(f"; {words}" for words in said) + (" of draws" if said else "")


def _throughout(found: "BreakEven") -> str:
    labels = {-1: found.case.label(found.first), 1: found.case.label(found.second)}
    shares = {labels[side]: found.throughout(side).value for side in labels}
    parts = [f"{label} in {percent(share)}" for label, share in shares.items() if share > 0]
    equal = found.throughout(0).value
    parts += [f"neither in {percent(equal)}"] if equal > 0 else []
    return f"The cheaper one: {', '.join(parts)} of draws."


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
