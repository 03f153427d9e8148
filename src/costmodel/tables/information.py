"""Tables of what better knowledge would be worth. Nothing is computed here."""

from typing import TYPE_CHECKING

from costmodel.tables.markup import Html, details, table
from costmodel.words import UNIT_WORDS, group_label, money, parameter_label, percent, worth

if TYPE_CHECKING:
    from costmodel.analysis.uncertainty import Estimate
    from costmodel.analysis.value_of_information import InformationValue


def options(found: "InformationValue") -> Html:
    """What each option yields, the best first."""
    cost = found.decision.payoff == "effective_cost"
    rows = [
        [
            found.label(option) + (" (chosen)" if option is found.choice else ""),
            money(found.mean(option)) if cost else percent(found.mean(option), signed=True),
            percent(found.chance(option)),
        ]
        for option in sorted(found.options, key=lambda option: -found.merit(option))
    ]
    title = f"Options: mean {'cost, ' + UNIT_WORDS if cost else 'premium'}"
    header = ("Option", "Mean cost" if cost else "Mean premium", "Best in")
    return Html(table(f"options-{found.decision.name}", title, header, rows, numbers=True))


def information(found: "InformationValue") -> Html:
    """Worth of knowing everything, the decision's groups, and each parameter whose worth is above nothing."""
    rows: list[list[object]] = [["Everything (EVPI)", *_cells(found, found.evpi)]]
    rows += [
        [group_label(found.case, name, found.groups[name]), *_cells(found, w)] for name, w in found.together.items()
    ]
    single = {path: item for path, item in found.parameters.items() if item.value > 0}
    rows += [[parameter_label(found.case, path), *_cells(found, item)] for path, item in single.items()]
    header = ("Known before deciding", "Worth", "Standard error", "Share of EVPI")
    unit = "percentage points of the premium" if found.unit == "1" else UNIT_WORDS
    left = len(found.parameters) - len(single)
    title = f"Worth of knowing, {unit}; {left} parameters alone are worth nothing that can be told from noise"
    body = table(f"information-{found.decision.name}", title, header, rows, numbers=True)
    return Html(details("The same in numbers", body))


def _cells(found: "InformationValue", item: "Estimate") -> list[str]:
    share = found.share(item)
    error = "–" if item.error is None else worth(item.error, found.unit)
    return [worth(item.value, found.unit), error, "–" if share is None else percent(share)]
