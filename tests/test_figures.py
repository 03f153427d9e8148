"""Figures: what is drawn, in which colours, and that it is safe, legible and the same every time."""

import re
import subprocess
import sys
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from matplotlib.figure import Figure as Canvas

from costmodel import drawing, figures, load, palette
from costmodel.channels import COMPONENTS
from costmodel.costs import WORKLOADS
from costmodel.parameters.schema import ROLES
from costmodel.study import study

SVG = "{http://www.w3.org/2000/svg}"
BY_WORKLOAD = (figures.components, figures.intervals, figures.premium, figures.wedges)


@pytest.fixture
def run(small):
    return study(small, draws=256)


def texts(figure):
    return [item.text or "" for item in ET.fromstring(figure.svg).iter(f"{SVG}text")]


def all_figures(run):
    for draw in BY_WORKLOAD:
        for workload in WORKLOADS:
            yield draw(run, workload)
    yield figures.probability(run)
    for channel in run.case.channels:
        yield figures.tornado(run, "mix", channel)


@pytest.mark.slow
def test_every_figure_is_whole_svg_with_its_description_and_text_that_people_read(run):
    for figure in all_figures(run):
        root = ET.fromstring(figure.svg)
        assert root.find(f"{SVG}title").text == figure.alt
        assert len(figure.alt) > 40
        shown = " ".join(texts(figure))
        assert not re.search(r"\bnan\b", shown)
        assert not re.search(r"\d\.\d{5}|\de[-+]?\d", shown + figure.alt), "raw floats"
        assert "prefers-color-scheme:dark" in figure.svg
        assert "<metadata" not in figure.svg


@pytest.mark.parametrize(("width", "left"), [(2.0, 0.0), (-1.5, 0.5), (0.25, 3.0)])
def test_a_part_of_a_bar_is_drawn_as_barh_would(width, left):
    found = []
    for draw in (drawing.bar, lambda axes, *place, **look: axes.barh(*place[:2], drawing.BAR, **look)):
        with drawing.canvas(1.0) as canvas:
            axes = canvas.add_subplot()
            draw(axes, 1, width, left=left, facecolor="#123456", edgecolor="#abcdef", linewidth=0.6, alpha=0.5)
            found.append((axes.get_xlim(), axes.get_ylim(), drawing.finished(canvas, "a bar").svg))
    assert found[0] == found[1]


def test_the_bundle_carries_the_alternative_text(run):
    figure = figures.intervals(run, "mix")
    data, metadata = figure._repr_mimebundle_()
    assert data == {"image/svg+xml": figure.svg}
    assert metadata == {"image/svg+xml": {"alt": figure.alt}}
    assert "<svg" not in repr(figure)


@pytest.mark.slow
def test_the_same_numbers_give_the_same_bytes(run, small):
    again = study(small, draws=256)
    assert [f.svg for f in all_figures(run)] == [f.svg for f in all_figures(again)]


@pytest.mark.slow
def test_importing_figures_loads_no_matplotlib_and_drawing_loads_no_pyplot():
    code = (
        "import sys, costmodel.figures; assert 'matplotlib' not in sys.modules\n"
        "from costmodel import load; from costmodel.study import study\n"
        "costmodel.figures.intervals(study(load('baseline'), draws=64), 'mix')\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@pytest.mark.slow
@pytest.mark.parametrize("draw", BY_WORKLOAD)
def test_every_channel_and_the_unit_are_named(run, draw):
    shown = " ".join(texts(draw(run, "training")))
    channels = run.case.channels if draw in (figures.components, figures.intervals) else run.simulation.rivals
    for channel in channels:
        assert all(word in shown for word in run.case.label(channel).split()), channel
    assert "US dollars per H100-equivalent hour" in shown or "Premium over the cost without controls" in shown


@pytest.mark.slow
def test_a_closed_channel_is_said_to_be_closed(small_sets):
    case = load("baseline")
    everything = {f"channels.{c}.available": True for c in case.channels}
    open_run = study(load("baseline", everything), draws=64)
    channel = open_run.simulation.rivals[0]
    closed = study(load("baseline", everything | {f"channels.{channel}.available": False}), draws=64)
    for draw in BY_WORKLOAD:
        assert not any("closed" in text for text in texts(draw(open_run, "mix")))
        figure = draw(closed, "mix")
        assert any("closed" in text for text in texts(figure))
        assert "(closed)" in figure.alt
    assert case.label(channel) not in figures.probability(closed).alt


@pytest.mark.slow
def test_bands_say_what_they_are(run):
    assert any("5–95 %" in text for text in texts(figures.intervals(run, "mix")))
    assert any("5–95 %" in text for text in texts(figures.premium(run, "mix")))


def test_hostile_labels_stay_text(small_sets):
    label = "<script>$x_1$ & \"'</b>"
    case = load("baseline", {"channels.counterfactual.label": {"value": label, "assumption": "hostile"}})
    figure = figures.intervals(study(case, draws=64), "mix")
    assert "<script" not in figure.svg
    assert label in figure.alt
    assert "$x_1$" in " ".join(texts(figure))


def test_negative_components_stand_left_of_zero_and_positive_ones_right():
    axes = Canvas().add_subplot()
    figures.costs._stack(axes, 0, {"chip": 2.0, "markup": -1.0, "energy": 0.5, "performance_gap": -0.25}, closed=False)
    spans = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches)
    ends = sorted(tuple(sorted(span)) for span in spans)
    assert ends == [(-1.25, -1.0), (-1.0, 0.0), (0.0, 2.0), (2.0, 2.5)]


@pytest.mark.slow
def test_an_extreme_range_gets_a_logarithmic_axis_and_no_figure_fails(small_sets):
    case = load("baseline", {"channels.counterfactual.utilization.training": 0.001})
    run = study(case, draws=64)
    for draw in BY_WORKLOAD:
        assert draw(run, "training").svg


@pytest.mark.slow
def test_sets_without_uncertainty_or_rivals_can_be_drawn(small_sets):
    run = study(load("certain"), draws=16)
    for figure in all_figures(run):
        assert figure.svg
    only = load("baseline", {f"channels.{c}.available": False for c in study(load("baseline"), 16).simulation.rivals})
    for draw in BY_WORKLOAD:
        assert draw(study(only, draws=16), "mix").svg


# -- colours --------------------------------------------------------------------------------------------------------


def contrast(one, other):
    high, low = sorted((palette.luminance(one), palette.luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


# Viénot, Brettel & Mollon (1999), as functions of linear red, green and blue.
SIGHT = {
    "all colours": lambda r, g, b: (r, g, b),
    "no green": lambda r, g, b: (0.29275 * r + 0.70725 * g,) * 2 + (-0.02234 * r + 0.02234 * g + b,),
    "no red": lambda r, g, b: (0.11238 * r + 0.88762 * g,) * 2 + (0.00401 * r - 0.00401 * g + b,),
}


def seen(color, sight):
    linear = [palette.luminance(f"#{color[at : at + 2] * 3}") for at in (1, 3, 5)]
    return [max(part, 0) ** (1 / 2.4) for part in SIGHT[sight](*linear)]


@pytest.mark.parametrize("role", ROLES)
def test_channels_of_a_role_get_distinct_colours_legible_on_light_and_dark(role):
    shades = [palette.shade(palette.ROLE_COLORS[role], index) for index in range(3)]
    assert len(set(shades)) == 3
    for color in shades:
        assert contrast(color, palette.LIGHT["paper"]) > 2.4, (role, color)
        assert contrast(color, palette.DARK["paper"]) > 2.4, (role, color)


@pytest.mark.parametrize("sight", SIGHT)
def test_roles_differ_also_for_readers_who_confuse_red_and_green(sight):
    for one, other in combinations(palette.ROLE_COLORS.values(), 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen(one, sight), seen(other, sight), strict=True)) ** 0.5
        assert distance > 0.2, (one, other)


def test_ink_is_legible_on_its_page():
    for ink in (palette.LIGHT, palette.DARK):
        assert contrast(ink["ink"], ink["paper"]) > 10
        assert contrast(ink["soft"], ink["paper"]) > 4.5


def test_every_role_and_component_has_one_colour():
    assert set(palette.ROLE_COLORS) == set(ROLES)
    colors = palette.component_colors()
    assert list(colors) == list(COMPONENTS)
    assert len(set(colors.values())) == len(COMPONENTS)
    assert {name for members in palette.families().values() for name in members} == set(COMPONENTS)


def test_a_channel_keeps_its_colour_when_others_go(small_sets):
    case = load("baseline")
    colors = palette.channel_colors(case)
    assert len(set(colors.values())) == len(case.channels)
    (small_sets / "baseline.yaml").stat()
    from costmodel.parameters.load import load_mapping

    rivals = [c for c in case.channels if c != "counterfactual"]
    for gone in rivals:
        less = load_mapping({"name": "less", "extends": "baseline", "assumptions": {"channels": {gone: None}}})
        assert palette.channel_colors(less) == {c: colors[c] for c in less.channels}
