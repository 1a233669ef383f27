"""The symbols that the model knows: 114, as Kokoro-82M was trained with."""

from __future__ import annotations

from voicechanger.inference.errors import TextError

PAUSES = ';:,.!?—…"()“”'
"""Punctuation that the model hears."""

VOCABULARY = frozenset(
    PAUSES
    + " \u0303"  # the tilde of nasal vowels, combining
    + "ʣʥʦʨᵝꭧAIOQSTWYᵊ"
    + "abcdefhijklmnopqrstuvwxyz"
    + "ɑɐɒæβɔɕçɖðʤəɚɛɜɟɡɥɨɪʝɯɰŋɳɲɴøɸθœɹɾɻʁɽʂʃʈʧʊʋʌɣɤχʎʒʔ"
    + "ˈˌːʰʲ↓→↗↘ᵻ"
)


def check(phonemes: str, what: str) -> str:
    """The phonemes, when the model knows them all; TextError otherwise."""
    unknown = sorted(set(phonemes) - VOCABULARY)
    if unknown:
        listed = " ".join(unknown)
        raise TextError(
            "unknown_phonemes", f"The pronunciation of “{what}” holds symbols that no voice knows: {listed}"
        )
    return phonemes
