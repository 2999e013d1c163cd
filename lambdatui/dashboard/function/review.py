"""Before and after, once more, before anything is sent; and what to do when somebody else was faster."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from lambdatui.dashboard.function.draft import Row
from lambdatui.dashboard.function.lines import Line
from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.model.settings import FunctionSettings
from lambdatui.service.differences import setting_changes, value_changes
from lambdatui.service.errors import Changed, ServiceError

LABEL = 20

Send = Callable[[str | None], Awaitable[str]]
"""Sends the change; with the revision it was made from, or None to send it whatever that is."""


class Review(ModalScreen[str | None]):
    """Answers with the sentence of success, "" to look at the newest settings, None for nothing."""

    CSS_PATH = "review.tcss"
    AUTO_FOCUS = "#send"
    BINDINGS: ClassVar = bindings("leave")

    def __init__(
        self,
        settings: FunctionSettings,
        rows: Sequence[Row],
        send: Send,
        newest: Callable[[], Awaitable[FunctionSettings]],
        *,
        revealed: bool,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._rows = rows
        self._send = send
        self._newest = newest
        self._revealed = revealed
        self._busy = False

    def compose(self) -> ComposeResult:
        with Vertical(id="review") as frame:
            frame.border_title = Content(f"Change the settings of {self._settings.version.function}")
            frame.border_subtitle = Content(f"tab next choice · enter take it · {key_of('leave')} close")
            with VerticalScroll(id="changes", can_focus=False):
                yield Static(_content([_line(row, self._revealed) for row in self._rows]), id="ours")
                yield Static("", id="theirs")
            yield Static("", id="said", markup=False)
            with Horizontal(id="choices"):
                yield Button("Send", id="send", compact=True)
                yield Button("Reload", id="reload", compact=True)
                yield Button("Compare", id="compare", compact=True)
                yield Button("Send all the same", id="force", compact=True)
                yield Button("Cancel", id="leave", compact=True)

    def on_mount(self) -> None:
        self._offer("send", "leave")
        self.query_one("#theirs").display = False
        self.query_one("#said").display = False

    def _offer(self, *names: str) -> None:
        for button in self.query(Button):
            button.display = button.id in names
        self.query_one(f"#{names[0]}", Button).focus()

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Close without sending; what was typed stays."""
        if not self._busy:
            self.dismiss(None)

    @on(Button.Pressed, "#reload")
    def _reload(self) -> None:
        self.dismiss("")

    @on(Button.Pressed, "#send")
    def _do_send(self) -> None:
        self._begin(self._settings.revision_id or None)

    @on(Button.Pressed, "#force")
    def _do_force(self) -> None:
        self._begin(None)

    def _begin(self, revision: str | None) -> None:
        if not self._busy:
            self._busy = True
            self._sending(revision)

    @work(group="review", exit_on_error=False)
    async def _sending(self, revision: str | None) -> None:
        since = monotonic()
        waiting = self.set_interval(
            0.2, lambda: self._say(f"Waiting for Lambda to take it over… {monotonic() - since:.0f} s")
        )
        for button in self.query(Button):
            button.disabled = True
        try:
            sentence = await self._send(revision)
        except Changed:
            self._free()
            self._say(
                "Somebody else changed this function since you opened it, so nothing was sent."
                " Reload keeps what you typed and shows the newest settings beside it.",
                wrong=True,
            )
            self._offer("compare", "reload", "force", "leave")
        except ServiceError as error:
            self._free()
            self._say(f"{error.sentence} What you typed is kept.", wrong=True)
            self._offer("send", "leave")
        else:
            self.dismiss(sentence)
        finally:
            waiting.stop()
            self._busy = False

    def _free(self) -> None:
        for button in self.query(Button):
            button.disabled = False

    @on(Button.Pressed, "#compare")
    @work(group="review", exclusive=True, exit_on_error=False)
    async def _compare(self) -> None:
        try:
            newest = await self._newest()
        except ServiceError as error:
            self._say(error.sentence, wrong=True)
            return
        lines = _theirs(self._settings, newest, self._revealed)
        theirs = self.query_one("#theirs", Static)
        theirs.update(_content(lines))
        theirs.display = True
        self._offer("reload", "force", "leave")

    def _say(self, sentence: str, *, wrong: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.set_class(wrong, "-wrong")
        said.update(sentence)
        said.display = True


def _line(row: Row, revealed: bool) -> Line:
    return [(f"{row.label:<{LABEL}}", "muted"), *row.line(revealed)]


def _theirs(before: FunctionSettings, newest: FunctionSettings, revealed: bool) -> list[Line]:
    """What somebody else changed, in the same form."""
    rows = [
        Row(change.name, "", change.name, change.before, change.after)
        for change in setting_changes(before, newest)
    ]
    named = [
        Row(change.name, "", change.name, change.before, change.after)
        for change in value_changes(before.environment, newest.environment)
    ]
    lines = [_line(row, True) for row in rows] + [_line(row, revealed) for row in named]
    if before.version.code_sha256 != newest.version.code_sha256:
        lines.append([(f"{'Code':<{LABEL}}", "muted"), ("deployed anew", "accent")])
    return [
        [("Changed meanwhile by somebody else:", "accent strong")],
        *(lines or [[("no setting", "muted")]]),
    ]


def _content(lines: Sequence[Line]) -> Content:
    """Lines of tones as Textual draws them in a Static."""
    return Content("\n").join(
        Content.assemble(
            *((text, " ".join(_STYLES.get(part, "") for part in tone.split())) for text, tone in line)
        )
        for line in lines
    )


_STYLES = {
    "muted": "$muted",
    "faint": "$faint",
    "ok": "$ok",
    "wait": "$wait",
    "fail": "$fail",
    "accent": "$accent",
    "strong": "bold",
}
