"""Epoch AI's 45 published training costs come out of a purchase channel with their settings (Cottier et al. 2024)."""

from math import log

import pytest

from costmodel.evidence import PUBLISHED, epoch_costs, epoch_rows, epoch_terms
from costmodel.locations import evidence_folder

if not (evidence_folder() / "epoch_paper_v1.csv").is_file():
    pytest.skip("params/evidence/epoch_paper_v1.csv is not there yet", allow_module_level=True)

ROWS = epoch_rows()


def test_all_rows_are_there():
    assert len(ROWS) == 45
    assert len({row["model"] for row in ROWS}) == 45


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["model"])
def test_costs(row):
    found = epoch_costs(row)
    assert found.keys() == PUBLISHED.keys()
    for name, column in PUBLISHED.items():
        assert found[name] == pytest.approx(row[column], rel=1e-9), name
        assert row[column] > 0
    # Nothing beside the three parts: no other component adds to the total.
    assert found["hardware"] + found["interconnect"] + found["energy"] == pytest.approx(found["total"], rel=1e-12)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["model"])
def test_settings(row):
    """No cost of capital; γ = 0.14·ln 10 a year; interconnect 19 %; σ = 1."""
    terms = epoch_terms(row)
    assert -log(1 - terms["price_decline"]) == pytest.approx(0.14 * log(10), rel=1e-12)
    assert (terms["discount_rate"], terms["resale_recovery"], terms["network_share"]) == (0.0, 1.0, 0.19)


def test_life_is_irrelevant():
    """With perfect resale Epoch's cost needs no assumption of a life."""
    from costmodel.channels import KINDS

    terms = epoch_terms(ROWS[0])
    short, long = (KINDS["purchase"].stack(terms | {"economic_life": life}) for life in (0.5, 50.0))
    assert sum(short.values()) == pytest.approx(sum(long.values()), rel=1e-12)
