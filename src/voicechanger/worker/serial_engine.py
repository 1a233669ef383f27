"""One engine for all threads of a worker: its calls run one at a time, in the order in which they came."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.cloning.refinement import Refinement
from voicechanger.tts.engine import Engine, Plan, SpeechChunk, SpeedTarget
from voicechanger.tts.utterances import Script
from voicechanger.tts.voice import Voice


class _FairLock:
    """A lock that serves waiting threads in order.

    `threading.Lock` lets the thread that released it acquire it again at once, so a long speech would keep out
    every call that waits between two of its utterances.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False

    def acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class SerialEngine:
    """An `Engine` that holds a lock around each call of another one.

    `speak` and `plan` release it between utterances, so that short calls do not wait for a whole book.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = _FairLock()
        # Read once: the event loop asks for these and must not wait for a running call
        self._encoder_version = engine.encoder_version
        self._neutral_voice = engine.neutral_voice()

    @property
    def encoder_version(self) -> str:
        """Return the version of the voices that `encode` makes, without waiting for other calls."""
        return self._encoder_version

    def encode(self, clip: NDArray[np.float32], rate: int) -> Voice:
        """Return the voice of the speaker in a mono clip."""
        with self._lock:
            return self._engine.encode(clip, rate)

    def refine(self, clip: NDArray[np.float32], rate: int, so_far: Refinement | None) -> tuple[Refinement, Voice]:
        """Run one round of refinement."""
        with self._lock:
            return self._engine.refine(clip, rate, so_far)

    def refine_prepared(self, clip_sha256: str, so_far: Refinement | None) -> tuple[Refinement, Voice] | None:
        """Run one round of refinement for a clip that is prepared already; None when it is not."""
        with self._lock:
            return self._engine.refine_prepared(clip_sha256, so_far)

    def neutral_voice(self) -> Voice:
        """Return a voice of ordinary speed, without waiting for other calls."""
        return self._neutral_voice

    def plan(self, script: Script, voice: Voice, target: SpeedTarget, going: Callable[[], None] | None = None) -> Plan:
        """Decide every duration of a speech; the lock is free for a moment before each utterance."""

        def between_utterances() -> None:
            self._lock.release()
            self._lock.acquire()
            if going is not None:
                going()

        with self._lock:
            return self._engine.plan(script, voice, target, between_utterances)

    def speak(self, plan: Plan, first: int = 0, gain: float | None = None) -> Iterator[SpeechChunk]:
        """Speak utterance after utterance; the lock is free while the caller handles a chunk."""
        with self._lock:
            chunks = self._engine.speak(plan, first, gain)
        while True:
            with self._lock:
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk
