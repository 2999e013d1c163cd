"""Finds the queues that get what failed, and reads what lies in them; on AWS as on the local engine."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from lambdatui.model.dead_letters import (
    DeadLetterQueue,
    DeadLettersView,
    Letter,
    LetterKind,
    Role,
    RoleKind,
)
from lambdatui.model.neighbours import NeighboursState
from lambdatui.service.clean import clean, clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import NotFound
from lambdatui.service.neighbours import Neighbours
from lambdatui.service.neighbours import queues as sqs
from lambdatui.service.together import together

ASKED = 100
"""Functions whose destinations are asked for: each is a call of its own."""
Roles = defaultdict[str, list[Role]]


class DeadLetters:
    """Dead-letter queues of functions, mappings and other queues."""

    def __init__(self, connection: Connection, neighbours: Neighbours | None) -> None:
        """``neighbours``: those of a local engine, which may sleep."""
        self._connection = connection
        self._neighbours = neighbours

    async def view(self, *, wake: bool = False) -> DeadLettersView:
        """Every one of them by name. Neighbours that sleep are let sleep, unless ``wake``."""
        if self._neighbours is not None:
            state, sentence = await self._neighbours.state()
            if state is NeighboursState.ABSENT or (state is NeighboursState.ASLEEP and not wake):
                return _seen(state, sentence)
        roles: Roles = defaultdict(list)
        names, described, _ = await together(
            [self._functions(roles), self._queues(roles), self._mappings(roles)]
        )
        await together(self._destinations(name, roles) for name in names[:ASKED])
        unasked = len(names) - ASKED
        sentence = f"Destinations of {unasked} functions were not asked for." if unasked > 0 else ""
        found = (
            DeadLetterQueue(name, arn, url, count, tuple(dict.fromkeys(roles[arn])))
            for name, arn, url, count in sorted(described)
            if arn in roles
        )
        return _seen(NeighboursState.READY, sentence, tuple(found))

    async def letters(self, queue: DeadLetterQueue) -> tuple[list[Letter], bool]:
        """What lies in a queue, and whether there is more. Looking adds 1 to each receive count."""
        local = self._neighbours is not None
        messages, more = await sqs.peek(self._connection, queue.url, wait_s=0 if local else 1)
        return [decoded(message, queue.roles) for message in messages], more

    async def delete(self, queue: DeadLetterQueue, ids: frozenset[str]) -> int:
        """Delete messages for good; how many were still there."""
        kept, gone = [], 0
        try:
            while gone < len(ids) and (some := await sqs.receive(self._connection, queue.url, sqs.HIDDEN_S)):
                for message in some:
                    if message["MessageId"] in ids:
                        await sqs.delete(self._connection, queue.url, message)
                        gone += 1
                    else:
                        kept.append(message)
        finally:
            await sqs.give_back(self._connection, queue.url, kept)
        return gone

    async def _functions(self, roles: Roles) -> list[Any]:
        names = []
        async for page in self._connection.pages("lambda", "list_functions"):
            for raw in page.get("Functions", ()):
                name = clean_line(raw["FunctionName"])
                names.append(name)
                target = (raw.get("DeadLetterConfig") or {}).get("TargetArn", "")
                _add(roles, target, RoleKind.FUNCTION, name)
        return names

    async def _mappings(self, roles: Roles) -> list[Any]:
        async for page in self._connection.pages("lambda", "list_event_source_mappings"):
            for raw in page.get("EventSourceMappings", ()):
                name = function_name(raw.get("FunctionArn", ""))
                _add(roles, _on_failure(raw), RoleKind.MAPPING, name)
        return []

    async def _destinations(self, name: str, roles: Roles) -> None:
        try:
            page = await self._connection.call(
                "lambda", "list_function_event_invoke_configs", FunctionName=name
            )
        except NotFound:
            return
        for raw in page.get("FunctionEventInvokeConfigs", ()):
            _add(roles, _on_failure(raw), RoleKind.DESTINATION, name)

    async def _queues(self, roles: Roles) -> list[Any]:
        urls = [
            str(url)
            async for page in self._connection.pages("sqs", "list_queues", MaxResults=1000)
            for url in page.get("QueueUrls", ())
        ]
        return [one for one in await together(self._queue(url, roles) for url in urls) if one]

    async def _queue(self, url: str, roles: Roles) -> tuple[str, str, str, int] | None:
        try:
            raw = await sqs.attributes(self._connection, url)
        except NotFound:
            return None
        queue = sqs.read_queue(url, raw)
        _add(roles, sqs.redrive_policy(raw)[0], RoleKind.QUEUE, queue.name)
        return queue.name, queue.arn, url, queue.count or 0


def decoded(message: Mapping[str, Any], roles: tuple[Role, ...] = ()) -> Letter:
    """A message as what it is: its body and attributes tell."""
    body, system = str(message.get("Body", "")), message.get("Attributes", {})
    told = {
        name: clean_line(str(value.get("StringValue", "")))
        for name, value in message.get("MessageAttributes", {}).items()
    }
    found: dict[str, Any] = {
        "id": clean_line(message["MessageId"]),
        "body": clean(body),
        "when": sqs.sent_at(message),
        "receives": int(system.get("ApproximateReceiveCount", 0)),
    }
    if record := _record(body):
        return Letter(**found, **record)
    code = told.get("ErrorCode") or told.get("ERROR_CODE", "")
    dead = "RequestID" in told or bool(code)
    functions = {role.name for role in roles if role.kind is RoleKind.FUNCTION}
    function = function_name(told.get("TARGET_ARN", "")) or (functions.pop() if len(functions) == 1 else "")
    return Letter(
        **found,
        kind=LetterKind.DEAD_LETTER if dead else LetterKind.MESSAGE,
        payload=body,
        function=function if dead else "",
        request_id=told.get("RequestID", ""),
        code=code,
        message=told.get("ErrorMessage") or told.get("ERROR_MESSAGE", ""),
    )


def _record(body: str) -> dict[str, Any]:
    """What a failure record of Lambda says; nothing for another body."""
    try:
        said = json.loads(body)
        context = said["requestContext"]
        function = function_name(str(context["functionArn"]))
        code, request_id = str(context["condition"]), str(context.get("requestId", ""))
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    answer = said.get("responsePayload")
    failure = answer if isinstance(answer, dict) else {}
    kind = LetterKind.RECORD if "requestPayload" in said else LetterKind.BATCH
    return {
        "kind": kind,
        "payload": json.dumps(said["requestPayload"]) if kind is LetterKind.RECORD else None,
        "function": function,
        "request_id": clean_line(request_id),
        "code": clean_line(code),
        "message": clean_line(
            ": ".join(str(failure[key]) for key in ("errorType", "errorMessage") if failure.get(key))
        ),
    }


def function_name(arn: str) -> str:
    """The name in a function's ARN, with a qualifier if it has one; "" for another ARN."""
    parts = arn.split(":")
    if len(parts) < 7 or parts[2] != "lambda":
        return ""
    qualifier = parts[7] if len(parts) > 7 and parts[7] != "$LATEST" else ""
    return clean_line(f"{parts[6]}:{qualifier}" if qualifier else parts[6])


def _on_failure(raw: Mapping[str, Any]) -> str:
    return ((raw.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination") or ""


def _add(roles: Roles, arn: str, kind: RoleKind, name: str) -> None:
    if ":sqs:" in arn:
        roles[clean_line(arn)].append(Role(kind, name))


def _seen(
    state: NeighboursState, sentence: str = "", queues: tuple[DeadLetterQueue, ...] = ()
) -> DeadLettersView:
    return DeadLettersView(
        sha256(repr((state, sentence, queues)).encode()).hexdigest(), state, sentence, queues
    )
