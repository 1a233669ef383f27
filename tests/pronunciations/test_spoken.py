"""The dictionary in everything that speaks, as it was when the request was accepted."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Never

import httpx
import pytest

from tests.support.server import Member, Server
from tests.support.voices import saved
from tests.support.work import Listener, work
from voicechanger.domains.jobs import chores, store
from voicechanger.domains.jobs.tables import Job
from voicechanger.domains.voices import previews as voice_previews
from voicechanger.infra.queue.names import LIGHT_QUEUE, SPEECH_QUEUE
from voicechanger.kit.database import now
from voicechanger.tts.errors import SynthesisError
from voicechanger.tts.utterances import Script
from voicechanger.tts.voice import Voice

TTS = "/v1/voice-cloning/tts"
TEXT = "Ask Nguyen."
SOUND = "wˈɪn"


class Reader(Listener):
    """An engine at the seam that notes what it should speak, and speaks nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.phonemes: list[str] = []

    def neutral_voice(self) -> Voice:
        """Any voice."""
        return self.encode(_Long(), 1)

    def plan(self, script: Script, voice: Voice, pace: Any, going: Any = None) -> Never:
        """Note, and fail."""
        self.phonemes.append(" ".join(u.phonemes for u in script.utterances))
        raise SynthesisError("speech_silent", "Nothing is spoken here.")


class _Long:
    size = 2


async def put(member: Member, phonemes: str = SOUND, **fields: str) -> str:
    answer = await member.client.put(
        "/v1/account/pronunciations", json={"word": "nguyen", "phonemes": phonemes, **fields}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


async def voice_of(member: Member, server: Server) -> str:
    """A saved voice that has been learned."""
    voice_id = await saved(member, generate_preview="false")
    await work(server, Listener())
    return voice_id


async def accepted(member: Member, voice: str, text: str = TEXT) -> str:
    answer = await member.client.post(TTS, data={"text": text, "language": "en-us", "custom_voice_id": voice})
    assert answer.status_code == 202, answer.text
    return answer.json()["job_id"]


async def row(server: Server, job_id: str) -> Job:
    async with server.services.database.transaction() as session:
        job = await store.job_for_update(session, uuid.UUID(job_id))
    assert job is not None
    return job


async def test_a_job_speaks_what_was_accepted(member: Member, server: Server) -> None:
    voice = await voice_of(member, server)
    entry = await put(member)
    job_id = await accepted(member, voice)
    await put(member, "nˈoʊ")
    assert (await member.client.delete(f"/v1/account/pronunciations/{entry}")).status_code == 204
    reader = Reader()
    await work(server, reader)
    assert reader.phonemes == [f"ˈæsk {SOUND}."]
    later = Reader()
    await accepted(member, voice)
    await work(server, later)
    assert SOUND not in later.phonemes[0]
    assert (await row(server, job_id)).lexicon == {"any": {"nguyen": SOUND}}


async def test_a_job_holds_only_what_its_text_needs(member: Member, server: Server) -> None:
    voice = await voice_of(member, server)
    await put(member)
    assert (await row(server, await accepted(member, voice, "Hello there."))).lexicon is None


async def test_the_dictionary_of_another_account_is_not_used(member: Member, other: Member, server: Server) -> None:
    await put(other)
    assert (await row(server, await accepted(member, await voice_of(member, server)))).lexicon is None


async def test_what_a_job_holds_goes_with_its_text(member: Member, server: Server) -> None:
    voice = await voice_of(member, server)
    await put(member)
    job_id = await accepted(member, voice)
    await member.client.post(f"/v1/jobs/{job_id}/cancel")
    async with server.services.database.transaction() as session:
        job = await store.job_for_update(session, uuid.UUID(job_id))
        assert job is not None and job.lexicon
        job.result_expires_at = now() - timedelta(seconds=1)
    async with server.services.database.transaction() as session:
        await chores.delete_expired(server.services)(session)
    swept = await row(server, job_id)
    assert (swept.text, swept.lexicon) == (None, None)


async def answered(server: Server, reader: Reader, asking: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
    """A request that waits for a worker, and the worker."""
    request = asyncio.ensure_future(asking)
    while not request.done():
        await work(server, reader, (SPEECH_QUEUE, LIGHT_QUEUE))
        await asyncio.sleep(0.02)
    return request.result()


@pytest.mark.parametrize("way", ["sync", "stream", "quote", "openai"])
async def test_every_way_of_asking(member: Member, server: Server, way: str) -> None:
    voice = await voice_of(member, server)
    await put(member)
    form = {"text": TEXT, "language": "en-us", "custom_voice_id": voice}
    asking = {
        "sync": lambda: member.client.post(TTS, data={**form, "async_mode": "false"}),
        "stream": lambda: member.client.post(f"{TTS}/stream", data=form),
        "quote": lambda: member.client.post("/v1/voice-cloning/quote", data=form),
        "openai": lambda: member.client.post(
            "/v1/audio/speech", json={"model": "tts-1", "input": TEXT, "voice": voice}
        ),
    }
    reader = Reader()
    await answered(server, reader, asking[way]())
    assert reader.phonemes == [f"ˈæsk {SOUND}."]


async def test_a_preview(member: Member, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_previews, "PREVIEW_SCRIPT", TEXT)
    await put(member, language="en-us")
    await saved(member)
    reader = Reader()
    await work(server, reader)
    assert reader.phonemes == [f"ˈæsk {SOUND}."]
