"""The main screen's place: what is chosen, typed and scrolled to; kept now and then, taken up at a start."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdatui.dashboard import session
from lambdatui.dashboard.panes.invoke import FIRST_PAYLOAD
from lambdatui.model import InvocationType

if TYPE_CHECKING:
    from lambdatui.dashboard.screens.main import MainScreen
    from lambdatui.service import Service

DRAFTS, DRAFT_BYTES = 50, 64 * 1024
"""How many payloads are kept, and how long each of them may be."""


class Place:
    """Remembers for one target."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._file: Path | None = None
        self._kept: Mapping[str, Any] = {}
        self._wanted: Mapping[str, Any] = {}  # what waits for the list of functions
        self._followed: list[str] = []  # what waits for the whole list
        self._settled = False

    def opened(self, service: Service) -> None:
        """The target is known: take up what needs no list."""
        self._file = session.file_of(service.spec, service.target)
        if self._file is None:
            return
        said = self._wanted = self._kept = session.load(self._file)
        self._followed = _texts(said.get("followed"))
        screen, table = self._screen, self._screen.functions.table
        if columns := _texts(said.get("columns")):
            table.show_columns(columns)
        order, backwards = said.get("order"), said.get("backwards") is True
        if any(column.key == order and column.sort_key for column in table.columns):
            table.sort(str(order), reverse=backwards)
        screen.invoking.payloads.update(_pairs(said.get("payloads")))
        screen.qualifiers.update(_pairs(said.get("qualifiers")))
        kinds = {kind.value: kind for kind in InvocationType}
        if isinstance(said.get("kind"), str) and said["kind"] in kinds:
            screen.invocation.set_kind(kinds[said["kind"]])
        if isinstance(said.get("filter"), str):
            screen.functions.filter_line.show(said["filter"])

    def listed(self, *, complete: bool) -> None:
        """Functions are listed: go to the one that was chosen, unless the person went elsewhere already."""
        if complete and self._followed:
            followed, self._followed = self._followed, []
            self._screen.tail.take_up(followed)
        if self._settled:
            return
        screen, said = self._screen, self._wanted
        table = screen.functions.table
        self._settled = complete or table.cursor_index > 0
        name = said.get("function")
        if table.cursor_index or not isinstance(name, str) or not table.move_to_key(name):
            return
        self._settled = True
        if isinstance(said.get("top"), int):
            table.scroll_rows(said["top"])
        if screen.focused is table and said.get("pane") in ("versions", "invoke", "log"):
            screen.action_pane(said["pane"])

    def gather(self) -> dict[str, Any]:
        """Where the person is now."""
        screen = self._screen
        table = screen.functions.table
        screen.invoking.keep_payload(screen.function_name)
        payloads = screen.invoking.payloads.items()
        drafts = [
            (name, text) for name, text in payloads if text != FIRST_PAYLOAD and len(text) < DRAFT_BYTES
        ]
        return {
            "filter": screen.functions.filter_line.text,
            "function": screen.function_name,
            "top": table.top,
            "pane": screen.pane_name,
            "followed": [*screen.tail.added, *self._followed],
            "columns": list(table.shown_columns),
            "order": table.sort_column,
            "backwards": table.sort_reverse,
            "kind": screen.invocation.kind.value,
            "payloads": dict(drafts[-DRAFTS:]),
            "qualifiers": dict(list(screen.qualifiers.items())[-DRAFTS:]),
        }

    def keep(self) -> None:
        """Write it down if it changed; never on the way of a key."""
        if self._file is None or not self._settled:
            return
        place = self.gather()
        if place != self._kept:
            self._kept = place
            write = asyncio.to_thread(session.save, self._file, place)
            self._screen.run_worker(write, group="place", exclusive=False, exit_on_error=False)

    def leave(self) -> None:
        """The last time, at the end."""
        if self._file is not None and self._settled and (place := self.gather()) != self._kept:
            self._kept = place
            session.save(self._file, place)


def _texts(raw: object) -> list[str]:
    return [text for text in raw if isinstance(text, str)] if isinstance(raw, list) else []


def _pairs(raw: object) -> dict[str, str]:
    if not isinstance(raw, dict):
        return {}
    return {str(name): text for name, text in raw.items() if isinstance(text, str)}
