"""The account's concurrency as one bar, and what a change of it would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import Input, Static

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import Span
from lambdatui.model.concurrency import Change, ConcurrencyView, FunctionShare, what_if

if TYPE_CHECKING:
    from lambdatui.service.concurrency import Concurrency

INSIDE_DIALOG = 60


def parts(view: ConcurrencyView) -> list[tuple[int, str, str, str]]:
    """How much, its sign, its tone, its name."""
    return [
        (view.reserved, SIGNS.full, "accent", "reserved"),
        (view.provisioned, SIGNS.run_end, "ok", "provisioned"),
        (view.shared, SIGNS.empty, "muted", "unreserved"),
    ]


def bar(view: ConcurrencyView, width: int) -> list[Span]:
    """All of the account's concurrency; what is not nothing has a cell at least."""
    found, left = parts(view), width
    spans: list[Span] = []
    for amount, sign, tone, _ in found[:-1]:
        cells = min(left, max(1, round(width * amount / max(1, view.limit)))) if amount > 0 else 0
        spans.append((sign * cells, tone))
        left -= cells
    return [*spans, (found[-1][1] * left, found[-1][2])]


def legend(view: ConcurrencyView) -> list[Span]:
    """What the signs of the bar mean, in figures."""
    spans: list[Span] = []
    for amount, sign, tone, name in parts(view):
        spans += [(f"{sign} ", tone), (f"{amount:,} {name}  ", "")]
    return [*spans, (f"of {view.limit:,}", "muted")]


def read_count(text: str) -> int | None:
    """What was typed as a reservation: a number, or nothing for none. ValueError says what is wrong."""
    if not text:
        return None
    if not text.isdecimal():
        raise ValueError("A whole number; 0 stops the function, nothing lets it share what is unreserved.")
    return int(text)


class WhatIf(Dialog):
    """Asks for a reservation and shows, before anything is sent, what it would do."""

    CSS_PATH = "../dialogs/dialog.tcss"

    def __init__(self, concurrency: Concurrency, view: ConcurrencyView, share: FunctionShare) -> None:
        self._view, self._share = view, share
        self._concurrency = concurrency
        value = "" if share.reserved is None else str(share.reserved)
        super().__init__(
            f"Reserved concurrency of {share.function}",
            self._send,
            text=" ",
            fields=(Field("count", "At a time", value, "a number; nothing: share the rest"),),
            verb="Set",
        )

    def on_mount(self) -> None:
        """Begin with things as they are."""
        self._picture(self.query_one("#count", Input).value.strip())

    @on(Input.Changed, "#count")
    def _typed(self, message: Input.Changed) -> None:
        self._picture(message.value.strip())

    def _picture(self, text: str) -> None:
        try:
            wanted = read_count(text)
        except ValueError as error:
            lines = [*_shown(self._view), [(f"{SIGNS.pending} {error}", "wait")]]
        else:
            change = what_if(self._view, self._share, wanted)
            lines = [*_shown(change.after), *consequences(change)]
        content = Content("\n").join(
            Content.assemble(*((text, f"${tone}" if tone else "") for text, tone in line)) for line in lines
        )
        self.query_one("#text", Static).update(content)

    async def _send(self, values: Mapping[str, str]) -> str:
        name = self._share.function
        try:
            wanted = read_count(values["count"])
        except ValueError as error:
            raise FieldError("count", str(error)) from None
        change = what_if(self._view, self._share, wanted)
        if change.refusals:
            raise FieldError("count", f"Nothing was sent. {change.refusals[0]}")
        if wanted is None:
            await self._concurrency.unreserve(name)
            return f"{name} shares what is unreserved."
        await self._concurrency.reserve(name, wanted)
        return f"{name} runs at most {wanted} times at once." if wanted else f"{name} is stopped."


def _shown(view: ConcurrencyView) -> list[list[Span]]:
    return [bar(view, INSIDE_DIALOG), legend(view)]


def consequences(change: Change) -> list[list[Span]]:
    """Why it would be refused, or what would follow."""
    refused: list[list[Span]] = [[(f"{SIGNS.failed} {sentence}", "fail")] for sentence in change.refusals]
    followed: list[list[Span]] = [[(f"{SIGNS.warning} {sentence}", "wait")] for sentence in change.warnings]
    return [*refused, *followed] or [[(f"{SIGNS.ok} Nobody who ran within the hour is held back.", "ok")]]
