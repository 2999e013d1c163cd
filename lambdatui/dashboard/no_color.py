"""NO_COLOR: nothing is coloured, and what only a colour would say is said by reversed, bold or faint text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color, ColorParseError
from textual.filter import LineFilter

REVERSED = Style(reverse=True)
UNDERLINED = Style(underline=True)
BOLD = Style(bold=True)
FAINT = Style(dim=True)

_GROUNDS: Mapping[str, Style] = {
    "cursor-blurred": UNDERLINED,
    "match": UNDERLINED,
    "cursor": REVERSED,
    "foreground": REVERSED,  # the place where one types
    "match-current": REVERSED,
    "selection": REVERSED,
    "accent": REVERSED,  # a button, or the end of a scroll bar that is dragged
    "local": REVERSED,
    "aws": REVERSED,
    "production": REVERSED,
    "scrollbar": REVERSED,
    "scrollbar-hover": REVERSED,
}
_INKS: Mapping[str, Style] = {"faint": FAINT, "muted": FAINT, "border-focus": BOLD}


class WithoutColors(LineFilter):
    """Takes every colour away; the colours of the theme that is on tell which of them meant something."""

    def __init__(self, variables: Callable[[], Mapping[str, str]]) -> None:
        super().__init__()
        self._variables = variables
        self._known: Mapping[str, str] = {}
        self._grounds: dict[RichColor, Style] = {}
        self._inks: dict[RichColor, Style] = {}
        self._plain: dict[Style, Style] = {}

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same text, without colours."""
        self._learn(self._variables())
        return [Segment(text, style and self._without(style), control) for text, style, control in segments]

    def _learn(self, variables: Mapping[str, str]) -> None:
        if variables is self._known:
            return
        self._known = variables
        self._grounds = _by_color(_GROUNDS, variables)
        self._inks = _by_color(_INKS, variables)
        self._plain = {}

    def _without(self, style: Style) -> Style:
        plain = self._plain.get(style)
        if plain is None:
            plain = style.without_color
            for said, color in ((self._inks, style.color), (self._grounds, style.bgcolor)):
                if color in said:
                    plain += said[color]
            self._plain[style] = plain
        return plain


def _by_color(said: Mapping[str, Style], variables: Mapping[str, str]) -> dict[RichColor, Style]:
    found: dict[RichColor, Style] = {}
    for name, style in said.items():
        try:
            found.setdefault(Color.parse(variables[name]).rich_color, style)
        except (KeyError, ColorParseError):
            continue  # one of Textual's own themes is on, or an "auto" colour
    return found
