"""A voice from upload to preview with the real model, and what deleting it does to work under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.server import CREDITS, Member, Server, settings_for
from tests.support.voices import VOICES, files_of, rows, saved, shown
from tests.support.work import work
from voicechanger.domains.jobs import chores
from voicechanger.domains.voices import previews
from voicechanger.settings import Settings
from voicechanger.tts.engine import Plan, SpeechChunk
from voicechanger.tts.kokoro.engine import KokoroEngine

pytestmark = pytest.mark.slow


class Interrupted:
    """The real engine, with something done once it has begun to speak."""

    def __init__(self, engine: KokoroEngine, then: Callable[[], None]) -> None:
        self._engine, self._then = engine, then

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def speak(self, plan: Plan, *where: Any) -> Iterator[SpeechChunk]:
        """Speak, and do it before the first words."""
        self._then()
        yield from self._engine.speak(plan, *where)


@pytest.fixture
def server_settings(fresh_database_url: str, tmp_path: Path) -> Settings:
    """No refinement: it takes a minute and makes a second preview (test_refinement.py)."""
    return settings_for(fresh_database_url, tmp_path, refine_voices=False)


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Previews of two words, where what they say does not matter."""
    monkeypatch.setattr(previews, "PREVIEW_SCRIPT", "Hello there.")


async def swept(server: Server) -> None:
    """Run the sweeper's chore, and the task that deletes the files once its transaction has committed."""
    async with server.services.database.transaction() as session:
        await chores.delete_expired(server.services)(session)
    await work(server, queues=("light",))


def deletion(member: Member, voice_id: str) -> Callable[[], None]:
    """Delete a voice from the model's thread."""
    loop = asyncio.get_running_loop()

    def delete() -> None:
        deleting: Any = asyncio.run_coroutine_threadsafe(member.client.delete(f"{VOICES}/{voice_id}"), loop)
        answer: httpx.Response = deleting.result(60)
        assert answer.status_code in (204, 404)

    return delete


async def test_a_preview_is_heard_costs_nothing_and_goes_with_its_voice(
    member: Member, server: Server, engine: KokoroEngine
) -> None:
    voice_id = await saved(member)
    await work(server, engine)
    voice = await shown(member, voice_id)
    assert voice["status"] == "ready"
    job = (await member.client.get(f"/v1/jobs/{voice['preview_job_id']}")).json()
    assert (job["kind"], job["status"], job["credits_charged"]) == ("preview", "completed", 0)
    assert job["duration_seconds"] > 3
    entries = await rows(server, "SELECT kind, amount FROM credit_entries WHERE job_id IS NOT NULL ORDER BY id")
    assert entries == [("reserve", 0), ("settle", 0)]
    assert await member.balance() == (CREDITS, 0)
    heard = await member.client.get(voice["preview_audio_url"])
    assert heard.headers["content-type"] == "audio/mpeg" and len(heard.content) > 20_000
    result = (await member.client.get(f"/v1/jobs/{job['id']}/result")).json()["download_url"]
    # the voice's own copy outlives the job
    assert (await member.client.delete(f"/v1/jobs/{job['id']}")).status_code == 204
    assert (await member.client.get(result)).status_code == 404
    assert (await member.client.get(voice["preview_audio_url"])).status_code == 200
    assert (await member.client.delete(f"{VOICES}/{voice_id}")).status_code == 204
    assert (await member.client.get(voice["preview_audio_url"])).status_code == 404
    assert files_of(server) == []


async def test_a_voice_deleted_while_its_job_speaks(member: Member, server: Server, engine: KokoroEngine) -> None:
    voice_id = await saved(member, generate_preview="false")
    await work(server, engine)
    form = {"text": "Hello there.", "custom_voice_id": voice_id}
    job_id = (await member.client.post("/v1/voice-cloning/tts", data=form)).json()["job_id"]
    await work(server, Interrupted(engine, deletion(member, voice_id)))
    assert (await member.client.get(f"{VOICES}/{voice_id}")).status_code == 404
    job = (await member.client.get(f"/v1/jobs/{job_id}")).json()
    assert (job["status"], job["credits_charged"]) == ("completed", 12)
    assert await rows(server, "SELECT 1 FROM voice_profiles") == []
    assert files_of(server, "clips") == []


async def test_a_voice_deleted_while_its_preview_is_made_keeps_none(
    member: Member, server: Server, engine: KokoroEngine, brief: None
) -> None:
    voice_id = await saved(member)
    await work(server, Interrupted(engine, deletion(member, voice_id)))
    jobs = await rows(server, "SELECT kind, status, error_code FROM jobs")
    assert jobs == [("preview", "failed", "voice_deleted")]
    await swept(server)
    assert files_of(server) == []


async def test_recordings_of_a_previews_job_go_with_the_voice(
    member: Member, server: Server, engine: KokoroEngine, brief: None
) -> None:
    voice_id = await saved(member)
    await work(server, engine)
    job_id = (await shown(member, voice_id))["preview_job_id"]
    await member.client.delete(f"{VOICES}/{voice_id}")
    assert (await member.client.get(f"/v1/jobs/{job_id}/result")).json()["code"] == "result_expired"
    await swept(server)
    assert files_of(server) == []
