"""The market of a set with training and inference apart: against HiGHS, against one market, and who serves whom."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import linprog

from costmodel import load
from costmodel.analysis.market import market_result
from costmodel.costs import TASKS, Evaluation
from costmodel.market import PooledMarket, SeparateMarket, closing, market
from costmodel.outcomes import names, outcome
from costmodel.sampling import Draws

SET = Path(__file__).parents[1] / "sets" / "baseline.yaml"
DRAWS, HOURS = 64, 8766.0
#: From plenty to a shortage of both, and any mix of the two.
WIDE = {
    "demand.workloads": "separate",
    "demand.quantity": {"dist": "uniform", "min": 10_000, "max": 200_000},
    "demand.elasticity": {"dist": "uniform", "min": 0.0, "max": 1.5},
    "demand.choke_price": {"dist": "uniform", "min": 1.5, "max": 6.0},
    "workloads.training.share": {"dist": "uniform", "min": 0.05, "max": 0.95},
}
ALL = ("price", "premium", "total", "compute_denied", "rents", "surplus_loss", "spending", "extra_cost", "denied_use",
       "transfers", "resource_cost", "average_cost")  # fmt: skip


@cache
def case():
    return load(SET, WIDE)


def central(**changes):
    """The market at central values but for some, by path with two underscores for a dot."""
    return market(Evaluation(case(), case().central | named(changes)))


def named(changes):
    return {path.replace("__", "."): value for path, value in changes.items()}


@cache
def drawn():
    return Draws(case(), DRAWS, 0).drawn(0)


def in_draws(**changes):
    """The market in some draws."""
    fixed = {path: item.value for path, item in case().parameters.items()}
    return market(Evaluation.of(case(), fixed | dict(drawn()) | named(changes)))


def by_draw(value):
    return np.broadcast_to(value, (DRAWS,))


@cache
def cleared():
    """The names of all that a market says."""
    return [outcome(case(), name) for name in names(case()) if name.startswith(("market.", "separate."))]


# -- what is cleared ---------------------------------------------------------------------------------------------------


def least_cost(found, draw):
    """What it takes to meet a demand that never yields, by HiGHS, from the costs and numbers of the set: USD a year."""
    at = found.found
    hours = HOURS * at.values["reference.availability"]
    offers = [offer for offer in found.offers if np.any(by_draw(offer.accelerators)[draw] > 0)]
    yields = np.array([
        [by_draw(at.equivalences(offer.channel, utilized=True)[task])[draw] * by_draw(
            at.values[f"channels.{offer.channel}.availability"])[draw] / at.values["reference.availability"]
         for offer in offers]
        for task in TASKS
    ])  # fmt: skip
    costs = np.array([by_draw(offer.annual_cost)[draw] for offer in offers])
    arriving = np.array([by_draw(offer.accelerators * (1 - offer.loss_probability))[draw] for offer in offers])
    chokes = [by_draw(at.values["demand.choke_price"] * at.counterfactual(task))[draw] * hours for task in TASKS]
    share, quantity = (by_draw(at.values[path])[draw] for path in ("workloads.training.share", "demand.quantity"))
    zeros = np.zeros(len(offers))
    meets = np.array([[*yields[0], *zeros, 1.0, 0.0], [*zeros, *yields[1], 0.0, 1.0]])
    holds = np.hstack([np.eye(len(offers))] * 2 + [np.zeros((len(offers), 2))])
    wanted = [quantity * share, quantity * (1.0 - share)]
    best = linprog([*costs, *costs, *chokes], A_ub=holds, b_ub=arriving, A_eq=meets, b_eq=wanted, method="highs")
    assert best.status == 0
    return best.fun, np.array(wanted), np.array(chokes)


def test_steps_and_demand_that_never_yields_are_a_linear_programme():
    steps = {
        f"channels.{c}.supply_slope": 0.0 for c in case().channels if f"channels.{c}.supply_slope" in case().central
    }
    found = in_draws(demand__elasticity=0.0, **steps)
    used = np.stack([by_draw(found.task_quantity(task)) for task in TASKS])
    short = 0
    for draw in range(DRAWS):
        least, wanted, chokes = least_cost(found, draw)
        missing = wanted - used[:, draw]
        assert np.all(missing >= -1e-9 * wanted)
        assert by_draw(found.supply_cost)[draw] + chokes @ missing == pytest.approx(least, rel=1e-9)
        short += np.any(missing > 1e-6 * wanted)
    assert DRAWS // 10 < short < DRAWS


def test_no_accelerator_trains_while_one_that_trains_better_infers():
    """Better against how it infers."""
    found = in_draws()
    training, inference = (np.asarray(found.task_used(task)) for task in TASKS)
    better = found.table[3] / found.table[4]
    trains, infers = training > 1e-6, inference > 1e-6
    worst = np.where(trains, better, np.inf).min(axis=0)
    best = np.where(infers, better, -np.inf).max(axis=0)
    assert np.all(worst >= best * (1 - 1e-9))
    assert np.any(trains & infers)
    assert np.all(found.accelerators_used <= found.table[1] * (1 + 1e-12))


def test_all_that_is_used_is_worth_its_cost_and_all_that_is_not_costs_more():
    found = in_draws()
    earned = np.maximum(*(np.asarray(found.task_price(t)) * y for t, y in zip(TASKS, found.table[3:], strict=True)))
    costs, capacities, rises = found.table[:3]
    used = np.divide(found.accelerators_used, capacities, out=np.zeros_like(costs), where=capacities > 0)
    last = costs + rises * used
    assert np.all((last <= earned * (1 + 1e-9)) | (used <= 1e-9))
    assert np.all((last >= earned * (1 - 1e-9)) | (used >= 1 - 1e-9) | (capacities == 0))


@pytest.mark.parametrize("quantity", [10_000.0, 40_000.0, 80_000.0, 200_000.0])
def test_two_kinds_of_work_that_are_alike_make_one_market(quantity):
    """All chips then do either equally well for their price, and both prices rise as that of the mix does."""
    alike = {path: case().central[path.replace("inference", "training")] for path in case().central if (
        path.startswith("workloads.inference") or path.endswith("utilization.inference"))}  # fmt: skip
    values = case().central | alike | {"demand.quantity": quantity}
    apart, pooled = (kind(Evaluation(case(), values)) for kind in (SeparateMarket, PooledMarket))
    for task in TASKS:
        assert float(apart.task_premium(task)) == pytest.approx(float(pooled.premium), rel=1e-9)
    for name in (*ALL, "scarce"):
        assert float(getattr(apart, name)) == pytest.approx(float(getattr(pooled, name)), rel=1e-9, abs=1e-9), name
    for channel in case().channels:
        for name in ("quantity", "share", "rent", "quasi_rent", "implied_markup", "shadow_price"):
            one, other = (float(getattr(each, name)(channel)) for each in (apart, pooled))
            assert one == pytest.approx(other, rel=1e-9, abs=1e-6, nan_ok=True), (name, channel)


def test_a_chip_of_much_bandwidth_and_little_arithmetic_infers_first():
    """As the H20: its units train only once it has met all of inference."""
    chip = {"chips.other.bf16_flops": 150e12, "chips.other.memory_bandwidth": 4e12}
    trained = []
    for quantity in (10_000.0, 30_000.0, 60_000.0, 120_000.0):
        found = central(demand__quantity=quantity, **chip)
        rows = [row for row, offer in enumerate(found.offers) if offer.channel in ("stock", "licensed") and offer.sunk]
        training, inference = (np.asarray(found.task_used(task)) for task in TASKS)
        rest = np.delete(inference, rows).sum()
        trained.append(training[rows].sum())
        assert trained[-1] < 1e-6 or rest < 1e-6
        assert inference[rows].sum() > 0
    assert min(trained) < 1e-6


# -- demand ------------------------------------------------------------------------------------------------------------


def test_what_a_task_wants_is_its_share_of_the_mix_unless_it_is_stated():
    share, quantity = (case().central[path] for path in ("workloads.training.share", "demand.quantity"))
    wanted = [central().demand(task)["quantity"] for task in TASKS]
    assert wanted == pytest.approx([share * quantity, (1 - share) * quantity], rel=1e-15)
    for task in TASKS:
        stated = {
            f"demand.{task}.{name}": x
            for name, x in zip(("quantity", "elasticity", "choke_price"), (7e3, 0.7, 2.5), strict=True)
        }
        found = market(Evaluation(load(SET, WIDE | stated), case().central | stated))
        terms, without = found.demand(task), float(found.found.counterfactual(task))
        assert (terms["quantity"], terms["elasticity"]) == (7e3, 0.7)
        assert float(terms["highest_price"]) == pytest.approx(2.5 * without, rel=1e-15)
        other = next(each for each in TASKS if each != task)
        assert found.demand(other) == central().demand(other)
        used, price = float(found.task_quantity(task)), float(found.task_price(task))
        assert price < 2.5 * without
        assert used == pytest.approx(7e3 * (price / without) ** -0.7, rel=1e-9)


@pytest.mark.parametrize("short", TASKS)
def test_one_task_may_go_short_while_the_other_does_not(short):
    """Nobody wants the accelerators of the other at the price that would draw them away."""
    other = next(each for each in TASKS if each != short)
    stated = {f"demand.{short}.quantity": 1e6, f"demand.{short}.choke_price": 1.3, f"demand.{other}.quantity": 1e4,
              f"demand.{other}.choke_price": 50.0}  # fmt: skip
    found = market(Evaluation(load(SET, WIDE | stated), case().central | stated))
    assert (float(found.task_scarce(short)), float(found.task_scarce(other)), float(found.scarce)) == (1.0, 0.0, 1.0)
    assert float(found.task_premium(short)) == pytest.approx(0.3, rel=1e-12)
    assert float(found.task_denied(short)) > 0.8
    terms = {name: float(x) for name, x in found.demand(other).items()}
    price = float(found.task_price(other))
    wanted = terms["quantity"] * (price / terms["counterfactual"]) ** -terms["elasticity"]
    assert float(found.task_quantity(other)) == pytest.approx(wanted, rel=1e-9)


# -- amounts -----------------------------------------------------------------------------------------------------------


def forgone(terms, used, price):
    """Area under demand beyond what is used, from the price without controls to another."""
    quantity, elasticity, without, _ = terms
    area, _ = quad(lambda p: quantity * (p / without) ** -elasticity - used, without, price, epsabs=0, epsrel=1e-11)
    return area


def test_loss_of_surplus_is_rents_extra_cost_and_denied_use():
    """Each by itself: rents and cost along the offers, what is denied by the area under demand."""
    found = in_draws()
    costs, capacities, rises = found.table[:3]
    units = found.accelerators_used
    spread = np.divide(units, capacities, out=np.zeros_like(units), where=capacities > 0)
    hours = HOURS * case().central["reference.availability"]
    supply = (units * (costs + rises * spread / 2)).sum(axis=0) * hours
    used = {task: by_draw(found.task_quantity(task)) for task in TASKS}
    prices = {task: by_draw(found.task_price(task)) for task in TASKS}
    revenue = sum(used[task] * prices[task] for task in TASKS) * hours
    assert found.supply_cost == pytest.approx(supply, rel=1e-9)
    assert found.rents == pytest.approx(revenue - supply, rel=1e-9, abs=1e-9 * revenue.max())
    for draw in range(0, DRAWS, 8):
        denied = 0.0
        for task in TASKS:
            terms = tuple(by_draw(x)[draw] for x in found.demand(task).values())
            denied += forgone(terms, used[task][draw], prices[task][draw]) * hours
        assert by_draw(found.denied_use)[draw] == pytest.approx(denied, rel=1e-8, abs=1e-9 * revenue[draw])
        parts = found.rents + found.extra_cost + denied
        assert by_draw(found.surplus_loss)[draw] == pytest.approx(parts[draw], rel=1e-8, abs=1e-9 * revenue[draw])


def test_closing_a_channel_never_lowers_either_price_nor_the_loss_of_surplus():
    found = in_draws()
    moved = 0
    for channel in case().channels:
        without = closing(found, channel)
        for task in TASKS:
            assert np.all(without.task_price(task) >= found.task_price(task) * (1 - 1e-9))
        rise = without.surplus_loss - found.surplus_loss
        assert np.all(rise >= -1e-9 * np.abs(found.surplus_loss))
        moved += np.any(rise > 1e-6 * np.abs(found.surplus_loss))
    assert moved >= 3


# -- draws -------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_arrays_give_the_numbers_of_scalars():
    together = in_draws()
    fixed = {path: item.value for path, item in case().parameters.items()}
    scale = float(np.max(together.spending))
    for draw in (0, 17, 40):
        alone = Evaluation.of(case(), fixed | {path: float(x[draw]) for path, x in drawn().items()})
        for item in cleared():
            mine = float(by_draw(item(together.found))[draw])
            small = 1e-12 * scale if item.unit == "USD/year" else 1e-9
            assert mine == pytest.approx(float(item(alone)), rel=1e-9, abs=small, nan_ok=True), item.name


@pytest.mark.slow
def test_statistics_by_task_are_those_of_the_set_that_is_cleared_apart():
    """Whether a set is cleared apart or not, what it says of the tasks is the same."""
    apart, pooled = (
        market_result(load(SET, WIDE | {"demand.workloads": word}), draws=128) for word in ("separate", "pooled")
    )
    assert apart.separate.statistics == pooled.separate.statistics
    found = apart.separate.statistics
    assert found["total.training"]["mean"].value + found["total.inference"]["mean"].value == pytest.approx(
        apart.statistics["total"]["mean"].value, rel=1e-9
    )
    assert apart.statistics["price"]["mean"].value != pytest.approx(pooled.statistics["price"]["mean"].value, rel=1e-6)
    assert all(0 < sum(ratios.values()) <= 1 + 1e-9 for ratios in apart.diversion.values())


# -- edges -------------------------------------------------------------------------------------------------------------


def test_closed_channels_leave_what_is_in_service():
    found = central(**{f"channels.{channel}.available": False for channel in case().channels})
    assert float(found.quantity("licensed")) > 0
    assert float(found.quantity("cloud")) == 0.0
    assert found.rent("licensed") == found.quasi_rent("licensed")


def test_small_demand_has_a_negative_premium():
    found = central(demand__quantity=5_000.0)
    assert all(float(found.task_premium(task)) < 0 for task in TASKS)
    assert float(found.surplus_loss) < 0


@pytest.mark.parametrize("elasticity", [0.0, 1.0])
def test_elasticities_at_which_powers_change_their_form(elasticity):
    """Everything is close to its values at an elasticity next to it."""
    found, near = (central(demand__elasticity=x) for x in (elasticity, elasticity + 1e-8))
    for name in ALL:
        assert float(getattr(near, name)) == pytest.approx(float(getattr(found, name)), rel=1e-6), name
