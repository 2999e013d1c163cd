"""What lies in a dead-letter queue: read, edited, brought back to a function or a queue, deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.inspect.filtered import FilteredScreen
from lambdatui.dashboard.inspect.screen import Outlook
from lambdatui.dashboard.inspect.text_dialog import TextDialog
from lambdatui.dashboard.keys import bindings, spelled
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.figures import size_text
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import Span
from lambdatui.dashboard.widgets.table_messages import RowSelected
from lambdatui.dashboard.words import age, count, exactly
from lambdatui.model.dead_letters import (
    Aim,
    AimKind,
    DeadLetterQueue,
    Letter,
    LetterKind,
    RedrivePlan,
    RedriveState,
    RoleKind,
)
from lambdatui.service.errors import ServiceError

STEP_S = 0.25
EFFECT = "Looking receives: each look adds 1 to the receive count. <refresh> looks again."
RATE = "10"


@dataclass(frozen=True, slots=True)
class Read:
    """What was received, and how far a redrive is."""

    stamp: str
    letters: tuple[Letter, ...]
    more: bool
    state: RedriveState | None


class LetterTable(LineTable[Letter]):
    """Enter shows one whole, space marks."""

    BINDINGS: ClassVar = bindings("open-letters")


class LettersScreen(FilteredScreen[Read]):
    """The messages of one dead-letter queue."""

    NAME, TITLE = "letters", "Dead letters"
    CHANGES = frozenset({"redrive", "redrive_all", "edit_redrive", "delete", "stop"})
    PACE_S = 0.0
    BINDINGS: ClassVar = bindings("redrive", "redrive-all", "edit-redrive", "delete-letters", "stop-redrive")

    def __init__(self, outlook: Outlook, queue: DeadLetterQueue) -> None:
        super().__init__(outlook)
        self._queue = queue
        self._letters: tuple[Letter, ...] = ()
        self._more = False
        self._looked = 0
        self._state: RedriveState | None = None

    def contents(self) -> ComposeResult:
        yield Static(spelled(EFFECT), id="notice", markup=False)
        yield FilterLine("text of a message, or why it failed")
        yield LetterTable(
            (
                Column[Letter]("sign", "", self._sign, width=1),
                Column[Letter]("when", "When", self._when, width=11, align="right"),
                Column[Letter]("what", "What", _what, min_width=12, max_width=30, search=_searched),
                Column[Letter]("why", "Why", _why, min_width=16, max_width=50, weight=2),
                Column[Letter]("payload", "Content", _content, min_width=16, weight=3, priority=1),
                Column[Letter]("receives", "Got", lambda one: str(one.receives), width=4, align="right"),
            ),
            lambda one: one.id,
            empty=f"Receiving what lies in {self._queue.name}…",
            markable=True,
        )
        yield Static("", id="details", markup=False)

    async def look(self, since: str, hold_s: float) -> Read:
        """Receives once for each opening and each refresh; then only the redrive is watched."""
        redrives = self.outlook.service.redrives
        if not since:
            letters, self._more = await self.outlook.service.dead_letters.letters(self._queue)
            self._letters = tuple(letters)
            self._looked += 1
        else:
            await asyncio.sleep(STEP_S)
        state = redrives.state(self._queue)
        if state is not None:
            self._letters = tuple(one for one in self._letters if one.id not in state.done)
        running = state is not None and state.running
        stamp = f"{self._looked} {redrives.version(self._queue)} {running}"
        return Read(stamp, self._letters, self._more, state)

    def show(self, view: Read) -> None:
        self._state = view.state
        self.table.set_rows(view.letters)
        if not view.letters:
            self.table.empty = f"{self._queue.name} is empty."
        shown = count(len(view.letters), "message")
        self.entitle(self._queue.name, f"the first {shown}" if view.more else shown)
        said = spelled(EFFECT) if view.state is None else progress(view.state)
        self.tell("#notice", [[(said, "wait" if view.state and not view.state.over else "muted")]])
        self.describe_chosen()
        self.refresh_bindings()

    @property
    def table(self) -> LineTable[Letter]:
        """The messages."""
        return self.query_one(LetterTable)

    def _sign(self, one: Letter) -> Cell:
        state = self._state
        if state is None:
            return ""
        if one.id in state.unclear:
            return SIGNS.warning, "wait"
        return (SIGNS.failed, "fail") if one.id in dict(state.refused) else ""

    def _when(self, one: Letter) -> Cell:
        return (age(one.when, self.outlook.now()), "muted") if one.when else ""

    def describe_chosen(self) -> None:
        one = self.table.cursor_row
        self.tell("#details", [] if one is None else describe(one, self._state))

    def copied(self) -> tuple[str, str]:
        one = self.table.cursor_row
        return (one.body, "the message") if one else ("", "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a redrive runs it can be stopped, and nothing else."""
        running = self._state is not None and self._state.running
        if action == "stop":
            return running and super().check_action(action, parameters)
        if action in self.CHANGES and (running or not self.is_mounted or self.table.cursor_row is None):
            return False
        return super().check_action(action, parameters)

    @on(RowSelected)
    def _opened(self, message: RowSelected) -> None:
        one: Letter = message.row
        self.app.push_screen(TextDialog(one.id, one.body, note=one.message))

    # -- bringing back ------------------------------------------------------------------------

    def action_redrive(self) -> None:
        """Bring the marked ones back, or the chosen one."""
        self._ask_where([*self.table.marked_rows] or [one for one in (self.table.cursor_row,) if one])

    def action_redrive_all(self) -> None:
        """Bring all back; goes on where a redrive stopped."""
        self._ask_where([])

    def _ask_where(self, letters: list[Letter]) -> None:
        """Ask where to and how fast. Without letters: all there are."""
        state = self._state
        kept = state.plan if state is not None and not state.over else None
        aim = kept.aim if kept is not None and not letters else self._aim(letters or list(self._letters))
        concerned = {one.id for one in letters} if letters else None
        unclear = frozenset() if state is None else state.unclear
        if concerned is not None:
            unclear &= concerned

        async def submit(values: Mapping[str, str]) -> str:
            wanted = Aim(_kind(values["kind"]), values["name"])
            if not wanted.name:
                raise FieldError("name", "The name of a function or of a queue.")
            total = len(letters) or max(self._queue.count, len(self._letters))
            ids = tuple(one.id for one in letters)
            plan = RedrivePlan(wanted, total, ids, _rate(values["rate"]))
            again = values.get("unclear", "") == "again"
            self.outlook.service.redrives.start(self._queue, plan, again=again)
            self.table.clear_marks()
            return ""

        fields = [
            Field("kind", "To a", aim.kind, hint="function or queue"),
            Field("name", "Named", aim.name, hint="checkout, checkout:prod, or a queue"),
            Field("rate", "Each second", f"{kept.rate:g}" if kept and kept.rate else RATE, hint="no limit"),
        ]
        if unclear:
            fields.append(Field("unclear", "Unclear ones", "leave", hint="leave or again"))
        what = count(len(letters), "message") if letters else "all messages"
        text = f"Sends {what} of {self._queue.name}, and deletes each from there once it is taken."
        if kept is not None and state is not None and not letters:
            text = f"{progress(state)} It goes on; what was sent is only deleted."
        failed = {one.function for one in letters or self._letters if one.function}
        if len(failed) > 1:
            text += f" They failed in {', '.join(sorted(failed))}: all go to the one named here."
        if unclear:
            text += f" {count(len(unclear), 'message')} may have been sent already: leave, or send again?"
        self.ask(Dialog("Redrive", submit, text=text, fields=tuple(fields), verb="Redrive"))

    def action_edit_redrive(self) -> None:
        """Edit the chosen one and bring it back."""
        one = self.table.cursor_row
        if one is None:
            return
        aim = self._aim([one])

        async def send(text: str, values: Mapping[str, str]) -> str:
            state = self._state
            wanted = Aim(aim.kind, values["name"] or aim.name)
            plan = RedrivePlan(wanted, 1, (one.id,))
            again = state is not None and one.id in state.unclear
            run = self.outlook.service.redrives.start(self._queue, plan, edits={one.id: text}, again=again)
            await run.wait()
            if one.id not in run.state.done:
                raise ServiceError(progress(run.state))
            return progress(run.state)

        text = one.payload if aim.kind is AimKind.FUNCTION and one.payload is not None else one.body
        unclear = self._state is not None and one.id in self._state.unclear
        self.ask(
            TextDialog(
                f"Redrive {one.id}",
                text,
                send,
                does="sends it and deletes it here",
                note="It may have been sent already: this sends it again." if unclear else "",
                fields=(Field("name", f"To {aim.kind}", aim.name),),
            )
        )

    def action_stop(self) -> None:
        """Bring no more back."""
        self.outlook.service.redrives.stop(self._queue)

    def action_delete(self) -> None:
        """Delete the marked ones, or the chosen one; asks first."""
        letters = [*self.table.marked_rows] or [one for one in (self.table.cursor_row,) if one]

        async def submit(_: Mapping[str, str]) -> str:
            ids = frozenset(one.id for one in letters)
            gone = await self.outlook.service.dead_letters.delete(self._queue, ids)
            self.watch_target()
            return f"{count(gone, 'message')} deleted."

        text = f"Delete {count(len(letters), 'message')} of {self._queue.name}? Nobody gets them any more."
        self.ask(Dialog("Delete messages", submit, text=text, verb="Delete", danger=True))

    def _aim(self, letters: list[Letter]) -> Aim:
        """Where these came from, as far as they say."""
        if function := next((one.function for one in letters if one.function), ""):
            return Aim(AimKind.FUNCTION, function)
        sources = [role for role in self._queue.roles if role.kind is RoleKind.QUEUE]
        if sources:
            return Aim(AimKind.QUEUE, sources[0].name)
        return Aim(AimKind.FUNCTION, self._queue.roles[0].name if self._queue.roles else "")


def _kind(text: str) -> AimKind:
    try:
        return AimKind(text)
    except ValueError:
        raise FieldError("kind", "A function or a queue.") from None


def _rate(text: str) -> float | None:
    if not text:
        return None
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0.01 <= rate <= 1000:
        raise FieldError("rate", "A number of messages a second, from 0.01 to 1000, or empty.")
    return rate


def _what(one: Letter) -> Cell:
    return one.function or one.kind.value


def _why(one: Letter) -> Cell:
    return " ".join(filter(None, (one.code, one.message))), "fail"


def _content(one: Letter) -> Cell:
    return " ".join((one.payload or one.body)[:400].split()), "" if one.payload else "muted"


def _searched(one: Letter) -> str:
    return " ".join((one.kind, one.function, one.code, one.message, one.payload or one.body))


def progress(state: RedriveState) -> str:
    """How far a redrive is, in a sentence or two."""
    done, total = len(state.done), max(state.plan.total, len(state.done))
    whole = f"{done} of {count(total, 'message')} brought back to {state.plan.aim.kind} {state.plan.aim.name}"
    end = "." if state.over else ", going on." if state.running else ", then it stopped."
    parts = [whole + end]
    if state.sent:
        parts.append(f"{len(state.sent)} sent, not deleted yet.")
    if state.unclear and not state.running:
        parts.append(f"{len(state.unclear)} may have been sent ({SIGNS.warning}).")
    if state.refused:
        parts.append(f"{len(state.refused)} refused: {state.refused[0][1]}")
    if state.sentence:
        parts.append(state.sentence)
    if not state.over and not state.running:
        parts.append("A goes on.")
    return " ".join(parts)


def describe(one: Letter, state: RedriveState | None) -> list[list[Span]]:
    """A message in lines: which, why, what became of it."""
    about = [one.kind.value, size_text(len(one.body.encode()))]
    if one.request_id:
        about.append(f"request {one.request_id}")
    if one.when:
        about.append(exactly(one.when))
    fate = ""
    if state is not None:
        fate = dict(state.refused).get(one.id, "")
        fate = "may have been sent already" if one.id in state.unclear else fate
    if one.kind is LetterKind.BATCH:
        fate = "says which records of a stream failed, not what they were: no function can be given it"
    lines: list[list[Span]] = [[(one.id, ""), (f" {SIGNS.dot} {f' {SIGNS.dot} '.join(about)}", "muted")]]
    if why := _why(one)[0]:
        lines.append([(f"  {why}", "")])
    if fate:
        lines.append([(f"  {fate}", "wait")])
    return lines
