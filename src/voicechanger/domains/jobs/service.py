"""Rules of a synthesis from request to result.  Knows no HTTP."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.clips.upload import checked_clip, store_clip
from voicechanger.domains.credits import service as credits
from voicechanger.domains.jobs import store
from voicechanger.domains.jobs.events import tell_ended
from voicechanger.domains.jobs.request import SpeechRequest
from voicechanger.domains.jobs.tables import Job
from voicechanger.domains.pronunciations.service import lexicon_for
from voicechanger.domains.voices.service import usable_voice
from voicechanger.infra.queue.app import notify_job
from voicechanger.infra.queue.names import RUN_SPEECH, SPEECH_QUEUE
from voicechanger.infra.services import Services
from voicechanger.infra.storage.objects import Link
from voicechanger.kit.caller import Caller
from voicechanger.kit.database import now
from voicechanger.kit.errors import Conflict, Gone, JobFailed, NotFound, TooManyRequests
from voicechanger.kit.paging import decode_cursor, encode_cursor
from voicechanger.tts.audio.formats import FORMATS

_POLL_SECONDS = 2.0
"""How often a waiter looks for itself, in case a notice was lost with its connection."""
_LIVE_PRIORITY = 1_000


@dataclass(frozen=True, slots=True)
class _Reference:
    clip_key: str
    clip_sha256: str
    custom_voice_id: uuid.UUID | None


Within = Callable[[AsyncSession, Job], Awaitable[None]]
"""What else is written in the transaction that accepts a job."""


async def accept(
    services: Services, caller: Caller, request: SpeechRequest, mode: str, within: Within | None = None
) -> Job:
    """Accept a request as a job: its row, its reservation and its queue entry are written in one transaction."""
    caller.require("speech")
    if request.audio_ref is None:
        assert request.custom_voice_id is not None
        return await _accept_saved(services, caller, request, mode, request.custom_voice_id, within)
    async with checked_clip([request.audio_ref], services.settings, "audio_ref") as clip:
        key = await store_clip(services.storage, caller.account_id, clip)
    try:
        return await _write(services, caller, request, mode, _Reference(key, clip.report.sha256, None), within)
    except BaseException:
        await services.storage.delete(key)
        raise


async def _accept_saved(
    services: Services,
    caller: Caller,
    request: SpeechRequest,
    mode: str,
    voice_id: uuid.UUID,
    within: Within | None,
) -> Job:
    async with services.database.transaction() as session:
        voice = await usable_voice(session, caller.account_id, voice_id)
    reference = _Reference(voice.clip_key, voice.clip_sha256, voice.id)
    return await _write(services, caller, request, mode, reference, within)


async def _write(
    services: Services,
    caller: Caller,
    request: SpeechRequest,
    mode: str,
    reference: _Reference,
    within: Within | None,
) -> Job:
    price = price_of(services, request.characters)
    # kept with the job, so that every attempt at it speaks what was accepted
    async with services.database.transaction() as session:
        lexicon = await lexicon_for(session, caller.account_id, request.text)
    job = Job(
        id=uuid.uuid4(),
        account_id=caller.account_id,
        key_id=caller.key_id,
        mode=mode,
        text=request.text,
        lexicon=lexicon,
        characters=request.characters,
        language=request.language,
        speed=request.speed,
        duration=request.duration,
        format=request.format,
        custom_voice_id=reference.custom_voice_id,
        clip_key=reference.clip_key,
        clip_sha256=reference.clip_sha256,
        credits_reserved=price,
    )
    async with services.database.transaction() as session:
        # the reservation locks the account first, so that the count of open jobs cannot be raced past
        await credits.reserve(
            session, caller.account_id, job.id, price, key_id=caller.key_id, key_cap=caller.credit_cap
        )
        open_jobs = await store.open_jobs(session, caller.account_id)
        if open_jobs >= services.settings.max_open_jobs:
            raise TooManyRequests(
                f"{open_jobs} jobs of this account are still open; wait for one to end.",
                code="too_many_jobs",
                headers={"Retry-After": "10"},
                limit=services.settings.max_open_jobs,
            )
        session.add(job)
        await session.flush()
        # start-time fair queueing: who has many open jobs waits behind who has few
        # and someone who listens live goes before everyone who does not
        priority = _LIVE_PRIORITY - open_jobs if mode == "stream" else -open_jobs
        await services.queue.enqueue(session, RUN_SPEECH, SPEECH_QUEUE, priority=priority, job_id=str(job.id))
        if within is not None:
            await within(session, job)
    return job


def price_of(services: Services, characters: int) -> int:
    """Credits for a text."""
    return characters * services.settings.credits_per_character


async def find(services: Services, caller: Caller, job_id: uuid.UUID) -> Job:
    """A job of the caller; NotFound for any other account's."""
    async with services.database.transaction() as session:
        job = await store.job_of(session, caller.account_id, job_id)
    if job is None:
        raise NotFound("There is no such job.", code="job_not_found")
    return job


async def position(services: Services, job: Job) -> int | None:
    """How many queued jobs are ahead of this one; None when it is not queued."""
    if job.status != "queued":
        return None
    async with services.database.transaction() as session:
        return await store.position(session, job)


async def wait_for(
    services: Services, caller: Caller, job_id: uuid.UUID, seconds: float, until: Callable[[Job], bool]
) -> Job:
    """The job once `until` holds, or as it is after some seconds."""
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
    """Whether a job is completed, failed or canceled."""
    return not job.is_open


def failure_of(job: Job) -> JobFailed:
    """The error that a failed or canceled job tells a waiting caller."""
    if job.status == "canceled":
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
    """A finished recording and a fresh link to it."""

    job: Job
    link: Link
    mime_type: str


async def result_of(services: Services, job: Job) -> Result:
    """A fresh link to the result; Conflict before it is there, Gone after retention, the failure if it failed."""
    if job.status in ("failed", "canceled"):
        raise failure_of(job)
    if job.status != "completed":
        raise Conflict(
            f"The job is {job.status}; its result is not there yet.",
            code="job_not_completed",
            headers={"Retry-After": "2"},
            job_status=job.status,
        )
    if job.result_key is None:
        raise Gone("The result has been removed after its retention.", code="result_expired")
    form = FORMATS[job.format]
    link = await services.storage.link(job.result_key, form.mime_type, f"speech-{str(job.id)[:8]}.{form.extension}")
    return Result(job, link, form.mime_type)


async def cancel(services: Services, caller: Caller, job_id: uuid.UUID) -> Job:
    """End an open job and release its credits; its worker loses the lease and stops.  Canceling twice is harmless."""
    async with services.database.transaction() as session:
        job = await store.job_for_update(session, job_id)
        if job is None or job.account_id != caller.account_id:
            raise NotFound("There is no such job.", code="job_not_found")
        if job.status == "canceled":
            return job
        if not job.is_open:
            raise Conflict(f"The job has already {job.status}.", code="job_already_ended", job_status=job.status)
        await end_without_result(services, session, job, "canceled")
    return job


async def end_without_result(services: Services, session: AsyncSession, job: Job, status: str) -> None:
    """Mark a locked, open job as failed or canceled and give its credits back, in the caller's transaction."""
    _close(services, job, status)
    await credits.release(session, job.id)
    await tell_ended(services, session, job)
    await notify_job(session, job.id)


def _close(services: Services, job: Job, status: str) -> None:
    """End a job's row: its worker loses the lease, its contents get their term."""
    job.status = status
    job.lease_token = None
    job.finished_at = now()
    job.result_expires_at = expiry(services)


def expiry(services: Services) -> datetime:
    """When what an ending job holds is removed."""
    return now() + timedelta(hours=services.settings.result_hours)


async def end_partly(services: Services, session: AsyncSession, job: Job, charge: int) -> None:
    """Cancel a locked, open job whose listener left, charging only what was spoken."""
    _close(services, job, "canceled")
    job.credits_charged = await credits.settle(session, job.id, charge, characters=job.characters)
    await tell_ended(services, session, job)
    await notify_job(session, job.id)


async def page_of(
    services: Services, caller: Caller, *, limit: int, cursor: str | None, status: str | None, kind: str | None
) -> tuple[list[Job], str | None]:
    """Jobs of the caller, the newest first, and the cursor of the next page."""
    async with services.database.transaction() as session:
        jobs = await store.page_of(
            session, caller.account_id, limit=limit + 1, after=decode_cursor(cursor), status=status, kind=kind
        )
    more = len(jobs) > limit
    jobs = jobs[:limit]
    return jobs, encode_cursor(jobs[-1].created_at, jobs[-1].id) if more else None


async def timestamps_of(services: Services, job: Job) -> dict[str, Any]:
    """Words and sentences of a finished recording; the same errors as for its result."""
    await result_of(services, job)
    if job.timestamps_key is None:
        raise Gone("The result has been removed after its retention.", code="result_expired")
    found: dict[str, Any] = json.loads(await services.storage.get_bytes(job.timestamps_key))
    return found
