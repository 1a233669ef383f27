"""Brazilian Portuguese, by eSpeak NG's voice “pt-BR”."""

from __future__ import annotations

from voicechanger.inference.text.language import Language
from voicechanger.inference.text.normalise.pt import scanner
from voicechanger.inference.text.phonemes.espeak_language import EspeakLanguage


def load(tag: str) -> Language:
    """The language `pt-br`."""
    return EspeakLanguage(tag, "Brazilian Portuguese", "pt-BR", scanner())
