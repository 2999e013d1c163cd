"""Themes: readable in every one, errors that name file and key, users' own, NO_COLOR."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.color import Color
from textual.widgets import Static

from lambdatui.dashboard import theme
from lambdatui.dashboard.theme import Palette, ThemedApp, ThemeError, load_themes, read_theme
from lambdatui.dashboard.widgets import Column, LineTable, signs
from tests.dashboard.drawn import lines, showing, style_at

SHIPPED = ("colour-blind", "dark", "high-contrast", "light")

BACKGROUNDS = ("background", "surface", "panel", "cursor", "cursor-blurred", "glow", "selection")
NOT_TEXT = {*BACKGROUNDS, "border", "border-focus", "match", "match-current"}
ON_THEIR_OWN = {  # text that only ever stands on these
    "match-text": ("match",),
    "match-current-text": ("match-current",),
    "header-text": ("local", "aws", "production"),
}
SIGHTS = {  # what dichromats see, as matrices on linear RGB (Viénot, Brettel, Mollon 1999)
    "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


def shipped() -> dict[str, Palette]:
    themes, problems = load_themes(theme.shipped_folder())
    assert problems == []
    return themes


def linear(color: Color) -> tuple[float, float, float]:
    def channel(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (channel(value / 255) for value in color.rgb)
    return red, green, blue


def luminance(color: str) -> float:
    red, green, blue = linear(Color.parse(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: tuple[float, ...]) -> tuple[float, float, float]:
    """Linear RGB as CIELAB, in which distances are what eyes see."""
    red, green, blue = rgb
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (
        max(value, 0.0) ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in (x, y, z)
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def seen_distance(one: str, other: str, sight: str) -> float:
    """How different two colours look to somebody with that sight."""
    seen = []
    for color in (one, other):
        rgb = linear(Color.parse(color))
        seen.append(lab(tuple(sum(w * c for w, c in zip(row, rgb, strict=True)) for row in SIGHTS[sight])))
    return math.dist(*seen)


def test_four_themes_are_shipped() -> None:
    assert tuple(sorted(shipped())) == SHIPPED
    assert shipped()["dark"].dark
    assert not shipped()["light"].dark
    assert theme.DEFAULT in shipped()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_text_can_be_read_on_every_background(name: str) -> None:
    colors = shipped()[name].colors
    least = 7.0 if name == "high-contrast" else 4.5
    texts = set(colors) - NOT_TEXT - set(ON_THEIR_OWN)
    pairs = [
        (text, ground) for text in texts for ground in BACKGROUNDS if ground not in ("glow", "selection")
    ]
    pairs.append(("foreground", "selection"))
    pairs += [(text, ground) for text, grounds in ON_THEIR_OWN.items() for ground in grounds]
    poor = {
        f"{text} on {ground}": round(contrast(colors[text], colors[ground]), 2)
        for text, ground in pairs
        if contrast(colors[text], colors[ground]) < least
    }
    assert poor == {}


@pytest.mark.parametrize("name", SHIPPED)
def test_places_and_states_look_different(name: str) -> None:
    colors = shipped()[name].colors
    for group in (("local", "aws", "production"), ("ok", "wait", "fail")):
        for one, other in combinations(group, 2):
            pair = [lab(linear(Color.parse(colors[each]))) for each in (one, other)]
            assert math.dist(*pair) > 20, (one, other)
    for one, other in combinations(("background", "cursor", "cursor-blurred"), 2):
        assert colors[one] != colors[other]


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("group", [("ok", "wait", "fail"), ("local", "aws", "production")])
def test_the_colour_blind_theme_keeps_them_apart_for_dichromats(sight: str, group: tuple[str, ...]) -> None:
    colors = shipped()["colour-blind"].colors
    close = {
        (one, other): round(seen_distance(colors[one], colors[other], sight))
        for one, other in combinations(group, 2)
        if seen_distance(colors[one], colors[other], sight) < 20
    }
    assert close == {}


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dark = true\ntitle = what\n", ["mine.toml", "no valid TOML", "line 2"]),
        ('extends = "dark"\n[state]\nok = "greenish"', ["mine.toml", "state.ok", "greenish"]),
        ('extends = "dark"\n[state]\nokk = "#ffffff"', ["mine.toml", "state.okk", "did you mean 'ok'"]),
        ('extends = "dark"\n[states]\nok = "#ffffff"', ["mine.toml", "states", "did you mean 'state'"]),
        ('extends = "dark"\n[state]\nok = 7', ["mine.toml", "state.ok", "7"]),
        ("x = " + "[" * 5000, ["mine.toml", "no valid TOML"]),
        ('extends = "darc"', ["mine.toml", "extends", "did you mean 'dark'"]),
        ('extends = "dark"\ndark = "yes"', ["mine.toml", "dark: say true or false"]),
        ('extends = "dark"\nstate = "x"', ["mine.toml", "state", "table"]),
        ('title = "x"\ndark = true\n[state]\nok = "#fff"', ["mine.toml", "surface.background", "missing"]),
    ],
)
def test_errors_name_file_and_key(tmp_path: Path, text: str, words: list[str]) -> None:
    path = write(tmp_path, "mine", text)
    with pytest.raises(ThemeError) as caught:
        read_theme(path, shipped())
    for word in words:
        assert word in str(caught.value)


def test_a_user_theme_extends_a_shipped_one_and_a_broken_one_is_reported(tmp_path: Path) -> None:
    write(
        tmp_path,
        "mine",
        'extends = "dark"\ntitle = "Mine"\n[target]\nlocal = "#00ffff"\n[log]\ntime = "#abcdef"',
    )
    write(tmp_path, "broken", "what?")
    themes, problems = load_themes(theme.shipped_folder(), tmp_path)
    assert set(themes) == {*SHIPPED, "mine"}
    assert themes["mine"].colors["local"].lower() == "#00ffff"
    assert themes["mine"].colors["log-time"].lower() == "#abcdef"
    assert themes["mine"].colors["aws"] == themes["dark"].colors["aws"]
    assert [str(problem).split(":")[0].rpartition("/")[2] for problem in problems] == ["broken.toml"]


class Colours(ThemedApp[None]):
    CSS = "Static { color: $local; background: $cursor; }"

    def compose(self) -> ComposeResult:
        yield Static("x")


async def test_the_app_offers_our_themes_and_changes_between_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMBDATUI_HOME", str(tmp_path))
    (tmp_path / "config" / "themes").mkdir(parents=True)
    write(tmp_path / "config" / "themes", "mine", 'extends = "light"\n[target]\nlocal = "#123456"')
    app = Colours(theme="mine")
    async with app.run_test() as pilot:
        assert set(app.available_themes) == {*SHIPPED, "mine"}
        static = app.query_one(Static)
        assert static.styles.color.hex == "#123456"
        app.theme = "dark"
        await pilot.pause()
        assert static.styles.color == Color.parse(shipped()["dark"].colors["local"])
        assert app.theme_problems == []


async def test_an_unknown_theme_is_said_and_the_default_is_used() -> None:
    app = Colours(theme="darkk")
    async with app.run_test():
        assert app.theme == theme.DEFAULT
        assert "did you mean 'dark'" in str(app.theme_problems[0])


async def test_widgets_take_new_colours_when_the_theme_changes() -> None:
    widget = LineTable([Column[str]("n", "Name", lambda row: (row, "ok"))], lambda row: row)
    async with showing(widget) as (pilot, _):
        widget.set_rows(["a"])
        await pilot.pause()
        before = style_at(widget, 2, 1).color
        widget.app.theme = "light"
        await pilot.pause()
        after = style_at(widget, 2, 1).color
        assert before is not None
        assert after is not None
        assert Color.from_rich_color(after) == Color.parse(shipped()["light"].colors["ok"])
        assert before != after


async def test_without_colours_states_are_told_apart_by_their_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    states = {"up": (signs.UNICODE.active, "ok"), "down": (signs.UNICODE.failed, "fail")}
    widget = LineTable([Column[str]("s", "State", lambda row: states[row])], lambda row: row)
    async with showing(widget) as (pilot, _):
        widget.set_rows(list(states))
        await pilot.pause()
        assert [line.strip("▸ ") for line in lines(widget)[1:3]] == ["●", "✗"]
        assert isinstance(pilot.app, App)
        drawn = [segment.style for strip in pilot.app.screen._compositor.render_strips() for segment in strip]
        assert any(drawn)
        assert not any(style.color or style.bgcolor for style in drawn if style)
