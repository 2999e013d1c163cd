"""A short tour: what there is, and the first keys to press. Nothing it says has to be remembered."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from lambdatui.dashboard.bars import Footer
from lambdatui.dashboard.keys import bindings, spelled

PAGES = (
    (
        "Functions",
        "The list on the left holds every function of this account and region.\n\n"
        "<list.down> and <list.up> choose one; everything else follows the choice. <filter> filters, "
        "<columns> picks columns, <list.mark> marks, <bulk> changes all marked ones. <new> makes a "
        "new function, <list.open> opens the chosen one.",
    ),
    (
        "Invoke",
        "<invoke> runs the chosen function with the payload at hand; <payload> edits the payload, "
        "<payloads> has samples, saved ones and what you sent before.\n\n"
        "<event> sends it as an Event instead: it is queued and retried. The local engine shows that "
        "with <inspect-queue>.",
    ),
    (
        "Versions and aliases",
        "<pane-versions> goes there. <publish> publishes $LATEST, <alias> makes an alias or moves it, "
        "<shift> moves it by steps while you watch errors and durations.\n\n"
        "The chosen row is what <invoke> invokes.",
    ),
    (
        "The log",
        "<pane-log> goes there. It follows the chosen function by itself: ▶ opens a run, ■ closes it "
        "with what it took.\n\n"
        "<raw> shows Lambda's own lines, <log.pause> holds the log still, <log.previous_error> and "
        "<log.next_error> go from error to error.",
    ),
    (
        "Elsewhere",
        "<target> looks at another account, region or engine, and nothing of two places ever mixes. "
        "On AWS the first change asks; <inspect-journal> shows every change and takes back what can "
        "be taken back.\n\n"
        "<command> finds any action by name, <help> shows the keys of where you are, <jump> puts a "
        "letter on everything.",
    ),
)


class TourScreen(ModalScreen[None]):
    """One page after the other."""

    CSS = """
    TourScreen { align: center middle; background: $background 60%; }
    #tour {
        width: 72; max-width: 100%; height: auto; max-height: 100%;
        border: round $border-focus; background: $surface;
        border-title-color: $foreground; border-title-style: bold; border-subtitle-color: $muted;
    }
    #tour #page { padding: 1 2; height: auto; }
    """
    BINDINGS: ClassVar = bindings("tour.next", "tour.before", "leave")

    def __init__(self) -> None:
        super().__init__()
        self._page = 0

    def compose(self) -> ComposeResult:
        with Vertical(id="tour"):
            yield Static("", id="page", markup=False)
            yield Footer()

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        title, text = PAGES[self._page]
        self.query_one("#tour").border_title = Content(f"Tour ─ {title}")
        self.query_one("#tour").border_subtitle = Content(f"{self._page + 1} of {len(PAGES)}")
        self.query_one("#page", Static).update(spelled(text))

    def action_turn(self, step: int) -> None:
        """To the next page, or the one before; after the last one it ends."""
        self._page = max(0, self._page + step)
        if self._page == len(PAGES):
            self.dismiss(None)
        else:
            self._show()

    def action_leave(self) -> None:
        """Close the tour."""
        self.dismiss(None)
