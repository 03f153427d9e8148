"""Every number of every kind of channel, worked out by hand from docs/methods.md with the numbers of sets/hand.yaml.

No function of the package is used for an expectation; the figures are typed in again here on purpose.
"""

from math import exp, log

import pytest

import costmodel

H = 8766.0
RHO = log(1.08)
GAMMA = -log(1 - 0.25)
RISKY = log(1 + 0.08 + 0.03)
LOSS = -log(1 - 0.02)

# Rooflines, FLOP/s: training in bf16 at 400 FLOP/byte, inference in fp8 (reference alone) at 100 FLOP/byte in bf16.
REF = {"training": min(1.0e15, 400 * 3.0e12), "inference": min(2.0e15, 100 * 2 * 3.0e12)}
OLD = {"training": min(0.5e15, 400 * 2.0e12), "inference": min(0.5e15, 100 * 2.0e12)}


def kappa(x, n, sigma):
    return x * (1 - sigma * exp(-x * n)) / (1 - exp(-x * n))


@pytest.fixture
def result(small_sets):
    return costmodel.evaluate(costmodel.load("hand"))


def check(result, channel, stack, *, peak, used, up, uncontrolled):
    """Section 4 for one channel: `stack` in USD per accelerator-year, `uncontrolled` its sum with controls neutral."""
    nominal = {w: peak[w] / REF[w] for w in peak}
    realised = {"training": nominal["training"] * used[0] / 0.4, "inference": nominal["inference"] * used[1] / 0.3}
    for e in (nominal, realised):
        e["mix"] = 1 / (0.6 / e["training"] + 0.4 / e["inference"])
    for workload in ("training", "inference", "mix"):
        found = result.workloads[workload].channels[channel]
        nominal_cost = {name: x / (H * 0.95 * nominal[workload]) for name, x in stack.items()}
        total = sum(stack.values()) / (H * up * realised[workload])
        assert list(found.components) == [*stack, "performance_gap"]
        for name, cost in nominal_cost.items():
            assert found.components[name] == pytest.approx(cost, rel=1e-12, abs=1e-15), (workload, name)
        gap = total - sum(nominal_cost.values())
        assert found.components["performance_gap"] == pytest.approx(gap, rel=1e-12, abs=1e-13 * total)
        assert found.total == pytest.approx(total, rel=1e-12)
        # The counterfactual is the cheaper of `own` and `origin`.
        pi0 = min(result.workloads[workload].channels[c].total for c in ("own", "origin"))
        assert result.workloads[workload].counterfactual == pi0
        neutral = uncontrolled / (H * up * realised[workload])
        assert found.premium == pytest.approx(total / pi0 - 1, rel=1e-12, abs=1e-14)
        assert found.control_wedge == pytest.approx(total - neutral, rel=1e-12, abs=1e-13 * total)
        assert found.technology_wedge == pytest.approx(neutral - pi0, rel=1e-12, abs=1e-13 * total)


def test_own(result):
    """A purchase that states only what is required: everything else is zero."""
    k0 = kappa(RHO + GAMMA, 5, 0.5)
    stack = {
        "chip": k0 * 25000,
        "logistics": 0.0,
        "interdiction": 0.0,
        "lead_time": 0.0,
        "markup": 0.0,
        "taxes_and_fees": 0.0,
        "server_and_network": 0.0,
        "porting": 0.0,
        "risk": 0.0,
        "facility": kappa(RHO, 15, 0) * 10000 * 0.7,
        "energy": 0.7 * 1.3 * H * 0.08,
        "maintenance": 0.0,
    }
    check(result, "own", stack, peak=REF, used=(0.4, 0.3), up=0.95, uncontrolled=sum(stack.values()))


# What both bases of purchase have in common: the old chip with a server of 4000 and a network of a tenth of IT cost.
NETWORK = (10000 + 4000) * 0.1 / 0.9
KW = 0.4 * 1.6
DUTY_AND_VAT = 0.05 + 1.05 * 0.13 * (1 - 0.8)
FACILITY = kappa(RHO, 15, 0) * 10000 * KW
ENERGY = KW * 0.75 * 1.3 * H * 0.08
UPKEEP = 0.03 * (10000 + 4000 + NETWORK) + 0.09 * 0.4 * 10000 * (1 - 0.25)


def waiting(risky):
    """z_L: half a year, 40 % prepaid."""
    return exp(GAMMA * 0.5) * (1 + 0.4 * (exp(risky * 0.5) - 1)) - 1


def test_purchase_on_origin_basis(result):
    price, freight = 10000, 300
    paid = price * 1.2
    fee = paid * 0.25 * 0.8 / (1 - 0.25 * 0.8)
    assert fee == pytest.approx(3000)
    taxes = (paid + fee + freight + 4000) * DUTY_AND_VAT
    lost = 0.1 / 0.9 * (0.7 * (paid + freight) + 2000)
    outlays = {
        "chip": price,
        "logistics": freight,
        "interdiction": lost,
        "lead_time": waiting(RISKY) * (paid + fee + taxes + freight + lost),
        "markup": price * 0.2,
        "taxes_and_fees": fee + taxes,
        "server_and_network": 4000 + NETWORK,
    }
    k0 = kappa(RHO + GAMMA, 5, 0.6)
    stack = {name: k0 * outlay for name, outlay in outlays.items()}
    stack["porting"] = kappa(RHO + GAMMA, 5, 0) * 1500
    stack["risk"] = (kappa(RISKY + LOSS + GAMMA, 5, 0.6) - k0) * sum(outlays.values())
    stack |= {"facility": FACILITY, "energy": ENERGY, "maintenance": UPKEEP}
    # Without controls: no markup, fee, interdiction, penalty, premium for risk or loss; taxes, freight, waiting stay.
    taxes = (price + freight + 4000) * DUTY_AND_VAT
    plain = price + freight + waiting(RHO) * (price + taxes + freight) + taxes + 4000 + NETWORK
    uncontrolled = k0 * plain + stack["porting"] + FACILITY + ENERGY + UPKEEP
    check(result, "origin", stack, peak=OLD, used=(0.35, 0.25), up=0.9, uncontrolled=uncontrolled)


def test_purchase_on_delivered_basis(result):
    price, freight = 10000, 300
    paid = price * 1.8
    fee = paid * 0.25 * 0.8 / (1 - 0.25 * 0.8)
    taxes = (paid + fee + freight + 4000) * DUTY_AND_VAT
    lost = 0.1 / 0.9 * (price + freight + 2000)
    wait = waiting(RISKY) * (price + freight + lost)
    outlays = {
        "chip": price,
        "logistics": freight,
        "interdiction": lost,
        "lead_time": wait,
        "markup": price * 0.8 - (freight + lost + wait),
        "taxes_and_fees": fee + taxes,
        "server_and_network": 4000 + NETWORK,
    }
    # What is paid for the chip on arrival is the marked-up price, however it is decomposed.
    assert sum(outlays[name] for name in ("chip", "logistics", "interdiction", "lead_time", "markup")) == pytest.approx(
        paid
    )
    k0 = kappa(RHO + GAMMA, 5, 0.6)
    stack = {name: k0 * outlay for name, outlay in outlays.items()}
    stack["porting"] = 0.0
    stack["risk"] = (kappa(RISKY + LOSS + GAMMA, 5, 0.6) - k0) * sum(outlays.values())
    stack |= {"facility": FACILITY, "energy": ENERGY, "maintenance": 0.0}
    taxes = (price + freight + 4000) * DUTY_AND_VAT
    uncontrolled = k0 * (price + taxes + 4000 + NETWORK) + FACILITY + ENERGY
    check(result, "delivered", stack, peak=OLD, used=(0.35, 0.25), up=0.9, uncontrolled=uncontrolled)


def none():
    return dict.fromkeys(("logistics", "interdiction", "lead_time", "markup", "taxes_and_fees"), 0.0)


def test_inventory_at_market_value(result):
    """Three of five years are left; server, network, upkeep and repair go by the street price of 10000."""
    k0 = kappa(RHO + GAMMA, 3, 0.6)
    stack = {"chip": k0 * 12000} | none() | {"server_and_network": k0 * (4000 + NETWORK)}
    stack["porting"] = kappa(RHO + GAMMA, 3, 0) * 500
    stack["risk"] = (kappa(RISKY + LOSS + GAMMA, 3, 0.6) - k0) * (12000 + 4000 + NETWORK)
    stack |= {"facility": FACILITY, "energy": ENERGY, "maintenance": UPKEEP}
    uncontrolled = sum(stack.values()) - stack["risk"]
    check(result, "held", stack, peak=OLD, used=(0.35, 0.25), up=0.9, uncontrolled=uncontrolled)


def test_inventory_at_book_value(result):
    k0 = kappa(RHO + GAMMA, 3, 0.6)
    stack = {"chip": k0 * 7000} | none() | {"server_and_network": 0.0, "porting": 0.0, "risk": 0.0}
    stack |= {"facility": kappa(RHO, 15, 0) * 10000 * 0.4, "energy": 0.4 * 1.3 * H * 0.08, "maintenance": 0.0}
    check(result, "held_book", stack, peak=OLD, used=(0.35, 0.25), up=0.9, uncontrolled=sum(stack.values()))


def test_rental_at_a_market_price(result):
    """A flat price over two years, an intermediary, compliance, data by network, and losing access now and then."""
    rent = 2.5 * kappa(RHO + GAMMA, 2, 0) / kappa(RHO, 2, 0)
    paid = rent * 1.15 * 1.04 * H
    stack = {
        "rent": rent * H,
        "markup": rent * 0.15 * H,
        "taxes_and_fees": rent * 1.15 * 0.04 * H,
        "data_logistics": 20 * 30,
        "disruption": -log(1 - 0.1) * (0.2 * paid + 800),
    }
    check(result, "market", stack, peak=REF, used=(0.38, 0.33), up=0.98, uncontrolled=rent * H + 20 * 30)


def test_rental_at_cost_plus(result):
    k0 = kappa(RHO + GAMMA, 5, 0.6)
    operator = k0 * (10000 + 4000 + NETWORK) + FACILITY + ENERGY + UPKEEP
    rent = operator / H / 0.8 * 1.25
    paid = rent * 1.1 * 1.02 * H
    stack = {
        "rent": rent * H,
        "markup": rent * 0.1 * H,
        "taxes_and_fees": rent * 1.1 * 0.02 * H,
        "data_logistics": 0.0,
        "disruption": -log(1 - 0.05) * (0.1 * paid + 300),
    }
    check(result, "cost_plus", stack, peak=OLD, used=(0.38, 0.33), up=0.98, uncontrolled=rent * H)


def test_rental_with_data_carried_on_drives(result):
    carried = (3000 / 150 + 12) / (1 - 0.2)
    assert carried == pytest.approx(40)
    stack = {
        "rent": 2.2 * H,
        "markup": 0.0,
        "taxes_and_fees": 0.0,
        "data_logistics": 50 * (0.25 * 40 + 0.75 * carried),
        "disruption": 0.0,
    }
    check(result, "courier", stack, peak=REF, used=(0.38, 0.33), up=0.97, uncontrolled=sum(stack.values()))


def test_cost_of_operations(result):
    """USD per 10¹⁸ effective FLOP: an hour of the reference chip does R·u·3600 FLOP."""
    assert result.workloads["training"].exaflop == pytest.approx(1 / (1.0e15 * 0.4 * 3600 / 1e18), rel=1e-12)
    assert result.workloads["inference"].exaflop == pytest.approx(1 / (0.6e15 * 0.3 * 3600 / 1e18), rel=1e-12)
    assert result.workloads["mix"].exaflop is None


def test_closed_channels_are_costed(small_sets):
    closed = costmodel.evaluate(costmodel.load("hand", {"channels.market.available": False}))
    found = closed.workloads["mix"].channels["market"]
    still = costmodel.evaluate(costmodel.load("hand")).workloads["mix"].channels["market"]
    assert not found.available
    assert still.available
    assert found.total == still.total


def test_nominal_rates_are_deflated(small_sets):
    """(1+r)/(1+i) − 1 for a rate of interest; a price's fall by g is one by 1 − (1−g)/(1+i) in real terms."""
    changes = {"finance.inflation": 0.03, "finance.discount_rate": "{value: 0.1124, basis: nominal}"}
    changes["finance.price_decline"] = "{value: 0.2275, basis: nominal}"
    central = costmodel.load("hand", changes).central
    assert central["finance.discount_rate"] == pytest.approx(0.08, rel=1e-12)
    assert central["finance.price_decline"] == pytest.approx(0.25, rel=1e-12)
