"""Random values of every parameter of a set, within its bounds, with zeros and bounds among them."""

import numpy as np
from hypothesis import strategies as st

#: Largest value tried by unit, where the schema has no upper bound; smallest where 0 is excluded.
_LARGEST = {
    "USD": 50_000.0,
    "USD/kW": 20_000.0,
    "USD/kWh": 0.5,
    "USD/hour": 8.0,
    "USD/TB": 200.0,
    "kW": 2.0,
    "year": 3.0,
    "FLOP/s": 5e15,
    "byte/s": 1e13,
    "FLOP/byte": 1000.0,
    "1/year": 0.6,
    "TB": 500.0,
    "TB/year": 100.0,
    "accelerator": 1e5,
    "H100e": 1e5,
    "USD/year": 1e9,
    "1": 3.0,
}
#: Lower bounds here, where the schema's would make compute free or the cost of capital negative.
_SMALLEST = {
    "price_decline": -0.05,
    "discount_rate": 0.06,
    "inflation": -0.02,
    "price_markup": -0.5,
    "price": 1000.0,
    "rental_price": 0.2,
    "market_value": 1000.0,
    "book_value": 1000.0,
    "choke_price": 1.0,
}
_LIFE = ("finance.economic_life", "finance.datacenter_life")
_WORDS = {
    "markup_basis": ("origin", "delivered"),
    "valuation": ("opportunity", "book"),
    "precision": ("bf16", "fp8"),
    "pays_import_taxes": (True, False),
}


def _bounds(item):
    spec = item.spec
    if item.path in _LIFE:
        return 3.5, 15.0
    low = _SMALLEST.get(item.path.rsplit(".", 1)[-1], spec.lower)
    high = min(spec.upper, _LARGEST[spec.unit])
    if spec.gt is not None and low == spec.gt:
        low += 0.02 * (high - low)
    if spec.lt is not None and high == spec.lt:
        high -= 0.05 * (high - low)
    return low, high


def random_values(case, seed):
    """Values of all parameters by path: each uniform within its bounds, one in six at its lower bound."""
    random = np.random.default_rng(seed)
    values = {}
    for item in case:
        word = item.path.rsplit(".", 1)[-1]
        if item.spec is not None:
            low, high = _bounds(item)
            values[item.path] = float(low if random.random() < 1 / 6 else random.uniform(low, high))
        elif word in _WORDS:
            values[item.path] = _WORDS[word][random.integers(2)]
        else:
            values[item.path] = item.value
    return values


def random_draws(case, seed, count):
    """Several random values of every parameter at once, as arrays, and one by one."""
    rows = [random_values(case, seed + i) for i in range(count)]
    words = {path for path, value in rows[0].items() if not isinstance(value, float)}
    # Words (a basis, a valuation) choose the equations and are the same in all draws.
    rows = [row | {path: rows[0][path] for path in words} for row in rows]
    return rows, {p: v if p in words else np.array([row[p] for row in rows]) for p, v in rows[0].items()}


def seeds():
    """Seeds for `random_values`."""
    return st.integers(0, 2**32 - 1)
