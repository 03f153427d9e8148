"""Attribution: shares add up, turn with the sets, are nothing where nothing matters, and equal what can be known."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from costmodel import ParameterError, load, outcomes
from costmodel.analysis import division, shapley
from costmodel.analysis.attribution import DEFAULT_OUTCOME, attribute, attribution_json
from costmodel.analysis.division import Game
from costmodel.analysis.mixture import Pairing
from costmodel.analysis.named import outcome_draws
from costmodel.outcomes import names, outcome
from costmodel.parameters.load import load_mapping

DRAWS = 128


def extended(name="other", *, channels=None, **assumptions):
    """A set that extends the small one; what would always be the cheapest is closed, and a channel of None removed."""
    assumptions["channels"] = {"stock_book": {"available": False}} | (channels or {})
    return load_mapping({"name": name, "title": name, "extends": "baseline", "assumptions": {
        "assumption": "made up", **assumptions}})  # fmt: skip


@pytest.fixture
def base(small_sets):
    """Set A of most tests."""
    return extended("base")


def many():
    """A set that differs in groups of every kind."""
    return extended(
        finance={"discount_rate": 0.12, "economic_life": 6},
        chips={"other": {"price": 12000}},
        sites={"home": {"electricity_price": 0.2}},
        workloads={"training": {"share": 0.3}},
        reference={"availability": 0.9},
        channels={"gray": {"price_markup": 0.1}, "cloud": {"rental_price": 1.2}, "licensed": {"lead_time": 2}},
    )


def shares(found):
    return {item.part.name: item.draws for item in found.groups}


# -- games whose answer is known --


def game(count, seed=0, draws=3):
    """A game of random worths."""
    worths = np.random.default_rng(seed).normal(size=(2**count, draws))
    return lambda coalition: worths[coalition]


def by_all_orders(worth, players, allowed=lambda _: True):
    """Shapley's value by its definition; only orders that are allowed count."""
    orders = [order for order in permutations(players) if allowed(order)]
    found = dict.fromkeys(players, 0.0)
    for order in orders:
        before = 0
        for player in order:
            found[player] = found[player] + (worth(before | player) - worth(before)) / len(orders)
            before |= player
    return [found[player] for player in players]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_shares_are_those_of_all_orders(count):
    players = [1 << at for at in range(count)]
    found = shapley.exact(game(count), players)
    assert np.allclose(found, by_all_orders(game(count), players), rtol=0, atol=1e-12)
    assert np.allclose(sum(found), game(count)(2**count - 1) - game(count)(0), rtol=0, atol=1e-12)


def test_an_additive_game_gives_each_its_own():
    found = shapley.exact(lambda s: np.array([3.0 * (s & 1) + 5.0 * (s >> 1 & 1)]), [1, 2])
    assert [part.tolist() for part in found] == [[3.0], [5.0]]


def test_a_product_of_two_is_shared_by_the_closed_form():
    x, y = np.array([1.5, 0.4]), np.array([2.0, 3.0])
    found = shapley.exact(lambda s: (x if s & 1 else 1.0) * (y if s & 2 else 1.0), [1, 2])
    assert np.allclose(found, [(x - 1) * (1 + y) / 2, (y - 1) * (1 + x) / 2], rtol=1e-14)


def test_those_who_do_the_same_get_the_same():
    found = shapley.exact(lambda s: np.array([float((s & 3).bit_count()) ** 2 * (1 + (s >> 2))]), [1, 2, 4])
    assert found[0] == pytest.approx(found[1], rel=1e-14)
    assert found[0] != pytest.approx(found[2])


def test_members_of_a_group_follow_one_another():
    members, others = [1, 2, 4], [8, 16]

    def together(order):
        places = [order.index(player) for player in members]
        return max(places) - min(places) == 2

    found = shapley.within(game(5), members, others)
    expected = by_all_orders(game(5), [*members, *others], together)[:3]
    assert np.allclose(found, expected, rtol=0, atol=1e-12)
    whole = shapley.exact(game(5), [7, 8, 16])[0]
    assert np.allclose(sum(found), whole, rtol=0, atol=1e-12)


def test_sampled_orders_come_with_their_reverse_and_keep_members_together():
    groups = [[1], [2, 4, 8], [16]]
    orders = shapley.sampled(groups, seed=3, most=64)
    assert len(orders.pairs) >= 100
    for order in orders.pairs:
        places = [order.index(bit) for bit in groups[1]]
        assert sorted(order) == [1, 2, 4, 8, 16]
        assert max(places) - min(places) == 2
    assert orders == shapley.sampled(groups, seed=3, most=64)
    assert orders != shapley.sampled(groups, seed=4, most=64)
    assert {0, 31} <= orders.coalitions


def test_sampled_orders_find_the_shares_within_their_error():
    players = [1 << at for at in range(7)]
    worth = game(7, draws=1)
    exact = np.array(shapley.exact(worth, players))[:, 0]
    missed = []
    for seed in range(8):
        pairs = shapley.sampled([[player] for player in players], seed).shares(worth, players)[:, :, 0]
        assert np.allclose(pairs.sum(axis=1), worth(127) - worth(0))
        error = pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs))
        missed.append((pairs.mean(axis=0) - exact) / error)
    assert np.abs(missed).max() < 4
    assert 0.6 < np.std(missed) < 1.4


# -- two sets --


@pytest.mark.slow
@pytest.mark.parametrize("name", [DEFAULT_OUTCOME, "cost.training.licensed", "premium.mix.gray", "counterfactual.mix"])
def test_shares_add_up_in_every_draw_and_turn_with_the_sets(base, name):
    found, turned = (attribute(*pair, name, draws=DRAWS) for pair in ((base, many()), (many(), base)))
    assert found.method == "exact"
    assert len(found.groups) == 8
    assert found.count == 256
    assert np.allclose(sum(shares(found).values()), found.last - found.first, rtol=0, atol=1e-12)
    assert np.array_equal(found.first, turned.last)
    for group, draws in shares(found).items():
        assert np.array_equal(draws, -shares(turned)[group])
    assert np.ptp(shares(found)["finance"]) > 0


def test_ends_are_what_simulation_gives(base):
    found = attribute(base, many(), draws=DRAWS)
    for case, draws in ((base, found.first), (many(), found.last)):
        assert np.array_equal(draws, outcome_draws(case, [DEFAULT_OUTCOME], DRAWS)[DEFAULT_OUTCOME])


def test_blocks_of_draws_change_nothing(base, monkeypatch):
    after = extended(finance={"discount_rate": 0.12, "economic_life": 6}, channels={"gray": {"price_markup": 0.1}})
    whole = attribute(base, after, within="finance", draws=DRAWS)
    monkeypatch.setattr(division, "_BLOCK", 48)
    parts = attribute(base, after, within="finance", draws=DRAWS)
    for one, other in zip((*whole.groups, *whole.members), (*parts.groups, *parts.members), strict=True):
        assert np.array_equal(one.draws, other.draws)


def test_what_does_not_matter_gets_exactly_nothing(base):
    found = shares(attribute(base, many(), "cost.mix.gray", draws=DRAWS))
    for group in ("channels.cloud", "channels.licensed", "chips"):
        assert not found[group].any()
    assert found["channels.gray"].all()


def test_sums_are_attributed_by_themselves(base):
    """Electricity and porting add to each other."""
    site, port = {"home": {"electricity_price": 0.3}}, {"licensed": {"porting_cost": 9000}}
    found = attribute(base, extended(sites=site, channels=port), "cost.mix.licensed", draws=DRAWS)
    alone = [attribute(base, extended(**one), "cost.mix.licensed", draws=DRAWS).difference
             for one in ({"sites": site}, {"channels": port})]  # fmt: skip
    assert np.allclose(list(shares(found).values()), alone, rtol=1e-9)


def test_factors_share_what_they_do_together(base):
    """The reference's utilisation multiplies the cost, availability divides it."""
    used = {"training": 0.4 * 1.25, "inference": 0.3 * 1.25}
    after = extended(reference={"utilization": used}, channels={"gray": {"availability": 0.9 / 1.5}})
    found = attribute(base, after, "cost.mix.gray", draws=DRAWS)
    x, y, before = 1.25, 1.5, found.first
    assert np.allclose(shares(found)["reference"], before * (x - 1) * (1 + y) / 2, rtol=1e-9)
    assert np.allclose(shares(found)["channels.gray"], before * (y - 1) * (1 + x) / 2, rtol=1e-9)


def test_shares_of_four_groups_are_those_of_all_orders(base):
    after = extended(finance={"discount_rate": 0.12}, chips={"ref": {"price": 9000}}, sites={"home": {"pue": 1.8}},
                     channels={"gray": {"price_markup": 0.1}})  # fmt: skip
    pairing = Pairing(base, after, DRAWS, 0)
    mixture = Game(pairing, None, 16, 0).mixture
    expected = by_all_orders(lambda s: mixture.values(s, [outcome(base, DEFAULT_OUTCOME)])[0], [1, 2, 4, 8])
    found = attribute(base, after, draws=DRAWS, seed=0)
    assert np.allclose([item.draws for item in found.groups], expected, rtol=0, atol=1e-12)


@pytest.mark.slow
def test_parameters_within_a_group_add_up_to_it(base):
    found = attribute(base, many(), "cost.mix.gray", within="finance", draws=DRAWS)
    turned = attribute(many(), base, "cost.mix.gray", within="finance", draws=DRAWS)
    assert [item.part.paths for item in found.members] == [("finance.discount_rate",), ("finance.economic_life",)]
    assert np.allclose(sum(item.draws for item in found.members), shares(found)["finance"], rtol=0, atol=1e-12)
    for one, other in zip(found.members, turned.members, strict=True):
        assert np.array_equal(one.draws, -other.draws)


def test_words_and_what_hangs_on_them_move_together(base):
    """A flat price is stated in one of the sets alone."""
    cloud = {"pricing": "cost_plus", "rental_price": None, "contract_length": 0, "site": "away", "resale_recovery": 0.5}
    found = attribute(base, extended(channels={"cloud": cloud}), "cloud", within="cloud", draws=DRAWS)
    form, length = sorted(found.members, key=lambda item: -len(item.part.paths))
    assert form.part.label == "Form of supply"
    assert {f"channels.cloud.{word}" for word in ("pricing", "rental_price", "site")} <= {*form.part.paths}
    assert length.part.paths == ("channels.cloud.contract_length",)
    assert np.allclose(form.draws + length.draws, found.difference, rtol=0, atol=1e-12)


@pytest.mark.slow
def test_with_many_groups_orders_are_sampled(base):
    exact = attribute(base, many(), within="finance", draws=DRAWS)
    found, turned = (attribute(*pair, within="finance", draws=DRAWS, most=100)
                     for pair in ((base, many()), (many(), base)))  # fmt: skip
    assert (found.method, found.count) == ("permutations", 200)
    assert np.allclose(sum(shares(found).values()), found.difference, rtol=0, atol=1e-12)
    assert np.allclose(sum(item.draws for item in found.members), shares(found)["finance"], rtol=0, atol=1e-12)
    for one, other, known in zip((*found.groups, *found.members), (*turned.groups, *turned.members),
                                 (*exact.groups, *exact.members), strict=True):  # fmt: skip
        assert np.array_equal(one.draws, -other.draws)
        assert abs(one.mean.value - known.mean.value) <= 4 * one.sampling_error + 1e-12
    assert any(item.sampling_error > 0 for item in found.groups)
    assert all(item.sampling_error is None for item in exact.groups)


def test_a_channel_that_only_one_set_has_is_a_group(base):
    after = extended(channels={"cloud": None}, finance={"discount_rate": 0.12})
    found, turned = attribute(base, after, draws=DRAWS), attribute(after, base, draws=DRAWS)
    assert list(shares(found)) == ["finance", "channels.cloud"]
    assert (shares(found)["channels.cloud"] >= 0).all()
    assert shares(found)["channels.cloud"].any()
    assert np.array_equal(shares(found)["channels.cloud"], -shares(turned)["channels.cloud"])
    assert found.groups[1].part.label == base.label("cloud")


def test_a_new_chip_moves_what_uses_it_and_nothing_by_itself(base):
    chip = {"bf16_flops": 5e14, "memory_bandwidth": 2e12, "power": 0.5, "price": 8000}
    unused = attribute(base, extended(chips={"new": chip}), draws=DRAWS)
    assert unused.groups == ()
    used = attribute(base, extended(chips={"new": chip}, channels={"gray": {"chip": "new"}}), "gray", draws=DRAWS)
    assert [item.part.paths for item in used.groups] == [("channels.gray.chip",)]
    assert np.array_equal(used.groups[0].draws, used.difference)
    assert used.difference.all()


def test_cousins_draw_what_they_have_in_common_alike(base):
    """One parameter, uncertain in both, has another place in each."""
    life = {"dist": "uniform", "min": 10, "max": 20}
    one = extended("one", finance={"datacenter_life": life}, chips={"other": {"power": 0.5}})
    power = {"dist": "uniform", "min": 0.4, "max": 0.8}
    two = extended("two", chips={"other": {"power": power}}, finance={"datacenter_life": life})
    assert one.streams.index("finance.datacenter_life") != two.streams.index("finance.datacenter_life")
    found, turned = attribute(one, two, draws=DRAWS), attribute(two, one, draws=DRAWS)
    assert list(shares(found)) == ["chips"]
    assert np.array_equal(shares(found)["chips"], -shares(turned)["chips"])


def test_cousins_draw_what_each_has_alone_independently(base):
    """Both parameters stand at the same place among the dimensions of their set."""
    one = extended("one", chips={"other": {"power": {"dist": "uniform", "min": 0.4, "max": 0.8}}})
    two = extended("two", sites={"home": {"pue": {"dist": "uniform", "min": 1.1, "max": 1.9}}})
    assert one.streams.index("chips.other.power") == two.streams.index("sites.home.pue")
    pairing = Pairing(one, two, 1024, 0)
    drawn = pairing.values[0]["chips.other.power"], pairing.values[1]["sites.home.pue"]
    assert abs(np.corrcoef(*drawn)[0, 1]) < 0.05
    assert [part.name for part in pairing.groups] == ["chips", "sites"]


def test_an_outcome_that_is_not_finite_is_refused(base, monkeypatch):
    monkeypatch.setitem(outcomes.OUTCOMES, "lowest", replace(outcomes.OUTCOMES["lowest"], function=lambda *_: np.inf))
    with pytest.raises(ParameterError, match="infinite or no number in some draws of base, other or a mixture"):
        attribute(base, many(), draws=32)


def test_sets_that_do_not_differ_have_nothing_to_attribute(base):
    found = attribute(base, extended("same"), draws=DRAWS)
    data = attribution_json(found)
    assert found.groups == ()
    assert data["groups"] == []
    assert data["difference"]["mean"] == 0.0
    renamed = extended(channels={"gray": {"label": "Another name"}})
    assert attribute(base, renamed, draws=DRAWS).groups == ()


def test_certain_sets_are_attributed_too(small_sets):
    certain = load(small_sets / "certain.yaml")
    dearer = load(small_sets / "certain.yaml", {"finance.discount_rate": 0.2})
    found = attribute(certain, dearer, names(certain)[0], draws=32)
    assert found.difference.shape == (32,)
    assert np.array_equal(found.groups[0].draws, found.difference)


def shut(case, *opened):
    return {c: {"available": c in opened or c == "counterfactual"} for c in case.channels}


@pytest.mark.parametrize(
    ("after", "options", "says"),
    [
        ({"finance": {"discount_rate": 0.2}}, {"within": "chips"}, "no group `chips` differs between base"),
        ({"channels": {"gray": {"lead_time": 1}}}, {"within": "grey"}, "--within: no group `grey`"),
        ({"channels": {"cloud": None}}, {"name": "cost.mix.cloud"}, "other has no outcome `cost.mix.cloud`"),
        ({"finance": {"discount_rate": 0.2}}, {"draws": 0}, "--draws: must be at least 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(base, after, options, says):
    with pytest.raises(ParameterError, match=says):
        attribute(base, extended(**after), **options)


def test_a_counterfactual_that_only_one_set_has_is_refused(base):
    copy = {"channels": {"second": MINIMAL}, "reference": {"counterfactual": ["second"]}}
    message = "cannot be mixed.*with reference from other and all else from base, reference.counterfactual: no"
    with pytest.raises(ParameterError, match=message):
        attribute(base, extended(**copy))


MINIMAL = {
    "kind": "purchase", "role": "counterfactual", "chip": "ref", "site": "home",
    "utilization": {"training": 0.4, "inference": 0.3}, "availability": 0.95, "resale_recovery": 0.5,
}  # fmt: skip


def test_a_mixture_without_any_open_channel_is_refused(base):
    one = extended("one", channels=shut(base, "gray"))
    two = extended("two", channels=shut(base, "cloud"))
    with pytest.raises(ParameterError, match=r"channels.gray from two and all else from one, there is no `lowest.mix`"):
        attribute(one, two)
    assert attribute(one, two, "cost.mix.gray", draws=32).groups


def test_money_of_different_years_is_refused(small):
    other = load_mapping({"name": "other", "extends": "baseline", "base_year": 2024})
    with pytest.raises(ParameterError, match="state the same year in both"):
        attribute(small, other)
