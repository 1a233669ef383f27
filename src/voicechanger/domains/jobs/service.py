"""Rules of jobs: read, wait for, cancel and list them, and link to their results."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from voicechanger.domains.jobs import lifecycle, store
from voicechanger.domains.jobs.tables import Job, JobStatus
from voicechanger.infra.container import Services
from voicechanger.infra.queue.entries import places
from voicechanger.infra.queue.names import RUN_SPEECH, SPEECH_QUEUE
from voicechanger.infra.storage.objects import Link
from voicechanger.kit.caller import Caller
from voicechanger.kit.errors import Conflict, Gone, JobFailed, NotFound
from voicechanger.kit.paging import Page, newest_first, paginate
from voicechanger.tts.audio.formats import FORMATS

_POLL_SECONDS = 2.0
"""Interval at which a waiting request reads the job, in case a notification was lost."""


async def find(services: Services, caller: Caller, job_id: uuid.UUID) -> Job:
    """Return a job of the caller; raise NotFound for jobs of other accounts."""
    async with services.database.transaction() as session:
        job = await store.job_of(session, caller.account_id, job_id)
    if job is None:
        raise NotFound("This job does not exist.", code="job_not_found")
    return job


async def positions(services: Services, jobs: Sequence[Job]) -> dict[uuid.UUID, int]:
    """Return how many queue entries workers take before each queued job; other jobs are left out."""
    waiting = [job.id for job in jobs if job.status == JobStatus.QUEUED]
    if not waiting:
        return {}
    async with services.database.transaction() as session:
        return await places(session, SPEECH_QUEUE, RUN_SPEECH, "job_id", waiting)


async def wait_for(
    services: Services, caller: Caller, job_id: uuid.UUID, seconds: float, until: Callable[[Job], bool]
) -> Job:
    """Return the job as soon as `until` is true, or as it is after `seconds`."""
    async with services.listener.subscribed(job_id) as changed:
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            changed.clear()
            job = await find(services, caller, job_id)
            left = deadline - asyncio.get_running_loop().time()
            if until(job) or left <= 0:
                return job
            try:
                await asyncio.wait_for(changed.wait(), min(left, _POLL_SECONDS))
            except TimeoutError:
                continue


def has_ended(job: Job) -> bool:
    """Return whether a job is completed, failed or canceled."""
    return not job.is_open


def failure_of(job: Job) -> JobFailed:
    """Return the error for a request that waits for a failed or canceled job."""
    if job.status == JobStatus.CANCELED:
        return JobFailed("The job was canceled.", code="job_canceled", status=409, job_id=str(job.id))
    return JobFailed(
        job.error_message or "The job failed; nothing was charged.",
        code=job.error_code or "synthesis_failed",
        status=job.error_status or 500,
        job_id=str(job.id),
        **(job.error_extra or {}),
    )


@dataclass(frozen=True, slots=True)
class Result:
    """A finished recording and a new link to it."""

    job: Job
    link: Link
    mime_type: str


async def result_of(services: Services, job: Job) -> Result:
    """Return a new link to the result.

    Raises Conflict before the job has completed, Gone after its retention, the error of the job if it failed.
    """
    if job.status in (JobStatus.FAILED, JobStatus.CANCELED):
        raise failure_of(job)
    if job.status != JobStatus.COMPLETED:
        raise Conflict(
            f"The job is {job.status} and has no result yet; try again later.",
            code="job_not_completed",
            headers={"Retry-After": "2"},
            job_status=job.status,
        )
    if job.result_key is None:
        raise Gone("The result was deleted at the end of its retention.", code="result_expired")
    form = FORMATS[job.format]
    link = await services.storage.link(job.result_key, form.mime_type, f"speech-{str(job.id)[:8]}.{form.extension}")
    return Result(job, link, form.mime_type)


async def cancel(services: Services, caller: Caller, job_id: uuid.UUID) -> Job:
    """Cancel an open job and refund its credits; its worker loses the lease and stops. Idempotent."""
    async with services.database.transaction() as session:
        job = await store.job_for_update(session, job_id)
        if job is None or job.account_id != caller.account_id:
            raise NotFound("This job does not exist.", code="job_not_found")
        if job.status == JobStatus.CANCELED:
            return job
        if not job.is_open:
            raise Conflict(f"The job has already {job.status}.", code="job_already_ended", job_status=job.status)
        await lifecycle.cancel(services, session, job)
    return job


async def page_of(
    services: Services, caller: Caller, *, limit: int, cursor: str | None, status: str | None, kind: str | None
) -> Page[Job]:
    """Return a page of the caller's jobs, newest first."""
    query = store.listed(caller.account_id, status, kind)
    async with services.database.transaction() as session:
        return await paginate(session, query, newest_first(Job), limit, cursor)


async def timestamps_of(services: Services, job: Job) -> dict[str, Any]:
    """Return words and sentences of a finished recording; raise the errors of `result_of`."""
    await result_of(services, job)
    if job.timestamps_key is None:
        raise Gone("The result was deleted at the end of its retention.", code="result_expired")
    found: dict[str, Any] = json.loads(await services.storage.get_bytes(job.timestamps_key))
    return found
