"""Invokes of many functions side by side, some of which die: all get their own answer, nothing is left."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import ROLE, zipped
from tests.soak.caller import FUNCTIONS, Caller, Reply

SEED = int(os.environ.get("LAMBDATUI_SOAK_SEED", "1"))
TIMEOUT_S = 4
"""A runtime that died is started again within the next invocation: on a busy machine that takes a while."""
GROWTH_MB = 24
"""So much more may be held at the end than after a tenth of the way: free lists, statistics, no leak."""
OTHERS = 6
"""Descriptors and processes that come and go by themselves, such as interpreters that stand by."""
HANDLER = """
import ctypes, os, time
def handler(event, context):
    do = event["do"]
    if do == "raise": raise ValueError(event["id"])
    if do == "exit": os._exit(7)
    if do == "crash": ctypes.string_at(0)
    if do == "hang": time.sleep(30)
    if do == "print": print(event["id"])
    return {"id": event["id"], "function": context.function_name, "request": context.aws_request_id}
"""
SELDOM = {"echo": 9000, "print": 800, "raise": 150, "exit": 30, "crash": 15, "hang": 5}
"""What invokes are made to do, and how often of 10,000."""
OFTEN = {"echo": 8700, "print": 800, "raise": 250, "exit": 150, "crash": 80, "hang": 20}


@dataclass(frozen=True, slots=True)
class Held:
    """What the engine holds while nothing runs."""

    mb: float
    files: int
    processes: int


def descendants(pid: int) -> list[int]:
    """Processes below one, however deep."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = [int(word) for word in (task / "children").read_text().split()]
        except OSError:
            continue
        for child in children:
            if Path(f"/proc/{child}").exists():
                found += [child, *descendants(child)]
    return found


def held(pid: int) -> Held:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    files = len(os.listdir(f"/proc/{pid}/fd"))
    return Held(pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), files, len(descendants(pid)))


class Round:
    """Invokes of some functions by many callers."""

    def __init__(
        self, engine: EngineProcess, functions: int, callers: int, weights: dict[str, int], seed: int
    ) -> None:
        self.engine = engine
        self.chance = random.Random(seed)
        self.callers = callers
        self.weights = weights
        self.names = [f"soak-{number:02}" for number in range(functions)]
        self.done: Counter[str] = Counter()
        self.generation = 0

    async def create(self) -> None:
        """Make the functions and wait until they are Active."""
        caller = Caller(self.engine.port)
        code = base64.b64encode(zipped({"app.py": HANDLER})).decode()
        for name in self.names:
            config = {"Runtime": "python3.11", "Handler": "app.handler", "Role": ROLE, "Timeout": TIMEOUT_S}
            body = {"FunctionName": name, "Code": {"ZipFile": code}, **config}
            assert (await caller.ask("POST", FUNCTIONS, json.dumps(body).encode())).status == 201
        await self._settled(caller)

    async def run(self, count: int) -> None:
        """Make the next invokes, from many callers at once."""
        left = iter(range(count))
        first = iter(self.weights)  # each of them at least once

        async def call_on() -> None:
            caller = Caller(self.engine.port)
            for _ in left:
                do = next(first, "") or self.chance.choices([*self.weights], [*self.weights.values()])[0]
                mark, name = self.chance.randbytes(8).hex(), self.chance.choice(self.names)
                reply = await caller.invoke(name, {"do": do, "id": mark})
                check(do, mark, name, reply)
                self.done[do] += 1
            caller.close()

        await asyncio.gather(*(call_on() for _ in range(self.callers)))

    async def at_rest(self) -> Held:
        """What the engine holds once the environments of all functions have ended."""
        caller = Caller(self.engine.port)
        self.generation += 1
        body = json.dumps({"Description": f"generation {self.generation}"}).encode()
        for name in self.names:
            reply = await caller.ask("PUT", f"{FUNCTIONS}/{name}/configuration", body)
            assert reply.status == 200, reply
        await self._settled(caller)
        caller.close()
        return await self._lowest()

    async def _lowest(self) -> Held:
        """The least that is seen until nothing more ends for a while."""
        seen = [held(self.engine.process.pid)]
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < 1.0:
            await asyncio.sleep(0.1)
            now = held(self.engine.process.pid)
            if now.files < seen[-1].files or now.processes < seen[-1].processes:
                quiet_since = time.monotonic()
            seen.append(now)
        return Held(seen[-1].mb, min(one.files for one in seen), min(one.processes for one in seen))

    async def _settled(self, caller: Caller) -> None:
        for name in self.names:
            deadline = time.monotonic() + 30
            while True:
                config = (await caller.ask("GET", f"{FUNCTIONS}/{name}/configuration")).value
                update = config.get("LastUpdateStatus", "Successful")
                if (config["State"], update) == ("Active", "Successful"):
                    break
                assert time.monotonic() < deadline, config
                await asyncio.sleep(0.02)


def check(do: str, mark: str, name: str, reply: Reply) -> None:
    """Whether this is the answer to this call, and to no other."""
    assert reply.status == 200, (do, reply)
    request, value = reply.headers["x-amzn-requestid"], reply.value
    if do in ("echo", "print"):
        assert value == {"id": mark, "function": name, "request": request}, (do, mark, name, reply)
        return
    assert reply.headers["x-amz-function-error"] == "Unhandled", (do, reply)
    message: dict[str, Callable[[], Any]] = {
        "raise": lambda: ("ValueError", mark),
        "exit": lambda: (
            "Runtime.ExitError",
            f"RequestId: {request} Error: Runtime exited with error: exit status 7",
        ),
        "crash": lambda: (
            "Runtime.ExitError",
            f"RequestId: {request} Error: Runtime exited with error: signal: segmentation fault",
        ),
        "hang": lambda: (
            "Sandbox.Timedout",
            f"RequestId: {request} Error: Task timed out after {TIMEOUT_S:.2f} seconds",
        ),
    }
    assert (value["errorType"], value["errorMessage"]) == message[do](), (do, mark, reply)


async def soak(round_: Round, count: int, marks: int) -> None:
    """A tenth of them, then the rest in parts: what is held after each of them is the same."""
    await round_.create()
    await round_.run(count // 10)
    seen = [await round_.at_rest()]
    took = 0.0
    for _ in range(marks):
        began = time.monotonic()
        await round_.run((count - count // 10) // marks)
        took += time.monotonic() - began
        seen.append(await round_.at_rest())
    print(f"{count} invokes, {0.9 * count / took:.0f}/s: {dict(round_.done)}; {' -> '.join(map(str, seen))}")
    assert sum(round_.done.values()) == count
    early, late = seen[0], seen[-1]
    assert late.mb <= early.mb + GROWTH_MB, seen
    assert late.files <= early.files + OTHERS, seen
    assert late.processes <= early.processes + OTHERS, seen


async def test_a_thousand_invokes(fresh_engine: Callable[..., EngineProcess]) -> None:
    await soak(Round(fresh_engine("--unsigned"), 10, 8, OFTEN, seed=1), 1_000, 1)


@pytest.mark.slow
async def test_a_hundred_thousand_invokes(fresh_engine: Callable[..., EngineProcess]) -> None:
    await soak(Round(fresh_engine("--unsigned"), 50, 24, SELDOM, SEED), 100_000, 3)
