"""The 114 phoneme symbols of the model: their numbers, their kinds, and checks of phoneme strings.

Imports neither numpy nor a model, because the API process checks pronunciations with it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from voicechanger.tts.errors import TextError

_ROWS: Final[tuple[tuple[int, str], ...]] = (
    (1, ";:,.!?"),
    (9, '—…"()“” \u0303ʣʥʦʨᵝꭧAI'),
    (31, "O"),
    (33, "Q"),
    (35, "ST"),
    (39, "W"),
    (41, "Yᵊabcdef"),
    (50, "hijklmnopqrstuvwxyzɑɐɒæ"),
    (75, "βɔɕç"),
    (80, "ɖðʤə"),
    (85, "ɚɛɜ"),
    (90, "ɟ"),
    (92, "ɡ"),
    (99, "ɥ"),
    (101, "ɨɪʝ"),
    (110, "ɯɰŋɳɲɴø"),
    (118, "ɸθœ"),
    (123, "ɹ"),
    (125, "ɾɻ"),
    (128, "ʁɽʂʃʈʧ"),
    (135, "ʊʋ"),
    (138, "ʌɣɤ"),
    (142, "χʎ"),
    (147, "ʒʔ"),
    (156, "ˈˌː"),
    (162, "ʰ"),
    (164, "ʲ"),
    (169, "↓"),
    (171, "→↗↘"),
    (177, "ᵻ"),
)
"""First number of a row of consecutive symbols; the numbers between the rows were never trained."""
SYMBOLS: Final[dict[str, int]] = {c: start + i for start, row in _ROWS for i, c in enumerate(row)}
"""Symbol → row of the model's embedding."""

PAUSES: Final = ';:,.!?—…"()“”'
"""Punctuation: the model makes pauses and intonation of it."""
_STRESS: Final = "ˈˌ"
_MODIFIERS: Final = "ː↓→↗↘\u0303"
"""Length, tones and nasality: they change the vowel before them and have no sound alone."""
_VOWELS: Final = frozenset("AIOQWYᵊaeiouyɑɐɒæɔəɚɛɜɨɪɯøœʊʌɤᵻ" + _STRESS + _MODIFIERS)
_WITHOUT_SOUND: Final = frozenset(PAUSES + " " + _STRESS + _MODIFIERS)


class Kind(IntEnum):
    """How a symbol may be stretched in time."""

    PAUSE = 0
    VOWEL = 1
    CONSONANT = 2


def kind_of(symbol: str) -> Kind:
    """Return the kind of one symbol; stress marks and modifiers count as the vowel that they belong to."""
    if symbol in PAUSES:
        return Kind.PAUSE
    return Kind.VOWEL if symbol in _VOWELS else Kind.CONSONANT


def is_sound(symbol: str) -> bool:
    """Return whether one symbol is a sound of its own: no pause, space, stress mark or modifier."""
    return symbol not in _WITHOUT_SOUND


def is_held(symbol: str) -> bool:
    """Return whether one symbol has sound in its frames: a sound, or a modifier of the vowel before it."""
    return is_sound(symbol) or symbol in _MODIFIERS


def has_sound(phonemes: str) -> bool:
    """Return whether a phoneme string has at least one sound."""
    return not _WITHOUT_SOUND.issuperset(phonemes)


def unsupported(phonemes: str) -> str:
    """Return the characters that are no symbols of the model, each once, in order."""
    return "".join(dict.fromkeys(s for s in phonemes if s not in SYMBOLS))


def require_supported(phonemes: str, written: str) -> str:
    """Return the phonemes of a written text; TextError `unknown_phonemes` when the model lacks a symbol of them."""
    unknown = unsupported(phonemes)
    if unknown:
        raise TextError("unknown_phonemes", f"{not_supported(unknown)} Change the pronunciation of “{written}”.")
    return phonemes


def not_supported(symbols: str) -> str:
    """Return the sentence that names symbols which the model does not have."""
    listed = ", ".join(f"“{symbol}”" for symbol in symbols[:20])
    return f"{listed} {'is not a supported phoneme' if len(symbols) == 1 else 'are not supported phonemes'}."
