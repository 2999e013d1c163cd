"""The one question before the first change on AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from lambdatui.dashboard.dialogs.dialog import Dialog
from lambdatui.model import Target, TargetKind

if TYPE_CHECKING:
    from textual.app import App


class Guard:
    """Remembers, for one session, to which accounts and regions the person agreed to write."""

    def __init__(self) -> None:
        self._agreed: set[tuple[str, str, str]] = set()

    def before(self, app: App[Any], target: Target, change: Callable[[], object]) -> None:
        """Make the change; on AWS ask first, once for each account and region, unless the config allows
        writing there. Changes on the engine of this machine need no question."""
        place = target.account, target.region, target.endpoint or ""
        if target.kind is TargetKind.LOCAL or target.rule.writes_allowed or place in self._agreed:
            change()
            return

        def answered(agreed: str | None) -> None:
            if agreed is not None:
                self._agreed.add(place)
                change()

        app.push_screen(_question(target), answered)

    def ask(
        self, app: App[Any], target: Target, dialog: Dialog, done: Callable[[str | None], None] | None = None
    ) -> None:
        """Open a dialog that changes something, after the question if it is due."""
        if target.rule.type_name:
            dialog.demand_name()
        self.before(app, target, lambda: app.push_screen(dialog, done))


def _question(target: Target) -> Dialog:
    async def agree(_: Mapping[str, str]) -> str:
        return ""

    profile = f" (profile {target.profile})" if target.profile else ""
    text = (
        f"This changes AWS account {target.account} in {target.region}{profile}."
        " Asked once, until lambdatui is left; then each change is made when you make it."
    )
    return Dialog("First change on AWS", agree, text=text, verb="Allow changes", danger=True)


_guards: WeakKeyDictionary[object, Guard] = WeakKeyDictionary()


def guard_of(app: App[Any]) -> Guard:
    """The guard of this session."""
    return _guards.setdefault(app, Guard())
