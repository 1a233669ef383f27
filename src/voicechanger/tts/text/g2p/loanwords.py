"""English phonemes → Japanese phonemes, for Latin words that the dictionary lacks."""

from __future__ import annotations

_VOWELS = {
    "A": "eː",
    "I": "ai",
    "O": "oː",
    "Q": "oː",
    "W": "aɯ",
    "Y": "oi",
    "i": "iː",
    "u": "ɯː",
    "ɑ": "a",
    "ɔ": "o",
    "ɒ": "o",
    "æ": "a",
    "a": "a",
    "ʌ": "a",
    "ə": "a",
    "ᵊ": "ɯ",
    "ɚ": "aː",
    "ɜ": "aː",
    "ɛ": "e",
    "e": "e",
    "o": "o",
    "ɪ": "i",
    "ᵻ": "i",
    "ʊ": "ɯ",
    "ɐ": "a",
}
_CONSONANTS = {
    "ʧ": "ʨ",
    "ʤ": "ʥ",
    "ʃ": "ɕ",
    "ʒ": "ʥ",
    "θ": "s",
    "ð": "z",
    "f": "ɸ",
    "v": "b",
    "l": "ɾ",
    "ɹ": "ɾ",
    "r": "ɾ",
    "T": "ɾ",
    "ɾ": "ɾ",
    "w": "β",
}
_FILLING = {"t": "o", "d": "o", "ʨ": "i", "ʥ": "i", "s": "ɨ", "z": "ɨ", "ɕ": "ɯ"}
"""Vowel inserted after a consonant that has none in English; ɯ after the others."""


_NASALS = {"n": "ɴ", "m": "mɯ", "ŋ": "ŋɡɯ"}


def from_english(phonemes: str) -> str:
    """Return the Japanese phonemes of a word: a vowel after each consonant, one sound for r and l."""
    sounds_in = [sign for sign in phonemes if sign.isalpha() and sign not in "ˈˌː"]
    sounds: list[str] = []
    for at, sign in enumerate(sounds_in):
        before = sounds_in[at - 1] if at else ""
        after = sounds_in[at + 1] if at + 1 < len(sounds_in) else ""
        if sign in _VOWELS:
            sounds.append(_VOWELS[sign])
        elif sign == "ɹ" and before in _VOWELS and after not in _VOWELS:
            sounds.append("" if sounds[-1].endswith("ː") else "ː")  # r only lengthens the vowel
        else:
            sounds.append(_consonant(sign, after))
    return "".join(sounds)


def _consonant(sign: str, after: str) -> str:
    sound = _CONSONANTS.get(sign, sign)
    if after in _VOWELS and after:
        return sound
    if after == "j":
        return sound + ("" if sound in "ɕʥʨ" else "ʲ") if sign != "j" else ""
    return _NASALS.get(sound) or sound + _FILLING.get(sound, "ɯ")
