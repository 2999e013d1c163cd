"""What is sent, as what, and what comes back?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static, TextArea

from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.dashboard.panes.pane import FilterLine, Pane
from lambdatui.dashboard.panes.response import Response
from lambdatui.dashboard.widgets.figures import size_text
from lambdatui.model import InvocationType

SYNC_LIMIT, EVENT_LIMIT = 6 * 1024 * 1024, 1024 * 1024
EDITOR_LIMIT = 64 * 1024
"""Above this the built-in editor would feel slow; the payload is edited outside."""

FIRST_PAYLOAD = "{}"


def limit_of(kind: InvocationType) -> int:
    """The biggest payload Lambda takes for this kind of invocation."""
    return EVENT_LIMIT if kind is InvocationType.EVENT else SYNC_LIMIT


def problem_of(payload: str, kind: InvocationType) -> str:
    """Why Lambda would refuse the payload; empty when it would not."""
    limit = limit_of(kind)
    over = len(payload.encode()) - limit
    if over > 0:
        return f"{size_text(over)} over the {size_text(limit)} that {kind} takes"
    if not payload.strip():
        return ""
    try:
        json.loads(payload, parse_constant=_refuse, parse_int=float)  # that takes any number of digits
    except json.JSONDecodeError as error:
        return f"line {error.lineno}, column {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}"
    except ValueError as error:
        return str(error)
    except RecursionError:  # nested deeper than is read here: Lambda may take it
        return ""
    return ""


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


class PayloadEditor(TextArea):
    """The payload; letters and digits are text here."""

    BINDINGS: ClassVar = bindings("send", "leave-editor")
    DEFAULT_CSS = """
    PayloadEditor { border: none; padding: 0; height: 1fr; &:focus { border: none; } }
    """

    class Outgrown(Message):
        """What was pasted makes the payload too big to edit here."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def on_mount(self) -> None:
        self.cursor_blink = False

    async def _on_paste(self, event: events.Paste) -> None:
        """Wrapping a big text again with each key would take seconds: it goes where it is not edited."""
        if len(self.text) + len(event.text) > EDITOR_LIMIT:
            event.prevent_default()
            start, end = sorted(self.selection)
            pasted = "\n".join(event.text.splitlines())
            before, after = self.get_text_range((0, 0), start), self.get_text_range(end, self.document.end)
            self.post_message(self.Outgrown(before + pasted + after))


class InvokePane(Pane):
    """Payload and response."""

    KEY, TITLE = "pane-invoke", "Invoke"

    def __init__(self) -> None:
        super().__init__(id="invoke")
        self.kind = InvocationType.REQUEST_RESPONSE
        self._aim = ""
        self._outside: str | None = None  # a payload too big for the editor
        self._streamed, self._client_context = False, ""
        self._gauge = Content("")

    def compose(self) -> ComposeResult:
        with Horizontal(id="exchange"):
            with Vertical(id="sending"):
                yield PayloadEditor(FIRST_PAYLOAD, id="payload", soft_wrap=True, show_line_numbers=False)
                yield Static("", id="outside", markup=False)
                yield Static("", id="gauge", markup=False)
            yield Response()
        yield FilterLine("text to look for in the response")

    def on_mount(self) -> None:
        super().on_mount()
        self._describe()

    @property
    def editor(self) -> PayloadEditor:
        """The payload editor."""
        return self.query_one(PayloadEditor)

    @property
    def response(self) -> Response:
        """The response side."""
        return self.query_one(Response)

    def stops(self) -> Sequence[Widget]:
        return (self.editor, self.response.viewer)

    # -- payload ------------------------------------------------------------------------------

    @property
    def payload(self) -> str:
        """What will be sent."""
        return self.editor.text if self._outside is None else self._outside

    @payload.setter
    def payload(self, text: str) -> None:
        big = len(text) > EDITOR_LIMIT
        self._outside = text if big else None
        self.editor.display = not big
        outside = self.query_one("#outside", Static)
        outside.display = big
        if big:
            outside.update(
                f"{size_text(len(text.encode()))}, too big to edit here."
                f" {key_of('editor')} opens it in your editor."
            )
        elif text != self.editor.text:
            self.editor.text = text
        self._describe()

    @property
    def is_outside(self) -> bool:
        """Whether the payload is too big for the editor here."""
        return self._outside is not None

    @property
    def problem(self) -> str:
        """Why the payload would be refused; empty when it would not."""
        return problem_of(self.payload, self.kind)

    @on(TextArea.Changed)
    def _typed(self, message: TextArea.Changed) -> None:
        message.stop()
        self._describe()

    @on(PayloadEditor.Outgrown)
    def _outgrown(self, message: PayloadEditor.Outgrown) -> None:
        message.stop()
        self.payload = message.text
        self.screen.set_focus(self.response.viewer)

    # -- looking for text in the response -------------------------------------------------------

    @property
    def filter_line(self) -> FilterLine:
        """The line to look for text by."""
        return self.query_one(FilterLine)

    def clear_filter(self) -> bool:
        return self.filter_line.clear()

    @on(FilterLine.Changed)
    def _look_for(self, message: FilterLine.Changed) -> None:
        message.stop()
        self.response.viewer.search(message.text)

    @on(FilterLine.Left)
    def _back_to_response(self, message: FilterLine.Left) -> None:
        message.stop()
        self.screen.set_focus(self.response.viewer)

    # -- what is shown ------------------------------------------------------------------------

    def aim(self, target: str) -> None:
        """What will be invoked."""
        if target != self._aim:
            self._aim = target
            self._describe()

    def set_kind(self, kind: InvocationType) -> None:
        """How it will be invoked."""
        self.kind = kind
        self._describe()

    def set_manner(self, *, streamed: bool, context: str) -> None:
        """What else belongs to the invocation: how the answer comes, the client context."""
        if (streamed, context) != (self._streamed, self._client_context):
            self._streamed, self._client_context = streamed, context
            self._describe()

    def _describe(self) -> None:
        kinds = Content(" ").join(self._kind(kind) for kind in InvocationType)
        streamed = self._streamed and self.kind is InvocationType.REQUEST_RESPONSE
        more = [Content.styled("streamed", "bold $accent")] if streamed else []
        self.entitle(*([self._aim] if self._aim else []), kinds, *more)
        size, problem = len(self.payload.encode()), self.problem
        if problem:
            self._measure(Content.styled(problem, "$fail"))
        else:
            self.response.mended()
            state = "valid" if self.payload.strip() else "empty, sent as {}"
            state += " · with a client context" if self._client_context else ""
            said = f"{state} · {size_text(size)} of {size_text(limit_of(self.kind))}"
            self._measure(Content.styled(said, "$muted"))

    def _measure(self, said: Content) -> None:
        """What the gauge says. Everything is laid out again only if it takes a second line, or no longer."""
        if not said.is_same(self._gauge):
            gauge = self.query_one("#gauge", Static)
            longest = max(said.cell_length, self._gauge.cell_length)
            self._gauge = said
            gauge.update(said, layout=longest > gauge.size.width)

    def _kind(self, kind: InvocationType) -> Content:
        click = f"@click=screen.kind('{kind.value}')"
        chosen = kind is self.kind
        text = f"[{kind}]" if chosen else str(kind)
        return Content.styled(text, "bold $accent" if chosen else "$muted").stylize(click)
