"""What came back: figures first, then the answer, the stack trace or the end of the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.dashboard.panes.runs import figures
from lambdatui.dashboard.widgets.figures import duration_text, size_text
from lambdatui.dashboard.widgets.json_view import JsonView
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.words import count, countdown, middle
from lambdatui.model import Invocation, InvocationType, Report
from lambdatui.model.invocation import Chunk
from lambdatui.service.cost import Cost

if TYPE_CHECKING:
    from lambdatui.service.following import Progress

LAST_CHUNKS = 200
"""So many are drawn while an answer comes; all of them when it is there."""


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a response."""

    title: str
    text: str


def views_of(run: Invocation) -> list[View]:
    """The ways there are to look at it, the most telling first."""
    found: list[View] = []
    if run.error is not None and run.error.trace:
        head = f"{run.error.type}: {run.error.message}"
        found.append(View("Stack trace", "\n".join([head, *run.error.trace])))
    if run.text or run.type is InvocationType.REQUEST_RESPONSE:
        found.append(View("Answer", run.text))
    if run.chunks:
        found.append(View(count(len(run.chunks), "chunk").capitalize(), chunk_lines(run.chunks)))
    if run.log:
        found.append(View("End of log", "\n".join(line.replace("\t", "  ") for line in run.log)))
    return found


def chunk_lines(chunks: Sequence[Chunk]) -> str:
    """When each part came, how long after the one before, how big it is and how it begins."""
    lines, before = [], 0.0
    for chunk in chunks:
        first = next(iter(chunk.text.strip().splitlines()), "")
        times = f"{chunk.at_ms:>8.0f} ms  +{chunk.at_ms - before:>6.0f} ms"
        lines.append(f"{times}  {size_text(chunk.size):>8}  {first}".rstrip())
        before = chunk.at_ms
    return "\n".join(lines)


def _awaiting(said: str) -> Content:
    """Something is awaited, and need not be."""
    way_out = f"\n{key_of('back')} stops waiting"
    return Content.assemble((f"{SIGNS.pending} {said}", "$wait"), (way_out, "$muted"))


def progress_line(progress: Progress, left_s: float | None) -> Content:
    """``attempt 1 of 3 failed: ValueError, next in 58 s · Q shows the queue``."""
    if progress.failed:
        sign, tone = SIGNS.failed, "$fail"
    elif progress.over:
        sign, tone = (SIGNS.ok, "$ok") if progress.sure else (SIGNS.pending, "$wait")
    else:
        sign, tone = SIGNS.pending, "$wait"
    parts: list[Content | str | tuple[str, str]] = [(f"{sign} ", f"bold {tone}"), progress.sentence]
    if left_s is not None and not progress.over:
        parts.append(f", next in {countdown(left_s)}")
    if not progress.over and progress.sure:
        parts.append((f" · {key_of('inspect-queue')} shows the queue", "$muted"))
    return Content.assemble(*parts)


def price(cost: Cost) -> str:
    """``$2.28 per million runs · prices 2026-09-01``."""
    dated = f"prices {cost.as_of}" if cost.as_of else "prices without a date"
    return f"${cost.a_million:.2f} per million runs · {dated}"


def summary_of(run: Invocation, cost: Cost | None = None) -> Content:
    """Status and figures in one to four lines."""
    sign, tone = (SIGNS.ok, "$ok") if run.ok else (SIGNS.failed, "$fail")
    lines = [Content.assemble((f"{sign} {run.status}", f"bold {tone}"), "  ", _outcome(run))]
    lines.append(Content.styled(" · ".join(_how(run)), "$muted"))
    if cost is not None:
        lines.append(Content.styled(price(cost), "$muted"))
    if run.error is not None and not run.error.trace:  # the stack trace begins with it
        said = f"{run.error.type}: {run.error.message}" if run.error.type else run.error.message
        lines.append(Content.styled(said, "$fail"))
    return Content("\n").join(lines)


def _outcome(run: Invocation) -> str:
    if run.type is InvocationType.EVENT:
        return "accepted; it runs from the queue"
    if run.type is InvocationType.DRY_RUN:
        return "checked: you may invoke it; nothing ran"
    return figures(run.report) if run.report else f"{duration_text(run.took_ms)} with the way there"


def _how(run: Invocation) -> Iterator[str]:
    if run.report is not None:
        init = run.report.init_ms
        yield "warm" if init is None else f"{SIGNS.init} cold {duration_text(init)}"
    if run.executed_version:
        yield f"version {run.executed_version}"
    yield middle(run.request_id, 4, 4)
    if run.function_error:
        yield run.function_error


class ViewTabs(Widget):
    """The names of the views; the one shown stands out."""

    DEFAULT_CSS = "ViewTabs { height: 1; color: $muted; }"
    ALLOW_SELECT: ClassVar[bool] = False

    titles: reactive[tuple[str, ...]] = reactive[tuple[str, ...]](())
    current: reactive[int] = reactive(0)

    def render(self) -> Content:
        return Content(" ").join(
            Content.styled(f" {title} ", "bold $accent underline" if at == self.current else "")
            for at, title in enumerate(self.titles)
        )

    def on_click(self, event: events.Click) -> None:
        """Show the view under the mouse."""
        left = 0
        for at, title in enumerate(self.titles):
            if left <= event.x < left + len(title) + 2:
                self.current = at
            left += len(title) + 3


class Response(Vertical):
    """The response side of the invoke pane."""

    DEFAULT_CSS = """
    Response { padding-left: 1; }
    Response #summary { height: auto; max-height: 8; }
    Response #summary.-figures { text-wrap: nowrap; text-overflow: ellipsis; }
    Response JsonView { height: 1fr; }
    """
    BINDINGS: ClassVar = bindings("view")

    def __init__(self) -> None:
        super().__init__(id="response")
        self._run: Invocation | None = None
        self._views: list[View] = []
        self._refused = False  # whether it says that the payload was not good
        self._drawn_chunks = 0

    def compose(self) -> ComposeResult:
        yield Static("", id="summary", markup=False)
        yield ViewTabs()
        yield JsonView(empty=f"Nothing invoked yet. Press {key_of('invoke')}.")

    def on_mount(self) -> None:
        self.watch(self.query_one(ViewTabs), "current", self._show, init=False)
        self._tabs_shown()

    @property
    def viewer(self) -> JsonView:
        """The text of the view shown."""
        return self.query_one(JsonView)

    @property
    def invocation(self) -> Invocation | None:
        """What is shown."""
        return self._run

    # -- what is shown ------------------------------------------------------------------------

    def clear(self) -> None:
        """Nothing was invoked yet."""
        self._set(None, Content(""), [], f"Nothing invoked yet. Press {key_of('invoke')}.")

    def waiting(self, what: str, ms: float, *, created: bool = False) -> None:
        """An answer is awaited, or that Lambda has ``created`` the function."""
        before = f"{what} is still being created, it is invoked then" if created else f"waiting for {what}"
        awaited = f"{before}, {ms / 1000:.1f} s"
        self.viewer.empty = ""
        self._say(_awaiting(awaited))

    def show(self, run: Invocation, cost: Cost | None = None) -> None:
        """An answer came."""
        empty = "The answer is empty." if run.type is InvocationType.REQUEST_RESPONSE else ""
        self._set(run, summary_of(run, cost), views_of(run), empty)

    def streaming(self, what: str, ms: float, chunks: Sequence[Chunk]) -> None:
        """An answer is coming in parts."""
        size = size_text(sum(chunk.size for chunk in chunks))
        said = f"{what} answers: {count(len(chunks), 'chunk')}, {size}, {ms / 1000:.1f} s"
        self._say(_awaiting(said))
        if len(chunks) != self._drawn_chunks:
            self._drawn_chunks = len(chunks)
            self.viewer.set_text(chunk_lines(chunks[-LAST_CHUNKS:]))
            self.viewer.action_bottom()

    def follow(self, progress: Progress | None, left_s: float | None, report: Report | None) -> None:
        """What became of an accepted event so far."""
        if self._run is None:
            return
        lines = [summary_of(self._run)]
        if progress is not None:
            lines.append(progress_line(progress, left_s))
        if report is not None:
            failed = bool(report.status) or (progress is not None and progress.failed)
            sign, tone = (SIGNS.failed, "$fail") if failed else (SIGNS.ok, "$ok")
            lines.append(Content.assemble((f"{sign} ran", f"bold {tone}"), f"  {figures(report)}"))
        self._say(Content("\n").join(lines))
        self.query_one("#summary").set_class(progress is None, "-figures")  # a sentence may take two lines

    def fail(self, sentence: str) -> None:
        """It could not be invoked."""
        self._set(None, Content.assemble((f"{SIGNS.failed} ", "bold $fail"), (sentence, "$fail")), [], "")

    def refuse(self, sentence: str) -> None:
        """It was not sent: the payload is not good."""
        self.fail(sentence)
        self._refused = True

    def mended(self) -> None:
        """The payload is good: a refusal is past."""
        if self._refused:
            self.clear()

    def note(self, sentence: str) -> None:
        """Something to know about the response that is not there."""
        self._set(None, Content.styled(sentence, "$wait"), [], "")

    def _say(self, content: Content) -> None:
        summary = self.query_one("#summary", Static)
        if content or summary.display:  # laying the screen out anew for nothing is felt with each key
            summary.update(content)
        summary.display = bool(content)
        summary.set_class(self._run is not None, "-figures")

    def _set(self, run: Invocation | None, summary: Content, views: list[View], empty: str) -> None:
        self._run, self._views, self._refused, self._drawn_chunks = run, views, False, 0
        self._say(summary)
        tabs = self.query_one(ViewTabs)
        tabs.titles = tuple(view.title for view in views)
        tabs.set_reactive(ViewTabs.current, 0)
        self._tabs_shown()
        self.viewer.empty = empty
        self._show()

    def _tabs_shown(self) -> None:
        self.query_one(ViewTabs).display = len(self._views) > 1

    def _show(self) -> None:
        at = self.query_one(ViewTabs).current
        self.viewer.set_text(self._views[at].text if at < len(self._views) else "")

    def action_next_view(self) -> None:
        """Answer, stack trace, end of the log, in turn."""
        if self._views:
            tabs = self.query_one(ViewTabs)
            tabs.current = (tabs.current + 1) % len(self._views)
