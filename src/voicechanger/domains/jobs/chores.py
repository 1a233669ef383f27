"""What the sweeper does for jobs."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.jobs import contents, service, store
from voicechanger.infra.queue.chores import Chore
from voicechanger.infra.queue.names import RUN_SPEECH, SPEECH_QUEUE
from voicechanger.infra.services import Services
from voicechanger.kit.database import now

log = structlog.get_logger()

_ORPHAN_AGE = timedelta(seconds=60)
"""An open job younger than this may still be between its task's end and its next entry."""
_BATCH = 100

_WITHOUT_ENTRY = """
    SELECT jobs.id FROM jobs
     WHERE jobs.status IN ('queued', 'processing') AND jobs.mode {modes} AND jobs.created_at < :before
       AND NOT EXISTS (
           SELECT 1 FROM procrastinate_jobs entry
            WHERE entry.task_name = :task AND entry.status IN ('todo', 'doing')
              AND entry.args->>'job_id' = jobs.id::text)
     LIMIT :batch
    """
_ORPHANS = text(_WITHOUT_ENTRY.format(modes="<> 'stream'"))
_BROKEN_STREAMS = text(_WITHOUT_ENTRY.format(modes="= 'stream'"))


def enqueue_orphans(services: Services) -> Chore:
    """Put open jobs that lost their queue entry (the database went away as a task failed) back into the queue."""

    async def chore(session: AsyncSession) -> None:
        rows = await session.scalars(_ORPHANS, {"before": now() - _ORPHAN_AGE, "task": RUN_SPEECH, "batch": _BATCH})
        for job_id in rows.all():
            log.warning("orphan_enqueued", job_id=str(job_id))
            await services.queue.enqueue(session, RUN_SPEECH, SPEECH_QUEUE, job_id=str(job_id))

    return chore


def end_broken_streams(services: Services) -> Chore:
    """End streamed jobs that lost their queue entry: whoever listened is gone, and speaking on would cost credits."""

    async def chore(session: AsyncSession) -> None:
        rows = await session.scalars(
            _BROKEN_STREAMS, {"before": now() - _ORPHAN_AGE, "task": RUN_SPEECH, "batch": _BATCH}
        )
        for job_id in rows.all():
            job = await store.job_for_update(session, job_id)
            if job is not None and job.is_open:
                log.warning("stream_ended", job_id=str(job_id))
                job.error_code, job.error_status = "stream_interrupted", 500
                job.error_message = "The worker that streamed this job was lost."
                await service.end_without_result(services, session, job, "failed")

    return chore


def remove_expired(services: Services) -> Chore:
    """Remove text, reference and recording of jobs past their retention; the row stays as history."""

    async def chore(session: AsyncSession) -> None:
        for job in await store.expired(session, _BATCH):
            await contents.remove(services, session, job)

    return chore
