"""What custom voices ask of jobs: previews, and letting go of clips."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.credits import service as credits
from voicechanger.domains.jobs import store
from voicechanger.domains.jobs.tables import Job
from voicechanger.domains.pronunciations.service import lexicon_for
from voicechanger.infra.queue.names import RUN_SPEECH, SPEECH_QUEUE
from voicechanger.infra.services import Services

PREVIEW_FORMAT: Final = "mp3"


@dataclass(frozen=True, slots=True)
class Preview:
    """Which voice says what."""

    job_id: uuid.UUID
    account_id: uuid.UUID
    voice_id: uuid.UUID
    clip_key: str
    clip_sha256: str
    text: str
    language: str


async def accept(services: Services, session: AsyncSession, preview: Preview) -> None:
    """Accept a preview as a job that costs nothing, in the caller's transaction."""
    lexicon = await lexicon_for(session, preview.account_id, preview.text)
    # a reservation of nothing, so that every job has one reservation and one ending
    await credits.reserve(session, preview.account_id, preview.job_id, 0)
    session.add(
        Job(
            id=preview.job_id,
            account_id=preview.account_id,
            kind="preview",
            mode="async",
            text=preview.text,
            lexicon=lexicon,
            characters=len(preview.text),
            language=preview.language,
            speed=1.0,
            format=PREVIEW_FORMAT,
            custom_voice_id=preview.voice_id,
            clip_key=preview.clip_key,
            clip_sha256=preview.clip_sha256,
            credits_reserved=0,
        )
    )
    await session.flush()
    await services.queue.enqueue(session, RUN_SPEECH, SPEECH_QUEUE, job_id=str(preview.job_id))


async def forget_voice(session: AsyncSession, account_id: uuid.UUID, voice_id: uuid.UUID) -> None:
    """A voice is deleted: its jobs hold its clip no longer, and its previews go with the next sweep."""
    await store.release_clip_of_voice(session, account_id, voice_id)
    await store.expire_previews(session, account_id, voice_id)


async def release_clip(session: AsyncSession, account_id: uuid.UUID, clip_key: str) -> bool:
    """Make ended jobs let go of a clip; False, and nothing is changed, while an open job needs it."""
    if await store.clip_needed(session, account_id, clip_key):
        return False
    await store.release_clip(session, account_id, clip_key)
    return True


async def clip_used(session: AsyncSession, account_id: uuid.UUID, clip_sha256: str) -> bool:
    """Whether any job still refers to a clip with these samples."""
    return await store.clip_in_use(session, account_id, clip_sha256)
