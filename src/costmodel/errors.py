"""What is said when an input is wrong: where, what, and what would be right."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

#: Characters that no text needs and that hide or change what a reader sees: control characters (of a terminal, say),
#: separators of lines, what turns the direction of writing around, halves of characters, and tags.
HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
    r"|[\U000e0000-\U000e007f]"
)
#: What the text of a cell begins with that spreadsheets take for a formula; East Asian ones read wide signs too.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What is longer says no more; a file may put a megabyte into one name.
_LONGEST_PATH, _LONGEST_MESSAGE = 200, 1500


def visible(text: str) -> str:
    r"""Text on one line, in which what would be hidden is shown as its code.

    Args:
        text: any text, such as a name from a file that somebody else wrote.

    Examples:
        >>> print(visible("a\x1b[2Jb"))
        a<U+001B>[2Jb
    """
    return HIDDEN.sub(_code, text.replace("\n", " ").replace("\t", " "))


def _code(found: re.Match[str]) -> str:
    return f"<U+{ord(found[0]):04X}>"


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input.

    Attributes:
        path: dotted parameter path, without the leading `assumptions.`; empty where the whole file is meant.
        message: what is wrong and what would be right.
        file: file as the user named it; None for input that has no file (a command line, a notebook).
        line: line in the file, counted from 1.
    """

    path: str
    message: str
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = self.file or "input"
        if self.line is not None:
            place += f":{self.line}"
        path, message = _shortened(self.path, _LONGEST_PATH), _shortened(self.message, _LONGEST_MESSAGE)
        return visible(": ".join(part for part in (place, path, message) if part))

    def plain(self) -> dict[str, str | int | None]:
        """As plain data, with the keys that every command's JSON has."""
        return {"file": self.file, "line": self.line, "path": self.path, "message": self.message}


class ParameterError(ValueError):
    """A parameter set that cannot be used; lists every problem found.

    Examples:
        >>> print(ParameterError([Problem("finance.inflation", "must be a number", "x.yaml", 3)]))
        x.yaml:3: finance.inflation: must be a number
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message alone."""
        return [f"ParameterError: {self}"]

    # Several constructor arguments or none: worker processes send exceptions by pickle.
    def __reduce__(self) -> tuple[type["ParameterError"], tuple[tuple[Problem, ...]]]:
        return (type(self), (self.problems,))


def nearest(name: str, known: Sequence[str]) -> str:
    """The sentence that helps with a mistyped name: the nearest valid one, or all if there are few.

    Examples:
        >>> nearest("infaltion", ["inflation", "discount_rate"])
        'did you mean `inflation`?'
        >>> nearest("x", ["inflation", "discount_rate"])
        'known: discount_rate, inflation'
    """
    # To look for what is near a very long name takes long, and finds nothing.
    close = get_close_matches(name, known, n=1, cutoff=0.6) if len(name) <= _LONGEST_PATH else []
    if close:
        return f"did you mean `{close[0]}`?"
    shown = sorted(known)
    more = f", … ({len(shown)} in all)" if len(shown) > 12 else ""
    return "known: " + (", ".join(shown[:12]) + more if shown else "none")
