"""All SQL on jobs. Each change by a worker is conditional on the lease token of the worker."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Select, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.jobs.tables import OPEN, Job, JobKind, JobMode, JobStatus
from voicechanger.infra.queue.entries import no_entry
from voicechanger.kit.database import now


async def job_of(session: AsyncSession, account_id: uuid.UUID, job_id: uuid.UUID) -> Job | None:
    """Return one job of an account."""
    return await session.scalar(select(Job).where(Job.account_id == account_id, Job.id == job_id))


async def job_for_update(session: AsyncSession, job_id: uuid.UUID) -> Job | None:
    """Return one job, locked until the transaction ends."""
    return await session.scalar(select(Job).where(Job.id == job_id).with_for_update())


async def open_jobs(session: AsyncSession, account_id: uuid.UUID) -> int:
    """Return how many jobs of an account are queued or processing."""
    count = await session.scalar(
        select(func.count()).select_from(Job).where(Job.account_id == account_id, Job.status.in_(OPEN))
    )
    return int(count or 0)


async def claim(session: AsyncSession, job_id: uuid.UUID) -> Job | None:
    """Start an attempt with a new lease token; return None when the job has ended or was deleted."""
    job = await job_for_update(session, job_id)
    if job is None or not job.is_open:
        return None
    job.status = JobStatus.PROCESSING
    job.attempt += 1
    job.lease_token = uuid.uuid4()
    job.started_at = job.started_at or now()
    await session.flush()
    return job


async def note_progress(session: AsyncSession, job_id: uuid.UUID, token: uuid.UUID, progress: float) -> bool:
    """Record progress; False when the lease is no longer ours and the work should stop.

    The progress of a stream never falls: it says what its listener may have got.
    """
    value = case((Job.mode == JobMode.STREAM, func.greatest(Job.progress, progress)), else_=progress)
    return await _change(session, job_id, token, progress=value)


async def note_spoken(session: AsyncSession, job_id: uuid.UUID, share: float) -> None:
    """Record the share of a stream, 0 to 1, that its listener may have got; it never falls."""
    await session.execute(update(Job).where(Job.id == job_id, Job.progress < share).values(progress=share))


async def give_back(session: AsyncSession, job_id: uuid.UUID, token: uuid.UUID, *, count_attempt: bool) -> bool:
    """Set a job back to queued; with `count_attempt` false the attempt does not count (shutdown)."""
    values: dict[str, Any] = {"status": JobStatus.QUEUED, "lease_token": None}
    if not count_attempt:
        values["attempt"] = Job.attempt - 1
    return await _change(session, job_id, token, **values)


async def _change(session: AsyncSession, job_id: uuid.UUID, token: uuid.UUID, **values: Any) -> bool:
    result = await session.execute(
        update(Job)
        .where(Job.id == job_id, Job.lease_token == token, Job.status == JobStatus.PROCESSING)
        .values(**values)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


async def held(session: AsyncSession, job_id: uuid.UUID, token: uuid.UUID) -> Job | None:
    """Return the job, locked; None when the lease is lost."""
    job = await job_for_update(session, job_id)
    if job is None or job.lease_token != token or job.status != JobStatus.PROCESSING:
        return None
    return job


def listed(account_id: uuid.UUID, status: str | None, kind: str | None) -> Select[Job]:
    """Select the jobs of an account, of one status and one kind if given."""
    query = select(Job).where(Job.account_id == account_id)
    if status is not None:
        query = query.where(Job.status == status)
    if kind is not None:
        query = query.where(Job.kind == kind)
    return query


async def expired(session: AsyncSession, limit: int) -> list[Job]:
    """Return ended jobs past their retention that still have content, locked."""
    rows = await session.scalars(
        select(Job)
        .where(Job.text.is_not(None), Job.result_expires_at <= now())
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(rows)


async def expire_previews(session: AsyncSession, account_id: uuid.UUID, voice_id: uuid.UUID) -> None:
    """End the retention of a voice's previews now."""
    await session.execute(
        update(Job)
        .where(
            Job.account_id == account_id,
            Job.custom_voice_id == voice_id,
            Job.kind == JobKind.PREVIEW,
            Job.status.not_in(OPEN),
        )
        .values(result_expires_at=now(), result_key=None)
    )


async def count_open_by_status(session: AsyncSession) -> dict[str, int]:
    """Return how many jobs of all accounts are queued and processing."""
    query = select(Job.status, func.count()).where(Job.status.in_(OPEN)).group_by(Job.status)
    return {status: int(count) for status, count in await session.execute(query)}


async def count_ended_by_status(session: AsyncSession, since: datetime) -> dict[str, int]:
    """Return how many jobs of all accounts ended after `since`, by status."""
    query = select(Job.status, func.count()).where(Job.finished_at > since).group_by(Job.status)
    return {status: int(count) for status, count in await session.execute(query)}


async def oldest_queued_at(session: AsyncSession) -> datetime | None:
    """Return when the oldest queued job was accepted; None when no job is queued."""
    return await session.scalar(select(func.min(Job.created_at)).where(Job.status == "queued"))


async def without_entry(
    session: AsyncSession, task: str, before: datetime, limit: int, *, streams: bool
) -> list[uuid.UUID]:
    """Return IDs of open jobs, streamed or not, that were accepted before a time and have no queue entry."""
    mode = Job.mode == JobMode.STREAM if streams else Job.mode != JobMode.STREAM
    query = select(Job.id).where(Job.status.in_(OPEN), mode, Job.created_at < before, no_entry(task, "job_id", Job.id))
    return list(await session.scalars(query.limit(limit)))


async def with_clip_of_voice(session: AsyncSession, account_id: uuid.UUID, voice_id: uuid.UUID) -> list[Job]:
    """Return the jobs of a saved voice that still use its clip, locked."""
    rows = await session.scalars(
        select(Job)
        .where(Job.account_id == account_id, Job.custom_voice_id == voice_id, Job.clip_key.is_not(None))
        .with_for_update()
    )
    return list(rows)
