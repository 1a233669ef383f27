"""Words in a script that the language at hand does not write: a Greek name in Spanish, Chinese in French."""

from __future__ import annotations

import importlib
import unicodedata
from collections.abc import Collection
from typing import cast

from voicechanger.tts.text.g2p.espeak import shared
from voicechanger.tts.text.g2p.espeak_symbols import to_model
from voicechanger.tts.text.language import Language

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
"""Script → the eSpeak voice that reads a word in it."""

FRONTS = {
    "LATIN": ("english", "en-us"),
    "CJK": ("chinese", "zh"),
    "HIRAGANA": ("japanese", "ja"),
    "KATAKANA": ("japanese", "ja"),
}
"""Script → the module and tag of ours that reads a word in it."""


def script_of(words: str, own: Collection[str]) -> str:
    """The script of the words, or "" when it is one of the language's own or none that we read."""
    scripts = {unicodedata.name(sign, "NONE").split(" ")[0] for sign in words if sign.isalpha()}
    foreign = sorted(scripts & (VOICES.keys() | FRONTS.keys()) - set(own))
    return foreign[-1] if foreign else ""


def front(module: str, tag: str) -> Language:
    """A language's front, loaded when it is first needed."""
    return cast(Language, importlib.import_module(f"{__package__}.{module}").load(tag))


def read(words: str, script: str) -> str:
    """Phonemes of the words, read as the script's own language."""
    if script in FRONTS:
        return front(*FRONTS[script]).pronounce(words, {}).phonemes
    return to_model(shared().phonemes(VOICES[script], [words])[0]).strip()
