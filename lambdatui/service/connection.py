"""Calls to one target: clients kept open, errors translated, writes stopped when it is read-only,
a restarted local engine found again.

botocore and aiobotocore are imported here only, in a thread, when the first call is made.
"""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lambdatui.service.errors import (
    Conflict,
    Expired,
    Invalid,
    NoCredentials,
    NotFound,
    ReadOnly,
    ServiceError,
    Unreachable,
    sentence,
)
from lambdatui.service.journal import Journal
from lambdatui.service.sparing import certificates_unread
from lambdatui.service.uploading import count_body

INVOKE_LIMIT_S = 15 * 60  # no function runs longer
_REFUSALS: dict[str, type[ServiceError]] = {"400": Invalid, "404": NotFound, "409": Conflict}
"""What the engine's own API answers with no other code than the status."""
_READS = ("list_", "get_", "describe_", "filter_", "scan")


@dataclass(frozen=True, slots=True)
class Access:
    """What clients are made from. With keys given, nothing of the user's AWS setup is read."""

    region: str | None
    profile: str | None = None
    endpoint: str | None = None
    keys: tuple[str, str] | None = field(default=None, repr=False)


class Connection:
    """One target, as the services of this package see it."""

    def __init__(self, access: Callable[[], Access], *, where: str, read_only: bool = False) -> None:
        """``access`` is asked before every call; when its answer changes, new clients are made."""
        self.where = where
        self.read_only = read_only
        self.journal = Journal()
        self._access = access
        self._clients: _Clients | None = None
        self._retiring: dict[asyncio.Task[None], _Clients] = {}

    async def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        """One operation, by botocore's names. Retried by botocore's standard rules on AWS."""
        self._permit(operation)

        async def call() -> dict[str, Any]:
            work = self._call(service, operation, False, params)
            answer: dict[str, Any] = await self._translated(operation, params, work)
            return answer

        if operation.startswith(_READS):
            return await call()
        return await self.journal.record(self.call, call, service, operation, params)

    async def pass_on(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        """One operation on messages, objects or records. Like an invocation it is no change of the account's
        setup, so the journal does not write it down; a read-only target does not get it."""
        self._permit(operation)
        work = self._call(service, operation, False, params)
        answer: dict[str, Any] = await self._translated(operation, params, work)
        return answer

    async def undo(self, number: int) -> str:
        """Take a change of the journal back; a change itself, and written down as one."""
        return await self.journal.undo(
            number, self.call, lambda step: self.call(step.service, step.operation, **step.params)
        )

    async def invoke(self, **params: Any) -> dict[str, Any]:
        """Lambda's Invoke: never retried, waits as long as a function may run, connections of its own."""
        if params.get("InvocationType") != "DryRun":
            self._permit("invoke")
        answer: dict[str, Any] = await self._translated(
            "invoke", params, self._call("lambda", "invoke", True, params)
        )
        return answer

    async def invoke_streaming(self, **params: Any) -> AsyncIterator[dict[str, Any]]:
        """Lambda's InvokeWithResponseStream: first what is known before the answer, then its events as
        they come. Never retried either."""
        operation = "invoke_with_response_stream"
        self._permit(operation)
        clients = self._current()
        with clients.used():
            client = await self._translated(operation, params, clients.get("lambda", True))
            head = await self._translated(operation, params, getattr(client, operation)(**params))
            stream = head.pop("EventStream")
            try:
                yield head
                events = aiter(stream)
                while (event := await self._translated(operation, params, anext(events, None))) is not None:
                    yield event
            finally:
                stream.close()

    async def pages(self, service: str, operation: str, /, **params: Any) -> AsyncIterator[dict[str, Any]]:
        """Every page of a list operation."""
        clients = self._current()
        with clients.used():
            client = await self._translated(operation, params, clients.get(service))
            pages = aiter(client.get_paginator(operation).paginate(**params))
            while (page := await self._translated(operation, params, anext(pages, None))) is not None:
                yield page

    async def signed(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        """A request to a local engine that no AWS operation stands for; it refuses in its own words."""
        work = self._signed(method, path, body)
        try:
            answer: dict[str, Any] = await self._translated(f"{method} {path}", {}, work)
        except ServiceError as error:
            kind = _REFUSALS.get(error.code, type(error))
            if kind not in _REFUSALS.values():
                raise
            raise kind(error.aws_message, code=error.code, aws_message=error.aws_message) from error
        return answer

    async def client(self, service: str) -> Any:
        """The open client of a service."""
        return await self._translated(f"opening {service}", {}, self._current().get(service))

    async def expiry(self) -> datetime | None:
        """When the credentials run out, as far as anybody tells."""
        held = await self._translated("reading credentials", {}, self._current().credentials())
        expires = getattr(held, "_expiry_time", None)  # botocore keeps it to itself
        if isinstance(expires, datetime):
            return expires
        try:
            return datetime.fromisoformat(os.environ["AWS_CREDENTIAL_EXPIRATION"]).astimezone(UTC)
        except (KeyError, ValueError):
            return None

    def access(self) -> Access:
        """How the target is reached at this moment."""
        return self._access()

    async def close(self) -> None:
        """End everything, calls under way too."""
        retiring = dict(self._retiring)
        for task in retiring:
            task.cancel()
        await asyncio.gather(*retiring, return_exceptions=True)
        for clients in retiring.values():
            await clients.close()
        if self._clients is not None:
            await self._clients.close()
            self._clients = None

    def _current(self) -> _Clients:
        access = self._access()
        if self._clients is None or self._clients.access != access:
            self._drop()
            self._clients = _Clients(access)
        return self._clients

    async def _signed(self, method: str, path: str, body: bytes) -> Any:
        clients = self._current()
        with clients.used():
            return await clients.signed(method, path, body)

    async def _call(self, service: str, operation: str, invoking: bool, params: dict[str, Any]) -> Any:
        clients = self._current()
        with clients.used():
            client = await clients.get(service, invoking)
            answer = await getattr(client, operation)(**params)
            body = "Payload" if invoking else "Body"
            if hasattr(answer.get(body), "read"):  # part of the call: it may break off, or time out, as well
                answer[body] = await answer[body].read()
            return answer

    async def _translated(self, operation: str, params: dict[str, Any], call: Awaitable[Any]) -> Any:
        try:
            return await call
        except ServiceError:
            raise
        except Exception as error:
            failures = await asyncio.to_thread(importlib.import_module, "lambdatui.service.failures")
            spoken = failures.translate(error, _aws_name(operation), params, self.where)
            if spoken is None:
                raise
            if isinstance(spoken, Expired | NoCredentials):
                self._drop()  # the next call reads the credentials anew: a login elsewhere is noticed
            if isinstance(spoken, Unreachable) and self._local() and spoken.code != "ReadTimeoutError":
                raise gone(self.where) from error
            raise spoken from error

    def _local(self) -> bool:
        return self._clients is not None and self._clients.access.keys is not None

    def _permit(self, operation: str) -> None:
        if self.read_only and not operation.startswith(_READS):
            raise ReadOnly(
                f"{sentence(self.where)} is open read-only, so {_aws_name(operation)} was not sent."
                " Start without --read-only, or mend the rule in the config, to change things."
            )

    def _drop(self) -> None:
        """Make new clients for the next call; the old ones finish what they are at."""
        if self._clients is not None:
            task = asyncio.create_task(self._clients.retire())
            self._retiring[task] = self._clients
            task.add_done_callback(self._retiring.pop)
            self._clients = None


class _Clients:
    """aiobotocore's clients for one access, made when first asked for and kept open."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._open: dict[tuple[str, bool], Any] = {}
        self._making = asyncio.Lock()
        self._starting = asyncio.Lock()
        self._session: Any = None
        self._http: Any = None
        self._calls = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._stack = AsyncExitStack()

    @contextmanager
    def used(self) -> Iterator[None]:
        """While a call is under way."""
        self._calls += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._calls -= 1
            if not self._calls:
                self._idle.set()

    async def get(self, service: str, invoking: bool = False) -> Any:
        key = service, invoking
        if client := self._open.get(key):
            return client
        async with self._making:
            if key not in self._open:
                self._open[key] = await self._make(service, invoking)
            return self._open[key]

    async def signed(self, method: str, path: str, body: bytes) -> Any:
        assert self.access.keys
        assert self.access.endpoint
        assert self.access.region
        await self.session()
        signed = importlib.import_module("lambdatui.service.signed")
        async with self._making:
            if self._http is None:
                self._http = await self._stack.enter_async_context(signed.session())
        return await signed.request(
            method,
            self.access.endpoint + path,
            body,
            keys=self.access.keys,
            region=self.access.region,
            http=self._http,
        )

    async def credentials(self) -> Any:
        return await (await self.session()).get_credentials()

    async def session(self) -> Any:
        async with self._starting:
            if self._session is None:
                self._session = await asyncio.to_thread(self._make_session)
            return self._session

    async def retire(self) -> None:
        """Close when no call is under way any more."""
        await self._idle.wait()
        await self.close()

    async def close(self) -> None:
        async with self._making:
            self._open.clear()
            await self._stack.aclose()

    async def _make(self, service: str, invoking: bool) -> Any:
        session = await self.session()
        clients = importlib.import_module("lambdatui.service.clients")
        opening = clients.client(session, self.access, service, invoking=invoking)
        client = await self._stack.enter_async_context(opening)
        client.meta.events.register("before-send.lambda.UpdateFunctionCode", count_body)
        return client

    def _make_session(self) -> Any:
        """Runs in a thread: reading the user's AWS files is disk work."""
        return _clients().session(self.access)


async def prepare() -> None:
    """Have imported what clients are made from, while something else is waited for: it takes 150 ms."""
    await asyncio.to_thread(_clients)


def _clients() -> Any:
    with certificates_unread():
        importlib.import_module("aiohttp")
    importlib.import_module("lambdatui.service.failures")
    return importlib.import_module("lambdatui.service.clients")


def _aws_name(operation: str) -> str:
    """list_functions -> ListFunctions; what is no operation stays as it is."""
    return operation if " " in operation else "".join(map(str.capitalize, operation.split("_")))


def gone(where: str) -> Unreachable:
    """The local engine was there and is not any more."""
    text = f"{where} is gone. Start it again (lambdatui engine): it is found by itself."
    return Unreachable(sentence(text))
