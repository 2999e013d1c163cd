"""What the widgets that draw by line have in common: tones, painting and selection by mouse."""

from __future__ import annotations

from textwrap import wrap
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from lambdatui.dashboard.widgets.spans import Overlay, cells

TONES = (
    "strong",
    "muted",
    "faint",
    "ok",
    "wait",
    "fail",
    "local",
    "aws",
    "production",
    "accent",
)
"""Names a span may carry in every widget; "" is plain text."""


class Run(NamedTuple):
    """Segments that follow each other in the content, and the index of their first character."""

    segments: list[Segment]
    start: int = 0


class Row(NamedTuple):
    """One painted row: its runs, the style behind them, the content line (None: cannot be selected)."""

    runs: list[Run]
    background: Style
    line: int | None = None


def broken(sentence: str, width: int) -> list[str]:
    """What a widget without lines says, broken at words to that width; its own line ends stay."""
    return [
        part
        for line in sentence.splitlines()
        for part in wrap(line, max(10, width), break_on_hyphens=False) or [""]
    ]


class LineWidget(ScrollView, can_focus=True):
    """A `ScrollView` whose lines are painted from spans.

    A style is asked for by name: a tone, or one of the widget's own component classes. Both are
    component classes ``line--NAME``, so all colours come from CSS.
    """

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"line--{tone}" for tone in TONES),
        "line--cursor",
        "line--cursor-blurred",
        "line--match",
        "line--match-current",
    }
    DEFAULT_CSS = """
    LineWidget {
        background: $background;
        color: $foreground;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
        scrollbar-gutter: stable;
        & > .line--strong { text-style: bold; }
        & > .line--muted { color: $muted; }
        & > .line--faint { color: $faint; }
        & > .line--ok { color: $ok; }
        & > .line--wait { color: $wait; }
        & > .line--fail { color: $fail; }
        & > .line--local { color: $local; }
        & > .line--aws { color: $aws; }
        & > .line--production { color: $production; text-style: bold; }
        & > .line--accent { color: $accent; }
        & > .line--cursor { background: $cursor; }
        & > .line--cursor-blurred { background: $cursor-blurred; }
        & > .line--match { color: $match-text; background: $match; }
        & > .line--match-current { color: $match-text; background: $match-current; text-style: bold; }
    }
    """

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002  Textual's own name for it
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self._styles_by_name: dict[str, Style] = {}
        self._ground: Style | None = None
        self._painting = False

    # -- styles -------------------------------------------------------------------------------

    def style_of(self, tone: str) -> Style:
        """The style of a tone or of a part of this widget; only what its CSS rule sets."""
        style = self._styles_by_name.get(tone)
        if style is None:
            style = self._look_up(tone)
            self._styles_by_name[tone] = style
        return style

    @property
    def ground(self) -> Style:
        """The widget's own colours, behind and under everything."""
        style = self._ground
        if style is None:
            style = self._ground = self.rich_style
        return style

    def _look_up(self, tone: str) -> Style:
        if not tone:
            return Style.null()
        parts = [self.get_component_rich_style(f"line--{part}", partial=True) for part in tone.split()]
        return Style.combine(parts)

    def notify_style_update(self) -> None:
        """Forget looked-up styles when theme or CSS changed."""
        super().notify_style_update()
        self._styles_by_name.clear()
        self._ground = None
        self.styles_changed()

    def styles_changed(self) -> None:
        """Called when painted lines that were kept are out of date."""

    @property
    def selection_style(self) -> Style:
        """How text selected with the mouse looks."""
        return self.screen.get_component_rich_style("screen--selection")

    # -- drawing ------------------------------------------------------------------------------

    def paint_row(self, y: int) -> Row:
        """Row ``y`` of the window."""
        raise NotImplementedError

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw; Textual asks for single lines through `render_line` when the mouse wants to know."""
        self._painting = True
        try:
            return super().render_lines(crop)
        finally:
            self._painting = False

    def render_line(self, y: int) -> Strip:
        """One row of the window.

        Content offsets are only of use to the mouse, so they are left out while drawing.
        """
        row = self.paint_row(y)
        if self._painting or row.line is None:
            segments = [segment for run in row.runs for segment in run.segments]
        else:
            runs = (Strip(run.segments).apply_offsets(run.start, row.line) for run in row.runs)
            segments = [segment for strip in runs for segment in strip]
        width, ground = self.size.width, row.background
        drawn = [Segment(text, ground + style if style else ground) for text, style, _ in segments]
        blank = width - sum([cells(text) for text, _, _ in drawn])
        if blank > 0:
            drawn.append(Segment(" " * blank, ground))
        return Strip(drawn, width) if blank >= 0 else Strip(drawn).crop(0, width)

    def selected_part(self, y: int, shift: int = 0) -> Overlay | None:
        """The part of content line ``y`` that is selected, counted from character ``shift``."""
        selection = self.text_selection
        if selection is None:
            return None
        span = selection.get_span(y)
        if span is None:
            return None
        start, end = span
        last = 1 << 30 if end == -1 else end
        return Overlay(max(0, start - shift), last - shift, self.selection_style)

    def selection_updated(self, selection: Selection | None) -> None:
        self.styles_changed()
        self.refresh()

    def select_text(self, start: Offset, end: Offset) -> None:
        """Select the content from ``start`` up to ``end``, as the mouse would."""
        self.screen.selections = {self: Selection(start, end)}

    @property
    def selected_text(self) -> str | None:
        """The text selected with the mouse in this widget."""
        selection = self.text_selection
        found = None if selection is None else self.get_selection(selection)
        return found[0] if found and found[0] else None

    def on_click(self, event: events.Click) -> None:
        """A double click means something to each widget; Textual would select everything."""
        if event.chain > 1:
            event.prevent_default()
            self.double_clicked(event)

    def double_clicked(self, event: events.Click) -> None:
        """Called on the second click of a double click."""

    def set_virtual(self, width: int, height: int) -> None:
        """Tell Textual how big the content is, if that changed.

        Textual would lay out the whole screen for it. That is needed only where the widget is as big as
        its content; scrollbars that come or go ask for it themselves.
        """
        size = Size(width, height)
        if size == self.virtual_size:
            return
        if self.styles.auto_dimensions or not self.is_mounted:
            self.virtual_size = size
        else:
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)

    # -- focus --------------------------------------------------------------------------------

    def watch_has_focus(self, focused: bool) -> None:
        """No style of ours goes by the focus, so none is looked up anew (Textual would, part by part)."""

    def on_focus(self, event: events.Focus) -> None:
        event.prevent_default()  # Textual would draw everything again; only the cursor's row differs
        self.has_focus = True
        if self.parent is not None:
            self.parent.post_message(events.DescendantFocus(self))

    def on_blur(self, event: events.Blur) -> None:
        event.prevent_default()
        self.has_focus = False
        if self.parent is not None:
            self.parent.post_message(events.DescendantBlur(self))
