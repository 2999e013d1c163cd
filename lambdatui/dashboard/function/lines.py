"""Lines of coloured text with a cursor, given whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lambdatui.dashboard.widgets.line_view import LineView
from lambdatui.dashboard.widgets.spans import Span, plain

Line = list[Span]


class SpanLines(LineView):
    """Shows the lines it is given; Enter tells which one was chosen."""

    class Chosen(LineView.ViewMessage):
        """Enter on a line."""

        def __init__(self, view: LineView, index: int) -> None:
            super().__init__(view)
            self.index = index

    def __init__(self, *, wrap: bool = False, empty: str = "", opens: bool = False, **options: Any) -> None:
        """``opens``: Enter does something with a line."""
        super().__init__(wrap=wrap, empty=empty, **options)
        self._opens = opens
        self._lines: list[Line] = []
        self._texts: list[str] = []

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines; the cursor stays at its place."""
        self._lines = list(lines)
        self._texts = [plain(line) for line in lines]
        if self._opens and lines and self._cursor is None:
            self._cursor = 0
        elif self._cursor is not None and self._cursor >= len(lines):
            self._cursor = len(lines) - 1 if lines else None
        self._map.clear()
        self._map.extend(self.measure(self._texts))
        self.forget()
        self.remap()
        self.refresh()
        self.post_message(self.CursorMoved(self))

    def line_body(self, index: int) -> list[Span]:
        return self._lines[index]

    def line_text(self, index: int) -> str:
        return self._texts[index]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter is a key only where it does something."""
        if action == "select" and not self._opens:
            return False
        return super().check_action(action, parameters)

    def action_select(self) -> None:
        if self.cursor is not None:
            self.post_message(self.Chosen(self, self.cursor))


def facts(rows: Sequence[tuple[str, Line]], width: int = 18) -> list[Line]:
    """Labels and what they stand for, below each other."""
    return [[(f"{label:<{width}}", "muted"), *value] for label, value in rows]


def heading(text: str) -> Line:
    """The name of a group of lines."""
    return [(text, "accent strong")]
