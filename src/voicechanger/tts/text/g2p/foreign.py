"""Words in a writing system that the language at hand does not have: a Greek name in Spanish, English in Japanese."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from functools import lru_cache

from voicechanger.tts.text import languages
from voicechanger.tts.text.g2p.espeak import shared
from voicechanger.tts.text.g2p.espeak_symbols import to_model

VOICES = {
    "GREEK": "el",
    "CYRILLIC": "ru",
    "ARABIC": "ar",
    "HEBREW": "he",
    "HANGUL": "ko",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "ARMENIAN": "hy",
    "GEORGIAN": "ka",
}
"""Writing system → the eSpeak NG voice that reads a word in it."""

LANGUAGES = {"LATIN": "en-us", "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja"}
"""Writing system → the supported language that reads a word in it."""

_READINGS = 4096
"""Readings kept: a text repeats its foreign words, and each costs about a millisecond."""


def script_of(words: str, own: Collection[str]) -> str:
    """Return the writing system of the words, or "" when it is one of the language's `own` or none that is read."""
    scripts = {unicodedata.name(sign, "NONE").split(" ")[0] for sign in words if sign.isalpha()}
    foreign = sorted(scripts & (VOICES.keys() | LANGUAGES.keys()) - set(own))
    return foreign[-1] if foreign else ""


@lru_cache(maxsize=_READINGS)
def read(words: str, script: str) -> str:
    """Return the phonemes of the words, read in the language of their writing system."""
    if script in LANGUAGES:
        return languages.load(LANGUAGES[script]).pronounce(words, {}).phonemes
    return to_model(shared().phonemes(VOICES[script], [words])[0]).strip()
