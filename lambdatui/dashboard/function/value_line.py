"""One line where a value is typed; what is wrong with it stands beside it as you type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label

from lambdatui.dashboard.keys import bindings


class _ValueInput(Input):
    BINDINGS: ClassVar = bindings("keep-value", "forget-value", "next-choice", "choice-before")

    def action_forget(self) -> None:
        """Leave the value as it was."""
        self.screen.query_one(ValueLine).forget()

    def action_next_choice(self, step: int) -> None:
        """Put the next of the values there are into the line."""
        self.screen.query_one(ValueLine).next_choice(step)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "next_choice" and not self.screen.query_one(ValueLine).choices:
            return False
        return super().check_action(action, parameters)


class ValueLine(Horizontal):
    """Opens below a table for one value; Enter keeps it, Esc leaves it as it was."""

    DEFAULT_CSS = """
    ValueLine { display: none; height: 1; background: $surface; }
    ValueLine #what { color: $accent; padding: 0 1; max-width: 40%; }
    ValueLine Input { width: 1fr; min-width: 12; background: $surface; }
    ValueLine #wrong { color: $muted; padding: 0 1; max-width: 50%; }
    ValueLine #wrong.-wrong { color: $fail; }
    """

    class Kept(Message):
        """This is the value from now on."""

        def __init__(self, key: str, value: str) -> None:
            super().__init__()
            self.key = key
            self.value = value

    class Left(Message):
        """Nothing is typed any more; the rows take the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.key = ""
        self.choices: Sequence[str] = ()
        self._check: Callable[[str], str] = lambda value: ""
        self._hint = ""

    def compose(self) -> ComposeResult:
        yield Label("", id="what", markup=False)
        yield _ValueInput(compact=True, select_on_focus=False)
        yield Label("", id="wrong", markup=False)

    @property
    def input(self) -> Input:
        """Where the value is typed."""
        return self.query_one(_ValueInput)

    def open(
        self,
        key: str,
        label: str,
        value: str,
        *,
        check: Callable[[str], str],
        hint: str = "",
        choices: Sequence[str] = (),
        masked: bool = False,
    ) -> None:
        """Type a value; ``check`` says what is wrong with it."""
        self.key, self._check, self._hint, self.choices = key, check, hint, choices
        self.query_one("#what", Label).update(Content(label))
        self.input.suggester = SuggestFromList(choices) if choices else None
        self.input.password = masked
        self.input.value = value
        self.input.cursor_position = len(value)
        self.display = True
        self.screen.set_focus(self.input)
        self._judge(value)
        self.screen.refresh_bindings()

    def forget(self) -> None:
        """Close without keeping anything."""
        self.display = False
        self.post_message(self.Left())

    def next_choice(self, step: int) -> None:
        """The next of the values there are."""
        known = self.input.value in self.choices
        at = self.choices.index(self.input.value) + step if known else 0
        self.input.value = self.choices[at % len(self.choices)]
        self.input.cursor_position = len(self.input.value)

    def _judge(self, value: str) -> str:
        problem = self._check(value)
        label = self.query_one("#wrong", Label)
        label.set_class(bool(problem), "-wrong")
        label.update(Content(problem or self._hint))
        return problem

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self._judge(message.value)

    @on(Input.Submitted)
    def _kept(self, message: Input.Submitted) -> None:
        message.stop()
        self.keep()

    def keep(self) -> bool:
        """Keep what is typed; False when something is wrong with it."""
        value = self.input.value
        if self._judge(value):
            return False
        self.display = False
        self.post_message(self.Kept(self.key, value))
        return True
