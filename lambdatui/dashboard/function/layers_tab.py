"""Which layers does the function use, and are there newer ones?"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from lambdatui.dashboard.function.tab import ListTab
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.figures import size_text
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.words import count
from lambdatui.model import LayerUse


class LayersTab(ListTab[LayerUse]):
    """Layers in the order in which they are laid over each other."""

    NAME, TITLE = "layers", "Layers"
    EMPTY = "No layers. They are a setting: press <part-settings> and change Layers."
    EMPTY_READ_ONLY = "No layers."
    CHANGEABLE = False

    def columns(self) -> Sequence[Column[LayerUse]]:
        return [
            Column("name", "layer", lambda use: (use.name, "strong"), min_width=16, weight=2, clip="middle"),
            Column("number", "version", lambda use: str(use.number), width=7, align="right"),
            Column("newest", "newest", _newest, width=10),
            Column("size", "size", lambda use: size_text(use.size), width=8, align="right"),
            Column("about", "description", _about, min_width=16, weight=3, priority=1),
        ]

    def key(self, row: LayerUse) -> Hashable:
        return row.arn

    async def fetch(self) -> list[LayerUse]:
        settings = await self.subject.service.settings.get(self.subject.name)
        return await self.subject.service.layers.used(settings.version.layers)

    def about(self) -> str:
        rows = self.table.rows
        return (
            f"{count(len(rows), 'layer')} of 5 · {size_text(sum(row.size for row in rows))}" if rows else ""
        )

    def copied(self) -> tuple[str, str]:
        row = self.chosen
        return ("", "") if row is None else (row.arn, "the ARN")


def _about(row: LayerUse) -> Cell:
    return row.description, "muted"


def _newest(row: LayerUse) -> Cell:
    if row.newest is None:
        return "not known", "muted"
    if row.newest > row.number:
        return f"{SIGNS.warning} {row.newest}", "wait"
    return f"{SIGNS.ok} newest", "ok"
