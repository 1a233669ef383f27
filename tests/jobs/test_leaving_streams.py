"""A listener pays for what was sent, wherever the connection ends; the worker is a script of pieces."""

from __future__ import annotations

import asyncio
import math
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.server import CREDITS, Member, Server, settings_for
from voicechanger.domains.jobs import store
from voicechanger.domains.jobs.parts import StreamedBytes
from voicechanger.settings import Settings

PATH = "/v1/voice-cloning/tts/stream"
TEXT = "x" * 67 + "."
SHARES = (0.0, 0.25, 0.5, 0.75, 0.999)
"""After each piece; the first holds the head of the file alone."""


@pytest.fixture
def server_settings(fresh_database_url: str, tmp_path: Any) -> Settings:
    """A caller who waits for as long as the test may take."""
    return settings_for(fresh_database_url, tmp_path, sync_wait_seconds=60)


class Listener:
    """An ASGI client that leaves after some pieces."""

    def __init__(self, member: Member, voice: uuid.UUID, leaves_after: int) -> None:
        self.pieces: list[bytes] = []
        self.left = asyncio.Event()
        self._leaves_after = leaves_after
        self._body = f"text={TEXT}&custom_voice_id={voice}&format=wav".encode()
        self._key = member.key
        self._sent = False

    async def receive(self) -> dict[str, Any]:
        """The body once, then that the connection is gone."""
        if not self._sent:
            self._sent = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Take a piece."""
        if message.get("body"):
            self.pieces.append(message["body"])
        if len(self.pieces) == self._leaves_after and message["type"] == "http.response.body":
            self.left.set()

    async def listen(self, server: Server) -> None:
        """One request."""
        if self._leaves_after == 0:
            self.left.set()
        headers = [(b"host", b"testserver"), (b"x-api-key", self._key.encode())]
        headers.append((b"content-type", b"application/x-www-form-urlencoded"))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": PATH,
            "raw_path": PATH.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
        }
        await server.app(scope, self.receive, self.send)


async def job_id_of(server: Server) -> uuid.UUID:
    async with asyncio.timeout(60):
        while True:
            async with server.services.database.transaction() as session:
                found = await session.scalar(text("SELECT id FROM jobs"))
            if found is not None:
                return found
            await asyncio.sleep(0.02)


async def speak(server: Server, member: Member, count: int) -> uuid.UUID:
    """Claim the job and store its first pieces."""
    job_id = await job_id_of(server)
    async with server.services.database.transaction() as session:
        assert await store.claim(session, job_id) is not None
    streamed = StreamedBytes(server.services, asyncio.get_running_loop(), member.account_id, job_id)
    for number, share in enumerate(SHARES[:count]):
        await asyncio.to_thread(streamed.emit, b"piece %d" % number, share)
    return job_id


@pytest.mark.parametrize("count", range(1, len(SHARES) + 1))
async def test_who_leaves_pays_for_what_was_sent(member: Member, server: Server, count: int) -> None:
    listener = Listener(member, await member.save_voice(), leaves_after=count)
    listening = asyncio.create_task(listener.listen(server))
    job_id = await speak(server, member, count)
    await asyncio.wait_for(listening, 60)
    assert listener.pieces == [b"piece %d" % number for number in range(count)]
    # a piece counts once the connection has taken it, so the one that was being sent may be free
    dues = {math.ceil(len(TEXT) * share) for share in SHARES[max(0, count - 2) : count]}
    job = (await member.client.get(f"/v1/jobs/{job_id}")).json()
    assert job["status"] == "canceled" and job["credits_charged"] in dues
    assert await member.balance() == (CREDITS - job["credits_charged"], 0)


async def test_who_read_nearly_everything_pays_nearly_everything(member: Member, server: Server) -> None:
    listener = Listener(member, await member.save_voice(), leaves_after=99)
    listening = asyncio.create_task(listener.listen(server))
    job_id = await speak(server, member, len(SHARES))
    async with asyncio.timeout(60):
        while len(listener.pieces) < len(SHARES):
            await asyncio.sleep(0.02)
    listener.left.set()
    await asyncio.wait_for(listening, 60)
    job = (await member.client.get(f"/v1/jobs/{job_id}")).json()
    assert (job["status"], job["credits_charged"]) == ("canceled", len(TEXT))


@pytest.mark.parametrize("way", ["cancel", "delete"])
async def test_who_ends_the_job_instead_of_leaving_pays_too(member: Member, server: Server, way: str) -> None:
    listener = Listener(member, await member.save_voice(), leaves_after=99)
    listening = asyncio.create_task(listener.listen(server))
    job_id = await speak(server, member, len(SHARES))
    if way == "cancel":
        await member.client.post(f"/v1/jobs/{job_id}/cancel")
    else:
        await member.client.delete(f"/v1/jobs/{job_id}")
    listener.left.set()
    await asyncio.gather(listening, return_exceptions=True)
    assert await member.balance() == (CREDITS - len(TEXT), 0)


async def test_who_leaves_before_the_first_piece_pays_nothing(member: Member, server: Server) -> None:
    listener = Listener(member, await member.save_voice(), leaves_after=0)
    await asyncio.wait_for(listener.listen(server), 60)
    job_id = await job_id_of(server)
    job = (await member.client.get(f"/v1/jobs/{job_id}")).json()
    assert (job["status"], job["credits_charged"]) == ("canceled", 0)
    assert await member.balance() == (CREDITS, 0)
