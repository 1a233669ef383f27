"""The stored recording of a voice, as samples for the engine."""

from __future__ import annotations

import asyncio

import numpy as np
from numpy.typing import NDArray

from voicechanger.infra.storage.objects import Storage
from voicechanger.kit.scratch import scratch_folder
from voicechanger.tts.audio.canonical import read_canonical


async def stored_clip(storage: Storage, key: str) -> tuple[NDArray[np.float32], int]:
    """Mono samples and their rate; NotFound when the file is gone."""
    with scratch_folder("clip") as folder:
        path = folder / "clip.flac"
        await storage.get_to(key, path)
        return await asyncio.to_thread(read_canonical, path)
