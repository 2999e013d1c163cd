"""A dialog that stays open until what it asked for has been done.

It calls the service itself, so that an error is shown beside what was typed and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static
from textual.worker import Worker

from lambdatui.dashboard.keys import bindings
from lambdatui.service.errors import ServiceError

Submit = Callable[[Mapping[str, str]], Awaitable[str]]
"""Does what was asked with the values typed and returns a sentence that says so."""
Asked = Callable[[], Awaitable[Mapping[str, str]]]
"""Values for fields that nobody knew when the dialog was opened."""


class FieldError(ValueError):
    """A value cannot be what the field asks for."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Field:
    """One line to fill in."""

    name: str
    label: str
    value: str = ""
    hint: str = ""


class Dialog(ModalScreen[str | None]):
    """Fields, a button that does it and one that does not; answers with the sentence of success."""

    CSS_PATH = "dialog.tcss"
    AUTO_FOCUS = "Input, Button"  # the first button is the harmless one where there is danger
    BINDINGS: ClassVar = bindings("leave")
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-high")]

    def __init__(
        self,
        title: str,
        submit: Submit,
        *,
        text: str = "",
        fields: tuple[Field, ...] = (),
        verb: str,
        danger: bool = False,
        destroys: str = "",
        asked: Asked | None = None,
    ) -> None:
        """``destroys`` names what will be gone, for accounts where that has to be typed. What ``asked``
        finds goes into fields that are still empty, and nothing is sent before."""
        super().__init__()
        self._title = title
        self._text = text
        self._fields = fields
        self._submit = submit
        self._verb = verb
        self._danger = danger
        self._destroys = destroys
        self._asked = asked
        self._filling: Worker[None] | None = None
        self._demanded = False
        self._busy = False

    def demand_name(self) -> None:
        """Have the name of what will be gone typed first. Before the dialog is shown."""
        self._demanded = bool(self._destroys)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-danger" if self._danger else "") as frame:
            frame.border_title = Content(self._title)
            if self._text:
                yield Static(self._text, id="text", markup=False)
            for field in self._fields:
                with Horizontal(classes="field"):
                    yield Label(field.label, markup=False)
                    yield Input(field.value, placeholder=field.hint, id=field.name, compact=True)
            if self._demanded:
                yield Label(f"Type {self._destroys} to confirm.", id="demand", markup=False)
                yield Input(id="typed-name", compact=True)
            yield Static("", id="problem", markup=False)
            with Horizontal(id="buttons"):
                if not self._danger:
                    yield Button(Content(self._verb), id="do", compact=True)
                yield Button("Leave it" if self._danger else "Cancel", id="leave", compact=True)
                if self._danger:
                    yield Button(Content(self._verb), id="do", compact=True)

    def on_mount(self) -> None:
        """Say the keys that do it, and that do not: nobody has to know them."""
        inputs = len(self._fields) + self._demanded
        do = "tab, enter" if self._danger and not inputs else "enter"
        leave = next(one for one in self.active_bindings.values() if one.binding.id == "leave")
        parts = ["tab next field"] if inputs > 1 else []
        parts += [f"{do} {self._verb.lower()}", f"{self.app.get_key_display(leave.binding)} close"]
        self.query_one("#dialog").border_subtitle = Content(" · ".join(parts))
        if self._asked is not None:
            self._filling = self._fill(self._asked)

    @work(group="fill", exit_on_error=False)
    async def _fill(self, asked: Asked) -> None:
        try:
            found = await asked()
        except ServiceError:
            return  # it is typed then; what is sent says what is wrong
        for name, value in found.items():
            field = self.query_one(f"#{name}", Input)
            field.value = field.value or value

    @on(Input.Submitted)
    @on(Button.Pressed, "#do")
    def _do(self) -> None:
        if not self._busy:
            self._busy = True
            self._try()

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Close without doing anything."""
        self.dismiss(None)

    @work(group="dialog", exit_on_error=False)
    async def _try(self) -> None:
        if self._demanded and self._value("typed-name") != self._destroys:
            self._say(f"That is not {self._destroys}. Nothing was done.")
            self.query_one("#typed-name").focus()
            self._busy = False
            return
        self._say("")
        patience = self.set_timer(0.2, lambda: self._say("Waiting for Lambda…", waiting=True))
        try:
            if self._filling is not None:
                await self._filling.wait()
            sentence = await self._submit({field.name: self._value(field.name) for field in self._fields})
        except ServiceError as error:
            self._say(error.sentence)
        except FieldError as error:
            self._say(str(error))
            self.query_one(f"#{error.field}").focus()
        else:
            self.dismiss(sentence)
        finally:
            patience.stop()
            self._busy = False

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _say(self, sentence: str, *, waiting: bool = False) -> None:
        problem = self.query_one("#problem", Static)
        problem.set_class(waiting, "-waiting")
        problem.update(sentence)
        problem.display = bool(sentence)
