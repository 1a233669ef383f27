"""French, by eSpeak NG's voice “fr”."""

from __future__ import annotations

from voicechanger.inference.text.language import Language
from voicechanger.inference.text.normalise.fr import scanner
from voicechanger.inference.text.phonemes.espeak_language import EspeakLanguage


def load(tag: str) -> Language:
    """The language `fr`."""
    return EspeakLanguage(tag, "French", "fr", scanner())
