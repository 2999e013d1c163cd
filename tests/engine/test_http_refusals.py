"""The HTTP server alone, by raw sockets: what it refuses, cuts short and does not pass on."""

from __future__ import annotations

import asyncio

import pytest

from lambdatui.engine import http
from lambdatui.engine.http import Exchange
from tests.engine.raw_http import CHUNKED, LIMIT, TEXT, connected, echo, listening, until


@pytest.mark.parametrize(
    "lines",
    [
        b"Host: x\r\nHost: y",
        b"Host: x\r\n folded: y",
        b"Host: x\r\nA : y",
        b"Host: x\r\nno colon",
        b"Host: x\r\nA: b\nContent-Length: 5",
        b"Host: x\r\nA: b\rContent-Length: 5",
        b"Host: x\r\nA: \0",
        b"Host: x\r\nContent-Length: +3",
        b"Host: x\r\nContent-Length: 3\r\nContent-Length: 4",
        b"Host: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked",
    ],
)
async def test_what_no_two_readers_may_understand_differently_is_refused(lines: bytes) -> None:
    seen: list[str] = []

    def handler(exchange: Exchange) -> None:
        seen.append(exchange.path)
        exchange.respond(200, TEXT, b"")

    async with listening(handler) as server:
        for _ in range(2):
            async with connected(server) as client:
                client.write(b"POST /first HTTP/1.1\r\n" + lines + b"\r\n\r\nabc")
                assert (await client.answer())[0] == 400
                assert await client.ended() == b""
    assert seen == []


@pytest.mark.parametrize(
    ("line", "said"),
    [(b"X:a", "a"), (b"x:  a b ", "a b"), (b"X-Y: ", ""), (b"X: a:b", "a:b"), (b"X: \xe4", "\xe4")],
)
async def test_fields_are_read_alike_whoever_reads_them(line: bytes, said: str) -> None:
    def handler(exchange: Exchange) -> None:
        name = line.partition(b":")[0].decode().lower()
        exchange.respond(200, TEXT, exchange.headers[name].encode())

    async with listening(handler) as server, connected(server) as client:
        for method in (b"GET", b"GET", b"PATCH"):
            client.write(method + b" / HTTP/1.1\r\nHost: x\r\n" + line + b"\r\n\r\n")
            assert (await client.answer())[2].decode() == said


async def test_heads_that_come_again_are_measured_against_the_limit_of_their_server() -> None:
    ask = b"POST / HTTP/1.1\r\nHost: small\r\nContent-Length: 20\r\n\r\n" + b"x" * 20
    for limit, expected in ((LIMIT, 200), (LIMIT, 200), (10, 413)):
        async with listening(echo, limit) as server, connected(server) as client:
            client.write(ask)
            assert (await client.answer())[0] == expected


async def test_a_flood_of_pipelined_requests_is_read_no_faster_than_it_is_answered() -> None:
    held: list[Exchange] = []
    async with listening(held.append) as server, connected(server) as client:
        count = 40_000
        client.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * count)
        await until(lambda: len(held) >= http.MAX_PIPELINED)
        # One read of the socket holds a bounded number of requests; the others stay in the kernel.
        await asyncio.sleep(0.05)
        assert len(held) < count
        answered = 0
        async with asyncio.timeout(20):
            while answered < count:
                batch, held[:] = list(held), []
                for exchange in batch:
                    exchange.respond(204, (), b"")
                answered += len(batch)
                await asyncio.sleep(0)
        assert answered == count


async def test_a_body_over_the_limit_by_its_length_is_refused_and_read_away() -> None:
    async with listening(echo) as server, connected(server) as client:
        size = LIMIT * 30
        client.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(30):
            client.write(b"x" * LIMIT)
            await client.writer.drain()
        status, headers, _ = await client.answer()
        assert (status, headers["connection"]) == (413, "close")
        assert await client.ended() == b""


async def test_a_chunked_body_over_the_limit_is_refused_while_it_comes() -> None:
    async with listening(echo) as server, connected(server) as client:
        client.write(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(20):
            client.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        assert (await client.answer())[0] == 413
        client.write(b"0\r\n\r\n")
        assert await client.ended() == b""


async def test_a_body_that_expects_100_and_is_too_large_is_not_asked_for() -> None:
    async with listening(echo) as server, connected(server) as client:
        client.write(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n" % (LIMIT + 1)
        )
        assert (await client.answer())[0] == 413


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100, 400),
        (b"GET / HTTP/1.1\r\nHost x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 600_000, 431),
        (CHUNKED + b"0\r\n" + b"X: yyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" * 30_000, 431),
        (CHUNKED + b"0\r\nX: " + b"y" * 900_000, 431),
        (CHUNKED + b"1;" + b"y" * 900_000, 431),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ],
)
async def test_garbage_is_refused_and_the_connection_closed(sent: bytes, status: int) -> None:
    called: list[Exchange] = []
    async with listening(called.append) as server:
        async with connected(server) as client:
            client.write(sent)
            assert (await client.answer())[0] == status
            await client.ended()
        assert not called
        async with connected(server) as other:
            other.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await until(lambda: bool(called))


async def test_a_handler_that_fails_answers_500_and_the_connection_lives() -> None:
    def handler(exchange: Exchange) -> None:
        if exchange.path == "/bad":
            raise ValueError("a defect")
        echo(exchange)

    async with listening(handler) as server, connected(server) as client:
        client.write(b"GET /bad HTTP/1.1\r\nHost: x\r\n\r\n")
        status, _, body = await client.answer()
        assert (status, b"defect" in body) == (500, False)
        client.write(b"GET /good HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await client.answer())[0] == 200


async def test_a_header_cannot_smuggle_lines_into_the_answer() -> None:
    def handler(exchange: Exchange) -> None:
        exchange.respond(200, (("X-Result", "a\r\nSet-Cookie: evil=1\r\n\r\n<html>"),), b"body")

    async with listening(handler) as server, connected(server) as client:
        client.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        _, headers, body = await client.answer()
        assert "set-cookie" not in headers
        assert body == b"body"


async def test_a_request_that_stalls_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "STALLED_AFTER", 0.2)
    async with listening(echo) as server, connected(server) as idle, connected(server) as slow:
        idle.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await idle.answer())[0] == 200
        slow.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        assert (await slow.answer())[0] == 408
        assert await slow.ended() == b""
        idle.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")  # a connection between requests may rest
        assert (await idle.answer())[0] == 200
