"""Which functions are there, and how are they?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from lambdatui.dashboard.functions.columns import DEFAULT, FunctionColumns
from lambdatui.dashboard.functions.query import Facts, Query, completions, understood
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.panes.pane import Clock, FilterLine, ListPane
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.table_messages import (
    MarksChanged,
    RowHighlighted,
    RowSelected,
    VisibleRowsChanged,
)
from lambdatui.dashboard.words import age, exactly
from lambdatui.model import Function, FunctionState
from lambdatui.model.lifecycle import RUNTIMES, Standing, standing_of
from lambdatui.model.metrics import Activity

_PASSING = {FunctionState.UNKNOWN, FunctionState.PENDING, FunctionState.DEACTIVATING, FunctionState.DELETING}
_HINT = "name, runtime: tag: state: deprecated errors memory:>512 !not"


class FunctionsPane(ListPane):
    """The functions of the target; the row under the cursor is the chosen one."""

    KEY, TITLE = "pane-functions", "Functions"
    BINDINGS: ClassVar = bindings("new", "order", "columns", "delete", "bulk")

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

    class Idle(Message):
        """Rows are in sight of which nobody has asked lately what they did."""

        def __init__(self, names: Sequence[str]) -> None:
            super().__init__()
            self.names = names

    def __init__(self, now: Clock) -> None:
        super().__init__(id="functions")
        self._now = now
        self._known: dict[str, Function] = {}
        self._activity: dict[str, Activity] = {}
        self._asked: dict[str, float] = {}  # when activity was last asked for
        self.activity_s = 15.0
        """How long activity is taken for new; more where every question is paid for."""
        self._ages: list[str] = []
        self._complete = False
        self._chosen: str | None = None
        self._query = Query("")
        self._facts = Facts(now, self._activity.get, lambda name: name in self.table.marked_keys)

    def compose(self) -> ComposeResult:
        yield FilterLine(_HINT, lambda word: completions(word, list(self._known.values())))
        columns = FunctionColumns(self._now, self._activity.get).all()
        table = LineTable[Function](columns, lambda function: function.name, empty="", markable=True)
        table.show_columns(DEFAULT)
        yield table

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

    @property
    def functions(self) -> Mapping[str, Function]:
        """Every function by name, filtered out or not."""
        return self._known

    def without_one(self, purpose: str) -> str:
        """Why no function is chosen that something could be done to."""
        if not self._complete:
            return "The functions are not here yet; their pane says why."
        return f"There is no function {purpose}."

    # -- what is shown ------------------------------------------------------------------------

    def show_list(self, functions: Iterable[Function], *, complete: bool) -> None:
        """Show this list; a state that was known stays while the function is unchanged."""
        self._complete = self._complete or complete
        listed = {function.name: self._with_state(function) for function in functions}
        if listed != self._known:
            self._known = listed
            self.table.set_rows(listed.values(), glow=self._complete)
            self._ages = self._ages_now()
        self._describe()
        self.ask_for_states()

    def _with_state(self, listed: Function) -> Function:
        known = self._known.get(listed.name)
        same = known is not None and known.latest.revision_id == listed.latest.revision_id
        return known if known is not None and same else listed

    def show_states(self, functions: Mapping[str, Function]) -> None:
        """What lists leave out, for some rows."""
        changed = [
            function
            for name, function in functions.items()
            if name in self._known and self._known[name] != function
        ]
        known = bool(changed) and bool(self._known[changed[0].name].latest.state)
        self._known.update((function.name, function) for function in changed)
        self.table.put_rows(changed, glow=known)
        self._describe()
        if self._query.details and changed:  # what did not come this time is asked for at the next tick
            self.ask_for_states()

    def show_activity(self, activity: Mapping[str, Activity]) -> None:
        """What functions did lately; only rows that changed are drawn."""
        changed = [name for name, did in activity.items() if self._activity.get(name) != did]
        self._activity.update(activity)
        self.table.refresh_rows(changed)

    def fail(self, sentence: str) -> None:
        """The list cannot be had; rows known stay."""
        if self._known:
            self.subtitle(Content.styled(sentence, "$fail"))
        else:
            self.say(sentence)

    def ask_for_states(self, *, again: bool = False) -> None:
        """Ask for rows in sight whose state is unknown or passing; ``again`` asks for all in sight. A filter
        that goes by what lists leave out asks for the others too, little by little."""
        rows = self.table.visible_rows()
        names = [row.name for row in rows if again or row.latest.state in _PASSING or _updating(row)]
        if self._query.details:
            seen = set(names)
            names += [name for name in self._unknown() if name not in seen]
        if names:
            self.post_message(self.Unknown(names))

    def _unknown(self) -> list[str]:
        return [name for name, function in self._known.items() if not function.latest.state]

    def ask_for_activity(self) -> None:
        """Ask what the rows in sight did, unless that is known well enough."""
        if "activity" not in self.table.shown_columns:
            return
        now = monotonic()
        rows = self.table.visible_rows()
        due = [row.name for row in rows if now - self._asked.get(row.name, -9e9) >= self.activity_s]
        if due:
            self._asked.update((row.name, now) for row in rows)
            self.post_message(self.Idle([row.name for row in rows]))

    def ran(self, name: str) -> None:
        """A function just ran: what it did lately is out of date soon."""
        self._asked[name] = monotonic() - self.activity_s + min(2.0, self.activity_s)

    def tick(self) -> None:
        """Relative times grow older; draw them again only when one reads differently."""
        if (ages := self._ages_now()) != self._ages:
            self._ages = ages
            self.table.refresh()
        self.ask_for_states()
        self.ask_for_activity()

    def _ages_now(self) -> list[str]:
        now = self._now()
        return [age(row.latest.modified, now) for row in self.table.visible_rows()]

    def _describe(self) -> None:
        table = self.table
        shown, total = table.row_count, table.total_count
        counted = f"{shown} of {total}" if shown != total else str(total) if self._complete else "…"
        marked = len(table.marked_keys)
        self.entitle(counted, *([(f"{marked} marked", "$accent")] if marked else []))
        self.subtitle(self._small_print())

    def _small_print(self) -> Content:
        """What is wrong with the filter, or how far it has come; else the chosen row's figures."""
        if self._query.problem:
            return Content.styled(self._query.problem, "$fail")
        if self._query.details and (unknown := len(self._unknown())):
            return Content.styled(f"asking for state and tags of {unknown} more", "$wait")
        function = self.chosen
        if function is None:
            return Content("")
        latest = function.latest
        parts = [
            "" if latest.state is FunctionState.ACTIVE else latest.state.value,
            f"{latest.memory_mb} MB",
            f"{latest.timeout_s} s",
            exactly(latest.modified),
        ]
        standing = standing_of(latest.runtime, self._now().date())
        if standing is not Standing.SUPPORTED:
            over = "ends" if standing is Standing.ENDING else f"{SIGNS.warning} ended"
            parts[:] = [f"{latest.runtime} {over} {RUNTIMES[latest.runtime or ''].deprecated}"]
        return Content(" · ".join(part for part in parts if part))

    # -- what the person does -----------------------------------------------------------------

    def action_columns(self) -> None:
        """Choose columns, and what to sort by."""
        from lambdatui.dashboard.dialogs.columns import ColumnsDialog

        self.app.push_screen(ColumnsDialog(self.table), lambda _: self.ask_for_activity())

    def clear_filter(self) -> bool:
        return self.filter_line.clear()

    @on(FilterLine.Changed)
    def _filter(self, message: FilterLine.Changed) -> None:
        message.stop()
        query = self._query = understood(message.text, self._facts)
        self.table.set_filter(query.needle, query.where, said=query.text)
        self._describe()
        if query.details:
            self.ask_for_states()

    @on(MarksChanged)
    def _marks_changed(self, message: MarksChanged) -> None:
        message.stop()
        if self._query.where is not None:
            self.table.judge_again()
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
        self.ask_for_activity()


def _updating(function: Function) -> bool:
    return function.latest.last_update == "InProgress"
