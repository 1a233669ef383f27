"""Phonemes checked against the model's vocabulary."""

from __future__ import annotations

from voicechanger.tts.errors import TextError
from voicechanger.tts.text.symbols import foreign


def check(phonemes: str, what: str) -> str:
    """The phonemes, when the model knows them all; TextError otherwise."""
    unknown = foreign(phonemes)
    if unknown:
        listed = " ".join(unknown)
        raise TextError(
            "unknown_phonemes", f"The pronunciation of “{what}” holds symbols that no voice knows: {listed}"
        )
    return phonemes
