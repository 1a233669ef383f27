"""eSpeak NG's International Phonetic Alphabet → the symbols that the model knows."""

from __future__ import annotations

import re
import unicodedata

from voicechanger.tts.errors import TextError
from voicechanger.tts.symbols import SYMBOLS

TIED = {
    "a^ɪ": "I",
    "a^ʊ": "W",
    "d^z": "ʣ",
    "d^ʒ": "ʤ",
    "d^ʑ": "ʥ",
    "e^ɪ": "A",
    "o^ʊ": "O",
    "ə^ʊ": "Q",
    "s^s": "S",
    "t^s": "ʦ",
    "t^ʃ": "ʧ",
    "t^ɕ": "ʨ",
    "ʈ^ʂ": "ꭧ",
    "ɔ^ɪ": "Y",
}
"""Two letters tied into one sound that has a symbol of its own; any other tie is dropped."""

NEAREST = {
    "g": "ɡ",
    "ɫ": "l",
    "ɬ": "l",
    "ɭ": "l",
    "ɮ": "l",
    "ʟ": "l",
    "ɱ": "m",
    "ʀ": "ʁ",
    "ɦ": "h",
    "ħ": "h",
    "ʕ": "ʔ",
    "ʐ": "ʒ",
    "ʑ": "ʒ",
    "ɧ": "ʃ",
    "ʍ": "w",
    "ʏ": "y",
    "ʉ": "u",
    "ɘ": "ə",
    "ɵ": "ø",
    "ɞ": "ɜ",
    "ɶ": "œ",
    "ɝ": "ɜ",
    "ʙ": "b",
    "ɢ": "ɡ",
    "ɓ": "b",
    "ɗ": "d",
    "ɠ": "ɡ",
    "ɺ": "ɾ",
    "ʱ": "ʰ",
}
"""A sound that the model was not trained with → the closest one."""

_FLAP = re.compile(r"r\.(?!h)")
"""Hindi's retroflex flap in eSpeak NG's two symbols, with which the model was trained; it pronounces ɽ as n or l.

Before h the full stop splits the word: the model pronounces paṛhī as "par hi", but rh correctly.
"""

_SWITCH = re.compile(r"\([^()\s]*\)")
"""eSpeak NG's mark of a change to the rules of another language: (^e^n)."""


def to_model(raw: str) -> str:
    """Return eSpeak NG's output in the symbols of the model; spaces between words are kept.

    Hyphens (French liaison) join what they stand between.  TextError for a sound without a counterpart.
    """
    text = unicodedata.normalize("NFD", _SWITCH.sub("", raw))
    # The cedilla is the one mark that belongs to its letter.
    text = text.replace("c\u0327", "ç")
    for tied, single in TIED.items():
        text = text.replace(tied, single)
    return "r.".join("".join(_symbol(sign) for sign in part) for part in _FLAP.split(text))


def _symbol(sign: str) -> str:
    sign = NEAREST.get(sign, sign)
    if sign in SYMBOLS and sign not in ';:,.!?()"':
        return sign
    if unicodedata.category(sign)[0] in "MSPZ" or unicodedata.category(sign) in ("Lm", "Cf"):
        return ""
    raise TextError("unspeakable_text", f"“{sign}” is not a supported phoneme: write the word in another way.")
