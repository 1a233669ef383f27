"""What a job holds besides its row (text, reference, recording), and how it is deleted."""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.clips import service as clips
from voicechanger.domains.jobs import lifecycle, store
from voicechanger.domains.jobs.keys import job_prefixes, stream_prefix
from voicechanger.domains.jobs.tables import Job
from voicechanger.infra.container import Services
from voicechanger.infra.storage.removal import Removal, removing
from voicechanger.kit.caller import Caller
from voicechanger.kit.errors import NotFound


async def clear(session: AsyncSession, removal: Removal, job: Job) -> None:
    """Delete text, reference and recording of a locked, ended job; a clip that others use stays."""
    await clips.release(session, removal, job.clip_key, job.id)
    removal.add_folder(*job_prefixes(job.account_id, job.id))
    job.text = job.lexicon = job.clip_key = job.result_key = job.timestamps_key = None


async def delete(services: Services, caller: Caller, job_id: uuid.UUID) -> None:
    """Delete a job for good: an open one is canceled first and its credits refunded.  NotFound for unknown ids."""
    async with removing(services) as (session, removal):
        job = await store.job_for_update(session, job_id)
        if job is None or job.account_id != caller.account_id:
            raise NotFound("There is no such job.", code="job_not_found")
        if job.is_open:
            await lifecycle.cancel(services, session, job)
        await clear(session, removal, job)
        await session.delete(job)


async def end_stream(services: Services, job_id: uuid.UUID, share: float) -> None:
    """Stop a streamed job whose listener left, and charge for the share, 0 to 1, that was sent."""
    async with removing(services) as (session, removal):
        job = await store.job_for_update(session, job_id)
        if job is None:
            return
        if job.is_open:
            await lifecycle.end_partly(services, session, job, share)
        removal.add_folder(stream_prefix(job.account_id, job.id))
