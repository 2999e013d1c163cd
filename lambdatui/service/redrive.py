"""Brings messages of a queue back to a function or to another queue, and deletes what was taken.

Each message is sent once. What stops half way goes on later: what was sent is only deleted then, and what
may have been sent (the connection broke off, the process died) stays where it is until a person says that
it is to be sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lambdatui.model.dead_letters import AimKind, DeadLetterQueue, RedrivePlan, RedriveState
from lambdatui.service import errors
from lambdatui.service.connection import Connection
from lambdatui.service.dead_letters import decoded
from lambdatui.service.neighbours import queues as sqs
from lambdatui.service.redrive_file import RedriveFile, Step

HIDDEN_S = 120
"""Beside the time that a batch takes at its rate, so long its messages are hidden from others."""
LONGEST_HIDDEN_S = 43_200
PATIENCE_S = 5.0
_NOT_SENT = (
    errors.Invalid, errors.TooLarge, errors.Throttled, errors.Denied, errors.NotFound,
    errors.Conflict, errors.Expired, errors.NoCredentials, errors.Unsupported,
)  # fmt: skip
"""Answers that say that it was not taken; after any other it may have been."""
_GO_ON = (errors.Invalid, errors.TooLarge)
"""Answers that say so of one message only."""


class Redrive:
    """One redrive, under way or over. It goes on when nobody looks."""

    def __init__(
        self,
        connection: Connection,
        queue: DeadLetterQueue,
        plan: RedrivePlan,
        file: RedriveFile,
        edits: Mapping[str, str],
        *,
        again: bool,
        wait_s: int,
        pause: Callable[[float], Any],
    ) -> None:
        self._connection, self._queue, self._plan, self._file = connection, queue, plan, file
        self._edits, self._again, self._wait_s, self._pause = edits, again, wait_s, pause
        self._held: dict[str, dict[str, Any]] = {}
        self._stopping = False
        self._sentence = ""
        self._address = ""
        self._task: asyncio.Task[None] | None = None
        self._left = len(plan.ids) or plan.total
        self.version = 0
        """Another one when there is something new."""

    def start(self) -> None:
        """Begin; what a redrive before this one left is known."""
        self._task = asyncio.create_task(self._run())

    @property
    def state(self) -> RedriveState:
        """How far it is."""
        found = self._file.state()
        assert found is not None
        running = self._task is not None and not self._task.done()
        return replace(found, running=running, sentence=self._sentence)

    def stop(self) -> None:
        """Send no more; the message under way is let go."""
        self._stopping = True

    async def wait(self) -> None:
        """Until it is over."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def close(self) -> None:
        """Stop, and do not wait long."""
        self.stop()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=PATIENCE_S)
            self._task.cancel()
            await self.wait()

    async def _run(self) -> None:
        try:
            if self._plan.aim.kind is AimKind.QUEUE:
                found = await self._connection.call("sqs", "get_queue_url", QueueName=self._plan.aim.name)
                self._address = str(found["QueueUrl"])
            await self._all()
            if not self._stopping:
                self._file.end()
            else:
                self._sentence = "It was stopped."
        except errors.ServiceError as error:
            self._sentence = error.sentence
        finally:
            try:
                await sqs.give_back(self._connection, self._queue.url, list(self._held.values()))
            except errors.ServiceError:
                pass  # they come back by themselves when their time is over
            finally:
                self._file.close()
                self.version += 1

    async def _all(self) -> None:
        seconds = sqs.AT_ONCE / self._plan.rate if self._plan.rate else 0
        hidden = min(LONGEST_HIDDEN_S, HIDDEN_S + int(seconds))
        while self._left > 0 and not self._stopping:
            most = sqs.AT_ONCE if self._plan.ids else self._left
            batch = await sqs.receive(
                self._connection, self._queue.url, hidden, most=most, wait_s=self._wait_s
            )
            if all(message["MessageId"] in self._held for message in batch):
                return  # nothing, or only what was seen before
            self._held |= {message["MessageId"]: message for message in batch}
            for message in batch:
                if self._stopping or self._left <= 0:
                    return
                await self._one(message)

    async def _one(self, message: Mapping[str, Any]) -> None:
        """Bring one message back, if it is one of those that are wanted."""
        id_ = str(message["MessageId"])
        if self._plan.ids and id_ not in self._plan.ids:
            return
        self._left -= 1
        step = self._file.steps.get(id_)
        if step is Step.SENDING and not self._again:
            return  # stays: it may have been sent
        if step not in (Step.SENT, Step.DONE):
            self._file.write(id_, Step.SENDING)
            try:
                await self._send(message)
            except _NOT_SENT as error:
                self._file.write(id_, Step.REFUSED, error.sentence)
                self.version += 1
                if isinstance(error, _GO_ON):
                    return
                raise
            self._file.write(id_, Step.SENT)
            if self._plan.rate:
                await self._pause(1 / self._plan.rate)
        await sqs.delete(self._connection, self._queue.url, message)
        self._file.write(id_, Step.DONE)
        del self._held[id_]
        self.version += 1

    async def _send(self, message: Mapping[str, Any]) -> None:
        edited = self._edits.get(str(message["MessageId"]))
        if self._plan.aim.kind is AimKind.QUEUE:
            await self._connection.pass_on("sqs", "send_message", **_copy(self._address, message, edited))
            return
        payload = edited if edited is not None else decoded(message).payload
        if payload is None:
            raise errors.Invalid("This record says which records of a stream failed, not what they were.")
        name, _, qualifier = self._plan.aim.name.partition(":")
        more = {"Qualifier": qualifier} if qualifier else {}
        await self._connection.invoke(
            FunctionName=name, InvocationType="Event", Payload=payload.encode(), **more
        )


def _copy(url: str, message: Mapping[str, Any], edited: str | None) -> dict[str, Any]:
    """A message once more, for another queue."""
    params: dict[str, Any] = {
        "QueueUrl": url,
        "MessageBody": message["Body"] if edited is None else edited,
        "MessageAttributes": {
            name: {key: value[key] for key in ("DataType", "StringValue", "BinaryValue") if key in value}
            for name, value in message.get("MessageAttributes", {}).items()
        },
    }
    if url.endswith(".fifo"):  # the same message sent again within five minutes is taken once
        params["MessageGroupId"] = message.get("Attributes", {}).get("MessageGroupId", "lambdatui")
        params["MessageDeduplicationId"] = message["MessageId"]
    return params


class Redrives:
    """The redrives of one target, one for each queue."""

    def __init__(
        self,
        connection: Connection,
        folder: Path,
        *,
        local: bool,
        pause: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._connection, self._folder = connection, folder
        self._wait_s = 0 if local else 1  # on AWS a receive that does not wait asks some servers only
        self._pause = pause
        self._runs: dict[str, Redrive] = {}

    def state(self, queue: DeadLetterQueue) -> RedriveState | None:
        """The redrive of a queue: under way, or stopped half way, perhaps by an earlier lambdatui."""
        run = self._runs.get(queue.arn)
        return run.state if run is not None else RedriveFile(self._folder, queue.arn).state()

    def version(self, queue: DeadLetterQueue) -> int:
        """Another one when there is something new of it."""
        run = self._runs.get(queue.arn)
        return run.version if run is not None else 0

    def start(
        self,
        queue: DeadLetterQueue,
        plan: RedrivePlan,
        *,
        edits: Mapping[str, str] | None = None,
        again: bool = False,
    ) -> Redrive:
        """Begin, or go on. ``edits``: other contents by message id; ``again``: send what is unclear once
        more."""
        run = self._runs.get(queue.arn)
        if run is not None and run.state.running:
            raise errors.Conflict(f"{queue.name} is being redriven. s stops that.")
        if self._connection.read_only:
            where = errors.sentence(self._connection.where)
            raise errors.ReadOnly(f"{where} is open read-only, so nothing was sent.")
        file = RedriveFile(self._folder, queue.arn)
        if not file.take():
            raise errors.Conflict(f"Another lambdatui redrives {queue.name}.")
        file.begin(plan)
        version = self.version(queue) + 1  # goes on where the run before this one ended
        run = Redrive(
            self._connection, queue, plan, file, edits or {},
            again=again, wait_s=self._wait_s, pause=self._pause,
        )  # fmt: skip
        run.version = version
        self._runs[queue.arn] = run
        run.start()
        return run

    def stop(self, queue: DeadLetterQueue) -> None:
        """Send no more."""
        if queue.arn in self._runs:
            self._runs[queue.arn].stop()

    async def close(self) -> None:
        """Stop everything; the files say how far it came."""
        for run in self._runs.values():
            await run.close()
