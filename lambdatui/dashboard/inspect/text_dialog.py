"""Text to be read whole, or to be edited and sent; what else has to be told stands above it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static, TextArea

from lambdatui.dashboard import outside
from lambdatui.dashboard.dialogs.dialog import Field
from lambdatui.dashboard.keys import bindings, spelled
from lambdatui.service.errors import ServiceError

EDITED_HERE = 64 * 1024
"""Longer texts are for an editor of the person's own."""
Send = Callable[[str, Mapping[str, str]], Awaitable[str]]
"""Takes the text and the fields; returns the sentence that says what became of it."""


class TextDialog(ModalScreen[str | None]):
    """The text; what was typed stays until it is sent. Without ``send`` it is only read."""

    AUTO_FOCUS = "Input, TextArea"
    BINDINGS: ClassVar = bindings("send-text", "text-outside", "leave")
    CSS = """
    TextDialog { align: center middle; background: $background 60%; }
    TextDialog #text-frame {
        width: 90; max-width: 100%; height: 70%; padding: 0 1;
        border: round $border-focus; border-title-color: $accent; border-subtitle-color: $muted;
        background: $surface;
    }
    TextDialog Horizontal { height: 1; }
    TextDialog Label { width: 16; color: $muted; }
    TextDialog Input { width: 1fr; }
    TextDialog TextArea { height: 1fr; border: none; padding: 0; }
    TextDialog #note { height: auto; color: $muted; }
    TextDialog #problem { height: auto; display: none; color: $fail; }
    """

    def __init__(
        self,
        title: str,
        text: str,
        send: Send | None = None,
        *,
        does: str = "",
        note: str = "",
        fields: tuple[Field, ...] = (),
        keep: Callable[[str], None] = lambda text: None,
    ) -> None:
        """``does``: what sending does, for the frame. ``keep`` is given what is typed when it is left."""
        super().__init__()
        self._title, self._text, self._send = title, pretty(text), send
        self._does, self._note, self._fields, self._keep = does, note, fields, keep
        self._busy = False

    def compose(self) -> ComposeResult:
        with Vertical(id="text-frame") as frame:
            frame.border_title = Content(self._title)
            frame.border_subtitle = Content(
                f"{spelled('<send-text>')} {self._does}, {spelled('<text-outside> $EDITOR, <leave> leaves')}"
                if self._send
                else spelled("<leave> leaves")
            )
            yield Static(self._note, id="note", markup=False)
            for field in self._fields:
                with Horizontal():
                    yield Label(field.label.capitalize(), markup=False)
                    yield Input(field.value, placeholder=field.hint, id=_id(field.name), compact=True)
            only_read = self._send is None or len(self._text) > EDITED_HERE
            yield TextArea(self._text, compact=True, read_only=only_read)
            yield Static("", id="problem", markup=False)

    def on_mount(self) -> None:
        self.query_one("#note").display = bool(self._note)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is only read is not sent."""
        if action in ("send", "outside") and self._send is None:
            return False
        return super().check_action(action, parameters)

    @property
    def _editor(self) -> TextArea:
        return self.query_one(TextArea)

    @on(Input.Submitted)
    def _on_to_the_text(self) -> None:
        self.focus_next()

    def action_send(self) -> None:
        """Have it done."""
        if not self._busy and self._send is not None:
            self._busy = True
            self._try(self._send)

    def action_outside(self) -> None:
        """Edit it in the person's own editor."""
        command = outside.command()
        if not command:
            self._say("Set EDITOR to the editor of your choice first.")
        elif (text := outside.lend(self.app, self._editor.text, command)) is not None:
            self._editor.text = text

    @work(group="dialog", exit_on_error=False)
    async def _try(self, send: Send) -> None:
        typed = {one.name: self.query_one(f"#{_id(one.name)}", Input).value.strip() for one in self._fields}
        self._keep(self._editor.text)
        try:
            sentence = await send(self._editor.text, typed)
        except ServiceError as error:
            self._say(error.sentence)
        else:
            self.dismiss(sentence)
        finally:
            self._busy = False

    def _say(self, sentence: str) -> None:
        problem = self.query_one("#problem", Static)
        problem.update(sentence)
        problem.display = True

    def action_leave(self) -> None:
        """Close without doing anything."""
        if self._send is not None:
            self._keep(self._editor.text)
        self.dismiss(None)


def _id(name: str) -> str:
    return name.replace(" ", "-")


def pretty(text: str) -> str:
    """JSON laid out, if it is JSON and not too long."""
    if len(text) > EDITED_HERE:
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
