"""Two API processes side by side on one database: what must hold across them holds."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from tests.support.server import Member, Server, settings_for
from voicechanger.settings import Settings

TTS = "/v1/voice-cloning/tts"
PER_MINUTE = 40


@pytest.fixture
def server_settings(fresh_database_url: str, tmp_path: Path) -> Settings:
    return settings_for(fresh_database_url, tmp_path, requests_per_minute=PER_MINUTE, max_open_jobs=10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def start(settings: Settings, port: int) -> asyncio.subprocess.Process:
    """`voicechanger api` as a process of its own."""
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "DATA_DIR": str(settings.data_dir),
        "SECRET_KEY": settings.secret().decode(),
        "PORT": str(port),
        "REQUESTS_PER_MINUTE": str(settings.requests_per_minute),
        "MAX_OPEN_JOBS": str(settings.max_open_jobs),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "voicechanger", "api", env=environment, stdout=asyncio.subprocess.DEVNULL
    )


async def answering(base: str, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(120), httpx.AsyncClient() as client:
        while True:
            assert process.returncode is None, "the API ended"
            try:
                await client.get(f"{base}/healthz")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


@pytest.fixture
async def pair(server_settings: Settings, member: Member) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A client of each of two API processes."""
    ports = [free_port(), free_port()]
    processes = [await start(server_settings, port) for port in ports]
    headers = {"X-API-Key": member.key}
    clients = [httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) for port in ports]
    try:
        for client, process in zip(clients, processes, strict=True):
            await answering(str(client.base_url), process)
        yield clients
    finally:
        for client in clients:
            await client.aclose()
        for process in processes:
            if process.returncode is None:
                process.terminate()
            await process.wait()


@pytest.mark.slow
async def test_two_processes(pair: list[httpx.AsyncClient], member: Member, server: Server) -> None:
    """One start of the processes serves all three: they are slow to start."""
    form = {"text": "Hello there.", "custom_voice_id": str(await member.save_voice())}

    async def send(number: int, key: str | None) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await pair[number % 2].post(TTS, data=form, headers=headers)

    # one job under one key, whichever process is asked
    answers = await asyncio.gather(*(send(n, "order-1") for n in range(8)))
    assert {a.json()["job_id"] for a in answers if a.status_code == 202} and not {
        a.json()["code"] for a in answers if a.status_code != 202
    } - {"idempotency_in_flight"}
    again = [await send(n, "order-1") for n in range(2)]
    assert [a.headers["idempotent-replayed"] for a in again] == ["true", "true"]
    assert again[0].json() == again[1].json()
    assert await _jobs(server) == 1

    # no more open jobs than allowed
    answers = await asyncio.gather(*(send(n, None) for n in range(14)))
    assert sorted(a.status_code for a in answers) == [202] * 9 + [429] * 5
    assert await _jobs(server) == 10

    # and no more requests: 8 + 2 + 14 were made, and what flowed back meanwhile
    async with server.services.database.transaction() as session:
        await session.execute(text("DELETE FROM rate_limits"))
    answers = await asyncio.gather(*(pair[n % 2].get("/v1/jobs?limit=1") for n in range(PER_MINUTE + 20)))
    allowed = sum(a.status_code == 200 for a in answers)
    assert PER_MINUTE <= allowed < PER_MINUTE + 20
    refused = [a for a in answers if a.status_code == 429]
    assert {a.json()["code"] for a in refused} == {"rate_limited"} and all("retry-after" in a.headers for a in refused)


async def _jobs(server: Server) -> int:
    async with server.services.database.transaction() as session:
        return int(await session.scalar(text("SELECT count(*) FROM jobs")) or 0)
