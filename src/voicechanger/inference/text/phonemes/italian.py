"""Italian, by eSpeak NG's voice “it”."""

from __future__ import annotations

from voicechanger.inference.text.language import Language
from voicechanger.inference.text.normalise.it import scanner
from voicechanger.inference.text.phonemes.espeak_language import EspeakLanguage


def load(tag: str) -> Language:
    """The language `it`."""
    return EspeakLanguage(tag, "Italian", "it", scanner())
