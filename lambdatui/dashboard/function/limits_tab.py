"""How many environments may run at a time, and how many are kept ready?"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.function.subject import attempt
from lambdatui.dashboard.function.tab import ListTab
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.model import Account, Provisioned

RESERVED = "reserved"
_STATES = {
    "READY": ("ok", SIGNS.active),
    "IN_PROGRESS": ("wait", SIGNS.pending),
    "FAILED": ("fail", SIGNS.failed),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """The reservation of the function, or what is kept ready for a version or alias."""

    qualifier: str  # RESERVED for the reservation
    count: int | None
    ready: Provisioned | None = None


class LimitsTab(ListTab[Limit]):
    """Reserved concurrency in the first row, provisioned below."""

    NAME, TITLE = "limits", "Concurrency"
    CHANGES = frozenset({"add", "remove"})
    BINDINGS: ClassVar = bindings("add", "remove")

    _account: Account | None = None

    def columns(self) -> Sequence[Column[Limit]]:
        return [
            Column("what", "what", _what, min_width=14, max_width=34, clip="middle"),
            Column("count", "environments", _count, width=12, align="right"),
            Column("ready", "ready", _ready, width=8, align="right", priority=1),
            Column("state", "state", _state, min_width=20, weight=4),
        ]

    def key(self, row: Limit) -> Hashable:
        return row.qualifier

    async def fetch(self) -> tuple[int | None, list[Provisioned], Any]:
        service, name = self.subject.service, self.subject.name
        return await asyncio.gather(
            service.concurrency.reserved(name),
            service.concurrency.provisioned(name),
            attempt(service.functions.account()),
        )

    def rows(self, found: tuple[int | None, list[Provisioned], Any]) -> list[Limit]:
        reserved, ready, account = found
        self._account = account if isinstance(account, Account) else None
        return [Limit(RESERVED, reserved), *(Limit(p.qualifier, p.requested, p) for p in ready)]

    @property
    def unsettled(self) -> bool:
        return any(row.ready and row.ready.status == "IN_PROGRESS" for row in self.table.rows)

    def about(self) -> str:
        if self._account is None:
            return ""
        account = self._account
        return f"account: {account.unreserved_concurrency} of {account.concurrency_limit} unreserved"

    def change(self, row: Limit) -> None:
        if row.qualifier == RESERVED:
            self._reserve(row)
        else:
            self._provision(row.qualifier, row.count)

    def _reserve(self, row: Limit) -> None:
        async def submit(values: Mapping[str, str]) -> str:
            concurrency, name = self.subject.service.concurrency, self.subject.name
            if not values["count"]:
                await concurrency.unreserve(name)
                return f"{name} shares the account's concurrency."
            amount = _number(values["count"], 0)
            await concurrency.reserve(name, amount)
            return f"{name} runs at most {amount} times at once." if amount else f"{name} is stopped."

        text = (
            "Kept for this function, and its limit: more calls at once are throttled."
            " 0 stops the function; nothing at all lets it share what is unreserved."
        )
        value = "" if row.count is None else str(row.count)
        fields = (Field("count", "At a time", value, "a number, or nothing"),)
        self.open_dialog(Dialog("Reserved concurrency", submit, text=text, fields=fields, verb="Set"))

    def action_add(self) -> None:
        """Keep environments ready for a version or alias."""
        self._provision("", None)

    def _provision(self, qualifier: str, known: int | None) -> None:
        async def submit(values: Mapping[str, str]) -> str:
            if values["qualifier"] in ("", "$LATEST"):
                raise FieldError("qualifier", "Only for a published version or an alias, never $LATEST.")
            amount = _number(values["count"], 1)
            await self.subject.service.concurrency.provision(self.subject.name, values["qualifier"], amount)
            return f"{amount} environments of {values['qualifier']} are being made ready."

        text = "Environments started before calls come: no cold starts, but they cost while they wait."
        fields = (
            Field("qualifier", "Version, alias", qualifier, "a published version or an alias"),
            Field("count", "Environments", "" if known is None else str(known), "a number"),
        )
        self.open_dialog(Dialog("Provisioned concurrency", submit, text=text, fields=fields, verb="Set"))

    def action_remove(self) -> None:
        """Remove the chosen limit."""
        row, name = self.chosen, self.subject.name
        if row is None or row.count is None:
            self.notify("There is no limit to remove.", severity="warning")
            return

        async def submit(_: Mapping[str, str]) -> str:
            concurrency = self.subject.service.concurrency
            if row.qualifier == RESERVED:
                await concurrency.unreserve(name)
                return f"{name} shares the account's concurrency."
            await concurrency.unprovision(name, row.qualifier)
            return f"No environment of {row.qualifier} is kept ready any more."

        text = (
            f"Remove the reservation of {name}? It then shares what is unreserved with other functions."
            if row.qualifier == RESERVED
            else f"Keep no environments of {name}:{row.qualifier} ready? Calls may start cold again."
        )
        self.open_dialog(Dialog("Remove limit", submit, text=text, verb="Remove", danger=True))


def _number(text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise FieldError("count", f"Give a whole number, at least {least}.")
    return int(text)


def _what(row: Limit) -> Cell:
    if row.qualifier == RESERVED:
        return "reserved", "strong"
    return [("ready for ", "muted"), (row.qualifier, "strong")]


def _count(row: Limit) -> Cell:
    return ("none", "muted") if row.count is None else str(row.count)


def _ready(row: Limit) -> Cell:
    return f"{row.ready.available}/{row.ready.requested}" if row.ready else ""


def _state(row: Limit) -> Cell:
    if row.ready is None:
        if row.count is None:
            return "shares what the account has unreserved", "muted"
        if row.count == 0:
            return "stopped: every call is throttled", "fail"
        return "its guarantee and its limit", "muted"
    tone, sign = _STATES.get(row.ready.status, ("wait", SIGNS.pending))
    words = row.ready.status.replace("_", " ").lower()
    return [(f"{sign} {words}", tone), (f"  {row.ready.reason}", "fail" if row.ready.reason else "")]
