"""Hindi, by eSpeak NG's voice “hi”."""

from __future__ import annotations

from voicechanger.inference.text.language import Language
from voicechanger.inference.text.normalise.hi import scanner
from voicechanger.inference.text.phonemes.espeak_language import EspeakLanguage


def load(tag: str) -> Language:
    """The language `hi`."""
    return EspeakLanguage(tag, "Hindi", "hi", scanner(), scripts=("DEVANAGARI", "LATIN"))
