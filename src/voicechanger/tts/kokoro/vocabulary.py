"""The symbols that Kokoro reads, their numbers, and how far each kind of sound may be stretched.

The numbers are the rows of the model's embedding; the gaps between them were never trained.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.errors import TextError

EDGE = 0
"""Stands before and after every text."""
MAX_SYMBOLS = 510
"""Of one utterance, edges not counted."""

_RUNS: tuple[tuple[int, str], ...] = (
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
SYMBOLS: dict[str, int] = {c: start + i for start, run in _RUNS for i, c in enumerate(run)}
"""The 114 symbols of the model."""


class Kind(IntEnum):
    """What a symbol is to the clock."""

    PAUSE = 0
    VOWEL = 1
    CONSONANT = 2


_PAUSES = frozenset(';:,.!?—…"()“”')
_VOWELS = frozenset("AIOQWYᵊaeiouyɑɐɒæɔəɚɛɜɨɪɯøœʊʌɤᵻːˈˌ↓→↗↘\u0303")


def token_ids(phonemes: str) -> NDArray[np.int64]:
    """The numbers of the phonemes between two edges, [1, n + 2]; TextError when one is not the model's."""
    unknown = sorted(set(phonemes) - SYMBOLS.keys())
    if unknown:
        raise TextError("unknown_phoneme", f"Use only the model's phonemes; it has no {' '.join(unknown)}.")
    if not has_sound(phonemes):
        raise TextError("nothing_to_speak", "Give a text with at least one word; this one has no sound in it.")
    if len(phonemes) > MAX_SYMBOLS:
        raise TextError("utterance_too_long", f"Split the text: {len(phonemes)} phonemes, at most {MAX_SYMBOLS}.")
    return np.array([[EDGE, *(SYMBOLS[c] for c in phonemes), EDGE]], dtype=np.int64)


def kinds(phonemes: str) -> NDArray[np.uint8]:
    """The `Kind` of each symbol, both edges included."""
    inner = (_kind(c) for c in phonemes)
    return np.array([Kind.PAUSE, *inner, Kind.PAUSE], dtype=np.uint8)


def has_sound(phonemes: str) -> bool:
    """Whether there is anything to say."""
    return any(is_sound(c) for c in phonemes)


def is_sound(symbol: str) -> bool:
    """Whether a symbol is heard: no pause, no space, no mark."""
    return symbol not in _PAUSES and symbol not in " ˈˌː↓→↗↘\u0303"


def is_held(symbol: str) -> bool:
    """Whether a symbol has sound in its frames: itself, or the vowel that it lengthens, colours or gives a tone."""
    return is_sound(symbol) or symbol in "ː↓→↗↘\u0303"


def _kind(symbol: str) -> Kind:
    if symbol in _PAUSES:
        return Kind.PAUSE
    return Kind.VOWEL if symbol in _VOWELS else Kind.CONSONANT
