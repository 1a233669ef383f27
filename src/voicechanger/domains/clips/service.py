"""Rules of reference clips: who needs one, and when it goes."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from voicechanger.domains.clips import store
from voicechanger.domains.clips.upload import ClipLimits, checked_clip
from voicechanger.infra.container import Services
from voicechanger.infra.storage.removal import Removal
from voicechanger.tts.audio.clip_report import ClipReport

CLIP_MIME = "audio/flac"


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A checked clip whose file lies in storage; no row names it yet."""

    key: str
    sha256: str
    report: ClipReport


@asynccontextmanager
async def stored_upload(
    services: Services, account_id: uuid.UUID, uploads: Sequence[UploadFile], field: str
) -> AsyncGenerator[StoredClip]:
    """Check uploads of one speaker and store them as one clip; the file is deleted again when the block fails.

    ClipRefused names `field`; Unavailable when the store does not answer.
    """
    async with checked_clip(uploads, _limits(services), field) as clip:
        key = f"clips/{account_id}/{uuid.uuid4()}.flac"
        await services.storage.put_file(key, clip.path, CLIP_MIME, "reference.flac")
    try:
        yield StoredClip(key, clip.report.sha256, clip.report)
    except BaseException:
        await services.storage.delete(key)
        raise


def _limits(services: Services) -> ClipLimits:
    settings = services.settings
    return ClipLimits(settings.clip_min_seconds, settings.clip_max_seconds, settings.clip_check_seconds)


async def acquire(session: AsyncSession, account_id: uuid.UUID, key: str, sha256: str, user_id: uuid.UUID) -> None:
    """Keep a clip for a job or voice until it releases it."""
    await store.add(session, account_id, key, sha256)
    await store.add_use(session, key, user_id)


async def release(session: AsyncSession, removal: Removal, key: str | None, user_id: uuid.UUID) -> None:
    """End a job's or voice's use of a clip; the last one takes file and voice profiles with it."""
    if key is None:
        return
    # the lock makes two last users come one after the other
    clip = await store.clip_for_update(session, key)
    if clip is None:
        return
    await store.delete_use(session, key, user_id)
    if not await store.in_use(session, key):
        await store.delete_clip(session, clip)
        removal.add(key)
