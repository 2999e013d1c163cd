"""Every change is written down; those that AWS has a way back from are taken back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lambdatui.model import TargetKind
from lambdatui.model.journal import Undo
from lambdatui.service import Service, TargetSpec, errors, open_target
from lambdatui.service.connection import Connection
from lambdatui.service.journal import Journal
from tests.conftest import EngineProcess

GRANT = {
    "StatementId": "s3",
    "Action": "lambda:InvokeFunction",
    "Principal": "s3.amazonaws.com",
    "SourceArn": "arn:aws:s3:::b",
    "SourceAccount": "000000000000",
}


class Desk:
    """A service, the connection below it, and one function with an alias."""

    def __init__(self, service: Service, name: str) -> None:
        self.service = service
        self.name = name
        self.connection: Connection = service._connection

    async def call(self, operation: str, **params: Any) -> dict[str, Any]:
        answer = await self.connection.call("lambda", operation, FunctionName=self.name, **params)
        if operation.startswith("update_function_co"):
            await self.service.functions.settled(self.name)
        return {key: value for key, value in answer.items() if key not in ("ResponseMetadata", "RevisionId")}

    async def undo(self) -> str:
        newest = (await self.service.journal.writes())[0]
        assert newest.undo is Undo.READY, newest
        sentence = await self.service.undo(newest.number)
        await self.service.functions.settled(self.name)
        return sentence


@pytest.fixture
async def desk(engine: EngineProcess, code: bytes, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    service = await open_target(TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir), interactive=False)
    name = f"journal-{abs(hash(request.node.name))}"
    await service.functions.create(
        name, runtime="python3.12", handler="handler.handler", code=code, environment={"SECRET": "s3cr3t"}
    )
    made = Desk(service, name)
    await service.versions.publish(name)
    await service.versions.put_alias(name, "live", version="1", description="what users get")
    yield made
    await service.functions.delete(name)
    await service.close()


async def settings(desk: Desk) -> Any:
    found = await desk.call("get_function_configuration")
    return {key: found.get(key) for key in ("MemorySize", "Timeout", "Description", "Environment", "Layers")}


async def alias(desk: Desk) -> Any:
    return await desk.call("get_alias", Name="live")


async def reserved(desk: Desk) -> Any:
    return await desk.call("get_function_concurrency")


async def events(desk: Desk) -> Any:
    try:
        found = await desk.call("get_function_event_invoke_config")
    except errors.NotFound:
        return None
    return {key: found.get(key) for key in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds")}


async def grants(desk: Desk) -> Any:
    try:
        return json.loads((await desk.call("get_policy"))["Policy"])["Statement"]
    except errors.NotFound:
        return []


async def versions(desk: Desk) -> Any:
    return [one["Version"] for one in (await desk.call("list_versions_by_function"))["Versions"]]


@pytest.mark.parametrize(
    ("first", "operation", "params", "look"),
    [
        ([], "update_alias", {"Name": "live", "FunctionVersion": "$LATEST"}, alias),
        ([], "delete_alias", {"Name": "live"}, alias),
        ([], "update_function_configuration", {"MemorySize": 512, "Description": "d"}, settings),
        ([], "update_function_configuration", {"Environment": {"Variables": {"OTHER": "x"}}}, settings),
        ([], "put_function_concurrency", {"ReservedConcurrentExecutions": 2}, reserved),
        (
            [("put_function_concurrency", {"ReservedConcurrentExecutions": 2})],
            "put_function_concurrency",
            {"ReservedConcurrentExecutions": 3},
            reserved,
        ),
        (
            [("put_function_concurrency", {"ReservedConcurrentExecutions": 2})],
            "delete_function_concurrency",
            {},
            reserved,
        ),
        ([], "put_function_event_invoke_config", {"MaximumRetryAttempts": 1}, events),
        (
            [("put_function_event_invoke_config", {"MaximumRetryAttempts": 1})],
            "update_function_event_invoke_config",
            {"MaximumEventAgeInSeconds": 90},
            events,
        ),
        (
            [("put_function_event_invoke_config", {"MaximumRetryAttempts": 0})],
            "delete_function_event_invoke_config",
            {},
            events,
        ),
        ([], "add_permission", GRANT, grants),
        ([("add_permission", GRANT)], "remove_permission", {"StatementId": "s3"}, grants),
        ([], "publish_version", {"Description": "d"}, versions),
    ],
)
async def test_undo_restores_what_was_there(
    desk: Desk,
    first: list[tuple[str, dict[str, Any]]],
    operation: str,
    params: dict[str, Any],
    look: Callable[[Desk], Any],
) -> None:
    if operation == "publish_version":
        await desk.call("update_function_configuration", Description="so that it differs")
    for each, given in first:
        await desk.call(each, **given)
    before = await look(desk)
    await desk.call(operation, **params)
    if operation != "delete_alias":
        assert await look(desk) != before
    assert "is taken back." in await desk.undo()
    assert await look(desk) == before


async def test_tags_come_back(desk: Desk) -> None:
    arn = (await desk.service.functions.get(desk.name)).arn
    await desk.service.tags.put(arn, {"team": "blue"})
    await desk.undo()
    assert await desk.service.tags.of(arn) == {}
    await desk.service.tags.put(arn, {"team": "blue"})
    await desk.service.tags.put(arn, {"team": "green"})
    await desk.undo()
    assert await desk.service.tags.of(arn) == {"team": "blue"}
    await desk.service.tags.remove(arn, ["team"])
    await desk.undo()
    assert await desk.service.tags.of(arn) == {"team": "blue"}


async def test_an_undo_can_be_undone_and_is_written_down(desk: Desk) -> None:
    await desk.call("update_function_configuration", Timeout=9)
    await desk.undo()
    newest, taken_back, *_ = await desk.service.journal.writes()
    assert (newest.operation, newest.subject) == ("UpdateFunctionConfiguration", desk.name)
    assert taken_back.undo is Undo.DONE
    await desk.undo()
    assert (await settings(desk))["Timeout"] == 9


async def test_what_somebody_changed_since_is_not_overwritten(desk: Desk) -> None:
    await desk.call("update_function_configuration", Timeout=9)
    mine = (await desk.service.journal.writes())[0]
    await desk.call("update_function_configuration", Timeout=10)
    with pytest.raises(errors.Changed, match="changed again since"):
        await desk.service.undo(mine.number)
    assert (await settings(desk))["Timeout"] == 10


async def test_what_has_no_way_back_says_so(desk: Desk, code: bytes) -> None:
    await desk.call("update_function_code", ZipFile=code)
    newest = (await desk.service.journal.writes())[0]
    assert (newest.operation, newest.undo, newest.details) == ("UpdateFunctionCode", Undo.NEVER, "ZipFile")
    with pytest.raises(errors.NotFound):
        await desk.service.undo(newest.number)


async def test_refusals_are_written_down_with_their_sentence(desk: Desk) -> None:
    with pytest.raises(errors.ServiceError):
        await desk.call("update_alias", Name="live", FunctionVersion="77")
    newest = (await desk.service.journal.writes())[0]
    assert newest.subject == f"{desk.name}:live"
    assert "77" in newest.details
    assert newest.error


async def test_no_value_of_the_environment_reaches_the_disk(desk: Desk) -> None:
    await desk.call("update_function_configuration", Environment={"Variables": {"SECRET": "0th3r"}})
    folder: Path = desk.service.history.folder
    text = (folder / "journal.jsonl").read_text()
    assert "UpdateFunctionConfiguration" in text
    assert "0th3r" not in text
    assert "s3cr3t" not in text
    assert (folder / "journal.jsonl").stat().st_mode & 0o077 == 0


async def test_changes_of_an_earlier_run_are_shown_without_undo(tmp_path: Path) -> None:
    async def read(*_: Any, **__: Any) -> dict[str, Any]:
        return {}

    async def call() -> dict[str, Any]:
        return {}

    def now() -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)

    file = tmp_path / "new" / "journal.jsonl"
    await Journal(file, now=now).record(
        read, call, "lambda", "delete_alias", {"FunctionName": "f", "Name": "a"}
    )
    with file.open("a") as out:
        out.write('{"when": "cut')
    (only,) = await Journal(file).writes()
    assert (only.when, only.operation, only.subject, only.undo) == (now(), "DeleteAlias", "f:a", Undo.PAST)


async def test_an_alias_that_is_made_leaves_no_refusal(desk: Desk) -> None:
    await desk.service.versions.put_alias(desk.name, "next", version="1")
    newest, before, *_ = await desk.service.journal.writes()
    assert (newest.operation, newest.subject, newest.error) == ("CreateAlias", f"{desk.name}:next", "")
    assert (before.operation, before.subject) == ("CreateAlias", f"{desk.name}:live")
