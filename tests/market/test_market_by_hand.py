"""What a channel offers, worked out by hand from docs/methods.md with the numbers of sets/hand.yaml.

No function of the package is used for an expectation; the figures are typed in again here on purpose.
"""

from math import exp, log
from pathlib import Path

import pytest

from costmodel import load
from costmodel.costs import Evaluation
from costmodel.market import closing, market

SETS = Path(__file__).parents[1] / "sets"
MARKUP, SENT, HELD, INSTALLED = 0.15, 10_000.0, 4_000.0, 2_000.0

# -- what one accelerator is -------------------------------------------------------------------------------------------

H = 8766.0
RHO, GAMMA, RISKY, LOSS = log(1.08), -log(1 - 0.25), log(1 + 0.08 + 0.03), -log(1 - 0.02)
# FLOP/s of the chip and of the reference; inference of the reference is in fp8.
TRAINING = min(0.5e15, 400 * 2.0e12) / min(1.0e15, 400 * 3.0e12) * 0.35 / 0.4
INFERENCE = min(0.5e15, 100 * 2.0e12) / min(2.0e15, 100 * 2 * 3.0e12) * 0.25 / 0.3
MIX = 1 / (0.6 / TRAINING + 0.4 / INFERENCE)
#: H100e in service that one accelerator is.
UNITS = MIX * 0.9 / 0.95


def kappa(x, n, sigma):
    return x * (1 - sigma * exp(-x * n)) / (1 - exp(-x * n))


KAPPA0, KAPPA = kappa(RHO + GAMMA, 5, 0.6), kappa(RISKY + LOSS + GAMMA, 5, 0.6)

# -- what it costs per year --------------------------------------------------------------------------------------------

NETWORK = 4000 + (10_000 + 4000) * 0.1 / 0.9
KILOWATTS = 0.4 * 1.6
ENERGY = KILOWATTS * 0.75 * 1.3 * H * 0.08
MAINTENANCE = 0.03 * (10_000 + NETWORK) + 0.09 * 0.4 * 10_000 * (1 - 0.25)
FACILITY = kappa(RHO, 15, 0) * 10_000 * KILOWATTS
PORTING = kappa(RHO + GAMMA, 5, 0) * 1500
#: What it takes to bring a unit in: paid at origin with the markup that sellers need, all losses counted.
PAID = 10_000 * (1 + MARKUP)
FEE = PAID * 0.25 * 0.8 / (1 - 0.25 * 0.8)
TAXES = (PAID + FEE + 300 + 4000) * (0.05 + 1.05 * 0.13 * (1 - 0.8))
PENALTIES = 0.1 / 0.9 * 2000
LOSSES = 0.1 / 0.9 * (PAID + 300) + PENALTIES
WAITING = (exp(GAMMA * 0.5) * (1 + 0.4 * (exp(RISKY * 0.5) - 1)) - 1) * (PAID + FEE + TAXES + 300 + LOSSES)
OUTLAY = 10_000 + 300 + LOSSES + WAITING + 10_000 * MARKUP + FEE + TAXES + NETWORK
SUPPLY = KAPPA * OUTLAY + PORTING + FACILITY + ENERGY + MAINTENANCE


@pytest.fixture
def found():
    """A market in which the channel `origin` has some in service and sells more, beside a stock that is held."""
    wanted = {
        "demand.quantity": 8000.0,
        "demand.elasticity": 0.5,
        "demand.choke_price": 6.0,
        "channels.origin.supply_markup": MARKUP,
        "channels.origin.installed": INSTALLED,
        "channels.origin.capacity": SENT,
        "channels.held.capacity": HELD,
    }
    case = load(SETS / "hand.yaml", wanted)
    return market(Evaluation(case, case.central))


def per_hour(stack):
    return stack / (H * 0.9 * MIX)


def test_supply_cost_of_a_purchase(found):
    assert float(found.unit_cost("origin")) == pytest.approx(per_hour(SUPPLY), rel=1e-12)
    in_service, sold = (offer for offer in found.offers if offer.channel == "origin")
    assert float(in_service.annual_cost) == pytest.approx(ENERGY + MAINTENANCE, rel=1e-12)
    assert float(sold.annual_cost) == pytest.approx(SUPPLY, rel=1e-12)


def test_avoidable_cost_of_an_inventory(found):
    """Electricity and upkeep; what was paid for it is sunk."""
    assert float(found.unit_cost("held")) == pytest.approx(per_hour(ENERGY + MAINTENANCE), rel=1e-12)


def test_what_is_offered(found):
    """Of those sent, a tenth does not arrive."""
    assert float(found.capacity("held")) == pytest.approx(HELD * UNITS, rel=1e-12)
    assert float(found.capacity("origin")) == pytest.approx((INSTALLED + 0.9 * SENT) * UNITS, rel=1e-12)


def test_price_quantities_and_rents(found):
    """New units clear the market: those in service earn the difference, new ones nothing."""
    price, avoidable = per_hour(SUPPLY), per_hour(ENERGY + MAINTENANCE)
    assert float(found.price) == pytest.approx(price, rel=1e-12)
    wanted = 8000.0 * (price / float(found.counterfactual)) ** -0.5
    old = (HELD + INSTALLED) * UNITS
    assert old < wanted < old + 0.9 * SENT * UNITS
    assert float(found.total) == pytest.approx(wanted, rel=1e-12)
    assert float(found.quantity("origin")) == pytest.approx(wanted - HELD * UNITS, rel=1e-12)
    year = H * 0.95
    assert float(found.rent("held")) == pytest.approx(HELD * UNITS * (price - avoidable) * year, rel=1e-11)
    assert float(found.quasi_rent("origin")) == pytest.approx(INSTALLED * UNITS * (price - avoidable) * year, rel=1e-11)
    assert float(found.rent("origin")) == pytest.approx(float(found.quasi_rent("origin")), rel=1e-11)
    assert float(found.shadow_price("held")) == pytest.approx(UNITS * (price - avoidable) * year, rel=1e-11)
    assert float(found.shadow_price("origin")) == pytest.approx(0.0, abs=1e-6)


def test_receipts(found):
    """Fee and penalties go to one government, taxes to the other; what sellers bear of the fee is received as well."""
    new = (float(found.total) - (HELD + INSTALLED) * UNITS) / UNITS
    fee_received = 0.25 * PAID / (1 - 0.25 * 0.8)
    exporting, importing = found.receipts["exporting"], found.receipts["importing"]
    assert float(exporting[0]) == pytest.approx(KAPPA0 * (FEE + PENALTIES) * new, rel=1e-10)
    assert float(exporting[1]) == pytest.approx(KAPPA0 * (fee_received + PENALTIES) * new, rel=1e-10)
    assert [float(x) for x in importing] == pytest.approx([KAPPA0 * TAXES * new] * 2, rel=1e-10)
    assert float(found.received("exporting")) == float(exporting[1])


def test_implied_markup(found):
    """Of the outlay, what grows with the markup: by hand at the clearing price."""
    m = float(found.implied_markup("origin"))
    paid = 10_000 * (1 + m)
    fee = paid * 0.25
    taxes = (paid + fee + 300 + 4000) * (0.05 + 1.05 * 0.13 * 0.2)
    # Of what is lost on the way, the buyer bears 0.7.
    losses = 0.1 / 0.9 * (0.7 * (paid + 300) + 2000)
    z = exp(GAMMA * 0.5) * (1 + 0.4 * (exp(RISKY * 0.5) - 1)) - 1
    outlay = paid + 300 + losses + z * (paid + fee + taxes + 300 + losses) + fee + taxes + NETWORK
    cost = KAPPA * outlay + PORTING + FACILITY + ENERGY + MAINTENANCE
    assert per_hour(cost) == pytest.approx(float(found.price), rel=1e-10)


def test_worth_of_a_unit_is_what_the_price_times_its_compute_exceeds_its_cost(found):
    """With new units closed the price is what buyers pay for the last of those in service."""
    without = closing(found, "origin")
    price = float(found.counterfactual) * min(6.0, (8000.0 / ((HELD + INSTALLED) * UNITS)) ** 2)
    assert float(without.price) == pytest.approx(price, rel=1e-12)
    earned = 0.9 * UNITS * (price - per_hour(SUPPLY)) * H * 0.95
    assert float(without.shadow_price("origin")) == pytest.approx(earned, rel=1e-10)
