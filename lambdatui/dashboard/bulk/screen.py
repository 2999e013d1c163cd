"""One screen for a change of many functions: what will happen to what, then how it goes, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static

from lambdatui.dashboard.bars import Footer
from lambdatui.dashboard.bulk.changes import CHANGES, Change
from lambdatui.dashboard.bulk.job import Item, Job, Step
from lambdatui.dashboard.keys import bindings, key_of, keys_of
from lambdatui.dashboard.turns import InTurn
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.table_messages import RowHighlighted, RowSelected
from lambdatui.dashboard.words import count
from lambdatui.model import Function

_STEPS: Mapping[Step, tuple[str, str]] = {
    Step.SAME: (SIGNS.dot, "muted"),
    Step.WAITING: (SIGNS.pending, "muted"),
    Step.RUNNING: (SIGNS.run_start, "wait"),
    Step.DONE: (SIGNS.ok, "ok"),
    Step.FAILED: (SIGNS.failed, "fail"),
    Step.CANCELLED: (SIGNS.dot, "wait"),
}

Begin = Callable[[Job], None]
"""Starts a job that the person agreed to."""


class BulkScreen(ModalScreen[None], InTurn[None]):
    """Review, progress and result of one change of many functions."""

    CSS_PATH = "bulk.tcss"
    AUTO_FOCUS = "#kinds"
    BINDINGS: ClassVar = bindings("leave", "stop-job", "next-field", "previous-field")

    def __init__(
        self,
        functions: Sequence[Function],
        begin: Begin,
        *,
        marked: bool,
        job: Job | None = None,
        first: str = "",
        aside: str = "",
        name_typed: bool = False,
    ) -> None:
        """``job`` is one under way to look at again; ``first`` the change to begin with; ``aside`` says
        more of which functions are meant; with ``name_typed`` a word has to be typed before a deletion."""
        super().__init__()
        self._functions = {function.name: function for function in functions}
        self._begin = begin
        self._which = "marked" if marked else "shown"
        self._aside = aside
        self._name_typed = name_typed
        self._change = next((change for change in CHANGES if change.id == first), CHANGES[0])
        self.job = job

    def compose(self) -> ComposeResult:
        with Vertical(id="bulk") as frame:
            frame.border_title = Content(f"Change {count(len(self._functions), f'{self._which} function')}")
            frame.border_subtitle = Content(f"{_arrows()} choose · {key_of('list.open')} go on")
            yield LineTable[Change](
                [Column("title", "", lambda change: change.title)],
                lambda each: each.id,
                header=False,
                id="kinds",
            )
            with Horizontal(id="asked"):
                yield Label("", id="asks", markup=False)
                yield Input(id="value", compact=True)
                yield Label("", id="wrong", markup=False)
            yield Static("", id="summary", markup=False)
            yield LineTable[Item](self._columns(), lambda item: item.name, id="rows")
            with Horizontal(id="buttons"):
                yield Button("Leave it", id="leave", compact=True)
                yield Button("Change them", id="do", compact=True)
                yield Button("Stop", id="stop", compact=True)
            yield Footer()

    def _columns(self) -> list[Column[Item]]:
        return [
            Column("step", "", lambda item: _STEPS[item.step], width=1),
            Column("name", "function", lambda item: (item.name, "strong"), min_width=14, clip="middle"),
            Column("said", "what happens", _said, min_width=16, weight=2),
        ]

    def on_mount(self) -> None:
        kinds = self.query_one("#kinds", LineTable)
        kinds.set_rows(CHANGES)
        kinds.move_to_key(self._change.id)
        self._rows.empty = "No functions."
        if self.job is not None:
            self._follow(self.job)
        else:
            self._ask()

    @property
    def _rows(self) -> LineTable[Item]:
        return self.query_one("#rows", LineTable)

    @property
    def _value(self) -> str:
        return self.query_one("#value", Input).value.strip()

    # -- review -------------------------------------------------------------------------------

    def learn(self, functions: Iterable[Function]) -> None:
        """State, tags and reservations of functions, which lists leave out."""
        self._functions.update((function.name, function) for function in functions)
        if self.job is None:
            self._review()

    @on(RowHighlighted, "#kinds")
    def _other_kind(self, message: RowHighlighted) -> None:
        message.stop()
        if self.job is None and isinstance(message.row, Change) and message.row is not self._change:
            self._change = message.row
            self.query_one("#value", Input).value = ""
            self._ask()

    @on(RowSelected, "#kinds")
    def _kind_chosen(self, message: RowSelected) -> None:
        message.stop()
        self.query_one("#value" if self._asks else "#leave").focus()

    @property
    def _asks(self) -> str:
        if self._change.danger and self._name_typed:
            return f"Type {self._word}"
        return self._change.asks

    @property
    def _word(self) -> str:
        return f"{self._change.id} {len(self._functions)}"

    def _ask(self) -> None:
        """What the chosen kind of change wants to know."""
        asks = self._asks
        self.query_one("#asked").display = bool(asks)
        self.query_one("#asks", Label).update(Content(asks))
        self.query_one("#value", Input).placeholder = self._change.hint
        self.query_one("#bulk").set_class(self._change.danger, "-danger")
        self._review()

    @on(Input.Changed, "#value")
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        if self.job is None:
            self._review()

    @property
    def _problem(self) -> str:
        if self._change.danger and self._name_typed:
            return "" if self._value == self._word else f"type {self._word}"
        return self._change.problem(self._value)

    def _review(self) -> None:
        """What would happen to each."""
        problem = self._problem
        job = Job.of(self._change, "" if problem else self._value, list(self._functions.values()))
        if problem:
            for item in job.items:
                item.said = ""
        wrong = self.query_one("#wrong", Label)
        wrong.update(Content(problem))
        wrong.set_class(bool(self._value), "-wrong")
        self._rows.set_rows(job.items, glow=False)
        due = 0 if problem else job.due
        summary = (
            self._change.summary(due, self._value) if due else "" if problem else "Nothing would change."
        )
        self._say(f"{summary} {self._aside}".strip(), wrong=self._change.danger)
        self._offer(due)

    def _offer(self, due: int) -> None:
        do = self.query_one("#do", Button)
        do.label = Content(f"{self._change.title}: {count(due, 'function')}" if due else self._change.title)
        do.refresh(layout=True)
        do.disabled = not due
        self.query_one("#stop").display = False

    @on(Input.Submitted, "#value")
    def _ready(self, message: Input.Submitted) -> None:
        message.stop()
        do = self.query_one("#do", Button)
        if not do.disabled:
            (self.query_one("#leave") if self._change.danger else do).focus()

    @on(Button.Pressed, "#do")
    def _do(self) -> None:
        if self.job is None and not self._problem:
            self._begin(Job.of(self._change, self._value, list(self._functions.values())))

    # -- progress -----------------------------------------------------------------------------

    def started(self, job: Job) -> None:
        """It goes on now, whether or not anybody looks."""
        self.job = job
        self._follow(job)

    def _follow(self, job: Job) -> None:
        self._change = job.change
        job.listener = self._heard
        for name in ("#kinds", "#asked", "#do"):
            self.query_one(name).display = False
        self.query_one("#leave", Button).label = "Close"
        self._rows.set_rows(job.items, glow=False)
        self._rows.focus()
        self._progress()

    def on_unmount(self) -> None:
        if self.job is not None:
            self.job.listener = None

    def _heard(self, item: Item | None) -> None:
        if item is not None and self.is_mounted:
            self._rows.refresh_rows([item.name])
        if self.is_mounted:
            self._progress()

    def _progress(self) -> None:
        job = self.job
        assert job is not None
        self.query_one("#stop").display = not job.finished
        self.refresh_bindings()
        if job.finished:
            self._rows.refresh()
            self._say(job.outcome, wrong=bool(job.count(Step.FAILED)))
            return
        done = job.count(Step.DONE) + job.count(Step.FAILED)
        self._say(f"{done} of {job.due} · {key_of('leave')} leaves this screen, the change goes on")

    def _say(self, sentence: str, *, wrong: bool = False) -> None:
        summary = self.query_one("#summary", Static)
        summary.set_class(wrong, "-wrong")
        summary.update(sentence)

    # -- leaving ------------------------------------------------------------------------------

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Back to the list; what is under way goes on."""
        self.dismiss(None)

    @on(Button.Pressed, "#stop")
    def action_stop_job(self) -> None:
        """Begin no more; what is under way comes to its end."""
        if self.job is not None:
            self.job.cancel()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "stop_job":
            return self.job is not None and not self.job.finished
        return super().check_action(action, parameters)


def _said(item: Item) -> Cell:
    if item.step is Step.FAILED:
        return item.said, "fail"
    if item.step in (Step.SAME, Step.CANCELLED):
        return item.step.value, "muted"
    return item.said


def _arrows() -> str:
    """The last of the keys that choose: arrows say it to everybody."""
    return " ".join(keys_of(name).split(" ")[-1] for name in ("list.up", "list.down"))
