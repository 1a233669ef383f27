"""Phoneme strings as the arrays that Kokoro reads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.errors import TextError
from voicechanger.tts.symbols import SYMBOLS, Kind, has_sound, is_held, is_sound, kind_of, not_supported, unsupported

__all__ = ["EDGE", "MAX_SYMBOLS", "SYMBOLS", "Kind", "has_sound", "is_held", "is_sound", "kinds", "token_ids"]

EDGE = 0
"""Number that stands before and after every text."""
MAX_SYMBOLS = 510
"""Of one utterance, edges not counted."""


def token_ids(phonemes: str) -> NDArray[np.int64]:
    """Return the numbers of the phonemes between two edges, [1, n + 2].

    TextError when a symbol is not supported, none is a sound, or there are more than `MAX_SYMBOLS`.
    """
    unknown = unsupported(phonemes)
    if unknown:
        raise TextError("unknown_phoneme", f"{not_supported(unknown)} Use the symbols of the model.")
    if not has_sound(phonemes):
        raise TextError("nothing_to_speak", "The text has no sound: give at least one word.")
    if len(phonemes) > MAX_SYMBOLS:
        raise TextError(
            "utterance_too_long",
            f"An utterance must have at most {MAX_SYMBOLS} phonemes; got {len(phonemes)}. Split the text.",
        )
    return np.array([[EDGE, *(SYMBOLS[symbol] for symbol in phonemes), EDGE]], dtype=np.int64)


def kinds(phonemes: str) -> NDArray[np.uint8]:
    """Return the `Kind` of each symbol, [n + 2], both edges included."""
    return np.array([Kind.PAUSE, *map(kind_of, phonemes), Kind.PAUSE], dtype=np.uint8)
