"""Results on a terminal and as CSV."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from costmodel.analysis.path import PathResult
from costmodel.analysis.uncertainty import Results, Simulation
from costmodel.costs import UNIT, Costs
from costmodel.documents import described, parameters_json, simulation_json
from costmodel.errors import FORMULA
from costmodel.parameters import ParameterSet

Rows = list[dict[str, Any]]


def write_csv(rows: Rows, file: TextIO) -> None:
    """Rows as CSV at full precision."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(map(harmless, rows[0] if rows else ()))
    writer.writerows(map(harmless, row.values()) for row in rows)


def harmless(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: text that would be one gets an apostrophe, as OWASP advises.

    Examples:
        >>> harmless("=1+1"), harmless("-x"), harmless(-1.5), harmless("a=b")
        ("'=1+1", "'-x", -1.5, 'a=b')
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def print_rows(rows: Rows, title: str | None = None) -> None:
    """Rows as a table on the terminal; wide as the text is where it is not shown but piped."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for name in rows[0] if rows else []:
        numeric = all(not isinstance(row[name], str) or row[name][:1] in "0123456789-–+" for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_shown(cell)) for cell in row.values()))
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(80, *(console.measure(table, options=console.options.update(width=400)).maximum,)))
    if title:
        console.print(Text(title, style="bold"), soft_wrap=True)
    console.print(table)


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def parameter_rows(case: ParameterSet) -> Rows:
    """One row for each parameter."""
    real = parameters_json(case)["parameters"]
    return [
        {
            "parameter": item.path,
            "value": real[item.path]["value"] if not isinstance(item.value, tuple) else ", ".join(item.value),
            "unit": item.unit or "",
            "distribution": _law(described(item.distribution)),
            "sources": " ".join(item.leaf.source) or (item.assumption or ""),
        }
        for item in case
    ]


def _law(law: Mapping[str, Any] | None) -> str:
    return f"{law['dist']} {law['p05']:.4g} – {law['p95']:.4g}" if law else ""


def cost_rows(case: ParameterSet, result: Costs) -> Rows:
    """One row for each workload, channel and part of the cost, at full precision."""
    rows: Rows = []
    for workload, costs in result.workloads.items():
        for channel, item in costs.channels.items():
            wedges = {"control_wedge": item.control_wedge, "technology_wedge": item.technology_wedge}
            parts = {**item.components, "total": item.total, **wedges, "premium": item.premium}
            same = {"set": case.name, "workload": workload, "channel": channel, "available": item.available}
            rows += [
                same | {"item": name, "value": float(value), "unit": "1" if name == "premium" else UNIT}
                for name, value in parts.items()
            ]
    return rows


def print_costs(case: ParameterSet, result: Costs) -> None:
    """Central costs as one table for each workload."""
    for workload, costs in result.workloads.items():
        rows = [
            {
                "channel": case.label(channel) + ("" if item.available else " (closed)"),
                "cost": f"{float(item.total):.3f}",
                "premium": f"{float(item.premium):+.0%}",
                "controls": f"{float(item.control_wedge):+.3f}",
                "technology": f"{float(item.technology_wedge):+.3f}",
            }
            for channel, item in costs.channels.items()
        ]
        without = f"without controls {float(costs.counterfactual):.3f}"
        print_rows(rows, f"{case.title}: {workload}, {UNIT} at central values ({without})")


def simulation_rows(result: Results) -> Rows:
    """One row for each workload and channel."""
    found = simulation_json(result)
    return [
        {
            "set": result.case.name,
            "workload": workload,
            "channel": channel,
            **{name: value for name, value in item.items() if not isinstance(value, dict)},
            **{f"premium_{name}": item["premium"][name] for name in ("mean", "p05", "p25", "p50", "p75", "p95")},
            "unit": UNIT,
        }
        for workload, by in found["workloads"].items()
        for channel, item in by["channels"].items()
    ]


def path_rows(found: PathResult) -> Rows:
    """One row for each result of a path in each quarter in which there is such a thing."""
    return [
        {
            "date": date,
            "name": name,
            "unit": found.units[name],
            **{each: told[each].value for each in ("p05", "p50", "p95", "mean")},
        }
        for name, quarters in found.statistics.items()
        for date, told in zip(found.dates, quarters, strict=True)
        if told is not None
    ]


def print_simulation(result: Results) -> None:
    """Results of all draws as one table for each workload."""
    case = result.case
    for workload, by in result.summaries.items():
        rows = []
        for channel, cost in by.items():
            premium = result.premiums[workload][channel]
            chance = result.probabilities[workload].get(channel)
            closed = not case.central[f"channels.{channel}.available"]
            rows.append(
                {
                    "channel": case.label(channel) + (" (closed)" if closed else ""),
                    "median": f"{cost['p50'].value:.3f}" + (f" ± {cost['p50'].error:.3f}" if cost["p50"].error else ""),
                    "5 % – 95 %": f"{cost['p05'].value:.2f} – {cost['p95'].value:.2f}",
                    "mean": f"{cost['mean'].value:.3f}",
                    "premium": f"{premium['p50'].value:+.0%}",
                    "premium 5 % – 95 %": f"{premium['p05'].value:+.0%} – {premium['p95'].value:+.0%}",
                    "cheapest": f"{chance.value:.1%}" if chance else "–",
                }
            )
        print_rows(
            rows, f"{case.title}: {workload}, {UNIT}, {result.draws:,} draws, seed {result.seed} (± standard error)"
        )


def draw_columns(simulation: Simulation) -> dict[str, Any]:
    """Draws by column: `counterfactual.<workload>` and `cost.<workload>.<channel>`, in USD/H100e-h."""
    baseline = {f"counterfactual.{workload}": x for workload, x in simulation.counterfactual.items()}
    return baseline | {
        f"cost.{workload}.{channel}": x for workload, by in simulation.totals.items() for channel, x in by.items()
    }


def keep_draws(simulation: Simulation, path: Path) -> None:
    """Write the draws to a file, by the ending of its name."""
    import pandas as pd

    table = pd.DataFrame(draw_columns(simulation))
    if path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    else:
        table.to_csv(path, index=False)
