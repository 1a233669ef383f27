"""Synthesize a script into a finished recording, utterance by utterance, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.audio.encode import FileEncoder, stream_encoder
from voicechanger.tts.engine import SAMPLE_RATE, Engine, Plan, SpeechChunk, SpeedTarget, TimedWord
from voicechanger.tts.utterances import Script
from voicechanger.tts.voice import Voice


@dataclass(frozen=True, slots=True)
class SpeechResult:
    """What a finished recording contains."""

    seconds: float
    natural_seconds: float
    effective_speed: float
    languages: tuple[str, ...]
    notices: tuple[str, ...]
    words: tuple[TimedWord, ...]
    sentences: tuple[str, ...]
    """Texts of the sentences, by `TimedWord.sentence`."""


class Parts(Protocol):
    """Storage of finished utterances, from which another attempt resumes."""

    def load(self, plan: Plan) -> Iterator[SpeechChunk]:
        """Yield the stored chunks of the same plan, from utterance 0 without a gap."""
        ...

    def save(self, plan: Plan, chunk: SpeechChunk) -> None:
        """Store one chunk."""
        ...


class _Streamed:
    """Writes the same bytes to a file and to `emit` as they are encoded."""

    def __init__(self, path: Path, audio_format: str, samples: int, emit: Callable[[bytes, float], None]) -> None:
        self._file = path.open("wb")
        self._encoder = stream_encoder(audio_format, samples)
        self._emit = emit
        self._samples, self._done = samples, 0

    def _send(self, data: bytes) -> None:
        if data:
            self._file.write(data)
            self._emit(data, min(1.0, self._done / self._samples))

    def write(self, samples: NDArray[np.float32]) -> None:
        self._done += len(samples)
        self._send(self._encoder.encode(samples))

    def __enter__(self) -> Self:
        self._send(self._encoder.start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._send(self._encoder.finish())
        finally:
            self._file.close()


def synthesize(
    engine: Engine,
    script: Script,
    voice: Voice,
    target: SpeedTarget,
    path: Path,
    audio_format: str,
    progress: Callable[[float], None],
    *,
    parts: Parts | None = None,
    emit: Callable[[bytes, float], None] | None = None,
) -> SpeechResult:
    """Speak a script into a file and return what it contains.

    progress: gets the finished share of the samples, 0 to 1, before planning and after each utterance; may raise to
        stop the work.
    parts: resumes after the last utterance that an earlier attempt stored.
    emit: gets the encoded bytes as they are made, each with the share of all samples up to its end, 0 to 1.

    Raises what the engine raises; OSError when the disk is full.  The file is complete only after the return.
    """
    plan = engine.plan(script, voice, target, lambda: progress(0.0))
    words: list[TimedWord] = []
    done = 0
    encoder = FileEncoder(path, audio_format) if emit is None else _Streamed(path, audio_format, plan.samples, emit)
    with encoder:
        for chunk in _resumed(engine, plan, parts):
            encoder.write(chunk.samples)
            words.extend(chunk.words)
            done += len(chunk.samples)
            progress(min(1.0, done / plan.samples))
    return _summary(plan, words, done)


def _resumed(engine: Engine, plan: Plan, parts: Parts | None) -> Iterator[SpeechChunk]:
    """Yield the stored chunks, then the engine's, and store each of those."""
    if parts is None:
        yield from engine.speak(plan)
        return
    first, gain = 0, None
    for chunk in parts.load(plan):
        first, gain = first + 1, chunk.gain
        yield chunk
    for chunk in engine.speak(plan, first, gain):
        parts.save(plan, chunk)
        yield chunk


def _summary(plan: Plan, words: list[TimedWord], samples: int) -> SpeechResult:
    seconds = samples / SAMPLE_RATE
    return SpeechResult(
        seconds=seconds,
        natural_seconds=plan.natural_seconds,
        effective_speed=plan.natural_seconds / seconds if seconds else 1.0,
        languages=plan.script.languages,
        notices=plan.script.notices,
        words=tuple(words),
        sentences=sentence_texts(plan.script),
    )


def sentence_texts(script: Script) -> tuple[str, ...]:
    """Return the text of each sentence, its utterances joined."""
    parts: dict[int, list[str]] = {}
    for utterance in script.utterances:
        parts.setdefault(utterance.sentence, []).append(utterance.text)
    count = max(parts) + 1
    return tuple(" ".join(parts.get(i, [])) for i in range(count))
