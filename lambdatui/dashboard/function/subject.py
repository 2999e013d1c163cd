"""What the tabs of a function screen look at, and the arithmetic of who asks what when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from lambdatui.dashboard.panes.pane import Clock
from lambdatui.service.errors import ServiceError

if TYPE_CHECKING:
    from textual.app import App

    from lambdatui.dashboard.clipboard import Clipboard
    from lambdatui.service import Service, TargetSpec

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Subject:
    """One function of one target."""

    service: Service
    name: str
    now: Clock
    clipboard: Clipboard
    drafts: dict[str, object] = field(default_factory=dict)  # what was typed and not sent, by function

    @property
    def read_only(self) -> bool:
        return self.service.target.read_only


async def open_beside(app: App[Any], spec: TargetSpec, progress: Callable[[str], None]) -> Service:
    """Another target than the one that is looked at, as the app opens targets; who asks closes it."""
    opener = getattr(app, "opener", None)
    if opener is None:
        from lambdatui.service import open_target

        opener = open_target
    found: Service = await opener(spec, progress=progress, interactive=False)
    return found


async def attempt(call: Awaitable[T]) -> T | ServiceError:
    """The answer, or why there is none: one part that fails does not take the others with it."""
    try:
        return await call
    except ServiceError as error:
        return error
