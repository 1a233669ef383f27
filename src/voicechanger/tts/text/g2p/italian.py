"""Italian, by eSpeak NG's voice “it”."""

from __future__ import annotations

from voicechanger.tts.text.g2p.espeak_language import EspeakLanguage
from voicechanger.tts.text.language import Language
from voicechanger.tts.text.normalise.it import scanner


def load(tag: str) -> Language:
    """The language `it`."""
    return EspeakLanguage(tag, "Italian", "it", scanner())
