"""What the sweeper does for jobs."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.jobs import contents, lifecycle, store
from voicechanger.domains.jobs.tables import JobStatus
from voicechanger.infra.container import Services
from voicechanger.infra.queue.chores import Chore
from voicechanger.infra.queue.names import RUN_SPEECH, SPEECH_QUEUE
from voicechanger.infra.storage.removal import Removal, enqueue_removal
from voicechanger.kit.database import now

log = structlog.get_logger()

_ORPHAN_AGE = timedelta(seconds=60)
"""An open job younger than this may be between the end of its task and its next queue entry."""
_BATCH = 100


def enqueue_orphans(services: Services) -> Chore:
    """Enqueue open jobs that lost their queue entry (the database went away as a task failed)."""

    async def chore(session: AsyncSession) -> None:
        for job_id in await store.without_entry(session, RUN_SPEECH, now() - _ORPHAN_AGE, _BATCH, streams=False):
            log.warning("orphan_enqueued", job_id=str(job_id))
            await services.queue.enqueue(session, RUN_SPEECH, SPEECH_QUEUE, job_id=str(job_id))

    return chore


def end_broken_streams(services: Services) -> Chore:
    """Fail streamed jobs that lost their queue entry: their listener is gone."""

    async def chore(session: AsyncSession) -> None:
        for job_id in await store.without_entry(session, RUN_SPEECH, now() - _ORPHAN_AGE, _BATCH, streams=True):
            job = await store.job_for_update(session, job_id)
            if job is not None and job.is_open:
                log.warning("stream_ended", job_id=str(job_id))
                job.error_code, job.error_status = "stream_interrupted", 500
                job.error_message = "The worker that streamed this job was lost."
                await lifecycle.end_without_result(services, session, job, JobStatus.FAILED)

    return chore


def delete_expired(services: Services) -> Chore:
    """Delete text, reference and recording of jobs past their retention; the row stays as history."""

    async def chore(session: AsyncSession) -> None:
        removal = Removal()
        for job in await store.expired(session, _BATCH):
            await contents.clear(session, removal, job)
        await enqueue_removal(services.queue, session, removal)

    return chore
