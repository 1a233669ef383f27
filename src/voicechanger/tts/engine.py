"""The seam: what the rest of the product asks of a speech model.

    clip ──encode──▶ Voice ─┐
                            ├─plan──▶ Plan ──speak──▶ SpeechChunk, SpeechChunk, …
    text ──▶ Script ────────┘

`plan` costs a few per cent of `speak` and already knows every duration, so the length, the price of a target
duration and the progress are known before the costly part starts.
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
"""Of everything that an engine speaks, in hertz; mono float32 in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast to speak: a relative speed, or a target length that decides it."""

    speed: float = 1.0
    """0.25 to 4.0; ignored when `duration` is given."""
    duration: float | None = None
    """Seconds of the whole result, 0 < duration ≤ 600."""


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word and when it is heard, in seconds from the start of the whole speech."""

    text: str
    start: float
    end: float
    sentence: int


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """One utterance spoken, its pause included."""

    utterance: int
    """Index in the script, from 0."""
    samples: NDArray[np.float32]
    """[n] at 24 kHz, mono, levelled, within [-1, 1]."""
    words: tuple[TimedWord, ...]
    gain: float | None = None
    """Decibels by which it was levelled; who goes on after it begins from there.  None: nothing was heard yet."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A script with every duration decided."""

    script: Script
    voice: Voice
    frames: tuple[NDArray[np.int64], ...]
    """For each utterance, the frames (25 ms) of each phoneme, both edge symbols included."""
    pauses: tuple[int, ...]
    """For each utterance, the silence after it, in samples."""
    samples: int
    """Length of the whole speech, in samples at 24 kHz."""
    natural_seconds: float
    """What it would last at speed 1."""
    stretch: float = 1.0
    """Time stretch still to apply to the decoded samples, past what durations do well (1 = none)."""

    @property
    def seconds(self) -> float:
        """Length of the whole speech."""
        return self.samples / SAMPLE_RATE

    @property
    def effective_speed(self) -> float:
        """Natural length over planned length."""
        return self.natural_seconds / self.seconds


class Engine(Protocol):
    """A speech model that clones.  Loaded once a process; one call at a time."""

    @property
    def encoder_version(self) -> str:
        """Version of the voices that `encode` makes."""
        ...

    def encode(self, clip: NDArray[np.float32], rate: int) -> Voice:
        """The voice of the speaker in a mono clip; ClipError when it holds no usable speech."""
        ...

    def refine(self, clip: NDArray[np.float32], rate: int, so_far: Refinement | None) -> tuple[Refinement, Voice]:
        """One round of bettering the voice of a clip, some seconds of work, and the best voice so far.

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
        """A voice of ordinary pace, to tell lengths when no speaker is named; never spoken with."""
        ...

    def plan(self, script: Script, voice: Voice, pace: Pace, going: Callable[[], None] | None = None) -> Plan:
        """Decide every duration; PaceError when the asked length cannot be reached.

        `going` is called before each utterance and stops the work by raising: a book takes a minute.
        """
        ...

    def speak(self, plan: Plan, first: int = 0, gain: float | None = None) -> Iterator[SpeechChunk]:
        """Speak utterance after utterance from index `first`; memory does not grow with the text.

        `gain` is that of the chunk before, so that a recording which was interrupted goes on as loud as it was.
        Raises SynthesisError when the model gives something unusable; nothing is ever left out.
        """
        ...
