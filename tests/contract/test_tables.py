"""What every row of every table must satisfy: a new kind, component, law or parameter is tested the day it is added."""

import inspect
from typing import get_args

import numpy as np
import pytest
from pydantic import BaseModel

from costmodel import evaluate
from costmodel.arrays import HOURS_PER_YEAR
from costmodel.channels import COMPONENTS, KINDS, terms
from costmodel.channels.steps import Choice, computed
from costmodel.costs import Evaluation
from costmodel.distributions import LAWS, SHAPE_WORDS, Distribution, distribution
from costmodel.outcomes import names, outcome
from costmodel.parameters import schema
from costmodel.parameters.describe import rows, specs
from costmodel.parameters.leaf import LEAF_WORDS, Names, Number, Text, YesNo
from costmodel.units import Money, conversion_factor

# -- kinds and components --------------------------------------------------------------------------------------------


def steps_of(kind):
    for item in kind.steps:
        if isinstance(item, Choice):
            for chosen in item.cases.values():
                yield from chosen
        else:
            yield item
    yield from (part.step for part in kind.components if part.step)


def test_kinds_are_those_of_the_schema():
    assert set(KINDS) == set(schema.KINDS) == set(schema.CHANNELS)
    assert all(kind.name == name for name, kind in KINDS.items())


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_components_are_named_once_and_known_to_charts(kind):
    names = [part.name for part in kind.components]
    assert len(set(names)) == len(names)
    assert set(names) <= set(COMPONENTS)
    assert all(part.label and part.label[0].isupper() for part in kind.components)


def test_components_of_charts():
    assert list(COMPONENTS)[-1] == "performance_gap"
    assert len(set(COMPONENTS.values())) == len(COMPONENTS), "two components under one label cannot be told apart"
    used = {part.name for kind in KINDS.values() for part in kind.components}
    assert set(COMPONENTS) == used | {"performance_gap"}
    # Charts stack components in this order: that of each kind is kept.
    order = list(COMPONENTS)
    for kind in KINDS.values():
        places = [order.index(part.name) for part in kind.components]
        shared = [place for place in places if place != order.index("rent")]
        assert kind.name == "rental" or shared == sorted(shared)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_choices_cover_the_words_of_the_schema(kind):
    """Every word that a parameter may have leads to equations."""
    fields = schema.CHANNELS[kind.name].model_fields
    for item in kind.steps:
        if isinstance(item, Choice):
            (spec,) = [spec for spec in specs(fields[item.on]) if isinstance(spec, Text)]
            assert set(item.cases) == set(spec.options)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_steps_find_what_they_need(kind, small):
    """Every input of every equation is a parameter of such a channel, or the result of a step that comes before."""
    channel = next(c for c in small.channels if small.text(f"channels.{c}.kind") == kind.name)
    known = set(terms(small.central, channel)) | set(schema.CHANNELS[kind.name].model_fields)
    for item in kind.steps:
        chosen = list(item.cases.values()) if isinstance(item, Choice) else [(item,)]
        made = []
        for steps in chosen:
            inside = set(known)
            for step in steps:
                assert set((step.inputs or {}).values()) <= inside, step.name
                inside.add(step.name)
            made.append(inside)
        # Only what every branch makes may be used below.
        known = set.intersection(*made)
    for part in kind.components:
        assert part.step is None or set(part.step.inputs.values()) <= known, part.name


#: Parameters of channels that only the market reads, and those that only a path through time does.
MARKET = ("installed", "capacity", "supply_slope", "supply_markup")
PATH = ("capacity_growth",)
#: The same of the blocks of demand and enforcement; `tests/dynamics` shows that each matters there.
PATH_OF_BLOCKS = {"demand.growth", "enforcement.ceiling", "enforcement.response", "enforcement.tolerance"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_parameter_of_a_kind_matters(kind, small):
    """A parameter that no equation reads would be asked for in vain."""
    read = {term for step in steps_of(kind) for term in (step.inputs or {}).values()}
    read |= {item.on for item in kind.steps if isinstance(item, Choice)}
    if kind.name == "rental":  # cost-plus hands all terms over to a purchase
        read |= {term for step in steps_of(KINDS["purchase"]) for term in step.inputs.values()}
    elsewhere = {"label", "kind", "role", "chip", "site", "available", "utilization", "availability", "courier"}
    # What the market alone reads is tried out below.
    assert set(schema.CHANNELS[kind.name].model_fields) - elsewhere - {*MARKET, *PATH} - read == set()
    if kind.name == "rental":
        assert {f"courier_{name}" for name in schema.Courier.model_fields} <= read


def market_outcomes(case):
    """A function of values, which gives all outcomes of the market by name."""
    wanted = [outcome(case, name) for name in names(case) if name.startswith("market.")]

    def at(values):
        found = Evaluation(case, values)
        return {each.name: float(each(found)) for each in wanted}

    return at


def market_parameters(case):
    """Paths of what only the market reads: of channels, of demand, of enforcement."""
    return [
        path
        for path in case.parameters
        if (path.startswith("channels.") and path.rsplit(".", 1)[1] in MARKET)
        or (path.startswith(("demand.", "enforcement.")) and case.parameters[path].spec is not None)
        if path not in PATH_OF_BLOCKS
    ]


@pytest.mark.slow
def test_every_parameter_of_the_market_matters(small):
    """Each of them changes some outcome, of every kind of channel that has it."""
    at, moved = market_outcomes(small), set()
    before = at(small.central)
    for path in market_parameters(small):
        after = at({**small.central, path: 1.1 * small.central[path] + 0.1})
        if any(not np.isclose(after[name], value, rtol=1e-9, equal_nan=True) for name, value in before.items()):
            moved.add(path)
    kinds = {c: small.text(f"channels.{c}.kind") for c in small.channels}
    seen = {(kinds[path.split(".")[1]], path.rsplit(".", 1)[1]) for path in moved if path.startswith("channels.")}
    assert seen == {
        (kind, name) for kind, block in schema.CHANNELS.items() for name in MARKET if name in block.model_fields
    }
    others = {path for path in market_parameters(small) if not path.startswith("channels.")}
    assert {"demand.quantity", "demand.elasticity", "demand.choke_price", "enforcement.budget"} <= others
    assert others - moved == {"demand.choke_price"}
    # The choke price matters where it is reached.
    scarce = {**small.central, "demand.quantity": 10 * small.central["demand.quantity"]}
    higher = scarce | {"demand.choke_price": 1.1 * small.central["demand.choke_price"]}
    assert at(higher)["market.price"] > at(scarce)["market.price"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_equations_are_documented(kind):
    """Name, unit of every argument, and what comes back, in the docstring of each equation."""
    for step in steps_of(kind):
        if step.inputs is None or step.function.__name__.startswith("_"):
            continue
        text = inspect.getdoc(step.function) or ""
        assert "Args:" in text, step.function.__name__
        assert "Returns:" in text, step.function.__name__
        for argument in step.inputs:
            assert argument in text, (step.function.__name__, argument)


def test_names_visible_to_a_channel_never_collide():
    """Chip, site, finance and channel are read by bare names; a dot becomes `_`. No equation reads labels."""
    for kind, model in schema.CHANNELS.items():
        seen: dict[str, str] = {}
        for owner, block in (
            ("finance", schema.Finance),
            ("chip", schema.Chip),
            ("site", schema.Site),
            ("channel", model),
        ):
            for name in bare_names(block):
                if name == "label":
                    continue
                assert name not in seen, f"{kind}: {name} of {owner} and of {seen[name]}"
                seen[name] = owner
        results = {step.name for step in steps_of(KINDS[kind])} - {part.name for part in KINDS[kind].components}
        # A step's result must not replace a parameter that a later step means to read.
        assert not results & set(seen), (kind, results & set(seen))


def bare_names(block, prefix=""):
    for name, info in block.model_fields.items():
        annotation = info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from bare_names(annotation, f"{prefix}{name}_")
        else:
            yield prefix + name


def test_terms_give_the_channel_the_last_word():
    values = {
        "channels.c.chip": "x",
        "channels.c.site": "s",
        "chips.x.power": 1.0,
        "sites.s.pue": 1.2,
        "finance.inflation": 0.0,
    }
    values |= {"chips.y.power": 7.0, "sites.t.pue": 9.0, "channels.d.power": 3.0, "channels.cc.pue": 4.0}
    found = terms(values, "c")
    assert (found["power"], found["pue"]) == (1.0, 1.2)
    # Were a name to stand twice after all, the channel's own would count.
    assert terms(values | {"channels.c.power": 5.0}, "c")["power"] == 5.0


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_stacks_do_not_change_their_terms(kind, small):
    channel = next(c for c in small.channels if small.text(f"channels.{c}.kind") == kind.name)
    given = terms(small.central, channel)
    before = dict(given)
    stack = kind.stack(given)
    assert given == before
    assert list(stack) == [part.name for part in kind.components]
    assert computed(kind.steps, given).keys() > before.keys()


def test_components_are_not_negative(small):
    """At the central values of the small set nothing but a seller's margin and the gap may be below zero."""
    for costs in evaluate(small).workloads.values():
        for channel, item in costs.channels.items():
            for name, part in item.components.items():
                if name not in ("performance_gap", "markup"):
                    assert float(part) >= 0, (channel, name)


def test_hours_of_a_year():
    assert HOURS_PER_YEAR == 365.25 * 24


# -- schema ----------------------------------------------------------------------------------------------------------


def blocks(model=schema.SetFile, seen=None):
    """All blocks of the schema."""
    seen = {} if seen is None else seen
    if model.__name__ in seen:
        return seen
    seen[model.__name__] = model
    for info in model.model_fields.values():
        pending = [info.annotation]
        while pending:
            annotation = pending.pop()
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                blocks(annotation, seen)
            pending += get_args(annotation)
    return seen


def test_blocks_are_found():
    assert {"Purchase", "Rental", "Inventory", "Chip", "Site", "Finance", "Courier", "Run", "Correlation"} <= set(
        blocks()
    )


@pytest.mark.parametrize("block", blocks().values(), ids=blocks())
def test_every_field_has_a_description(block):
    for name, info in block.model_fields.items():
        assert info.description, f"{block.__name__}.{name}"
        assert info.description.endswith("."), f"{block.__name__}.{name}"
    assert block.__doc__
    assert block.model_config["extra"] == "forbid"
    assert block.model_config["frozen"]


def test_every_number_has_a_unit_that_is_one():
    found = 0
    for block in blocks().values():
        for name, info in block.model_fields.items():
            for spec in specs(info):
                if isinstance(spec, Number):
                    found += 1
                    assert spec.unit, name
                    # Written otherwise, so that it is not only compared as text: pint knows it.
                    other = "%" if spec.unit == "1" else f"{spec.unit} * s / s"
                    assert conversion_factor(other, spec.unit, Money(2026)) == pytest.approx(
                        0.01 if other == "%" else 1.0
                    )
                    assert spec.lower < spec.upper
                    assert spec.bounds
                else:
                    assert isinstance(spec, Text | YesNo | Names)
    assert found > 70


def test_defaults_of_the_model():
    """Left out means 0, except for those that docs/parameters.md shows otherwise."""
    ones = {
        "export_fee_pass_through",
        "buyer_loss_share",
        "prepayment_share",
        "server_power_factor",
        "load_factor",
        "occupancy",
    }
    required = {"resale_recovery", "availability", "market_value", "book_value"}
    for model in schema.CHANNELS.values():
        for name, info in model.model_fields.items():
            numbers = [spec for spec in specs(info) if isinstance(spec, Number)]
            if not numbers:
                continue
            if info.is_required():
                assert name in required, name
            elif info.default is not None:
                assert info.default == (1.0 if name in ones else 0.0), name
                assert numbers[0].lower <= info.default <= numbers[0].upper
    assert schema.Purchase.model_fields["pays_import_taxes"].default is False
    assert schema.Purchase.model_fields["markup_basis"].default == "origin"
    assert schema.Inventory.model_fields["valuation"].default == "opportunity"
    assert schema.Rental.model_fields["pricing"].default == "market"
    assert schema.Site.model_fields["pue"].default == 1.0
    assert schema.Reference.model_fields["counterfactual"].default == ["counterfactual"]


def test_control_parameters_have_neutral_values():
    for model in schema.CHANNELS.values():
        for info in model.model_fields.values():
            extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
            if extra.get("control"):
                assert info.default == 0.0


def test_rows_of_the_documentation_cover_the_schema():
    found = list(rows())
    assert len(found) > 60
    paths = [row["path"] for row in found]
    assert any("export_fee" in path for path in paths)
    assert all(row["meaning"] for row in found)


#: Blocks that hold no leaves.
TIMED = ("Timeline", "Event", "Observation")


def test_no_parameter_is_named_like_a_word_of_a_leaf():
    for block in blocks().values():
        if block.__name__ not in ("SetFile", "Correlation", "Decision", "Option", "Lever", "Run", *TIMED):
            assert not set(block.model_fields) & LEAF_WORDS, block.__name__


# -- laws ------------------------------------------------------------------------------------------------------------

#: Numbers that make every law, whatever words it needs.
NUMBERS = {"min": 0.05, "mode": 0.4, "max": 0.9, "mean": 0.4, "sd": 0.1, "p05": 0.2, "p95": 0.6}


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_every_form_of_a_law_makes_it(law):
    assert law.says
    for needed, _ in law.forms:
        assert needed <= SHAPE_WORDS
        assert law.optional <= SHAPE_WORDS
        for extra in (frozenset(), law.optional):
            stated = {word: NUMBERS[word] for word in (needed | extra) if word in NUMBERS}
            if "p50" in needed:
                stated["p50"] = middle(law.name, stated, needed)
            made = distribution(law.name, **stated)
            assert made.law == law.name
            assert isinstance(made, object)
            for member in ("law", "mean", "sd", "ppf", "cdf"):
                assert hasattr(made, member)
            assert np.all(np.diff(made.ppf(np.linspace(0.01, 0.99, 50))) > 0)
            assert hash(made) == hash(distribution(law.name, **stated))
    assert Distribution


def middle(name, stated, needed):
    """A median that agrees with the outer percentiles, where both are stated."""
    if {"p05", "p95"} <= needed:
        ends = {word: value for word, value in stated.items() if word != "p50"}
        if name in ("pert", "triangular"):
            return 0.42
        return float(distribution(name, **ends).ppf(0.5))
    return 0.4
