"""What was said, by Whisper base from its two packages: no network, one model a process.

recognise(samples, rate, "en")        -> "the quick brown fox"
recognise_words(samples, rate, "en")  -> [Heard("the", 0.06, 0.12), …]
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from tests.support.kokoro import model_folder
from voicechanger.tts import recogniser
from voicechanger.tts.recogniser import bare_words as spoken_words

__all__ = ["Heard", "recognise", "recognise_words", "spoken_words"]

WHISPER_RATE = 16_000


@dataclass(frozen=True, slots=True)
class Heard:
    """One recognised word, in seconds."""

    text: str
    start: float
    end: float


def recognise(samples: NDArray[np.float32], rate: int, language: str | None = None) -> str:
    """The words heard, as Whisper writes them; `language` is its two-letter code, None lets it guess."""
    segments, _ = _transcribe(samples, rate, language)
    return " ".join(s.text.strip() for s in segments)


def recognise_words(samples: NDArray[np.float32], rate: int, language: str | None = None) -> list[Heard]:
    """The words heard and when."""
    segments, _ = _transcribe(samples, rate, language, word_timestamps=True)
    return [Heard(w.word.strip(), w.start, w.end) for s in segments for w in s.words]


def _transcribe(samples: NDArray[np.float32], rate: int, language: str | None, word_timestamps: bool = False) -> Any:
    return _model().transcribe(
        soxr.resample(samples.astype(np.float32), rate, WHISPER_RATE),
        language=language,
        beam_size=5,
        word_timestamps=word_timestamps,
    )


@functools.cache
def _model() -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(str(recogniser.prepare(model_folder())), device="cpu", compute_type="int8")
