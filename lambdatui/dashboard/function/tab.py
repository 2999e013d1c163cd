"""What the tabs of the function screen have in common: asked when shown, errors in place, one guard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget

from lambdatui.dashboard.dialogs.dialog import Dialog
from lambdatui.dashboard.function.subject import Subject
from lambdatui.dashboard.guard import guard_of
from lambdatui.dashboard.keys import bindings, key_of, spelled
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Column
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.table_messages import RowHighlighted, RowSelected
from lambdatui.model import TargetKind
from lambdatui.service.errors import ServiceError

PATIENCE_S = 0.2
AGAIN_S = {TargetKind.LOCAL: 1.0, TargetKind.AWS: 5.0}
"""How soon a tab asks again while something on it is still changing by itself."""

RowT = TypeVar("RowT")


class ChangeTable(LineTable[RowT]):
    """Rows that Enter changes."""

    BINDINGS: ClassVar = bindings("change")
    changes = True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter is a key only where it does something."""
        if action == "select" and not self.changes:
            return False
        return super().check_action(action, parameters)


class Tab(Vertical):
    """One tab: fetches when it is first seen, and again when something changed."""

    NAME: ClassVar[str]
    TITLE: ClassVar[str]
    CHANGES: ClassVar[frozenset[str]] = frozenset()
    """Actions that change something: a target opened read-only does not have them."""

    class Describes(Message):
        """The small print at the frame's edge changed."""

        def __init__(self, tab: Tab, text: str | Content) -> None:
            super().__init__()
            self.tab = tab
            self.text = text

    class Changed(Message):
        """The function was changed: what other tabs know is old."""

    def __init__(self, subject: Subject) -> None:
        super().__init__(id=f"part-{self.NAME}")
        self.subject = subject
        self.stale = True
        self.small_print: str | Content = ""

    # -- for subclasses -----------------------------------------------------------------------

    async def fetch(self) -> Any:
        """Ask the service; what it returns is given to :meth:`show`."""
        raise NotImplementedError

    def show(self, found: Any) -> None:
        """Draw what was found."""
        raise NotImplementedError

    def say(self, sentence: str) -> None:
        """Say in place of the contents why there are none."""
        raise NotImplementedError

    def stop(self) -> Widget:
        """What takes the focus."""
        raise NotImplementedError

    @property
    def shows_something(self) -> bool:
        """Whether an error would replace something worth keeping."""
        return False

    @property
    def unsettled(self) -> bool:
        """Whether something that is shown is about to change by itself."""
        return False

    def copied(self) -> tuple[str, str]:
        """What the copy key takes, and what it is called."""
        return "", ""

    def delete(self) -> None:
        """Delete the chosen row."""

    def back(self) -> bool:
        """Esc: undo one step within the tab; False when there is none."""
        return False

    # -- asking -------------------------------------------------------------------------------

    def opened(self) -> None:
        """The tab is seen: ask, unless what is known is new."""
        if self.stale:
            self.ask()

    def ask(self) -> None:
        """Ask again."""
        self.stale = False
        self.run_worker(self._ask(), group="ask", exclusive=True, exit_on_error=False)

    async def _ask(self) -> None:
        waiting = self.set_timer(PATIENCE_S, self._say_waiting)
        try:
            found = await self.fetch()
        except ServiceError as error:
            self.failed(error.sentence)
        except Exception as error:
            self.log.error(error)
            self.failed(f"Something in lambdatui broke: {type(error).__name__}: {error}")
        else:
            self.show(found)
            if self.unsettled:
                self.set_timer(AGAIN_S[self.subject.service.target.kind], self._again)
        finally:
            waiting.stop()

    def _again(self) -> None:
        """Look whether it has settled, if anybody is looking."""
        if self.display and self.screen.is_current:
            self.ask()
        else:
            self.stale = True

    def _say_waiting(self) -> None:
        if not self.shows_something:
            self.say(f"Asking about {self.subject.name}…")

    def failed(self, sentence: str) -> None:
        """An error: beside what is known, or in its place."""
        self.stale = True
        if self.shows_something:
            self.describe(Content.styled(sentence, "$fail"))
        else:
            self.say(f"{sentence}\nPress {key_of('refresh')} to ask again.")

    def describe(self, text: str | Content) -> None:
        """Small print at the frame's edge."""
        self.small_print = text
        self.post_message(self.Describes(self, text))

    # -- changing -----------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A target opened read-only has no key that would change something."""
        if action in self.CHANGES and self.subject.read_only:
            return False
        return super().check_action(action, parameters)

    def with_leave(self, change: Callable[[], object]) -> None:
        """Change something, after the question that AWS needs once."""
        guard_of(self.app).before(self.app, self.subject.service.target, change)

    def open_dialog(self, dialog: Dialog | ModalScreen[str | None]) -> None:
        """Ask for what a change needs; when it is made, say so and look again."""
        if isinstance(dialog, Dialog) and self.subject.service.target.rule.type_name:
            dialog.demand_name()
        self.with_leave(lambda: self.app.push_screen(dialog, self._done))

    def _done(self, sentence: str | None) -> None:
        if sentence:
            self.changed(sentence)

    def changed(self, sentence: str) -> None:
        """Say what was done and look again."""
        self.notify(sentence, markup=False)
        self.post_message(self.Changed())
        self.ask()

    def work(self, job: Callable[[], Awaitable[str]]) -> None:
        """Change something without a dialog; a second press while it is under way does nothing."""
        busy = any(w.group == "change" and w.node is self and not w.is_finished for w in self.workers)
        if not busy:
            self.with_leave(lambda: self.run_worker(self._work(job), group="change", exit_on_error=False))

    async def _work(self, job: Callable[[], Awaitable[str]]) -> None:
        try:
            self.changed(await job())
        except ServiceError as error:
            self.notify(error.sentence, severity="error", markup=False)


class FilteredTab(Tab):
    """A tab with one list. With a `FilterLine` among what it composes, the list can be filtered."""

    BINDINGS: ClassVar = bindings("filter")

    @property
    def table(self) -> LineTable[Any]:
        """The list."""
        return self.query_one(LineTable)

    def action_filter(self) -> None:
        """Show only rows that match."""
        self.query_one(FilterLine).open()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A short list is not filtered."""
        if action == "filter" and not self.query(FilterLine):
            return False
        return super().check_action(action, parameters)

    @on(FilterLine.Changed)
    def _filtered(self, message: FilterLine.Changed) -> None:
        message.stop()
        self.table.filter_text = message.text

    @on(FilterLine.Left)
    def _filter_left(self, message: FilterLine.Left) -> None:
        message.stop()
        self.screen.set_focus(self.table)

    def clear_filter(self) -> bool:
        """Show all rows; False if nothing was filtered."""
        self.table.filter_text = ""
        return any(line.clear() for line in self.query(FilterLine))

    def back(self) -> bool:
        return self.clear_filter()


class ListTab(FilteredTab, Generic[RowT]):
    """A tab that is one table."""

    EMPTY: ClassVar[str] = "Nothing here."
    EMPTY_READ_ONLY: ClassVar[str] = "Nothing here."
    CHANGEABLE: ClassVar[bool] = True
    """Whether Enter changes a row."""
    FILTER: ClassVar[str] = ""
    """What rows can be filtered by, for a list that may be long."""

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self._known = False

    def columns(self) -> Sequence[Column[RowT]]:
        """The table's columns."""
        raise NotImplementedError

    def key(self, row: RowT) -> Hashable:
        """What tells rows apart."""
        raise NotImplementedError

    def rows(self, found: Any) -> Sequence[RowT]:
        """The rows of what was found."""
        rows: Sequence[RowT] = found
        return rows

    def about(self) -> str | Content:
        """The small print."""
        return ""

    def change(self, row: RowT) -> None:
        """Enter on a row."""

    def compose(self) -> ComposeResult:
        table = ChangeTable[RowT](self.columns(), self.key, empty="")
        table.changes = self.CHANGEABLE and not self.subject.read_only
        if self.FILTER:
            yield FilterLine(self.FILTER)
        yield table

    @property
    def table(self) -> LineTable[RowT]:
        return self.query_one(LineTable)

    @property
    def chosen(self) -> RowT | None:
        """The row under the cursor."""
        return self.table.cursor_row

    @property
    def shows_something(self) -> bool:
        return self._known and self.table.row_count > 0

    def stop(self) -> Widget:
        return self.table

    def show(self, found: Any) -> None:
        self._known = True
        self.table.set_rows(self.rows(found))
        self.say(spelled(self.EMPTY_READ_ONLY if self.subject.read_only else self.EMPTY))
        self.describe(self.about())

    def say(self, sentence: str) -> None:
        self.table.empty = sentence

    def copied(self) -> tuple[str, str]:
        row = self.chosen
        return ("", "") if row is None else (self.table.row_text(self.key(row)), "the row")

    @on(RowHighlighted)
    def _highlighted(self, message: RowHighlighted) -> None:
        message.stop()
        if self._known:
            self.describe(self.about())

    @on(RowSelected)
    def _selected(self, message: RowSelected) -> None:
        message.stop()
        if not self.subject.read_only:
            self.change(message.row)
