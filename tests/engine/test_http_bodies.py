"""Large bodies, which are read past the parser: in any pieces, with others around, on both event loops."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from lambdatui.engine import http
from lambdatui.engine.http import Exchange, serve
from lambdatui.engine.http_bodies import LARGE, LARGEST
from tests.engine.raw_http import TEXT, connected, echo, listening, until

Run = Callable[[Coroutine[Any, Any, None]], None]
RUNS = pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])


def post(path: str, size: int) -> bytes:
    return f"POST /{path} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode()


@RUNS
@pytest.mark.parametrize("size", [LARGE - 1, LARGE, LARGE + 70_001, 3_000_001, LARGEST, LARGEST + 1])
def test_a_large_body_arrives_whole_between_small_ones(run: Run, size: int) -> None:
    body = random.Random(size).randbytes(size)
    small = [post(f"{number}", 2) + b"%02d" % number for number in range(4)]

    async def talk() -> None:
        async with listening(echo, max_body=LARGEST + 1) as server, connected(server) as client:
            for number in range(2):
                client.write(small[0] + post("large", size) + body[: size // 3])
                await asyncio.sleep(0.01)
                client.write(body[size // 3 : -1])
                await asyncio.sleep(0.01 * number)
                client.write(body[-1:] + small[1] + small[2][:20])
                assert (await client.answer())[2] == b"POST /0  00"
                assert (await client.answer())[2] == b"POST /large  " + body
                assert (await client.answer())[2] == b"POST /1  01"
                client.write(small[2][20:] + small[3])
                assert (await client.answer())[2] == b"POST /2  02"
                assert (await client.answer())[2] == b"POST /3  03"

    run(talk())


@RUNS
def test_answers_that_are_owed_come_before_that_of_a_large_body(run: Run) -> None:
    held: list[Exchange] = []

    def handler(exchange: Exchange) -> None:
        held.append(exchange)
        if len(held) == 2:
            for late in reversed(held):
                late.respond(200, TEXT, b"%d" % len(late.body))

    async def talk() -> None:
        async with listening(handler) as server, connected(server) as client:
            client.write(post("", 3) + b"abc" + post("", LARGE) + bytes(LARGE - 5))
            await until(lambda: len(held) == 1)
            client.write(bytes(5))
            assert [(await client.answer())[2] for _ in range(2)] == [b"3", b"%d" % LARGE]

    run(talk())


@RUNS
def test_who_leaves_within_a_large_body_is_forgotten(run: Run) -> None:
    async def talk() -> None:
        async with listening(echo) as server:
            async with connected(server) as client:
                client.write(post("", LARGE) + bytes(LARGE // 2))
                await until(lambda: len(server.connections) == 1)
            await until(lambda: not server.connections)

    run(talk())


@RUNS
def test_who_stops_within_a_large_body_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "STALLED_AFTER", 0.2)

    async def talk() -> None:
        async with listening(echo) as server, connected(server) as client:
            client.write(post("", LARGE) + bytes(LARGE // 2))
            assert (await client.answer())[0] == 408
            assert await client.ended() == b""

    run(talk())


@RUNS
def test_who_takes_a_large_body_in_pieces_is_asked_once(run: Run) -> None:
    class Counting:
        def __init__(self, exchange: Exchange) -> None:
            self.exchange, self.size = exchange, 0

        def feed(self, piece: bytes) -> None:
            self.size += len(piece)

        def finish(self) -> None:
            self.exchange.respond(200, TEXT, b"%d" % self.size)

    sinks: list[Counting] = []

    def sink_for(exchange: Exchange) -> Counting:
        sinks.append(Counting(exchange))
        return sinks[-1]

    async def talk() -> None:
        server = await serve(echo, "127.0.0.1", 0, max_body=LARGEST, sink_for=sink_for)
        try:
            async with connected(server) as client:
                for size in (LARGE, 3 * LARGE):
                    client.write(post("", size) + bytes(size - 9))
                    await asyncio.sleep(0.01)
                    client.write(bytes(9))
                    assert (await client.answer())[2] == b"%d" % size
        finally:
            server.close()
        assert len(sinks) == 2

    run(talk())
