"""The frame of the inspection screens: looks calmly, says when nobody answers, acts and says what came of it.

A subclass names itself (``NAME``, ``TITLE``), and overrides

- `contents`: the widgets inside the frame, the first that can have the focus gets it;
- `look`: one call of the service, given the last ``stamp`` and how long the target may hold its answer back;
- `show`: draw what was seen; called only when there is something new. Change what differs, nothing else;
- `describe_now` (where rows can be stale): what the chosen thing is now, for somebody who acted on its past.

It acts with `act`, which runs a call beside the looking and says its sentence; `entitle` and `subtitle` write
into the frame, `tell` into a `Static` of the contents. Errors of looking become the banner: the rows stay as
they were, and it goes by itself.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from lambdatui.dashboard import inspect
from lambdatui.dashboard.bars import Footer, Header
from lambdatui.dashboard.clipboard import copy_chosen
from lambdatui.dashboard.dialogs.dialog import Dialog
from lambdatui.dashboard.guard import guard_of
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.messages import Concern
from lambdatui.dashboard.panes.pane import Clock, Pane
from lambdatui.dashboard.turns import InTurn
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import Span
from lambdatui.dashboard.widgets.table_messages import RowHighlighted
from lambdatui.service.errors import Conflict, NotFound, ServiceError

if TYPE_CHECKING:
    from lambdatui.dashboard.clipboard import Clipboard
    from lambdatui.service import Service

AGAIN_S = 0.5
"""How soon somebody who did not answer is asked again."""
HOLD_S = 5.0
"""So long a target may hold its answer back while nothing changes."""


class Seen(Protocol):
    """What a screen shows: it knows which state of the target it is."""

    @property
    def stamp(self) -> str: ...


View = TypeVar("View", bound=Seen)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where an inspection screen looks from."""

    service: Service
    now: Clock
    clipboard: Clipboard
    function: str = ""
    """The function that was chosen when the screen was opened."""
    production: bool = False

    @property
    def read_only(self) -> bool:
        return self.service.target.read_only


class Frame(Pane):
    """What stands around the contents: only its edges are drawn when its title changes."""

    def on_mount(self) -> None:
        """The screen gives the title."""

    def entitle(self, *parts: str | tuple[str, str] | Content) -> None:
        """The parts of the title."""
        contents = (part if isinstance(part, Content) else Content.assemble(part) for part in parts)
        self._frame(Content(" ─ ").join(contents), self._below)


class InspectScreen(InTurn[str | None], Generic[View]):
    """Watches one thing; answers with the name of the screen to open next, or None to go back."""

    CSS_PATH = "inspect.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    BINDINGS: ClassVar = bindings(
        *inspect.DOORS, "next-pane", "previous-pane", "refresh", "copy", "command", "back"
    )
    NAME: ClassVar[str]
    TITLE: ClassVar[str]
    CHANGES: ClassVar[frozenset[str]] = frozenset()
    """Actions that change something: a target opened read-only does not have them."""
    PACE_S: ClassVar[float] = 0.15
    """Between an answer and the next question: with the engine's tenth of a second nothing is seen later than
    250 ms after it happened, and a busy target is not asked without end."""

    def __init__(self, outlook: Outlook) -> None:
        super().__init__()
        self.outlook = outlook
        self._stamp = ""
        self._gone = False

    # -- for subclasses -----------------------------------------------------------------------

    @abstractmethod
    def contents(self) -> ComposeResult:
        """The widgets inside the frame."""

    @abstractmethod
    async def look(self, since: str, hold_s: float) -> View:
        """Ask the service; with ``since`` the answer may take ``hold_s`` to come."""

    @abstractmethod
    def show(self, view: View) -> None:
        """Draw what was seen."""

    def describe_chosen(self) -> None:
        """Tell of the chosen row, whole; it is called when another is chosen, too."""

    async def describe_now(self, error: ServiceError) -> str:
        """What the thing acted upon is now; an action found it changed."""
        return error.sentence

    def copied(self) -> tuple[str, str]:
        """What the copy key takes, and what it is called."""
        return "", ""

    # -- the frame ----------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Header()
        yield Static("", id="banner", markup=False)
        with Frame(id="frame"):
            yield from self.contents()
        yield Footer()

    def on_mount(self) -> None:
        header = self.query_one(Header)
        header.target = self.outlook.service.target
        header.production = self.outlook.production
        self.entitle()
        self.set_focus(next(iter(self.focus_chain), None))
        self.watch_target()

    @property
    def frame(self) -> Frame:
        """What stands around the contents."""
        return self.query_one(Frame)

    def entitle(self, *more: str | Content) -> None:
        """Title of the frame, and what it shows."""
        self.frame.entitle(self.TITLE, *more)

    def subtitle(self, text: str | Content = "") -> None:
        """Small print at the frame's lower edge."""
        self.frame.subtitle(text)

    def tell(self, selector: str, lines: Sequence[Sequence[Span]]) -> None:
        """Put lines into a `Static`, if they differ from what it shows; without any it is hidden.
        All is laid out anew only when their number differs."""
        content = Content("\n").join(
            Content.assemble(*((text, _style(tone)) for text, tone in line)) for line in lines
        )
        widget = self.query_one(selector, Static)
        before = widget.content
        if not isinstance(before, Content) or not content.is_same(before):
            high = isinstance(before, Content) and before.plain.count("\n") == content.plain.count("\n")
            widget.update(content, layout=not (high and widget.display == bool(lines)))
        widget.display = bool(lines)

    # -- looking ------------------------------------------------------------------------------

    def watch_target(self) -> None:
        """Look from now on, first at everything."""
        self._stamp = ""
        self.run_worker(self._watch(), group=Concern.WATCH, exclusive=True, exit_on_error=False)

    async def _watch(self) -> None:
        while True:
            try:
                view = await self.look(self._stamp, HOLD_S)
            except ServiceError as error:
                self._stamp = ""
                self._say_gone(error.sentence)
                await asyncio.sleep(AGAIN_S)
                continue
            self._say_gone("")
            if view.stamp != self._stamp or not view.stamp:
                self._stamp = view.stamp
                self.show(view)
            await asyncio.sleep(self.PACE_S)

    def _say_gone(self, sentence: str) -> None:
        """Who is looked at does not answer, or answers again."""
        if self._gone or sentence:
            self._gone = bool(sentence)
            banner = self.query_one("#banner", Static)
            banner.update(f"{SIGNS.warning} {sentence} What is shown is from before." if sentence else "")
            banner.display = bool(sentence)

    # -- acting -------------------------------------------------------------------------------

    def act(self, work: Callable[[], Awaitable[str]]) -> None:
        """Do something once; its sentence is said. On AWS the person is asked first, once."""
        target = self.outlook.service.target
        guard_of(self.app).before(
            self.app,
            target,
            lambda: self.run_worker(self._act(work), group=Concern.ACTION, exit_on_error=False),
        )

    async def _act(self, work: Callable[[], Awaitable[str]]) -> None:
        try:
            sentence = await work()
        except (NotFound, Conflict) as error:
            self.notify(await self.describe_now(error), severity="warning", markup=False)
        except ServiceError as error:
            self.notify(error.sentence, severity="error", markup=False)
        else:
            if sentence:
                self.notify(sentence, markup=False)

    def ask(self, dialog: Dialog | ModalScreen[str | None]) -> None:
        """Open a dialog for what an action needs; its sentence is said."""

        def done(sentence: str | None) -> None:
            if sentence:
                self.notify(sentence, markup=False)
                self.changed()

        target = self.outlook.service.target
        guard_of(self.app).before(self.app, target, lambda: self.app.push_screen(dialog, done))

    @on(RowHighlighted)
    def _moved(self) -> None:
        self.describe_chosen()
        self.refresh_bindings()  # another row may have other keys

    def changed(self) -> None:
        """A dialog changed something. Override where the target does not tell by itself."""

    # -- keys ---------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No key for what the target does not have, or may not be asked for."""
        if action == "move_focus":
            return len(self.focus_chain) > 1
        if action == "inspect":
            wanted = parameters[0] if parameters else ""
            return wanted != self.NAME and inspect.offered(wanted, self.outlook.service.target)
        if action in self.CHANGES and self.outlook.read_only:
            return False
        return super().check_action(action, parameters)

    def action_inspect(self, name: str) -> None:
        """Go on to another inspection screen."""
        self.dismiss(name)

    def action_back(self) -> None:
        """Back to where the screen was opened from."""
        self.dismiss(None)

    def action_refresh(self) -> None:
        """Look again, now."""
        self.watch_target()

    def action_copy(self) -> None:
        """Copy what is chosen."""
        copy_chosen(self, self.outlook.clipboard, *self.copied())


def _style(tone: str) -> str:
    """A tone of the line widgets as Textual writes it."""
    return " ".join("bold" if part == "strong" else f"${part}" for part in tone.split())
