"""The palette: every action that works here, every function by name, every theme."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape

from lambdatui.dashboard import keys
from lambdatui.dashboard.panes.pane import Pane
from lambdatui.dashboard.screens.help import bound
from lambdatui.dashboard.screens.main import MainScreen

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.fuzzy import Matcher

    from lambdatui.dashboard.app import LambdaTui

Command = tuple[str, str, Callable[[], object]]

MOVES = ("down", "up", "top", "bottom", "page_down", "page_up", "left", "right")

_TYPED = {
    keys.Where.EDITOR,
    keys.Where.FILTER,
    keys.Where.VALUE,
    keys.Where.DIALOG,
    keys.Where.HELP,
    keys.Where.TOUR,
}
"""Places that take what is typed, or close: the palette is not opened from there."""

_HAND = {"command", "palette", "interrupt", "back", *(f"list.{way}" for way in MOVES)}
"""Keys of the hand that is on the list already, and those that lead here."""

_ALSO = {
    "shift": "canary, blue/green",
    "burst": "load test",
    "compare": "two versions, local and AWS",
    "diff": "difference",
    "payloads": "event library, history",
    "target": "profile, region, switch",
    "list.mark": "select",
    "delete": "remove",
    "configuration": "memory, timeout, environment variables",
    "inspect-faults": "chaos",
    "inspect-queue": "asynchronous, retries",
    "log.add": "tail of several functions",
    "log.longer": "time range, history",
    "watch": "redeploy on save",
}
"""Other words that people may look for."""


class Commands(Provider):
    """Asks the main screen what can be done."""

    async def discover(self) -> Hits:
        for title, text, call in self._all():
            yield DiscoveryHit(Content(title), call, title, escape(text))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, text, call in self._all():
            score = max(matcher.match(title), matcher.match(text))
            if score > 0:
                yield Hit(score, _lit(matcher, title), call, title, escape(text))

    def _all(self) -> Iterator[Command]:
        yield from self._actions()
        screen = self.screen
        if isinstance(screen, MainScreen):
            yield from screen.deeds.commands()
            for name in screen.functions.names:
                yield f"Function {name}", "choose it", partial(screen.choose, name)
        app = cast("LambdaTui", self.app)
        for name in sorted(app.available_themes):
            yield f"Theme {name}", "change the colours", partial(app.pick_theme, name)

    def _actions(self) -> Iterator[Command]:
        """What can be done on the screen where the palette was opened, by the table of keys."""
        found = {one.id: one for one in bound(self.screen)}
        focused = {one.binding.id for one in self.screen.active_bindings.values()}
        for key in keys.KEYS:
            one = found.get(key.id)
            if one is None or key.where in _TYPED or key.id in _HAND:
                continue
            pressed = self.app.get_key_display(one.binding)
            run = partial(self.app.run_action, one.binding.action, one.node)
            parts = [f"key {pressed}", "" if key.id in focused else _pane_of(one.node), _ALSO.get(key.id, "")]
            yield title_of(key), " · ".join(filter(None, parts)), run


def _lit(matcher: Matcher, title: str) -> Content:
    """With the letters that were found; Textual's own way takes brackets in a name for markup."""
    return Content(title) if "[" in title else matcher.highlight(title)


def _pane_of(node: DOMNode) -> str:
    pane = next((each for each in node.ancestors_with_self if isinstance(each, Pane)), None)
    return getattr(pane, "TITLE", "")


def title_of(key: keys.Key) -> str:
    """An action as the palette calls it: the word of the footer is in it, and what it does."""
    text = key.tooltip.rstrip(".")
    if key.description.lower() in text.lower():
        return text
    return f"{key.description[:1].upper()}{key.description[1:]}: {text[:1].lower()}{text[1:]}"
