"""Drawing what changed and no more.

When a row on the left and a title on the right have changed, Textual has all widgets in the rectangle around
both give all their lines, though only what changed is sent. Most of the time of a key went there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from textual import screen
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate, ReflowResult
from textual.geometry import Region, Size
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen
    from textual.widget import Widget


class LeanCompositor(Compositor):
    """Asks only widgets that have a part in what changed, for the lines that have."""

    def __init__(self) -> None:
        super().__init__()
        self._changed: list[Region] = []
        self._layouts = 0
        self._opening = False

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """A screen that opens is laid out twice, one right after the other, before its widgets have heard of
        their sizes: it is drawn with what comes after that, or with the next frame."""
        self._layouts += 1
        self._opening = self._layouts <= 2 and len(parent.app.screen_stack) > 1
        if self._opening:
            parent.refresh()
        return super().reflow(parent, size)

    def update_widgets(self, widgets: set[Widget]) -> None:
        self._opening = False
        super().update_widgets(widgets)

    def render_update(
        self, full: bool = False, screen_stack: list[Screen[Any]] | None = None, simplify: bool = False
    ) -> RenderableType | None:
        """An update of what changed, None if nothing is to be drawn now."""
        if self._opening and not full:
            return None
        try:
            return super().render_update(full, screen_stack, simplify)
        finally:
            self._forget_what_was_early()

    def _forget_what_was_early(self) -> None:
        """A widget keeps the lines that it drew until it hears of another size. One that was drawn before it
        heard of the size it was drawn at, between two layouts, would never draw them again."""
        for widget, (region, _) in self.visible_widgets.items():
            if region.size != widget.outer_size:
                widget._styles_cache.clear()

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:
        """An update of everything: whatever was to be drawn again is. ``simplify`` is for pictures."""
        update = super().render_full_update(simplify)
        if not simplify:
            for widget in self.visible_widgets:
                widget._repaint_regions.clear()
        return update

    def render_partial_update(self) -> ChopsUpdate | None:
        """An update of what changed, None if nothing did."""
        self._changed = list(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._changed = []

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        return self._changed_parts() if self._changed else super()._get_renders(crop)

    def _changed_parts(self) -> Iterator[tuple[Region, Region, list[Strip]]]:
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            parts = [part for each in self._changed if (part := seen.intersection(each))]
            if parts:
                top, bottom = min(part.y for part in parts), max(part.bottom for part in parts)
                rows = Region(seen.x, top, seen.width, bottom - top)
                yield region, rows, widget.render_lines(rows.translate(-region.offset))


def _shows_through(below: Screen[Any]) -> None:
    """What changed in a screen under another one is drawn again where that one lets it be seen. Textual has
    the upper one drawn whole again at every message that the lower one gets."""
    changed, top = set(below._compositor._dirty_regions), below.app.screen
    below._compositor._dirty_regions.clear()
    below._dirty_widgets.clear()
    if changed and top.styles.background.a < 1:
        top.refresh(*changed)


def install() -> None:
    """Screens made from now on draw so."""
    screen.Compositor = LeanCompositor  # type: ignore[attr-defined]
    drawn = screen.Screen._compositor_refresh

    def refresh(self: Screen[Any]) -> None:
        if self in self.app._background_screens:
            _shows_through(self)
        else:
            drawn(self)

    screen.Screen._compositor_refresh = refresh  # type: ignore[method-assign]
