"""Spanish, by eSpeak NG's voice “es”."""

from __future__ import annotations

from voicechanger.inference.text.language import Language
from voicechanger.inference.text.normalise.es import scanner
from voicechanger.inference.text.phonemes.espeak_language import EspeakLanguage


def load(tag: str) -> Language:
    """The language `es`."""
    return EspeakLanguage(tag, "Spanish", "es", scanner())
