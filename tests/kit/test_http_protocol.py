"""Connections that never finish their request, and those that are slow but honest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from voicechanger.kit.http_protocol import ConnectionLimits, limited_protocol

QUICK = ConnectionLimits(head_seconds=0.5, body_seconds=30, stall_seconds=0.5)
"""Deadlines that a test can wait for."""
GET = b"GET / HTTP/1.1\r\nHost: here\r\n"
POST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body and answer how long it was; `/stream` answers in ten pieces that take their time."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/stream":
        for _ in range(10):
            await asyncio.sleep(0.2)
            await send({"type": "http.response.body", "body": b"sound", "more_body": True})
    await send({"type": "http.response.body", "body": f"read {size}".encode()})


@asynccontextmanager
async def served(limits: ConnectionLimits) -> AsyncGenerator[int]:
    """The port of a server."""
    config = uvicorn.Config(
        echo, port=0, http=limited_protocol(limits), ws="none", lifespan="off", log_config=None, timeout_keep_alive=30
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        await running


async def exchange(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send pieces and return everything that comes until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), 20)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((b"",), id="silent"),
        pytest.param((GET,), id="half a head"),
        pytest.param((b"\r\n",), id="an empty line"),
        pytest.param((POST % 100 + b"\r\n", b"x" * 50), id="half a body"),
        pytest.param((GET + b"\r\n", b"GET /"), id="half a second head"),
        pytest.param((GET + b"\r\n", b"\r\n"), id="an empty line after a request"),
    ],
)
async def test_who_never_finishes_is_closed(pieces: tuple[bytes, ...]) -> None:
    async with served(QUICK) as port:
        answer = await exchange(port, *pieces, pause=0.1)
    assert b" 408 " in answer


async def test_who_feeds_a_head_byte_by_byte_is_closed() -> None:
    async with served(QUICK) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET + b"X: ")
        feeding = asyncio.create_task(feed(writer))
        answer = await asyncio.wait_for(reader.read(), 20)
        feeding.cancel()
    assert b" 408 " in answer


async def feed(writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"x")
        await asyncio.sleep(0.1)


async def test_a_body_has_a_deadline_however_steadily_it_drips() -> None:
    async with served(replace(QUICK, body_seconds=1.0)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST % 100_000 + b"\r\n")
        feeding = asyncio.create_task(feed(writer))
        answer = await asyncio.wait_for(reader.read(), 20)
        feeding.cancel()
    assert b" 408 " in answer


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(GET + b"X: " + b"x" * 200_000, id="endless header"),
        pytest.param(GET + b"X-Name: x\r\n" * 20_000 + b"\r\n", id="20,000 headers"),
        pytest.param(b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\n\r\n", id="long address"),
        pytest.param(GET + b"A: b\r\n" * 101 + b"\r\n", id="101 small headers"),
    ],
)
async def test_a_large_head_is_refused(head: bytes) -> None:
    async with served(replace(QUICK, head_seconds=30)) as port:
        answer = await exchange(port, head)
    # the system may drop the answer when the client is still sending
    assert not answer or b" 431 " in answer
    assert b"200 OK" not in answer


async def test_slow_but_honest_uploads_are_read() -> None:
    async with served(QUICK) as port:
        pieces = [b"x" * 10] * 10
        answer = await exchange(port, POST % 100 + b"Connection: close\r\n\r\n", *pieces, pause=0.2)
    assert b"200 OK" in answer and b"read 100" in answer


async def test_streams_outlive_the_deadlines_of_requests() -> None:
    async with served(QUICK) as port:
        answer = await exchange(port, GET.replace(b"/ ", b"/stream ", 1) + b"Connection: close\r\n\r\n")
    assert answer.count(b"sound") == 10 and b"read 0" in answer


@pytest.mark.parametrize(
    ("limits", "refused"),
    [
        pytest.param(ConnectionLimits(connections_per_network=3), True, id="one network"),
        pytest.param(ConnectionLimits(connections=3), True, id="all"),
        pytest.param(ConnectionLimits(connections_per_network=3, exempt="10.0.0.1, 127.0.0.0/8"), False, id="proxy"),
        pytest.param(ConnectionLimits(connections_per_network=3, exempt="*"), False, id="any proxy"),
    ],
)
async def test_connections_are_limited(limits: ConnectionLimits, refused: bool) -> None:
    async with served(limits) as port:
        with ExitStack() as stack:
            for _ in range(3):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                stack.callback(writer.close)
                await asyncio.sleep(0.05)
            answer = await exchange(port, GET + b"Connection: close\r\n\r\n")
            assert (b" 503 " in answer) is refused
            assert (b"200 OK" in answer) is not refused
        await until_served(port)


async def until_served(port: int) -> None:
    """Closed connections no longer count."""
    async with asyncio.timeout(20):
        while b"200 OK" not in await exchange(port, GET + b"Connection: close\r\n\r\n"):
            await asyncio.sleep(0.05)


async def test_requests_sent_far_ahead_are_refused() -> None:
    async with served(ConnectionLimits()) as port:
        answer = await exchange(port, (GET.replace(b"/ ", b"/stream ", 1) + b"\r\n") * 100)
    assert answer.count(b"read 0") <= 1
