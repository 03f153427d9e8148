"""The real parameter sets, each read once for all tests."""

from functools import cache

from costmodel import evaluate, load


@cache
def case(name):
    """A set of params/."""
    return load(name)


@cache
def central(name):
    """Costs of a set of params/ at its central values."""
    return evaluate(case(name))
