"""Drawing less draws the same."""

from __future__ import annotations

import pytest
from textual._compositor import ChopsUpdate, Compositor

from lambdatui.dashboard.compositor import LeanCompositor
from lambdatui.model import LogEvent, LogKind
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fakes import shop

KEYS = (
    *("j", "j", "i", "2", "j", "4", "1"),
    *("slash", "c", "h", "ctrl+u", "escape", "space"),
    *("question_mark", "j", "escape", "p", "a", "escape", "ctrl+p", "f", "escape"),
)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_what_is_sent_is_what_textual_would_have_sent(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    lean = LeanCompositor.render_partial_update
    compared = 0

    def both(self: LeanCompositor) -> ChopsUpdate | None:
        nonlocal compared
        changed = set(self._dirty_regions)
        found = lean(self)
        if found is not None:
            self._dirty_regions = changed
            whole = Compositor.render_partial_update(self)
            assert whole is not None
            assert found.render_segments(ui.app.console) == whole.render_segments(ui.app.console)
            compared += 1
        return found

    async with opened(shop(), size) as ui:
        monkeypatch.setattr(LeanCompositor, "render_partial_update", both)
        for key in KEYS:
            await ui.press(key)
        ui.service.store.write_log(
            "/aws/lambda/checkout", LogEvent(1, "a line of now", "s", "1", LogKind.OUTPUT)
        )
        await ui.tick()
        await ui.resize(size[0] - 3, size[1] - 2)
        await ui.press("k", "k")
    assert compared > len(KEYS) // 2


async def test_what_was_drawn_before_a_layout_was_over_leaves_nothing_behind() -> None:
    """A pane that is shown for a moment makes another one lower, and that is drawn just then."""
    async with opened(shop(), SIZES["80x24"]) as ui:
        screen = ui.app.screen
        compositor, other = screen._compositor, screen.query_one("#versions")
        before = ui.text()
        screen.query_one("#functions").refresh()
        for shown in (True, False):
            other.display = shown
            compositor._full_map_invalidated = True  # as whoever is shown has it
            compositor.render_update(full=True)
        await ui.settle()
        assert ui.text() == before
