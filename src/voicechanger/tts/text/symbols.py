"""The model's vocabulary as the text front sees it: which symbols a phoneme string may hold."""

from __future__ import annotations

PAUSES = ';:,.!?—…"()“” '
"""Punctuation that the model was trained with; it makes pauses and intonation."""

SYMBOLS = frozenset(
    PAUSES
    + "AIOQSTWYabcdefhijklmnopqrstuvwxyz"
    + "\u0303ʣʥʦʨᵝꭧᵊɑɐɒæβɔɕçɖðʤəɚɛɜɟɡɥɨɪʝɯɰŋɳɲɴøɸθœɹɾɻʁɽʂʃʈʧʊʋʌɣɤχʎʒʔˈˌːʰʲ↓→↗↘ᵻ"
)
"""All 114 symbols of Kokoro-82M v1.0."""


def foreign(phonemes: str) -> str:
    """The symbols that the model does not know, each once, in order."""
    return "".join(dict.fromkeys(s for s in phonemes if s not in SYMBOLS))


def audible(phonemes: str) -> bool:
    """Whether anything but punctuation and stress marks is in it."""
    return any(s not in PAUSES and s not in "ˈˌː↓→↗↘" for s in phonemes)
