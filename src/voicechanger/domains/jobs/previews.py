"""What saved voices ask of jobs: previews, and the end of their clip's use."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.jobs import acceptance, lifecycle, store
from voicechanger.domains.jobs.tables import Job, JobKind, JobMode
from voicechanger.domains.pronunciations.service import lexicon_for
from voicechanger.infra.container import Services

PREVIEW_FORMAT: Final = "mp3"


@dataclass(frozen=True, slots=True)
class Preview:
    """Which voice speaks which text."""

    job_id: uuid.UUID
    account_id: uuid.UUID
    voice_id: uuid.UUID
    clip_key: str
    clip_sha256: str
    text: str
    language: str


async def accept(services: Services, session: AsyncSession, preview: Preview) -> None:
    """Accept a preview as a job that costs nothing, in the caller's transaction."""
    job = Job(
        id=preview.job_id,
        account_id=preview.account_id,
        kind=JobKind.PREVIEW,
        mode=JobMode.ASYNC,
        text=preview.text,
        lexicon=await lexicon_for(session, preview.account_id, preview.text),
        characters=len(preview.text),
        language=preview.language,
        speed=1.0,
        format=PREVIEW_FORMAT,
        custom_voice_id=preview.voice_id,
        clip_key=preview.clip_key,
        clip_sha256=preview.clip_sha256,
        # a reservation of nothing, so that every job has one reservation and one ending
        credits_reserved=0,
    )
    await acceptance.enqueue(services, session, job)


async def drop_voice(services: Services, session: AsyncSession, account_id: uuid.UUID, voice_id: uuid.UUID) -> None:
    """End the use of a deleted voice's clip: its jobs that have not begun will fail, its previews expire now."""
    for job in await store.with_clip_of_voice(session, account_id, voice_id):
        await lifecycle.release_clip(services, session, job)
    await store.expire_previews(session, account_id, voice_id)
