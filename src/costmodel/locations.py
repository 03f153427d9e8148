"""Where parameter sets, evidence and notebooks are found, from any working directory."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
# The folder of parameter sets and the folder that shown paths are relative to, while sets of elsewhere are looked at.
_ELSEWHERE: ContextVar[tuple[Path, Path] | None] = ContextVar("elsewhere", default=None)


@contextmanager
def elsewhere(params: Path, root: Path) -> Iterator[None]:
    """Take parameter sets from another folder for a while, those that they extend and the evidence too.

    Args:
        params: the folder of parameter sets.
        root: folder that paths in messages are relative to.
    """
    token = _ELSEWHERE.set((params.resolve(), root.resolve()))
    try:
        yield
    finally:
        _ELSEWHERE.reset(token)


def _folder(name: str, landmark: str) -> Path:
    """The folder `name`: named by the environment, around the working directory, in the checkout, or shipped."""
    named = os.environ.get(f"COSTMODEL_{name.upper()}")
    if named:
        return Path(named).resolve()
    here = Path.cwd()
    around = [folder / name for folder in (here, *here.parents)]
    for folder in (*around, _PACKAGE.parents[1] / name, _PACKAGE / "shipped" / name):
        if (folder / landmark).is_file():
            return folder
    raise FileNotFoundError(
        f"no folder `{name}` with {landmark} at or above {here}; set COSTMODEL_{name.upper()} to name one"
    )


def params_folder() -> Path:
    """The folder of parameter sets (`params/`); the environment's COSTMODEL_PARAMS names another."""
    taken = _ELSEWHERE.get()
    return taken[0] if taken else _folder("params", "baseline.yaml")


def notebooks_folder() -> Path:
    """The folder of notebooks (`notebooks/`); the environment's COSTMODEL_NOTEBOOKS names another."""
    return _folder("notebooks", "report.ipynb")


def evidence_folder() -> Path:
    """The folder of sources and published figures that parameter sets cite."""
    return params_folder() / "evidence"


def set_file(name: str | Path) -> Path | None:
    """The file of a parameter set named by its path, or by its name when it is in `params/`; None if there is none."""
    path = Path(name)
    if path.suffix in {".yaml", ".yml"} or len(path.parts) > 1:
        return path if path.is_file() else None
    inside = params_folder() / f"{name}.yaml"
    return inside if inside.is_file() else None


def in_params(path: Path) -> bool:
    """Whether a path stands in `params/`, wherever it may lead if it is a link."""
    return (path.parent.resolve() / path.name).is_relative_to(params_folder().resolve())


def strays(path: Path) -> bool:
    """Whether a path stands in `params/` and is a link that leads out of it."""
    return in_params(path) and not path.resolve().is_relative_to(params_folder().resolve())


def set_names() -> list[str]:
    """Names of all parameter sets in `params/`, `baseline` first."""
    names = sorted(path.stem for path in params_folder().glob("*.yaml"))
    return sorted(names, key=lambda name: name != "baseline")


def shown(path: Path) -> str:
    """A path as a user would write it: relative to the working directory where it lies below it."""
    taken = _ELSEWHERE.get()
    try:
        # A link is shown by its own name, not by where it leads.
        return str((path.parent.resolve() / path.name).relative_to(taken[1] if taken else Path.cwd()))
    except ValueError:
        return str(path)
