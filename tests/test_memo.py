"""Recording an evaluation and playing it: the same numbers as computing it anew."""

import numpy as np
import pytest

from costmodel import load, sampling, simulate
from costmodel.analysis.named import outcome_draws
from costmodel.analysis.recording import recorded
from costmodel.analysis.uncertainty import _costs
from costmodel.costs import Evaluation
from costmodel.errors import ParameterError
from costmodel.locations import set_names
from costmodel.memo import Memo, Tape
from costmodel.outcomes import names, outcome
from costmodel.sampling import Draws


def fresh(case, block):
    return Evaluation.of(case, {path: item.value for path, item in case.parameters.items()} | block)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set_names()))
def test_played_costs_are_those_computed_anew(name, monkeypatch):
    monkeypatch.setattr(sampling, "BLOCK", 256)
    case = load(name)
    tape, source = recorded(case, _costs), Draws(case, 256 + 100, seed=3)
    # Two blocks of different sizes: what a block leaves behind must not show in the next.
    for start in source.starts():
        block = source.drawn(start)
        for one, other in zip(tape.play(block), _costs(fresh(case, block)), strict=True):
            assert np.array_equal(one, other)


def test_every_outcome_can_be_played(small):
    wanted = [outcome(small, name) for name in names(small)]
    tape = recorded(small, lambda found: [each(found) for each in wanted])
    block = Draws(small, 500, seed=1).drawn(0)
    evaluation = fresh(small, block)
    for each, found in zip(wanted, tape.play(block), strict=True):
        assert np.array_equal(found, each(evaluation)), each.name


def test_playing_leaves_the_inputs_as_they_are(small):
    tape, block = recorded(small, _costs), Draws(small, 500, seed=1).drawn(0)
    before = {path: values.copy() for path, values in block.items()}
    first = [np.array(item) for item in tape.play(block)]
    assert all(np.array_equal(values, block[path]) for path, values in before.items())
    for one, other in zip(first, tape.play(block), strict=True):
        assert np.array_equal(one, other)


def test_what_depends_on_no_draw_is_computed_once(small_sets):
    """Only the price of cloud is uncertain: all other channels cost the same in every draw."""
    base = load("baseline")
    changes = {path: base.central[path] for path in base.uncertain if path != "channels.cloud.rental_price"}
    case = load("baseline", changes)
    found = recorded(case, _costs).play(Draws(case, 64, 0).drawn(0))
    assert {np.ndim(item) for item in found} == {0, 1}
    result = simulate(case, 64)
    assert np.ptp(result.totals["mix"]["gray"]) == 0 < np.ptp(result.totals["mix"]["cloud"])
    assert outcome_draws(case, ["cost.mix.gray"], 64)["cost.mix.gray"].tolist() == result.totals["mix"]["gray"].tolist()


def calls(tape, results, inputs):
    tape.wanted(results)
    return tape.play(inputs)


def test_order_of_arguments_and_shared_results():
    def minus(a, b):
        return a - b

    x, y = np.array([1.0]), np.array([10.0])
    tape = Tape({"x": x, "y": y})
    one, other = tape(minus, {"a": x, "b": y}), tape(minus, {"a": y, "b": x})
    again, mixed = tape(minus, {"a": x, "b": y}), tape(minus, {"b": 1.0, "a": x})
    assert again is one
    new = {"x": np.array([5.0, 6.0]), "y": np.array([1.0, 1.0])}
    found = calls(tape, [one, other, mixed, x, one, 3.5], new)
    assert [np.asarray(item).tolist() for item in found] == [[4, 5], [-4, -5], [4, 5], [5, 6], [4, 5], 3.5]


def test_a_function_that_hands_back_its_argument_is_called_again():
    """So do checks of values: what they let pass at the recording they may refuse in a later block."""
    seen = []

    def checked(x):
        seen.append(len(x))
        if np.any(x < 0):
            raise ValueError("negative")
        return x

    x = np.ones(1)
    tape = Tape({"x": x})
    tape.wanted([tape(checked, {"x": x})])
    assert tape.play({"x": np.ones(3)})[0].tolist() == [1, 1, 1]
    assert seen == [1, 3]
    with pytest.raises(ValueError, match="negative"):
        tape.play({"x": -np.ones(3)})


def test_only_recorded_results_can_be_wanted():
    tape = Tape({"x": np.ones(1)})
    with pytest.raises(KeyError):
        tape.wanted([np.ones(1)])


def test_a_memo_below_is_not_added_to():
    def double(x):
        return 2 * x

    below = Memo()
    array = below(double, {"x": np.ones(2)})
    above = Memo(below)
    above(double, {"x": array})
    assert (len(below._own), len(above._own)) == (1, 1)


def test_a_counterfactual_that_costs_nothing_in_some_draw_of_some_block_is_told(small, monkeypatch):
    """The recording saw a price that falls; in the second block it rises so fast in one draw that chips are a gain."""
    drawn = Draws.drawn

    def odd(source, start):
        found = drawn(source, start)
        if start > 0:
            found["finance.price_decline"][7] = -9.0
        return found

    monkeypatch.setattr(Draws, "drawn", odd)
    assert simulate(small, 8192, keep=False).summaries
    for draws, workers in ((8200, 1), (70_000, 2)):
        with pytest.raises(ParameterError, match="costs nothing or less than nothing on training"):
            simulate(small, draws, workers=workers)
        with pytest.raises(ParameterError, match="costs nothing or less than nothing on training"):
            _ = simulate(small, draws, workers=workers, keep=False).summaries


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_cost_that_is_infinite_in_some_draw_is_told(small, monkeypatch):
    drawn = Draws.drawn

    def odd(source, start):
        found = drawn(source, start)
        if start > 0:
            found["channels.gray.price_markup"][7] = np.inf
        return found

    monkeypatch.setattr(Draws, "drawn", odd)
    with pytest.raises(ParameterError, match=r"channels\.gray: its cost on training is infinite or no number"):
        _ = simulate(small, 8200, keep=False).summaries
