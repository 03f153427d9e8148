"""What a grid file may state: sets, parameters with their values, a design, and what is asked of each cell."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from costmodel.errors import ParameterError, Problem
from costmodel.limits import MAX_CELL_DRAWS, MAX_CELLS, MAX_VALUES
from costmodel.locations import shown
from costmodel.parameters.documents import Node, read
from costmodel.parameters.explain import explained
from costmodel.parameters.schema import Block

_FORMS = "give a list of values, such as [6 %, 8 %], or a range, such as {from: 6 %, to: 8 %, points: 5}"


class Axis(Block):
    """Values of one parameter: a list, or a range."""

    values: list[Any] | None = Field(None, min_length=1)
    """The values one by one: anything that a set may state of the parameter."""
    low: Any = Field(None, alias="from")
    """Where the range begins."""
    high: Any = Field(None, alias="to")
    """Where it ends."""
    points: int | None = Field(None, ge=2, le=MAX_VALUES, strict=True)
    """Number of values, both ends among them; a Sobol' design needs none."""
    scale: Literal["linear", "log"] = "linear"
    """Whether steps are equal, or ratios."""

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, raw: Any) -> Any:
        if not isinstance(raw, list | dict):
            raise ValueError(_FORMS)
        return {"values": raw} if isinstance(raw, list) else raw

    @model_validator(mode="after")
    def _one_form(self) -> "Axis":
        if self.values is None and (self.low is None or self.high is None):
            raise ValueError(_FORMS)
        if self.values is not None and self.model_fields_set - {"values"}:
            raise ValueError(f"has both values and a range; {_FORMS}")
        return self


class GridFile(Block):
    """A grid: every cell is a set with some parameters at other values."""

    sets: list[str] = Field(min_length=1)
    """Parameter sets by name or path; each has all cells."""
    design: Literal["grid", "zip", "sobol"] = "grid"
    """Every combination, the first values together and so on, or evenly spread points."""
    points: int | None = Field(None, ge=1, le=MAX_CELLS, strict=True)
    """Number of cells of a Sobol' design."""
    parameters: dict[str, Axis] = Field(min_length=1)
    """Values by parameter path."""
    outcomes: list[str] = Field(["lowest_premium.mix"])
    """What is asked of each cell, by name."""
    cheapest: list[Literal["training", "inference", "mix"]] = Field(default_factory=list)
    """Workloads for which each open channel's probability of being the cheapest is asked."""
    draws: int = Field(4096, ge=1, le=MAX_CELL_DRAWS, strict=True)
    """Draws of each cell, the same in all."""
    seed: int | None = Field(None, ge=0, lt=2**63, strict=True)
    """Seed of the draws, by default each set's own; and of a Sobol' design, by default 0."""

    @model_validator(mode="after")
    def _asks(self) -> "GridFile":
        if not self.outcomes and not self.cheapest:
            raise ValueError("asks for nothing: name outcomes, or workloads under cheapest")
        return self


@dataclass(frozen=True)
class Grid:
    """A grid file that was read.

    Attributes:
        name: name of the file without its ending.
        file: the validated file.
        document: the same with the place of each value.
    """

    name: str
    file: GridFile
    document: Node

    def problem(self, message: str, *steps: str | int) -> Problem:
        """A problem at a place in the file."""
        return self.document.at(steps).problem(".".join(map(str, steps)), message)


def read_grid(path: Path) -> Grid:
    """Read and validate a grid file.

    Args:
        path: the file.

    Raises:
        ParameterError: anything that its schema does not allow, all problems at once, each with its line.
    """
    document = read(path, shown(path))
    if not isinstance(document.value, dict):
        raise ParameterError([document.problem("", "must be a mapping with sets, parameters, outcomes, …")])
    plain = document.plain()
    plain |= {"parameters": _without_prefix(document)} if "parameters" in plain else {}
    try:
        file = GridFile.model_validate(plain)
    except ValidationError as error:
        raise ParameterError(explained(error, document, GridFile)) from None
    grid = Grid(path.stem, file, document)
    problems = _problems(grid)
    if problems:
        raise ParameterError(problems)
    return grid


def _without_prefix(document: Node) -> Any:
    """The parameters, refused where one is stated twice: with `assumptions.` in front, and without."""
    node = document.at(("parameters",))
    stated = node.plain()
    if not isinstance(stated, dict):
        return stated
    for path in stated:
        if path.startswith(_PREFIX):
            message = f"write `{path.removeprefix(_PREFIX)}`, without `assumptions.`"
            raise ParameterError([document.at(("parameters", path)).problem(f"parameters.{path}", message)])
    return stated


_PREFIX = "assumptions."


def _problems(grid: Grid) -> list[Problem]:
    """What fields that are right one by one do to one another."""
    file, found = grid.file, []
    for word in ("sets", "outcomes", "cheapest"):
        names = getattr(file, word)
        found += [
            grid.problem(f"`{name}` is named twice", word, index)
            for index, name in enumerate(names)
            if name in names[:index]
        ]
    if file.design == "sobol" and file.points is None:
        found.append(grid.problem("a Sobol' design needs `points`, its number of cells"))
    if file.design != "sobol" and file.points is not None:
        found.append(grid.problem(f"belongs to `design: sobol`; a {file.design} has as many cells as values", "points"))
    for path, axis in file.parameters.items():
        message = _axis_problem(file, path, axis)
        if message:
            found.append(grid.problem(message, "parameters", path))
    return found or _length_problems(grid)


def _axis_problem(file: GridFile, path: str, axis: Axis) -> str | None:
    """What is wrong with a parameter's values in this design; None for nothing."""
    if path.startswith("run."):
        return "is no parameter; state `draws` and `seed` beside `parameters`"
    if axis.values is None and file.design == "sobol" and axis.points is not None:
        return "has points of its own; a Sobol' design has one number of `points`, beside `parameters`"
    if axis.values is None and file.design != "sobol" and axis.points is None:
        return f"needs `points`, its number of values; {_FORMS}"
    return None


def _length_problems(grid: Grid) -> list[Problem]:
    """Whether values pair off in a zip, and whether there are too many cells."""
    counts = {path: len(axis.values or ()) or axis.points or 0 for path, axis in grid.file.parameters.items()}
    if grid.file.design == "zip" and len(set(counts.values())) > 1:
        told = ", ".join(f"{path} has {count:,}" for path, count in counts.items())
        return [grid.problem(f"a zip needs as many values of each parameter: {told}", "parameters")]
    return []
