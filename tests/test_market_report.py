"""The market in reports: what is drawn, tabled and said, with the run's numbers; nothing of it without demand."""

import re
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from bs4 import BeautifulSoup

from costmodel import figures, load, rows, tables
from costmodel.analysis.market import undiverted
from costmodel.analysis.statistics import STATISTICS, Estimate
from costmodel.drawing import Figure
from costmodel.market.merit_order import demand_curve, marginal, merit_order
from costmodel.sections import SECTIONS, policy
from costmodel.study import study
from costmodel.summary import sentences
from costmodel.tables import Html
from costmodel.words import NBSP, large_money, money
from costmodel.words import percent as in_percent

SVG = "{http://www.w3.org/2000/svg}"
MARKET = ("market", "gains", "diversion", "levers", "apart")
RAW = re.compile(r"\d\.\d{4}|\bnan\b|None|\de[-+]?\d")


@pytest.fixture
def run(small):
    return study(small, draws=128)


def section(name, run):
    return next(each for each in SECTIONS if each.id == name)(run)


def words(blocks):
    return " ".join(
        BeautifulSoup(b.source, "html.parser").get_text(" ") for b in blocks if isinstance(b, Html)
    ).replace(NBSP, " ")


def percent(value, **how):
    return in_percent(value, **how).replace(NBSP, " ")


def shown(figure):
    return " ".join(item.text or "" for item in ET.fromstring(figure.svg).iter(f"{SVG}text")).replace(NBSP, " ")


def estimates(draws):
    return {name: Estimate(float(function(draws)), None) for name, function in STATISTICS.items()}


def spread(middle):
    return estimates(middle + abs(middle) * np.linspace(-0.5, 0.5, 101))


# -- merit order ------------------------------------------------------------------------------------------------------


def test_the_merit_order_holds_all_that_is_on_offer_and_ends_at_the_clearing_price(run):
    market = run.market.central
    steps = merit_order(market)
    for channel in run.case.channels:
        width = sum(step.width for step in steps if step.channel == channel)
        assert width == pytest.approx(float(market.capacity(channel)))
        used = sum(step.width for step in steps if step.channel == channel and step.used)
        assert used == pytest.approx(float(market.quantity(channel)))
    price = float(market.price)
    assert all(step.high <= price * (1 + 1e-9) for step in steps if step.used)
    assert all(step.low >= price * (1 - 1e-9) for step in steps if not step.used)
    lows = [step.low for step in steps if step.used]
    assert lows == sorted(lows)


def test_the_channel_at_the_margin_is_the_one_used_in_part(run):
    market = run.market.central
    partly = {
        offer.channel
        for offer, capacity, used in zip(market.offers, market.table[1], market.used, strict=True)
        if 1e-9 * capacity < used < capacity * (1 - 1e-9)
    }
    assert set(marginal(merit_order(market))) == partly


def test_demand_goes_through_the_clearing_point(run):
    market = run.market.central
    quantities, prices = demand_curve(market, float(market.counterfactual) / 2)
    assert prices[-1] == pytest.approx(float(market.highest_price))
    at = np.interp(np.log(float(market.counterfactual)), np.log(prices), np.log(quantities))
    assert np.exp(at) == pytest.approx(float(market.wanted))


# -- figures ----------------------------------------------------------------------------------------------------------


def market_figures(run):
    price = run.market.statistics["price"]
    yield figures.supply_curve(run.case, run.market.central, (price["p05"].value, price["p95"].value))
    for draw in (figures.shares, figures.losses, figures.gains, figures.diversion):
        yield draw(run.market)


@pytest.mark.slow
def test_figures_say_their_unit_their_band_and_nothing_raw(run):
    found = list(market_figures(run))
    for figure in found:
        text = shown(figure)
        assert not RAW.search(text + figure.alt)
        assert "5–95 %" in text or "Means over all draws" in text
    units = (
        "H100-equivalents in service",
        "share of the compute",
        "US dollars a year",
        "US dollars a year",
        "Share of",
    )
    for figure, unit in zip(found, units, strict=True):
        assert unit in shown(figure)
    assert money(float(run.market.central.price)) in shown(found[0])
    assert [figure.svg for figure in market_figures(run)] == [figure.svg for figure in found]


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"demand.quantity": 1000},
        {"demand.quantity": 1e9},
        {"demand.choke_price": 100},
        {"channels.cloud.capacity": 1e12},
        {f"channels.{c}.available": False for c in ("licensed", "gray", "cloud", "operator")},
    ],
    ids=["little", "scarce", "high choke", "plenty", "closed"],
)
def test_markets_at_their_edges_can_be_shown(small_sets, changes):
    run = study(load("baseline", changes), draws=64)
    for name in ("market", "gains", "diversion"):
        blocks = section(name, run)
        assert not RAW.search(words(b for b in blocks if isinstance(b, Html) and b.source.startswith("<p")))
    assert shown(next(market_figures(run)))


def test_the_shares_are_the_runs_medians(run):
    text, found = shown(figures.shares(run.market)), run.market.statistics
    most = max(run.case.channels, key=lambda c: found[f"share.{c}"]["p50"].value)
    assert percent(found[f"share.{most}"]["p50"].value) in text
    assert percent(found["compute_denied"]["p50"].value) in text


# -- tables -----------------------------------------------------------------------------------------------------------


def test_the_table_has_every_channel_that_offers_something(run):
    page = BeautifulSoup(tables.market(run).source, "html.parser")
    heads = " ".join(row.th.get_text() for row in page.tbody.find_all("tr"))
    offering = [c for c in run.case.channels if run.market.statistics[f"capacity.{c}"]["p95"].value > 0]
    assert len(page.tbody.find_all("tr")) == len(offering)
    assert all(run.case.label(channel) in heads for channel in offering)
    assert not RAW.search(page.get_text(" "))


def test_parts_of_the_loss_add_up_in_the_table(run):
    found = run.market.statistics
    parts = sum(found[name]["mean"].value for name in ("rents", "extra_cost", "denied_use"))
    assert parts == pytest.approx(found["surplus_loss"]["mean"].value)
    text = BeautifulSoup(tables.market_totals(run).source, "html.parser").get_text()
    assert all(large_money(found[name]["mean"].value) in text for name in ("surplus_loss", "rents", "denied_use"))


def test_perspectives_say_who_sees_what_in_which_unit():
    line = {"view": "buyers", "label": "Price", "unit": "USD/H100e-h", "reading": "<b>what they pay</b>"}
    known = SimpleNamespace(**line, central=3.5, statistics=spread(4.0))
    unknown = SimpleNamespace(**{**line, "label": "Per budget", "unit": "H100e"}, central=None, statistics=None)
    page = BeautifulSoup(tables.perspectives_table([known, unknown], {"buyers": "Buyers"}).source, "html.parser")
    first, second = ([cell.get_text() for cell in row.find_all(["th", "td"])] for row in page.tbody.find_all("tr"))
    assert first[:3] == ["Buyers", "Price, US dollars per H100-equivalent hour", "$3.50"]
    assert first[-1] == "<b>what they pay</b>"
    assert second[2:5] == ["–"] * 3


@pytest.mark.slow
def test_csv_rows_agree_with_the_run(run):
    found = {(row["result"], row["channel"]): row for row in rows.market(run)}
    assert found["price", ""]["p50"] == run.market.statistics["price"]["p50"].value
    assert found["price", ""]["central"] == float(run.market.central.price)
    assert found["share", "gray"]["central"] == pytest.approx(float(run.market.central.share("gray")))
    assert found["capacity", "gray"]["unit"] == "H100e"
    for closed, ratios in run.market.diversion.items():
        shares = {row["to"]: row["share"] for row in rows.diversion(run) if row["closed"] == closed}
        assert sum(shares.values()) == pytest.approx(1.0)
        assert shares["denied"] == undiverted(ratios)


# -- sections ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_section_says_price_premium_denied_and_markup_with_the_runs_numbers(run):
    text, found = words(section("market", run)), run.market.statistics
    for needed in (
        money(float(run.market.central.price)),
        money(found["price"]["p50"].value),
        percent(found["compute_denied"]["p50"].value),
        percent(abs(found["premium"]["p50"].value)),
        percent(found["implied_markup.gray"]["p50"].value, signed=True),
        "cenario",
        "not the result at central values",
    ):
        assert needed in text
    assert f"For {run.case.label('licensed')} the market" not in text, "its markup is not one on delivery"


@pytest.mark.slow
def test_a_closed_channel_has_no_markup_to_compare(small_sets):
    run = study(load("baseline", {"channels.gray.available": False}), draws=64)
    assert "implies a markup" not in words(section("market", run))


def test_the_summary_says_what_the_market_clears_at(run):
    assert any("market clears at" in sentence for sentence in sentences(run))


def test_without_demand_there_is_no_market_to_show(small_sets):
    run = study(load("certain"), draws=16)
    assert run.market is None
    assert [section(name, run) for name in MARKET] == [[]] * len(MARKET)
    assert rows.market(run) == rows.diversion(run) == []
    assert not any("market clears" in sentence for sentence in sentences(run))


# -- levers -----------------------------------------------------------------------------------------------------------


def frontier(lever, slope, current):
    """A made-up lever: denied rises by `slope` from its low to its high end."""
    values = tuple(np.linspace(lever.low, lever.high, 5))
    shares = np.linspace(0.3, 0.3 + slope, 5)
    return SimpleNamespace(
        lever=lever,
        values=values,
        curves={
            "premium": [spread(3 * share) for share in shares],
            "compute_denied": [spread(share) for share in shares],
        },
        current=current,
        swing={"compute_denied": spread(slope)},
        near={"compute_denied": spread(slope / 10)},
        elasticity=spread(slope),
    )


@pytest.fixture
def moved(small):
    weak, strong = small.levers["interdiction"], small.levers["licences"]
    found = (
        frontier(weak, 0.01, dict.fromkeys(weak.paths, 0.1)),
        frontier(strong, -0.2, dict.fromkeys(strong.paths, 30000.0)),
    )
    return SimpleNamespace(case=small, frontiers=found)


def test_the_lever_that_moves_most_comes_first_and_is_named(moved):
    blocks = list(policy.levers(moved))
    text = words(blocks)
    assert "Over its whole range “Capacity · " in text
    assert "from 0 to 60,000 accelerators the median share denied goes from 30 % to 10 %" in text
    assert "about 2 % lower" in text
    table = BeautifulSoup(blocks[-1].source, "html.parser").tbody.find_all("tr")
    assert [row.th.get_text().split(",")[0].split(" ·")[0] for row in table] == ["Capacity", "Interdiction"]
    assert [cell.get_text() for cell in table[0].find_all("td")][:2] == ["30,000", "0–60,000"]
    figure = next(block for block in blocks if isinstance(block, Figure))
    assert "5–95 %" in shown(figure)
    assert "accelerators" in shown(figure)
    assert not RAW.search(shown(figure) + figure.alt + text)


def test_levers_that_move_nothing_are_said_to_move_nothing(small):
    lever = small.levers["interdiction"]
    found = SimpleNamespace(case=small, frontiers=(frontier(lever, 0.0, {lever.paths[0]: 0.1}),))
    assert "No lever moves" in words(policy.levers(found))


# -- training and inference apart -------------------------------------------------------------------------------------


def test_two_prices_and_which_chips_go_where(run):
    quantities = {
        "training": {"licensed": 9000.0, "stock": 1000.0},
        "inference": {"licensed": 1000.0, "stock": 9000.0},
    }
    statistics = {}
    for task, price in (("training", 4.0), ("inference", 2.0)):
        statistics |= {
            f"price.{task}": spread(price),
            f"premium.{task}": spread(price / 2),
            f"compute_denied.{task}": spread(price / 10),
            **{f"quantity.{task}.{c}": spread(quantities[task].get(c, 0.0)) for c in run.case.channels},
        }
    run.__dict__["market"] = SimpleNamespace(separate=SimpleNamespace(statistics=statistics))
    blocks = section("apart", run)
    text = words(blocks)
    assert "Training clears at $4.00" in text
    assert "weigh more on training than on inference" in text
    assert f"Mostly in inference, two thirds of it or more: {run.case.label('stock')}." in text
    prices, used = (shown(block) for block in blocks if isinstance(block, Figure))
    assert "$2.00 · +100 %" in prices
    assert run.case.label("stock") in used
    assert "thousand" in used
