"""The deployed code: which files, what is in them; another package in its place."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from lambdatui.dashboard import outside
from lambdatui.dashboard.background import Work, background_of
from lambdatui.dashboard.dialogs.dialog import Dialog
from lambdatui.dashboard.function.source import SourceView
from lambdatui.dashboard.function.subject import Subject
from lambdatui.dashboard.function.tab import Tab
from lambdatui.dashboard.function.transfers import GoingOn, Transfers
from lambdatui.dashboard.function.tree import Node, tree_of
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.figures import size_text
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.table_messages import RowHighlighted, RowSelected
from lambdatui.dashboard.words import count
from lambdatui.service.clean import clean_bytes
from lambdatui.service.code import CodeFile, Package
from lambdatui.service.errors import ServiceError

WIDE = 96
SHOWN = 2 * 1024 * 1024
PAUSE_S, SHORTEST = 0.15, 2
"""Files are looked into when typing pauses, for a text of so many letters."""


class CodeTab(Tab):
    """The tree of files and the file under the cursor; beside each other where there is room."""

    NAME, TITLE = "code", "Code"
    CHANGES = frozenset({"upload", "edit_code", "watch"})
    BINDINGS: ClassVar = bindings("upload", "download", "watch", "stop-transfer", "edit-code", "filter")

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self.package: Package | None = None
        self._folded: set[str] = set()
        self._shown: CodeFile | None = None
        self._reading = False  # narrow: the file is shown instead of the tree
        self._looking_in_file = False
        self._holding: frozenset[str] = frozenset()  # files whose text has what is looked for
        self._looks_into = False  # and which those are is not known yet
        self.transfers = Transfers(self)
        self._changes: dict[Work, int] = {}  # how often each changed the function, as far as is shown

    def compose(self) -> ComposeResult:
        with Horizontal(id="code"):
            with Vertical(id="tree"):
                yield LineTable[Node](self._columns(), lambda node: node.path, empty="", header=False)
            with Vertical(id="source"):
                yield SourceView(id="text")
        yield GoingOn(self.subject.name)
        yield FilterLine("file name, or text in a file")

    def on_mount(self) -> None:
        background_of(self.app).changed.subscribe(self, self._went_on, immediate=True)

    def _columns(self) -> list[Column[Node]]:
        return [
            Column("name", "file", _name, min_width=12, weight=4),
            Column("size", "size", _size, width=8, align="right"),
        ]

    @property
    def table(self) -> LineTable[Node]:
        """The tree."""
        return self.query_one(LineTable)

    @property
    def source(self) -> SourceView:
        """The file."""
        return self.query_one(SourceView)

    @property
    def filter_line(self) -> FilterLine:
        return self.query_one(FilterLine)

    def stop(self) -> Widget:
        return self.source if self._reading and not self._wide else self.table

    @property
    def _wide(self) -> bool:
        return self.size.width >= WIDE

    def on_resize(self) -> None:
        """Both where there is room, else the one that is looked at."""
        self.query_one("#source").display = self._wide or self._reading
        self.query_one("#tree").display = self._wide or not self._reading

    def on_unmount(self) -> None:
        background_of(self.app).changed.unsubscribe(self)
        if self.package is not None:
            self.package.close()

    # -- what is shown ------------------------------------------------------------------------

    async def fetch(self) -> Package:
        def progress(done: int, whole: int) -> None:
            self.describe(f"{size_text(done)} of {size_text(whole)}" if whole else size_text(done))

        return await self.subject.service.code.download(self.subject.name, progress=progress)

    def show(self, found: Package) -> None:
        if self.package is not None:
            self.package.close()
        elif len(found.files) > 40:
            self._folded = {node.path for node in tree_of(found.files, ()) if node.is_folder}
        self.package = found
        kept = self._shown.path if self._shown else ""
        self._shown = None
        self._look_for("" if self._looking_in_file else self.filter_line.input.value)
        nodes = [node for node in self.table.rows if node.file]
        first = min(nodes, key=lambda node: node.depth, default=None)
        if not self.table.move_to_key(kept) and first is not None:
            self.table.move_to_key(first.path)
        self.describe(
            f"{count(len(found.files), 'file')} · {size_text(found.size)} zipped"
            f" · {size_text(found.unzipped)} of 250 MB unzipped"
        )

    def _draw(self) -> None:
        if self.package is not None:
            needle = "" if self._looking_in_file else self.filter_line.input.value
            holding = self._holding if needle else ()
            self.table.set_rows(tree_of(self.package.files, self._folded, needle, holding), glow=False)
            row = self.table.cursor_row
            if needle and row is not None and row.is_folder:
                first = next((node for node in self.table.rows if node.file), row)
                self.table.move_to_key(first.path)
            self.say(self._why_empty(needle))

    def _why_empty(self, needle: str) -> str:
        if not needle:
            return "The package is empty."
        return "Looking into the files…" if self._looks_into else "No file is called so, or holds it."

    @property
    def shows_something(self) -> bool:
        return self.package is not None

    def say(self, sentence: str) -> None:
        self.table.empty = sentence

    @on(RowHighlighted)
    def _highlighted(self, message: RowHighlighted) -> None:
        message.stop()
        node = message.row
        if isinstance(node, Node) and node.file is not None and node.file != self._shown:
            self._read(node.file)

    def _read(self, file: CodeFile) -> None:
        assert self.package is not None
        self._shown = file
        try:
            data = self.package.read(file, SHOWN)
        except ServiceError as error:
            self.source.show_source("", error.sentence)
            return
        if b"\0" in data[:8192]:
            self.source.show_source("", f"{file.path} is not text ({size_text(file.size)}).")
        else:
            self.source.show_source(file.path, clean_bytes(data))
            self.source.search(self.filter_line.input.value)

    @on(RowSelected)
    def _selected(self, message: RowSelected) -> None:
        message.stop()
        node = message.row
        if not isinstance(node, Node):
            return
        if node.is_folder:
            self._folded ^= {node.path}
            self._draw()
        else:
            self._reading = True
            self.on_resize()
            self.screen.set_focus(self.source)

    def back(self) -> bool:
        if self.filter_line.clear():
            self._draw()
            self.source.search("")
            return True
        if self.screen.focused is self.source:
            self._reading = False
            self.on_resize()
            self.screen.set_focus(self.table)
            return True
        return False

    def copied(self) -> tuple[str, str]:
        if self.screen.focused is self.source:
            return self.source.copy_text(), "the line"
        node = self.table.cursor_row
        return ("", "") if node is None else (node.path, "the path")

    # -- looking for something ----------------------------------------------------------------

    def action_filter(self) -> None:
        """Look for files by name and text, or for text in the file that has the focus."""
        self._looking_in_file = self.screen.focused is self.source
        self.filter_line.open()

    @on(FilterLine.Changed)
    def _filter(self, message: FilterLine.Changed) -> None:
        message.stop()
        self.source.search(message.text)
        if not self._looking_in_file:
            self._look_for(message.text)

    def _look_for(self, text: str) -> None:
        """Show the files whose path has it now, and those whose text has it when that is known."""
        self.workers.cancel_group(self, "look")
        self._holding = frozenset()
        self._looks_into = self.package is not None and len(text) >= SHORTEST
        self._draw()
        if self.package is not None and self._looks_into:
            looking = self._look_into(self.package, text)
            self.run_worker(looking, group="look", exclusive=True, exit_on_error=False)

    async def _look_into(self, package: Package, text: str) -> None:
        """Add the files whose text has it; who types on is waited for."""
        await asyncio.sleep(PAUSE_S)
        self._holding = await asyncio.to_thread(package.holding, text)
        self._looks_into = False
        self._draw()

    @on(FilterLine.Left)
    def _left(self, message: FilterLine.Left) -> None:
        message.stop()
        self.screen.set_focus(self.source if self._looking_in_file else self.table)

    # -- the package --------------------------------------------------------------------------

    def action_download(self) -> None:
        """Save the package."""
        self.transfers.download(self.package)

    def action_upload(self) -> None:
        """Deploy a folder, a file or a zip."""
        self.transfers.upload()

    def action_watch(self) -> None:
        """Deploy a folder whenever it is saved, or stop that."""
        self.transfers.watch()

    def action_stop_transfer(self) -> None:
        """Stop the upload or download that goes on."""
        self.transfers.stop()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is something to stop only while it goes on."""
        if action == "stop_transfer" and self.transfers.going(endless=False) is None:
            return False
        return super().check_action(action, parameters)

    def _went_on(self, work: Work) -> None:
        """Something that goes on with this function changed it, or ended."""
        if work.function != self.subject.name:
            return
        self.refresh_bindings()
        if work.changes and work.changes != self._changes.get(work):
            self._changes[work] = work.changes
            self.post_message(self.Changed())
            self.opened_anew()

    def opened_anew(self) -> None:
        """Look again now, or when the tab is seen next."""
        self.stale = True
        if self.display:
            self.ask()

    def action_edit_code(self) -> None:
        """Edit the chosen file in the user's own editor and deploy what was saved."""
        package, file, editor = self.package, self._shown, outside.command()
        if package is None or file is None:
            self.notify("Choose a file first.", severity="warning")
        elif not editor:
            self.notify("Set EDITOR to the editor of your choice first.", severity="warning")
        else:
            self.with_leave(lambda: self._edit(package, file, editor))

    def _edit(self, package: Package, file: CodeFile, editor: list[str]) -> None:
        try:
            before = package.read(file).decode("utf-8")
        except UnicodeDecodeError:
            self.notify(f"{file.path} is not text.", severity="warning", markup=False)
            return
        except (ServiceError, OSError) as error:
            self.notify(f"{file.path}: {error}", severity="error", markup=False)
            return
        after = outside.lend(self.app, before, editor, suffix=Path(file.path).suffix)
        if after == before:
            self.notify("Nothing was changed, so nothing is deployed.")
        elif after is not None:
            self._deploy(package, file, after)

    def _deploy(self, package: Package, file: CodeFile, text: str) -> None:
        async def submit(_: Mapping[str, str]) -> str:
            data = await asyncio.to_thread(package.replaced, file, text.encode())
            await self.subject.service.code.deploy(
                self.subject.name, data, revision_id=package.revision_id or None
            )
            return f"{self.subject.name} runs with the new {file.path}."

        asked = f"Deploy {self.subject.name} with the {file.path} you saved? $LATEST changes at once."
        self.open_dialog(Dialog("Deploy", submit, text=asked, verb="Deploy"))


def _name(node: Node) -> Cell:
    space = ("  " * node.depth, "")
    if node.is_folder:
        sign = SIGNS.closed if node.folded else SIGNS.open
        return [space, (f"{sign} {node.name}/", "accent"), (f" {node.files}", "muted")]
    return [space, (f"  {node.name}", "")]


def _size(node: Node) -> Cell:
    return size_text(node.size), "muted"
