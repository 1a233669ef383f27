"""The real application on a real database and real files, called in process.

server    the application with its services, empty
member    an account with credits and a key, and a client that sends it
other     a second account, to which nothing of the first may show
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from voicechanger.domains.accounts import service as accounts
from voicechanger.domains.clips import service as clips
from voicechanger.domains.credits import service as credits
from voicechanger.domains.voices.tables import CustomVoice
from voicechanger.infra.container import Services, open_services
from voicechanger.kit.database import now
from voicechanger.server import create_app
from voicechanger.settings import Settings

CREDITS = 100_000
REPORT = {
    "seconds": 8.0,
    "rate": 24000,
    "channels": 1,
    "speech_seconds": 7.0,
    "speech_share": 0.9,
    "clipped_share": 0.0,
}


def settings_for(database_url: str, folder: Path, **changes: Any) -> Settings:
    """Settings of a test server."""
    given = {
        "database_url": database_url,
        "data_dir": folder,
        "secret_key": "0123456789abcdef0123456789abcdef",
        "public_url": "http://testserver",
        "sync_wait_seconds": 0.2,
        "sign_up": "open",
        **changes,
    }
    return Settings(**given)


@dataclass(frozen=True, slots=True)
class Server:
    """A running application."""

    app: FastAPI
    services: Services

    def client(self, **headers: str) -> httpx.AsyncClient:
        """A client whose requests the application answers in process."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers)

    async def new_member(self, name: str, grant: int = CREDITS) -> Member:
        """A new account with credits and a key."""
        async with self.services.database.transaction() as session:
            account = await accounts.create_account(session, name)
            _, key = await accounts.create_key(session, account.id, "test")
            if grant:
                await credits.grant(session, account.id, grant)
        return Member(self, account.id, key, self.client(**{"X-API-Key": key}))

    async def balance(self, account_id: uuid.UUID) -> tuple[int, int]:
        """Available and reserved credits."""
        async with self.services.database.transaction() as session:
            found = await credits.balance(session, account_id)
        return found.available, found.reserved


@dataclass(frozen=True, slots=True)
class Member:
    """An account and how to call as it."""

    server: Server
    account_id: uuid.UUID
    key: str
    client: httpx.AsyncClient

    async def save_voice(self, name: str = "Ada", clip: bytes = b"not read", sha256: str | None = None) -> uuid.UUID:
        """A saved voice whose clip is in storage; written straight to the tables."""
        key = f"clips/{self.account_id}/{uuid.uuid4()}.flac"
        await self.server.services.storage.put_bytes(key, clip)
        voice = CustomVoice(
            id=uuid.uuid4(),
            account_id=self.account_id,
            name=name,
            status="ready",
            clip_key=key,
            clip_sha256=sha256 or uuid.uuid4().hex * 2,
            clip_report=REPORT,
        )
        async with self.server.services.database.transaction() as session:
            session.add(voice)
            await session.flush()
            await clips.acquire(session, voice.account_id, voice.clip_key, voice.clip_sha256, voice.id)
        return voice.id

    async def balance(self) -> tuple[int, int]:
        """Available and reserved credits."""
        return await self.server.balance(self.account_id)


@pytest.fixture
def server_settings(fresh_database_url: str, tmp_path: Path) -> Settings:
    """Settings of the test server; a test file may override this fixture."""
    return settings_for(fresh_database_url, tmp_path)


@pytest.fixture
async def server(server_settings: Settings) -> AsyncIterator[Server]:
    """The application, ready to be called."""
    async with open_services(server_settings) as services:
        app = create_app(server_settings)
        app.state.services = services
        yield Server(app, services)


@pytest.fixture
async def member(server: Server) -> AsyncIterator[Member]:
    """An account with credits."""
    made = await server.new_member("Ada")
    async with made.client:
        yield made


@pytest.fixture
async def other(server: Server) -> AsyncIterator[Member]:
    """Another account with credits."""
    made = await server.new_member("Bob")
    async with made.client:
        yield made


def in_hours(hours: float) -> Any:
    """A moment from now."""
    return now() + timedelta(hours=hours)
