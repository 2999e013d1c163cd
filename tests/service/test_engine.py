"""The services on a real engine: what a run says about itself, versions and aliases, the log."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time
import zipfile
from collections.abc import AsyncIterator

import pytest

from lambdatui.model import InvocationType, LogKind, TargetKind
from lambdatui.service import Service, TargetSpec, errors, open_target
from tests.conftest import EngineProcess

HANDLER = r"""
import os, time
runs = 0
def handler(event, context):
    global runs
    runs += 1
    if not isinstance(event, dict):
        return event
    if "raise" in event:
        raise KeyError(event["raise"])
    if "sleep" in event:
        time.sleep(event["sleep"])
    if "exit" in event:
        os._exit(event["exit"])
    for line in event.get("print", ()):
        print(line)
    return {"runs": runs, "function_version": context.function_version, "echo": event.get("echo")}
"""


@pytest.fixture
async def service(engine: EngineProcess) -> AsyncIterator[Service]:
    service = await open_target(TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir), interactive=False)
    yield service
    await service.close()


@pytest.fixture
async def name(service: Service, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A function of the test's own."""
    name = f"service-{request.node.name[5:40].rstrip('-_')}"
    await service.functions.create(
        name, runtime=f"python3.{sys.version_info.minor}", handler="handler.handler", code=package(HANDLER)
    )
    yield name
    await service.functions.delete(name)


def package(source: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("handler.py", source)
    return buffer.getvalue()


async def test_a_run_says_what_it_took(service: Service, name: str) -> None:
    cold = await service.invoker.invoke(name, b'{"print": ["one", "two"], "echo": "\\u00fc"}')
    assert cold.ok
    assert (cold.status, cold.executed_version, cold.function_error, cold.error) == (
        200,
        "$LATEST",
        None,
        None,
    )
    assert json.loads(cold.response) == {"runs": 1, "function_version": "$LATEST", "echo": "ü"}
    assert cold.text == cold.response.decode()
    assert cold.report
    assert cold.report.request_id == cold.request_id
    assert (cold.report.memory_mb, cold.cold) == (128, True)
    assert 0 < cold.report.duration_ms <= cold.took_ms
    assert [line for line in cold.log if line in ("one", "two")] == ["one", "two"]
    warm = await service.invoker.invoke(name, b"{}")
    assert json.loads(warm.response)["runs"] == 2
    assert warm.cold is False
    assert await service.history.of(name) == [warm, cold]


async def test_any_json_goes_and_comes_back(service: Service, name: str) -> None:
    for payload in (b"null", b"true", b"[1, 2]", b'"text"', b"1.5", '"日本 😀"'.encode()):
        answer = await service.invoker.invoke(name, payload)
        assert json.loads(answer.response) == json.loads(payload)
    assert (await service.invoker.invoke(name, b"")).ok


async def test_big_answers(service: Service, name: str) -> None:
    payload = json.dumps("x" * 5_000_000).encode()
    answer = await service.invoker.invoke(name, payload)
    assert answer.response == payload
    assert len(answer.text) == len(payload)


async def test_an_exception(service: Service, name: str) -> None:
    answer = await service.invoker.invoke(name, b'{"raise": "\\u001b]52;c;eA==\\u0007x"}')
    assert not answer.ok
    assert (answer.status, answer.function_error) == (200, "Unhandled")
    assert answer.error
    assert (answer.error.type, answer.error.message) == ("KeyError", "'\\x1b]52;c;eA==\\x07x'")
    assert any("in handler" in line for line in answer.error.trace)
    assert not any("\x1b" in line for line in (*answer.log, answer.text))


async def test_a_timeout(service: Service, name: str) -> None:
    answer = await service.invoker.invoke(name, b'{"sleep": 30}')
    assert not answer.ok
    assert answer.error
    assert "Task timed out after 3.00 seconds" in answer.error.message
    assert answer.report
    assert answer.report.status == "timeout"


async def test_an_exit(service: Service, name: str) -> None:
    answer = await service.invoker.invoke(name, b'{"exit": 3}')
    assert answer.error
    assert answer.error.type == "Runtime.ExitError"


async def test_event_and_dry_run(service: Service, name: str) -> None:
    queued = await service.invoker.invoke(name, b"{}", type=InvocationType.EVENT)
    assert (queued.status, queued.ok, queued.cold, queued.executed_version) == (202, True, None, None)
    assert queued.request_id
    checked = await service.invoker.invoke(name, b"{}", type=InvocationType.DRY_RUN)
    assert (checked.status, checked.ok, checked.response) == (204, True, b"")


async def test_what_lambda_refuses(service: Service, name: str) -> None:
    with pytest.raises(errors.NotFound, match="Function nobody is not there"):
        await service.invoker.invoke("nobody", b"{}")
    with pytest.raises(errors.NotFound, match=f"^Function {name}:prod is not there"):
        await service.invoker.invoke(name, b"{}", qualifier="prod")
    with pytest.raises(errors.Invalid, match="is not JSON"):
        await service.invoker.invoke(name, b"{not json")
    with pytest.raises(errors.Conflict, match="exists already"):
        await service.functions.create(
            name, runtime="python3.12", handler="handler.handler", code=package(HANDLER)
        )
    with pytest.raises(errors.Invalid, match="runtime"):
        await service.functions.create("x", runtime="cobol", handler="h.h", code=package(HANDLER))


async def test_a_cancelled_call_leaves_the_next_one_alone(service: Service, name: str) -> None:
    call = asyncio.create_task(service.invoker.invoke(name, b'{"sleep": 1}'))
    done, _ = await asyncio.wait([call], timeout=0.2)
    assert not done
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (await service.invoker.invoke(name, b"{}")).ok


async def test_versions_and_aliases(service: Service, name: str) -> None:
    first = await service.versions.publish(name, description="first")
    assert (first.number, first.description, first.state) == ("1", "first", "Active")
    assert (await service.versions.publish(name)).number == "1"  # nothing changed

    alias = await service.versions.put_alias(name, "prod", version="1", description="live")
    assert (await service.invoker.invoke(name, b"{}", qualifier="prod")).executed_version == "1"
    again = await service.versions.put_alias(name, "prod", version="1", revision_id=alias.revision_id)
    with pytest.raises(errors.Changed, match="changed by somebody else"):
        await service.versions.put_alias(name, "prod", version="1", revision_id=alias.revision_id)
    assert [one.name for one in await service.versions.aliases(name)] == ["prod"]
    assert again.description == "live"
    with pytest.raises(errors.NotFound):
        await service.versions.put_alias(name, "prod", version="7")
    with pytest.raises(errors.Conflict, match="prod"):
        await service.versions.delete(name, "1")
    with pytest.raises(errors.Changed):
        await service.versions.publish(name, revision_id="00000000-0000-0000-0000-000000000000")
    through = await service.functions.get(name, "prod")
    assert through.latest.number == "1"
    await service.versions.delete_alias(name, "prod")
    await service.versions.delete(name, "1")
    assert [version.number for version in await service.versions.list(name)] == ["$LATEST"]


async def test_account(service: Service, name: str) -> None:
    account = await service.functions.account()
    assert account.concurrency_limit == 1000
    assert account.function_count >= 1


async def test_the_engine_refuses_in_its_own_words(service: Service) -> None:
    assert service.engine is not None
    with pytest.raises(errors.NotFound, match=r"^Function not found: arn:.*:nosuch"):
        await service.engine.debug("nosuch", port=0, wait=False)
    with pytest.raises(errors.ServiceError, match=r"^There is no route /nosuch\.$"):
        await service.engine.remove_route("/nosuch")


async def test_regions_never_mix(engine: EngineProcess, service: Service, name: str) -> None:
    await service.invoker.invoke(name, b"{}")
    elsewhere = await open_target(
        TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir, region="eu-west-1"), interactive=False
    )
    assert elsewhere.target.region == "eu-west-1"
    listed = [function.name async for page in elsewhere.functions.pages() for function in page]
    assert name not in listed
    assert await elsewhere.history.of(name) == []
    assert elsewhere.engine
    assert (await elsewhere.engine.environment())["AWS_DEFAULT_REGION"] == "eu-west-1"
    await elsewhere.close()


async def test_the_log_is_followed(service: Service, name: str) -> None:
    group = f"/aws/lambda/{name}"
    start = int(time.time() * 1000) - 1000
    events = service.logs.follow(group, since_ms=start)
    lines: list[str] = []
    kinds: list[LogKind] = []
    ids: list[str] = []

    async def until(reports: int) -> None:
        while kinds.count(LogKind.REPORT) < reports:
            for event in await anext(events):
                kinds.append(event.kind)
                ids.append(event.id)
                if event.kind is LogKind.OUTPUT:
                    lines.append(event.message)

    async with asyncio.timeout(30):
        first = asyncio.create_task(until(1))
        await service.invoker.invoke(name, b'{"print": ["a", "b"]}')
        await first
        for number in range(20):
            await service.invoker.invoke(name, json.dumps({"print": [f"line {number}"]}).encode())
        await until(21)
    assert lines == ["a", "b", *(f"line {number}" for number in range(20))]
    assert len(set(ids)) == len(ids)
    assert [kind for kind in kinds if kind is not LogKind.INIT_START][:5] == [
        LogKind.START,
        LogKind.OUTPUT,
        LogKind.OUTPUT,
        LogKind.END,
        LogKind.REPORT,
    ]
