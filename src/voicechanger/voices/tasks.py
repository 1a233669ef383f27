"""What a worker does with voices."""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from pathlib import Path

from voicechanger.errors import NotFound
from voicechanger.inference.audio.canonical import read_canonical
from voicechanger.inference.errors import ClipError
from voicechanger.inference.voice import Voice
from voicechanger.runtime import Runtime
from voicechanger.voices import store


async def voice_for_clip(
    runtime: Runtime, account_id: uuid.UUID, clip_sha256: str, clip_key: str | None, voice_id: uuid.UUID | None
) -> Voice:
    """The voiceprint of a clip, computed once for each version of the encoder.

    A saved voice that was refined speaks with its refined voiceprint.  ClipError when the clip is gone:
    a deleted voice never becomes another one.
    """
    version = runtime.engine.encoder_version
    async with runtime.services.database.transaction() as session:
        saved = await store.voice_of(session, account_id, voice_id) if voice_id else None
        if saved is not None and saved.refined_voiceprint is not None and saved.clip_sha256 == clip_sha256:
            refined = Voice.from_bytes(saved.refined_voiceprint)
            if refined.encoder_version == version:
                return refined
        known = await store.voiceprint(session, account_id, clip_sha256, version)
    if known is not None:
        return Voice.from_bytes(known)
    voice = await _encode(runtime, clip_key)
    async with runtime.services.database.transaction() as session:
        await store.keep_voiceprint(session, account_id, clip_sha256, version, voice.to_bytes())
    return voice


async def voice_for_saved(runtime: Runtime, account_id: uuid.UUID, voice_id: uuid.UUID) -> Voice:
    """The voiceprint of a saved voice; ClipError when it is gone."""
    async with runtime.services.database.transaction() as session:
        saved = await store.voice_of(session, account_id, voice_id)
    key, sha256 = (saved.clip_key, saved.clip_sha256) if saved else (None, "")
    return await voice_for_clip(runtime, account_id, sha256, key, voice_id)


async def _encode(runtime: Runtime, clip_key: str | None) -> Voice:
    with tempfile.TemporaryDirectory(prefix="voicechanger-clip-") as folder:
        path = Path(folder) / "clip.flac"
        try:
            if clip_key is None:
                raise NotFound("The file is gone.", code="file_not_found")
            await runtime.services.storage.get_to(clip_key, path)
        except NotFound as error:
            raise ClipError("voice_deleted", "The voice was deleted before the job could speak.") from error
        samples, rate = await asyncio.to_thread(read_canonical, path)
    return await asyncio.to_thread(runtime.engine.encode, samples, rate)
