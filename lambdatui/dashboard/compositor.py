"""Drawing what changed and no more.

When a row on the left and a title on the right have changed, Textual has all widgets in the rectangle around
both give all their lines, though only what changed is sent. Most of the time of a key went there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual import screen
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip


class LeanCompositor(Compositor):
    """Asks only widgets that have a part in what changed, for the lines that have."""

    def __init__(self) -> None:
        super().__init__()
        self._changed: list[Region] = []

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


def install() -> None:
    """Screens made from now on draw so."""
    screen.Compositor = LeanCompositor  # type: ignore[attr-defined]
