"""Edit the payload of an event before it is accepted once more."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from lambdatui.dashboard import outside
from lambdatui.dashboard.keys import bindings
from lambdatui.service.errors import ServiceError

EDITED_HERE = 64 * 1024
"""Longer payloads are for an editor of the person's own."""


class ReplayDialog(ModalScreen[str | None]):
    """The payload as text; what was typed stays until it is sent."""

    AUTO_FOCUS = "TextArea"
    BINDINGS: ClassVar = bindings("send-replay", "replay-outside", "leave")
    CSS = """
    ReplayDialog { align: center middle; background: $background 60%; }
    ReplayDialog Vertical {
        width: 90; max-width: 100%; height: 70%; padding: 0 1;
        border: round $border-focus; border-title-color: $accent; border-subtitle-color: $muted;
        background: $surface;
    }
    ReplayDialog TextArea { height: 1fr; border: none; padding: 0; }
    ReplayDialog Static { height: auto; color: $fail; display: none; }
    """

    def __init__(self, aim: str, payload: str, send: Callable[[str], Awaitable[str]]) -> None:
        super().__init__()
        self._aim = aim
        self._payload = _pretty(payload)
        self._send = send
        self._busy = False

    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            frame.border_title = Content(f"Replay for {self._aim}")
            frame.border_subtitle = Content("ctrl+j accepts it as a new event, ctrl+e $EDITOR, esc leaves")
            yield TextArea(self._payload, compact=True, read_only=len(self._payload) > EDITED_HERE)
            yield Static("", markup=False)

    @property
    def _editor(self) -> TextArea:
        return self.query_one(TextArea)

    def action_send(self) -> None:
        """Have it accepted."""
        if not self._busy:
            self._busy = True
            self._try()

    def action_outside(self) -> None:
        """Edit it in the person's own editor."""
        command = outside.command()
        if not command:
            self._say("Set EDITOR to the editor of your choice first.")
        elif (text := outside.lend(self.app, self._editor.text, command)) is not None:
            self._editor.text = text

    @work(group="dialog", exit_on_error=False)
    async def _try(self) -> None:
        try:
            sentence = await self._send(self._editor.text)
        except ServiceError as error:
            self._say(error.sentence)
        else:
            self.dismiss(sentence)
        finally:
            self._busy = False

    def _say(self, sentence: str) -> None:
        problem = self.query_one(Static)
        problem.update(sentence)
        problem.display = True

    def action_leave(self) -> None:
        """Close without doing anything."""
        self.dismiss(None)


def _pretty(payload: str) -> str:
    if len(payload) > EDITED_HERE:
        return payload
    try:
        return json.dumps(json.loads(payload), indent=2, ensure_ascii=False)
    except ValueError:
        return payload
