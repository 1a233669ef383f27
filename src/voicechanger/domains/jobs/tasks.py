"""What a worker runs: one job from claim to result.

Every write names the lease token of this attempt.  A worker that was taken for dead, or whose job was canceled,
finds the token changed, stops, and can neither overwrite a result nor settle credits twice.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
import uuid
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import procrastinate
import structlog
from sqlalchemy.exc import OperationalError

from voicechanger.domains.credits import service as credits
from voicechanger.domains.jobs import service, store
from voicechanger.domains.jobs.events import tell_ended
from voicechanger.domains.jobs.failures import told
from voicechanger.domains.jobs.keys import parts_prefix
from voicechanger.domains.jobs.parts import StoredParts, StreamedBytes
from voicechanger.domains.jobs.tables import Job
from voicechanger.domains.runtime import Runtime, runtime_of
from voicechanger.domains.voices.service import keep_preview
from voicechanger.domains.voices.tasks import voice_for_clip
from voicechanger.infra.queue.app import RetryWhenAsked, TryAgain, notify_job
from voicechanger.infra.queue.names import RUN_SPEECH, SPEECH_QUEUE
from voicechanger.kit.database import now
from voicechanger.kit.errors import NotFound, ProductError
from voicechanger.tts.audio.formats import FORMATS
from voicechanger.tts.engine import Pace
from voicechanger.tts.errors import ClipError, InferenceError, SynthesisError
from voicechanger.tts.synthesize import Narration, narrate
from voicechanger.tts.text.script_writer import write_script
from voicechanger.tts.voice import Voice

log = structlog.get_logger()

blueprint = procrastinate.Blueprint()

_PROGRESS_SECONDS = 1.0
"""How often progress is written and the lease looked at."""
_RESUMABLE_CHARACTERS = 1_000
"""Texts of about a minute and more keep their finished utterances, so that another worker can go on with them."""


class LeaseLost(Exception):
    """The job is no longer ours: canceled, deleted, or handed to another worker."""


@blueprint.task(name=RUN_SPEECH, queue=SPEECH_QUEUE, retry=RetryWhenAsked(), pass_context=True)
async def run_speech(context: procrastinate.JobContext, job_id: str) -> None:
    """Speak one job; every way out leaves it ended, or queued again, with its credits whole."""
    runtime = runtime_of(context)
    async with runtime.services.database.transaction() as session:
        job = await store.claim(session, uuid.UUID(job_id))
        if job is not None:
            await notify_job(session, job.id)
    if job is None:
        return
    with structlog.contextvars.bound_contextvars(job_id=job_id, attempt=job.attempt):
        await _attempt(runtime, job)


async def _attempt(runtime: Runtime, job: Job) -> None:
    if job.mode == "stream" and job.attempt > 1:
        await _fail(runtime, job, "stream_interrupted", "The worker that streamed this job was lost.", 500)
        return
    if job.attempt > runtime.services.settings.job_max_attempts:
        await _fail(runtime, job, "worker_lost", "The job was started several times and never finished.", 500)
        return
    try:
        await _speak(runtime, job)
    except LeaseLost:
        log.info("lease_lost")
    except asyncio.CancelledError:
        # the worker is being stopped: another one takes the job up at once
        await asyncio.shield(_give_back(runtime, job, count_attempt=False))
        raise TryAgain from None
    except InferenceError as error:
        await _fail_with(runtime, job, error)
    except ProductError as error:
        await _again_or_fail(runtime, job, error.code, error.message, error)
    except (OSError, OperationalError) as error:
        # a full disk, a lost database: worth another try, later
        code = "disk_full" if isinstance(error, OSError) else "database_unavailable"
        await _again_or_fail(runtime, job, code, "The server could not write the result.", error)
    except Exception:
        # told to the caller, logged, settled: nothing is swallowed, and the worker lives on
        log.exception("speech_failed")
        await _fail(runtime, job, "synthesis_failed", "The speech could not be made; this is our fault.", 500)


async def _speak(runtime: Runtime, job: Job) -> None:
    assert job.lease_token is not None and job.text is not None
    voice = await voice_for_clip(runtime, job.account_id, job.clip_sha256, job.clip_key, job.custom_voice_id)
    form = FORMATS[job.format]
    with tempfile.TemporaryDirectory(prefix="voicechanger-job-") as folder:
        path = Path(folder) / f"speech.{form.extension}"
        narration = await _narrate(runtime, job, voice, path)
        if job.kind == "preview" and not await keep_preview(runtime.services, job.custom_voice_id, job.id, path):
            raise ClipError("voice_deleted", "The voice was deleted or changed before its preview was made.")
        # the key holds the lease token: a worker taken for dead writes beside the result, never over it
        key = f"results/{job.account_id}/{job.id}/{job.lease_token}.{form.extension}"
        size = path.stat().st_size
        filename = f"speech-{str(job.id)[:8]}.{form.extension}"
        await runtime.services.storage.put_file(key, path, form.mime_type, filename)
    timestamps_key = f"results/{job.account_id}/{job.id}/{job.lease_token}.json"
    await runtime.services.storage.put_bytes(timestamps_key, _timestamps(narration))
    try:
        await _complete(runtime, job, narration, key, size, timestamps_key)
    except LeaseLost:
        await runtime.services.storage.delete(key)
        await runtime.services.storage.delete(timestamps_key)
        raise


async def _narrate(runtime: Runtime, job: Job, voice: Voice, path: Path) -> Narration:
    """Run the model in a thread; meanwhile write progress and watch the lease."""
    stop = threading.Event()
    share = 0.0

    def progress(done: float) -> None:
        nonlocal share
        share = done
        if stop.is_set():
            raise LeaseLost

    working = asyncio.ensure_future(asyncio.to_thread(_work(runtime, job, voice, path, progress)))
    try:
        async with asyncio.timeout(runtime.services.settings.job_max_seconds):
            while not working.done():
                await asyncio.wait({working}, timeout=_PROGRESS_SECONDS)
                await _note(runtime, job, share)
        return working.result()
    except TimeoutError as error:
        if working.done():
            raise
        raise SynthesisError("job_too_long", "The job took longer than this server allows.") from error
    finally:
        # the thread must be done before the folder that it writes to goes
        stop.set()
        await asyncio.wait({working})


def _work(
    runtime: Runtime, job: Job, voice: Voice, path: Path, progress: Callable[[float], None]
) -> Callable[[], Narration]:
    """What the thread runs."""
    services, loop = runtime.services, asyncio.get_running_loop()
    emit = StreamedBytes(services, loop, job.account_id, job.id).emit if job.mode == "stream" else None
    long = job.mode != "stream" and job.characters >= _RESUMABLE_CHARACTERS
    parts = StoredParts(services, loop, parts_prefix(job.account_id, job.id)) if long else None

    def work() -> Narration:
        assert job.text is not None
        script = write_script(job.text, job.language, lexicon=job.lexicon)
        pace = Pace(job.speed, job.duration)
        return narrate(runtime.engine, script, voice, pace, path, job.format, progress, parts=parts, emit=emit)

    return work


async def _note(runtime: Runtime, job: Job, share: float) -> None:
    assert job.lease_token is not None
    async with runtime.services.database.transaction() as session:
        if not await store.note_progress(session, job.id, job.lease_token, round(share, 4)):
            raise LeaseLost
        await notify_job(session, job.id)


async def _complete(runtime: Runtime, job: Job, narration: Narration, key: str, size: int, timestamps_key: str) -> None:
    """One transaction: job completed, credits settled, whoever waits told."""
    assert job.lease_token is not None
    async with runtime.services.database.transaction() as session:
        row = await store.held(session, job.id, job.lease_token)
        if row is None:
            raise LeaseLost
        row.status, row.progress, row.finished_at = "completed", 1.0, now()
        row.result_key, row.result_bytes, row.timestamps_key = key, size, timestamps_key
        row.result_expires_at = service.expiry(runtime.services)
        row.duration_seconds = narration.seconds
        row.effective_speed = narration.effective_speed
        row.detected_languages = list(narration.languages)
        row.notices = list(narration.notices)
        row.credits_charged = await credits.settle(
            session, job.id, characters=row.characters, seconds=narration.seconds
        )
        await tell_ended(runtime.services, session, row)
        await notify_job(session, job.id)
    # the result holds everything now
    await runtime.services.storage.delete_under(parts_prefix(job.account_id, job.id))
    log.info("speech_completed", seconds=round(narration.seconds, 2))


async def _fail_with(runtime: Runtime, job: Job, error: InferenceError) -> None:
    status, extra = told(error)
    if status == 500:
        log.error("speech_failed", code=error.code, error=error.message)
    await _fail(runtime, job, error.code, error.message, status, extra)


async def _fail(
    runtime: Runtime, job: Job, code: str, message: str, status: int, extra: dict[str, object] | None = None
) -> None:
    assert job.lease_token is not None
    async with runtime.services.database.transaction() as session:
        row = await store.held(session, job.id, job.lease_token)
        if row is None:
            return
        row.error_code, row.error_message, row.error_status, row.error_extra = code, message, status, extra or None
        await service.end_without_result(runtime.services, session, row, "failed")


async def _again_or_fail(runtime: Runtime, job: Job, code: str, message: str, error: Exception) -> None:
    log.warning("speech_interrupted", code=code, error=str(error))
    final = isinstance(error, NotFound) or job.attempt >= runtime.services.settings.job_max_attempts
    if final:
        await _fail(runtime, job, code, message, 500)
        return
    await _give_back(runtime, job, count_attempt=True)
    raise TryAgain(5.0 * job.attempt) from error


async def _give_back(runtime: Runtime, job: Job, *, count_attempt: bool) -> None:
    assert job.lease_token is not None
    async with runtime.services.database.transaction() as session:
        await store.give_back(session, job.id, job.lease_token, count_attempt=count_attempt)
        await notify_job(session, job.id)


def _timestamps(narration: Narration) -> bytes:
    return json.dumps(
        {
            "words": [asdict(word) for word in narration.words],
            "sentences": narration.sentences,
            "seconds": narration.seconds,
        },
        ensure_ascii=False,
    ).encode()
