"""Writing systems (Latin, Kana …): which one a letter belongs to, and which languages read it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from voicechanger.tts.errors import TextError
from voicechanger.tts.text.languages import named

LATIN, HAN, KANA, DEVANAGARI, GREEK = "Latin", "Chinese characters", "Kana", "Devanagari", "Greek"
_NAMES = {
    "LATIN": LATIN, "CJK": HAN, "HIRAGANA": KANA, "KATAKANA": KANA, "KATAKANA-HIRAGANA": KANA,
    "HALFWIDTH": KANA, "DEVANAGARI": DEVANAGARI, "GREEK": GREEK, "FULLWIDTH": LATIN, "IDEOGRAPHIC": HAN,
    "FEMININE": LATIN, "MASCULINE": LATIN, "MICRO": GREEK, "MODIFIER": LATIN, "OHM": GREEK, "KELVIN": LATIN,
    "ANGSTROM": LATIN, "DOUBLE-STRUCK": LATIN, "SCRIPT": LATIN, "BLACK-LETTER": LATIN, "ROMAN": LATIN,
}  # fmt: skip
_READ_BY = {
    "hi": frozenset({LATIN, DEVANAGARI, GREEK}),
    "ja": frozenset({LATIN, HAN, KANA, GREEK}),
    "zh": frozenset({LATIN, HAN, GREEK}),
}
_LATIN_ONLY = frozenset({LATIN, GREEK})
_SUPPORTED = frozenset({LATIN, HAN, KANA, DEVANAGARI, GREEK})


@lru_cache(maxsize=8192)
def writing_system_of(character: str) -> str | None:
    """Return the common name of the writing system of a letter; None when the character is no letter."""
    if not character.isalpha() or character in "々〆ー":
        # 〇 is the zero of both Chinese and Japanese, and no letter to Unicode
        return {"々": HAN, "〆": HAN, "〇": HAN, "ー": KANA}.get(character)
    first = unicodedata.name(character, "UNKNOWN").split()[0]
    return _NAMES.get(first, first.capitalize())


def require_readable(text: str, language: str) -> None:
    """Raise TextError `unsupported_script` naming the letters that the language cannot read."""
    allowed = _SUPPORTED if language == "auto" else _READ_BY.get(language, _LATIN_ONLY)
    unknown = [c for c in dict.fromkeys(text) if (script := writing_system_of(c)) is not None and script not in allowed]
    if not unknown:
        return
    script = writing_system_of(unknown[0])
    letters = "".join(c for c in unknown if writing_system_of(c) == script)[:12]
    if script in _SUPPORTED and language != "auto":
        advice = "choose language “auto” or the language of these letters."
        raise TextError("unsupported_script", f"{named(language)} cannot read “{letters}” ({script}): {advice}")
    raise TextError("unsupported_script", f"No supported language reads “{letters}” ({script}): remove these letters.")
