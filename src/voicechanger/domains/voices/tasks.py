"""Enrolment, for workers: encode the clip of a saved voice, then start its preview and its refinement."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any, Final

import procrastinate
import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.clips.profiles import profile_for
from voicechanger.domains.runtime import Runtime, runtime_of
from voicechanger.domains.voices import refine_tasks, store
from voicechanger.domains.voices.previews import request_preview
from voicechanger.domains.voices.service import enqueue_voice_task
from voicechanger.domains.voices.tables import CustomVoice, VoiceStatus
from voicechanger.domains.webhooks import service as webhooks
from voicechanger.infra.container import Services
from voicechanger.infra.queue.app import RetryWhenAsked, TryAgain
from voicechanger.infra.queue.chores import Chore
from voicechanger.infra.queue.names import ENROL_VOICE, SPEECH_QUEUE
from voicechanger.kit.database import lock_account, now
from voicechanger.kit.errors import ProductError
from voicechanger.tts.errors import InferenceError

log = structlog.get_logger()

blueprint = procrastinate.Blueprint()

_ATTEMPTS: Final = 3
_RETRY_SECONDS: Final = 5.0
_ORPHAN_AGE: Final = timedelta(seconds=60)
_SERVER_ERROR: Final = (
    "enrolment_failed",
    "The voice could not be made because of a server error.  Upload the recording again.",
)


@blueprint.task(name=ENROL_VOICE, queue=SPEECH_QUEUE, retry=RetryWhenAsked(), pass_context=True)
async def enrol(context: procrastinate.JobContext, account_id: str, voice_id: str, clip_sha256: str) -> None:
    """Encode the clip of a voice; it ends as ready or failed, unless it was changed or deleted meanwhile."""
    runtime = runtime_of(context)
    async with runtime.services.database.transaction() as session:
        voice = await store.voice_of(session, uuid.UUID(account_id), uuid.UUID(voice_id))
    if voice is None or voice.status != VoiceStatus.PROCESSING or voice.clip_sha256 != clip_sha256:
        return
    last = context.job.attempts + 1 >= _ATTEMPTS
    with structlog.contextvars.bound_contextvars(voice_id=voice_id):
        await _enrol(runtime, voice, last=last)


async def _enrol(runtime: Runtime, voice: CustomVoice, *, last: bool) -> None:
    try:
        # kept with the clip: refinement and jobs find it there
        await profile_for(runtime, voice.account_id, voice.clip_sha256, voice.clip_key)
    except asyncio.CancelledError:
        # the worker is stopping: another one takes the voice
        raise TryAgain from None
    except InferenceError as error:
        await _end(runtime, voice, (error.code, error.message))
    except (ProductError, OSError, OperationalError) as error:
        log.warning("enrolment_interrupted", error=type(error).__name__)
        if not last:
            raise TryAgain(_RETRY_SECONDS) from error
        await _end(runtime, voice, _SERVER_ERROR)
    except Exception:  # logged and reported to the owner; the worker goes on
        log.exception("enrolment_failed")
        await _end(runtime, voice, _SERVER_ERROR)
    else:
        await _end(runtime, voice, None)


async def _end(runtime: Runtime, enrolled: CustomVoice, failure: tuple[str, str] | None) -> None:
    """Write the voice's status, its preview job and its event in one transaction."""
    services = runtime.services
    async with services.database.transaction() as session:
        await lock_account(session, enrolled.account_id)
        voice = await store.voice_for_update(session, enrolled.account_id, enrolled.id)
        if voice is None or voice.status != VoiceStatus.PROCESSING or voice.clip_sha256 != enrolled.clip_sha256:
            return
        voice.status = VoiceStatus.FAILED if failure else VoiceStatus.READY
        voice.failure_code, voice.failure_message = failure or (None, None)
        await session.flush()
        if failure is None:
            await _follow_up(services, session, voice)
        await webhooks.emit(services, session, voice.account_id, f"voice.{voice.status}", _event_of(voice))
    log.info("voice_enrolled", status=voice.status, failure=voice.failure_code)


async def _follow_up(services: Services, session: AsyncSession, voice: CustomVoice) -> None:
    """Start what a ready voice gets in the background."""
    await refine_tasks.begin(services, session, voice)
    if voice.preview_job_id is not None:
        await request_preview(services, session, voice, voice.preview_job_id)


def _event_of(voice: CustomVoice) -> dict[str, Any]:
    """Return the data of the voice's webhook event."""
    failure = {"code": voice.failure_code, "message": voice.failure_message} if voice.failure_code else None
    return {"voice_id": str(voice.id), "name": voice.name, "status": voice.status, "failure": failure}


def enqueue_orphans(services: Services) -> Chore:
    """Enqueue voices that wait for their enrolment and lost their queue entry."""

    async def chore(session: AsyncSession) -> None:
        for voice in await store.without_enrolment(session, now() - _ORPHAN_AGE, ENROL_VOICE):
            log.warning("voice_orphan_enqueued", voice_id=str(voice.id))
            await enqueue_voice_task(services, session, voice, ENROL_VOICE)

    return chore
