"""The HTTP server alone, by raw sockets: conversations with clients that mean well, quick or slow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from lambdatui.engine.http import Exchange, serve
from tests.engine.raw_http import LIMIT, TEXT, Client, connected, echo, listening, until


async def test_get_and_keep_alive() -> None:
    async with listening(echo) as server, connected(server) as client:
        for number in range(3):
            client.write(f"GET /a%2Fb?n={number} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            status, headers, body = await client.answer()
            assert (status, body) == (200, f"GET /a%2Fb n={number} ".encode())
            assert "connection" not in headers


async def test_heads_that_come_again_keep_their_own_lines_and_bodies() -> None:
    async with listening(echo) as server, connected(server) as client:
        asks = [
            b"POST /%d?x HTTP/1.1\r\nHost: again\r\nContent-Length: 2\r\n\r\n%02d" % (n, n) for n in range(8)
        ]
        for number in range(3):  # alone, in halves
            for size in (1, 30, len(asks[number]) - 1):
                client.write(asks[number][:size])
                await asyncio.sleep(0.01)
                client.write(asks[number][size:])
                assert (await client.answer())[2] == b"POST /%d x %02d" % (number, number)
        # Together, with one among them that the parser has to read, and half of the last.
        other = b"PUT /put HTTP/1.1\r\nHost: again\r\nContent-Length: 2\r\n\r\nab"
        client.write(b"".join(asks[3:6]) + other + asks[6] + asks[7][:-1])
        bodies = [(await client.answer())[2] for _ in range(5)]
        assert bodies == [
            *(b"POST /%d x %02d" % (n, n) for n in range(3, 6)),
            b"PUT /put  ab",
            b"POST /6 x 06",
        ]
        client.write(asks[7][-1:])
        assert (await client.answer())[2] == b"POST /7 x 07"


@pytest.mark.parametrize("line", ["Transfer-Encoding: chunked", "Connection: close", "Content-Length: 3"])
async def test_heads_that_come_again_say_the_same_of_body_and_connection(line: str) -> None:
    body = b"3\r\nabc\r\n0\r\n\r\n" if "chunked" in line else b"abc" if "Length" in line else b""
    ask = f"POST / HTTP/1.1\r\nHost: x\r\n{line}\r\n\r\n".encode() + body
    async with listening(echo) as server:
        for _ in range(3):
            async with connected(server) as client:
                client.write(ask)
                status, headers, said = await client.answer()
                assert (status, said) == (200, b"POST /  " + (b"abc" if body else b""))
                assert headers.get("connection") == ("close" if "close" in line else None)
                if "close" in line:
                    assert await client.ended() == b""


async def test_pipelined_requests_are_answered_in_their_order() -> None:
    held: list[Exchange] = []

    def handler(exchange: Exchange) -> None:
        held.append(exchange)
        if len(held) == 3:
            for late in reversed(held):
                late.respond(200, TEXT, late.path.encode())

    async with listening(handler) as server, connected(server) as client:
        client.write(b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % number for number in range(3)))
        assert [(await client.answer())[2] for _ in range(3)] == [b"/0", b"/1", b"/2"]


async def test_an_answer_that_may_wait_leaves_with_the_next_one_if_that_was_asked_for_already() -> None:
    held: list[Exchange] = []

    def handler(exchange: Exchange) -> None:
        if exchange.method == "GET":
            held.append(exchange)
        else:
            exchange.respond(202, TEXT, b"taken", may_wait=True)

    post, get = (f"{method} / HTTP/1.1\r\nHost: x\r\n\r\n".encode() for method in ("POST", "GET"))
    async with listening(handler) as server, connected(server) as client:
        client.write(post)
        assert (await client.answer())[2] == b"taken"  # nobody asked for more: at once
        client.write(post + post + get)
        await until(lambda: bool(held))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.reader.readexactly(1)
        held[0].respond(200, TEXT, b"next")
        assert [(await client.answer())[2] for _ in range(3)] == [b"taken", b"taken", b"next"]


async def test_an_answer_that_may_wait_is_out_before_the_connection_closes() -> None:
    def handler(exchange: Exchange) -> None:
        exchange.respond(202, TEXT, b"taken", may_wait=True)

    async with listening(handler) as server, connected(server) as client:
        client.write(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await client.ended()).endswith(b"taken")


async def test_chunked_request_body() -> None:
    async with listening(echo) as server, connected(server) as client:
        client.write(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        client.write(b"6;ext=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n")
        assert (await client.answer())[2] == b"POST /  hello world"


async def test_expect_100_continue() -> None:
    async with listening(echo) as server, connected(server) as client:
        client.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        async with asyncio.timeout(20):
            assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.write(b"ok")
        assert (await client.answer())[2] == b"POST /  ok"


async def test_large_bodies_both_ways() -> None:
    body = bytes(range(256)) * 250_000  # 64 MB

    def handler(exchange: Exchange) -> None:
        exchange.respond(200, (), exchange.body)

    async with listening(handler, max_body=len(body)) as server, connected(server) as client:
        client.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body))
        client.write(body)
        assert (await client.answer())[2] == body


async def test_an_offer_to_upgrade_is_passed_over() -> None:
    async with listening(echo) as server, connected(server) as client:
        offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
        client.write(
            b"GET /one HTTP/1.1\r\nHost: x\r\n" + offer + b"\r\nGET /two HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        assert (await client.answer())[2] == b"GET /one  "
        assert (await client.answer())[2] == b"GET /two  "


async def test_http_1_0_closes_and_gets_no_chunks() -> None:
    def handler(exchange: Exchange) -> None:
        exchange.start(200, TEXT)
        exchange.send(b"by")
        exchange.send(b"tes")
        exchange.end()

    async with listening(handler) as server, connected(server) as client:
        client.write(b"GET / HTTP/1.0\r\n\r\n")
        answer = await client.ended()
        assert answer.endswith(b"\r\n\r\nbytes")
        assert b"chunked" not in answer


async def test_a_streamed_answer_waits_for_a_slow_reader() -> None:
    sent = 0
    chunk = b"x" * 65536
    total = 400 * len(chunk)

    def handler(exchange: Exchange) -> None:
        def more() -> None:
            nonlocal sent
            while sent < total and not exchange.blocked:
                sent += len(chunk)
                exchange.send(chunk)
            if sent == total:
                exchange.end((("X-Done", "yes"),))

        exchange.start(200, TEXT)
        exchange.on_drain = more
        more()

    async with listening(handler) as server, connected(server) as client:
        client.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(20):
            await client.reader.readuntil(b"\r\n\r\n")
        assert sent < total  # nobody read yet: most of it was never made
        async with asyncio.timeout(20):
            received = 0
            while size := int(await client.reader.readline(), 16):
                received += len(await client.reader.readexactly(size))
                await client.reader.readline()
            assert received == total
            assert await client.reader.readuntil(b"\r\n\r\n") == b"X-Done: yes\r\n\r\n"


@pytest.mark.parametrize("leave", ["close", "abort", "half"])
async def test_a_client_that_leaves_is_noticed(leave: str) -> None:
    gone = asyncio.Event()
    came = asyncio.Event()
    held: list[Exchange] = []

    def handler(exchange: Exchange) -> None:
        exchange.on_gone = gone.set
        held.append(exchange)
        came.set()

    leaving: dict[str, Callable[[Client], None]] = {
        "close": lambda client: client.writer.close(),
        "abort": lambda client: client.writer.transport.abort(),
        "half": lambda client: client.writer.write_eof(),
    }
    async with listening(handler) as server, connected(server) as client:
        client.write(b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(20):
            await came.wait()
            leaving[leave](client)
            await gone.wait()
        assert held[0].gone
        held[0].respond(200, TEXT, b"too late")  # harmless


async def test_head_and_204_have_no_body() -> None:
    def handler(exchange: Exchange) -> None:
        exchange.respond(204 if exchange.path == "/none" else 200, (), b"text")

    async with listening(handler) as server, connected(server) as client:
        client.write(
            b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /none HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.0\r\n\r\n"
        )
        answers = (await client.ended()).split(b"HTTP/1.1 ")[1:]
        assert [answer.partition(b"\r\n\r\n")[2] for answer in answers] == [b"", b"", b"text"]
        assert b"Content-Length: 4" in answers[0]
        assert b"Content-Length" not in answers[1]


async def test_closing_lets_answers_go_out() -> None:
    held: list[Exchange] = []
    server = await serve(held.append, "127.0.0.1", 0, max_body=LIMIT)
    async with connected(server) as client:
        client.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await until(lambda: bool(held))
        server.close()
        held[0].respond(200, TEXT, b"still here")
        assert (await client.answer())[2] == b"still here"
        assert await client.ended() == b""
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", server.port)
