"""Brazilian Portuguese, by eSpeak NG's voice “pt-BR”."""

from __future__ import annotations

from voicechanger.tts.text.g2p.espeak_language import EspeakLanguage
from voicechanger.tts.text.language import Language
from voicechanger.tts.text.normalise.pt import scanner


def load(tag: str) -> Language:
    """The language `pt-br`."""
    return EspeakLanguage(tag, "Brazilian Portuguese", "pt-BR", scanner())
