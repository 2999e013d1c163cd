"""Which functions are there, and how are they?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.panes.pane import Clock, FilterLine, Pane, folded
from lambdatui.dashboard.widgets.columns import Column
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import Span
from lambdatui.dashboard.widgets.table_messages import RowHighlighted, RowSelected, VisibleRowsChanged
from lambdatui.dashboard.words import age, exactly
from lambdatui.model import Function, FunctionState

_STATES: Mapping[FunctionState, Span] = {
    FunctionState.UNKNOWN: (" ", ""),
    FunctionState.PENDING: (SIGNS.pending, "wait"),
    FunctionState.ACTIVE: (SIGNS.active, "ok"),
    FunctionState.INACTIVE: (SIGNS.dot, "muted"),
    FunctionState.FAILED: (SIGNS.failed, "fail"),
    FunctionState.DEACTIVATING: (SIGNS.pending, "wait"),
    FunctionState.DEACTIVATED: (SIGNS.dot, "muted"),
    FunctionState.ACTIVE_NON_INVOCABLE: (SIGNS.warning, "wait"),
    FunctionState.DELETING: (SIGNS.pending, "wait"),
}
_PASSING = {FunctionState.UNKNOWN, FunctionState.PENDING, FunctionState.DEACTIVATING, FunctionState.DELETING}


def state_of(function: Function) -> Span:
    """The sign of a function's state; an update under way or failed counts too."""
    latest = function.latest
    if latest.state is FunctionState.ACTIVE and latest.last_update == "InProgress":
        return SIGNS.pending, "wait"
    if latest.state is FunctionState.ACTIVE and latest.last_update == "Failed":
        return SIGNS.warning, "fail"
    return _STATES[latest.state]


def _runtime(function: Function) -> str:
    return function.latest.runtime or function.latest.package_type.lower()


def _short_runtime(function: Function) -> str:
    """The long names are those of custom runtimes; their end tells them apart."""
    return _runtime(function).removeprefix("provided.")


class FunctionsPane(Pane):
    """The functions of the target; the row under the cursor is the chosen one."""

    NUMBER, TITLE = 1, "Functions"
    BINDINGS: ClassVar = bindings("order", "delete")

    class Chosen(Message):
        """The cursor is on another function; None when there is none."""

        def __init__(self, function: Function | None) -> None:
            super().__init__()
            self.function = function

    class Opened(Message):
        """Enter on a function."""

    class Unknown(Message):
        """Rows are in sight whose state nobody has asked for yet."""

        def __init__(self, names: Sequence[str]) -> None:
            super().__init__()
            self.names = names

    def __init__(self, now: Clock) -> None:
        super().__init__(id="functions")
        self._now = now
        self._known: dict[str, Function] = {}
        self._ages: list[str] = []
        self._sentence = ""
        self._complete = False
        self._chosen: str | None = None

    def compose(self) -> ComposeResult:
        yield FilterLine("name, runtime or state")
        yield LineTable[Function](self._columns(), lambda function: function.name, empty="")

    def _columns(self) -> list[Column[Function]]:
        return [
            Column(
                "name",
                "name",
                lambda f: (f.name, "strong"),
                min_width=14,
                weight=3,
                clip="middle",
                sort_key=lambda f: f.name.lower(),
                search=lambda f: f.name,
            ),
            Column(
                "runtime",
                "runtime",
                lambda f: (_short_runtime(f), "muted"),
                min_width=10,
                max_width=12,
                priority=1,
                sort_key=_runtime,
                search=_runtime,
            ),
            Column(
                "memory",
                "memory",
                lambda f: f"{f.latest.memory_mb} MB",
                width=8,
                align="right",
                priority=2,
                sort_key=lambda f: f.latest.memory_mb,
            ),
            Column(
                "timeout",
                "timeout",
                lambda f: f"{f.latest.timeout_s} s",
                width=7,
                align="right",
                priority=3,
                sort_key=lambda f: f.latest.timeout_s,
            ),
            Column(
                "modified",
                "modified",
                lambda f: (age(f.latest.modified, self._now()), "muted"),
                width=10,
                align="right",
                priority=4,
                sort_key=lambda f: -f.latest.modified.timestamp(),
                value=lambda f: exactly(f.latest.modified),
            ),
            Column("sign", "", state_of, width=1),
            Column(
                "state",
                "state",
                lambda f: (f.latest.state.value, state_of(f)[1]),
                width=8,
                priority=5,
                sort_key=lambda f: f.latest.state.value,
                search=lambda f: f.latest.state.value,
            ),
        ]

    @property
    def table(self) -> LineTable[Function]:
        """The rows."""
        return self.query_one(LineTable)

    @property
    def filter_line(self) -> FilterLine:
        """The line to filter by."""
        return self.query_one(FilterLine)

    @property
    def chosen(self) -> Function | None:
        """The function under the cursor."""
        return self.table.cursor_row

    @property
    def names(self) -> list[str]:
        """Every function's name, filtered out or not."""
        return list(self._known)

    def stops(self) -> Sequence[Widget]:
        return (self.table,)

    # -- what is shown ------------------------------------------------------------------------

    def show_list(self, functions: Iterable[Function], *, complete: bool) -> None:
        """Show this list; a state that was known stays while the function is unchanged."""
        self._complete = self._complete or complete
        listed = {function.name: self._with_state(function) for function in functions}
        if listed != self._known:
            self._known = listed
            self.table.set_rows(listed.values(), glow=self._complete)
        self._describe()
        self.ask_for_states()

    def _with_state(self, listed: Function) -> Function:
        known = self._known.get(listed.name)
        same = known is not None and known.latest.revision_id == listed.latest.revision_id
        return known if known is not None and same else listed

    def show_states(self, functions: Mapping[str, Function]) -> None:
        """What lists leave out, for some rows."""
        for name, function in functions.items():
            known = self._known.get(name)
            if known is not None and known != function:
                self._known[name] = function
                self.table.put_row(function, glow=bool(known.latest.state))
        self._describe()

    def say(self, sentence: str) -> None:
        """Say why there are no rows."""
        self._sentence = sentence
        self.on_resize()

    def on_resize(self) -> None:
        self.table.empty = folded(self._sentence, self.size.width - 4)

    def fail(self, sentence: str) -> None:
        """The list cannot be had; rows known stay."""
        if self._known:
            self.subtitle(Content.styled(sentence, "$fail"))
        else:
            self.say(sentence)

    def ask_for_states(self, *, again: bool = False) -> None:
        """Ask for rows in sight whose state is unknown or passing; ``again`` asks for all in sight."""
        rows = self.table.visible_rows()
        names = [row.name for row in rows if again or row.latest.state in _PASSING or _updating(row)]
        if names:
            self.post_message(self.Unknown(names))

    def tick(self) -> None:
        """Relative times grow older; draw them again only when one reads differently."""
        now = self._now()
        ages = [age(row.latest.modified, now) for row in self.table.visible_rows()]
        if ages != self._ages:
            self._ages = ages
            self.table.refresh()
        self.ask_for_states()

    def _describe(self) -> None:
        table = self.table
        shown, total = table.row_count, table.total_count
        self.entitle(f"{shown} of {total}" if shown != total else str(total) if self._complete else "…")
        function = self.chosen
        if function is None:
            self.subtitle()
            return
        latest = function.latest
        parts = [latest.state.value, f"{latest.timeout_s} s", exactly(latest.modified)]
        if not latest.state:
            del parts[0]
        self.subtitle(" · ".join(parts))

    # -- what the person does -----------------------------------------------------------------

    def action_order(self) -> None:
        """Sort by the next column that can be sorted by."""
        table = self.table
        order = [None, *(column.key for column in table.columns if column.sort_key)]
        following = order[(order.index(table.sort_column) + 1) % len(order)]
        table.sort(following)

    def clear_filter(self) -> bool:
        return self.filter_line.clear()

    @on(FilterLine.Changed)
    def _filter(self, message: FilterLine.Changed) -> None:
        message.stop()
        self.table.filter_text = message.text
        self._describe()

    @on(FilterLine.Left)
    def _back_to_rows(self, message: FilterLine.Left) -> None:
        message.stop()
        self.screen.set_focus(self.table)

    @on(RowHighlighted)
    def _highlighted(self, message: RowHighlighted) -> None:
        message.stop()
        self._describe()
        name = message.row.name if message.row else None
        if name != self._chosen:
            self._chosen = name
            self.post_message(self.Chosen(message.row))

    @on(RowSelected)
    def _selected(self, message: RowSelected) -> None:
        message.stop()
        self.post_message(self.Opened())

    @on(VisibleRowsChanged)
    def _other_rows(self, message: VisibleRowsChanged) -> None:
        message.stop()
        self.ask_for_states()


def _updating(function: Function) -> bool:
    return function.latest.last_update == "InProgress"
