"""What the report notebook calls: take over its parameters, show all sections, write the files beside the report."""

import ast
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costmodel.errors import ParameterError, Problem, nearest
from costmodel.locations import params_folder
from costmodel.parameters import ParameterSet, load
from costmodel.parameters.load import load_mapping
from costmodel.parameters.schema import SetFile

if TYPE_CHECKING:
    from costmodel.study import Study

#: Names in the notebook's parameters cell: the top-level keys of a set file.
NAMES = tuple(SetFile.model_fields)
# papermill writes these itself when asked to.
_PAPERMILL = {"PAPERMILL_INPUT_PATH", "PAPERMILL_OUTPUT_PATH"}
# First line of papermill's cell of injected parameters, and of the template's own.
_MARK = "# Parameters"
_YAML_1_1 = (
    "papermill reads YAML 1.1, in which no, off, yes and on without quotes are false and true; put the word in quotes"
)


def begin(namespace: Mapping[str, Any]) -> ParameterSet:
    """The parameter set that the notebook's parameters state.

    Args:
        namespace: the notebook's globals.

    Returns:
        The validated set.

    Raises:
        ParameterError: an unknown name or a bad value.

    Examples:
        >>> begin({"extends": "baseline", "name": "mine"}).title
        'mine'
    """
    cells = _parameter_cells()
    unknown = sorted(set(_assigned(cells) if cells else _own(namespace)) - set(NAMES) - _PAPERMILL)
    if unknown:
        raise ParameterError([Problem(name, f"unknown name; {nearest(name, NAMES)}") for name in unknown])
    stated = {name: namespace.get(name) for name in NAMES}
    if _stands_alone(cells):
        stated["extends"] = None
    _refuse_far(stated["extends"])
    try:
        top = {name: _sensible(value, name) for name, value in stated.items() if value is not None}
        if (
            set(top) <= {"extends", "run"}
            and isinstance(top.get("extends"), str)
            and isinstance(top.get("run", {}), dict)
        ):
            # With nothing of its own the notebook shows the set that it would extend, under that set's name.
            return load(top["extends"], {f"run.{key}": value for key, value in top.get("run", {}).items()})
        return load_mapping(top)
    except ParameterError as error:
        raise ParameterError(map(_hinted, error.problems)) from None


def _refuse_far(extends: Any) -> None:
    """Raise where a notebook's parameters, which may be from a stranger's file, name a file elsewhere."""
    # A build has read the set with its file, which says what may be extended, and names the parent in full.
    if not isinstance(extends, str) or len(Path(extends).parts) < 2 or "COSTMODEL_INPUTS_SHA256" in os.environ:
        return
    if not any(Path(extends).resolve().is_relative_to(folder) for folder in (Path.cwd(), params_folder().resolve())):
        message = f"`{extends[:80]}` is neither in params/ nor below the working directory"
        raise ParameterError([Problem("extends", message)])


def _parameter_cells() -> list[str]:
    """Sources of the cells run so far that state parameters: the template's own first, then papermill's."""
    try:
        from IPython import get_ipython
    except ImportError:
        return []
    shell = get_ipython()
    history = [] if shell is None else list(shell.history_manager.input_hist_raw)
    return [source for source in history if source.lstrip().startswith(_MARK)]


def _assigned(cells: list[str]) -> Iterator[str]:
    """Names that cells assign."""
    for source in cells:
        for statement in ast.parse(source).body:
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def _own(namespace: Mapping[str, Any]) -> Iterator[str]:
    """Names of a namespace that are neither private nor the code's own."""
    yield from (name for name, value in namespace.items() if not name.startswith("_") and not callable(value))


def _stands_alone(cells: list[str]) -> bool:
    """Whether papermill gave a whole set that extends nothing: what a file without `extends` means."""
    given = set(_assigned(cells[1:]))
    return {"name", "assumptions"} <= given and "extends" not in given


def _sensible(value: Any, name: str) -> Any:
    """A value as YAML 1.2 would have read it, as far as that can still be told."""
    if isinstance(value, Mapping):
        for key in value:
            if isinstance(key, bool):
                raise ParameterError([Problem(name, f"has the name `{key}`; {_YAML_1_1}")])
        return {str(key): _sensible(item, f"{name}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_sensible(item, name) for item in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    in_numbers = name.startswith("run.") or name in ("base_year", "correlations", "observations", "timeline.threshold")
    in_numbers |= name.startswith("decisions.") and name.endswith(".cost")
    return _number(value) if in_numbers and isinstance(value, str) else value


def _number(text: str) -> Any:
    """Text such as `1e4`, a number in YAML 1.2, as one; other text as it is."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _hinted(problem: Problem) -> Problem:
    """A problem with the reason that papermill's users cannot see."""
    if "not true" in problem.message or "not false" in problem.message:
        return Problem(problem.path, f"{problem.message} ({_YAML_1_1})", problem.file, problem.line)
    return problem


def show(study: "Study") -> None:
    """Display all sections of the report.

    Args:
        study: the run.
    """
    from IPython.display import display

    from costmodel.sections import SECTIONS, title

    for block in (*title(study), *(block for section in SECTIONS for block in section(study))):
        display(block)  # type: ignore[no-untyped-call]


def save(study: "Study", folder: str | Path | None = None) -> None:
    """Write `results.json`, `inputs.json`, `draws.parquet` and `tables/*.csv`.

    Args:
        study: the run.
        folder: where to; by default what COSTMODEL_OUTPUT names. Without either nothing is written.
    """
    folder = folder or os.environ.get("COSTMODEL_OUTPUT")
    if not folder:
        return
    from costmodel.changes.inputs import inputs_json
    from costmodel.palette import channel_colors
    from costmodel.printing import keep_draws, write_csv
    from costmodel.record import results_json
    from costmodel.rows import TABLES

    folder = Path(folder)
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    documents = {"results": results_json(study, channel_colors(study.case)), "inputs": inputs_json(study.case)}
    for name, document in documents.items():
        text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    keep_draws(study.simulation, folder / "draws.parquet")
    for name, rows in TABLES.items():
        # Of a set without demand there is no market to write about.
        if found := rows(study):
            with (folder / "tables" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                write_csv(found, file)
