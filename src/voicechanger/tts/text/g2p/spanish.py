"""Spanish, by eSpeak NG's voice “es”."""

from __future__ import annotations

from voicechanger.tts.text.g2p.espeak_language import EspeakLanguage
from voicechanger.tts.text.language import Language
from voicechanger.tts.text.normalise.es import scanner


def load(tag: str) -> Language:
    """The language `es`."""
    return EspeakLanguage(tag, "Spanish", "es", scanner())
