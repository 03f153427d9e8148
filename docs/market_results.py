"""The generated page of what the market gives, set by set."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from costmodel import load
from costmodel.analysis.market import MarketResult, market_result
from costmodel.analysis.sample import Sample, sample
from costmodel.locations import set_names
from costmodel.market import has_market
from costmodel.outcomes import outcome
from costmodel.words import percent

DRAWS = 4096
_HEAD = (
    "Generated from the sets as they are: the market of section 5 of the methods, {draws:,} draws of each set's own seed. Medians of all draws with "
    "the 5th to 95th percentile in brackets. What the numbers rest on, and what they miss, is on the page [the market's data](market-data.md)."
)
_GRAY = "channels.gray_market."


def market_page(table: Callable[[list[str], list[list[str]]], str]) -> str:
    """The baseline by channel, all sets side by side, and training and inference apart.

    Args:
        table: makes a Markdown table of a header and rows.
    """
    cases = [case for case in map(load, set_names()) if has_market(case)]
    found = {case.name: market_result(case, DRAWS) for case in cases}
    drawn = {case.name: sample(case, DRAWS) for case in cases}
    baseline = found["baseline"]
    return (
        "\n\n".join(
            [
                "# What the market gives",
                _HEAD.format(draws=DRAWS),
                "## The baseline",
                table(["", "at central values", "draws"], _whole(baseline)),
                table(
                    [
                        "channel",
                        "offered, thousand H100e",
                        "used, thousand H100e",
                        "share of use",
                        "first unit takes, USD/H100e-h",
                    ],
                    [_channel(baseline, c) for c in baseline.case.channels if _some(baseline, c)],
                ),
                "## All sets",
                "A gray server over a US server: the markup on the chip that the clearing price implies, with the server's other parts at their US "
                "price, beside what the set takes from published prices.",
                table(
                    [
                        "set",
                        "premium, central",
                        "premium, draws",
                        "denied",
                        "gray server ÷ US server, implied",
                        "the same, published",
                    ],
                    [_set(found[name], drawn[name]) for name in found],
                ),
                "## Training and inference apart",
                "Each with a demand and a price of its own, whatever the set says of `demand.workloads`.",
                table(
                    ["set", "training, USD/H100e-h", "premium", "inference, USD/H100e-h", "premium"],
                    [_apart(result) for result in found.values()],
                ),
            ]
        )
        + "\n"
    )


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _share(value: float) -> str:
    return percent(value, signed=True)


def _band(result: MarketResult, name: str, text: Callable[[float], str]) -> str:
    told = result.statistics[name]
    low, middle, high = (text(told[p].value) for p in ("p05", "p50", "p95"))
    return f"{middle} ({low} to {high})"


def _thousand(value: float) -> str:
    return f"{value / 1000:,.0f}"


def _whole(result: MarketResult) -> list[list[str]]:
    lines: list[tuple[str, str, Callable[[float], str]]] = [
        ("clearing price, USD/H100e-h", "price", _number),
        ("cost without controls, USD/H100e-h", "counterfactual", _number),
        ("premium", "premium", _share),
        ("compute denied", "compute_denied", percent),
        ("in use, thousand H100e", "total", _thousand),
    ]
    rows = [[label, text(result.value(name)), _band(result, name, text)] for label, name, text in lines]
    scarce = percent(result.statistics["scarce"]["mean"].value)
    return [
        *rows,
        ["short of supply at the choke price", "yes" if result.value("scarce") else "no", f"{scarce} of draws"],
    ]


def _some(result: MarketResult, channel: str) -> bool:
    return result.statistics[f"capacity.{channel}"]["p95"].value > 0


def _channel(result: MarketResult, channel: str) -> list[str]:
    return [
        result.case.label(channel),
        _band(result, f"capacity.{channel}", _thousand),
        _band(result, f"quantity.{channel}", _thousand),
        _band(result, f"share.{channel}", percent),
        _band(result, f"unit_cost.{channel}", _number),
    ]


def _set(result: MarketResult, draws: Sample) -> list[str]:
    denied = _band(result, "compute_denied", percent)
    row = [f"`{result.case.name}`", _share(result.value("premium")), _band(result, "premium", _share), denied]
    if not result.case.central[f"{_GRAY}available"]:
        return [*row, "closed", ""]
    implied = draws.value(outcome(result.case, "market.implied_markup.gray_market"))
    observed = draws.evaluation.values[f"{_GRAY}price_markup"]
    return [*row, _percentiles(_over_us(draws, implied)), _percentiles(_over_us(draws, observed))]


def _over_us(draws: Sample, markup: NDArray[np.float64]) -> NDArray[np.float64]:
    """Price of a server whose chips carry a markup ÷ its price without."""
    values = draws.evaluation.values
    chip, rest = values[f"chips.{draws.case.central[f'{_GRAY}chip']}.price"], values[f"{_GRAY}server_cost"]
    return np.broadcast_to((chip * (1 + markup) + rest) / (chip + rest), draws.draws)


def _percentiles(ratio: NDArray[np.float64]) -> str:
    low, middle, high = (_number(float(value)) for value in np.percentile(ratio, [5, 50, 95]))
    return f"{middle} ({low} to {high})"


def _apart(result: MarketResult) -> list[str]:
    both = result.separate
    cells = [
        _band(both, f"{name}.{task}", text)
        for task in ("training", "inference")
        for name, text in (("price", _number), ("premium", _share))
    ]
    return [f"`{result.case.name}`", *cells]
