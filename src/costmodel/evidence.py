"""Published cost estimates that the model must reproduce: Epoch AI's, of 45 training runs.

Cottier et al. (2024), "The rising costs of training frontier AI models", arXiv:2405.21015. Their cost of an
accelerator-hour is a purchase channel with no cost of capital, no loss, perfect resale and no friction: what is left
of the model is the fall of the price of hardware, the network's share, and electricity.
"""

import csv
from typing import Any

from costmodel.arrays import HOURS_PER_YEAR
from costmodel.channels import KINDS
from costmodel.locations import evidence_folder
from costmodel.parameters import schema

#: Columns of `epoch_paper_v1.csv` that are text; all others are numbers.
_TEXT = ("model", "organization", "publication_date", "hardware", "evidence_tier", "base_model_added")

#: Published figure for each cost that `epoch_costs` returns, USD.
PUBLISHED = {
    "hardware": "amortized_hw_usd",
    "interconnect": "interconnect_usd",
    "energy": "energy_usd",
    "total": "total_usd_nominal_own",
}


def epoch_rows() -> list[dict[str, Any]]:
    """Rows of `params/evidence/epoch_paper_v1.csv`: one published estimate each, with its inputs.

    Examples:
        >>> rows = epoch_rows()
        >>> len(rows), rows[0]["model"]
        (45, 'Gemini 1.0 Ultra')
    """
    with (evidence_folder() / "epoch_paper_v1.csv").open(encoding="utf-8", newline="") as file:
        return [
            {name: text if name in _TEXT else float(text) for name, text in row.items()} for row in csv.DictReader(file)
        ]


def epoch_terms(row: dict[str, Any]) -> dict[str, Any]:
    """A row's inputs as the parameters of a purchase channel, its chip, its site and finance.

    The price is that of the day on which training began: the price at release, with its server, after `age` years of a
    fall by `ooms_per_year` orders of magnitude a year.
    """
    fall = row["ooms_per_year"]
    neutral = {name: field.default for name, field in schema.Purchase.model_fields.items() if not field.is_required()}
    site = {"import_duty": 0.0, "vat": 0.0, "vat_creditable": 0.0, "datacenter_capex": 0.0}
    return {
        **neutral,
        **site,
        "discount_rate": 0.0,
        "price_decline": 1.0 - 10.0**-fall,
        # With perfect resale the life is irrelevant, and no building is charged.
        "resale_recovery": 1.0,
        "economic_life": 1.0,
        "datacenter_life": 1.0,
        "price": row["chip_price_usd_nominal"]
        * row["server_overhead_applied"]
        * 10.0 ** (-fall * row["depreciation_years"]),
        "network_share": row["interconnect_fraction"],
        "power": row["chip_tdp_w"] / 1000.0,
        "server_power_factor": row["chip_to_server_power"],
        "load_factor": row["tdp_fraction"],
        "pue": row["pue"],
        "electricity_price": row["electricity_usd_kwh"],
    }


def epoch_costs(row: dict[str, Any]) -> dict[str, float]:
    """Cost of a row's training run by this model's equations, to be held against `PUBLISHED`.

    Args:
        row: one of `epoch_rows`.

    Returns:
        USD for `hardware`, `interconnect`, `energy` and their `total`.

    Examples:
        >>> row = epoch_rows()[0]
        >>> abs(epoch_costs(row)["total"] / row["total_usd_nominal_own"] - 1) < 1e-9
        True
    """
    stack = KINDS["purchase"].stack(epoch_terms(row))
    years = row["chip_hours"] / HOURS_PER_YEAR
    named = {"hardware": "chip", "interconnect": "server_and_network", "energy": "energy"}
    costs = {name: float(stack[part]) * years for name, part in named.items()}
    return costs | {"total": float(sum(stack.values())) * years}
