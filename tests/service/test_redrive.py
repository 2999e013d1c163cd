"""Dead-letter queues found, read and brought back: on the engine, and on a stand-in for AWS."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from lambdatui.model import TargetKind
from lambdatui.model.dead_letters import (
    Aim,
    AimKind,
    DeadLetterQueue,
    LetterKind,
    RedrivePlan,
    Role,
    RoleKind,
)
from lambdatui.service import Service, TargetSpec, errors, open_target
from lambdatui.service.connection import Access, Connection
from lambdatui.service.dead_letters import DeadLetters, decoded
from lambdatui.service.redrive import Redrives
from tests.conftest import EngineProcess
from tests.engine.deploying import deploy

WITHIN_S = 20.0
TO_WORK = Aim(AimKind.QUEUE, "work")


class Wire(Connection):
    """A connection that can break off after what was sent, or before it."""

    def __init__(self, access: Access) -> None:
        super().__init__(lambda: access, where="the stand-in")
        self.sent: list[str] = []
        self.failing: dict[str, Exception] = {}

    async def pass_on(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        if operation == "send_message" and (error := self.failing.get(params["MessageBody"])):
            raise error
        answer = await super().pass_on(service, operation, **params)
        if operation == "send_message":
            self.sent.append(params["MessageBody"])
        return answer


@pytest.fixture
async def wire(aws: Service, aws_url: str) -> AsyncIterator[Wire]:
    """An account with the queue ``work`` and its dead-letter queue ``dead``."""
    connection = Wire(Access("eu-west-1", endpoint=aws_url))
    await connection.call("sqs", "create_queue", QueueName="dead")
    policy = {"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead", "maxReceiveCount": "3"}
    await connection.call(
        "sqs", "create_queue", QueueName="work", Attributes={"RedrivePolicy": json.dumps(policy)}
    )
    yield connection
    await connection.close()


async def dead(connection: Connection) -> DeadLetterQueue:
    view = await DeadLetters(connection, None).view()
    return next(queue for queue in view.queues if queue.name == "dead")


async def fill(connection: Wire, *bodies: str) -> DeadLetterQueue:
    queue = await dead(connection)
    for body in bodies:
        await Connection.pass_on(connection, "sqs", "send_message", QueueUrl=queue.url, MessageBody=body)
    return await dead(connection)


async def ended(redrives: Redrives, queue: DeadLetterQueue, plan: RedrivePlan, **more: Any) -> Any:
    run = redrives.start(queue, plan, **more)
    async with asyncio.timeout(WITHIN_S):
        await run.wait()
    return run.state


async def bodies(connection: Connection, name: str) -> list[str]:
    url = (await connection.call("sqs", "get_queue_url", QueueName=name))["QueueUrl"]
    queue = DeadLetterQueue(name, "", url, 0, ())
    return sorted(letter.body for letter in (await DeadLetters(connection, None).letters(queue))[0])


async def test_all_go_back_to_the_queue_they_came_from(wire: Wire, tmp_path: Path) -> None:
    queue = await fill(wire, *map(str, range(13)))
    assert (queue.count, queue.roles) == (13, (Role(RoleKind.QUEUE, "work"),))
    redrives = Redrives(wire, tmp_path, local=True)
    assert redrives.state(queue) is None
    state = await ended(redrives, queue, RedrivePlan(TO_WORK, 13))
    assert (len(state.done), state.over, state.sentence) == (13, True, "")
    assert await bodies(wire, "work") == sorted(map(str, range(13)))
    assert await bodies(wire, "dead") == []
    assert not list(tmp_path.glob("*.jsonl"))


async def test_some_only_at_a_rate_with_other_contents(wire: Wire, tmp_path: Path) -> None:
    queue = await fill(wire, "a", "b", "c")
    letters, _ = await DeadLetters(wire, None).letters(queue)
    wanted = tuple(letter.id for letter in letters if letter.body in "ab")
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    edits = {letter.id: "edited" for letter in letters if letter.body == "a"}
    redrives = Redrives(wire, tmp_path, local=True, pause=pause)
    state = await ended(redrives, queue, RedrivePlan(TO_WORK, 2, wanted, 4.0), edits=edits)
    assert state.done == set(wanted)
    assert pauses == [0.25, 0.25]
    assert await bodies(wire, "work") == ["b", "edited"]
    assert await bodies(wire, "dead") == ["c"]


async def test_what_may_have_been_sent_is_not_sent_again_unsaid(wire: Wire, tmp_path: Path) -> None:
    queue = await fill(wire, "a", "b", "c")
    wire.failing["b"] = errors.Unreachable("Nobody answered.")
    redrives = Redrives(wire, tmp_path, local=True)
    state = await ended(redrives, queue, RedrivePlan(TO_WORK, 3))
    assert state.sentence == "Nobody answered."
    assert len(state.unclear) == 1
    assert not state.over
    await redrives.close()

    wire.failing.clear()
    later = Redrives(wire, tmp_path, local=True)  # as after a restart
    kept = later.state(queue)
    assert kept is not None
    assert (kept.unclear, kept.over, kept.running) == (state.unclear, False, False)
    state = await ended(later, await dead(wire), RedrivePlan(TO_WORK, 3))
    assert state.over
    assert state.unclear == kept.unclear
    assert sorted(wire.sent) == ["a", "c"]
    assert await bodies(wire, "dead") == ["b"]
    again = Redrives(wire, tmp_path, local=True)
    state = await ended(again, await dead(wire), RedrivePlan(TO_WORK, 3), again=True)
    assert sorted(wire.sent) == ["a", "b", "c"]
    assert await bodies(wire, "dead") == []
    assert again.state(queue).unclear == frozenset()  # type: ignore[union-attr]


async def test_what_was_sent_and_not_deleted_is_only_deleted(wire: Wire, tmp_path: Path) -> None:
    queue = await fill(wire, "a")
    delete = Connection.pass_on

    async def gone(service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        if operation == "delete_message":
            raise errors.Unreachable("Nobody answered.")
        if operation == "send_message":
            wire.sent.append(params["MessageBody"])
        return await delete(wire, service, operation, **params)

    wire.pass_on = gone  # type: ignore[method-assign]
    redrives = Redrives(wire, tmp_path, local=True)
    state = await ended(redrives, queue, RedrivePlan(TO_WORK, 1))
    assert len(state.sent) == 1
    del wire.pass_on
    state = await ended(Redrives(wire, tmp_path, local=True), queue, RedrivePlan(TO_WORK, 1))
    assert len(state.done) == 1
    assert wire.sent == ["a"]
    assert await bodies(wire, "dead") == []


async def test_one_that_is_refused_stays_and_the_others_go_on(wire: Wire, tmp_path: Path) -> None:
    queue = await fill(wire, "a", "b", "c")
    wire.failing["b"] = errors.TooLarge("Too large.")
    state = await ended(Redrives(wire, tmp_path, local=True), queue, RedrivePlan(TO_WORK, 3))
    assert [why for _, why in state.refused] == ["Too large."]
    assert sorted(wire.sent) == ["a", "c"]
    assert await bodies(wire, "dead") == ["b"]


async def test_two_at_once_are_one_too_many(wire: Wire, tmp_path: Path) -> None:
    queue = await fill(wire, "a", "b")
    held = asyncio.Event()

    async def pause(_: float) -> None:
        await held.wait()

    redrives = Redrives(wire, tmp_path, local=True, pause=pause)
    run = redrives.start(queue, RedrivePlan(TO_WORK, 2, rate=1.0))
    with pytest.raises(errors.Conflict, match="is being redriven"):
        redrives.start(queue, RedrivePlan(TO_WORK, 2))
    with pytest.raises(errors.Conflict, match="Another lambdatui"):
        Redrives(wire, tmp_path, local=True).start(queue, RedrivePlan(TO_WORK, 2))
    async with asyncio.timeout(WITHIN_S):
        while not wire.sent:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    redrives.stop(queue)
    held.set()
    async with asyncio.timeout(WITHIN_S):
        await run.wait()
    assert run.state.sentence == "It was stopped."
    assert (len(run.state.done), run.state.over) == (1, False)
    assert len(await bodies(wire, "dead")) == 1


async def test_letters_are_deleted_by_id(wire: Wire) -> None:
    queue = await fill(wire, "a", "b", "c")
    letters = DeadLetters(wire, None)
    ids = frozenset(one.id for one in (await letters.letters(queue))[0] if one.body != "b")
    assert await letters.delete(queue, ids) == 2
    assert await bodies(wire, "dead") == ["b"]


def message(body: str, **told: str) -> dict[str, Any]:
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in told.items()}
    system = {"SentTimestamp": "1700000000000", "ApproximateReceiveCount": "2"}
    return {"MessageId": "1", "Body": body, "MessageAttributes": attributes, "Attributes": system}


ARN = "arn:aws:lambda:eu-west-1:123456789012:function:checkout"


def test_a_body_that_is_too_deep_to_read_is_a_body() -> None:
    deep = "[" * 100_000
    assert decoded(message(deep)).payload == deep


def test_a_dead_letter_of_a_function_says_why() -> None:
    roles = (Role(RoleKind.FUNCTION, "checkout"), Role(RoleKind.QUEUE, "work"))
    letter = decoded(message('{"a": 1}', RequestID="r", ErrorCode="200", ErrorMessage="no \x1b[31m"), roles)
    assert (letter.kind, letter.function, letter.request_id) == (LetterKind.DEAD_LETTER, "checkout", "r")
    assert (letter.code, letter.message, letter.payload) == ("200", "no ", '{"a": 1}')
    assert letter.receives == 2


def test_a_failure_record_has_the_event_in_it() -> None:
    record = {
        "requestContext": {"requestId": "r", "functionArn": f"{ARN}:prod", "condition": "RetriesExhausted"},
        "requestPayload": {"order": 42},
        "responsePayload": {"errorType": "PaymentRefused", "errorMessage": "no money"},
    }
    letter = decoded(message(json.dumps(record)))
    assert (letter.kind, letter.function, letter.code) == (
        LetterKind.RECORD,
        "checkout:prod",
        "RetriesExhausted",
    )
    assert (letter.message, letter.payload) == ("PaymentRefused: no money", '{"order": 42}')
    del record["requestPayload"]
    batch = decoded(message(json.dumps(record)))
    assert (batch.kind, batch.payload) == (LetterKind.BATCH, None)


@pytest.mark.parametrize("body", ["", "text", "[]", '{"requestContext": 1}', '"requestContext"'])
def test_any_other_is_a_message(body: str) -> None:
    letter = decoded(message(body))
    assert (letter.kind, letter.payload, letter.function) == (LetterKind.MESSAGE, body, "")


CODE = """\
def handler(event, context):
    if event.get("boom"):
        raise ValueError("no such order")
    return 1
"""


async def test_an_event_that_failed_goes_back_to_its_function(engine: EngineProcess) -> None:
    service = await open_target(TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir), interactive=False)
    try:
        arn = "arn:aws:sqs:us-east-1:000000000000:failed-events"
        await asyncio.to_thread(engine.client("sqs").create_queue, QueueName="failed-events")
        client = engine.client("lambda")
        name = await asyncio.to_thread(
            deploy, client, CODE, FunctionName="redriven", DeadLetterConfig={"TargetArn": arn}
        )
        config = {"MaximumRetryAttempts": 0}
        await asyncio.to_thread(client.put_function_event_invoke_config, FunctionName=name, **config)
        await asyncio.to_thread(
            client.invoke, FunctionName=name, InvocationType="Event", Payload=b'{"boom": 1}'
        )
        async with asyncio.timeout(WITHIN_S):
            while True:
                view = await service.dead_letters.view(wake=True)
                queue = next(one for one in view.queues if one.arn == arn)
                if queue.count:
                    break
                await asyncio.sleep(0.1)
        assert queue.roles == (Role(RoleKind.FUNCTION, name),)
        (letter,), more = await service.dead_letters.letters(queue)
        assert not more
        assert (letter.kind, letter.function, letter.code) == (LetterKind.DEAD_LETTER, name, "200")
        assert "no such order" in letter.message
        plan = RedrivePlan(Aim(AimKind.FUNCTION, name), 1, (letter.id,))
        state = await ended(service.redrives, queue, plan, edits={letter.id: '{"order": 42}'})
        assert state.done == {letter.id}
        assert (await service.dead_letters.letters(queue))[0] == []
        assert service.inspection is not None
        async with asyncio.timeout(WITHIN_S):
            while (await service.inspection.queue.view()).depth:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert (await service.dead_letters.letters(queue))[0] == []
    finally:
        await service.close()
