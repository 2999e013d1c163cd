"""What the tabs of a function screen look at, and the arithmetic of who asks what when."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from lambdatui.dashboard.panes.pane import Clock
from lambdatui.service.errors import ServiceError

if TYPE_CHECKING:
    from lambdatui.dashboard.clipboard import Clipboard
    from lambdatui.service import Service

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


async def attempt(call: Awaitable[T]) -> T | ServiceError:
    """The answer, or why there is none: one part that fails does not take the others with it."""
    try:
        return await call
    except ServiceError as error:
        return error
