"""Length and age of the queues, for metrics."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_DUE = text(
    """
    SELECT queue_name, count(*) AS waiting,
           coalesce(extract(epoch FROM now() - min(coalesce(scheduled_at, queued_at))), 0) AS oldest
      FROM (SELECT queue_name, scheduled_at,
                   (SELECT min(at) FROM procrastinate_events WHERE job_id = entry.id) AS queued_at
              FROM procrastinate_jobs entry
             WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())) AS due
     GROUP BY queue_name
    """
)


@dataclass(frozen=True, slots=True)
class QueueLength:
    """The number of due tasks of one queue that have not started."""

    queue: str
    waiting: int
    oldest_seconds: float
    """How long the oldest one has been due."""


async def queue_lengths(session: AsyncSession) -> list[QueueLength]:
    """Return the length of every queue that has tasks due."""
    rows = await session.execute(_DUE)
    return [QueueLength(row.queue_name, int(row.waiting), max(0.0, float(row.oldest))) for row in rows]
