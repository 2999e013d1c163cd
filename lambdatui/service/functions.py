"""Functions of one target: list, look at, make, delete."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from lambdatui.model import Account, Function, FunctionState
from lambdatui.service import parse, samples
from lambdatui.service.connection import Connection
from lambdatui.service.errors import Conflict, Invalid, NotFound, ServiceError
from lambdatui.service.together import together

_AT_ONCE = 4  # states are asked for a few at a time: GetFunction is limited to 100 calls a second
_SETTLED = {
    FunctionState.ACTIVE,
    FunctionState.ACTIVE_NON_INVOCABLE,
    FunctionState.INACTIVE,
    FunctionState.UNKNOWN,
}


class Functions:
    """What ListFunctions, GetFunction, CreateFunction and DeleteFunction offer."""

    def __init__(self, connection: Connection, *, local: bool, account: str) -> None:
        self._connection = connection
        self._local = local
        self._account = account

    async def pages(self) -> AsyncIterator[list[Function]]:
        """Every function, a page at a time, by name; without state, tags and concurrency."""
        async for page in self._connection.pages("lambda", "list_functions"):
            yield [parse.listed(raw) for raw in page.get("Functions", ())]

    async def get(self, name: str, qualifier: str | None = None) -> Function:
        """One function with state, tags and reserved concurrency; ``latest`` is the version asked for."""
        chosen = {"Qualifier": qualifier} if qualifier else {}
        return parse.function(
            await self._connection.call("lambda", "get_function", FunctionName=name, **chosen)
        )

    async def states(self, names: Sequence[str]) -> dict[str, Function]:
        """The same for several functions, few at a time; those that are gone are left out."""
        turn = asyncio.Semaphore(_AT_ONCE)

        async def one(name: str) -> Function | None:
            async with turn:
                try:
                    return await self.get(name)
                except NotFound:
                    return None

        found = await together(one(name) for name in names)
        return {name: function for name, function in zip(names, found, strict=True) if function}

    async def create(
        self,
        name: str,
        *,
        runtime: str,
        handler: str,
        code: bytes,
        role: str | None = None,
        memory_mb: int = 128,
        timeout_s: int = 3,
        environment: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        description: str = "",
        wait: bool = True,
    ) -> Function:
        """Make a function from a zip and wait until it can be invoked. Locally any role will do."""
        if role is None:
            if not self._local:
                raise Invalid(f"AWS wants a role for {name}: give the ARN of one that Lambda may assume.")
            role = f"arn:aws:iam::{self._account}:role/lambdatui"
        made = await self._connection.call(
            "lambda",
            "create_function",
            FunctionName=name,
            Runtime=runtime,
            Handler=handler,
            Role=role,
            Code={"ZipFile": code},
            MemorySize=memory_mb,
            Timeout=timeout_s,
            Description=description,
            Environment={"Variables": dict(environment or {})},
            Tags=dict(tags or {}),
        )
        return await self.settled(name) if wait else parse.listed(made)

    async def settled(self, name: str, *, within_s: float = 60.0) -> Function:
        """Wait until a function is ready after a change; says why when it failed."""
        wait_s = 0.05
        try:
            async with asyncio.timeout(within_s):
                while True:
                    function = await self.get(name)
                    latest = function.latest
                    if latest.state is FunctionState.FAILED:
                        raise ServiceError(f"Function {name} failed to start: {latest.state_reason}")
                    if latest.state in _SETTLED and latest.last_update != "InProgress":
                        return function
                    await asyncio.sleep(wait_s)
                    wait_s = min(wait_s * 1.5, 2.0)
        except TimeoutError:
            raise Conflict(f"Function {name} is still not ready after {within_s:.0f} s.") from None

    async def delete(self, name: str) -> None:
        """Delete a function with all its versions and aliases."""
        await self._connection.call("lambda", "delete_function", FunctionName=name)

    async def account(self) -> Account:
        """Limits and use of the account in this region."""
        return parse.account(await self._connection.call("lambda", "get_account_settings"))

    async def add_samples(self) -> list[str]:
        """Create the sample functions that are not there yet, without waiting for them; their names."""
        ready = await asyncio.to_thread(samples.load)
        return [name for name in await together(map(self._add_sample, ready)) if name]

    async def remove_samples(self) -> list[str]:
        """Delete the functions that carry the samples' tag; their names."""
        names = [function.name async for page in self.pages() for function in page]
        ours = [
            name
            for name, function in (await self.states(names)).items()
            if function.tags.get(samples.TAG) == "true"
        ]
        for name in ours:
            await self.delete(name)
        return ours

    async def _add_sample(self, sample: samples.SampleFunction) -> str | None:
        try:
            await self.create(
                sample.name,
                runtime=sample.runtime,
                handler=sample.handler,
                code=sample.code,
                memory_mb=sample.memory_mb,
                timeout_s=sample.timeout_s,
                description=sample.description,
                environment=sample.environment,
                tags={samples.TAG: "true"},
                wait=False,
            )
        except Conflict:
            return None
        return sample.name
