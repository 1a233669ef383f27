"""What counts as misheard, and how much of a difference between two engines may be chance."""

from __future__ import annotations

import re
from typing import Any, cast

import cn2an
import jiwer
import numpy as np
from num2words import num2words
from numpy.typing import NDArray

from benchmarks.hindi_letters import common
from tests.support.recogniser import spoken_words
from voicechanger.tts.text.normalise.hindi_numbers import cardinal as hindi_cardinal

DRAWS = 2000


def error_rate(written: list[str], heard: list[str], language: str) -> float:
    """Errors over all words or sounds of the written sentences."""
    references = [_compared(text, language) for text in written]
    hypotheses = [_compared(text, language) for text in heard]
    return float(jiwer.wer(references, hypotheses))


def difference(written: list[str], ours: list[str], theirs: list[str], language: str) -> tuple[float, float]:
    """Our error less theirs, with 95 % confidence: sentences drawn again and again (paired bootstrap)."""
    sentences = sorted(set(written))
    counts = np.zeros((len(sentences), 3))
    for text, *heard in zip(written, ours, theirs, strict=True):
        counts[sentences.index(text)] += [*_errors(text, heard, language)]
    drawn = counts[np.random.default_rng(0).integers(len(sentences), size=(DRAWS, len(sentences)))].sum(axis=1)
    low, high = np.quantile((drawn[:, 0] - drawn[:, 1]) / drawn[:, 2], [0.025, 0.975])
    return float(low), float(high)


def _errors(text: str, heard: list[str], language: str) -> NDArray[np.float64]:
    """Errors in each hearing of a sentence, and how many words it has."""
    found = [jiwer.process_words(_compared(text, language), _compared(one, language)) for one in heard]
    words = len(_compared(text, language).split())
    return np.array([*(each.substitutions + each.deletions + each.insertions for each in found), words], np.float64)


def _compared(text: str, language: str) -> str:
    """What is compared: words, or sounds with a space between them; numbers in words, whoever wrote digits."""
    text = re.sub(r"\d+", lambda number: _number(int(number.group()), language), text)
    if language == "zh":
        from pypinyin import lazy_pinyin

        return " ".join(part for part in lazy_pinyin(text) if part.isalnum())
    if language == "ja":
        import pyopenjtalk

        text = "".join(c for c in str(pyopenjtalk.g2p(text, kana=True)) if c.isalpha())
        return " ".join(text)
    if language == "hi":
        return " ".join(common(text))
    if language.startswith("en"):
        # Whisper writes a British speaker's harbour now as harbor, now not; nobody says them differently
        text = re.sub(r"(?<=\w\w)our(s?)\b", r"or\1", text, flags=re.IGNORECASE)
    # The recogniser's words split at apostrophes ("l 'aube").
    return " ".join(spoken_words(text.replace("'", " ").replace("’", " ")))


def _number(value: int, language: str) -> str:
    if language == "zh":
        return str(cast(Any, cn2an).an2cn(str(value), "low"))
    if language == "hi":
        return hindi_cardinal(value)
    return str(num2words(value, lang=language.split("-")[0]))
