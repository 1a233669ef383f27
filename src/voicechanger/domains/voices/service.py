"""Rules of custom voices."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.jobs import previews
from voicechanger.domains.voices import store
from voicechanger.domains.voices.tables import CustomVoice
from voicechanger.infra.queue.names import SPEECH_QUEUE
from voicechanger.infra.services import Services
from voicechanger.kit.errors import Conflict, NotFound

PREVIEW_SCRIPT: Final = (
    "Hello! This is a short preview of my voice. "
    "I can read your stories, your news and your notes, for as long as you like."
)
"""What every preview says."""
PREVIEW_LANGUAGE: Final = "en-us"
PREVIEW_MIME: Final = "audio/mpeg"


async def usable_voice(session: AsyncSession, account_id: uuid.UUID, voice_id: uuid.UUID) -> CustomVoice:
    """A voice of this account that can speak; NotFound for any other account's, Conflict while it cannot."""
    voice = await store.voice_of(session, account_id, voice_id)
    if voice is None:
        raise NotFound("There is no such voice.", code="voice_not_found")
    if voice.status == "failed":
        raise Conflict(f"This voice could not be made: {voice.failure_message}; replace its clip.", code="voice_failed")
    return voice


async def forget_clip(session: AsyncSession, account_id: uuid.UUID, clip_sha256: str) -> None:
    """Drop the voiceprint of a clip, unless a saved voice of the account is made from it."""
    if not await store.clip_saved(session, account_id, clip_sha256):
        await store.forget_voiceprint(session, account_id, clip_sha256)


async def voices_of(session: AsyncSession, account_id: uuid.UUID) -> list[CustomVoice]:
    """Return every voice of an account, failed ones included, by name."""
    return await store.voices_of(session, account_id)


async def all_voices(session: AsyncSession, account_id: uuid.UUID) -> list[CustomVoice]:
    """Every voice of an account that can speak or soon will."""
    return [voice for voice in await store.voices_of(session, account_id) if voice.status != "failed"]


async def voice_named(session: AsyncSession, account_id: uuid.UUID, name: str) -> CustomVoice | None:
    """The voice of an account with this name, whatever its case."""
    wanted = name.strip().casefold()
    found = [voice for voice in await all_voices(session, account_id) if voice.name.casefold() == wanted]
    return found[0] if found else None


async def have_done(
    services: Services, session: AsyncSession, voice: CustomVoice, task: str, priority: int = 0
) -> None:
    """Have a worker do `task` for a voice and the clip that it has now, if this transaction commits."""
    await services.queue.enqueue(
        session,
        task,
        SPEECH_QUEUE,
        priority=priority,
        account_id=str(voice.account_id),
        voice_id=str(voice.id),
        clip_sha256=voice.clip_sha256,
    )


def preview_of(voice: CustomVoice, job_id: uuid.UUID) -> previews.Preview:
    """The job that makes a voice's preview."""
    return previews.Preview(
        job_id, voice.account_id, voice.id, voice.clip_key, voice.clip_sha256, PREVIEW_SCRIPT, PREVIEW_LANGUAGE
    )


async def keep_preview(services: Services, voice_id: uuid.UUID | None, job_id: uuid.UUID, path: Path) -> bool:
    """Give a voice its preview; False when the voice is gone or waits for another job's."""
    async with services.database.transaction() as session:
        voice = await store.voice_waiting_for(session, voice_id, job_id)
    if voice is None:
        return False
    # named by the job, so that another attempt writes the same file
    key = f"previews/{voice.account_id}/{job_id}.mp3"
    await services.storage.put_file(key, path, PREVIEW_MIME, "preview.mp3")
    async with services.database.transaction() as session:
        kept = await store.set_preview(session, voice.id, job_id, key)
    if not kept:
        await services.storage.delete(key)
    return kept
