"""Refinement, for workers: a ready voice is improved in rounds of some seconds, behind every job that waits.

A round is one queue entry of the lowest priority: between two rounds other work is served, and a worker that dies
loses one round.  The voice changes once, when the last round is done, and only if it became better.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import procrastinate
import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.clips import profiles
from voicechanger.domains.clips.recordings import stored_clip
from voicechanger.domains.runtime import Runtime, runtime_of
from voicechanger.domains.voices import store
from voicechanger.domains.voices.previews import renew_preview
from voicechanger.domains.voices.service import enqueue_voice_task
from voicechanger.domains.voices.tables import CustomVoice, RefinementRecord, RefinementStatus, VoiceStatus
from voicechanger.infra.container import Services
from voicechanger.infra.queue.app import RetryWhenAsked, TryAgain
from voicechanger.infra.queue.chores import Chore
from voicechanger.infra.queue.names import REFINE_VOICE, SPEECH_QUEUE
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
_RETRY_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one round came to."""

    status: RefinementStatus
    refinement: Refinement | None = None
    """None when the round failed."""
    best: Voice | None = None
    failure_code: str | None = None


async def begin(services: Services, session: AsyncSession, voice: CustomVoice) -> None:
    """Enqueue the refinement of a ready voice in the caller's transaction, if this server refines voices."""
    if services.settings.refine_voices:
        voice.refinement = RefinementRecord(status=RefinementStatus.WAITING)
        await session.flush()
        await enqueue_voice_task(services, session, voice, REFINE_VOICE, _PRIORITY)


async def begin_again(services: Services, account_id: uuid.UUID, voice_id: uuid.UUID, encoder_version: str) -> None:
    """Enqueue the refinement of a voice that another encoder refined; until it is done the voice speaks as before."""
    async with services.database.transaction() as session:
        await lock_account(session, account_id)
        voice = await store.voice_for_update(session, account_id, voice_id)
        if voice is None or voice.refinement is None or voice.refinement.status != RefinementStatus.BETTER:
            return
        if await profiles.refined_version(session, account_id, voice.clip_sha256) not in (None, encoder_version):
            voice.refinement = None
            await session.flush()
            await begin(services, session, voice)


@blueprint.task(name=REFINE_VOICE, queue=SPEECH_QUEUE, retry=RetryWhenAsked(), pass_context=True)
async def refine(context: procrastinate.JobContext, account_id: str, voice_id: str, clip_sha256: str) -> None:
    """Do one round for one voice, unless it was changed or deleted meanwhile."""
    runtime = runtime_of(context)
    async with runtime.services.database.transaction() as session:
        voice = await store.voice_of(session, uuid.UUID(account_id), uuid.UUID(voice_id))
        state = await store.refinement_state(session, uuid.UUID(voice_id))
    if voice is None or voice.clip_sha256 != clip_sha256 or not _has_rounds_left(voice):
        return
    with structlog.contextvars.bound_contextvars(voice_id=voice_id):
        await _round(runtime, voice, _state_of(state, runtime.engine.encoder_version))


def _has_rounds_left(voice: CustomVoice) -> bool:
    waiting = voice.refinement is not None and voice.refinement.status == RefinementStatus.WAITING
    return voice.status == VoiceStatus.READY and waiting


def _state_of(state: bytes | None, encoder_version: str) -> Refinement | None:
    """Return the result of earlier rounds; None for the first, and after the encoder or the method was changed."""
    try:
        found = Refinement.from_bytes(state) if state else None
    except (TypeError, ValueError):
        return None
    return found if found is not None and found.encoder_version == encoder_version else None


async def _round(runtime: Runtime, voice: CustomVoice, so_far: Refinement | None) -> None:
    try:
        refinement, best = await _work(runtime, voice, so_far)
    except asyncio.CancelledError:
        raise TryAgain from None
    except NotFound as error:
        await _fail(runtime, voice, so_far, "clip_gone", error.message)
    except InferenceError as error:
        await _fail(runtime, voice, so_far, error.code, error.message)
    except (OSError, Unavailable, OperationalError) as error:
        raise TryAgain(_RETRY_SECONDS) from error
    except Exception as error:
        # without this end the sweeper would enqueue the same round again and again
        await _fail(runtime, voice, so_far, "internal_error", type(error).__name__)
        raise
    else:
        await _keep(runtime, voice, so_far, _outcome(refinement, best))


async def _work(runtime: Runtime, voice: CustomVoice, so_far: Refinement | None) -> tuple[Refinement, Voice]:
    working = asyncio.ensure_future(_run_engine(runtime, voice, so_far))
    try:
        return await asyncio.shield(working)
    finally:
        # the thread cannot be interrupted: the next task waits for the end of this round
        await asyncio.wait({working})


async def _run_engine(runtime: Runtime, voice: CustomVoice, so_far: Refinement | None) -> tuple[Refinement, Voice]:
    """Run one round on the clip that the engine has kept from the last one, or on the stored one."""
    kept = await asyncio.to_thread(runtime.engine.refine_prepared, voice.clip_sha256, so_far)
    if kept is not None:
        return kept
    samples, rate = await stored_clip(runtime.services.storage, voice.clip_key)
    return await asyncio.to_thread(runtime.engine.refine, samples, rate, so_far)


def _outcome(refinement: Refinement, best: Voice) -> _Outcome:
    if not refinement.done:
        return _Outcome(RefinementStatus.WAITING, refinement)
    if refinement.better:
        return _Outcome(RefinementStatus.BETTER, refinement, best)
    return _Outcome(RefinementStatus.NO_BETTER, refinement)


async def _fail(runtime: Runtime, voice: CustomVoice, so_far: Refinement | None, code: str, message: str) -> None:
    """End the rounds; the voice was ready before and stays so."""
    log.warning("refinement_failed", code=code, error=message)
    await _keep(runtime, voice, so_far, _Outcome(RefinementStatus.FAILED, failure_code=code))


async def _keep(runtime: Runtime, seen: CustomVoice, so_far: Refinement | None, outcome: _Outcome) -> None:
    """Write a round's result in one transaction, with the next round or the refined profile and its preview."""
    services = runtime.services
    async with services.database.transaction() as session:
        await lock_account(session, seen.account_id)
        voice = await store.voice_for_update(session, seen.account_id, seen.id)
        if voice is None or voice.clip_sha256 != seen.clip_sha256 or not _has_rounds_left(voice):
            return
        state = await store.refinement_state(session, voice.id)
        if _state_of(state, runtime.engine.encoder_version) != so_far:
            return  # another worker has done this round
        _write(voice, outcome)
        await _follow_up(services, session, voice, outcome)
    if outcome.status != RefinementStatus.WAITING:
        log.info("voice_refined", status=outcome.status)


def _write(voice: CustomVoice, outcome: _Outcome) -> None:
    record = voice.refinement
    assert record is not None
    record.status, record.failure_code, voice.updated_at = outcome.status, outcome.failure_code, now()
    found = outcome.refinement
    if found is not None:
        record.rounds = found.rounds
        record.likeness_before, record.likeness_after = found.likeness_before, found.likeness_after
        record.state = found.to_bytes()


async def _follow_up(services: Services, session: AsyncSession, voice: CustomVoice, outcome: _Outcome) -> None:
    account_id, sha256 = voice.account_id, voice.clip_sha256
    if outcome.status == RefinementStatus.WAITING:
        await session.flush()
        await enqueue_voice_task(services, session, voice, REFINE_VOICE, _PRIORITY)
    elif outcome.best is not None:
        await profiles.keep_refined(session, account_id, sha256, outcome.best)
        await renew_preview(services, session, voice)
    elif outcome.status == RefinementStatus.NO_BETTER and await profiles.refined_version(session, account_id, sha256):
        # what an older encoder refined is no better than this encoder's one pass
        await profiles.drop_refined(session, account_id, sha256)
        await renew_preview(services, session, voice)


def enqueue_lost(services: Services) -> Chore:
    """Enqueue voices with rounds left that lost their queue entry."""

    async def chore(session: AsyncSession) -> None:
        for voice in await store.without_round(session, now() - _ORPHAN_AGE, REFINE_VOICE):
            log.warning("refinement_enqueued_again", voice_id=str(voice.id))
            await enqueue_voice_task(services, session, voice, REFINE_VOICE, _PRIORITY)

    return chore
