"""Grid files that cannot be: where, what, and what would be right."""

import pytest

from costmodel.errors import ParameterError
from costmodel.sweeping.planning import planned

START = "sets: [baseline]\nparameters:\n"
ONE = "  finance.price_decline: [0.1, 0.2]\n"
REFUSED = {
    "- 1\n": "1: must be a mapping with sets",
    "": "1: sets: is required",
    "sets: [baseline]\nsets: []\n": "2: duplicate key `sets`",
    "sets: []\nparameters:\n" + ONE: "1: sets: must have 1 or more entries",
    "sets: [baseline, basline]\nparameters:\n"
    + ONE: "1: sets.1: no parameter set `basline` in params/; did you mean `baseline`?",
    "sets: [baseline, baseline]\nparameters:\n" + ONE: "1: sets.1: `baseline` is named twice",
    START + ONE + "desing: zip\n": "4: desing: unknown name; did you mean `design`?",
    START + ONE + "design: cube\n": "4: design: must be `grid`, `zip` or `sobol`, not `cube`",
    START + ONE + "draws: many\n": "4: draws: must be a whole number, not `many`",
    START + ONE + "draws: 300000\n": "4: draws: must be at most 262,144, not `300000`",
    START + ONE + "points: 4\n": "4: points: belongs to `design: sobol`",
    START + ONE + "design: sobol\n": "1: a Sobol' design needs `points`",
    START + ONE + "outcomes: []\n": "asks for nothing",
    START + ONE + "cheapest: [mixed]\n": "4: cheapest.0: must be `training`, `inference` or `mix`, not `mixed`",
    START + ONE + "outcomes: [cost.mix.grey]\n": "4: outcomes.0: no outcome `cost.mix.grey`; did you mean `cost.mix.gr",
    START + "  finance.price_decline: 8 %\n": "3: parameters.finance.price_decline: give a list of values",
    START + "  finance.price_decline: []\n": "3: parameters.finance.price_decline.values: must have 1 or more entries",
    START + "  finance.price_decline: {from: 0.1, to: 0.2, point: 3}\n": "point: unknown name; did you mean `points`?",
    START + "  finance.price_decline: {from: 0.1, to: 0.2}\n": "3: parameters.finance.price_decline: needs `points`",
    START + "  finance.price_decline: {from: 0.1, points: 2}\n": "3: parameters.finance.price_decline: give a list",
    START + "  finance.price_decline: {from: 0.1, to: 0.1, points: 2}\n": "begins where it ends",
    START + "  finance.price_decline: {from: 0, to: 0.1, points: 2, scale: log}\n": "needs ends above 0",
    START + "  finance.price_decline: {from: 1 kg, to: 2, points: 2}\n": "price_decline.from: unit `kg` cannot be conv",
    START + "  finance.price_decline:\n  - 0.1\n  - 1.5\n": "5: parameters.finance.price_decline.1: 1.5 is out of bo",
    START + "  finance.price_decline: [8 %, 0.08]\n": "3: parameters.finance.price_decline: has the same value twice",
    START + "  finance.price_decline: [true]\n": "3: parameters.finance.price_decline.0: must be a number, not true",
    START + "  finance.discont_rate: [0.1]\n": "finance.discont_rate.0: unknown name; did you mean `discount_rate`?",
    START + "  assumptions.finance.inflation: [0.1]\n": "write `finance.inflation`, without `assumptions.`",
    START
    + "  channels.gray.chip: [ref, reff]\n": "3: parameters.channels.gray.chip.1: no chip `reff` under chips; did",
    START + "  channels.gray.available: [true, true]\n": "has the same value twice",
    START + "  channels.gray.chip: {from: 1, to: 2, points: 2}\n": "gray.chip: is no number; a range needs a number",
    START + "  finance.price_decline: [{dist: uniform, min: 0.2, max: 0.1}]\n": "decline.0: min = 0.2 must be below",
    START + "  finance.exchange_rates.CNY: {from: six, to: 8, points: 3}\n": "rates.CNY.from: must be a number",
    START + "  finance.exchange_rates.CNY: {from: 8, to: 8, points: 3}\n": "rates.CNY: begins where it ends",
    START + "  run.seed: [1, 2]\n": "3: parameters.run.seed: is no parameter; state `draws` and `seed`",
    START + "  finance.economic_life: [0.1]\n": "nothing is left of the economic life",
    START + ONE + "  finance.inflation: [0.1]\ndesign: zip\n": "a zip needs as many values of each parameter",
    START
    + "  finance.inflation: {from: 0.1, to: 0.2, points: 40000}\n"
    + "  sites.home.vat: {from: 0.1, to: 0.2, points: 40000}\n": "has 1,600,000,000 cells; at most 1,000,000,000",
    START + "  finance.exchange_rates.CNY: {from: 6, to: 8, points: 1001}\n": "at most 1000 values",
    START + "  finance.exchange_rates.CNY: {from: 6, to: 8, points: 900}\n  channels.gray.available: [true, false]\n": (
        "takes 1,800 sets to be loaded, one for each combination of values of finance.exchange_rates.CNY, channels.gray"
    ),
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: REFUSED[text][:40])
def test_what_cannot_be_is_said(grid, text):
    with pytest.raises(ParameterError) as refused:
        planned(grid(text))
    assert REFUSED[text] in str(refused.value)
    assert "Input should" not in str(refused.value)


def test_a_zip_of_values_that_fit_each_other_only_together(grid):
    """The checks of a box are for its corners alone; no cell of a zip need be one."""
    refused = START + "  finance.economic_life: [1.5, 4]\n  channels.stock.age: [0.1, 2]\n"
    with pytest.raises(ParameterError, match="nothing is left"):
        planned(grid(refused))
    assert planned(grid(refused + "design: zip\n")).cells == 2


def test_many_parameters_are_planned_at_once(grid, small):
    numbers = [item for item in small if item.spec and not item.spec.certain and item.stated and item.value > 0]
    lines = [f"  {item.path}: {{from: {item.value}, to: {0.99 * item.value}}}\n" for item in numbers]
    found = planned(grid(START + "".join(lines) + "design: sobol\npoints: 1000\n"))
    assert len(found.parameters) == len(lines) > 60


def test_the_command_line_says_it_with_exit_code_2(tmp_path, command_line):
    (tmp_path / "bad.yaml").write_text(START + ONE + "desing: zip\n")
    code, out, err = command_line("sweep", tmp_path / "bad.yaml")
    assert (code, out) == (2, "")
    assert "bad.yaml:4: desing: unknown name" in err
    assert command_line("sweep", tmp_path / "none.yaml")[0] == 2
    assert command_line("sweep", tmp_path / "bad.yaml", "--workers", 2, "--scheduler", "tcp://localhost:1")[0] == 2
