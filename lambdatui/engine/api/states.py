"""The states a function goes through: Pending to Active, InProgress to Successful.

Each transition is a change of its own and gives a new RevisionId. What a restart finds half way is finished
by ``resume``.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from lambdatui.engine.api.background import after_settling
from lambdatui.engine.api.values import new_revision
from lambdatui.engine.runtimes.interpreters import find
from lambdatui.engine.store import versions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.versions import LATEST, VersionRecord, settled
from lambdatui.engine.wire.errors import conflict

if TYPE_CHECKING:
    from lambdatui.engine.engine import Engine

IN_VPC = 4.0  # times the settle time: network interfaces take longer than code
# AWS gives the same reason for an update as for a creation.
REASON, CODE = "The function is being created.", "Creating"


def created(record: VersionRecord) -> VersionRecord:
    """The record as it is right after creation."""
    return replace(
        record,
        state="Pending",
        state_reason=REASON,
        state_code=CODE,
        update_status=None,
        update_reason=None,
        update_code=None,
    )


def updating(record: VersionRecord) -> VersionRecord:
    """The record as it is right after an update, with a revision of its own."""
    return replace(
        record,
        revision_id=new_revision(),
        state="Active",
        state_reason=None,
        state_code=None,
        update_status="InProgress",
        update_reason=REASON,
        update_code=CODE,
    )


def refuse_unsettled(record: VersionRecord) -> None:
    """409 while an earlier change is under way."""
    if record.state == "Pending":
        raise conflict(
            "The operation cannot be performed at this time."
            " The function is currently in the following state: Pending"
        )
    if record.update_status == "InProgress":
        raise conflict(
            "The operation cannot be performed at this time."
            f" An update is in progress for resource: {record.arn}"
        )


def settle_later(engine: Engine, record: VersionRecord) -> None:
    """Finish the creation or update of a version after the settle time."""

    async def settle() -> None:
        await asyncio.to_thread(find, record.config.get("Runtime", ""))  # what there is to say of it
        await engine.store.write(lambda conn: _settle(conn, record))
        engine.dispatch.forget(record.account, record.region, record.name)

    in_vpc = bool(record.config.get("VpcConfig", {}).get("SubnetIds"))
    after_settling(engine, settle, IN_VPC if engine.settings.strict and in_vpc else 1.0)


def _settle(conn: Connection, seen: VersionRecord) -> None:
    present = versions.get(conn, seen.account, seen.region, seen.name, seen.version)
    if present is None or present.modified != seen.modified:
        return  # deleted, or already in another creation or update that settles by itself
    if present.state == "Pending" or present.update_status == "InProgress":
        # A published version keeps the revision that it was published with.
        revision = new_revision() if present.version == LATEST else present.revision_id
        versions.put(conn, settled(present, revision))


def resume(engine: Engine) -> None:
    """Finish what was under way when the engine ended."""
    for record in versions.unsettled(engine.store.read()):
        settle_later(engine, record)
