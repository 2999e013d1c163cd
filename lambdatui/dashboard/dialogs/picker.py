"""Pick one of many: type some of its words, go up and down, Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from lambdatui.dashboard.bars import Footer
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.widgets.columns import Column
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.table_messages import RowSelected

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One of the many."""

    title: str
    hint: str
    value: T


class _Line(Input):
    BINDINGS: ClassVar = bindings("pick")


class Picker(ModalScreen[T | None], Generic[T]):
    """Answers with the value of the choice; None when it was left."""

    CSS = """
    Picker { align: center middle; background: $background 60%; }
    #picker {
        width: 78; max-width: 100%; height: 24; max-height: 100%;
        border: round $border-focus; background: $surface;
        border-title-color: $foreground; border-title-style: bold;
    }
    #picker Input { background: $panel; margin: 0 1; }
    """
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar = bindings("leave", "next-choice", "choice-before")

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice[T]],
        *,
        hint: str,
        typed: Callable[[str], Choice[T] | None] = lambda text: None,
    ) -> None:
        """``typed`` makes a choice of a text that none of them has."""
        super().__init__()
        self._title = title
        self._choices = choices
        self._hint = hint
        self._of_typed = typed

    def compose(self) -> ComposeResult:
        with Vertical(id="picker") as frame:
            frame.border_title = Content(self._title)
            yield _Line(placeholder=self._hint, compact=True)
            yield LineTable[Choice[T]](
                [
                    Column("title", "", lambda each: (each.title, "strong"), min_width=20, weight=2),
                    Column("hint", "", lambda each: (each.hint, "muted"), min_width=20, weight=3),
                ],
                lambda each: (each.title, each.hint),
                empty="Nothing is called like that.",
                header=False,
            )
            yield Footer()

    def on_mount(self) -> None:
        self._table.can_focus = False
        self._show("")

    @property
    def _table(self) -> LineTable[Choice[T]]:
        return self.query_one(LineTable)

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        self._show(message.value.strip().lower())

    def _show(self, text: str) -> None:
        words = text.split()
        found = [each for each in self._choices if _has(each, words)]
        if not found and (made := self._of_typed(text)):
            found = [made]
        self._table.set_rows(found, glow=False)
        self._table.move_to(0)

    def action_next_choice(self, step: int) -> None:
        """Up or down, without leaving what is typed."""
        self._table.action_move(step)

    @on(Input.Submitted)
    @on(RowSelected)
    def action_submit(self) -> None:
        """Take the choice under the cursor."""
        chosen = self._table.cursor_row
        if chosen is not None:
            self.dismiss(chosen.value)

    def action_leave(self) -> None:
        """Close without picking."""
        self.dismiss(None)


def _has(choice: Choice[T], words: Sequence[str]) -> bool:
    text = f"{choice.title} {choice.hint}".lower()
    return all(word in text for word in words)
