"""Colours: every pair of ink and ground that the components use is legible in light and in dark."""

from __future__ import annotations

import re

import pytest

from webapp.core.web.assets import STATIC

TOKEN = re.compile(r"--([\w-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\);")
TOKENS = {name: colours for name, *colours in TOKEN.findall((STATIC / "_base" / "tokens.css").read_text())}
GROUNDS = ("canvas", "surface", "sunken", "raised")
TINTS = ("jade", "info", "ok", "warn", "danger", "lotus")


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, theme: int) -> float:
    lights = sorted((luminance(TOKENS[one][theme]), luminance(TOKENS[other][theme])), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_legible_on_every_ground(ground: str, theme: int) -> None:
    for ink in ("ink", "ink-2", "ink-3", "accent", "accent-hover", "lotus", "danger"):
        assert contrast(ink, ground, theme) >= 4.5, ink


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_focus_and_edges_of_controls_stand_out_from_every_ground(ground: str, theme: int) -> None:
    assert contrast("focus", ground, theme) >= 3
    assert contrast("control", ground, theme) >= 3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("tint", TINTS)
def test_a_tint_carries_its_own_ink(tint: str, theme: int) -> None:
    assert contrast(f"{tint}-bg", f"{tint}-ink", theme) >= 7


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_words_on_a_button_are_legible_at_rest_and_under_the_pointer(theme: int) -> None:
    assert contrast("on-accent", "accent", theme) >= 7
    assert contrast("on-accent", "accent-hover", theme) >= 7


def test_colours_are_named_once_and_only_in_the_tokens() -> None:
    strays = [
        f"{path.name}: {line.strip()}"
        for path in STATIC.rglob("*.css")
        if path.name != "tokens.css" and not {"_vendor", "stripe_simulator"} & set(path.parts)
        for line in path.read_text().splitlines()
        if re.search(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", line) and ":" in line
    ]
    assert not strays
