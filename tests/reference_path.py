"""A path through time a second time: one draw, plain floats, in the words of docs/methods.md.

Of the package it takes the set between events, the draws, and the market of a date, which `reference` and `merit_order`
check; all that moves from one date to the next is written down anew.
"""

from dataclasses import dataclass, field, replace
from math import exp, expm1, log, log1p, log2

from costmodel.costs import Evaluation
from costmodel.market import market
from costmodel.parameters.model import deflated

EVADING = ("gray", "courier")


@dataclass
class State:
    """Where everything stands at a date.

    Attributes:
        now: values of parameters by path, those that move among them.
        stock: compute in service by channel, H100e by its chips alone; nothing where it is as stated.
        effort, adaptation, anchor: of enforcement and evasion by channel; the anchor is (p₀, x₀).
        output: cumulative output of domestic chips.
        without: cost without controls at which demand is anchored; None where it is this date's.
    """

    now: dict
    stock: dict = field(default_factory=dict)
    effort: dict = field(default_factory=dict)
    adaptation: dict = field(default_factory=dict)
    anchor: dict = field(default_factory=dict)
    output: float | None = None
    without: float | None = None


class World:
    """A set between events at the values of one draw."""

    def __init__(self, case, stated):
        self.case, self.stated = case, deflated(stated, case)

    def word(self, channel, name):
        return self.stated.get(f"channels.{channel}.{name}")

    def role(self, *roles):
        return [c for c in self.case.channels if self.word(c, "role") in roles]

    @property
    def bought(self):
        return [c for c in self.case.channels if self.word(c, "kind") == "purchase"]

    @property
    def watched(self):
        return [c for c in self.role(*EVADING) if c in self.bought]

    def begin(self, state, changed):
        """What happens at a date: stated values take the place of what they have become."""
        if state is None:
            state, changed = State({}), set(self.stated)
        now = {path: state.now.get(path, value) for path, value in self.stated.items()}
        now |= {path: self.stated[path] for path in changed if path in self.stated}
        found = replace(state, now=now, stock=dict(state.stock))
        found.effort, found.adaptation, found.anchor = dict(state.effort), dict(state.adaptation), dict(state.anchor)
        for c in self.watched:
            path = f"channels.{c}.interdiction_probability"
            if path in changed or c not in found.effort:
                a = found.adaptation.setdefault(c, now["adaptation.initial"])
                ceiling = now["enforcement.ceiling"]
                x = -log(max(1 - now[path] / ceiling, 2.2250738585072014e-308))
                found.effort[c], found.anchor[c] = x * (1 + a), (now[path], x)
        for c in self.bought:
            if f"channels.{c}.installed" in changed:
                found.stock.pop(c, None)
        if "domestic.cumulative_output" in changed:
            found.output = now.get("domestic.cumulative_output")
        if "demand.quantity" in changed:
            found.without = None
        return found

    def date(self, state):
        """The market at a date, and the state that it has settled."""
        now, turnover = dict(state.now), self.stated["stocks.turnover"]
        for c in self.watched:
            (p0, x0), ceiling = state.anchor[c], now["enforcement.ceiling"]
            x = state.effort[c] / (1 + state.adaptation[c])
            now[f"channels.{c}.interdiction_probability"] = max(p0 + max(ceiling - p0, 0) * (1 - exp(x0 - x)), 0)
        found, stock = Evaluation(self.case, now), dict(state.stock)
        for c in self.bought if turnover > 0 else ():
            unit, path = float(found.equivalences(c)["mix"]), f"channels.{c}.installed"
            now[path] = stock[c] / unit if c in stock else now[path]
            stock[c] = now[path] * unit
        pi0 = float(found.counterfactual("mix"))
        without = pi0 if state.without is None else state.without
        moved = now | {
            "demand.quantity": now["demand.quantity"] * (pi0 / without) ** -now["demand.elasticity"],
            "demand.choke_price": now["demand.choke_price"] * without / pi0,
        }
        cleared = market(Evaluation(self.case, moved))
        return cleared, replace(state, now=now, stock=stock, without=without)

    def rates(self, cleared):
        """What a date's market says of how things move."""
        found = {"premium": float(cleared.premium), "share": 0.0, "caught": {}, "returns": {}, "deliveries": {}}
        for c in self.role(*EVADING):
            found["share"] += float(cleared.share(c))
            found["caught"][c] = cleared.found.values.get(f"channels.{c}.interdiction_probability", 0.0)
            found["returns"][c] = returns(cleared, c)
        for c in self.case.channels:
            found["deliveries"][c] = float(delivered(cleared, c))
            found["deliveries", c] = found["deliveries"][c] * float(cleared.found.equivalences(c)["mix"])
        return found

    def step(self, state, rates, years, *, growing):
        """States at the end of a step at some rates; `growing` where deliveries grow as capacity does."""
        s, was = self.stated, state.now
        after = replace(state, now=dict(was), stock=dict(state.stock))
        after.effort, after.adaptation = dict(state.effort), dict(state.adaptation)
        if state.output is not None:
            after.output = state.output + years * sum(rates["deliveries"][c] for c in self.role("domestic"))
        after.now |= self.chips(state, after.output, years)
        after.now["demand.quantity"] = was["demand.quantity"] * (1 + s["demand.growth"]) ** years
        for c in self.case.channels:
            factor = self.capacity_factor(c, was, rates, years)
            after.now[f"channels.{c}.capacity"] = was[f"channels.{c}.capacity"] * factor
            if c in state.stock:
                d = self.wear(c) * s["stocks.turnover"]
                g = log(factor) / years if growing else 0.0
                mean = 1.0 if (g + d) == 0 else expm1((g + d) * years) / ((g + d) * years)
                arrived = s["stocks.turnover"] * rates["deliveries", c] * years * mean
                after.stock[c] = (state.stock[c] + arrived) * exp(-d * years)
        for c in self.watched:
            rise = s["enforcement.response"] * (rates["share"] - s["enforcement.tolerance"])
            after.effort[c] = max(state.effort[c] + rise * years, 0.0)
            k = -log(1 - s["adaptation.decay"])
            time = (1 - exp(-k * years)) / k if k else years
            after.adaptation[c] = (
                state.adaptation[c] * exp(-k * years) + s["adaptation.rate"] * rates["caught"][c] * time
            )
        return after

    def chips(self, state, output, years):
        """Prices and performance of chips at the end of a step."""
        s, now = self.stated, dict(state.now)
        for chip in self.case.names("chips"):
            if s[f"chips.{chip}.tracks_frontier"]:
                now[f"chips.{chip}.price"] *= (1 - s["finance.price_decline"]) ** years
        for chip in {self.word(c, "chip") for c in self.role("domestic")}:
            if output is not None:
                b = -log2(1 - s["domestic.learning_rate"])
                now[f"chips.{chip}.price"] *= (output / state.output) ** -b
            for name in ("bf16_flops", "fp8_flops", "memory_bandwidth"):
                if f"chips.{chip}.{name}" in now:
                    now[f"chips.{chip}.{name}"] *= (1 + s["domestic.performance_growth"]) ** years
        return {path: value for path, value in now.items() if path.startswith("chips.")}

    def wear(self, channel):
        return -log1p(-self.word(channel, "loss_hazard")) + 1 / self.stated["finance.economic_life"]

    def capacity_factor(self, channel, was, rates, years):
        s, role = self.stated, self.word(channel, "role")
        if self.word(channel, "kind") == "inventory":
            return exp(-self.wear(channel) * s["stocks.turnover"] * years)
        factor = (1 + self.word(channel, "capacity_growth")) ** years
        if role in EVADING:
            gained = 1 + s["entry.rate"] * rates["returns"][channel]
            factor *= (gained * (1 - s["entry.exit"] * rates["caught"][channel])) ** years
        if role == "domestic":
            growth = s["domestic.capacity_growth"]
            growth += max(growth, 0) * s["domestic.induced_growth"] * max(rates["premium"], 0)
            factor *= (1 + min(growth, s.get("domestic.max_growth", growth))) ** years
            capacity, limit = was[f"channels.{channel}.capacity"], s.get("domestic.capacity_limit")
            if limit is not None and capacity * factor > limit:
                factor = min(factor, max(limit / capacity, 1.0))
        return factor


def rows(cleared, channel):
    return [row for row, x in enumerate(cleared.offers) if x.channel == channel and not x.sunk]


def delivered(cleared, channel):
    return sum(float(cleared.accelerators_used[row]) for row in rows(cleared, channel))


def returns(cleared, channel):
    rent = sum(float(cleared.rent_by_offer[row]) for row in rows(cleared, channel))
    paid = sum(float(cleared.annual(cleared.price * cleared.used[row])) for row in rows(cleared, channel))
    return max(rent, 0.0) / (paid - rent) if paid - rent > 0 else 0.0


def mean(a, b):
    """The mean of two dates' rates."""
    if isinstance(a, dict):
        return {key: mean(a[key], b[key]) for key in a}
    return (a + b) / 2


def walk(path, draw, steps=1):
    """A path of one draw.

    Returns:
        For each quarter its market, and the compute in service and wanted that has added up by then.
    """
    years, drawn, found = 1 / (4 * steps), path.block(0), []
    used = wanted = 0.0
    world = state = before = regime = None

    def added(start, end):
        nonlocal used, wanted
        used += years * float(start.total + end.total) / 2
        wanted += years * float(start.wanted + end.wanted) / 2

    for quarter in path.quarters:
        now = path.in_force(quarter)
        if now is not regime:
            if before is not None:
                # What happens at a date does not bear on the step that ends there.
                end, _ = world.date(state)
                added(before[0], end)
                at = mean(world.rates(before[0]), world.rates(end))
                state, before = world.step(before[1], at, years, growing=False), None
            stated = drawn.stated(now.case, slice(draw, draw + 1))
            stated = {name: float(x[0]) if getattr(x, "ndim", 0) else x for name, x in stated.items()}
            world, regime = World(now.case, stated), now
            state = world.begin(state, set(now.changed))
        for within in range(steps):
            cleared, settled = world.date(state)
            if before is not None:
                added(before[0], cleared)
                at = mean(world.rates(before[0]), world.rates(cleared))
                settled = world.step(before[1], at, years, growing=False)
            if within == 0:
                found.append((cleared, {"used_cumulative": used, "wanted_cumulative": wanted}))
            before = cleared, settled
            state = world.step(settled, world.rates(cleared), years, growing=True)
    return found
