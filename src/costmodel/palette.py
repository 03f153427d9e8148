"""Colours: one for each channel by its role, one for each component by its family, and ink for light and dark.

The colours of channels stand out against both the light and the dark page (2.4 to 1 or more), and those of roles differ
for readers who confuse red and green (tests check both).
"""

import colorsys
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from costmodel.channels import COMPONENTS
from costmodel.parameters import ParameterSet, load

#: Ink by use: what figures are drawn with, for light pages, and what replaces it on dark ones.
LIGHT = {"ink": "#1b2129", "soft": "#525b66", "line": "#d9d9d0", "paper": "#fdfdfb"}
DARK = {"ink": "#e4e7eb", "soft": "#a5aeb9", "line": "#3a414b", "paper": "#14171b"}

#: First colour of each role.
ROLE_COLORS = {
    "counterfactual": "#949ea4",
    "licensed": "#6697ed",
    "gray": "#df6d07",
    "courier": "#8b3ece",
    "remote": "#1e747e",
    "domestic": "#c7153a",
    "stockpile": "#cc984a",
}
_UNKNOWN = "#808080"
# Relatives of a colour: luminance, within what is legible on light and on dark, and turn of its hue.
_SHADES = ((0.34, 0.0), (0.14, 0.03), (0.25, -0.06), (0.19, 0.08))

#: Families of components: what they have in common, and the colours of their members in order.
FAMILIES: dict[str, tuple[str, ...]] = {
    "Hardware": ("chip", "rent", "server_and_network"),
    "What controls add": ("markup", "taxes_and_fees", "interdiction", "risk", "disruption"),
    "Getting it to work": ("logistics", "lead_time", "porting", "data_logistics"),
    "Running it": ("facility", "energy", "maintenance"),
    "Performance": ("performance_gap",),
}
_COMPONENT_COLORS = {
    "chip": "#2f6fb7",
    "rent": "#4a93d9",
    "server_and_network": "#6ea6c9",
    "markup": "#d9541e",
    "taxes_and_fees": "#e08a1e",
    "interdiction": "#b23a3a",
    "risk": "#c9703f",
    "disruption": "#e0655f",
    "logistics": "#8b62b8",
    "lead_time": "#b07fd6",
    "porting": "#c45fa8",
    "data_logistics": "#7b76d8",
    "facility": "#2c8a5a",
    "energy": "#8aa61f",
    "maintenance": "#2fa39a",
    "performance_gap": "#7d8792",
}


def channel_colors(case: ParameterSet, *later: ParameterSet) -> dict[str, str]:
    """Colour of each channel by its role; further channels of a role get shades of it.

    A channel keeps its colour in every set that extends the same root, also where the set adds or removes others.

    Args:
        case: parameter set.
        later: the same set at later dates of its path, which may have further channels.

    Returns:
        `#rrggbb` by channel.
    """
    taken: dict[str, list[str]] = {}
    for item in (_root(case), case, *later):
        for channel in item.channels:
            members = taken.setdefault(item.text(f"channels.{channel}.role") or "", [])
            if channel not in members:
                members.append(channel)
    return {channel: _color(item, channel, taken) for item in (case, *later) for channel in item.channels}


def _root(case: ParameterSet) -> ParameterSet:
    """The set at the end of the chain of `extends`, or the set itself."""
    if not case.extends or not case.files:
        return case
    file = case.files[0]
    return _loaded(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _loaded(file: Path, _changed: int) -> ParameterSet:
    return load(file)


def _color(case: ParameterSet, channel: str, taken: dict[str, list[str]]) -> str:
    role = case.text(f"channels.{channel}.role") or ""
    return shade(ROLE_COLORS.get(role, _UNKNOWN), taken[role].index(channel))


@cache
def shade(color: str, index: int) -> str:
    """A relative of a colour: the colour itself for index 0, others for more.

    Examples:
        >>> shade("#336699", 0), shade("#336699", 1) != shade("#336699", 2)
        ('#336699', True)
    """
    if index == 0:
        return color
    aim, turned = _SHADES[(index - 1) % len(_SHADES)]
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    tones = [_hex(colorsys.hls_to_rgb((hue + turned) % 1, step / 200, saturation)) for step in range(40, 180)]
    return min(tones, key=lambda tone: abs(luminance(tone) - aim))


def _hex(parts: Sequence[float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)


def luminance(color: str) -> float:
    """Relative luminance of a colour (WCAG 2), from 0 for black to 1 for white.

    Examples:
        >>> luminance("#ffffff"), luminance("#000000")
        (1.0, 0.0)
    """
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def component_colors() -> dict[str, str]:
    """Colour of every component; a component without one of its own gets a shade of grey."""
    spare = iter(shade(_UNKNOWN, index % 4 + 1) for index in range(len(COMPONENTS)))
    return {name: _COMPONENT_COLORS.get(name) or next(spare) for name in COMPONENTS}


def families() -> dict[str, Sequence[str]]:
    """Components by family, each in the order of `COMPONENTS`; those of no family last."""
    known = {name for members in FAMILIES.values() for name in members}
    rest = tuple(name for name in COMPONENTS if name not in known)
    return {**FAMILIES, **({"Other": rest} if rest else {})}
