"""Voice profiles of clips, for workers: read from the database, or encoded once and kept."""

from __future__ import annotations

import asyncio
import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.clips import store
from voicechanger.domains.clips.recordings import stored_clip
from voicechanger.domains.runtime import Runtime
from voicechanger.kit.errors import NotFound
from voicechanger.tts.errors import ClipError
from voicechanger.tts.voice import Voice


async def profile_for(runtime: Runtime, account_id: uuid.UUID, sha256: str, clip_key: str | None) -> Voice:
    """Return the voice profile of a clip: the refined one, else that of this version of the encoder.

    A refined profile is used whichever encoder made it, so that an upgrade never makes a voice worse.
    ClipError `voice_deleted` when the clip is gone: a deleted voice never becomes another one.
    """
    if clip_key is None:
        raise _gone()
    async with runtime.services.database.transaction() as session:
        known = await store.profiles(session, account_id, sha256)
    if True in known:
        return Voice.from_bytes(known[True].data)
    if False in known and known[False].encoder_version == runtime.engine.encoder_version:
        return Voice.from_bytes(known[False].data)
    return await _encode(runtime, account_id, sha256, clip_key)


async def _encode(runtime: Runtime, account_id: uuid.UUID, sha256: str, clip_key: str) -> Voice:
    try:
        samples, rate = await stored_clip(runtime.services.storage, clip_key)
    except NotFound as error:
        raise _gone() from error
    voice = await asyncio.to_thread(runtime.engine.encode, samples, rate)
    async with runtime.services.database.transaction() as session:
        # kept until the commit: a deletion comes before this, or takes the profile with it
        if not await store.exists(session, clip_key):
            raise _gone()
        await store.put_profile(session, account_id, sha256, voice.encoder_version, voice.to_bytes(), refined=False)
    return voice


async def refined_version(session: AsyncSession, account_id: uuid.UUID, sha256: str) -> str | None:
    """Return the encoder version of a clip's refined profile; None when it was never refined."""
    known = await store.profiles(session, account_id, sha256)
    return known[True].encoder_version if True in known else None


async def keep_refined(session: AsyncSession, account_id: uuid.UUID, sha256: str, voice: Voice) -> None:
    """Write the refined profile of a clip."""
    await store.put_profile(session, account_id, sha256, voice.encoder_version, voice.to_bytes(), refined=True)


async def drop_refined(session: AsyncSession, account_id: uuid.UUID, sha256: str) -> None:
    """Delete the refined profile of a clip: it speaks with the encoder's one pass again."""
    await store.delete_profile(session, account_id, sha256, refined=True)


def _gone() -> ClipError:
    return ClipError("voice_deleted", "The voice was deleted before the job could speak.")
