"""Hindi transcripts, in Devanagari or in Urdu letters, reduced to one form that both scripts can write.

Spoken Hindi and Urdu are one language, and the recogniser picks either script. Urdu omits short vowels and has
several letters for one sound, so the form keeps consonants and long vowels, one letter a sound, and drops short
vowels: सुबह and صبح are both "sbh".
"""

from __future__ import annotations

import re
import unicodedata

_DEVANAGARI = {
    **dict(zip("कगचजटडतदनपबमयरलवशसह", "kgcjTDtdnpbmyrlwSsh", strict=True)),
    "ख": "kh",
    "घ": "gh",
    "छ": "ch",
    "झ": "jh",
    "ठ": "Th",
    "ढ": "Dh",
    "थ": "th",
    "ध": "dh",
    "फ": "f",
    "भ": "bh",
    "ङ": "n",
    "ञ": "n",
    "ण": "n",
    "ष": "S",
    "ळ": "l",
    "ं": "n",
    "ँ": "n",
    "ः": "h",
    "ा": "a",
    "ी": "y",
    "े": "y",
    "ै": "y",
    "ू": "w",
    "ो": "w",
    "ौ": "w",
    "ॉ": "a",
    "ृ": "r",
    "आ": "a",
    "ई": "ay",
    "ए": "ay",
    "ऐ": "ay",
    "ऊ": "aw",
    "ओ": "aw",
    "औ": "aw",
    "ऑ": "a",
    "ऋ": "r",
}
_DOTTED = {"ज": "z", "ड": "R", "ढ": "Rh", "क": "k", "ख": "kh", "ग": "g", "फ": "f"}
"""Consonants with a dot under them."""
_URDU = {
    **dict(zip("بپتٹجچحخدڈرڑزژسشصضطظعغفقکگلمنوہی", "bpTTjchkdDrRzzsSsztzagfkkglmnwhy", strict=True)),
    "ت": "t",
    "خ": "kh",
    "ذ": "z",
    "ث": "s",
    "ا": "a",
    "آ": "a",
    "ں": "n",
    "ھ": "h",
    "ے": "y",
    "ئ": "y",
    "ي": "y",
    "ك": "k",
    "ه": "h",
    "ة": "h",
    "ؤ": "w",
    "أ": "a",
    "ى": "y",
}
_INITIAL = "अइउ"
"""Short vowels that Urdu writes with an alef where a word begins with them."""
_ROMAN = (
    *((r"sh", "S"), (r"ph", "f"), (r"ch", "c"), (r"[vw]", "w"), (r"q", "k"), (r"x", "ks")),
    *((r"^(?:aa|[aiu])(?=.)", "A"), (r"aa|a$", "A"), (r"ee|ai|[ei]$|e", "y"), (r"oo|au|o", "w"), (r"[aiu]", "")),
    (r"A", "a"),
)
"""Latin spelling → letter of the form, applied in this order; short vowels are dropped."""
_DOT = "़"


def common(text: str) -> str:
    """Return the consonants and long vowels of a text in either script, without spaces; Urdu writes no letter twice."""
    letters = "".join(_word(word) for word in unicodedata.normalize("NFC", text).split())
    return re.sub(r"(.)\1", r"\1", letters)


def _roman(word: str) -> str:
    """Return the form of a word in Latin letters, which one transcript in ten uses: "aakheri" is "akhry"."""
    for pattern, letter in _ROMAN:
        word = re.sub(pattern, letter, word)
    return word


def _word(word: str) -> str:
    if word.isascii():
        return _roman("".join(sign for sign in word.lower() if sign.isalnum()))
    # A dotted letter may be one sign or two; NFD makes it two.
    signs = unicodedata.normalize("NFD", word) if any("\u0900" <= sign <= "\u097f" for sign in word) else word
    out = ""
    for index, sign in enumerate(signs):
        if signs[index + 1 : index + 2] == _DOT and sign in _DOTTED:
            out += _DOTTED[sign]
        elif sign in _INITIAL and index == 0:
            out += "a"
        elif sign in "ईएऐऊओऔ" and index:
            out += _DEVANAGARI[sign][1:]
        else:
            out += (
                _DEVANAGARI.get(sign) or _URDU.get(sign) or (sign.lower() if sign.isascii() and sign.isalnum() else "")
            )
    return out
