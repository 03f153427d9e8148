"""The equations of docs/methods.md a second time, in plain floats and as literally as possible.

Nothing here is taken from the package: when the two disagree, one of them misreads that page.
"""

from math import exp, expm1, inf, log

H = 8766.0
CONTROL = (
    "price_markup",
    "export_fee",
    "interdiction_probability",
    "penalty",
    "risk_premium",
    "loss_hazard",
    "compliance_cost",
    "disruption_hazard",
)
PURCHASE = (
    "chip",
    "logistics",
    "interdiction",
    "lead_time",
    "markup",
    "taxes_and_fees",
    "server_and_network",
    "porting",
    "risk",
    "facility",
    "energy",
    "maintenance",
)
RENTAL = ("rent", "markup", "taxes_and_fees", "data_logistics", "disruption")


def kappa(x, n, sigma):
    """3.1; the limit where x is too small for the quotient."""
    if abs(x * n) < 1e-12:
        return (1 - sigma) / n + x * (1 + sigma) / 2
    return x * (1 - sigma * exp(-x * n)) / -expm1(-x * n)


class Channel:
    """Parameters of one channel by the names of the parameters page; what is left out stands at its neutral value."""

    ONE = (
        "export_fee_pass_through",
        "buyer_loss_share",
        "prepayment_share",
        "server_power_factor",
        "load_factor",
        "occupancy",
    )

    def __init__(self, values, name):
        self.values, self.name = values, name

    def own(self, key, default=0.0):
        value = self.values.get(f"channels.{self.name}.{key}")
        return (1.0 if key in self.ONE else default) if value is None else value

    def chip(self, key):
        return self.values[f"chips.{self.own('chip')}.{key}"]

    def site(self, key):
        default = 1.0 if key == "pue" else 0.0
        return self.values.get(f"sites.{self.own('site')}.{key}", default)

    def finance(self, key):
        return self.values.get(f"finance.{key}", 0.0)


def purchase_outlays(c, servers):
    price, markup = c.chip("price"), c.own("price_markup")
    paid = price * (1 + markup)
    f_phi = c.own("export_fee") * c.own("export_fee_pass_through")
    fee = paid * f_phi / (1 - f_phi)
    freight, server = c.own("logistics_cost"), c.own("server_cost")
    duty, vat = c.site("import_duty"), c.site("vat")
    taxes = 0.0
    if c.own("pays_import_taxes", default=False):
        taxes = (paid + fee + freight + server) * (duty + (1 + duty) * vat * (1 - c.site("vat_creditable")))
    gamma = -log(1 - c.finance("price_decline"))
    rho_risky = log(1 + c.finance("discount_rate") + c.own("risk_premium"))
    years = c.own("lead_time")
    z = exp(gamma * years) * (1 + c.own("prepayment_share") * (exp(rho_risky * years) - 1)) - 1
    p, penalty = c.own("interdiction_probability"), c.own("penalty")
    if c.own("markup_basis", default="origin") == "origin":
        lost = p / (1 - p) * (c.own("buyer_loss_share") * (paid + freight) + penalty)
        waiting = z * (paid + fee + taxes + freight + lost)
        margin = price * markup
    else:
        lost = p / (1 - p) * (price + freight + penalty)
        waiting = z * (price + freight + lost)
        margin = price * markup - (freight + lost + waiting)
    return dict(zip(PURCHASE[:7], (price, freight, lost, waiting, margin, fee + taxes, servers), strict=True))


def owned_stack(c):
    inventory = c.own("kind") == "inventory"
    price, server, share = c.chip("price"), c.own("server_cost"), c.own("network_share")
    network = (price + server) * share / (1 - share)
    if inventory:
        held = c.own("book_value") if c.own("valuation", default="opportunity") == "book" else c.own("market_value")
        outlays = dict.fromkeys(PURCHASE[:7], 0.0) | {"chip": held, "server_and_network": server + network}
    else:
        outlays = purchase_outlays(c, server + network)
    rho = log(1 + c.finance("discount_rate"))
    rho_risky = log(1 + c.finance("discount_rate") + c.own("risk_premium"))
    gamma, hazard = -log(1 - c.finance("price_decline")), -log(1 - c.own("loss_hazard"))
    life, sigma = c.finance("economic_life") - (c.own("age") if inventory else 0.0), c.own("resale_recovery")
    k0 = kappa(rho + gamma, life, sigma)
    stack = {name: k0 * outlay for name, outlay in outlays.items()}
    stack["porting"] = kappa(rho + gamma, life, 0.0) * c.own("porting_cost")
    stack["risk"] = (kappa(rho_risky + hazard + gamma, life, sigma) - k0) * sum(outlays.values())
    kw = c.chip("power") * c.own("server_power_factor")
    stack["facility"] = kappa(rho, c.finance("datacenter_life"), 0.0) * c.site("datacenter_capex") * kw
    stack["energy"] = kw * c.own("load_factor") * c.site("pue") * H * c.site("electricity_price")
    repairs = c.own("failure_rate") * c.own("repair_cost_share") * price * (1 - c.own("warranty_coverage"))
    stack["maintenance"] = c.own("maintenance_rate") * (price + server + network) + repairs
    return stack


def operator_cost(c):
    """X of a frictionless purchase of the same chip at the same site: 3.3."""
    kept = ("server_cost", "network_share", "server_power_factor", "load_factor", "maintenance_rate", "failure_rate")
    kept += ("repair_cost_share", "warranty_coverage", "resale_recovery", "chip", "site")
    values = {k: v for k, v in c.values.items() if not k.startswith(f"channels.{c.name}.")}
    values |= {f"channels.{c.name}.{word}": c.own(word) for word in kept} | {f"channels.{c.name}.kind": "purchase"}
    return sum(owned_stack(Channel(values, c.name)).values())


def rental_stack(c):
    rho, gamma = log(1 + c.finance("discount_rate")), -log(1 - c.finance("price_decline"))
    if c.own("pricing", default="market") == "cost_plus":
        rent = operator_cost(c) / H / c.own("occupancy") * (1 + c.own("operator_margin"))
    else:
        rent, years = c.own("rental_price"), c.own("contract_length")
        if years > 0:
            rent *= kappa(rho + gamma, years, 0.0) / kappa(rho, years, 0.0)
    m, t = c.own("price_markup"), c.own("compliance_cost")
    chi = c.own("courier_share")
    trip = c.own("courier.trip_cost") / c.own("courier.capacity", default=inf) + c.own("courier.drive_cost")
    carried = trip / (1 - c.own("courier.loss_probability"))
    h = -log(1 - c.own("disruption_hazard"))
    paid = rent * (1 + m) * (1 + t) * H
    return {
        "rent": rent * H,
        "markup": rent * m * H,
        "taxes_and_fees": rent * (1 + m) * t * H,
        "data_logistics": c.own("data_volume") * ((1 - chi) * c.own("network_transfer_cost") + chi * carried),
        "disruption": h * (c.own("disruption_duration") * paid + c.own("migration_cost")),
    }


def stack(values, channel):
    """Components in USD per accelerator-year: section 3."""
    c = Channel(values, channel)
    return rental_stack(c) if c.own("kind") == "rental" else owned_stack(c)


def roofline(values, chip, workload):
    """R_w: section 2."""
    fp8 = values.get(f"workloads.{workload}.precision", "bf16") == "fp8" and f"chips.{chip}.fp8_flops" in values
    peak = values[f"chips.{chip}.fp8_flops" if fp8 else f"chips.{chip}.bf16_flops"]
    size = 1 if fp8 else 2
    intensity = values[f"workloads.{workload}.arithmetic_intensity"]
    return min(peak, intensity * (2 / size) * values[f"chips.{chip}.memory_bandwidth"])


def equivalents(values, channel):
    """e⁰ and e by workload: section 2."""
    chip, reference = values[f"channels.{channel}.chip"], values["reference.chip"]
    nominal, realised = {}, {}
    for w in ("training", "inference"):
        nominal[w] = roofline(values, chip, w) / roofline(values, reference, w)
        used = values[f"channels.{channel}.utilization.{w}"]
        realised[w] = nominal[w] * used / values[f"reference.utilization.{w}"]
    share = values["workloads.training.share"]
    for e in (nominal, realised):
        e["mix"] = 1 / (share / e["training"] + (1 - share) / e["inference"])
    return nominal, realised


def channel_cost(values, channel, workload):
    """Components with the performance gap, and their total: section 4."""
    nominal, realised = equivalents(values, channel)
    parts, reference = stack(values, channel), values["reference.availability"]
    components = {name: x / (H * reference * nominal[workload]) for name, x in parts.items()}
    up = values[f"channels.{channel}.availability"]
    total = sum(parts.values()) / (H * up * realised[workload])
    components["performance_gap"] = total - sum(components.values())
    return components, total


def neutral(values, channel):
    """Values in which a channel's control parameters are neutral."""
    return {**values, **{f"channels.{channel}.{name}": 0.0 for name in CONTROL}}


def costs(values, channels):
    """Everything that section 4 says of every channel, by workload."""
    result = {}
    for workload in ("training", "inference", "mix"):
        found = {c: channel_cost(values, c, workload) for c in channels}
        listed = values["reference.counterfactual"]
        pi0 = min(found[c][1] for c in listed)
        result[workload] = {"counterfactual": pi0, "channels": {}}
        for c, (components, total) in found.items():
            uncontrolled = channel_cost(neutral(values, c), c, workload)[1]
            result[workload]["channels"][c] = {
                "components": components,
                "total": total,
                "premium": total / pi0 - 1,
                "control_wedge": total - uncontrolled,
                "technology_wedge": uncontrolled - pi0,
            }
    return result
