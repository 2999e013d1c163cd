"""Layers: their versions, how large they are and who uses them; publish one, delete one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Static

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.inspect.filtered import FilteredScreen
from lambdatui.dashboard.keys import bindings, spelled
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.figures import size_text
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import Span
from lambdatui.dashboard.widgets.table_messages import RowHighlighted
from lambdatui.dashboard.words import age, count, exactly
from lambdatui.model.layers import LayerPolicy, LayersView, LayerVersion
from lambdatui.service.errors import ServiceError

EMPTY = "No layers here. <publish-layer> publishes one from a folder or a zip."
NAMED = 4
"""So many users are named; more are counted."""


def _number(one: LayerVersion) -> Cell:
    return str(one.number), "" if one.newest else "muted"


def _size(one: LayerVersion) -> Cell:
    return size_text(one.size) if one.size is not None else ("…", "muted")


def _users(one: LayerVersion) -> Cell:
    return named(one.users) if one.users else (f"{SIGNS.pending} unused", "wait")


def _about(one: LayerVersion) -> Cell:
    return one.description if one.own else "another account's, or deleted", "muted"


def _runtimes(one: LayerVersion) -> Cell:
    return ", ".join(one.runtimes) or ("any" if one.own else ""), "muted"


def named(users: tuple[str, ...]) -> str:
    """Who uses it, as far as there is room."""
    rest = len(users) - NAMED
    return ", ".join(users[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


class LayerTable(LineTable[LayerVersion]):
    """The versions; nothing opens from here."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """So Enter is no key."""
        return action != "select" and super().check_action(action, parameters)


class LayersScreen(FilteredScreen[LayersView]):
    """Every layer version of the account, and those of others that its functions have."""

    NAME, TITLE = "layers", "Layers"
    CHANGES = frozenset({"publish", "delete"})
    BINDINGS: ClassVar = bindings("publish-layer", "delete-layer")

    def contents(self) -> ComposeResult:
        now = self.outlook.now

        def published(one: LayerVersion) -> Cell:
            return (age(one.published, now()), "muted") if one.published else ("-", "muted")

        yield FilterLine("layer, function, or unused")
        yield LayerTable(
            (
                Column[LayerVersion](
                    "name",
                    "Layer",
                    lambda one: (one.name, "" if one.newest or not one.own else "muted"),
                    min_width=12,
                    max_width=34,
                    clip="middle",
                    search=lambda one: one.name,
                ),
                Column[LayerVersion]("number", "Version", _number, width=7, align="right"),
                Column[LayerVersion]("size", "Size", _size, width=8, align="right"),
                Column[LayerVersion]("published", "Published", published, width=11, align="right"),
                Column[LayerVersion](
                    "users",
                    "Used by",
                    _users,
                    min_width=16,
                    weight=3,
                    search=lambda one: " ".join(one.users) or "unused",
                ),
                Column[LayerVersion]("runtimes", "Runtimes", _runtimes, min_width=12, weight=2, priority=2),
                Column[LayerVersion]("about", "Description", _about, min_width=14, weight=2, priority=1),
            ),
            lambda one: one.arn,
            empty="Asking…",
        )
        yield Static("", id="details", markup=False)

    def on_mount(self) -> None:
        self._policy: LayerPolicy | None = None

    async def look(self, since: str, hold_s: float) -> LayersView:
        view = await self.outlook.service.catalog.view(since=since, wait_s=hold_s)
        return replace(view, stamp=f"{view.stamp} {self.outlook.now():%H:%M}")  # the ages of the rows

    def show(self, view: LayersView) -> None:
        self.table.set_rows(view.versions)
        if not view.versions:
            self.table.empty = spelled(EMPTY)
        said = [count(view.names, "layer"), count(len(view.versions), "version"), size_text(view.size)]
        if view.unused:
            said.append(f"{view.unused} unused")
        self.entitle(f" {SIGNS.dot} ".join(said))
        self.describe_chosen()
        self.refresh_bindings()

    @property
    def table(self) -> LayerTable:
        """The versions."""
        return self.query_one(LayerTable)

    @property
    def _chosen(self) -> LayerVersion | None:
        return self.table.cursor_row

    @on(RowHighlighted)
    def _chose(self) -> None:
        self._ask_policy()

    @work(group="policy", exclusive=True, exit_on_error=False)
    async def _ask_policy(self) -> None:
        """The chosen version's policy; it is asked for when the cursor comes to it."""
        one = self._chosen
        if one is None or not one.own:
            return
        try:
            self._policy = await self.outlook.service.catalog.policy(one)
        except ServiceError as error:
            self.notify(error.sentence, severity="warning", markup=False)
        self.describe_chosen()

    def action_refresh(self) -> None:
        """Look again, at the policy too."""
        super().action_refresh()
        self._ask_policy()

    def describe_chosen(self) -> None:
        """The chosen one, whole."""
        one = self._chosen
        policy = self._policy if one and self._policy and self._policy.arn == one.arn else None
        self.tell("#details", describe(one, policy) if one else [])

    def copied(self) -> tuple[str, str]:
        one = self._chosen
        return (one.arn, "the ARN of the version") if one else ("", "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is ours can be deleted."""
        if action == "delete" and not (self.is_mounted and self._chosen and self._chosen.own):
            return False
        return super().check_action(action, parameters)

    # -- changing -----------------------------------------------------------------------------

    def changed(self) -> None:
        self.watch_target()

    def action_publish(self) -> None:
        """Publish a new version of the chosen layer, or another layer."""
        one, catalog = self._chosen, self.outlook.service.catalog

        async def submit(values: Mapping[str, str]) -> str:
            for field, sentence in (("name", "A layer needs a name."), ("source", "A folder or a zip.")):
                if not values[field]:
                    raise FieldError(field, sentence)
            runtimes = values["runtimes"].replace(",", " ").split()
            made = await catalog.publish(
                values["name"],
                Path(values["source"]).expanduser(),
                description=values["description"],
                runtimes=runtimes,
            )
            return f"{made.name} has version {made.number} now."

        fields = (
            Field("name", "Layer", one.name if one and one.own else "", "a new name makes a new layer"),
            Field("source", "Folder or zip", hint="its contents appear under /opt"),
            Field("description", "Description"),
            Field("runtimes", "Runtimes", " ".join(one.runtimes) if one else "", "python3.12 nodejs22.x …"),
        )
        text = "Python looks for modules in python/, Node.js in nodejs/node_modules/, programs in bin/."
        self.ask(Dialog("Publish a layer version", submit, text=text, fields=fields, verb="Publish"))

    def action_delete(self) -> None:
        """Delete the chosen version; asks first."""
        one = self._chosen
        if one is None:
            return
        catalog = self.outlook.service.catalog

        async def submit(_: Mapping[str, str]) -> str:
            await catalog.delete(one)
            return f"Version {one.number} of {one.name} is deleted."

        keep = "keeps" if len(one.users) == 1 else "keep"
        kept = f"{named(one.users)} {keep} it as it is, but no function can be given it any more."
        effect = kept if one.users else "No function uses it."
        text = f"Delete version {one.number} of {one.name}? {effect} Its number does not come back."
        dialog = Dialog(
            "Delete layer version",
            submit,
            text=text,
            verb="Delete",
            danger=True,
            destroys=f"{one.name}:{one.number}",
        )
        if self.outlook.service.target.rule.type_name:
            dialog.demand_name()
        self.ask(dialog)


def describe(one: LayerVersion, policy: LayerPolicy | None) -> list[list[Span]]:
    """One version: its ARN, what it is for, who uses it, who else may."""
    parts = [f"published {exactly(one.published)}"] if one.published else []
    parts += [", ".join(one.architectures)] if one.architectures else []
    parts += [one.license] if one.license else []
    users = f"used by {named(one.users)}" if one.users else "no function uses it"
    if not one.own:
        shared = ""
    elif policy is None:
        shared = "its policy is being asked for"
    elif not policy.statements:
        shared = "no policy: this account only"
    else:
        shared = "policy: " + ", ".join(
            f"{each.sid} lets {_who(each.principals)} use it" for each in policy.statements
        )
    dot = f" {SIGNS.dot} "
    return [
        [(f"{SIGNS.run_start} {one.arn}", "")],
        [(f"  {dot.join([users, *parts])}", "muted")],
        *([[(f"  {shared}", "wait" if "everybody" in shared else "muted")]] if shared else []),
    ]


def _who(principals: tuple[str, ...]) -> str:
    return ", ".join("everybody" if one == "*" else one for one in principals)
