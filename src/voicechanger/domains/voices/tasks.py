"""What a worker does with voices."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any, Final

import procrastinate
import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.clips.recordings import stored_clip
from voicechanger.domains.jobs import previews
from voicechanger.domains.runtime import Runtime, runtime_of
from voicechanger.domains.voices import refine_task, store
from voicechanger.domains.voices.service import forget_clip, have_done, preview_of
from voicechanger.domains.voices.tables import CustomVoice
from voicechanger.domains.webhooks import service as webhooks
from voicechanger.infra.queue.app import RetryWhenAsked, TryAgain
from voicechanger.infra.queue.chores import Chore
from voicechanger.infra.queue.names import ENROL_VOICE, LIGHT_QUEUE, SPEECH_QUEUE, TIDY_VOICE
from voicechanger.infra.services import Services
from voicechanger.kit.database import lock_account, now
from voicechanger.kit.errors import NotFound, ProductError, Unavailable
from voicechanger.tts.errors import ClipError, InferenceError
from voicechanger.tts.voice import Voice

log = structlog.get_logger()

blueprint = procrastinate.Blueprint()

_ENROL_ATTEMPTS: Final = 3
_CLIP_WAIT: Final = 30.0
"""Seconds between looks at a replaced clip that open jobs still need."""
_ORPHAN_AGE: Final = timedelta(seconds=60)
_OURS: Final = ("enrolment_failed", "The voice could not be learned; this is our fault.  Upload the recording again.")


async def voice_for_clip(
    runtime: Runtime, account_id: uuid.UUID, clip_sha256: str, clip_key: str | None, voice_id: uuid.UUID | None
) -> Voice:
    """The voiceprint of a clip, computed once for each version of the encoder.

    A saved voice that was refined speaks with its refined voiceprint, with that of an older encoder until it is refined
    anew.  ClipError when the clip is gone: a deleted voice never becomes another one.
    """
    version = runtime.engine.encoder_version
    async with runtime.services.database.transaction() as session:
        saved = await store.voice_of(session, account_id, voice_id) if voice_id else None
        if voice_id is not None and saved is None:
            raise _gone()
        refined = _refined(saved, clip_sha256)
        known = None if refined else await store.voiceprint(session, account_id, clip_sha256, version)
    if refined is not None:
        if voice_id is not None and refined.encoder_version != version:
            await refine_task.begin_anew(runtime.services, account_id, voice_id, version)
        return refined
    if known is not None:
        return Voice.from_bytes(known)
    voice = await _encode(runtime, clip_key)
    async with runtime.services.database.transaction() as session:
        # held until the commit: a deletion comes before this or takes the voiceprint with it
        if voice_id is not None and not await store.hold_voice(session, account_id, voice_id):
            raise _gone()
        await store.keep_voiceprint(session, account_id, clip_sha256, version, voice.to_bytes())
    return voice


def _refined(saved: CustomVoice | None, clip_sha256: str) -> Voice | None:
    """What refinement made of a clip; None when it did not, or the clip was replaced."""
    if saved is None or saved.refined_voiceprint is None or saved.clip_sha256 != clip_sha256:
        return None
    return Voice.from_bytes(saved.refined_voiceprint)


async def voice_for_saved(runtime: Runtime, account_id: uuid.UUID, voice_id: uuid.UUID) -> Voice:
    """The voiceprint of a saved voice; ClipError when it is gone."""
    async with runtime.services.database.transaction() as session:
        saved = await store.voice_of(session, account_id, voice_id)
    key, sha256 = (saved.clip_key, saved.clip_sha256) if saved else (None, "")
    return await voice_for_clip(runtime, account_id, sha256, key, voice_id)


async def _encode(runtime: Runtime, clip_key: str | None) -> Voice:
    if clip_key is None:
        raise _gone()
    try:
        samples, rate = await stored_clip(runtime.services.storage, clip_key)
    except NotFound as error:
        raise _gone() from error
    return await asyncio.to_thread(runtime.engine.encode, samples, rate)


def _gone() -> ClipError:
    return ClipError("voice_deleted", "The voice was deleted before the job could speak.")


@blueprint.task(name=ENROL_VOICE, queue=SPEECH_QUEUE, retry=RetryWhenAsked(), pass_context=True)
async def enrol(context: procrastinate.JobContext, account_id: str, voice_id: str, clip_sha256: str) -> None:
    """Learn a saved voice from its clip; it ends as ready or failed, unless it was changed or deleted meanwhile."""
    runtime = runtime_of(context)
    who, which = uuid.UUID(account_id), uuid.UUID(voice_id)
    async with runtime.services.database.transaction() as session:
        voice = await store.voice_of(session, who, which)
    if voice is None or voice.status != "processing" or voice.clip_sha256 != clip_sha256:
        return
    last = context.job.attempts + 1 >= _ENROL_ATTEMPTS
    with structlog.contextvars.bound_contextvars(voice_id=voice_id):
        await _enrol(runtime, voice, last=last)


async def _enrol(runtime: Runtime, voice: CustomVoice, *, last: bool) -> None:
    try:
        await _learn(runtime, voice)
    except asyncio.CancelledError:
        # the worker is being stopped: another one takes it up
        raise TryAgain from None
    except InferenceError as error:
        await _end(runtime, voice, (error.code, error.message))
    except (ProductError, OSError, OperationalError) as error:
        log.warning("enrolment_interrupted", error=str(error))
        if not last:
            raise TryAgain(5.0) from error
        await _end(runtime, voice, _OURS)
    except Exception:  # told, logged and settled; nothing is swallowed
        log.exception("enrolment_failed")
        await _end(runtime, voice, _OURS)
    else:
        await _end(runtime, voice, None)


async def _learn(runtime: Runtime, voice: CustomVoice) -> None:
    """Compute what speaking needs and store it; `refine_task` betters it later."""
    await voice_for_clip(runtime, voice.account_id, voice.clip_sha256, voice.clip_key, voice.id)


async def _end(runtime: Runtime, learned: CustomVoice, failure: tuple[str, str] | None) -> None:
    """One transaction: status, preview job, webhooks."""
    services = runtime.services
    async with services.database.transaction() as session:
        await lock_account(session, learned.account_id)
        voice = await store.voice_for_update(session, learned.account_id, learned.id)
        if voice is None or voice.status != "processing" or voice.clip_sha256 != learned.clip_sha256:
            return
        voice.status = "failed" if failure else "ready"
        voice.failure_code, voice.failure_message = failure or (None, None)
        await session.flush()
        if failure is None:
            await refine_task.begin(services, session, voice)
        if failure is None and voice.preview_job_id is not None:
            await previews.accept(services, session, preview_of(voice, voice.preview_job_id))
        await webhooks.emit(services, session, voice.account_id, f"voice.{voice.status}", _facts_of(voice))
    log.info("voice_enrolled", status=voice.status, failure=voice.failure_code)


def _facts_of(voice: CustomVoice) -> dict[str, Any]:
    """What webhooks are told."""
    failure = {"code": voice.failure_code, "message": voice.failure_message} if voice.failure_code else None
    return {"voice_id": str(voice.id), "name": voice.name, "status": voice.status, "failure": failure}


@blueprint.task(name=TIDY_VOICE, queue=LIGHT_QUEUE, retry=RetryWhenAsked(), pass_context=True)
async def tidy(
    context: procrastinate.JobContext, account_id: str, keys: list[str], clip_key: str | None, clip_sha256: str | None
) -> None:
    """Remove files that a voice no longer names; a replaced clip waits for the open jobs that need it."""
    services, who = runtime_of(context).services, uuid.UUID(account_id)
    try:
        for key in keys:
            await services.storage.delete(key)
        if clip_key is not None and clip_sha256 is not None and not await _let_go(services, who, clip_key, clip_sha256):
            raise TryAgain(_CLIP_WAIT)
    except asyncio.CancelledError:
        raise TryAgain from None
    except (Unavailable, OperationalError) as error:
        raise TryAgain(_CLIP_WAIT) from error


async def _let_go(services: Services, account_id: uuid.UUID, clip_key: str, clip_sha256: str) -> bool:
    async with services.database.transaction() as session:
        if not await previews.release_clip(session, account_id, clip_key):
            return False
        if not await previews.clip_used(session, account_id, clip_sha256):
            await forget_clip(session, account_id, clip_sha256)
    await services.storage.delete(clip_key)
    return True


def enqueue_orphans(services: Services) -> Chore:
    """Put voices that wait to be learned and lost their queue entry back into the queue."""

    async def chore(session: AsyncSession) -> None:
        for voice in await store.orphans(session, now() - _ORPHAN_AGE, ENROL_VOICE):
            log.warning("voice_orphan_enqueued", voice_id=str(voice.id))
            await have_done(services, session, voice, ENROL_VOICE)

    return chore
