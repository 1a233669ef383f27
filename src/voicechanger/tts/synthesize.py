"""From a script to a finished recording, utterance by utterance, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from voicechanger.tts.audio.encode import FileEncoder, stream_encoder
from voicechanger.tts.engine import SAMPLE_RATE, Engine, Pace, Plan, SpeechChunk, TimedWord
from voicechanger.tts.utterances import Script
from voicechanger.tts.voice import Voice


@dataclass(frozen=True, slots=True)
class Narration:
    """What a recording holds."""

    seconds: float
    natural_seconds: float
    effective_speed: float
    languages: tuple[str, ...]
    notices: tuple[str, ...]
    words: tuple[TimedWord, ...]
    sentences: tuple[str, ...]
    """Texts of the sentences, by `TimedWord.sentence`."""


class Parts(Protocol):
    """Utterances already spoken, kept so that whoever takes over goes on after the last of them."""

    def load(self, plan: Plan) -> Iterator[SpeechChunk]:
        """The kept chunks of this very plan, from utterance 0 without a gap."""
        ...

    def save(self, plan: Plan, chunk: SpeechChunk) -> None:
        """Keep one chunk."""
        ...


class _Streamed:
    """Writes a recording to a file and, byte for byte the same, to a listener as it is made."""

    def __init__(self, path: Path, audio_format: str, samples: int, emit: Callable[[bytes], None]) -> None:
        self._file = path.open("wb")
        self._encoder = stream_encoder(audio_format, samples)
        self._emit = emit

    def _send(self, data: bytes) -> None:
        if data:
            self._file.write(data)
            self._emit(data)

    def write(self, chunk: SpeechChunk) -> None:
        self._send(self._encoder.encode(chunk.samples))

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


def narrate(
    engine: Engine,
    script: Script,
    voice: Voice,
    pace: Pace,
    path: Path,
    audio_format: str,
    progress: Callable[[float], None],
    *,
    parts: Parts | None = None,
    emit: Callable[[bytes], None] | None = None,
) -> Narration:
    """Speak a script into a file.

    `progress` gets the share done, 0 to 1: 0 while it is planned, then the share of the samples made after each
    utterance; it stops the work by raising.  `parts` lets the work go on where an earlier attempt stopped; `emit` gets
    the encoded bytes as they are made.
    Raises what the engine raises; OSError when the disk is full.  The file is whole only when this returns.
    """
    plan = engine.plan(script, voice, pace, lambda: progress(0.0))
    words: list[TimedWord] = []
    done = 0

    def note(chunk: SpeechChunk) -> None:
        nonlocal done
        words.extend(chunk.words)
        done += len(chunk.samples)
        progress(min(1.0, done / plan.samples))

    chunks = _resumed(engine, plan, parts)
    if emit is None:
        with FileEncoder(path, audio_format) as file:
            for chunk in chunks:
                file.write(chunk.samples)
                note(chunk)
    else:
        with _Streamed(path, audio_format, plan.samples, emit) as stream:
            for chunk in chunks:
                stream.write(chunk)
                note(chunk)
    return _summary(plan, words, done)


def _resumed(engine: Engine, plan: Plan, parts: Parts | None) -> Iterator[SpeechChunk]:
    """Kept chunks first, then the engine's, each of which is kept."""
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


def _summary(plan: Plan, words: list[TimedWord], samples: int) -> Narration:
    seconds = samples / SAMPLE_RATE
    return Narration(
        seconds=seconds,
        natural_seconds=plan.natural_seconds,
        effective_speed=plan.natural_seconds / seconds if seconds else 1.0,
        languages=plan.script.languages,
        notices=plan.script.notices,
        words=tuple(words),
        sentences=sentence_texts(plan.script),
    )


def sentence_texts(script: Script) -> tuple[str, ...]:
    """The text of each sentence: its utterances joined."""
    parts: dict[int, list[str]] = {}
    for utterance in script.utterances:
        parts.setdefault(utterance.sentence, []).append(utterance.text)
    count = max(parts) + 1
    return tuple(" ".join(parts.get(i, [])) for i in range(count))
