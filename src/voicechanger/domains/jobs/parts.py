"""Files that a running job writes: finished utterances to resume from, and encoded bytes to stream.

Both are written by the thread that runs the model, which hands the work to the event loop and waits.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from collections.abc import Coroutine, Iterator
from dataclasses import asdict
from typing import Any, TypeVar

import numpy as np

from voicechanger.domains.jobs import store
from voicechanger.domains.jobs.keys import stream_key
from voicechanger.domains.jobs.pieces import piece_of
from voicechanger.infra.container import Services
from voicechanger.infra.queue.app import notify_job
from voicechanger.kit.errors import NotFound
from voicechanger.tts.audio.pcm import from_pcm16, to_pcm16
from voicechanger.tts.engine import Plan, SpeechChunk, TimedWord

T = TypeVar("T")

_STORE_SECONDS = 60.0
_FORMAT = b"parts-2"
"""Part of every fingerprint: raise it when the way in which parts are stored changes, and older ones are ignored."""


class _FromThread:
    def __init__(self, services: Services, loop: asyncio.AbstractEventLoop) -> None:
        self._services = services
        self._loop = loop

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_STORE_SECONDS)


class StoredParts(_FromThread):
    """Finished utterances in storage, as 16-bit samples like every result; those of another plan are ignored."""

    def __init__(self, services: Services, loop: asyncio.AbstractEventLoop, prefix: str) -> None:
        super().__init__(services, loop)
        self._prefix = prefix
        self._known: tuple[Plan, str] | None = None
        """The last plan and its fingerprint, which takes as long as the plan is."""

    def load(self, plan: Plan) -> Iterator[SpeechChunk]:
        """Yield the chunks that an earlier attempt at the same plan stored, from utterance 0 without a gap."""
        fingerprint = self._fingerprint(plan)
        for number in range(len(plan.script.utterances)):
            try:
                data = self._await(self._services.storage.get_bytes(self._key(number)))
            except NotFound:
                return
            head, samples = _unpacked(data)
            if head["plan"] != fingerprint:
                return
            words = tuple(TimedWord(**word) for word in head["words"])
            yield SpeechChunk(number, samples, words, head["gain"])

    def save(self, plan: Plan, chunk: SpeechChunk) -> None:
        """Store one chunk."""
        head = {"plan": self._fingerprint(plan), "words": [asdict(word) for word in chunk.words], "gain": chunk.gain}
        self._await(self._services.storage.put_bytes(self._key(chunk.utterance), _packed(head, chunk.samples)))

    def _fingerprint(self, plan: Plan) -> str:
        if self._known is None or self._known[0] is not plan:
            self._known = plan, fingerprint(plan)
        return self._known[1]

    def _key(self, number: int) -> str:
        return f"{self._prefix}/{number:06}"


class StreamedBytes(_FromThread):
    """Encoded bytes in storage, piece by piece; streaming requests are notified of each."""

    def __init__(
        self, services: Services, loop: asyncio.AbstractEventLoop, account_id: uuid.UUID, job_id: uuid.UUID
    ) -> None:
        super().__init__(services, loop)
        self._account_id, self._job_id = account_id, job_id
        self._count = 0

    def emit(self, data: bytes, share: float) -> None:
        """Store the next piece; `share` of all samples, 0 to 1, is spoken at its end."""
        self._await(self._put(stream_key(self._account_id, self._job_id, self._count), piece_of(data, share), share))
        self._count += 1

    async def _put(self, key: str, piece: bytes, share: float) -> None:
        # before the piece can be read: whoever cancels the job pays for what may have been sent
        async with self._services.database.transaction() as session:
            await store.note_spoken(session, self._job_id, share)
        await self._services.storage.put_bytes(key, piece)
        async with self._services.database.transaction() as session:
            await notify_job(session, self._job_id)


def fingerprint(plan: Plan) -> str:
    """Return a hash that two plans share when they speak the same samples: durations, phonemes and voice."""
    digest = hashlib.sha256(_FORMAT + plan.voice.to_bytes())
    for frames, utterance in zip(plan.frames, plan.script.utterances, strict=True):
        digest.update(utterance.phonemes.encode())
        digest.update(frames.tobytes())
    digest.update(repr((plan.pauses, plan.stretch)).encode())
    return digest.hexdigest()


def _packed(head: dict[str, Any], samples: np.ndarray[Any, np.dtype[np.float32]]) -> bytes:
    text = json.dumps(head).encode()
    return len(text).to_bytes(4, "little") + text + to_pcm16(samples).tobytes()


def _unpacked(data: bytes) -> tuple[dict[str, Any], np.ndarray[Any, np.dtype[np.float32]]]:
    size = int.from_bytes(data[:4], "little")
    return json.loads(data[4 : 4 + size]), from_pcm16(np.frombuffer(data[4 + size :], "<i2"))
