"""A quote is answered whatever happens to the store, for its caller waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.server import Member, Server, settings_for
from tests.support.work import Listener, work
from voicechanger.infra.storage.objects import Storage
from voicechanger.kit.errors import Unavailable
from voicechanger.settings import Settings

QUOTE = "/v1/voice-cloning/quote"


@pytest.fixture
def server_settings(fresh_database_url: str, tmp_path: Any) -> Settings:
    """A caller who waits for as long as the test may take."""
    return settings_for(fresh_database_url, tmp_path, sync_wait_seconds=60)


async def quoted(member: Member, server: Server) -> Any:
    """The answer to a quote for a saved voice that no worker has encoded yet."""
    form = {"text": "Hello there.", "custom_voice_id": str(await member.save_voice())}
    listening = asyncio.create_task(server.services.listener.run())
    asking = asyncio.create_task(member.client.post(QUOTE, data=form))
    try:
        while not asking.done():
            await work(server, Listener(), ("light",))
            await asyncio.wait({asking}, timeout=0.1)
        return asking.result()
    finally:
        listening.cancel()


async def test_a_store_that_is_away_is_told(member: Member, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(self: Storage, *arguments: Any) -> None:
        raise Unavailable("The file store does not answer.", code="storage_unavailable")

    monkeypatch.setattr(Storage, "get_to", away)
    answer = await quoted(member, server)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")


async def test_a_clip_that_is_gone_is_told(member: Member, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    put = Storage.put_bytes

    async def nowhere(self: Storage, key: str, data: bytes) -> None:
        if not key.startswith("clips/"):
            await put(self, key, data)

    monkeypatch.setattr(Storage, "put_bytes", nowhere)
    answer = await quoted(member, server)
    assert (answer.status_code, answer.json()["code"]) == (422, "voice_deleted")
