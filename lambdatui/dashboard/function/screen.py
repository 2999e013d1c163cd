"""One function, a tab for each of its sides."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from lambdatui.dashboard import console
from lambdatui.dashboard.bars import Footer, Header
from lambdatui.dashboard.clipboard import copy_chosen
from lambdatui.dashboard.function.subject import Subject
from lambdatui.dashboard.function.tab import Tab
from lambdatui.dashboard.keys import bindings, keys_of
from lambdatui.dashboard.turns import InTurn
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.model import TargetKind

PARTS: dict[str, tuple[str, str]] = {
    "overview": ("Overview", "overview:OverviewTab"),
    "settings": ("Settings", "settings_tab:SettingsTab"),
    "versions": ("Versions", "versions_tab:VersionsTab"),
    "code": ("Code", "code_tab:CodeTab"),
    "sources": ("Sources", "sources_tab:SourcesTab"),
    "async": ("Async", "async_tab:AsyncTab"),
    "limits": ("Limits", "limits_tab:LimitsTab"),
    "access": ("Access", "access_tab:AccessTab"),
    "layers": ("Layers", "layers_tab:LayersTab"),
    "tags": ("Tags", "tags_tab:TagsTab"),
    "role": ("Role", "role_tab:RoleTab"),
}
"""Title, module and class of each tab, in the order of their keys."""


MOST_LINES = 2
"""Lines that the names of the tabs may take."""


def _tab(name: str) -> type[Tab]:
    """The class of a tab; imported when it is first opened."""
    module, _, found = PARTS[name][1].partition(":")
    made: type[Tab] = getattr(import_module(f"lambdatui.dashboard.function.{module}"), found)
    return made


class PartLine(Widget):
    """The names of the tabs with their keys, on as many lines as they need."""

    DEFAULT_CSS = """
    PartLine { height: auto; color: $muted; padding: 0 1; }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    current: reactive[str] = reactive("", layout=False)

    class Picked(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def render(self) -> Content:
        return Content("\n").join(
            Content.assemble(
                *((label, "bold reverse" if name == self.current else "") for name, label in line)
            )
            for line in self._lines(self.size.width)
        )

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self._lines(width))

    def _lines(self, width: int) -> list[list[tuple[str, str]]]:
        lines: list[list[tuple[str, str]]] = [[]]
        room = width
        for name, (title, _) in PARTS.items():
            label = f" {self._key(name)} {title} "
            if len(label) > room and lines[-1]:
                lines.append([])
                room = width
            lines[-1].append((name, label))
            room -= len(label)
        return lines if len(lines) <= MOST_LINES else [self._short()]

    def _key(self, name: str) -> str:
        """How the key of a tab is written, as the config has it."""
        return keys_of(f"part-{name}")

    def _short(self) -> list[tuple[str, str]]:
        """Only the name of the tab that is shown; the others by their keys."""
        return [
            (
                name,
                f" {self._key(name)} {title if name == self.current else ''}".rstrip() + " ",
            )
            for name, (title, _) in PARTS.items()
        ]

    def places(self) -> Iterator[tuple[str, Region]]:
        """Each name, and where its label stands."""
        for y, line in enumerate(self._lines(self.content_size.width)):
            left = 0
            for name, label in line:
                yield name, Region(left, y, len(label), 1)
                left += len(label)

    def pick(self, name: str) -> None:
        """Go to the tab of that name."""
        self.post_message(self.Picked(name))

    def on_click(self, event: events.Click) -> None:
        """Pick the tab under the mouse."""
        offset = event.get_content_offset(self)
        for name, place in self.places():
            if offset is not None and place.contains_point(offset):
                self.pick(name)


class FunctionScreen(InTurn[None]):
    """Everything about one function; esc goes back to where it was opened from."""

    CSS_PATH = "function.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = bindings(
        "part-overview", "part-settings", "part-versions", "part-code", "part-sources", "part-async",
        "part-limits", "part-access", "part-layers", "part-tags", "part-role",
        "next-pane", "previous-pane", "refresh", "copy", "console", "command", "back",
    )  # fmt: skip

    def __init__(
        self,
        subject: Subject,
        *,
        part: str = "overview",
        production: bool = False,
    ) -> None:
        super().__init__()
        self.subject = subject
        self._first = part
        self._production = production
        self._part = ""

    def compose(self) -> ComposeResult:
        yield Header()
        yield PartLine()
        yield Vertical(id="frame")
        yield Footer()

    async def on_mount(self) -> None:
        header = self.query_one(Header)
        header.target = self.subject.service.target
        header.production = self._production
        await self.open_part(self._first)

    # -- tabs ---------------------------------------------------------------------------------

    @property
    def tab(self) -> Tab:
        """The tab that is shown."""
        return self.query_one(f"#part-{self._part}", Tab)

    async def open_part(self, name: str) -> None:
        """Show a tab; it asks for what it shows when it is first seen."""
        frame = self.query_one("#frame", Vertical)
        self._part = name
        self.query_one(PartLine).current = name
        if not self.query(f"#part-{name}"):
            await frame.mount(_tab(name)(self.subject))
        for each in self.query(Tab):
            each.display = each is self.tab
        frame.border_title = Content.assemble(
            ("Functions", "$muted"), f" {SIGNS.closed} {self.subject.name} {SIGNS.closed} ", self.tab.TITLE
        )
        frame.border_subtitle = self._small(self.tab.small_print)
        self.set_focus(self.tab.stop())
        self.tab.opened()
        self.refresh_bindings()

    async def action_part(self, name: str) -> None:
        """Show a tab."""
        await self.open_part(name)

    @on(PartLine.Picked)
    async def _picked(self, message: PartLine.Picked) -> None:
        await self.open_part(message.name)

    @on(Tab.Describes)
    def _described(self, message: Tab.Describes) -> None:
        message.stop()
        if self._part == message.tab.NAME:
            self.query_one("#frame").border_subtitle = self._small(message.text)

    @staticmethod
    def _small(text: str | Content) -> Content:
        return Content(text) if isinstance(text, str) else text

    @on(Tab.Changed)
    def _changed(self, message: Tab.Changed) -> None:
        message.stop()
        for each in self.query(Tab):
            each.stale = each is not self.tab

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only tabs that there are."""
        if action == "part" and parameters and parameters[0] not in PARTS:
            return False
        if action == "move_focus":
            return len(self.focus_chain) > 1
        if action == "console":
            return self.subject.service.target.kind is TargetKind.AWS
        if action == "delete" and self.subject.read_only:
            return False
        return super().check_action(action, parameters)

    # -- what is the same in every tab --------------------------------------------------------

    def action_refresh(self) -> None:
        """Ask again, now."""
        for each in self.query(Tab):
            each.stale = True
        self.tab.ask()

    def action_back(self) -> None:
        """A step back within the tab, or to where the screen was opened from."""
        if not self.tab.back():
            self.dismiss(None)

    def action_delete(self) -> None:
        """Delete what the tab has chosen."""
        self.tab.delete()

    def action_copy(self) -> None:
        """Copy what the tab offers."""
        copy_chosen(self, self.subject.clipboard, *self.tab.copied())

    async def action_console(self) -> None:
        """The page of the function in the AWS console, or of the version or alias that is chosen."""
        subject = self.subject
        arn, _ = self.tab.copied()
        if not console.page(arn):
            target = subject.service.target
            partition = target.identity.split(":")[1]
            arn = f"arn:{partition}:lambda:{target.region}:{target.account}:function:{subject.name}"
        self.run_worker(console.go(self, subject.clipboard, arn), group="console", exit_on_error=False)
