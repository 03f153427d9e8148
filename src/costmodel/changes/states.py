"""A set as one side of a comparison has it, whether it was read from its file or from its report."""

from collections.abc import Mapping
from dataclasses import dataclass

from costmodel.changes.figures import Figures
from costmodel.changes.inputs import Input
from costmodel.errors import Problem
from costmodel.parameters import ParameterSet


@dataclass(frozen=True)
class SetState:
    """A set on one side.

    Attributes:
        name: name of its file or report.
        title: title for readers; its name where that is not known.
        problems: why it cannot be used; nothing else is known then.
        inputs_sha256: hash of all that results follow from.
        inputs: all of that, by path; None where a report does not say.
        case: the set, where it was read from its file.
        reported: results of its report, where it was read from that.
        files: names of the files that it was read from in the folder, the root's first.
    """

    name: str
    title: str
    problems: tuple[Problem, ...] = ()
    inputs_sha256: str | None = None
    inputs: Mapping[str, Input] | None = None
    case: ParameterSet | None = None
    reported: Figures | None = None
    files: tuple[str, ...] = ()
