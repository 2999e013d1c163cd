"""The palette: every action that works here, every function by name, every theme."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from lambdatui.dashboard import keys
from lambdatui.dashboard.screens.main import MainScreen

if TYPE_CHECKING:
    from lambdatui.dashboard.app import LambdaTui

Command = tuple[str, str, Callable[[], object]]

_NOT_FROM_PALETTE = {"command", "palette", "interrupt", "back", "send"}
_PLACES = (
    keys.Where.FUNCTION,
    keys.Where.ROWS,
    keys.Where.EVERYWHERE,
    keys.Where.SCREEN,
    keys.Where.PAYLOADS,
    keys.Where.BURST,
    keys.Where.COMPARE,
    keys.Where.CANARY,
    keys.Where.INSIDE,
    keys.Where.ENVIRONMENTS,
    keys.Where.QUEUE,
    keys.Where.FAULTS,
    keys.Where.NEIGHBOURS,
    keys.Where.DEAD_LETTERS,
    keys.Where.SOURCES,
    keys.Where.CONCURRENCY,
    keys.Where.LAYERS,
)


class Commands(Provider):
    """Asks the main screen what can be done."""

    async def discover(self) -> Hits:
        for title, text, call in self._all():
            yield DiscoveryHit(title, call, help=text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, text, call in self._all():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), call, text=title, help=text)

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
        """The bindings that work where the palette was opened, by the table of keys."""
        active = {one.binding.id: one for one in self.screen.active_bindings.values() if one.enabled}
        for key in keys.KEYS:
            found = active.get(key.id)
            if found is None or key.where not in _PLACES or key.id in _NOT_FROM_PALETTE:
                continue
            pressed = self.app.get_key_display(found.binding)
            run = partial(self.app.run_action, found.binding.action, found.node)
            yield key.tooltip.rstrip("."), f"key {pressed}", run
