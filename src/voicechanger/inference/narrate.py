"""From a script to a finished recording, utterance by utterance, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from voicechanger.inference.audio.encode import FileEncoder
from voicechanger.inference.engine import SAMPLE_RATE, Engine, Pace, Plan, TimedWord
from voicechanger.inference.script import Script
from voicechanger.inference.voice import Voice


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


def narrate(
    engine: Engine,
    script: Script,
    voice: Voice,
    pace: Pace,
    path: Path,
    audio_format: str,
    progress: Callable[[float], None],
) -> Narration:
    """Speak a script into a file.

    `progress` gets the share done, 0 to 1, after each utterance, and stops the work by raising.
    Raises what the engine raises; OSError when the disk is full.  The file is whole only when this returns.
    """
    plan = engine.plan(script, voice, pace)
    words: list[TimedWord] = []
    done = 0
    with FileEncoder(path, audio_format) as encoder:
        for chunk in engine.speak(plan):
            encoder.write(chunk.samples)
            words.extend(chunk.words)
            done += len(chunk.samples)
            progress(min(1.0, done / plan.samples))
    return summary(plan, words, done)


def summary(plan: Plan, words: list[TimedWord], samples: int) -> Narration:
    """What was spoken, from its plan and the samples that came."""
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
