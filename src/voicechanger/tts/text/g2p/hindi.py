"""Hindi, by eSpeak NG's voice “hi”."""

from __future__ import annotations

from voicechanger.tts.text.g2p.espeak_language import EspeakLanguage
from voicechanger.tts.text.language import Language
from voicechanger.tts.text.normalise.hi import scanner
from voicechanger.tts.text.normalise.hindi_numbers import BELOW_HUNDRED

_NUMBERS = {word: str(number) for number, word in enumerate(BELOW_HUNDRED) if number >= 10}
"""eSpeak says these rightly from digits, with vowels too many from letters (उनसठ)."""


def _respell(word: str) -> str:
    return _NUMBERS.get(word, word)


def load(tag: str) -> Language:
    """The language `hi`."""
    return EspeakLanguage(tag, "Hindi", "hi", scanner(), scripts=("DEVANAGARI", "LATIN"), respell=_respell)
