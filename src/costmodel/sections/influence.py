"""The section about what causes uncertainty. It lays out a `Study` and computes nothing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from costmodel import figures
from costmodel.sections.blocks import Block, heading, text
from costmodel.words import listed, parameter_label, percent

if TYPE_CHECKING:
    from costmodel.study import Study

# Parameters with a curve of their own.
_CURVES = 3


def shown(study: "Study") -> list[str]:
    """Names of the costs whose uncertainty is divided: those of the headline channels that anything moves."""
    names = [f"cost.mix.{channel}" for channel in study.headline] if study.case.uncertain else []
    return [name for name in names if study.drivers.sensitivity(name)]


def influence(study: "Study") -> Iterable[Block]:
    """Shares of the variance, and the most influential parameters over their ranges."""
    yield text(
        "Above, one figure moved at a time. Here all uncertain figures move at once, and the scatter of the cost (its",
        "variance) is divided among them. The blue bar is the share that a figure causes alone: what would vanish, on",
        "average, if it became known. The grey bar adds what it causes together with others: what would be left if all",
        "others became known. Where grey is much longer than blue, the figure matters through others.",
        f"From two samples of {study.drivers.pair.first.draws:,} draws each, for the mix of training and inference.",
    )
    names = shown(study)
    for name in names:
        yield heading(study.case.label(name.rpartition(".")[2]))
        yield text(_together(study, name))
        yield figures.influence(study, name)
    groups = _groups(study, names)
    if groups:
        yield text(
            f"Figures that are correlated are drawn together, and what one of them causes cannot be told from what the "
            f"others do, so they share a bar: {'; '.join(groups)}."
        )
    best = study.cheapest("mix")
    if best:
        yield from _over_ranges(study, best)


def _together(study: "Study", name: str) -> str:
    found = study.drivers.sensitivity(name)
    assert found is not None
    most = found.influences[0]
    label, whose = figures.label_and_owner(study.case, most.paths)
    owner = f" ({whose})" if whose else ""
    alone = percent(max(most.first.value, 0.0))
    if found.together < 3 * most.first.error:
        rest = "Hardly any comes from figures working through each other."
    else:
        rest = f"{percent(found.together)} of the variance comes from figures working together."
    return f"The largest single cause is “{label}”{owner}: alone it makes {alone} of the variance. {rest}"


def _groups(study: "Study", names: list[str]) -> list[str]:
    """The correlated groups that the bars may show, in words."""
    drawn = dict.fromkeys(
        item.paths
        for name in names
        for item in getattr(study.drivers.sensitivity(name), "influences", ())
        if len(item.paths) > 1 and item.total.value > figures.VISIBLE
    )
    return [_members(study, paths) for paths in drawn]


def _members(study: "Study", paths: tuple[str, ...]) -> str:
    names = [parameter_label(study.case, path).partition(" · ") for path in paths]
    if len({name for name, _, _ in names}) == 1:
        return f"{names[0][0]} of {listed([whose for _, _, whose in names])}"
    return listed([f"{name} ({whose})" if whose else name for name, _, whose in names])


def _over_ranges(study: "Study", best: str) -> Iterable[Block]:
    """Curves and map of the premium of the cheapest channel."""
    name = f"premium.mix.{best}"
    paths = study.drivers.largest(name, _CURVES)
    if paths:
        yield heading("The most influential figures over their ranges")
        yield text(
            f"The {'figure' if len(paths) == 1 else 'figures'} that cause most of the uncertainty of the premium of "
            f"{study.case.label(best)}, the cheapest channel by its median: each moves from its 5th to its 95th",
            "percentile while all others stay at their central values. Where lines cross, another channel becomes the",
            "cheaper one. The dashed line is the figure’s central value.",
        )
        yield figures.curves(study, "mix", paths)
    found = study.drivers.heat_map(name)
    if found:
        yield text(
            "The first two of them at once. Colour: the premium. Lines: where another channel becomes the cheapest."
        )
        yield figures.heat_map(study, found)
