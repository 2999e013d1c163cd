"""The form of a new function. It stays open until the function is there; what was typed stays with it."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Button, Input, Label, Static

from lambdatui.dashboard.bars import Footer
from lambdatui.dashboard.create.form import Form
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.turns import InTurn
from lambdatui.service.creation import Creation
from lambdatui.service.errors import ServiceError

LABELS = {
    "name": "Name",
    "source": "Code from",
    "origin": "",
    "runtime": "Runtime",
    "handler": "Handler",
    "memory": "Memory",
    "timeout": "Timeout",
    "architecture": "Architecture",
    "role": "Role",
}
HINTS = {
    "name": "such as checkout",
    "handler": "file.function",
    "role": "ARN of a role that Lambda may assume",
}
PATIENCE_S = 0.2

Guarded = Callable[[Callable[[], object]], None]
"""Makes a change once the person agreed to changes here."""


class FormInput(Input):
    """One line of the form; up and down go through the values where there are some."""

    BINDINGS: ClassVar = bindings("make-function", "next-choice", "choice-before")

    def on_mount(self) -> None:
        self.cursor_blink = False

    def action_next_choice(self, step: int) -> None:
        """The next of the values there are."""
        screen = self.screen
        assert isinstance(screen, CreateScreen)
        choices = screen.choices(str(self.id))
        at = choices.index(self.value) + step if self.value in choices else 0
        self.value = choices[at % len(choices)]
        self.cursor_position = len(self.value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "next_choice":
            return isinstance(self.screen, CreateScreen) and bool(self.screen.choices(str(self.id)))
        return super().check_action(action, parameters)


class CreateScreen(ModalScreen[str | None], InTurn[str | None]):
    """Answers with the name of the function that was made."""

    CSS_PATH = "create.tcss"
    AUTO_FOCUS = "#name"
    BINDINGS: ClassVar = bindings("leave", "next-field", "previous-field")

    def __init__(self, form: Form, creation: Creation, guarded: Guarded) -> None:
        super().__init__()
        self._form = form
        self._creation = creation
        self._guarded = guarded
        self._roles: tuple[str, ...] = ()
        self._busy = False
        self._doing = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="create") as frame:
            frame.border_title = Content("New function")
            with VerticalScroll(id="fields", can_focus=False):
                for name, label in LABELS.items():
                    with Horizontal(classes="line", id=f"line-{name}"):
                        yield Label(label, classes="label", markup=False)
                        yield FormInput(
                            self._form.texts[name], id=name, placeholder=HINTS.get(name, ""), compact=True
                        )
                        yield Label("", classes="about", markup=False)
            yield Static("", id="said", markup=False)
            with Horizontal(id="buttons"):
                yield Button("Create", id="do", compact=True)
                yield Button("Cancel", id="leave", compact=True)
            yield Footer()

    def on_mount(self) -> None:
        self.query_one("#said").display = False
        self._judge()
        self._ask_roles()

    def choices(self, name: str) -> tuple[str, ...]:
        """The values of a field that there are to choose from."""
        return self._roles if name == "role" else self._form.choices(name)

    @work(group="roles", exit_on_error=False)
    async def _ask_roles(self) -> None:
        found = await self._creation.roles()
        self._roles = tuple(found)
        if found:
            role = self.query_one("#role", FormInput)
            role.suggester = SuggestFromList(found)
            role.placeholder = "↑ ↓ go through the roles there are"
            self.refresh_bindings()

    # -- filling in ---------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        name = str(message.input.id)
        if self._form.texts[name] == message.value:
            return
        for other, text in self._form.put(name, message.value.strip()).items():
            with self.prevent(Input.Changed):
                self.query_one(f"#{other}", FormInput).value = text
        self._judge()

    def _judge(self) -> None:
        """What is wrong stands beside it, as you type."""
        form = self._form
        title, hint = form.origin
        self.query_one("#line-origin .label", Label).update(Content(title))
        self.query_one("#origin", FormInput).placeholder = hint
        for name in LABELS:
            line = self.query_one(f"#line-{name}")
            line.display = name in form.fields
            about, problem = line.query_one(".about", Label), form.problem(name)
            about.set_class(bool(problem) and bool(form.texts[name]), "-wrong")
            about.update(Content(problem or form.note(name)))

    # -- creating -----------------------------------------------------------------------------

    @on(Input.Submitted)
    @on(Button.Pressed, "#do")
    def _do(self) -> None:
        if self._busy:
            return
        wrong = self._form.first_problem
        if wrong:
            label = LABELS[wrong] or self._form.origin[0]
            self._say(f"{label}: {self._form.problem(wrong)}.", wrong=True)
            self.query_one(f"#{wrong}").focus()
            return
        self._guarded(self._begin)

    def _begin(self) -> None:
        if not self._busy:
            self._busy = True
            self._create()

    @work(group="create", exit_on_error=False)
    async def _create(self) -> None:
        since = monotonic()
        self._doing = "asking Lambda"

        def progress() -> None:
            self._say(f"{self._doing[:1].upper()}{self._doing[1:]}… {monotonic() - since:.0f} s")

        def say(step: str) -> None:
            self._doing = step

        waiting = self.set_interval(PATIENCE_S, progress)
        try:
            made = await self._creation.create(self._form.made(), say=say)
        except ServiceError as error:
            self._say(error.sentence, wrong=True)
        else:
            self.dismiss(made.name)
        finally:
            waiting.stop()
            self._busy = False

    def _say(self, sentence: str, *, wrong: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.set_class(wrong, "-wrong")
        said.update(sentence)
        said.display = True

    # -- leaving ------------------------------------------------------------------------------

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Close; what was typed is there again the next time."""
        self.dismiss(None)
