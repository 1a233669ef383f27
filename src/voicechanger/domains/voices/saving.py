"""Saving, changing and deleting custom voices.  Knows no HTTP.

Files are stored before the transaction that names them, and removed after the one that forgets them; a task in the
same transaction removes them again in case the process is lost in between.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from voicechanger.domains.clips.upload import ClipReport, checked_clip, store_clip
from voicechanger.domains.jobs import previews
from voicechanger.domains.voices import store
from voicechanger.domains.voices.forms import NewVoice, VoiceChange
from voicechanger.domains.voices.portraits import PORTRAIT_MIME, portrait_of
from voicechanger.domains.voices.service import forget_clip, have_done
from voicechanger.domains.voices.tables import CustomVoice
from voicechanger.infra.queue.names import ENROL_VOICE, LIGHT_QUEUE, TIDY_VOICE
from voicechanger.infra.services import Services
from voicechanger.kit.caller import Caller
from voicechanger.kit.database import lock_account, now
from voicechanger.kit.errors import Conflict, NotFound
from voicechanger.kit.paging import decode_cursor, encode_cursor

_ENROL_PRIORITY: Final = 500
"""Enrolment takes a second or two and somebody waits for it: before jobs, behind live listeners."""
_CLIP_DELAY: Final = 30.0
"""Seconds that a replaced clip stays for requests that have just read its key."""


@dataclass(frozen=True, slots=True)
class _Files:
    """What was uploaded, checked and stored."""

    clip_key: str | None
    report: ClipReport | None
    image_key: str | None


async def find(services: Services, caller: Caller, voice_id: uuid.UUID) -> CustomVoice:
    """A voice of the caller; NotFound for any other account's."""
    async with services.database.transaction() as session:
        voice = await store.voice_of(session, caller.account_id, voice_id)
    return _existing(voice)


async def page_of(
    services: Services, caller: Caller, *, q: str, limit: int, cursor: str | None
) -> tuple[list[CustomVoice], str | None]:
    """Voices of the caller, the newest first, and the cursor of the next page."""
    async with services.database.transaction() as session:
        found = await store.page_of(session, caller.account_id, q=q, limit=limit + 1, after=decode_cursor(cursor))
    page = found[:limit]
    return page, encode_cursor(page[-1].created_at, page[-1].id) if len(found) > limit else None


async def create(
    services: Services, caller: Caller, wanted: NewVoice, within: Callable[[AsyncSession, CustomVoice], Awaitable[None]]
) -> CustomVoice:
    """Save a voice and have it learned; nothing is written when its recording or picture is refused.

    `within` runs in the transaction that writes the voice.
    """
    async with services.database.transaction() as session:
        await _check_room(services, session, caller.account_id)
        await _check_name(session, caller.account_id, wanted.name)
    async with _stored(services, caller.account_id, wanted.ref_audio, wanted.image) as files:
        assert files.clip_key is not None and files.report is not None
        voice = CustomVoice(
            id=uuid.uuid4(),
            account_id=caller.account_id,
            name=wanted.name,
            status="processing",
            clip_key=files.clip_key,
            clip_sha256=files.report.sha256,
            clip_report=files.report.model_dump(),
            consent=_consent_record(caller, wanted.consent),
            image_key=files.image_key,
            # the job's id is given out now and says that a preview is wanted; the job follows when the voice is ready
            preview_job_id=uuid.uuid4() if wanted.generate_preview else None,
        )
        async with services.database.transaction() as session:
            await lock_account(session, caller.account_id)
            await _check_room(services, session, caller.account_id)
            await _check_name(session, caller.account_id, wanted.name)
            session.add(voice)
            await session.flush()
            await have_done(services, session, voice, ENROL_VOICE, _ENROL_PRIORITY)
            await within(session, voice)
    return voice


async def change(services: Services, caller: Caller, voice_id: uuid.UUID, wanted: VoiceChange) -> CustomVoice:
    """Change a voice; a new recording is learned anew, and open jobs keep the one that they were accepted with."""
    await find(services, caller, voice_id)
    async with (
        _stored(services, caller.account_id, wanted.ref_audio, wanted.image) as files,
        services.database.transaction() as session,
    ):
        await lock_account(session, caller.account_id)
        voice = _existing(await store.voice_for_update(session, caller.account_id, voice_id))
        if wanted.name is not None:
            await _check_name(session, caller.account_id, wanted.name, besides=voice_id)
            voice.name = wanted.name
        dropped = [voice.image_key] if files.image_key is not None else []
        voice.image_key = files.image_key or voice.image_key
        if files.clip_key is not None and files.report is not None:
            dropped.append(voice.preview_key)
            await _replace_clip(services, session, voice, files.clip_key, files.report)
            voice.consent = _consent_record(caller, wanted.consent) or _replaced(voice.consent)
        gone = [key for key in dropped if key]
        if gone:
            await _tidy_later(services, session, caller.account_id, gone)
        voice.updated_at = now()
    await _remove(services, gone)
    return voice


async def delete(services: Services, caller: Caller, voice_id: uuid.UUID) -> None:
    """Delete a voice for good: its files, its voiceprint; jobs that have not begun to speak fail as voice_deleted."""
    async with services.database.transaction() as session:
        voice = _existing(await store.voice_for_update(session, caller.account_id, voice_id))
        gone = [key for key in (voice.clip_key, voice.image_key, voice.preview_key) if key]
        await previews.forget_voice(session, caller.account_id, voice_id)
        await session.delete(voice)
        await session.flush()
        if not await previews.clip_used(session, caller.account_id, voice.clip_sha256):
            await forget_clip(session, caller.account_id, voice.clip_sha256)
        await _tidy_later(services, session, caller.account_id, gone)
    await _remove(services, gone)


@asynccontextmanager
async def _stored(
    services: Services, account_id: uuid.UUID, clips: Sequence[UploadFile], image: UploadFile | None
) -> AsyncGenerator[_Files]:
    """Check uploads and store them; they are removed again when the block fails."""
    portrait = await portrait_of(image, services.settings) if image is not None else None
    clip_key, report, image_key = None, None, None
    try:
        if clips:
            async with checked_clip(clips, services.settings, "ref_audio") as checked:
                clip_key, report = await store_clip(services.storage, account_id, checked), checked.report
        if portrait is not None:
            image_key = await _store_portrait(services, account_id, portrait)
        yield _Files(clip_key, report, image_key)
    except BaseException:
        await _remove(services, [key for key in (clip_key, image_key) if key])
        raise


async def _store_portrait(services: Services, account_id: uuid.UUID, portrait: bytes) -> str:
    key = f"portraits/{account_id}/{uuid.uuid4()}.webp"
    with TemporaryDirectory(prefix="voicechanger-portrait-") as folder:
        path = Path(folder) / "portrait.webp"
        path.write_bytes(portrait)
        await services.storage.put_file(key, path, PORTRAIT_MIME, "portrait.webp")
    return key


async def _replace_clip(
    services: Services, session: AsyncSession, voice: CustomVoice, clip_key: str, report: ClipReport
) -> None:
    old_key, old_sha256 = voice.clip_key, voice.clip_sha256
    voice.clip_key, voice.clip_sha256, voice.clip_report = clip_key, report.sha256, report.model_dump()
    voice.status, voice.failure_code, voice.failure_message = "processing", None, None
    voice.refined_voiceprint, voice.refinement, voice.preview_key = None, None, None
    voice.preview_job_id = uuid.uuid4() if voice.preview_job_id is not None else None
    await session.flush()
    await have_done(services, session, voice, ENROL_VOICE, _ENROL_PRIORITY)
    await services.queue.enqueue(
        session,
        TIDY_VOICE,
        LIGHT_QUEUE,
        delay_seconds=_CLIP_DELAY,
        account_id=str(voice.account_id),
        keys=[],
        clip_key=old_key,
        clip_sha256=old_sha256,
    )


async def _tidy_later(services: Services, session: AsyncSession, account_id: uuid.UUID, keys: list[str]) -> None:
    await services.queue.enqueue(
        session, TIDY_VOICE, LIGHT_QUEUE, account_id=str(account_id), keys=keys, clip_key=None, clip_sha256=None
    )


async def _remove(services: Services, keys: list[str]) -> None:
    for key in keys:
        await services.storage.delete(key)


async def _check_room(services: Services, session: AsyncSession, account_id: uuid.UUID) -> None:
    limit = services.settings.max_voices
    if await store.count(session, account_id) >= limit:
        raise Conflict(
            f"This account has {limit} voices and may have no more; delete one.", code="too_many_voices", limit=limit
        )


async def _check_name(
    session: AsyncSession, account_id: uuid.UUID, name: str, *, besides: uuid.UUID | None = None
) -> None:
    # compared here, for the database's idea of lower case depends on its locale
    taken = {other.casefold() for other in await store.names_of(session, account_id, besides=besides)}
    if name.casefold() in taken:
        raise Conflict("Another of your voices has this name; choose a different one.", code="voice_name_taken")


def _existing(voice: CustomVoice | None) -> CustomVoice:
    if voice is None:
        raise NotFound("There is no such voice.", code="voice_not_found")
    return voice


def _consent_record(caller: Caller, statement: str | None) -> dict[str, Any] | None:
    """Who stated what and when."""
    if statement is None:
        return None
    return {
        "statement": statement,
        "given_at": now().isoformat(),
        "key_id": str(caller.key_id) if caller.key_id else None,
        "by": "api_key" if caller.key_id else "dashboard",
    }


def _replaced(consent: dict[str, Any] | None) -> dict[str, Any] | None:
    """The record of a voice whose recording was replaced without a new statement: it says so."""
    return None if consent is None else {**consent, "recording_replaced_at": now().isoformat()}
