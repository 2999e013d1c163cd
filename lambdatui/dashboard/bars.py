"""The lines above and below the panes: where we are, what can be done, which pane is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from lambdatui.dashboard import keys
from lambdatui.dashboard.background import Work, background_of
from lambdatui.dashboard.words import count
from lambdatui.model import Target, TargetKind

if TYPE_CHECKING:
    from textual.binding import ActiveBinding
    from textual.screen import Screen


class Header(Widget):
    """Which account and region this is; its colour says whether it matters."""

    DEFAULT_CSS = """
    Header { height: 1; background: $surface; color: $foreground; }
    Header.-production { background: $production; color: $header-text; }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    target: reactive[Target | None] = reactive[Target | None](None)
    state: reactive[str] = reactive("")
    figures: reactive[tuple[str, ...]] = reactive[tuple[str, ...]](())
    functions: reactive[int | None] = reactive[int | None](None)
    production: reactive[bool] = reactive(False, toggle_class="-production")
    going_on: reactive[str] = reactive("")

    def on_mount(self) -> None:
        background = background_of(self.app)
        self.going_on = background.summary
        background.changed.subscribe(self, self._went_on, immediate=True)

    def on_unmount(self) -> None:
        background_of(self.app).changed.unsubscribe(self)

    def _went_on(self, _: Work) -> None:
        self.going_on = background_of(self.app).summary

    def render(self) -> Content:
        """As much as fits: first who we are, then how it goes."""
        left, right = self._who(), self._how()
        room = self.size.width - left.cell_length - 1
        while right and sum(len(part) + 3 for part in right) > room:
            right.pop(0)
        tail = " · ".join(right)
        gap = max(1, self.size.width - left.cell_length - len(tail) - 1)
        return Content.assemble(left, " " * gap, (tail, "$muted" if not self.production else ""))

    def _who(self) -> Content:
        brand = (" λ lambdatui  " if self.size.width >= 70 else " λ ", "bold")
        if self.target is None:
            return Content.assemble(brand, (self.state, "$wait"))
        target = self.target
        local = target.kind is TargetKind.LOCAL
        colour = "" if self.production else "$local" if local else "$aws"
        kind = "LOCAL" if local else "PRODUCTION" if self.production else "AWS"
        where = [target.name, target.region, target.account]
        if target.read_only:
            where.append("read-only")
        room = self.size.width - len(brand[0]) - len(kind) - 1
        while len(" · ".join(where)) > room and len(where) > 1:
            where.pop()
        return Content.assemble(brand, (f"{kind} ", f"bold {colour}"), (" · ".join(where), colour))

    def _how(self) -> list[str]:
        parts = list(self.figures)
        if self.functions is not None:
            parts.insert(1, count(self.functions, "function"))
        if self.target is not None and self.target.expires is not None:
            parts.append(f"until {_clock(self.target.expires)}")
        if self.going_on:
            parts.append(self.going_on)
        return parts


def _clock(when: datetime) -> str:
    return when.astimezone().strftime("%H:%M")


class Footer(Widget):
    """The keys that do something here, most useful first, one line."""

    DEFAULT_CSS = """
    Footer { height: 1; background: $surface; color: $muted; }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    _shown: Sequence[tuple[str, str, str]] = ()

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, _screen: Screen[object]) -> None:
        shown = self._fitting()
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def render(self) -> Content:
        """Key and word for each; what does not fit stays in the help."""
        parts = [Content.assemble((key, "bold $accent"), f" {word}") for key, word, _ in self._fitting()]
        return Content.assemble(" ", Content("  ").join(parts))

    def on_click(self, event: events.Click) -> None:
        """A click on a key is like pressing it."""
        left = 1
        for key, word, pressed in self._fitting():
            width = len(key) + 1 + len(word)
            if left <= event.x < left + width:
                self.app.simulate_key(pressed)
                return
            left += width + 2

    def _fitting(self) -> list[tuple[str, str, str]]:
        """How the key is written, what it does, the key; as many as fit, the last one always."""
        found = [
            (self.app.get_key_display(active.binding), keys.BY_ID[name].description, active.binding.key)
            for name, active in self._useful()
        ]
        *others, last = found or [("", "", "")]
        room = self.size.width - 1 - len(last[0]) - 1 - len(last[1])
        fitting: list[tuple[str, str, str]] = []
        for key, word, pressed in others:
            room -= len(key) + len(word) + 3
            if room < 0:
                break
            fitting.append((key, word, pressed))
        return [*fitting, last]

    def _useful(self) -> list[tuple[str, ActiveBinding]]:
        """The shown bindings by rank, each once though it may have several keys."""
        seen: dict[str, ActiveBinding] = {}
        for active in self.screen.active_bindings.values():
            name = active.binding.id or ""
            if name in keys.BY_ID and keys.BY_ID[name].rank and active.enabled and not self._is_typed(active):
                seen.setdefault(name, active)
        return sorted(seen.items(), key=lambda item: keys.BY_ID[item[0]].rank)

    def _is_typed(self, active: ActiveBinding) -> bool:
        """Whether what has the focus takes the key as text. Textual leaves such keys out too, but for those
        whose name is not Unicode's, such as ``slash``."""
        focused, sign = self.screen.focused, keys.shown(active.binding.key)
        if focused is None or active.node is focused or len(sign) > 1:
            return False
        return focused.check_consume_key(active.binding.key, sign)


class Tabs(Widget):
    """The names of the panes, when only one of them has room."""

    DEFAULT_CSS = """
    Tabs { height: 1; background: $background; color: $muted; display: none; }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    current: reactive[str] = reactive("")

    class Picked(Message):
        """A tab was clicked."""

        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    def __init__(self, panes: Sequence[tuple[str, str]], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._panes = panes

    def _labels(self) -> list[tuple[str, str]]:
        wide = self.size.width >= 60
        keyed = [(keys.key_of(f"pane-{name}"), name, title) for name, title in self._panes]
        return [
            (name, f" {key} {title} " if wide or name == self.current else f" {key} ")
            for key, name, title in keyed
        ]

    def render(self) -> Content:
        return Content.assemble(
            *((label, "bold reverse" if name == self.current else "") for name, label in self._labels())
        )

    def places(self) -> Iterator[tuple[str, Region]]:
        """Each name, and where its label stands."""
        left = 0
        for name, label in self._labels():
            yield name, Region(left, 0, len(label), 1)
            left += len(label)

    def pick(self, name: str) -> None:
        """Go to the pane of that name."""
        self.post_message(self.Picked(name))

    def on_click(self, event: events.Click) -> None:
        """Pick the tab under the mouse."""
        for name, place in self.places():
            if place.contains(event.x, event.y):
                self.pick(name)
