"""The interface between the speech model and the rest of the product.

    clip ──encode──▶ Voice ─┐
                            ├─plan──▶ Plan ──speak──▶ SpeechChunk, SpeechChunk, …
    text ──▶ Script ────────┘

`plan` costs a few per cent of `speak` and decides every duration, so the length and the progress are known before the
expensive part starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.cloning.refinement import Refinement
from voicechanger.tts.utterances import Script
from voicechanger.tts.voice import Voice

SAMPLE_RATE = 24_000
"""Hertz of all spoken samples, which are mono float32 in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class SpeedTarget:
    """How fast to speak: a relative speed, or a target duration that decides it."""

    speed: float = 1.0
    """0.25 to 4.0; ignored when `duration` is given."""
    duration: float | None = None
    """Seconds of the whole result, 0 < duration ≤ 600."""


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word and when it is spoken, in seconds from the start of the whole speech."""

    text: str
    start: float
    end: float
    sentence: int


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """The samples of one utterance, the pause after it included."""

    utterance: int
    """Index in the script, from 0."""
    samples: NDArray[np.float32]
    """[n] at 24 kHz, mono, levelled, within [-1, 1]."""
    words: tuple[TimedWord, ...]
    gain: float | None = None
    """Decibels by which it was levelled, to continue from; None while everything so far was silent."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Utterances with every duration decided."""

    script: Script
    voice: Voice
    frames: tuple[NDArray[np.int64], ...]
    """For each utterance, the frames (25 ms) of each phoneme, both edge symbols included."""
    pauses: tuple[int, ...]
    """For each utterance, the silence after it, in samples."""
    samples: int
    """Length of the whole speech, in samples at 24 kHz."""
    natural_seconds: float
    """Length at speed 1."""
    stretch: float = 1.0
    """Time stretch to apply to the decoded samples, beyond what durations do well (1 = none)."""

    @property
    def seconds(self) -> float:
        """Length of the whole speech in seconds."""
        return self.samples / SAMPLE_RATE

    @property
    def effective_speed(self) -> float:
        """Natural length divided by planned length."""
        return self.natural_seconds / self.seconds


class Engine(Protocol):
    """A speech model that clones voices: loaded once a process, one call at a time (`worker/serial_engine.py`)."""

    @property
    def encoder_version(self) -> str:
        """Version of the voices that `encode` returns."""
        ...

    def encode(self, clip: NDArray[np.float32], rate: int) -> Voice:
        """Return the voice of the speaker in a mono clip; ClipError when it holds no usable speech."""
        ...

    def refine(self, clip: NDArray[np.float32], rate: int, so_far: Refinement | None) -> tuple[Refinement, Voice]:
        """Run one round of refinement, about ten seconds of work; return its state and the best voice so far.

        Raises ClipError as `encode` does, SynthesisError as `speak` does.
        """
        ...

    def refine_prepared(self, clip_sha256: str, so_far: Refinement | None) -> tuple[Refinement, Voice] | None:
        """Run one round for the canonical clip of the last `refine`, which is kept prepared, without its samples.

        `clip_sha256` is that of the clip's report.  None when another clip, or none, is prepared in this process:
        load the samples and call `refine`.
        """
        ...

    def neutral_voice(self) -> Voice:
        """Return a voice of ordinary speed, to plan lengths when no speaker is named."""
        ...

    def plan(self, script: Script, voice: Voice, target: SpeedTarget, going: Callable[[], None] | None = None) -> Plan:
        """Decide every duration; PaceError when the target cannot be reached.

        `going` is called before each utterance and may raise to stop the work: a book takes a minute.
        """
        ...

    def speak(self, plan: Plan, first: int = 0, gain: float | None = None) -> Iterator[SpeechChunk]:
        """Speak utterance after utterance from index `first`; memory does not grow with the text.

        `gain` is that of the chunk before, so that a resumed recording continues at the same loudness.
        SynthesisError when the model returns something unusable; no utterance is ever left out.
        """
        ...
