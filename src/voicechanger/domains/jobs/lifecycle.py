"""How a job ends: its row, its credits, its clip and its event, in one transaction."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.clips import service as clips
from voicechanger.domains.credits import service as credits
from voicechanger.domains.jobs.events import publish_job_ended
from voicechanger.domains.jobs.tables import Job, JobMode, JobStatus
from voicechanger.infra.container import Services
from voicechanger.infra.queue.app import notify_job
from voicechanger.infra.storage.removal import Removal, enqueue_removal
from voicechanger.kit.database import now


async def complete(services: Services, session: AsyncSession, job: Job) -> None:
    """End a locked job whose result is stored; the whole reservation is charged."""
    job.progress = 1.0
    await _close(services, session, job, JobStatus.COMPLETED)
    job.credits_charged = await credits.settle(
        session, job.id, characters=job.characters, seconds=job.duration_seconds or 0.0
    )
    await _announce(services, session, job)


async def end_without_result(services: Services, session: AsyncSession, job: Job, status: JobStatus) -> None:
    """End a locked, open job as failed or canceled; the whole reservation is refunded."""
    await _close(services, session, job, status)
    await credits.release(session, job.id)
    await _announce(services, session, job)


async def cancel(services: Services, session: AsyncSession, job: Job) -> None:
    """Cancel a locked, open job; what a stream has spoken is charged, everything else is refunded.

    A listener who cancels or deletes the job instead of leaving gets nothing for free.
    """
    if job.mode == JobMode.STREAM and job.progress > 0:
        await end_partly(services, session, job, job.progress)
    else:
        await end_without_result(services, session, job, JobStatus.CANCELED)


async def end_partly(services: Services, session: AsyncSession, job: Job, share: float) -> None:
    """Cancel a locked, open job whose listener left, charging for the share, 0 to 1, that was sent."""
    charge = math.ceil(job.credits_reserved * share)
    await _close(services, session, job, JobStatus.CANCELED)
    job.credits_charged = await credits.settle(session, job.id, charge, characters=job.characters)
    await _announce(services, session, job)


async def _close(services: Services, session: AsyncSession, job: Job, status: JobStatus) -> None:
    """Take the lease from the job's worker and give its contents their retention."""
    job.status, job.lease_token, job.finished_at = status, None, now()
    job.result_expires_at = expiry(services)
    if job.custom_voice_id is not None:
        # an upload stays with its job until the retention ends; the clip of a saved voice is the voice's own
        await release_clip(services, session, job)


async def release_clip(services: Services, session: AsyncSession, job: Job) -> None:
    """End the job's use of its clip; the file of the last use is deleted after the commit."""
    removal = Removal()
    await clips.release(session, removal, job.clip_key, job.id)
    job.clip_key = None
    await enqueue_removal(services.queue, session, removal)


def expiry(services: Services) -> datetime:
    """Return when the contents of a job that ends now are deleted."""
    return now() + timedelta(hours=services.settings.result_hours)


async def _announce(services: Services, session: AsyncSession, job: Job) -> None:
    await publish_job_ended(services, session, job)
    await notify_job(session, job.id)
