"""Two answers to one payload, beside each other, and what differs in them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from lambdatui.dashboard.bars import Footer, Header
from lambdatui.dashboard.clipboard import Clipboard
from lambdatui.dashboard.function.lines import Line, SpanLines
from lambdatui.dashboard.function.subject import attempt
from lambdatui.dashboard.guard import guard_of
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.panes.runs import figures
from lambdatui.dashboard.widgets.figures import duration_text
from lambdatui.dashboard.widgets.json_view import JsonView
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import cells, clip
from lambdatui.dashboard.words import count
from lambdatui.model import Invocation
from lambdatui.model.function import LATEST
from lambdatui.service.errors import ReadOnly, ServiceError
from lambdatui.service.json_diff import JsonChange, changes
from lambdatui.service.places import beside

if TYPE_CHECKING:
    from lambdatui.service import Service

HERE = "here"
PATH = 26


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared; ``where`` the right one is: here, local, or a profile of AWS."""

    left: str
    right: str
    where: str = HERE


class CompareScreen(Screen[None]):
    """Invokes both at once; ``refresh`` does it again."""

    CSS_PATH = "invoking.tcss"
    AUTO_FOCUS = "#changes"
    BINDINGS: ClassVar = bindings("again", "next-pane", "previous-pane", "copy", "command", "back")

    def __init__(
        self,
        service: Service,
        sides: Sides,
        function: str,
        payload: bytes,
        clipboard: Clipboard,
        *,
        opener: Callable[..., Awaitable[Service]] | None = None,
        production: bool = False,
    ) -> None:
        super().__init__()
        self._service = service
        self._sides = sides
        self._function = function
        self._payload = payload
        self._clipboard = clipboard
        self._opener = opener
        self._production = production
        self._other: Service | None = None
        self._runs: tuple[Invocation | ServiceError, Invocation | ServiceError] | None = None
        self._found: list[JsonChange] = []

    def compose(self) -> ComposeResult:
        yield Header()
        with Vertical(id="frame") as frame:
            frame.border_title = Content(f"Compare {SIGNS.closed} {self._function}")
            with Horizontal(id="sides"):
                yield Static("", id="left-side", markup=False)
                yield Static("", id="right-side", markup=False)
            yield SpanLines(id="changes", empty="Waiting for both answers…")
            with Horizontal(id="answers"):
                yield JsonView(id="left", empty="Nothing came.")
                yield JsonView(id="right", empty="Nothing came.")
        yield Footer()

    def on_mount(self) -> None:
        header = self.query_one(Header)
        header.target, header.production = self._service.target, self._production
        self.action_again()

    async def on_unmount(self) -> None:
        if self._other is not None:
            await self._other.close()

    # -- asking -------------------------------------------------------------------------------

    def action_again(self) -> None:
        """Invoke both."""
        self.run_worker(self._ask(), group="compare", exclusive=True, exit_on_error=False)

    async def _ask(self) -> None:
        right = await attempt(self._right())
        if isinstance(right, ServiceError):
            self._show((right, right), f"The other side cannot be opened. {right.sentence}")
            return
        agreed = asyncio.Event()
        guard_of(self.app).before(self.app, right.target, agreed.set)
        await agreed.wait()
        left, second = await asyncio.gather(
            attempt(self._invoke(self._service, self._sides.left)),
            attempt(self._invoke(right, self._sides.right)),
        )
        self._show((left, second))

    async def _right(self) -> Service:
        """The service that the right one runs on; another one is opened once."""
        if self._sides.where == HERE:
            return self._service
        if self._other is None:
            opener: Any = self._opener
            if opener is None:
                from lambdatui.service import open_target as opener
            spec = beside(self._service.spec, self._sides.where, self._service.target.region)
            self._other = await opener(spec, interactive=False)
        if self._other.target.read_only:
            raise ReadOnly(f"{self._other.target.name} is open read-only, so nothing is invoked there.")
        return self._other

    async def _invoke(self, service: Service, qualifier: str) -> Invocation:
        wanted = None if qualifier == LATEST else qualifier
        return await service.invoker.invoke(self._function, self._payload, qualifier=wanted)

    # -- showing ------------------------------------------------------------------------------

    def _show(
        self, runs: tuple[Invocation | ServiceError, Invocation | ServiceError], problem: str = ""
    ) -> None:
        self._runs = runs
        left, right = (_text(run) for run in runs)
        self._found = [] if problem else changes(left, right)
        there = "" if self._sides.where == HERE else f" on {self._sides.where}"
        names = self._sides.left, self._sides.right + there
        for name, side, run in zip(names, ("left", "right"), runs, strict=True):
            self.query_one(f"#{side}-side", Static).update(_heading(name, run))
            self.query_one(f"#{side}", JsonView).set_text(_text(run))
        self._draw(problem)

    def on_resize(self) -> None:
        if self._runs is not None:
            self.call_after_refresh(self._draw)

    def _draw(self, problem: str = "") -> None:
        view = self.query_one("#changes", SpanLines)
        width = view.size.width - 2
        failed = self._runs is not None and any(isinstance(run, ServiceError) for run in self._runs)
        if problem or failed:
            lines: list[Line] = [[(problem or "One side gave no answer to compare.", "fail")]]
        elif not self._found:
            lines = [[(f"{SIGNS.ok} Nothing differs in the answers.", "ok")]]
        else:
            lines = [_line(change, width) for change in self._found]
        view.set_lines(lines)
        said = "" if problem or failed else f"{count(len(self._found), 'difference')}"
        self.query_one("#frame").border_subtitle = Content(said)

    # -- what the person does -----------------------------------------------------------------

    def action_move_focus(self, step: int) -> None:
        """Differences, left answer, right answer, in turn."""
        stops = [self.query_one(name) for name in ("#changes", "#left", "#right")]
        here = stops.index(self.focused) if self.focused in stops else 0
        self.set_focus(stops[(here + step) % len(stops)])

    def action_copy(self) -> None:
        """Copy the difference or the value."""
        view = self.focused
        if isinstance(view, SpanLines | JsonView) and (text := view.copy_text()):
            self.run_worker(self._clipboard.copy(text), group="clipboard", exit_on_error=False)
            self.notify("Copied.")
        else:
            self.notify("There is nothing to copy here.", severity="warning")

    def action_back(self) -> None:
        """Close."""
        self.dismiss(None)


def _text(run: Invocation | ServiceError) -> str:
    return run.sentence if isinstance(run, ServiceError) else run.text


def _heading(name: str, run: Invocation | ServiceError) -> Content:
    if isinstance(run, ServiceError):
        return Content.assemble((f"{name}\n", "bold"), (f"{SIGNS.failed} no answer", "$fail"))
    sign, tone = (SIGNS.ok, "$ok") if run.ok else (SIGNS.failed, "$fail")
    version = f"  version {run.executed_version}" if run.executed_version else ""
    how = figures(run.report) if run.report else f"{duration_text(run.took_ms)} with the way there"
    cold = f"  {SIGNS.init} cold" if run.cold else ""
    return Content.assemble(
        (name, "bold"), (f"{version}\n", "$muted"), (f"{sign} {run.status}  ", tone), how, cold
    )


def _line(change: JsonChange, width: int) -> Line:
    """Path, left value, right value."""
    path_width = min(PATH, max(12, width // 4))
    side = max(8, (width - path_width - 4) // 2)
    path = clip(change.path or "the whole answer", path_width, middle=True, mark=SIGNS.ellipsis)
    left, right = (_value(value, side) for value in (change.left, change.right))
    return [
        (path + " " * (path_width - cells(path) + 2), "accent"),
        (left[0] + " " * (side - cells(left[0]) + 2), left[1] or "fail"),
        (right[0], right[1] or "ok"),
    ]


def _value(value: str | None, width: int) -> tuple[str, str]:
    if value is None:
        return "not there", "faint"
    return clip(value, width, mark=SIGNS.ellipsis), ""
