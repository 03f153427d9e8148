"""Two parameter sets side by side: what notebooks/compare.ipynb shows."""

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from costmodel import figures, tables
from costmodel.analysis.attribution import DEFAULT_OUTCOME, SIGN, Attribution, attribute
from costmodel.analysis.uncertainty import simulate
from costmodel.drawing import Figure
from costmodel.explore.comparison import compared
from costmodel.outcome_words import change, level, outcome_label, unit_words
from costmodel.palette import channel_colors
from costmodel.parameters import load
from costmodel.parameters.differences import differences
from costmodel.tables import NO_MATH, Html
from costmodel.tables.markup import Safe, dot, join, table
from costmodel.words import NBSP, UNIT_WORDS, WORKLOAD_LABELS, html, interval, money, percent

_DRAWS = 4096


class Comparison:
    """Why does set B cost more than set A?

    Examples:
        >>> found = Comparison("baseline", "cloud_cost_plus", draws=64)
        >>> [item.part.name for item in found.attribution.groups]
        ['channels.third_country_cloud']
    """

    def __init__(self, a: str | Path, b: str | Path, outcome: str = DEFAULT_OUTCOME, draws: int = _DRAWS) -> None:
        """Load both sets.

        Args:
            a: path of set A, or its name in `params/`.
            b: the same of set B.
            outcome: what is explained, see `costmodel.outcomes`.
            draws: number of draws, the same of both.

        Raises:
            ParameterError: no such set or outcome, or sets that cannot be mixed.
        """
        self.before, self.after, self.draws = load(a), load(b), draws
        self.attribution: Attribution = attribute(self.before, self.after, outcome, draws=draws)

    def summary(self) -> Html:
        """Which sets these are, and what the outcome is in both."""
        found, unit = self.attribution, self.attribution.outcome.unit
        sets = {"A": self.before, "B": self.after}
        lines = [
            f"<strong>{letter}:</strong> {html(case.title)} ({html(case.name)}, as of {html(case.as_of)})"
            for letter, case in sets.items()
        ]
        ends = [
            f"{level(side['mean'], unit)} (5th–95th percentile {interval(*(level(side[p], unit) for p in _BAND))})"
            for side in (found.a, found.b)
        ]
        moved = change(found.b["mean"] - found.a["mean"], unit)
        what = f"{outcome_label(self.after, found.outcome)}, {unit_words(unit)}"
        lines.append(html(f"{what}: mean {ends[0]} in A, {ends[1]} in B; B less A: {moved} on average."))
        lines.append(html(f"{found.draws:,} draws of each, paired. Sign: {SIGN}."))
        return Html(f'<p class="{NO_MATH}">{"<br>".join(lines)}</p>')

    @cached_property
    def _simulations(self) -> tuple[pd.DataFrame, ...]:
        seed = self.attribution.seed
        sides = [simulate(case, self.draws, seed) for case in (self.before, self.after)]
        return tuple(compared(sides[0], sides[1], workload) for workload in WORKLOAD_LABELS)

    def headlines(self, workload: str = "mix") -> Html:
        """Cost and premium of every channel in both sets.

        Args:
            workload: `mix`, `training` or `inference`.
        """
        frame = self._simulations[list(WORKLOAD_LABELS).index(workload)]
        colors = {**channel_colors(self.before), **channel_colors(self.after)}
        rows = [[join([dot(colors[str(c)]), item["label"]]), *_cells(item)] for c, item in frame.iterrows()]
        band = f"5–95{NBSP}%"
        header = ("Channel", "A: median", f"A: {band}", "B: median", f"B: {band}", "Change", "A: premium", "B: premium")
        title = f"Effective cost, {WORKLOAD_LABELS[workload].lower()}, {UNIT_WORDS}; premium: median"
        return Html(table(f"sides-{workload}", title, header, rows, numbers=True))

    def differences(self) -> Html:
        """Parameters that differ, with where their values in B come from."""
        return tables.differences(self.before, self.after, differences(self.before, self.after))

    def waterfall(self) -> Figure:
        """From the mean of A to that of B, one bar for each group of parameters."""
        return figures.attribution(self.attribution)

    def contributions(self) -> Html:
        """What each group of parameters contributes."""
        return tables.attribution(self.attribution)

    def within(self, group: str) -> Html:
        """How the contribution of one group splits among its parameters.

        Args:
            group: such as `finance` or `channels.gray_market`.
        """
        name = self.attribution.outcome.name
        return tables.members(attribute(self.before, self.after, name, within=group, draws=self.draws))


_BAND = ("p05", "p95")


def _cells(item: "pd.Series[Any]") -> list[object]:
    cells: list[object] = []
    for side in ("before", "after"):
        cost, low, high = (item[f"{name}_{side}"] for name in ("cost", "p05", "p95"))
        if pd.isna(cost):
            cells += ["–", "–"]
        else:
            closed = "" if item[f"open_{side}"] else Safe(' <span class="closed">closed</span>')
            cells += [join([money(cost), closed]), interval(money(low), money(high))]
    moved = item["cost_change"]
    premiums = [item[f"premium_{side}"] for side in ("before", "after")]
    return [*cells, *("–" if pd.isna(x) else percent(x, signed=True) for x in (moved, *premiums))]
