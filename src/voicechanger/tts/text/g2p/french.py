"""French, by eSpeak NG's voice “fr”."""

from __future__ import annotations

from voicechanger.tts.text.g2p.espeak_language import EspeakLanguage
from voicechanger.tts.text.language import Language
from voicechanger.tts.text.normalise.fr import scanner


def load(tag: str) -> Language:
    """The language `fr`."""
    return EspeakLanguage(tag, "French", "fr", scanner())
