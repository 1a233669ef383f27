"""Pinyin with a tone number → the model's phonemes.

Tones are arrows after the vowel: → high, ↗ rising, ↓ low, ↘ falling, none for the neutral tone.
"""

from __future__ import annotations

TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}

INITIALS = {
    "zh": "ꭧ",
    "ch": "ꭧʰ",
    "sh": "ʂ",
    "b": "p",
    "p": "pʰ",
    "m": "m",
    "f": "f",
    "d": "t",
    "t": "tʰ",
    "n": "n",
    "l": "l",
    "g": "k",
    "k": "kʰ",
    "h": "x",
    "j": "ʨ",
    "q": "ʨʰ",
    "x": "ɕ",
    "r": "ɻ",
    "z": "ʦ",
    "c": "ʦʰ",
    "s": "s",
}

FINALS = {
    "a": "a0",
    "ai": "ai0",
    "an": "a0n",
    "ang": "a0ŋ",
    "ao": "au0",
    "e": "ɤ0",
    "ei": "ei0",
    "en": "ə0n",
    "eng": "ə0ŋ",
    "i": "i0",
    "ia": "ja0",
    "ian": "jɛ0n",
    "iang": "ja0ŋ",
    "iao": "jau0",
    "ie": "je0",
    "in": "i0n",
    "ing": "i0ŋ",
    "io": "jɔ0",
    "iong": "jʊ0ŋ",
    "iu": "jou0",
    "o": "wo0",
    "ong": "ʊ0ŋ",
    "ou": "ou0",
    "u": "u0",
    "ua": "wa0",
    "uai": "wai0",
    "uan": "wa0n",
    "uang": "wa0ŋ",
    "ueng": "wə0ŋ",
    "ui": "wei0",
    "un": "wə0n",
    "uo": "wo0",
    "v": "y0",
    "van": "ɥɛ0n",
    "ve": "ɥe0",
    "vn": "y0n",
    "ê": "ɛ0",
}
"""Final as after a consonant; 0 stands where the tone goes."""

WHOLE = {"er": "ɚ0", "r": "ɚ0", "o": "ɔ0", "m": "m0", "n": "n0", "ng": "ŋ0", "hm": "hm0", "hng": "hŋ0"}
"""Syllables that are not an initial and a final."""

APICAL = {"zh", "ch", "sh", "r", "z", "c", "s"}
"""Initials after which i is a buzz."""


def syllable(pinyin: str) -> str | None:
    """Phonemes of one syllable, as "zhong1"; None when it is no pinyin."""
    letters, tone = (pinyin[:-1], pinyin[-1]) if pinyin[-1:] in TONES else (pinyin, "5")
    letters = letters.replace("ü", "v").replace("u:", "v")
    pattern = WHOLE.get(letters) or _composed(letters)
    return pattern.replace("0", TONES[tone]) if pattern else None


def _composed(letters: str) -> str | None:
    initial = next((each for each in (letters[:2], letters[:1]) if each in INITIALS), "")
    final = letters[len(initial) :]
    if not initial:
        final = _without_glide(letters)
    elif initial in APICAL and final == "i":
        return INITIALS[initial] + "ɨ0"
    elif initial in ("j", "q", "x") and final.startswith("u"):
        final = "v" + final[1:]
    return INITIALS.get(initial, "") + FINALS[final] if final in FINALS else None


def _without_glide(letters: str) -> str:
    """The final that a syllable written with y or w, or with nothing before it, stands for."""
    if letters.startswith("yu"):
        return "v" + letters[2:]
    if letters.startswith("y"):
        rest = letters[1:]
        return {"ou": "iu"}.get(rest, rest if rest.startswith("i") else "i" + rest)
    if letters.startswith("w"):
        rest = letters[1:]
        return {"ei": "ui", "en": "un", "ong": "ueng"}.get(rest, rest if rest.startswith("u") else "u" + rest)
    return letters
