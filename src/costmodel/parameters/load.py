"""From files to a `ParameterSet`: read, extend, override, validate."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from costmodel.errors import ParameterError, Problem, nearest
from costmodel.limits import MAX_CHAIN
from costmodel.locations import in_params, set_file, set_names, shown, strays
from costmodel.parameters import schema
from costmodel.parameters.checks import cross_problems
from costmodel.parameters.correlations import correlation_problems, pairs
from costmodel.parameters.decisions import decisions
from costmodel.parameters.describe import specs
from costmodel.parameters.documents import Node, cover, from_plain, leaves, merge, nested, parse, read
from costmodel.parameters.explain import explained
from costmodel.parameters.leaf import Leaf, Number
from costmodel.parameters.levers import levers
from costmodel.parameters.model import Parameter, ParameterSet
from costmodel.parameters.timeline import changes_of, events_of, observations, timeline
from costmodel.units import Money

#: Top-level keys that belong to a set alone and are not taken from the set that it extends.
_OWN = ("name", "title", "description", "extends")
#: Lists of which a set's own entries are added to those that it inherits.
_JOINED = ("correlations", "timeline.events", "observations")
#: Where a value that was changed for one run stands, in messages.
_OVERRIDE = "override"
# A rate or a price level at or above this is refused when the set is validated.
_LARGEST = 1e300
_YAML = frozenset({".yaml", ".yml"})


def load(name: str | Path, overrides: Mapping[str, Any] | None = None) -> ParameterSet:
    """Read and validate a parameter set.

    Args:
        name: path of a set file, or the name of a set in `params/`.
        overrides: new values by parameter path, for this run alone: anything that a set file may state of a leaf;
            text is read as YAML (`0.05`, `0.6 CNY/kWh`, `{dist: uniform, min: 0, max: 1}`).

    Returns:
        The set, resolved through all sets that it extends.

    Raises:
        ParameterError: anything wrong with it, all problems at once.

    Examples:
        >>> load("baseline", {"finance.discount_rate": "8 %"}).central["finance.discount_rate"]
        0.08
        >>> load("basline")
        Traceback (most recent call last):
        costmodel.errors.ParameterError: input: no parameter set `basline` in params/; did you mean `baseline`?
    """
    path = _file(name, Problem("", ""))
    if strays(path):
        raise ParameterError(
            [Problem("", "is a link that leads out of params/; put the file itself here", shown(path))]
        )
    return _resolve(_chain(read(path, shown(path)), path), overrides or {}, path.stem)


def load_mapping(top: Mapping[str, Any], overrides: Mapping[str, Any] | None = None) -> ParameterSet:
    """Validate a parameter set given as the top-level keys of a set file, as a notebook has them.

    Args:
        top: `name`, `title`, `extends`, `assumptions` and so on; None counts as left out.
        overrides: see `load`.

    Raises:
        ParameterError: anything wrong with it.

    Examples:
        >>> load_mapping({"name": "mine", "extends": "baseline"}).title
        'mine'
    """
    stated = {key: value for key, value in top.items() if value is not None}
    return _resolve(_chain(from_plain(stated), None), overrides or {}, "unnamed")


def _file(name: str | Path, at: Problem) -> Path:
    try:
        path = set_file(name)
    except (OSError, ValueError) as error:  # a name that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        raise ParameterError([Problem(at.path, f"no file `{str(name)[:80]}`: {reason}", at.file, at.line)]) from None
    if path is None:
        text = str(name)
        if Path(text).suffix or len(Path(text).parts) > 1:
            message = f"no file `{text}`"
        else:
            message = f"no parameter set `{text}` in params/; {nearest(text, set_names())}"
        raise ParameterError([Problem(at.path, message, at.file, at.line)])
    return path


def _chain(document: Node, path: Path | None) -> list[tuple[Node, Path | None]]:
    """The document and all that it extends, the root first."""
    chain = [(document, path)]
    seen = [path.resolve()] if path else []
    while True:
        document, path = chain[0]
        if not isinstance(document.value, dict):
            raise ParameterError([document.problem("", "must be a mapping with name, title, extends, assumptions, …")])
        extends = document.value.get("extends")
        if extends is None or extends.value is None:
            return [(_placed(node, depth), file) for depth, (node, file) in enumerate(chain)]
        if len(chain) == MAX_CHAIN:
            raise ParameterError([extends.problem("extends", f"is a chain of more than {MAX_CHAIN} sets")])
        if not isinstance(extends.value, str) or len(extends.value) > 255:
            raise ParameterError([extends.problem("extends", "must be the name or the path of a parameter set")])
        parent = _parent(extends, path)
        if parent.resolve() in seen:
            names = " → ".join([*(file.stem for file in seen), parent.stem])
            raise ParameterError([extends.problem("extends", f"is a cycle: {names}")])
        seen.append(parent.resolve())
        chain.insert(0, (read(parent, shown(parent)), parent))


def _parent(extends: Node, child: Path | None) -> Path:
    """The file that a set extends: beside it if there is one of that name, else in `params/`.

    A file of `params/` may be somebody else's proposal: what it extends is in `params/` too.
    """
    found = _beside(extends, child) or _file(extends.value, extends.problem("extends", ""))
    if found.suffix not in _YAML:
        raise ParameterError([extends.problem("extends", f"`{extends.value}` is no set file: its name ends in .yaml")])
    if strays(found) or (child is not None and in_params(child) and not in_params(found)):
        raise ParameterError([extends.problem("extends", f"`{extends.value}` leads out of params/")])
    return found


def _beside(extends: Node, child: Path | None) -> Path | None:
    if child is None:
        return None
    candidates = (child.parent / f"{extends.value}.yaml", child.parent / str(extends.value))
    return next((path for path in candidates if _is_file(path)), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _placed(node: Node, depth: int) -> Node:
    """The same node, marked with its place in the chain."""
    value = node.value
    if isinstance(value, dict):
        value = {name: _placed(item, depth) for name, item in value.items()}
    elif isinstance(value, list):
        value = [_placed(item, depth) for item in value]
    return Node(value, node.file, node.line, depth)


def _covered(document: Node) -> Node:
    assumptions = document.value.get("assumptions")
    if assumptions is None or not isinstance(assumptions.value, dict):
        return document
    return replace(document, value=document.value | {"assumptions": cover(assumptions)})


def _resolve(chain: list[tuple[Node, Path | None]], overrides: Mapping[str, Any], stem: str) -> ParameterSet:
    documents = [_covered(document) for document, _ in chain]
    merged = documents[0]
    for document in documents[1:]:
        inherited = {key: node for key, node in merged.value.items() if key not in _OWN}
        merged = merge(Node(inherited, merged.file, merged.line), document)
    changes = _overridden(overrides, len(chain))
    for change in changes:
        merged = replace(merge(merged, change), file=merged.file, line=merged.line)
    merged, lists = _completed(merged, stem, documents)
    # Draws of a set are paired with those of the set that it extends: what its events make uncertain comes after.
    mentioned = [each for document in documents for each in (document, *_changes(document))] + changes

    def resolved(document: Node) -> ParameterSet:
        found = _parameter_set(_validated(document), document, mentioned)
        problems = cross_problems(found, document)
        if problems:
            raise ParameterError(problems)
        return found

    model = _validated(merged)
    case = replace(
        _parameter_set(model, merged, mentioned),
        files=tuple(path for _, path in chain if path),
        parent=chain[-2][1] if len(chain) > 1 else None,
        overrides=dict(overrides),
    )
    own = len(chain) - 1
    problems = [*cross_problems(case, merged), *correlation_problems(case, lists["correlations"], own)]
    if problems:
        raise ParameterError(problems)
    choices, problems = decisions(case, model, merged, _money(merged), own)
    movable, wrong = levers(case, model, merged, _money(merged), own)
    if problems or wrong:
        raise ParameterError([*problems, *wrong])
    path = timeline(case, model, merged, _money(merged), resolved)
    published = observations(model, merged)
    return replace(case, decisions=choices, levers=movable, timeline=path, observations=published)


def _changes(document: Node) -> list[Node]:
    return [change for event in events_of(document) for change in changes_of(event)]


def _overridden(overrides: Mapping[str, Any], depth: int) -> list[Node]:
    """The overrides of a run as further documents, one for each: a null must still be there when they merge."""
    documents = []
    for name, value in overrides.items():
        path = str(name).removeprefix("assumptions.")
        try:
            read_as = parse(value).plain() if isinstance(value, str) and value.strip() else value
        except ParameterError as error:
            raise ParameterError([Problem(path, item.message, _OVERRIDE) for item in error.problems]) from None
        node = from_plain(read_as, _OVERRIDE)
        if path.startswith("run."):
            steps = path.split(".")
        else:
            steps = ["assumptions", *path.split(".")]
            reason = from_plain({"assumption": "changed for this run alone"}, _OVERRIDE).value
            node = cover(node, reason) if node.value is not None else node
        documents.append(_placed(nested(steps, node), depth))
    return documents


def _completed(merged: Node, stem: str, documents: list[Node]) -> tuple[Node, dict[str, list[Node]]]:
    """The document with its name and title, which may be left out, and the lists of the whole chain joined.

    Returns:
        The document, and for each of `_JOINED` the lists as the documents of the chain state them.
    """
    stated = {key: node for key, node in merged.value.items() if node.value is not None}
    found = {steps: [_below(document, steps) for document in documents] for steps in _JOINED}
    lists = {steps: [node for node in nodes if node is not None] for steps, nodes in found.items()}
    for steps, nodes in lists.items():
        if nodes and all(isinstance(node.value, list) for node in nodes):
            joined = replace(nodes[-1], value=[item for node in nodes for item in node.value])
            table, *below = steps.split(".")
            joined = nested(below, joined)
            stated[table] = merge(stated.get(table, joined), joined)
    name = stated.get("name", Node(stem, merged.file, merged.line))
    title = replace(name, value=str(name.value))
    return replace(merged, value={"name": name, "title": title} | stated), lists


def _below(document: Node, path: str) -> Node | None:
    """What a document states at a path; None for nothing."""
    node: Node | None = document
    for step in path.split("."):
        node = node.value.get(step) if node is not None and isinstance(node.value, dict) else None
    return None if node is None or node.value is None else node


def _money(merged: Node) -> Money:
    """Worth of currencies, read before anything else is, since everything else is converted with it."""

    def constants(table: str) -> dict[str, float]:
        node = merged
        for name in ("assumptions", "finance", table):
            node = node.value.get(name, Node(None)) if isinstance(node.value, dict) else Node(None)
        found = {name: item.plain() for name, item in node.value.items()} if isinstance(node.value, dict) else {}
        found = {name: item.get("value") if isinstance(item, dict) else item for name, item in found.items()}
        return {
            name: float(item) for name, item in found.items() if isinstance(item, int | float) and 0 < item < _LARGEST
        }

    year = merged.value.get("base_year", Node(None)).value
    index = {int(name): value for name, value in constants("price_index").items() if name.isdigit()}
    return Money(year if isinstance(year, int) else 0, constants("exchange_rates"), index)


def _validated(merged: Node) -> schema.SetFile:
    try:
        return schema.SetFile.model_validate(merged.plain(), context={"money": _money(merged)})
    except ValidationError as error:
        raise ParameterError(explained(error, merged)) from None


def _flat(block: BaseModel, path: tuple[str, ...] = ()) -> Iterator[Parameter]:
    """Every leaf below a block, with what the schema says of it."""
    for name, info in type(block).model_fields.items():
        value = getattr(block, name)
        spec = next((item for item in specs(info) if isinstance(item, Number)), None)
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        for key, item in value.items() if isinstance(value, dict) else [(None, value)]:
            where = (*path, name) if key is None else (*path, name, key)
            if isinstance(item, Leaf):
                symbol, control = str(extra.get("symbol", "")), bool(extra.get("control", False))
                role = str(extra.get("role", ""))
                yield Parameter(".".join(where), item, info.description or "", symbol, control, spec, role=role)
            elif isinstance(item, BaseModel):
                yield from _flat(item, where)


def _parameter_set(model: schema.SetFile, merged: Node, documents: list[Node]) -> ParameterSet:
    assumptions = merged.value["assumptions"]
    stated = dict(leaves(assumptions))
    parameters = {}
    for item in _flat(model.assumptions):
        node = stated.get(tuple(item.path.split(".")))
        place = (node.file, node.line) if node else (None, None)
        parameters[item.path] = replace(item, stated=node is not None, file=place[0], line=place[1])
    return ParameterSet(
        name=model.name,
        title=model.title,
        description=model.description.strip(),
        extends=Path(model.extends).stem if model.extends else None,
        base_year=model.base_year,
        as_of=model.as_of,
        parameters=parameters,
        correlations=pairs(model.correlations),
        draws=model.run.draws,
        seed=model.run.seed,
        streams=_streams(documents),
    )


def _streams(documents: list[Node]) -> tuple[str, ...]:
    """Paths that any document of the chain makes uncertain, in order of first mention."""
    found: dict[str, None] = {}
    for document in documents:
        assumptions = document.value.get("assumptions")
        if assumptions is not None:
            for path, node in leaves(assumptions):
                if isinstance(node.value, dict) and "dist" in node.value:
                    found.setdefault(".".join(path))
    return tuple(found)
