"""Themes: read from TOML, checked, handed to Textual.

Shipped themes lie in ``lambdatui/themes`` of a wheel and in ``themes`` of a checkout; users put
theirs into ``themes`` of their config folder. A user's theme may ``extend`` another one and name
only what differs.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from textual.app import App
from textual.color import Color, ColorParseError
from textual.theme import Theme

from lambdatui import paths
from lambdatui.dashboard.no_color import WithoutColors

DEFAULT = "dark"

SCHEMA: dict[str, tuple[str, ...]] = {
    "surface": (
        "background",
        "surface",
        "panel",
        "border",
        "border-focus",
        "cursor",
        "cursor-blurred",
        "glow",
        "match",
        "match-current",
        "selection",
    ),
    "text": (
        "foreground",
        "muted",
        "faint",
        "accent",
        "match-text",
        "match-current-text",
        "header-text",
    ),
    "target": ("local", "aws", "production"),
    "state": ("ok", "wait", "fail"),
    "log": ("time", "debug", "info", "warning", "error", "platform"),
    "json": ("key", "string", "number", "literal", "punctuation"),
}
"""Tables of a theme file and the colours in them."""

PREFIXED = ("log", "json")
"""Tables whose name is part of the variable: ``[log] time`` is ``$log-time``."""


class ThemeError(ValueError):
    """A theme file that cannot be used; the message names file and key."""


@dataclass(frozen=True, slots=True)
class Palette:
    """A theme as its file says: colours by the name of their CSS variable."""

    name: str
    title: str
    dark: bool
    colors: Mapping[str, str]


def variable(table: str, key: str) -> str:
    """The CSS variable of a colour in a theme file."""
    return f"{table}-{key}" if table in PREFIXED else key


def shipped_folder() -> Path:
    """Where the themes that come with lambdatui are."""
    inside = Path(__file__).parent.parent / "themes"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "themes"


def user_folder() -> Path:
    """Where users put their own themes."""
    return paths.config_dir() / "themes"


def read_theme(path: Path, known: Mapping[str, Palette] | None = None) -> Palette:
    """One theme file, checked. ``known`` are the themes it may extend."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ThemeError(f"{path}: no valid TOML: {error}") from error
    except OSError as error:
        raise ThemeError(f"{path}: cannot be read: {error.strerror}") from error
    base = _base(path, data, known or {})
    _expect_names(path, "", data, ("title", "dark", "extends", *SCHEMA))
    dark = data.get("dark", base.dark if base else None)
    if not isinstance(dark, bool):
        raise ThemeError(f"{path}: dark: say true or false")
    title = data.get("title", path.stem)
    if not isinstance(title, str):
        raise ThemeError(f"{path}: title: must be text")
    colors = {**(base.colors if base else {}), **_colors(path, data)}
    for table, keys in SCHEMA.items():
        for key in keys:
            if variable(table, key) not in colors:
                raise ThemeError(f"{path}: {table}.{key}: is missing")
    return Palette(path.stem, title, dark, colors)


def _base(path: Path, data: Mapping[str, Any], known: Mapping[str, Palette]) -> Palette | None:
    name = data.get("extends")
    if name is None:
        return None
    if name not in known:
        raise ThemeError(f"{path}: extends: there is no theme {name!r}{_hint(str(name), known)}")
    return known[name]


def _colors(path: Path, data: Mapping[str, Any]) -> dict[str, str]:
    colors: dict[str, str] = {}
    for table, keys in SCHEMA.items():
        values = data.get(table, {})
        if not isinstance(values, dict):
            raise ThemeError(f"{path}: {table}: must be a table of colours")
        _expect_names(path, f"{table}.", values, keys)
        for key, value in values.items():
            colors[variable(table, key)] = _color(path, f"{table}.{key}", value)
    return colors


def _color(path: Path, key: str, value: Any) -> str:
    try:
        return Color.parse(value).hex if isinstance(value, str) else _not_a_color(path, key, value)
    except ColorParseError:
        return _not_a_color(path, key, value)


def _not_a_color(path: Path, key: str, value: Any) -> str:
    raise ThemeError(f'{path}: {key}: {value!r} is no colour; write one like "#45cdb6"')


def _expect_names(path: Path, where: str, values: Mapping[str, Any], names: Iterable[str]) -> None:
    known = list(names)
    for name in values:
        if name not in known:
            raise ThemeError(f"{path}: {where}{name}: is not known{_hint(name, known)}")


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def load_themes(*folders: Path) -> tuple[dict[str, Palette], list[ThemeError]]:
    """Every theme of these folders (shipped and user's if none is named), and what is wrong with the rest.

    A later folder's theme replaces an earlier one of the same name, and may extend it.
    """
    themes: dict[str, Palette] = {}
    problems: list[ThemeError] = []
    for folder in folders or (shipped_folder(), user_folder()):
        for path in sorted(folder.glob("*.toml")):
            try:
                themes[path.stem] = read_theme(path, themes)
            except ThemeError as problem:
                problems.append(problem)
    return themes, problems


def textual_theme(palette: Palette) -> Theme:
    """The theme as Textual wants it: its own names from ours, and ours as variables."""
    color = palette.colors
    return Theme(
        name=palette.name,
        dark=palette.dark,
        primary=color["accent"],
        secondary=color["muted"],
        accent=color["accent"],
        success=color["ok"],
        warning=color["wait"],
        error=color["fail"],
        foreground=color["foreground"],
        background=color["background"],
        surface=color["surface"],
        panel=color["panel"],
        variables={
            **color,
            "text": color["foreground"],
            "text-muted": color["muted"],
            "text-disabled": color["faint"],
            "text-success": color["ok"],
            "text-warning": color["wait"],
            "text-error": color["fail"],
            "text-accent": color["accent"],
            "text-primary": color["accent"],
            "foreground-muted": color["muted"],
            "foreground-disabled": color["faint"],
            "border": color["border-focus"],
            "border-blurred": color["border"],
            "block-cursor-background": color["cursor"],
            "block-cursor-foreground": color["foreground"],
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": color["cursor-blurred"],
            "block-cursor-blurred-foreground": color["foreground"],
            "block-hover-background": color["cursor-blurred"],
            "input-selection-background": color["selection"],
            "screen-selection-background": color["selection"],
            "screen-selection-foreground": color["foreground"],
            "footer-background": color["background"],
            "footer-foreground": color["muted"],
            "footer-description-foreground": color["muted"],
            "footer-key-foreground": color["accent"],
            "scrollbar": color["border"],
            "scrollbar-hover": color["faint"],
            "scrollbar-active": color["accent"],
            "scrollbar-background": color["background"],
            "scrollbar-background-hover": color["background"],
            "scrollbar-background-active": color["background"],
            "scrollbar-corner-color": color["background"],
            "pane-border": color["border"],
        },
    )


ReturnT = TypeVar("ReturnT")


class ThemedApp(App[ReturnT]):
    """An app that has our themes and only those; ``theme_problems`` says which files are wrong.

    NO_COLOR leaves no colour at all, not even greys as in other Textual apps.
    """

    def __init__(self, *, theme: str = DEFAULT, **options: Any) -> None:
        super().__init__(**options)
        if self.no_color:
            self._filters = [WithoutColors(lambda: self.theme_variables)]
        palettes, self.theme_problems = load_themes()
        self._our_themes = {name: textual_theme(palette) for name, palette in palettes.items()}
        for each in self._our_themes.values():
            self.register_theme(each)
        if theme in palettes:
            self.theme = theme
        else:
            self.theme_problems.append(ThemeError(f"there is no theme {theme!r}{_hint(theme, palettes)}"))
            self.theme = DEFAULT

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our variables, for the moments when one of Textual's own themes is on."""
        palette = self._our_themes.get(DEFAULT) if hasattr(self, "_our_themes") else None
        return dict(palette.variables) if palette else {}

    @property
    def available_themes(self) -> dict[str, Theme]:
        """What the theme picker offers."""
        own = getattr(self, "_our_themes", {})
        return own or super().available_themes
