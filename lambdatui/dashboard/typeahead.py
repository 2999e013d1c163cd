"""One key at a time: what is typed faster than it is answered goes where it would go when typed slowly.

Textual hands a key to the widget that has the focus at the moment in which the key is read. Of several
keys read at once (a quick hand, a slow line, text pasted by a terminal that does not say so) only the
first would find the right widget: the filter that ``/`` opens gets the focus later. So a key waits
until the one before has been answered by everybody who was asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import events
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from textual.app import App

_LOOKS = 8
"""How often a queue is looked at again that still holds messages: a flood must not stop the keys."""


class TypeAhead:
    """Holds keys and pasted text back until it is their turn."""

    def __init__(self, app: App[Any], forward: Callable[[events.Event], Any]) -> None:
        """``forward`` hands an event to what has the focus."""
        self._app = app
        self._forward = forward
        self._waiting: deque[events.Event] = deque()
        self._busy = True  # until there is somebody to answer

    async def begin(self) -> None:
        """The screen that keys are meant for is there: those typed at its last known frame come first."""
        await self._next()

    async def typed(self, event: events.Event) -> None:
        """A key or pasted text was read."""
        self._waiting.append(event)
        if not self._busy:
            await self._next()

    async def _next(self) -> None:
        self._busy = bool(self._waiting)
        if self._busy:
            asked = self._app.focused or self._app.screen
            await self._forward(self._waiting.popleft())
            asked.call_later(self.draw)  # an editor answers by itself
            way = [*asked.ancestors_with_self]
            self._follow(way + way, _LOOKS)  # the app answers what nobody took, and that goes the way again

    def draw(self) -> None:
        """Show now what a key changed; what follows from it is drawn with Textual's next frame."""
        screen = self._app.screen
        drawer = screen._compositor
        changed = {widget for widget in drawer.visible_widgets if widget._repaint_regions}
        if changed and screen.is_current:
            drawer.update_widgets(changed)
            screen._compositor_refresh()

    def _follow(self, path: list[Any], looks: int) -> None:
        """Go the way of the event, behind it: through the widgets it rises through, then to the screen
        that is shown by now, so that one just opened has its focus."""
        if not path:
            self._settle(self._app.screen)
            return
        pump: MessagePump = path[0]
        if pump.message_queue_size and looks:
            self._later(pump, path, looks - 1)
        else:
            self.draw()
            following = path[1:]
            if following:
                self._later(following[0], following, _LOOKS)
            else:
                self._follow([], 0)

    def _later(self, pump: MessagePump, path: list[Any], looks: int) -> None:
        if not pump.call_later(self._follow, path, looks):  # it is gone
            self._follow(path[1:], _LOOKS)

    def _settle(self, screen: MessagePump) -> None:
        if not screen.call_later(self._app.call_later, self._next):
            self._app.call_later(self._next)
