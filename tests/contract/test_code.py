"""Rules that the code itself must show."""

import ast
import inspect
from pathlib import Path

import pytest

import costmodel
from costmodel import formulas
from costmodel.channels.steps import Choice, Step, computed, step

SOURCE = Path(costmodel.__file__).parent
#: What computes: no economic number may stand here.
COMPUTES = [
    *sorted((SOURCE / "formulas").glob("*.py")), *sorted((SOURCE / "channels").glob("*.py")),
    *sorted((SOURCE / "market").glob("*.py")),
    SOURCE / "costs.py", SOURCE / "arrays.py", SOURCE / "analysis" / "sensitivity.py",
]  # fmt: skip
#: Numbers of mathematics, the calendar and the metric system, and the percentiles that a tornado is drawn between.
PLAIN = {0, 1, 2, -1}
MEANT = {
    "arrays.py": {8766.0},
    "roofline.py": {3600.0, 1e18},
    "sensitivity.py": {0.05, 0.95},
    # Columns of tables of offers and of demand, most steps of Newton's method, last digits of a float, next to 0.
    "clearing.py": {3, 4, 100, 8, 1e-200},
    # Columns of a table of offers with what they yield, rounding.
    "assignment.py": {3, 5, 1e-12},
    # Rounding, points of a curve.
    "merit_order.py": {1e-9, 200},
    "separate.py": {1e-9},
    # Per million.
    "results.py": {1e6},
}


def numbers(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            yield node.value, node.lineno


@pytest.mark.parametrize("file", COMPUTES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_economic_number_in_code(file):
    found = {value: line for value, line in numbers(file) if value not in PLAIN | MEANT.get(file.name, set())}
    assert not found, f"{file.name}: numbers belong into params/, not into code: {found}"


def equations():
    for module in sorted((SOURCE / "formulas").glob("*.py")):
        if module.stem != "__init__":
            loaded = __import__(f"costmodel.formulas.{module.stem}", fromlist=["_"])
            for name, function in vars(loaded).items():
                if inspect.isfunction(function) and function.__module__ == loaded.__name__:
                    yield f"{module.stem}.{name}", function


def test_equations_are_found():
    assert len(list(equations())) > 25
    assert formulas.__doc__


@pytest.mark.parametrize(("name", "function"), list(equations()), ids=[name for name, _ in equations()])
def test_equations_take_keywords_and_say_what_they_do(name, function):
    """Keyword arguments with the parameters' names; units of all; an example that is run."""
    text = inspect.getdoc(function) or ""
    parameters = inspect.signature(function).parameters.values()
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters) or name == "capital.bernoulli"
    for part in ("Args:", "Returns:", "Examples:", ">>> "):
        assert part in text, part
    for parameter in parameters:
        assert parameter.name in text


def test_a_step_with_a_wrong_name_is_refused():
    def equation(*, price):
        return price

    with pytest.raises(TypeError, match="equation has no argument prise"):
        step("x", equation, prise="price")


def test_steps_read_terms_and_earlier_results():
    def double(*, a, b=5.0):
        return 2 * a + b

    steps = (
        step("x", double, b=None),
        step("y", double, a="x", b="c"),
        Choice("word", {"up": (Step("z", sum_of, None),), "down": ()}),
    )
    found = computed(steps, {"a": 1.0, "b": 100.0, "c": 3.0, "word": "up"})
    assert (found["x"], found["y"], found["z"]) == (7.0, 17.0, 24.0)
    assert "z" not in computed(steps, {"a": 1.0, "b": 100.0, "c": 3.0, "word": "down"})


def sum_of(terms, call):
    return terms["x"] + terms["y"]
