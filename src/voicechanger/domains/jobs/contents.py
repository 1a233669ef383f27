"""What a job holds besides its row: text, reference, recording; and how all of it is removed."""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.jobs import service, store
from voicechanger.domains.jobs.keys import parts_prefix, stream_prefix
from voicechanger.domains.jobs.tables import Job
from voicechanger.domains.voices import service as voices
from voicechanger.infra.services import Services
from voicechanger.kit.caller import Caller
from voicechanger.kit.errors import NotFound


async def remove(services: Services, session: AsyncSession, job: Job) -> None:
    """Remove text, reference and recording of a locked, ended job; files that saved voices use stay."""
    shared = await store.clip_in_use(session, job.account_id, job.clip_sha256, besides=job.id)
    if job.custom_voice_id is None:
        await services.storage.delete(job.clip_key)
        if not shared:
            await voices.forget_clip(session, job.account_id, job.clip_sha256)
    await services.storage.delete_under(f"results/{job.account_id}/{job.id}")
    await services.storage.delete_under(parts_prefix(job.account_id, job.id))
    await services.storage.delete_under(stream_prefix(job.account_id, job.id))
    job.text = job.lexicon = job.clip_key = job.result_key = job.timestamps_key = None


async def delete(services: Services, caller: Caller, job_id: uuid.UUID) -> None:
    """Delete a job for good: an open one is canceled first, its credits released."""
    async with services.database.transaction() as session:
        job = await store.job_for_update(session, job_id)
        if job is None or job.account_id != caller.account_id:
            raise NotFound("There is no such job.", code="job_not_found")
        if job.is_open:
            await service.end_without_result(services, session, job, "canceled")
        await remove(services, session, job)
        await session.delete(job)


async def end_stream(services: Services, job_id: uuid.UUID) -> None:
    """The listener of a stream is gone: stop the work and charge for what was spoken."""
    async with services.database.transaction() as session:
        job = await store.job_for_update(session, job_id)
        if job is not None and job.is_open:
            spoken = -int(-job.credits_reserved * job.progress // 1)
            await service.end_partly(services, session, job, spoken)
        if job is not None:
            await services.storage.delete_under(stream_prefix(job.account_id, job.id))
