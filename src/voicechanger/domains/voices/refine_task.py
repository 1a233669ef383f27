"""Bettering a saved voice after it is ready, in rounds of some seconds behind every job that waits.

A round is one entry of the queue with the lowest priority: between two rounds whoever waits is served, and a worker
that dies loses one round.  The voice changes once, when the last round is done, and only if it became better.
"""

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
from voicechanger.domains.voices import store
from voicechanger.domains.voices.service import have_done, preview_of
from voicechanger.domains.voices.tables import CustomVoice
from voicechanger.infra.queue.app import RetryWhenAsked, TryAgain
from voicechanger.infra.queue.chores import Chore
from voicechanger.infra.queue.names import LIGHT_QUEUE, REFINE_VOICE, SPEECH_QUEUE, TIDY_VOICE
from voicechanger.infra.services import Services
from voicechanger.kit.database import lock_account, now
from voicechanger.kit.errors import NotFound, Unavailable
from voicechanger.tts.cloning.refinement import Refinement
from voicechanger.tts.errors import InferenceError
from voicechanger.tts.voice import Voice

log = structlog.get_logger()

blueprint = procrastinate.Blueprint()

_PRIORITY: Final = -1_000
"""Behind everything that somebody waits for."""
_ORPHAN_AGE: Final = timedelta(minutes=5)
_AGAIN: Final = 5.0


async def begin(services: Services, session: AsyncSession, voice: CustomVoice) -> None:
    """Have a voice that has just become ready refined, in the transaction that makes it ready."""
    if services.settings.refine_voices:
        voice.refinement = {"status": "waiting"}
        await have_done(services, session, voice, REFINE_VOICE, _PRIORITY)


async def begin_anew(services: Services, account_id: uuid.UUID, voice_id: uuid.UUID, encoder_version: str) -> None:
    """Have a voice refined again that another encoder refined; until that is done it speaks as it did."""
    async with services.database.transaction() as session:
        await lock_account(session, account_id)
        voice = await store.voice_for_update(session, account_id, voice_id)
        if voice is None or voice.refined_voiceprint is None or (voice.refinement or {}).get("status") != "better":
            return
        if Voice.from_bytes(voice.refined_voiceprint).encoder_version != encoder_version:
            await begin(services, session, voice)


@blueprint.task(name=REFINE_VOICE, queue=SPEECH_QUEUE, retry=RetryWhenAsked(), pass_context=True)
async def refine(context: procrastinate.JobContext, account_id: str, voice_id: str, clip_sha256: str) -> None:
    """One round for one voice, unless it was changed or deleted meanwhile."""
    runtime, who, which = runtime_of(context), uuid.UUID(account_id), uuid.UUID(voice_id)
    async with runtime.services.database.transaction() as session:
        voice = await store.voice_of(session, who, which)
    if voice is None or voice.clip_sha256 != clip_sha256 or not unfinished(voice):
        return
    with structlog.contextvars.bound_contextvars(voice_id=voice_id):
        await _round(runtime, voice)


def unfinished(voice: CustomVoice) -> bool:
    """Whether rounds are left to do."""
    return voice.status == "ready" and voice.refinement is not None and voice.refinement["status"] == "waiting"


async def _round(runtime: Runtime, voice: CustomVoice) -> None:
    so_far = _so_far(voice, runtime.engine.encoder_version)
    try:
        refinement, best = await _work(runtime, voice, so_far)
    except asyncio.CancelledError:
        raise TryAgain from None
    except NotFound as error:
        await _fail(runtime, voice, so_far, "clip_gone", error.message)
    except InferenceError as error:
        await _fail(runtime, voice, so_far, error.code, error.message)
    except (OSError, Unavailable, OperationalError) as error:
        raise TryAgain(_AGAIN) from error
    except Exception as error:
        # the sweeper would have the same round done again and again
        await _fail(runtime, voice, so_far, "internal_error", repr(error))
        raise
    else:
        await _keep(runtime, voice, so_far, _record(refinement), best if refinement.better else None)


async def _fail(runtime: Runtime, voice: CustomVoice, so_far: Refinement | None, code: str, message: str) -> None:
    """End the rounds; the voice stays as it was learned, for it was ready before."""
    log.warning("refinement_failed", code=code, error=message)
    await _keep(runtime, voice, so_far, {"status": "failed", "code": code}, None)


async def _work(runtime: Runtime, voice: CustomVoice, so_far: Refinement | None) -> tuple[Refinement, Voice]:
    samples, rate = await stored_clip(runtime.services.storage, voice.clip_key)
    working = asyncio.ensure_future(asyncio.to_thread(runtime.engine.refine, samples, rate, so_far))
    try:
        return await asyncio.shield(working)
    finally:
        # the engine takes one call at a time: whoever comes next waits for this round
        await asyncio.wait({working})


def _so_far(voice: CustomVoice, encoder_version: str) -> Refinement | None:
    """What earlier rounds found; None for the first, and after the encoder or the way of refining was changed."""
    state = (voice.refinement or {}).get("state")
    try:
        found = Refinement.from_json(state) if state else None
    except TypeError:
        return None
    return found if found is not None and found.encoder_version == encoder_version else None


def _record(refinement: Refinement) -> dict[str, Any]:
    status = ("better" if refinement.better else "no_better") if refinement.done else "waiting"
    return {"status": status, "state": refinement.to_json()}


async def _keep(
    runtime: Runtime, seen: CustomVoice, so_far: Refinement | None, record: dict[str, Any], best: Voice | None
) -> None:
    """One transaction: what the round found, and the next round, or the better voice and its preview."""
    services = runtime.services
    async with services.database.transaction() as session:
        await lock_account(session, seen.account_id)
        voice = await store.voice_for_update(session, seen.account_id, seen.id)
        if voice is None or voice.clip_sha256 != seen.clip_sha256 or not unfinished(voice):
            return
        if _so_far(voice, runtime.engine.encoder_version) != so_far:
            return  # another worker has done this round
        voice.refinement, voice.updated_at = record, now()
        if record["status"] == "waiting":
            await have_done(services, session, voice, REFINE_VOICE, _PRIORITY)
        elif record["status"] == "better" and best is not None:
            voice.refined_voiceprint = best.to_bytes()
            await _preview_anew(services, session, voice)
        elif record["status"] == "no_better" and voice.refined_voiceprint is not None:
            # what an older encoder had bettered is no better than what this one hears at once
            voice.refined_voiceprint = None
            await _preview_anew(services, session, voice)
    if record["status"] != "waiting":
        log.info("voice_refined", status=record["status"])


async def _preview_anew(services: Services, session: AsyncSession, voice: CustomVoice) -> None:
    """The preview must be the voice that jobs will speak with."""
    if voice.preview_job_id is None:
        return
    job_id = uuid.uuid4()
    old, voice.preview_key, voice.preview_job_id = voice.preview_key, None, job_id
    await session.flush()
    await previews.accept(services, session, preview_of(voice, job_id))
    if old:
        files: dict[str, Any] = {"keys": [old], "clip_key": None, "clip_sha256": None}
        await services.queue.enqueue(session, TIDY_VOICE, LIGHT_QUEUE, account_id=str(voice.account_id), **files)


def enqueue_lost(services: Services) -> Chore:
    """Put voices with rounds left and no queue entry back into the queue."""

    async def chore(session: AsyncSession) -> None:
        for voice in await store.lost_refinements(session, now() - _ORPHAN_AGE, REFINE_VOICE):
            log.warning("refinement_enqueued_again", voice_id=str(voice.id))
            await have_done(services, session, voice, REFINE_VOICE, _PRIORITY)

    return chore
