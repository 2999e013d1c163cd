"""How a version comes to be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lambdatui.engine.api.account_settings import charge
from lambdatui.engine.api.values import new_revision
from lambdatui.engine.store import functions, versions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.versions import VersionRecord
from lambdatui.engine.wire.errors import invalid_parameter

if TYPE_CHECKING:
    from lambdatui.engine.context import Context


@dataclass(frozen=True, slots=True)
class Published:
    """The version that stands for ``$LATEST`` now, and whether it had to be made."""

    version: VersionRecord
    is_new: bool


def refuse_target(request: dict[str, Any]) -> None:
    """There is no published $LATEST here: that belongs to managed instances."""
    if request.get("PublishTo"):
        raise invalid_parameter("This engine has no managed instances: PublishTo cannot be used.")


def publish(
    ctx: Context, conn: Connection, latest: VersionRecord, description: str | None = None
) -> Published:
    """Freeze ``$LATEST`` under the next number; the newest version itself when nothing changed since.

    A new version gives ``$LATEST`` a new revision too.
    """
    key = (latest.account, latest.region, latest.name)
    newest = versions.newest(conn, *key)
    if newest is not None and newest.fingerprint == latest.fingerprint:
        return Published(newest, is_new=False)
    charge(ctx, conn, latest, latest.code_size)
    made = replace(
        latest,
        version=str(functions.next_number(conn, *key)),
        description=latest.description if description is None else description,
        revision_id=new_revision(),
    )
    versions.put(conn, made)
    versions.put(conn, replace(latest, revision_id=new_revision()))
    return Published(made, is_new=True)
