"""Rules of custom voices: find, save, change, delete.  Knows no HTTP.

Files are stored before the transaction that names them, and deleted after the one that stops naming them.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.clips import service as clips
from voicechanger.domains.clips.service import StoredClip
from voicechanger.domains.jobs import previews as jobs
from voicechanger.domains.jobs.acceptance import FindReference, Reference, check_means
from voicechanger.domains.jobs.request import SpeechRequest
from voicechanger.domains.voices import store
from voicechanger.domains.voices.forms import NewVoice, VoiceChange
from voicechanger.domains.voices.tables import CustomVoice, VoiceStatus
from voicechanger.domains.voices.uploads import stored_files
from voicechanger.infra.container import Services
from voicechanger.infra.queue.names import ENROL_VOICE, SPEECH_QUEUE
from voicechanger.infra.storage.removal import Removal, removing
from voicechanger.kit.caller import Caller
from voicechanger.kit.database import lock_account, now
from voicechanger.kit.errors import Conflict, NotFound
from voicechanger.kit.paging import Page, newest_first, paginate

_ENROL_PRIORITY: Final = 500
"""Enrolment takes a second or two and somebody waits for it: before jobs, behind streams."""


def reference_to(caller: Caller, voice_id: uuid.UUID) -> FindReference:
    """Return what finds the clip of a saved voice in the transaction that accepts a job.

    NotFound for voices of other accounts, Conflict for a voice whose enrolment failed.
    """

    async def find_reference(session: AsyncSession) -> Reference:
        voice = _existing(await store.voice_for_share(session, caller.account_id, voice_id))
        if voice.status == VoiceStatus.FAILED:
            reason = f"This voice could not be made: {voice.failure_message}; replace its clip."
            raise Conflict(reason, code="voice_failed")
        return Reference(voice.clip_key, voice.clip_sha256, voice.id)

    return find_reference


@asynccontextmanager
async def reference_of(services: Services, caller: Caller, request: SpeechRequest) -> AsyncGenerator[FindReference]:
    """Provide the reference of a request while its job is accepted: a saved voice, or the upload, checked and stored.

    ClipRefused for an unusable upload.
    """
    if request.custom_voice_id is not None:
        yield reference_to(caller, request.custom_voice_id)
        return
    assert request.audio_ref is not None
    await check_means(services, caller, request)
    async with clips.stored_upload(services, caller.account_id, [request.audio_ref], "audio_ref") as clip:

        async def find_reference(session: AsyncSession) -> Reference:
            return Reference(clip.key, clip.sha256)

        yield find_reference


async def find(services: Services, caller: Caller, voice_id: uuid.UUID) -> CustomVoice:
    """Return a voice of the caller; NotFound for those of other accounts."""
    async with services.database.transaction() as session:
        voice = await store.voice_of(session, caller.account_id, voice_id)
    return _existing(voice)


async def page_of(services: Services, caller: Caller, *, q: str, limit: int, cursor: str | None) -> Page[CustomVoice]:
    """Return a page of the caller's voices, newest first."""
    async with services.database.transaction() as session:
        return await paginate(session, store.listed(caller.account_id, q), newest_first(CustomVoice), limit, cursor)


async def voices_of(session: AsyncSession, account_id: uuid.UUID) -> list[CustomVoice]:
    """Return every voice of an account, failed ones included, by name."""
    return await store.voices_of(session, account_id)


async def all_voices(session: AsyncSession, account_id: uuid.UUID) -> list[CustomVoice]:
    """Return every voice of an account that can speak or soon will, by name."""
    return [voice for voice in await store.voices_of(session, account_id) if voice.status != VoiceStatus.FAILED]


async def voice_named(session: AsyncSession, account_id: uuid.UUID, name: str) -> CustomVoice | None:
    """Return the voice of an account with this name, in any case."""
    wanted = name.strip().casefold()
    return next((v for v in await all_voices(session, account_id) if v.name.casefold() == wanted), None)


async def create(
    services: Services, caller: Caller, wanted: NewVoice, within: Callable[[AsyncSession, CustomVoice], Awaitable[None]]
) -> CustomVoice:
    """Save a voice and enqueue its enrolment; nothing is written when its recording or picture is refused.

    `within` runs in the transaction that writes the voice.
    """
    async with services.database.transaction() as session:
        await _check_room(services, session, caller.account_id)
        await _check_name(session, caller.account_id, wanted.name)
    async with stored_files(services, caller.account_id, wanted.ref_audio, wanted.image) as files:
        assert files.clip is not None
        voice = CustomVoice(
            id=uuid.uuid4(),
            account_id=caller.account_id,
            name=wanted.name,
            status=VoiceStatus.PROCESSING,
            clip_key=files.clip.key,
            clip_sha256=files.clip.sha256,
            clip_report=files.clip.report.to_json(),
            consent=_consent_record(caller, wanted.consent),
            image_key=files.image_key,
            # an id now, so that the answer can name the job; the job itself follows when the voice is ready
            preview_job_id=uuid.uuid4() if wanted.generate_preview else None,
            refinement=None,
        )
        async with services.database.transaction() as session:
            await lock_account(session, caller.account_id)
            await _check_room(services, session, caller.account_id)
            await _check_name(session, caller.account_id, wanted.name)
            session.add(voice)
            await session.flush()
            await clips.acquire(session, voice.account_id, voice.clip_key, voice.clip_sha256, voice.id)
            await enqueue_voice_task(services, session, voice, ENROL_VOICE, _ENROL_PRIORITY)
            await within(session, voice)
    return voice


async def change(services: Services, caller: Caller, voice_id: uuid.UUID, wanted: VoiceChange) -> CustomVoice:
    """Change a voice; a new recording is enrolled anew, and open jobs keep the one that they were accepted with."""
    await find(services, caller, voice_id)
    async with (
        stored_files(services, caller.account_id, wanted.ref_audio, wanted.image) as files,
        removing(services) as (session, removal),
    ):
        await lock_account(session, caller.account_id)
        voice = _existing(await store.voice_for_update(session, caller.account_id, voice_id))
        if wanted.name is not None:
            await _check_name(session, caller.account_id, wanted.name, besides=voice_id)
            voice.name = wanted.name
        if files.image_key is not None:
            removal.add(voice.image_key)
            voice.image_key = files.image_key
        if files.clip is not None:
            await _replace_clip(services, session, removal, voice, files.clip)
            voice.consent = _consent_record(caller, wanted.consent) or _replaced(voice.consent)
        voice.updated_at = now()
    return voice


async def delete(services: Services, caller: Caller, voice_id: uuid.UUID) -> None:
    """Delete a voice for good, with its files and voice profile; its jobs that have not begun will fail."""
    async with removing(services) as (session, removal):
        await lock_account(session, caller.account_id)
        voice = _existing(await store.voice_for_update(session, caller.account_id, voice_id))
        removal.add(voice.image_key, voice.preview_key)
        await jobs.drop_voice(services, session, caller.account_id, voice_id)
        await clips.release(session, removal, voice.clip_key, voice.id)
        await session.delete(voice)


async def enqueue_voice_task(
    services: Services, session: AsyncSession, voice: CustomVoice, task: str, priority: int = 0
) -> None:
    """Enqueue a task for a voice and its present clip, in the caller's transaction."""
    await services.queue.enqueue(
        session,
        task,
        SPEECH_QUEUE,
        priority=priority,
        account_id=str(voice.account_id),
        voice_id=str(voice.id),
        clip_sha256=voice.clip_sha256,
    )


async def _replace_clip(
    services: Services, session: AsyncSession, removal: Removal, voice: CustomVoice, clip: StoredClip
) -> None:
    await clips.acquire(session, voice.account_id, clip.key, clip.sha256, voice.id)
    await clips.release(session, removal, voice.clip_key, voice.id)
    removal.add(voice.preview_key)
    voice.clip_key, voice.clip_sha256, voice.clip_report = clip.key, clip.sha256, clip.report.to_json()
    voice.status, voice.failure_code, voice.failure_message = VoiceStatus.PROCESSING, None, None
    voice.refinement, voice.preview_key = None, None
    voice.preview_job_id = uuid.uuid4() if voice.preview_job_id is not None else None
    await session.flush()
    await enqueue_voice_task(services, session, voice, ENROL_VOICE, _ENROL_PRIORITY)


async def _check_room(services: Services, session: AsyncSession, account_id: uuid.UUID) -> None:
    limit = services.settings.max_voices
    if await store.count(session, account_id) >= limit:
        raise Conflict(
            f"This account has {limit} voices and may have no more; delete one.", code="too_many_voices", limit=limit
        )


async def _check_name(
    session: AsyncSession, account_id: uuid.UUID, name: str, *, besides: uuid.UUID | None = None
) -> None:
    # compared here, because the database's idea of lower case depends on its locale
    taken = {other.casefold() for other in await store.names_of(session, account_id, besides=besides)}
    if name.casefold() in taken:
        raise Conflict("Another of your voices has this name; choose a different one.", code="voice_name_taken")


def _existing(voice: CustomVoice | None) -> CustomVoice:
    if voice is None:
        raise NotFound("There is no such voice.", code="voice_not_found")
    return voice


def _consent_record(caller: Caller, statement: str | None) -> dict[str, Any] | None:
    """Return who stated what and when; None without a statement."""
    if statement is None:
        return None
    return {
        "statement": statement,
        "given_at": now().isoformat(),
        "key_id": str(caller.key_id) if caller.key_id else None,
        "by": "api_key" if caller.key_id else "dashboard",
    }


def _replaced(consent: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the record of a voice whose recording was replaced without a new statement: it says so."""
    return None if consent is None else {**consent, "recording_replaced_at": now().isoformat()}
