"""Two of version, alias and ``$LATEST`` beside each other: settings, variables, files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen

from lambdatui.dashboard.bars import Footer, Header
from lambdatui.dashboard.dialogs.difference import DiffDialog
from lambdatui.dashboard.function.draft import MASK
from lambdatui.dashboard.function.lines import Line, SpanLines, heading
from lambdatui.dashboard.function.subject import Subject, open_beside
from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.figures import size_text
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import cells, clip
from lambdatui.dashboard.words import count
from lambdatui.model import Change, Difference, FileChange, FunctionSettings, Target, TargetKind
from lambdatui.model.function import LATEST
from lambdatui.service.differences import unified
from lambdatui.service.errors import ServiceError

if TYPE_CHECKING:
    from textual.app import App

    from lambdatui.service import Service, TargetSpec

LABEL = 20
PATIENCE_S = 0.2


def ask_which_two(app: App[Any], subject: Subject, known: Sequence[str], chosen: str) -> None:
    """Ask which two of a function to compare, and compare them; the chosen one is one of them."""
    others = [name for name in known if name != chosen] or [LATEST]
    left = others[0] if chosen == LATEST else chosen
    dialog = DiffDialog(subject.service.spec, subject.name, known, left, LATEST)

    def compare(pair: str | None) -> None:
        if pair:
            app.push_screen(DiffScreen(subject, *pair.split(" "), elsewhere=dialog.elsewhere))

    app.push_screen(dialog, compare)


class LinesScreen(Screen[None]):
    """Lines that can be looked through and copied."""

    CSS_PATH = "function.tcss"
    AUTO_FOCUS = "SpanLines"
    BINDINGS: ClassVar = bindings("copy", "filter", "back")

    def __init__(self, subject: Subject) -> None:
        super().__init__()
        self.subject = subject

    @property
    def view(self) -> SpanLines:
        """The lines."""
        return self.query_one(SpanLines)

    def action_copy(self) -> None:
        """Copy the line."""
        text = self.view.copy_text()
        if text:
            self.run_worker(self.subject.clipboard.copy(text), group="clipboard", exit_on_error=False)

    def action_filter(self) -> None:
        """Look for text in the lines."""
        self.query_one(FilterLine).open()

    @on(FilterLine.Changed)
    def _look_for(self, message: FilterLine.Changed) -> None:
        self.view.search(message.text)

    @on(FilterLine.Left)
    def _back_to_lines(self) -> None:
        self.set_focus(self.view)

    def action_back(self) -> None:
        """Look for nothing, or back to where the screen was opened from."""
        if not self.query_one(FilterLine).clear():
            self.dismiss(None)


class DiffScreen(LinesScreen):
    """What differs between two; Enter on a file opens it."""

    BINDINGS: ClassVar = bindings("reveal", "refresh")

    def __init__(
        self, subject: Subject, left: str, right: str, *, elsewhere: TargetSpec | None = None
    ) -> None:
        """``elsewhere`` is where the right one is; it is opened read-only, and closed with this screen."""
        super().__init__(subject)
        self._elsewhere = elsewhere
        self._other: Service | None = None
        self.left, self.right = left, right
        self.found: Difference | None = None
        self._revealed = False
        self._files: dict[int, FileChange] = {}

    def compose(self) -> ComposeResult:
        yield Header()
        with Vertical(id="frame") as frame:
            frame.border_title = _title(self.subject, f"{self.left} beside {self.right}")
            yield SpanLines(opens=True)
            yield FilterLine("text to look for")
        yield Footer()

    def on_mount(self) -> None:
        self.query_one(Header).target = self.subject.service.target
        self.action_refresh()

    def action_refresh(self) -> None:
        """Compare again."""
        self.run_worker(self._compare(), group="diff", exclusive=True, exit_on_error=False)

    async def _compare(self) -> None:
        waiting = self.set_timer(PATIENCE_S, lambda: self._say(f"Comparing {self.left} with {self.right}…"))
        try:
            other = await self._opened()
            self.found = await self.subject.service.differences.between(
                self.subject.name, self.left, self.right, other=other.differences if other else None
            )
        except ServiceError as error:
            self._say(f"{error.sentence}\nPress {key_of('refresh')} to try again.")
        else:
            self._draw()
        finally:
            waiting.stop()

    async def _opened(self) -> Service | None:
        """The target of the right one, when it is another."""
        if self._other is None and self._elsewhere is not None:
            spec = replace(self._elsewhere, read_only=True)
            self._other = await open_beside(self.app, spec, self._say)
        return self._other

    async def on_unmount(self) -> None:
        if self._other is not None:
            await self._other.close()

    def _heads(self) -> Heads:
        if self._other is None:
            return Heads(self.left, self.right)
        return Heads(self.left, self.right, self.subject.service.target, self._other.target)

    def _say(self, sentence: str) -> None:
        self.view.empty = sentence

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self.found is None or not self.view.size.width:
            return
        lines, self._files = lines_of(
            self.found, self._heads(), self.view.size.width - 1, revealed=self._revealed
        )
        first_time = not self.view.line_count
        self.view.set_lines(lines)
        if first_time and self._files:
            self.view.move_to(min(self._files))
        self.query_one("#frame").border_subtitle = _summary(self.found)

    def action_reveal(self) -> None:
        """Show the values of variables, or mask them."""
        self._revealed = not self._revealed
        self._draw()

    @on(SpanLines.Chosen)
    def _open(self, message: SpanLines.Chosen) -> None:
        message.stop()
        change = self._files.get(message.index)
        if change is not None:
            self.app.push_screen(FileScreen(self.subject, change, self._heads()))


class FileScreen(LinesScreen):
    """One file, line by line."""

    def __init__(self, subject: Subject, change: FileChange, heads: Heads) -> None:
        super().__init__(subject)
        self.change = change
        self._heads = heads

    def compose(self) -> ComposeResult:
        yield Header()
        with Vertical(id="frame") as frame:
            sides = f"{self._heads.left} beside {self._heads.right}"
            frame.border_title = _title(self.subject, sides, self.change.path)
            frame.border_subtitle = Content(f"+{self.change.added} -{self.change.removed}")
            yield SpanLines()
            yield FilterLine("text to look for")
        yield Footer()

    def on_mount(self) -> None:
        self.query_one(Header).target = self.subject.service.target
        self.view.set_lines(file_lines(self.change, self._heads.titles))


def _title(subject: Subject, *parts: str) -> Content:
    """The way from the functions to what is seen."""
    way = "".join(f" {SIGNS.closed} {part}" for part in (subject.name, *parts))
    return Content.assemble(("Functions", "$muted"), way)


# -- lines ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heads:
    """What stands above the two columns; with the places, when they are not one."""

    left: str
    right: str
    here: Target | None = None
    there: Target | None = None

    @property
    def titles(self) -> tuple[str, str]:
        """Each side in a line."""
        if self.here is None or self.there is None:
            return self.left, self.right
        return f"{self.left} in {_where(self.here)}", f"{self.right} in {_where(self.there)}"

    def places(self, width: int) -> list[Line]:
        """Which target each column is of, in two lines, so that nothing of it is cut."""
        if self.here is None or self.there is None:
            return []
        tones = ("", _tone_of(self.here), "", _tone_of(self.there))
        rows = zip(_place(self.here), _place(self.there), strict=True)
        return [
            [
                (text, tone)
                for (text, _), tone in zip(_columns("", left, right, width, ""), tones, strict=True)
            ]
            for left, right in rows
        ]


def _place(target: Target) -> tuple[str, str]:
    kind = "LOCAL" if target.kind is TargetKind.LOCAL else "AWS"
    account = f" {SIGNS.dot} {target.account}" if target.account else ""
    return f"{kind} {target.name}", f"{target.region}{account}"


def _where(target: Target) -> str:
    return f" {SIGNS.dot} ".join(_place(target))


def _tone_of(target: Target) -> str:
    return "ok" if target.kind is TargetKind.LOCAL else "wait"


def lines_of(
    found: Difference, heads: Heads, width: int, *, revealed: bool
) -> tuple[list[Line], dict[int, FileChange]]:
    """The whole comparison, and which line is which file."""
    sides = _side(heads.left, found.left), _side(heads.right, found.right)
    lines = [*heads.places(width), _columns("", *sides, width, "strong"), []]
    if found.nothing:
        return [*lines, [("Nothing differs: settings, variables and code are the same.", "ok")]], {}
    lines += [heading("Settings"), *_changes(found.settings, width, revealed=True), []]
    lines += [heading("Environment"), *_changes(found.variables, width, revealed=revealed), []]
    lines.append(heading("Code"))
    if found.code_problem:
        return [*lines, [(f"Differs, but could not be compared: {found.code_problem}", "fail")]], {}
    if found.same_code:
        return [*lines, [("The same on both sides.", "muted")]], {}
    if not found.files:
        return [*lines, [("The same files, packed differently.", "muted")]], {}
    files = {len(lines) + at: change for at, change in enumerate(found.files)}
    return [*lines, *map(_file, found.files)], files


def _side(name: str, settings: FunctionSettings) -> str:
    number = settings.version.number
    return name if name == number else f"{name} {SIGNS.closed} version {number}"


def _summary(found: Difference) -> Content:
    if found.nothing:
        return Content("nothing differs")
    parts = [
        count(len(found.settings), "setting"),
        count(len(found.variables), "variable"),
        count(len(found.files), "file"),
    ]
    return Content(f"{', '.join(parts)} differ")


def _changes(changes: Sequence[Change], width: int, *, revealed: bool) -> list[Line]:
    if not changes:
        return [[("The same on both sides.", "muted")]]
    return [_change(change, width, revealed) for change in changes]


def _change(change: Change, width: int, revealed: bool) -> Line:
    before, after = (
        None if value is None else value.replace("\n", "␊") if revealed else MASK
        for value in (change.before, change.after)
    )
    return _columns(change.name, before, after, width, "")


def _columns(label: str, left: str | None, right: str | None, width: int, tone: str) -> Line:
    """A label and two values; long ones keep both ends, where ids and ARNs differ."""
    side = max(8, (width - LABEL - 4) // 2)

    def shown(value: str | None) -> tuple[str, str]:
        if value is None:
            return "not there", "faint"
        return (value, tone) if value else ("none", "muted")

    (first, first_tone), (second, second_tone) = shown(left), shown(right)
    first = clip(first, side, middle=True, mark=SIGNS.ellipsis)
    second = clip(second, side, middle=True, mark=SIGNS.ellipsis)
    name = clip(label, LABEL - 2, mark=SIGNS.ellipsis)
    return [
        (name + " " * (LABEL - cells(name)), "muted"),
        (first + " " * (side - cells(first)), first_tone or "fail"),
        ("  ", ""),
        (second, second_tone or "ok"),
    ]


def _file(change: FileChange) -> Line:
    sign, tone = ("~", "wait")
    if change.before is None or change.after is None:
        sign, tone = ("+", "ok") if change.before is None else ("-", "fail")
    line: Line = [(f"{sign} ", tone), (f"{change.path:<40} ", "")]
    if change.binary:
        sides = (change.before, change.after)
        sizes = [size_text(len(side)) if side is not None else "not there" for side in sides]
        return [*line, (f"not text: {sizes[0]} {SIGNS.closed} {sizes[1]}", "muted")]
    added = f"+{change.added}" if change.added else ""
    removed = f"-{change.removed}" if change.removed else ""
    return [*line, (f"{added:>6}", "ok"), (f"{removed:>6}", "fail")]


def file_lines(change: FileChange, sides: tuple[str, str]) -> list[Line]:
    """A file's differences as ``diff -u`` writes them, in colours; its head says which side is whose."""
    if change.binary:
        return [[("This file is not text.", "muted")]]
    lines: list[Line] = [
        [(line.expandtabs(4) or " ", _tone(line, at))] for at, line in enumerate(unified(change))
    ]
    for line, side in zip(lines, sides, strict=False):
        line.append((f"  {side}", "muted"))
    return lines


def _tone(line: str, at: int) -> str:
    if at < 2:
        return "strong"
    return {"+": "ok", "-": "fail", "@": "accent"}.get(line[:1], "")
