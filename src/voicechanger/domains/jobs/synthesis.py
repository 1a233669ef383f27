"""One attempt at a job: clip → voice profile → utterances → samples → encoded file in storage."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from voicechanger.domains.clips.profiles import profile_for
from voicechanger.domains.jobs import store
from voicechanger.domains.jobs.keys import parts_prefix, result_key
from voicechanger.domains.jobs.parts import StoredParts, StreamedBytes
from voicechanger.domains.jobs.tables import Job, JobKind, JobMode
from voicechanger.domains.runtime import Runtime
from voicechanger.infra.queue.app import notify_job
from voicechanger.kit.scratch import scratch_folder
from voicechanger.tts.audio.formats import FORMATS
from voicechanger.tts.engine import SpeedTarget
from voicechanger.tts.errors import ClipError, SynthesisError
from voicechanger.tts.synthesize import SpeechResult, synthesize
from voicechanger.tts.text.script_writer import write_script
from voicechanger.tts.voice import Voice

_PROGRESS_SECONDS = 1.0
"""How often progress is written and the lease checked."""
_RESUMABLE_CHARACTERS = 1_000
"""Texts of about a minute and more keep their finished utterances, so that another worker can resume."""


class LeaseLost(Exception):
    """The job was canceled, deleted or handed to another worker."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A finished recording in storage."""

    key: str
    timestamps_key: str
    leftovers: tuple[str, ...]
    """Folders that are of no use once the job is completed: the utterances stored for a resumption."""
    size: int
    """Bytes."""
    result: SpeechResult

    def describe(self, row: Job) -> None:
        """Write the recording's facts to its job."""
        row.result_key, row.result_bytes, row.timestamps_key = self.key, self.size, self.timestamps_key
        row.duration_seconds = self.result.seconds
        row.effective_speed = self.result.effective_speed
        row.detected_languages = list(self.result.languages)
        row.notices = list(self.result.notices)


async def synthesize_job(runtime: Runtime, job: Job) -> Recording:
    """Make the recording of a claimed job and store it.

    LeaseLost when the lease is gone; InferenceError for what cannot be spoken; ProductError, OSError or
    OperationalError for what may work later.
    """
    assert job.lease_token is not None
    voice = await _voice(runtime, job)
    form = FORMATS[job.format]
    key = result_key(job.account_id, job.id, job.lease_token, form.extension)
    timestamps_key = result_key(job.account_id, job.id, job.lease_token, "json")
    with scratch_folder("job") as folder:
        path = folder / f"speech.{form.extension}"
        result = await _run_model(runtime, job, voice, path)
        await _hand_over_preview(runtime, job, path)
        size = path.stat().st_size
        filename = f"speech-{str(job.id)[:8]}.{form.extension}"
        await runtime.services.storage.put_file(key, path, form.mime_type, filename)
    await runtime.services.storage.put_bytes(timestamps_key, _timestamps(result))
    leftovers = (parts_prefix(job.account_id, job.id),) if _is_resumable(job) else ()
    return Recording(key, timestamps_key, leftovers, size, result)


async def _voice(runtime: Runtime, job: Job) -> Voice:
    """Return the voice profile of the job's clip."""
    voice = await profile_for(runtime, job.account_id, job.clip_sha256, job.clip_key)
    version = runtime.engine.encoder_version
    if job.custom_voice_id is not None and voice.encoder_version != version:
        await runtime.hooks.profile_outdated(runtime.services, job.account_id, job.custom_voice_id, version)
    return voice


async def _hand_over_preview(runtime: Runtime, job: Job, path: Path) -> None:
    """Give a preview's recording to its voice; ClipError when the voice no longer wants it."""
    if job.kind != JobKind.PREVIEW:
        return
    if not await runtime.hooks.preview_spoken(runtime.services, job.id, job.custom_voice_id, path):
        raise ClipError("voice_deleted", "The voice was deleted or changed before its preview was made.")


async def _run_model(runtime: Runtime, job: Job, voice: Voice, path: Path) -> SpeechResult:
    """Run the model in a thread; meanwhile write progress and check the lease."""
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
                await write_progress(runtime, job, share)
        return working.result()
    except TimeoutError as error:
        if working.done():
            raise
        raise SynthesisError("job_too_long", "The job took longer than this server allows.") from error
    finally:
        # the thread must end before the folder that it writes to is deleted
        stop.set()
        await asyncio.wait({working})


def _work(
    runtime: Runtime, job: Job, voice: Voice, path: Path, progress: Callable[[float], None]
) -> Callable[[], SpeechResult]:
    """Return what the thread runs."""
    services, loop = runtime.services, asyncio.get_running_loop()
    emit = StreamedBytes(services, loop, job.account_id, job.id).emit if job.mode == JobMode.STREAM else None
    parts = StoredParts(services, loop, parts_prefix(job.account_id, job.id)) if _is_resumable(job) else None

    def work() -> SpeechResult:
        assert job.text is not None
        script = write_script(job.text, job.language, lexicon=job.lexicon)
        target = SpeedTarget(job.speed, job.duration)
        return synthesize(runtime.engine, script, voice, target, path, job.format, progress, parts=parts, emit=emit)

    return work


def _is_resumable(job: Job) -> bool:
    """Whether finished utterances are stored, so that another worker can resume after them."""
    return job.mode != JobMode.STREAM and job.characters >= _RESUMABLE_CHARACTERS


async def write_progress(runtime: Runtime, job: Job, share: float) -> None:
    """Write the share done, 0 to 1; LeaseLost when another worker holds the job."""
    assert job.lease_token is not None
    async with runtime.services.database.transaction() as session:
        if not await store.note_progress(session, job.id, job.lease_token, round(share, 4)):
            raise LeaseLost
        await notify_job(session, job.id)


def _timestamps(result: SpeechResult) -> bytes:
    return json.dumps(
        {
            "words": [asdict(word) for word in result.words],
            "sentences": result.sentences,
            "seconds": result.seconds,
        },
        ensure_ascii=False,
    ).encode()
