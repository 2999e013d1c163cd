"""Versions and aliases: publish, point, compare, delete, clean up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget

from lambdatui.dashboard.dialogs.alias import alias
from lambdatui.dashboard.dialogs.delete import delete_alias, delete_version
from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.dialogs.publish import publish
from lambdatui.dashboard.function.diff import ask_which_two
from lambdatui.dashboard.function.tab import Tab
from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.dashboard.panes.versions import Row, VersionsPane, rows_of
from lambdatui.dashboard.widgets.figures import size_text
from lambdatui.dashboard.words import count
from lambdatui.service import cleanup

KEEP = "5"


class VersionsTab(Tab):
    """The pane of the main screen with room for more."""

    NAME, TITLE = "versions", "Versions and aliases"
    CHANGES = frozenset({"publish", "alias", "clean_up"})
    BINDINGS: ClassVar = bindings("diff", "publish", "alias", "clean-up")

    known = False

    def compose(self) -> ComposeResult:
        yield VersionsPane(self.subject.now)

    @property
    def pane(self) -> VersionsPane:
        """The rows."""
        return self.query_one(VersionsPane)

    def stop(self) -> Widget:
        return self.pane.table

    @property
    def shows_something(self) -> bool:
        return self.known

    async def fetch(self) -> list[Row]:
        versions, name = self.subject.service.versions, self.subject.name
        return rows_of(*await asyncio.gather(versions.list(name), versions.aliases(name)))

    def show(self, found: list[Row]) -> None:
        self.known = True
        self.pane.show(self.subject.name, found)
        published = self.pane.versions[1:]
        size = size_text(sum(version.code_size for version in published))
        aliases = count(len(self.pane.aliases), "alias")
        if published:
            self.describe(f"{count(len(published), 'version')} of {size} · {aliases}")
        else:
            self.describe(f"Nothing published yet: {key_of('publish')} makes version 1 of $LATEST.")

    def say(self, sentence: str) -> None:
        self.pane.say(sentence)

    def copied(self) -> tuple[str, str]:
        row = self.pane.chosen
        return ("", "") if row is None else (row.arn, "the ARN")

    # -- comparing ----------------------------------------------------------------------------

    @on(VersionsPane.Chosen)
    def _chosen(self, message: VersionsPane.Chosen) -> None:
        message.stop()

    @on(VersionsPane.Opened)
    def _opened(self, message: VersionsPane.Opened) -> None:
        message.stop()
        self.action_diff()

    def action_diff(self) -> None:
        """Ask which two to compare; the chosen row is one of them."""
        if chosen := self.pane.chosen:
            known = [row.qualifier for row in self.pane.table.rows]
            ask_which_two(self.app, self.subject, known, chosen.qualifier)

    # -- changing -----------------------------------------------------------------------------

    def action_publish(self) -> None:
        """Publish ``$LATEST``."""
        self.open_dialog(publish(self.subject.service, self.subject.name))

    def action_alias(self) -> None:
        """Change the chosen alias, or make one for the chosen version."""
        row = self.pane.chosen
        newest = next((version.number for version in self.pane.versions[1:]), "")
        version = row.qualifier if row and row.alias is None and not row.is_latest else newest
        known = row.alias if row else None
        self.open_dialog(alias(self.subject.service, self.subject.name, version=version, known=known))

    def delete(self) -> None:
        """Delete the chosen version or alias."""
        row, service = self.pane.chosen, self.subject.service
        if row is not None and row.alias is not None:
            self.open_dialog(delete_alias(service, row.alias))
        elif row is not None and row.version is not None and not row.is_latest:
            self.open_dialog(delete_version(service, row.version, self.pane.aliases))
        else:
            self.notify("$LATEST goes only with the whole function.", severity="warning")

    def action_clean_up(self) -> None:
        """Plan which old versions go; nothing is deleted before the plan was seen."""
        plans: list[cleanup.Cleanup] = []

        async def submit(values: Mapping[str, str]) -> str:
            if not values["keep"].isdecimal():
                raise FieldError("keep", "Give the number of versions that stay.")
            ready = await self.subject.service.concurrency.provisioned(self.subject.name)
            needed = {each.qualifier for each in ready}
            found = cleanup.plan(self.pane.versions, self.pane.aliases, int(values["keep"]), needed=needed)
            if not found.going:
                raise FieldError("keep", "Nothing would go: what is older is in use, or there is none.")
            plans.append(found)
            return "planned"

        def planned(answer: str | None) -> None:
            if answer:
                self.open_dialog(_delete_all(self, plans[-1]))

        text = "Old versions are deleted from the oldest on. Versions that an alias uses stay."
        fields = (Field("keep", "Newest to keep", KEEP),)
        dialog = Dialog(
            f"Clean up {self.subject.name}", submit, text=text, fields=fields, verb="Show what would go"
        )
        self.app.push_screen(dialog, planned)


def _delete_all(tab: VersionsTab, plan: cleanup.Cleanup) -> Dialog:
    name, versions = tab.subject.name, tab.subject.service.versions
    numbers = [version.number for version in plan.going]
    left = list(numbers)

    async def submit(_: Mapping[str, str]) -> str:
        while left:
            await versions.delete(name, left[0])
            left.pop(0)
        return f"{count(len(numbers), 'version')} of {name} deleted, {size_text(plan.freed)} freed."

    stay = f" Older but in use: {', '.join(plan.aliased)}." if plan.aliased else ""
    text = (
        f"Delete {count(len(numbers), 'version')} of {name} ({', '.join(numbers)})?"
        f" That frees {size_text(plan.freed)}.{stay} A deleted version cannot be had back."
    )
    return Dialog("Delete old versions", submit, text=text, verb="Delete", danger=True)
