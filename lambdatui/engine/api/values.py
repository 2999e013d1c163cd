"""Small values that many answers share: revisions and times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from lambdatui.engine.wire.errors import ApiError, precondition_failed

if TYPE_CHECKING:
    from lambdatui.engine.context import Context


def new_revision() -> str:
    """A RevisionId that was never used before."""
    return str(uuid4())


def now_text(ctx: Context) -> str:
    """The engine's time as functions, layers and URL configs show it."""
    moment = datetime.fromtimestamp(ctx.clock.now(), UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def check_revision(given: str | None, actual: str, read_with: str = "GetFunction/GetAlias") -> None:
    """412 when the caller changes something other than what it has seen."""
    if given is not None and given != actual:
        raise stale_revision(read_with)


def stale_revision(read_with: str) -> ApiError:
    """The error that tells a caller to read again."""
    return precondition_failed(
        "The Revision Id provided does not match the latest Revision Id."
        f" Call the {read_with} API to retrieve the latest Revision Id"
    )
