"""Reading, extending and overriding sets; what they become; and that nothing but ParameterError ever comes out."""

import pickle
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costmodel import ParameterError, evaluate, load
from costmodel.errors import Problem, nearest
from costmodel.parameters import load_mapping
from costmodel.parameters.documents import parse


@pytest.fixture
def write(small_sets, tmp_path, monkeypatch):
    """Writes a set file into an empty folder that is the working directory."""
    monkeypatch.chdir(tmp_path)

    def written(text, name="mine"):
        (tmp_path / f"{name}.yaml").write_text(text)
        return f"{name}.yaml"

    return written


# -- reading ---------------------------------------------------------------------------------------------------------


def test_by_name_and_by_path_are_the_same(small_sets):
    assert load("baseline").parameters == load(small_sets / "baseline.yaml").parameters


def test_three_lines_are_a_complete_set(write):
    case = load(write("extends: baseline\nassumptions:\n  finance: {inflation: 0.05}\n"))
    assert case.central["finance.inflation"] == 0.05
    assert (case.name, case.title, case.extends) == ("mine", "mine", "baseline")
    assert [file.stem for file in case.files] == ["baseline", "mine"]
    assert case.draws == load("baseline").draws


def test_an_empty_child_is_its_parent(write):
    parent, child = load("baseline"), load(write("extends: baseline\n"))
    assert child.parameters == parent.parameters
    assert child.correlations == parent.correlations
    assert child.streams == parent.streams


def test_chain_of_three(write):
    write("extends: baseline\nassumptions:\n  finance: {inflation: 0.05, price_decline: 0.3}\n", "first")
    case = load(write("extends: first\nassumptions:\n  finance: {inflation: 0.06}\n", "second"))
    assert (case.central["finance.inflation"], case.central["finance.price_decline"]) == (0.06, 0.3)
    assert [file.stem for file in case.files] == ["baseline", "first", "second"]


def test_a_parent_beside_the_child_comes_before_one_of_params(write):
    write("extends: child\nassumptions:\n  finance: {inflation: 0.07}\n", "certain")
    assert load(write("extends: certain\n", "grandchild")).central["finance.inflation"] == 0.07


def test_leaf_replaces_the_whole_leaf(write):
    """A constant over a distribution: nothing of the distribution stays; blocks merge."""
    case = load(write("extends: baseline\nassumptions:\n  chips: {ref: {price: {value: 24000, note: mine}}}\n"))
    price = case.parameters["chips.ref.price"]
    assert (price.value, price.distribution, price.leaf.source, price.leaf.note) == (24000, None, (), "mine")
    assert case.central["chips.ref.power"] == load("baseline").central["chips.ref.power"]


def test_null_removes_a_leaf_and_a_block(write):
    case = load(
        write("extends: baseline\nassumptions:\n  channels:\n    gray: {penalty: null, label: null}\n    cloud: null\n")
    )
    assert case.central["channels.gray.penalty"] == 0.0
    assert not case.parameters["channels.gray.penalty"].stated
    assert "cloud" not in case.channels
    assert case.label("gray") == "Gray"


def test_a_new_channel_needs_no_code(write):
    text = """extends: baseline
assumptions:
  channels:
    barge:
      assumption: made up
      kind: purchase
      role: gray
      chip: ref
      site: away
      utilization: {training: 0.3, inference: 0.2}
      availability: 0.8
      resale_recovery: 0.4
      price_markup: 1.5
"""
    case = load(write(text))
    costs = evaluate(case).workloads["mix"].channels
    assert list(costs)[-1] == "barge"
    assert float(costs["barge"].total) > float(costs["counterfactual"].total)


def test_provenance_comes_down_from_blocks(write):
    text = """extends: baseline
assumptions:
  finance:
    source: [A, B]
    as_of: "2026-01"
    inflation: 0.02
    price_decline: {value: 0.2, assumption: mine}
    economic_life: {value: 5, source: C, as_of: "2025"}
  chips:
    ref: {power: 0.7}
"""
    leaves = {path: item.leaf for path, item in load(write(text)).parameters.items()}
    assert (leaves["finance.inflation"].source, leaves["finance.inflation"].as_of) == (("A", "B"), "2026-01")
    # What a leaf brings itself is not mixed with what its block brings, but the date holds for both.
    decline = leaves["finance.price_decline"]
    assert (decline.source, decline.assumption, decline.as_of) == ((), "mine", "2026-01")
    assert (leaves["finance.economic_life"].source, leaves["finance.economic_life"].as_of) == (("C",), "2025")
    # A block covers its own file alone: the parent's assumption does not reach this leaf.
    assert (leaves["chips.ref.power"].source, leaves["chips.ref.power"].assumption) == ((), None)


def test_lines_and_files_of_leaves(write):
    case = load(write("extends: baseline\nassumptions:\n  finance:\n    inflation: 0.05\n"))
    assert (case.parameters["finance.inflation"].file, case.parameters["finance.inflation"].line) == ("mine.yaml", 4)
    assert case.parameters["finance.price_decline"].file.endswith("baseline.yaml")
    assert case.parameters["channels.gray.buyer_loss_share"].file is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.05", 0.05),
        ("5 %", 0.05),
        ("'0.05'", 0.05),
        ("0.05 1/year", 0.05),
        ("5 %/year", 0.05),
        ("5e-2", 0.05),
        ("+.05", 0.05),
        ("{value: 5, unit: '%'}", 0.05),
        ("{value: 5 %}", 0.05),
        ("{dist: constant, value: 0.05}", 0.05),
        ("{dist: uniform, min: 4 %, max: 0.06}", 0.05),
        ("{dist: normal, mean: 5, sd: 0.1, unit: '%'}", 0.05),
        ("0x1", 1.0),
    ],
)
def test_ways_to_write_a_number(write, text, value):
    case = load(write(f"extends: baseline\nassumptions:\n  finance: {{inflation: {text}}}\n"))
    assert case.central["finance.inflation"] == pytest.approx(value, rel=1e-12)


def test_money_is_converted_when_read(small):
    price = small.parameters["chips.ref.price"].distribution
    assert float(price.ppf(0.05)) == pytest.approx(20000)
    assert float(price.ppf(0.95)) == pytest.approx(30000 * 1.1)
    assert small.central["sites.away.datacenter_capex"] == pytest.approx(11000)
    assert small.parameters["sites.home.electricity_price"].value == pytest.approx(0.55 / 7.1)


def test_a_child_may_change_the_exchange_rate(write):
    """All figures of the chain are converted at the rates of the set that is asked for."""
    case = load(write("extends: baseline\nassumptions:\n  finance: {exchange_rates: {CNY: 14.2}}\n"))
    before, now = load("baseline"), case
    path = "sites.home.electricity_price"
    assert now.central[path] == pytest.approx(before.central[path] / 2)


def test_text_and_yes_no_may_carry_provenance(write):
    case = load(
        write(
            "extends: baseline\nassumptions:\n  channels: {gray: {available: {value: false, source: [S], note: closed}}}\n"  # noqa: E501
        )
    )
    leaf = case.parameters["channels.gray.available"].leaf
    assert (leaf.value, leaf.source, leaf.note) == (False, ("S",), "closed")


def test_correlations_of_parent_and_child_add_up(write):
    text = "extends: baseline\ncorrelations:\n  - {parameters: [finance.price_decline, finance.economic_life], rank: 0.2, assumption: x}\n"  # noqa: E501
    assert len(load(write(text)).correlations) == len(load("baseline").correlations) + 1
    # A pair that is stated again is stated anew.
    text = "extends: baseline\ncorrelations:\n  - {parameters: [chips.other.price, chips.ref.price], rank: 0.2, assumption: x}\n"  # noqa: E501
    found = {frozenset((p.first, p.second)): p.rank for p in load(write(text)).correlations}
    assert found[frozenset(("chips.ref.price", "chips.other.price"))] == 0.2
    assert len(found) == len(load("baseline").correlations)


def test_an_empty_key_for_correlations_is_none_of_its_own(write):
    assert len(load(write("extends: baseline\ncorrelations:\n")).correlations) == len(load("baseline").correlations)


def test_a_child_may_make_a_correlated_parameter_certain(write):
    case = load(write("extends: baseline\nassumptions:\n  chips: {ref: {price: 25000}}\n"))
    assert "chips.ref.price" not in case.uncertain
    assert np.isfinite(evaluate(case).workloads["mix"].counterfactual)


# -- mappings --------------------------------------------------------------------------------------------------------


def test_a_mapping_is_a_set(small_sets):
    top = {
        "name": "nb",
        "extends": "baseline",
        "title": None,
        "assumptions": {"finance": {"inflation": 0.05}},
        "run": {"draws": 64},
    }
    case = load_mapping(top)
    assert (case.name, case.title, case.central["finance.inflation"], case.draws) == ("nb", "nb", 0.05, 64)


def test_a_mapping_is_as_strict(small_sets):
    with pytest.raises(ParameterError, match=r"^input: finance.infaltion: unknown name; did you mean `inflation`\?$"):
        load_mapping({"extends": "baseline", "assumptions": {"finance": {"infaltion": 0.05}}})
    with pytest.raises(ParameterError, match=r"^input: assumption: unknown name; did you mean `assumptions`\?$"):
        load_mapping({"extends": "baseline", "assumption": {}})
    with pytest.raises(ParameterError, match=r"^input: extends: no parameter set `nowhere` in params/"):
        load_mapping({"extends": "nowhere"})


# -- overrides -------------------------------------------------------------------------------------------------------

GOOD = [
    ({"finance.inflation": 0.05}, "finance.inflation", 0.05),
    ({"finance.inflation": "5 %"}, "finance.inflation", 0.05),
    ({"assumptions.finance.inflation": 0.05}, "finance.inflation", 0.05),
    ({"finance.inflation": np.float64(0.05)}, "finance.inflation", 0.05),
    ({"finance.economic_life": np.int64(6)}, "finance.economic_life", 6),
    ({"finance.inflation": {"dist": "uniform", "min": 0, "max": 0.1}}, "finance.inflation", 0.05),
    ({"finance.inflation": "{dist: uniform, min: 0, max: 0.1}"}, "finance.inflation", 0.05),
    ({"chips.ref.price": "142 kCNY"}, "chips.ref.price", 20000.0),
    ({"channels.gray.available": False}, "channels.gray.available", False),
    ({"channels.gray.available": "false"}, "channels.gray.available", False),
    ({"channels.gray.chip": "other"}, "channels.gray.chip", "other"),
    ({"reference.counterfactual": ["cloud", "gray"]}, "reference.counterfactual", ("cloud", "gray")),
    ({"channels.gray": {"penalty": 7.0}}, "channels.gray.penalty", 7.0),
]


@pytest.mark.parametrize(("changes", "path", "value"), GOOD, ids=[str(row[0]) for row in GOOD])
def test_override(small_sets, changes, path, value):
    case = load("baseline", changes)
    found = case.central[path]
    assert found == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value)
    assert case.parameters[path].assumption == "changed for this run alone"
    assert case.overrides == changes


def test_override_of_the_run(small_sets):
    case = load("baseline", {"run.draws": 64, "run.seed": "5"})
    assert (case.draws, case.seed) == (64, 5)


def test_later_overrides_build_on_earlier_ones(small_sets):
    case = load("baseline", {"channels.gray": {"penalty": 7.0, "porting_cost": 3.0}, "channels.gray.penalty": 8.0})
    assert (case.central["channels.gray.penalty"], case.central["channels.gray.porting_cost"]) == (8.0, 3.0)


def test_overriding_nothing_changes_nothing(small_sets):
    assert load("baseline", {}).parameters == load("baseline").parameters


BAD = [
    ({"finance.infaltion": 1}, "override: finance.infaltion: unknown name; did you mean `inflation`?"),
    ({"finanec.inflation": 1}, "override: finanec: unknown name; did you mean `finance`?"),
    ({"finance.inflation": "low"}, "override: finance.inflation: must be a number, or a number with a unit, not `low`"),
    ({"finance.inflation": ""}, "override: finance.inflation: must be a number, or a number with a unit, not ``"),
    ({"finance.inflation": True}, "override: finance.inflation: must be a number, not true"),
    ({"finance.inflation": [1, 2]}, "override: finance.inflation: must be a number, not list [1, 2]"),
    ({"finance.inflation": float("nan")}, "override: finance.inflation: must be a finite number, not `nan`"),
    ({"finance.inflation": 10**400}, f"override: finance.inflation: must be a finite number, not `1{'0' * 59}…`"),
    ({"finance.inflation": "3 kg"}, "override: finance.inflation: unit `kg` cannot be converted to `1/year`"),
    ({"finance.inflation": "{dist: pert"}, "override: finance.inflation: is not YAML: expected ',' or '}', but got '<stream end>'"),  # noqa: E501
    ({"finance.inflation": "!!python/object:x y"}, "override: finance.inflation: has the tag `tag:yaml.org,2002:python/object:x`; tags are not read"),  # noqa: E501
    ({"finance.price_decline": "{dist: pert, min: 3, mode: 1, max: 2}"}, "override: finance.price_decline: min = 3 must be below max = 2"),  # noqa: E501
    ({"channels.gray.resale_recovery": 1.2}, "override: channels.gray.resale_recovery: 1.2 is out of bounds: must be 0 ≤ x ≤ 1 (a pure number)"),  # noqa: E501
    ({"channels.gray.kind": "purchse"}, "override: channels.gray.kind: `purchse` is no kind of channel; did you mean `purchase`? (purchase, rental, inventory)"),  # noqa: E501
    ({"channels.gray.chip": "none_such"}, "override: channels.gray.chip: no chip `none_such` under chips; known: other, ref"),  # noqa: E501
    ({"channels.stock.age": 7}, "override: channels.stock.age: nothing is left of the economic life: age reaches 7 years, and finance.economic_life may be as short as 4 years"),  # noqa: E501
    ({"run.draws": 0}, "override: run.draws: must be at least 1, not `0`"),
    ({"run.draw": 16}, "override: run.draw: unknown name; did you mean `draws`?"),
    ({"finance": 2}, "override: finance: must be a block with discount_rate, inflation, price_decline, economic_life, datacenter_life, exchange_rates, …, not a single value"),  # noqa: E501
    ({1: 2}, "override: 1: unknown name; known: adaptation, channels, chips, demand, domestic, enforcement, entry, "
             "finance, reference, sites, stocks, workloads"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), BAD, ids=[str(row[0])[:50] for row in BAD])
def test_bad_override(small_sets, changes, message):
    with pytest.raises(ParameterError) as caught:
        load("baseline", changes)
    assert str(caught.value) == message
    assert all(problem.line is None for problem in caught.value.problems)


def test_all_bad_overrides_are_named_at_once(small_sets):
    with pytest.raises(ParameterError) as caught:
        load("baseline", {"finance.inflation": "x", "chips.ref.power": -1, "nothing": 3})
    assert {problem.path for problem in caught.value.problems} == {"finance.inflation", "chips.ref.power", "nothing"}


@pytest.mark.parametrize("name", ["basline", "../x", "nowhere/at/all.yaml", "", "x" * 400, "a\0b", "."])
def test_no_such_set(small_sets, name):
    with pytest.raises(ParameterError) as caught:
        load(name)
    assert len(caught.value.problems) == 1


def test_no_such_set_says_what_is_near(small_sets):
    with pytest.raises(ParameterError, match=r"no parameter set `basline` in params/; did you mean `baseline`\?"):
        load("basline")
    with pytest.raises(ParameterError, match=r"no file `sets/basline.yaml`"):
        load("sets/basline.yaml")


# -- anything at all -------------------------------------------------------------------------------------------------

WORDS = [
    "name",
    "extends",
    "baseline",
    "assumptions",
    "finance",
    "inflation",
    "channels",
    "gray",
    "kind",
    "dist",
    "value",
    "unit",
]
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(WORDS)
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    top=st.dictionaries(
        st.sampled_from(["name", "title", "assumptions", "correlations", "run", "as_of", "base_year", "extends"]),
        anything,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_mapping_loads_or_raises_parameter_error(small_sets, top):
    with suppress(ParameterError):
        load_mapping({"extends": "baseline", **top})


@given(
    value=anything,
    path=st.sampled_from(
        [
            "finance.inflation",
            "finance",
            "channels.gray",
            "channels.gray.kind",
            "run",
            "run.seed",
            "chips.ref.price",
            "channels.new",
        ]
    ),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_override_loads_or_raises_parameter_error(small_sets, path, value):
    with suppress(ParameterError):
        load("baseline", {path: value})


@given(text=st.text(alphabet="[]{}:,-&*!|>'\"%#?\n\t aé1.", max_size=40))
def test_any_text_parses_or_raises_parameter_error(text):
    with suppress(ParameterError):
        parse(text, "x.yaml")


def test_recursion_without_end_is_refused():
    with pytest.raises(ParameterError, match="too deeply nested"):
        parse("[" * 600 + "]" * 600, "x.yaml")


# -- errors ----------------------------------------------------------------------------------------------------------


def test_problems_name_the_place():
    assert str(Problem("a.b", "is wrong", "x.yaml", 3)) == "x.yaml:3: a.b: is wrong"
    assert str(Problem("", "is wrong", "x.yaml")) == "x.yaml: is wrong"
    assert str(Problem("a.b", "is wrong")) == "input: a.b: is wrong"


def test_errors_pass_between_processes(small_sets):
    """Reports are built by worker processes, which send their errors back."""
    with pytest.raises(ParameterError) as caught:
        load("baseline", {"finance.inflation": "x"})
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.problems == caught.value.problems
    assert str(again) == str(caught.value)


def test_nearest():
    assert nearest("infaltion", ["inflation", "discount_rate"]) == "did you mean `inflation`?"
    assert nearest("zzz", ["b", "a"]) == "known: a, b"
    assert nearest("zzz", []) == "known: none"
    assert nearest("zzz", [f"p{i:02}" for i in range(20)]).endswith("p11, … (20 in all)")
