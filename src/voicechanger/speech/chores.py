"""What the sweeper does for jobs."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.database import now
from voicechanger.queue.names import RUN_SPEECH, SPEECH_QUEUE
from voicechanger.queue.sweeper import Chore
from voicechanger.services import Services
from voicechanger.speech import contents, store

log = structlog.get_logger()

_ORPHAN_AGE = timedelta(seconds=60)
"""An open job younger than this may still be between its task's end and its next entry."""
_BATCH = 100

_ORPHANS = text(
    """
    SELECT jobs.id FROM jobs
     WHERE jobs.status IN ('queued', 'processing') AND jobs.mode <> 'stream' AND jobs.created_at < :before
       AND NOT EXISTS (
           SELECT 1 FROM procrastinate_jobs entry
            WHERE entry.task_name = :task AND entry.status IN ('todo', 'doing')
              AND entry.args->>'job_id' = jobs.id::text)
     LIMIT :batch
    """
)


def enqueue_orphans(services: Services) -> Chore:
    """Put open jobs that lost their queue entry (the database went away as a task failed) back into the queue."""

    async def chore(session: AsyncSession) -> None:
        rows = await session.scalars(_ORPHANS, {"before": now() - _ORPHAN_AGE, "task": RUN_SPEECH, "batch": _BATCH})
        for job_id in rows.all():
            log.warning("orphan_enqueued", job_id=str(job_id))
            await services.queue.enqueue(session, RUN_SPEECH, SPEECH_QUEUE, job_id=str(job_id))

    return chore


def remove_expired(services: Services) -> Chore:
    """Remove text, reference and recording of jobs past their retention; the row stays as history."""

    async def chore(session: AsyncSession) -> None:
        for job in await store.expired(session, _BATCH):
            await contents.remove(services, session, job)

    return chore
