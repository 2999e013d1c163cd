"""What a neighbour holds: messages, subscriptions, objects, records, items or rules. Nothing is taken out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from lambdatui.dashboard.dialogs.dialog import Field
from lambdatui.dashboard.inspect.filtered import FilteredScreen
from lambdatui.dashboard.inspect.screen import Outlook
from lambdatui.dashboard.inspect.text_dialog import TextDialog
from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.dashboard.messages import Concern
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.figures import size_text
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.table_messages import RowSelected
from lambdatui.dashboard.words import age, count, exactly
from lambdatui.model.neighbours import Inside, Item, Neighbour, NeighbourKind

if TYPE_CHECKING:
    from lambdatui.service.neighbours import Neighbours

LOOK_S = 3.0
THINGS = {NeighbourKind.STREAM: "record"}
HINTS = {
    "key": "orders/42.json",
    "subject": "none",
    "group": "lambdatui",
    "deduplication": "made from the content",
    "partition key": "lambdatui",
}
"""What a field is where nothing is typed, or an example of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was seen, and when."""

    stamp: str
    inside: Inside


class ItemTable(LineTable[Item]):
    """Enter shows one whole."""

    BINDINGS: ClassVar = bindings("look-inside")


class InsideScreen(FilteredScreen[Found]):
    """The contents of one neighbour."""

    NAME, TITLE = "inside", "Inside"
    CHANGES = frozenset({"put"})
    PACE_S = 0.0
    BINDINGS: ClassVar = bindings("put")

    def __init__(self, outlook: Outlook, one: Neighbour) -> None:
        super().__init__(outlook)
        self._one = one
        self._found: Found | None = None

    def contents(self) -> ComposeResult:
        yield Static("", id="notice", markup=False)
        yield FilterLine("id or content")
        yield ItemTable(
            (
                Column[Item]("when", "When", self._when, width=11, align="right"),
                Column[Item](
                    "id",
                    "Id",
                    lambda item: item.id,
                    min_width=16,
                    max_width=40,
                    clip="middle",
                    search=lambda item: f"{item.id} {item.text}",
                ),
                Column[Item]("text", "Content", _first_line, min_width=20, weight=4),
                Column[Item]("size", "Size", _size, width=8, align="right", priority=1),
            ),
            lambda item: item.id,
            empty=f"Looking into {self._one.name}…",
        )
        yield Static("", id="details", markup=False)

    async def look(self, since: str, hold_s: float) -> Found:
        """Messages are received once for each opening and each refresh: a look leaves its mark on them."""
        if since:
            await asyncio.sleep(LOOK_S)
            if self._one.kind is NeighbourKind.QUEUE and self._found is not None:
                return self._found
        inside = await self._neighbours.inside(self._one)
        self._found = Found(str(hash(inside)), inside)
        return self._found

    def show(self, view: Found) -> None:
        self.table.set_rows(view.inside.items)
        if not view.inside.items:
            self.table.empty = f"{self._one.name} is empty. {key_of('put')} puts something in."
        noun = THINGS.get(self._one.kind, self._one.what)
        shown = count(len(view.inside.items), noun)
        self.entitle(
            f"{self._one.kind} {self._one.name}", f"the first {shown}" if view.inside.more else shown
        )
        self.tell("#notice", [[(view.inside.effect, "muted")]] if view.inside.effect else [])
        self.describe_chosen()

    @property
    def table(self) -> LineTable[Item]:
        """What is inside."""
        return self.query_one(ItemTable)

    def _when(self, item: Item) -> Cell:
        return (age(item.when, self.outlook.now()), "muted") if item.when else ""

    def describe_chosen(self) -> None:
        item = self.table.cursor_row
        if item is None:
            self.tell("#details", [])
            return
        about = [exactly(item.when)] if item.when else []
        about += [f"{name} {value}" for name, value in item.details if value]
        self.tell("#details", [[(item.id, "")], [(f"  {f' {SIGNS.dot} '.join(about)}", "muted")]])

    def copied(self) -> tuple[str, str]:
        item = self.table.cursor_row
        return (item.text or item.id, "the content" if item.text else "the key") if item else ("", "")

    @on(RowSelected)
    def _opened(self, message: RowSelected) -> None:
        self.run_worker(self._act(lambda: self._open(message.row)), group=Concern.ACTION, exit_on_error=False)

    async def _open(self, item: Item) -> str:
        self.app.push_screen(TextDialog(item.id, await self._neighbours.read(self._one, item)))
        return ""

    def action_put(self) -> None:
        """Put something in."""
        self.ask(put_dialog(self._neighbours, self._one, self.watch_target))

    @property
    def _neighbours(self) -> Neighbours:
        neighbours = self.outlook.service.neighbours
        assert neighbours is not None
        return neighbours


def _first_line(item: Item) -> str:
    return " ".join(item.text[:400].split())


def _size(item: Item) -> Cell:
    return size_text(item.size) if item.size else ""


def put_dialog(neighbours: Neighbours, one: Neighbour, then: Callable[[], None]) -> TextDialog:
    """Asks what to put into it; begins with what was typed last, or a sample."""

    async def send(text: str, values: Mapping[str, str]) -> str:
        sentence = await neighbours.put(one, text, values)
        then()
        return sentence

    def keep(text: str) -> None:
        neighbours.drafts[one.arn] = text

    return TextDialog(
        f"Put into {one.kind} {one.name}",
        neighbours.drafts.get(one.arn, one.sample),
        send,
        does="puts it in",
        fields=tuple(Field(name, name, hint=HINTS.get(name, "")) for name in one.fields),
        keep=keep,
    )
