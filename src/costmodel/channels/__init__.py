"""Kinds of channel, and what each is computed from.

`KINDS` is the table that tests, charts and reports walk: a new kind is one module and one row.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from costmodel.channels.inventory import INVENTORY
from costmodel.channels.purchase import PURCHASE
from costmodel.channels.rental import RENTAL
from costmodel.channels.steps import Component, Kind, Terms, Transfer, total

__all__ = ["COMPONENTS", "DEFAULTS", "KINDS", "Component", "Kind", "Terms", "Transfer", "term_paths", "terms", "total"]

KINDS: dict[str, Kind] = {kind.name: kind for kind in (PURCHASE, RENTAL, INVENTORY)}

#: Every component of every kind with its label, in the order in which charts stack them.
COMPONENTS: dict[str, str] = {
    "chip": "Chip",
    "rent": "Rent",
    **{
        part.name: part.label
        for kind in (PURCHASE, RENTAL)
        for part in kind.components
        if part.name not in ("chip", "rent")
    },
    "performance_gap": "Utilisation and downtime",
}

#: Terms that a channel need not state: one that carries nothing need not say how much fits.
DEFAULTS: dict[str, Any] = {"courier_capacity": np.inf}


@lru_cache
def _term_paths(paths: tuple[str, ...], channel: str, chip: str | None, site: str | None) -> dict[str, str]:
    found = {}
    own = f"channels.{channel}."
    for prefix in ("finance.", f"chips.{chip}.", f"sites.{site}.", own):
        found.update({path[len(prefix) :].replace(".", "_"): path for path in paths if path.startswith(prefix)})
    return found


def term_paths(values: Mapping[str, Any], channel: str) -> Mapping[str, str]:
    """Path of every parameter that a channel's cost depends on, by the name that equations know it by.

    Args:
        values: value of every parameter by path; of these only a channel's chip and site are looked at.
        channel: name of the channel.

    Returns:
        Paths of the channel, its chip, its site and finance; a dot within a name becomes `_`.
    """
    own = f"channels.{channel}."
    return _term_paths(tuple(values), channel, values.get(f"{own}chip"), values.get(f"{own}site"))


def terms(values: Mapping[str, Any], channel: str) -> dict[str, Any]:
    """Parameters that a channel's cost depends on, by their own names.

    Args:
        values: value of every parameter by path.
        channel: name of the channel.

    Returns:
        Parameters of the channel, its chip, its site and finance; a dot within a name becomes `_`.

    Examples:
        >>> values = {"finance.discount_rate": 0.06, "chips.x.price": 9.0, "channels.c.chip": "x",
        ...           "channels.c.courier.trip_cost": 5.0}
        >>> found = terms(values, "c")
        >>> found["discount_rate"], found["price"], found["courier_trip_cost"]
        (0.06, 9.0, 5.0)
    """
    return DEFAULTS | {name: values[path] for name, path in term_paths(values, channel).items()}
