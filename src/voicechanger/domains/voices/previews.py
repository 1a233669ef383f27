"""The preview of a saved voice: a free job whose recording the voice keeps."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.jobs import previews
from voicechanger.domains.voices import store
from voicechanger.domains.voices.tables import CustomVoice
from voicechanger.infra.container import Services
from voicechanger.infra.storage.removal import Removal, enqueue_removal

PREVIEW_SCRIPT: Final = (
    "Hello! This is a short preview of my voice. "
    "I can read your stories, your news and your notes, for as long as you like."
)
"""The text of every preview."""
PREVIEW_LANGUAGE: Final = "en-us"
PREVIEW_MIME: Final = "audio/mpeg"


async def request_preview(services: Services, session: AsyncSession, voice: CustomVoice, job_id: uuid.UUID) -> None:
    """Accept the job that makes a voice's preview, in the caller's transaction."""
    await previews.accept(
        services,
        session,
        previews.Preview(
            job_id=job_id,
            account_id=voice.account_id,
            voice_id=voice.id,
            clip_key=voice.clip_key,
            clip_sha256=voice.clip_sha256,
            text=PREVIEW_SCRIPT,
            language=PREVIEW_LANGUAGE,
        ),
    )


async def renew_preview(services: Services, session: AsyncSession, voice: CustomVoice) -> None:
    """Replace a voice's preview after its profile has changed; nothing happens when it wants none."""
    if voice.preview_job_id is None:
        return
    removal = Removal()
    removal.add(voice.preview_key)
    job_id = uuid.uuid4()
    voice.preview_key, voice.preview_job_id = None, job_id
    await session.flush()
    await request_preview(services, session, voice, job_id)
    await enqueue_removal(services.queue, session, removal)


async def keep_preview(services: Services, job_id: uuid.UUID, voice_id: uuid.UUID | None, path: Path) -> bool:
    """Give a voice the recording of its preview job; False when the voice is gone or waits for another job."""
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
