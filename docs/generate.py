"""Write the generated pages: parameters, outcomes, what market and path give, and Epoch's published costs.

With --check, only say whether they are up to date (exit code 1 if not).
"""

import sys
from pathlib import Path

from market_results import market_page
from path_results import path_page

from costmodel.distributions import LAWS
from costmodel.dynamics.cumulative import CUMULATIVE
from costmodel.dynamics.outcomes import ALONE, FOLLOWED, meaning
from costmodel.evidence import epoch_costs, epoch_rows
from costmodel.limits import LIMITS
from costmodel.outcomes import OUTCOMES
from costmodel.parameters.describe import rows

DOCS = Path(__file__).resolve().parent


def _table(header: list[str], body: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *body]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def parameters_page() -> str:
    """Every parameter that a set may state, and every distribution."""
    parts = [
        "# Parameters",
        "Generated from the schema. Paths are those of set files and messages, without the leading `assumptions.`; names in "
        "angle brackets are yours. Unit `1` is a pure number. *Control* marks the parameters whose neutral value defines the control wedge; *scenario* "
        "those that no data pin down.",
    ]
    groups: dict[str, list[dict[str, str]]] = {}
    for row in rows():
        groups.setdefault(row["path"].split(".")[0], []).append(row)
    for group, members in groups.items():
        kinds = group == "channels"
        header = ["parameter", "symbol", "unit", "allowed", "if left out", *(["kinds"] if kinds else []), "meaning"]
        body = [
            [
                f"`{row['path'].removeprefix(group + '.')}`",
                row["symbol"],
                f"`{row['unit']}`" if row["unit"] else "",
                row["bounds"],
                row["default"],
                *([row["kinds"]] if kinds else []),
                " ".join(
                    [row["meaning"], *(f"*{row[mark].capitalize()}.*" for mark in ("control", "role") if row[mark])]
                ),
            ]
            for row in members
        ]
        parts += [f"## `{group}`", _table(header, body)]
    laws = [
        [
            f"`{law.name}`",
            "; ".join(dict.fromkeys(", ".join(f"`{word}`" for word in _ordered(needed)) for needed, _ in law.forms)),
            ", ".join(f"`{word}`" for word in sorted(law.optional, reverse=True)),
            law.says,
        ]
        for law in LAWS.values()
    ]
    parts += [
        "## Distributions",
        "`value` alone is a constant. Percentiles are the 5th, 50th and 95th; where two pin a law down, a third must agree.",
        _table(["`dist`", "stated by any of", "and, if wanted", "stands for"], laws),
        "## Limits",
        "Far above any real use, so that a mistake or a hostile file ends in a message. A set that needs more is welcome: they stand in "
        "`src/costmodel/limits.py`.",
        _table(["at most", "of"], [[f"{most:,}", what] for what, most in LIMITS.items()]),
    ]
    return "\n\n".join(parts) + "\n"


def _ordered(words: frozenset[str]) -> list[str]:
    order = ["min", "mode", "max", "mean", "sd", "p05", "p50", "p95"]
    return sorted(words, key=order.index)


def outcomes_page() -> str:
    """Every result that can be asked for by name."""
    body = []
    for kind, row in OUTCOMES.items():
        tail = (".<workload>" if row.by_workload else "") + (".<channel>" if row.by_channel else "")
        body.append([f"`{kind}{tail}`", f"`{row.unit}`", row.says])
    followed = [
        [f"`{name}{'.<channel>' if row.by_channel else ''}`", f"`{row.unit}`", row.says]
        for name, row in FOLLOWED.items()
    ]
    followed += [
        [f"`{name}`", f"`{unit}`", says] for name, (says, unit) in {ALONE: meaning(ALONE), **CUMULATIVE}.items()
    ]
    return (
        "\n\n".join(
            [
                "# Outcomes",
                "Generated. Results that sensitivities, sweeps, tornadoes, heat maps and comparisons take by name (`--outcome NAME`). A workload is "
                "`training`, `inference` or `mix`. A channel alone is its cost on the mix, and `market.` may be left out where nothing else has the name. "
                "Results of the market exist where a set states `demand.quantity`; `market.implied_markup` for channels of kind `purchase`, "
                "`market.denied_per_budget` where `enforcement.budget` is above 0. Unit `1` is a pure number.",
                _table(["name", "unit", "is"], body),
                "## Along a path",
                "What `costmodel path` follows in each quarter (`--outcome NAME`), where a set has a timeline; published figures in a set's `observations` "
                "name one of them.",
                _table(["name", "unit", "is"], followed),
            ]
        )
        + "\n"
    )


def epoch_page() -> str:
    """The 45 published training costs beside what the model gives with Epoch's settings."""
    body, worst = [], 0.0
    for row in epoch_rows():
        ours = epoch_costs(row)
        theirs = row["total_usd_nominal_own"]
        off = abs(ours["total"] / theirs - 1)
        worst = max(worst, off)
        parts = [f"{ours[name]:,.0f}" for name in ("hardware", "interconnect", "energy", "total")]
        body.append([row["model"], row["hardware"], *parts, f"{theirs:,.0f}"])
    return (
        "\n\n".join(
            [
                "# Against published training costs",
                "Cottier and others (2024, arXiv 2405.21015) publish what it cost to train 45 models, with their inputs. Their method is a special "
                "case of a purchase channel here: no cost of capital, no losses, σ = 1, and all price decline in γ = 0.14 · ln 10 a year, so that κ = γ. "
                "The chip's price is theirs, with their server overhead, fallen to the start of training; the network is 19 % of the cluster. USD per "
                "chip-hour times their chip-hours then gives their hardware, interconnect and energy costs.",
                f"Computed from `params/evidence/epoch_paper_v1.csv` when this page was generated: largest relative difference over all {len(body)} "
                f"totals {'below 1e-9' if worst < 1e-9 else f'{worst:.1e}'}. USD of the year of training.",
                _table(
                    ["model", "hardware", "chips", "interconnect", "energy", "total, here", "total, published"], body
                ),
            ]
        )
        + "\n"
    )


PAGES = {
    "parameters.md": parameters_page,
    "outcomes.md": outcomes_page,
    "market-results.md": lambda: market_page(_table),
    "path-results.md": lambda: path_page(_table),
    "epoch.md": epoch_page,
}


def main() -> None:
    """Write or check all pages."""
    stale = []
    for name, page in PAGES.items():
        path, text = DOCS / name, page()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        sys.exit(f"out of date: {', '.join(stale)}; run `python docs/generate.py`")


if __name__ == "__main__":
    main()
