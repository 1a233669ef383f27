"""Accepting a request: job, reservation and queue entry in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.clips import service as clips
from voicechanger.domains.credits import service as credits
from voicechanger.domains.jobs import store
from voicechanger.domains.jobs.request import SpeechRequest
from voicechanger.domains.jobs.tables import Job, JobKind, JobMode
from voicechanger.domains.pronunciations.service import lexicon_for
from voicechanger.infra.container import Services
from voicechanger.infra.queue.names import RUN_SPEECH, SPEECH_QUEUE
from voicechanger.kit.caller import Caller
from voicechanger.kit.database import lock_account
from voicechanger.kit.errors import TooManyRequests

_STREAM_PRIORITY = 1_000
"""Someone listens to a stream: it goes before every job that nobody listens to."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The clip whose speaker a job speaks as."""

    clip_key: str
    clip_sha256: str
    custom_voice_id: uuid.UUID | None = None
    """The saved voice that the clip belongs to; None for an upload."""


FindReference = Callable[[AsyncSession], Awaitable[Reference]]
"""Runs in the accepting transaction, so that a voice cannot be changed or deleted in between."""
Within = Callable[[AsyncSession, Job], Awaitable[None]]
"""Writes more in the accepting transaction, e.g. the answer kept for an idempotency key."""


async def accept(
    services: Services,
    caller: Caller,
    request: SpeechRequest,
    mode: JobMode,
    reference: FindReference,
    within: Within | None = None,
) -> Job:
    """Accept a request as a job.

    InsufficientCredits, TooManyRequests, or what `reference` raises; nothing is written then.
    """
    caller.require("speech")
    async with services.database.transaction() as session:
        # before the lock: a large dictionary against a book takes a while
        lexicon = await lexicon_for(session, caller.account_id, request.text)
        await lock_account(session, caller.account_id)
        job = _job(caller, request, mode, lexicon, await reference(session))
        job.credits_reserved = price_of(services, request.characters)
        open_jobs = await _check_room(services, session, caller)
        await enqueue(services, session, job, _priority(mode, open_jobs), caller)
        if within is not None:
            await within(session, job)
    return job


async def check_means(services: Services, caller: Caller, request: SpeechRequest) -> None:
    """Refuse a request that cannot be accepted anyway, before anybody decodes its upload.

    InsufficientCredits or TooManyRequests.  Nothing is held: `accept` decides.
    """
    price = price_of(services, request.characters)
    async with services.database.transaction() as session:
        await credits.require(session, caller.account_id, price, key_id=caller.key_id, key_cap=caller.credit_cap)
        await _check_room(services, session, caller)


async def enqueue(
    services: Services, session: AsyncSession, job: Job, priority: int = 0, caller: Caller | None = None
) -> None:
    """Write a new job, its reservation, its use of the clip and its queue entry in the caller's transaction."""
    key_id, key_cap = (caller.key_id, caller.credit_cap) if caller else (None, None)
    await credits.reserve(session, job.account_id, job.id, job.credits_reserved, key_id=key_id, key_cap=key_cap)
    session.add(job)
    await session.flush()
    assert job.clip_key is not None
    await clips.acquire(session, job.account_id, job.clip_key, job.clip_sha256, job.id)
    await services.queue.enqueue(session, RUN_SPEECH, SPEECH_QUEUE, priority=priority, job_id=str(job.id))


def price_of(services: Services, characters: int) -> int:
    """Return the price of a text, in credits."""
    return characters * services.settings.credits_per_character


def _job(
    caller: Caller,
    request: SpeechRequest,
    mode: JobMode,
    lexicon: dict[str, dict[str, str]] | None,
    reference: Reference,
) -> Job:
    return Job(
        id=uuid.uuid4(),
        account_id=caller.account_id,
        key_id=caller.key_id,
        kind=JobKind.SPEECH,
        mode=mode,
        text=request.text,
        # kept with the job, so that every attempt speaks what was accepted
        lexicon=lexicon,
        characters=request.characters,
        language=request.language,
        speed=request.speed,
        duration=request.duration,
        format=request.format,
        custom_voice_id=reference.custom_voice_id,
        clip_key=reference.clip_key,
        clip_sha256=reference.clip_sha256,
    )


async def _check_room(services: Services, session: AsyncSession, caller: Caller) -> int:
    """Return the number of the account's open jobs; TooManyRequests when it may have no more."""
    limit = services.settings.max_open_jobs
    open_jobs = await store.open_jobs(session, caller.account_id)
    if open_jobs >= limit:
        raise TooManyRequests(
            f"This account has {open_jobs} open jobs and may have {limit}; wait for one to end.",
            code="too_many_jobs",
            headers={"Retry-After": "10"},
            limit=limit,
        )
    return open_jobs


def _priority(mode: JobMode, open_jobs: int) -> int:
    """Start-time fair queueing: an account with many open jobs waits behind one with few."""
    return (_STREAM_PRIORITY if mode == JobMode.STREAM else 0) - open_jobs
