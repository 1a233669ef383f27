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
"""A sound that the model was never taught → the one closest to it."""

_FLAP = re.compile(r"r\.(?!h)")
"""Hindi's retroflex flap: eSpeak writes it so, and so the model was taught it, as two symbols; ɽ it says as n or l.

Before h the full stop tears the word in two: the model says "par hi" for paṛhī, and rh is heard right.
"""

_SWITCH = re.compile(r"\([^()\s]*\)")
"""Where eSpeak changes to the rules of another language: (^e^n)."""


def to_model(raw: str) -> str:
    """Model symbols of eSpeak's output; spaces between words are kept.

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
    raise TextError("unspeakable_text", f"No voice knows the sound “{sign}”; write the word another way.")
